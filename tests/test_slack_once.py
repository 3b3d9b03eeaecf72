"""One question, one whole reply: whatever is delivered again, expires, is refused, lost or killed."""

import asyncio
import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx
import pytest
from fake_slack import FakeSlack, fake_slack
from forks import FORKS
from slack_bots import Answers, deliver, is_whole, marked, running, say, serve
from slack_deliveries import BOT, GENERAL, Json, message_event, signed

from service.slack_delivery import AGAIN

FULL = os.environ.get("SLACK_TESTS") == "full"
"""Whether a process is killed at each of its calls; without it at those that differ most."""

SCHEDULES = 500
AT_A_TIME = 40
MENTION = f"<@{BOT}> what did Kim receive?"


@contextmanager
def process(
    slack: FakeSlack, data: Path, *, pause: float, lease: float = 0.5, **settings: Any
) -> Iterator[str]:
    """A bot's process; its address."""
    hears, tells = FORKS.Pipe(duplex=False)
    child = FORKS.Process(
        target=serve, args=(slack.url, data, tells, (pause, lease), settings), daemon=True
    )
    child.start()
    try:
        assert hears.poll(60)
        port = hears.recv()
        slack.pid = child.pid
        yield f"http://127.0.0.1:{port}/slack/events"
    finally:
        child.kill()
        child.join()


def send(address: str, body: Json) -> int:
    """The status of a delivery, 0 where nobody took it."""
    content, headers = signed(body)
    for _ in range(200):
        try:
            return httpx.post(address, content=content, headers=headers, timeout=5).status_code
        except httpx.ConnectError:
            time.sleep(0.02)
        except httpx.TransportError:
            return 0
    return 0


def test_a_question_is_answered_once_in_500_schedules_of_deliveries(tmp_path: Path) -> None:
    """To two processes that share the file."""
    chance = random.Random(2023)
    kinds = [["app_mention"], ["message"], ["app_mention", "message"]]

    async def main(slack: FakeSlack, addresses: list[str]) -> list[tuple[str, int]]:
        room = asyncio.Semaphore(AT_A_TIME)

        async def arrive(http: httpx.AsyncClient, body: Json) -> None:
            await asyncio.sleep(chance.uniform(0, 0.05))
            content, headers = signed(body)
            sent = await http.post(chance.choice(addresses), content=content, headers=headers)
            assert sent.status_code == 200

        async def schedule(http: httpx.AsyncClient, number: int) -> tuple[str, int]:
            async with room:
                ts = slack.ask(MENTION)
                bodies = [
                    message_event(ts, MENTION, kind=kind, team=f"T{number % 20}")
                    for kind in chance.choice(kinds)
                    for _ in range(chance.randint(1, 4))
                ]
                chance.shuffle(bodies)
                if chance.random() < 0.5:
                    await asyncio.gather(*(arrive(http, body) for body in bodies))
                else:
                    for body in bodies:
                        await arrive(http, body)
                return ts, len(bodies)

        async with httpx.AsyncClient(timeout=30) as http:
            return await asyncio.gather(*(schedule(http, number) for number in range(SCHEDULES)))

    with (
        fake_slack() as slack,
        process(slack, tmp_path, pause=0.0, lease=20) as one,
        process(slack, tmp_path, pause=0.0, lease=20) as other,
    ):
        asked = asyncio.run(main(slack, [one, other]))
        slack.wait(lambda: not unanswered(tmp_path), 60)
    assert sum(count for _, count in asked) > 2 * SCHEDULES
    assert [ts for ts, _ in asked if not is_whole(slack.replies(GENERAL, ts))] == []
    assert [ts for ts, _ in asked if len(slack.replies(GENERAL, ts)) != 1] == []


def unanswered(data: Path) -> int:
    """How many questions wait or are being answered."""
    with closing(sqlite3.connect(data / "slack.sqlite")) as database:
        found = database.execute("SELECT count(*) FROM questions WHERE state != 'done'")
        return int(found.fetchone()[0])


POINTS = [(number, fault) for number in range(1, 6) for fault in ("kill", "killed")]
DIFFERENT = [(3, "killed"), (4, "killed"), (5, "kill"), (5, "killed")]


@pytest.mark.parametrize(("at", "fault"), POINTS if FULL else DIFFERENT)
def test_a_process_killed_at_a_call_answers_once_after_its_restart(
    at: int, fault: str, tmp_path: Path
) -> None:
    with fake_slack() as slack:
        ts = slack.ask(MENTION)
        slack.faults[at] = fault
        with process(slack, tmp_path, pause=0.1) as address:
            assert send(address, message_event(ts, MENTION)) == 200
            slack.wait(lambda: slack.pid is None)
        with process(slack, tmp_path, pause=0.1):
            slack.wait(lambda: is_whole(slack.replies(GENERAL, ts)))
            time.sleep(0.3)
        assert len(slack.replies(GENERAL, ts)) == 1


@pytest.mark.parametrize(("fault", "times"), [("kill", 1), ("killed", 2)])
def test_a_private_answer_that_may_be_there_twice_says_so(
    fault: str, times: int, tmp_path: Path
) -> None:
    """Whether Slack has shown it before the process was killed, nobody can tell."""
    with fake_slack() as slack:
        ts = slack.ask(MENTION)
        slack.fault = lambda call: fault if slack.methods() == ["auth.test", call.method] else None
        with process(slack, tmp_path, pause=0.0, slack_private=True) as address:
            assert send(address, message_event(ts, MENTION)) == 200
            slack.wait(lambda: slack.pid is None)
        with process(slack, tmp_path, pause=0.0, slack_private=True):
            slack.wait(lambda: unanswered(tmp_path) == 0)
        shown = [one.shown for one in slack.said if one.for_whom]
    assert len(shown) == times
    assert shown[-1].endswith(f"(Right) (Wrong)\n{AGAIN}")


def test_a_process_killed_once_it_has_acknowledged_answers_after_its_restart(
    tmp_path: Path,
) -> None:
    with fake_slack() as slack:
        ts = slack.ask(MENTION)
        with process(slack, tmp_path, pause=5):
            pass  # libraries are loaded, the port is free
        with process(slack, tmp_path, pause=5) as address:
            assert send(address, message_event(ts, MENTION)) == 200
        assert not slack.replies(GENERAL, ts)
        with process(slack, tmp_path, pause=0) as address:
            assert send(address, message_event(ts, MENTION, kind="app_mention")) == 200
            slack.wait(lambda: is_whole(slack.replies(GENERAL, ts)))
            time.sleep(0.3)
        assert len(slack.replies(GENERAL, ts)) == 1


@pytest.mark.parametrize("method", ["assistant.threads.setStatus", "chat.startStream"])
def test_a_process_that_stood_still_says_nothing_once_another_has_answered(
    method: str, tmp_path: Path
) -> None:
    """As one does whose machine is halted: its claim ran out meanwhile."""
    with fake_slack() as slack, process(slack, tmp_path, pause=0.4) as address:
        first = slack.pid
        assert first
        slack.fault = lambda call: os.kill(first, signal.SIGSTOP) if call.method == method else None
        ts = slack.ask(MENTION)
        acknowledged = send(address, message_event(ts, MENTION))
        assert acknowledged in {200, 0}  # it may be halted before it has said so
        slack.wait(lambda: method in slack.methods())
        slack.fault = lambda _: None
        with process(slack, tmp_path, pause=0.0):
            slack.wait(lambda: is_whole(slack.replies(GENERAL, ts)))
            os.kill(first, signal.SIGCONT)
            time.sleep(1.5)
        assert is_whole(slack.replies(GENERAL, ts))
        assert len(slack.replies(GENERAL, ts)) == 1


def test_an_answer_of_30000_characters_with_40_sources_arrives_whole(tmp_path: Path) -> None:
    quotes = [(f"a{n}", f"Quote {n} " + "says & shows <this> " * 12) for n in range(1, 41)]
    said = [f"Sentence {n} is {'rather & really <long> ' * 32}long." for n in range(1, 41)]
    answer = say(*zip(said, quotes, strict=True))
    assert len(marked(answer)) > 30_000

    async def main(slack: FakeSlack) -> None:
        async with running(slack, tmp_path, Answers(answer, pause=0.005)) as bot:
            ts = slack.ask(MENTION)
            await deliver(bot, message_event(ts, MENTION))
            await bot.settled()
            found = slack.replies(GENERAL, ts)
            text = "\n".join(one.shown for one in found)
            print(f"{len(found)} messages, calls: {slack.methods()}")
            assert [text.count(f"Sentence {n} is") for n in range(1, 41)] == [1] * 40
            places = [text.index(f"Sentence {n} is") for n in range(1, 41)]
            places += [text.index(f"\n[{n}] About a{n}") for n in range(1, 41)]
            assert places == sorted(places)
            assert all(f"> {quote}" in text for _, quote in quotes)
            assert " ".join(text.split("\n[1] ")[0].split()) == marked(answer)
            assert is_whole(found, answer)

    with fake_slack() as slack:
        asyncio.run(main(slack))


def test_slack_hears_at_once_that_a_question_arrived_while_50_are_answered(tmp_path: Path) -> None:
    """Of 200 deliveries 99 in 100 are acknowledged within 300 ms."""
    took = []
    with fake_slack() as slack, process(slack, tmp_path, pause=3.0) as address:
        client = httpx.Client()
        for number in range(250):
            ts = slack.ask(MENTION)
            content, headers = signed(message_event(ts, MENTION, team=f"T{number % 20}"))
            if number == 50:
                slack.wait(lambda: len(slack.sessions) >= 50)
            began = time.perf_counter()
            response = client.post(address, content=content, headers=headers)
            took.append(time.perf_counter() - began)
            assert response.status_code == 200
        at_work = list(slack.sessions.values()).count("processing")
    slowest = quantiles(took[50:], n=100, method="inclusive")[-1]
    median = quantiles(took[50:], n=2)[0]
    print(f"with {at_work} at work: median {1000 * median:.0f} ms, p99 {1000 * slowest:.0f} ms")
    assert at_work >= 50
    assert slowest < 0.3

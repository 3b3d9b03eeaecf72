"""Whatever one call of a reply meets, its answer is there, whole and once; or it is apologised for."""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fake_slack import Call, FakeSlack, Said, fake_slack
from slack_bots import Answers, Running, deliver, is_whole, marked, running, say
from slack_deliveries import ANN, GENERAL, command_body, message_event
from slack_shown import decode
from slack_talk import MENTION

from service.answer import Answer
from service.slack_delivery import AGAIN

LONGER = say(
    ("One came.", ("a", "One arrived.")),
    ("Two came.", ("b", "Two arrived.")),
    ("Three came.", ("c", "Three arrived.")),
)
SILENT = replace(say(("It is said.", ("a", "It is said."))), sentences=(), text="They say: [1]")
"""Shown only once it is whole."""
LONG = say(*((f"Sentence {n} is{' long' * 200}.", ("a", f"Quote {n}.")) for n in range(22)))
CLOSED = "C9"
"""A channel that the bot is no member of."""


@dataclass(frozen=True)
class Way:
    """A kind of reply: what is answered, how it is asked for, and where the reply stands."""

    answer: Answer
    ask: Callable[[FakeSlack, Running], Awaitable[str]]
    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def unseen(self) -> bool:
        """Whether nobody can look up whether a message of it is there."""
        return self.ask is not _mention or bool(self.settings)


async def _mention(slack: FakeSlack, bot: Running) -> str:
    ts = slack.ask(MENTION)
    await deliver(bot, message_event(ts, MENTION))
    return ts


async def _elsewhere(slack: FakeSlack, bot: Running) -> str:
    ts = slack.ask(MENTION, channel=CLOSED)
    await deliver(bot, message_event(ts, MENTION, channel=CLOSED, kind="app_mention"))
    return ts


async def _command(slack: FakeSlack, bot: Running) -> str:
    body = command_body("what did Kim receive?", slack.respond)
    for again in range(4):
        if (await bot.deliver(body, form=True, again=again)).status_code == 200:
            return ""
    raise AssertionError("never acknowledged")


WAYS = {
    "streamed": Way(LONGER, _mention),
    "posted": Way(SILENT, _mention),
    "in several messages": Way(LONG, _mention),
    "directly": Way(LONGER, _elsewhere),
    "privately": Way(LONGER, _mention, (("slack_private", True),)),
    "privately and directly": Way(LONGER, _elsewhere, (("slack_private", True),)),
    "to a command": Way(LONGER, _command),
}
FULL = os.environ.get("SLACK_TESTS") == "full"
"""Whether every fault meets every kind of reply, which takes a minute."""

PASSING = ["429", "expire", "fail", "drop", "lost", "hang"]
SOME = ["429", "lost"]
REFUSED = [
    "channel_not_found",
    "invalid_arguments",
    "message_not_in_streaming_state",
    "no_permission",
]
"""Where only what is shown live, or the status, is refused."""
LIVE = {
    "agents.sessions.setStatus",
    "assistant.threads.setStatus",
    "chat.startStream",
    "chat.appendStream",
}


async def reply(
    way: Way, slack: FakeSlack, data: Path, fault: Callable[[Call], str | None] = lambda _: None
) -> list[Said]:
    """What the bot said in the end."""
    slack.fault = fault
    answers = Answers(way.answer, pause=0.0 if way.answer is LONG else 0.02)
    async with running(slack, data, answers, **dict(way.settings)) as bot:
        await way.ask(slack, bot)
        await bot.settled(20)
    return [one for one in slack.said if one.user != ANN]


def check(way: Way, said: list[Said], what: object) -> None:
    """It is whole and there once; what cannot be looked up may come again, with a word on it."""
    shown = [one.shown for one in said]
    told = [one for one in said if AGAIN in one.shown]
    assert way.unseen or not told, (what, shown)
    for one in told:
        one.blocks = one.blocks[:-1]
        assert one.shown == said[0].shown, (what, shown)
    assert len(told) <= 1, (what, shown)
    whole = said if len(said) == 1 else [one for one in said if one not in told]
    assert is_whole(whole, way.answer), (what, shown)


@pytest.mark.parametrize("name", WAYS)
def test_whatever_happens_to_any_one_call_the_whole_answer_is_there_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.slack_workspaces.CALL_SECONDS", 1.0)
    way = WAYS[name]

    def strike(
        slack: FakeSlack, method: str, time: int, fault: str
    ) -> Callable[[Call], str | None]:
        def struck(call: Call) -> str | None:
            hit = call.method == method and slack.methods().count(method) == time
            return fault if hit else None

        return struck

    async def main() -> int:
        with fake_slack() as slack:
            check(way, await reply(way, slack, tmp_path / "clean"), "clean")
            calls = [
                (each, at + 1) for each, n in Counter(slack.methods()).items() for at in range(n)
            ]
        faults = [*PASSING, *REFUSED] if FULL else PASSING if name == "streamed" else SOME
        points = [
            (*call, fault)
            for call in calls
            for fault in faults
            if fault in PASSING or call[0] in LIVE
        ]

        async def one(number: int, method: str, time: int, fault: str) -> None:
            async with room:
                with fake_slack() as slack:
                    struck = strike(slack, method, time, fault)
                    said = await reply(way, slack, tmp_path / str(number), struck)
                    check(way, said, (method, time, fault, slack.methods()))

        room = asyncio.Semaphore(8)
        await asyncio.gather(*(one(number, *point) for number, point in enumerate(points)))
        return len(points)

    print(f"{asyncio.run(main())} faults")


@pytest.mark.parametrize("error", ["is_archived", "channel_not_found", "not_in_channel"])
@pytest.mark.parametrize("settings", [{}, {"slack_private": True}])
def test_where_the_channel_is_closed_meanwhile_the_asker_has_the_answer(
    error: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    def strike(call: Call) -> str | None:
        closed = (
            call.method in {"chat.stopStream", "chat.appendStream"} or "tream" not in call.method
        )
        return error if closed and call.payload.get("channel") == GENERAL else None

    with fake_slack() as slack:
        way = Way(LONGER, _mention, tuple(settings.items()))
        said = asyncio.run(reply(way, slack, tmp_path, strike))
    assert is_whole([one for one in said if one.channel == "DANN"], LONGER)
    assert [one.channel for one in said].count("DANN") == 1


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long"])
@pytest.mark.parametrize("name", ["streamed", "posted", "privately", "to a command"])
def test_what_slack_refuses_for_good_is_apologised_for(
    error: str, name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def strike(call: Call) -> str | None:
        whole = len(call.payload.get("blocks") or ()) > 1
        return ("used_url" if call.method == "response_url" else error) if whole else None

    with fake_slack() as slack:
        said = asyncio.run(reply(WAYS[name], slack, tmp_path, strike))
    sorry = [one for one in said if "Sorry, I could not answer this." in one.shown]
    assert len(sorry) == 1
    assert said[-1] is sorry[0]
    reference = sorry[0].shown.partition("(Reference ")[2].rstrip(")")
    assert f"question {reference} was given up: {error}" in caplog.text
    assert not any(one.streaming for one in said)


@pytest.mark.parametrize("name", WAYS)
def test_a_token_that_is_revoked_meanwhile_ends_the_question(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def strike(call: Call) -> str | None:
        return None if call.method in {"auth.test", "response_url"} else "token_revoked"

    with fake_slack() as slack:
        said = asyncio.run(reply(WAYS[name], slack, tmp_path, strike))
        if name == "to a command":
            assert is_whole(said, LONGER)
            return
    assert [one for one in said if one.text or one.streamed] == []
    assert "was given up: token_revoked" in caplog.text


def test_a_stream_s_words_are_what_is_sent(tmp_path: Path) -> None:
    """The fake joins what was appended: nothing between the pieces is lost or doubled."""

    async def main(slack: FakeSlack) -> None:
        async with running(slack, tmp_path, Answers(LONGER, pause=0.03)) as bot:
            ts = slack.ask(MENTION)
            await deliver(bot, message_event(ts, MENTION))
            await bot.settled()
            (said,) = slack.replies(GENERAL, ts)
            assert decode(said.streamed) == marked(LONGER)

    with fake_slack() as slack:
        asyncio.run(main(slack))

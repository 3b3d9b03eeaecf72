"""The real answerer over the sample articles: Slack shows what the HTTP service answers."""

import asyncio
import os
import random
import re
import time
from collections.abc import AsyncGenerator
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
import pytest
from fake_slack import fake_slack
from http_service import app_over
from slack_bots import running
from slack_deliveries import BOT, DIRECT, message_event

from eval.cases import read_cases
from eval.recordings import Recorder
from index.build import build
from index.sources import read_sources
from index.vectors import Embedder
from service.answerer import Answerer
from service.current import Current
from service.dates import long_date
from service.draft import MAX_TOKENS, Drafter, Usage
from service.prompt import Message
from service.settings import Settings
from service.slack_prompts import PROMPTS, Prompts
from service.suggestions import suggest_questions
from service.wiring import identify_model, make_answerer

ARTICLES = Path(__file__).parent.parent / "articles"
ASKED = 30


class CopyingDrafter(Drafter):
    """Stands for the model where no reply is recorded: says what the first evidence says."""

    model = "copying"

    def __init__(self) -> None:
        pass

    async def stream(
        self, messages: list[Message], *, max_tokens: int = MAX_TOKENS
    ) -> AsyncGenerator[str | Usage]:
        assert max_tokens
        found = re.search(r"^\[1\] (.+?)[.]?$", messages[-1]["content"], re.MULTILINE)
        yield f"{found.group(1)} [1]." if found else "NOT FOUND"
        yield Usage()


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder(identify_model(Settings()), CopyingDrafter)


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory, recorder: Recorder) -> Answerer:
    root = tmp_path_factory.mktemp("index")
    build(read_sources([str(ARTICLES)]), root, Embedder(Settings().embedding_model))
    return make_answerer(Settings(index=root), report=print, writer=recorder)


def sources_of(answer: dict[str, Any]) -> list[str]:
    """What a reader has to see of an answer's citations, or of what comes nearest."""
    shown = []
    for cited in answer["citations"]:
        also = "; ".join(one["title"] for one in cited["also_in"])
        head = f"[{cited['number']}] {origin_of(cited)}"
        shown += [head + (f". Also in: {also}" if also else ""), f"> {cited['quote']}"]
    for near in answer["closest"]:
        shown += [origin_of(near), f"> {near['quote']}"]
    return [*(["The closest that they say:"] if answer["closest"] else []), *shown]


def origin_of(quoted: dict[str, Any]) -> str:
    link = f" <{quoted['url']}>" if quoted["url"] else ""
    origin = ", ".join(filter(None, [quoted["source"], quoted["published"] and day(quoted)]))
    return f"{quoted['title']}{link} — {origin}"


def day(cited: dict[str, Any]) -> str:
    return long_date(date.fromisoformat(cited["published"]))


def test_the_same_30_questions_have_the_same_answers_over_http_and_in_slack(
    answerer: Answerer, recorder: Recorder, tmp_path: Path
) -> None:
    cases = [case for case in read_cases() if not case.history and not case.planted]
    chosen = cases[:: len(cases) // ASKED][:ASKED]
    assert len(chosen) == ASKED

    async def main() -> None:
        statuses = set()
        transport = httpx.ASGITransport(app_over(answerer))
        async with (
            running(slack, tmp_path, answerer) as bot,
            httpx.AsyncClient(transport=transport, base_url="http://service") as http,
        ):
            for case in chosen:
                response = await http.post("/chat", json={"question": case.question})
                ts = slack.ask(case.question, channel=DIRECT)
                await bot.deliver(message_event(ts, case.question, channel=DIRECT))
                await bot.settled()
                said = slack.replies(DIRECT, ts)
                if response.is_error:
                    statuses.add("error")
                    assert said[0].shown.startswith("Sorry, I could not answer this.")
                    continue
                answer = response.json()
                statuses.add(answer["status"])
                lines = "\n".join(one.shown for one in said).splitlines()
                assert lines[0] == answer["text"]
                assert lines[1:] == [*sources_of(answer), "(Right) (Wrong)"]
        print(f"{len(chosen)} questions, {statuses}, {len(recorder.live)} replies not recorded")
        assert {"answered", "abstained"} <= statuses

    with fake_slack() as slack:
        asyncio.run(main())


def test_the_suggested_questions_are_those_of_the_web_page(answerer: Answerer) -> None:
    prompts = Prompts(Current.of(answerer))
    suggested = asyncio.run(prompts.suggest())
    prompts.close()
    assert list(suggested) == suggest_questions(answerer.generation, limit=PROMPTS)
    assert len(suggested) == PROMPTS
    assert all(one.endswith("?") for one in suggested)


class SlowRecorder:
    """Replays what is recorded, seconds later, as a model would that is asked by many."""

    def __init__(self, recorder: Recorder) -> None:
        self.model = recorder.model
        self._recorder = recorder

    async def stream(
        self, messages: list[Message], *, max_tokens: int = MAX_TOKENS
    ) -> AsyncGenerator[str | Usage]:
        await asyncio.sleep(random.uniform(4, 8))
        async for part in self._recorder.stream(messages, max_tokens=max_tokens):
            yield part


@pytest.mark.skipif(os.environ.get("SLACK_TESTS") != "full", reason="takes half a minute")
def test_slack_hears_at_once_that_a_question_arrived_while_the_real_engine_answers_50(
    answerer: Answerer, recorder: Recorder, tmp_path: Path
) -> None:
    """The 99th percentile of 150 deliveries, the first of a process too, is under 300 ms."""
    engine = Answerer(answerer.generation, answerer.embedder, SlowRecorder(recorder))
    asked = [case.question for case in read_cases() if not case.history and not case.planted]

    async def main() -> list[float]:
        took = []
        async with running(slack, tmp_path, engine, served=True) as bot:
            for number in range(150):
                if number == 50:
                    async with asyncio.timeout(30):
                        while len(slack.sessions) < 50:  # noqa: ASYNC110
                            await asyncio.sleep(0.01)
                question = f"<@{BOT}> {asked[number % len(asked)]}"
                ts = slack.ask(question)
                began = time.perf_counter()
                body = message_event(ts, question, team=f"T{number % 20}")
                assert (await bot.deliver(body)).status_code == 200
                took.append(time.perf_counter() - began)
                await asyncio.sleep(0.02)
            await bot.settled(120)
        return took

    with fake_slack() as slack:
        took = asyncio.run(main())
        slowest = quantiles(took, n=100, method="inclusive")[-1]
        print(f"median {1000 * median(took):.0f} ms, p99 {1000 * slowest:.0f} ms")
        assert len([one for one in slack.said if one.user == BOT and not one.streaming]) == 150
    assert slowest < 0.3

"""What people see of the bot, drawn from what a fake Slack was told by it.

The real answerer answers over the sample articles with recorded replies. With SLACK_TESTS=draw a
browser takes the pictures of the README anew: docs/slack-*.png.
"""

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Callable, Coroutine
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fake_slack import FakeSlack, Said, fake_slack
from slack_bots import Running, running
from slack_deliveries import ANN, BEN, BOT, DIRECT, GENERAL, command_body, envelope, message_event
from slack_page import draw, draw_prompts, draw_status, heading, page
from test_slack_answers import CopyingDrafter
from web_page import find_browser, launch

from eval.recordings import Recorder
from index.build import build
from index.sources import read_sources
from index.vectors import Embedder
from service.answerer import Answerer, Part
from service.settings import Settings
from service.slack_reply import LOOKING
from service.wiring import identify_model, make_answerer

DOCS = Path(__file__).parent.parent / "docs"
NAMES = {BOT: "Dateline", ANN: "Ann", BEN: "Ben"}
MISSILE = f"<@{BOT}> Which missile did Shoigu show Kim, and what carries it?"
STATION = f"<@{BOT}> What took place at the station before the train left?"
NOT_SAID = "What did the polar bear Misha do at the aquarium?"


class Held:
    """The real answerer, which stops before the end of an answer until it is told to go on."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self.generation = answerer.generation
        self.go_on = asyncio.Event()

    async def stream(self, question: str, **more: Any) -> AsyncGenerator[Part]:
        async for part in self._answerer.stream(question, **more):
            if type(part).__name__ == "Trace":
                await self.go_on.wait()
            yield part


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    root = tmp_path_factory.mktemp("index")
    articles = str(DOCS.parent / "articles")
    build(read_sources([articles]), root, Embedder(Settings().embedding_model))
    recorder = Recorder(identify_model(Settings()), CopyingDrafter)
    return make_answerer(Settings(index=root), report=print, writer=recorder)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(120):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def ask(slack: FakeSlack, bot: Running, text: str, **more: Any) -> str:
    ts = slack.ask(text, **more)
    await bot.deliver(message_event(ts, text, **more))
    return ts


def drawn(slack: FakeSlack, *, since: int = 0) -> list[str]:
    return [draw(one, names=NAMES) for one in slack.said[since:]]


async def thread(answerer: Answerer, data: Path) -> tuple[str, list[Said]]:
    """A mention and a follow-up."""
    with fake_slack() as slack:
        async with running(slack, data, answerer) as bot:
            ts = await ask(slack, bot, MISSILE)
            await bot.settled(120)
            await ask(slack, bot, NOT_SAID, thread=ts)
            await bot.settled(120)
        return page([heading("Thread in a channel"), *drawn(slack)]), slack.said


async def growing(answerer: Answerer, data: Path) -> tuple[str, list[Said]]:
    """The same question at three moments."""
    held = Held(answerer)
    with fake_slack() as slack:
        async with running(slack, data, held) as bot:  # type: ignore[arg-type]
            ts = await ask(slack, bot, STATION)
            await until(lambda: slack.replies(GENERAL, ts))
            parts = [
                heading("While it looks"),
                draw(slack.said[0], names=NAMES),
                draw_status(LOOKING, names=NAMES),
                heading("While it answers"),
                *drawn(slack, since=1),
            ]
            slack.replies(GENERAL, ts)[0].streaming = False
            stop = {"type": "agent_session_stopped", "channel": GENERAL, "thread_ts": ts}
            await bot.deliver(envelope(stop, "Ev8"))
            await bot.settled(120)
        parts += [heading("When somebody pressed stop"), *drawn(slack, since=1)]
        return page(parts), slack.said


async def panel(answerer: Answerer, data: Path) -> tuple[str, list[Said]]:
    """Suggested questions, the help, and what only the asker sees."""
    with fake_slack() as slack:
        async with running(slack, data, answerer) as bot:
            event = {"type": "app_home_opened", "user": ANN, "channel": DIRECT, "tab": "messages"}
            await bot.deliver(envelope(event, "Ev1"))
            await until(lambda: slack.prompts)
            title = next(each.payload["title"] for each in slack.calls if "title" in each.payload)
            parts = [
                heading("The panel, when it is opened"),
                draw_prompts(title, slack.prompts, names=NAMES),
            ]
            await ask(slack, bot, "thanks!", channel=DIRECT)
            await bot.settled()
            parts += [heading("A message without a question"), *drawn(slack)]
            told = len(slack.said)
            question = "How many drones did Kim receive?"
            await bot.deliver(command_body(question, slack.respond), form=True)
            await bot.settled(120)
            parts += [heading(f"After /ask {question}"), *drawn(slack, since=told)]
        return page(parts), slack.said


@pytest.mark.parametrize("show", [thread, growing, panel])
def test_a_page_shows_all_that_slack_was_told_and_nothing_else(
    show: Callable[[Answerer, Path], Coroutine[Any, Any, tuple[str, list[Said]]]],
    answerer: Answerer,
    tmp_path: Path,
) -> None:
    html, said = asyncio.run(show(answerer, tmp_path))
    drawn = read_words(unescape(re.sub(r"<[^>]+>", " ", html.partition("</style>")[2])))
    for one in said:
        for line in one.shown.splitlines():
            assert read_words(re.sub(r" <http.*?>|<@\w+>", "", line)) in drawn
    assert not re.search(r"<(?:script|img|iframe)", html)
    if os.environ.get("SLACK_TESTS") == "draw":
        draw_picture(html, DOCS / f"slack-{show.__name__}.png")


def read_words(text: str) -> str:
    """Its words and numbers alone."""
    return " ".join(re.findall(r"\w+", text))


def draw_picture(html: str, file: Path) -> None:
    executable = find_browser()
    assert executable
    with launch(executable) as browser:
        shown = browser.new_page(viewport={"width": 640, "height": 200})
        shown.set_content(html)
        shown.screenshot(path=file, full_page=True)
    assert file.stat().st_size < 150_000

"""Bots for tests: over a fake Slack, with answers by script."""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import uvicorn
from fake_answers import Quote, make_answer
from fake_slack import FakeSlack, Said
from fastapi import FastAPI
from slack_deliveries import SECRET, TOKEN, Json, signed

from index.articles import Article
from service.answer import Answer, AnswerSentence, with_marks
from service.answerer import Answerer
from service.archive import Archive
from service.current import Current
from service.metrics import Metrics
from service.settings import Settings
from service.slack_bot import SlackBot
from service.slack_http import mount


def marked(answer: Answer) -> str:
    """The sentences of an answer with their marks."""
    return " ".join(map(with_marks, answer.sentences))


def say(*said: tuple[str, *tuple[Quote, ...]], **more: Any) -> Answer:
    """An answer as the answerer makes it: its text is its sentences with their marks."""
    answer = make_answer(*said, **more)
    return replace(answer, text=marked(answer))


ANSWER = say(
    ("Kim received five drones.", ("gifts", "The governor gave Kim five drones.")),
    ("Putin accepted.", ("visit", "Putin accepted the invitation.")),
    urls={"gifts": "https://post.example/gifts"},
)


def indexed(*articles: Article) -> Any:
    """What stands for a generation of these, the newest first."""
    heads = [SimpleNamespace(day=-place, id=one.id) for place, one in enumerate(articles)]
    return SimpleNamespace(
        manifest=SimpleNamespace(id="g1"),
        articles=lambda _: heads,
        article={one.id: one for one in articles}.get,
    )


class Answers:
    """Says one answer to every question, sentence by sentence, and keeps what it was asked."""

    def __init__(self, answer: Answer = ANSWER, *, pause: float = 0.0) -> None:
        self.answer = answer
        self.pause = pause
        self.asked: list[tuple[str, str | None]] = []
        self.error: Exception | None = None
        self.generation = indexed()
        self.at_work = 0

    async def stream(
        self, question: str, *, conversation: str | None = None
    ) -> AsyncGenerator[AnswerSentence | Answer]:
        self.asked.append((question, conversation))
        self.at_work += 1
        try:
            for sentence in self.answer.sentences:
                await asyncio.sleep(self.pause)
                yield sentence
            if self.error:
                raise self.error
            await asyncio.sleep(self.pause)
            yield replace(self.answer, question=question)
        finally:
            self.at_work -= 1


def make_settings(data: Path, **more: Any) -> Settings:
    """The settings of a bot in one workspace."""
    known: Json = {"slack_bot_token": TOKEN, "slack_signing_secret": SECRET, "data": data}
    return Settings(**{**known, **more})


@dataclass
class Running:
    """A bot that takes requests."""

    bot: SlackBot
    http: httpx.AsyncClient
    archive: Archive
    metrics: Metrics

    async def deliver(
        self, body: Json | bytes, *, form: bool = False, again: int = 0, **headers: str
    ) -> httpx.Response:
        """Send it as Slack does; `again` is the number of the retry."""
        content, known = signed(body, form=form)
        if again:
            known |= {"x-slack-retry-num": str(again), "x-slack-retry-reason": "http_timeout"}
        headers = {**known, **headers}
        return await self.http.post("/slack/events", content=content, headers=headers)

    async def settled(self, seconds: float = 10.0) -> None:
        """Wait until no question is left, whoever answers it."""
        left = "SELECT 1 FROM questions WHERE state != 'done'"
        async with asyncio.timeout(seconds):
            while await self.bot.store._file.read(left, ()):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@asynccontextmanager
async def running(
    slack: FakeSlack,
    data: Path,
    answers: Answers | Answerer | None = None,
    *,
    lease: float = 20.0,
    served: bool = False,
    **more: Any,
) -> AsyncIterator[Running]:
    """A bot over `slack` that is stopped in the end; `more` are settings.

    `served` goes over a real socket.
    """
    archive = Archive(data / "answers.sqlite")
    settings = make_settings(data, **more)
    metrics = Metrics()
    bot = SlackBot(
        Current.of(cast("Answerer", answers or Answers())),
        archive,
        settings,
        metrics,
        base_url=slack.url,
        lease=lease,
        pauses=(0.0,) * 8,
    )
    app = FastAPI()
    mount(app, bot, settings)
    if not served:
        transport = httpx.ASGITransport(app)
        async with (
            bot.running(),
            httpx.AsyncClient(transport=transport, base_url="http://bot") as http,
        ):
            yield Running(bot, http, archive, metrics)
        return
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    serving = asyncio.create_task(server.serve([listening]))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url) as http:
        yield Running(bot, http, archive, metrics)
    server.should_exit = True
    await serving


def is_whole(said: list[Said], answer: Answer = ANSWER) -> bool:
    """Whether messages are the whole answer once, in order, with its sources and its buttons."""
    shown = "\n".join(one.shown for one in said)
    words = " ".join(shown.split("\n[1] ")[0].split())
    return (
        words == " ".join(answer.text.split())
        and [shown.count(f"\n[{each.number}] ") for each in answer.citations]
        == [1] * len(answer.citations)
        and all(each.quote in shown for each in answer.citations)
        and shown.count("(Right) (Wrong)") == 1
        and shown.endswith("(Right) (Wrong)")
        and not any(one.streaming for one in said)
    )


async def deliver(bot: Running, body: Json) -> None:
    """As Slack does: again until it hears that it arrived, three times more at most."""
    for again in range(4):
        if (await bot.deliver(body, again=again)).status_code == 200:
            return
    raise AssertionError("never acknowledged")


def serve(
    url: str, data: Path, tells: Connection, times: tuple[float, float], settings: Json
) -> None:
    """A bot's process: serves HTTP on a port that it tells, until it is killed."""
    pause, lease = times
    made = make_settings(data, **settings)
    current = Current.of(cast("Answerer", Answers(pause=pause)))
    app = FastAPI()
    bot = SlackBot(
        current,
        Archive(data / "answers.sqlite"),
        made,
        Metrics(),
        base_url=url,
        lease=lease,
        pauses=(0.0,) * 8,
    )
    mount(app, bot, made)
    listening = socket.create_server(("127.0.0.1", 0))
    tells.send(listening.getsockname()[1])
    uvicorn.run(app, fd=listening.fileno(), log_level="error")

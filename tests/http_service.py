"""An HTTP service over a real answerer and a small index, for the tests of its paths."""

import asyncio
import re
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import uvicorn
from fake_provider import Script, provide
from fakes import WordEmbedder, open_index
from fastapi import FastAPI
from starlette.testclient import TestClient

from index.build import build
from index.generation import Generation
from index.sources import read_sources
from service.answerer import Answerer
from service.archive import Archive
from service.current import Current
from service.draft import Drafter
from service.http.app import make_app
from service.http.desk import Desk
from service.keys import Keys
from service.prompt import Message
from service.settings import Settings

FERRY = """---
title: Ferry aground at Tarn
source: Harbour Times
date: 2023-09-17
url: https://harbour.example/ferry
---
The ferry Solvei ran aground off Tarn on Friday with 41 people aboard, the coast guard said.

Captain Ida Moen was handed a medal by the mayor of Tarn.
"""
BRIDGE = """---
title: Bridge closed in Lund
source: Coast Radio
date: 2023-09-20
---
The old bridge of Lund was closed on Monday after inspectors found cracks in two of its pillars.

Repairs of the bridge will take about six weeks, the town council said.
"""
QUESTION = "Who was handed a medal by the mayor of Tarn?"
DRAFT = "Captain Ida Moen was handed a medal by the mayor of Tarn"
WEAK = "what soup did the cook of Tarn like best of all?"
PASSING = {"model_unavailable", "model_timed_out", "model_reply_wrong"}
JSON = {"content-type": "application/json"}
_SCRATCH = tempfile.TemporaryDirectory(prefix="dateline-test-")  # gone when the tests end


class ScriptedModel:
    """A model in this process: cites the first piece of evidence with its words, or fails."""

    def __init__(self, sentence: str = DRAFT) -> None:
        self.sentence = sentence
        self.error: Exception | None = None
        self.asked: list[list[Message]] = []

    async def stream(self, messages: list[Message], *, max_tokens: int) -> AsyncGenerator[str]:
        assert max_tokens > 0
        self.asked.append(messages)
        if self.error:
            raise self.error
        prompt = messages[-1]["content"]
        found = re.search(r"\[(\d+)\] (?=" + re.escape(self.sentence[:20]) + ")", prompt)
        number = found.group(1) if found else "1"
        for piece in (self.sentence[:9], self.sentence[9:], " [", number, "]", "."):
            yield piece


class SlowModel(ScriptedModel):
    """Thinks for a while before its first word."""

    async def stream(self, messages: list[Message], *, max_tokens: int) -> AsyncGenerator[str]:
        await asyncio.sleep(0.2)
        async for piece in super().stream(messages, max_tokens=max_tokens):
            yield piece


class CopyingModel(ScriptedModel):
    """Answers each question with the evidence sentence that names the question's pier."""

    async def stream(self, messages: list[Message], *, max_tokens: int) -> AsyncGenerator[str]:
        assert max_tokens > 0
        self.asked.append(messages)
        prompt = messages[-1]["content"]
        pier = prompt.rsplit("pier ", 1)[1].split("?")[0].split()[0]
        found = re.search(rf"\[(\d+)\] (The pier {pier} .*)\.", prompt)
        assert found
        await asyncio.sleep(0.02 if int(found.group(1)) % 2 else 0.05)
        for word in (*found.group(2).split(" "), f"[{found.group(1)}]."):
            await asyncio.sleep(0)
            yield word + " "


def write_index(folder: Path) -> Path:
    """An index of two articles, in a folder under `folder`."""
    (folder / "ferry.md").write_text(FERRY, encoding="utf-8")
    (folder / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    root = folder / "index"
    build(read_sources([str(folder / "ferry.md"), str(folder / "bridge.md")]), root, WordEmbedder())
    return root


@lru_cache(maxsize=4)
def open_once(index: Path) -> Generation:
    """The generation of an index that no test changes: an open one holds a dozen files."""
    return open_index(index)


def make_answerer(index: Path, drafter: Drafter, **more: Any) -> Answerer:
    """A real answerer over a WordEmbedder's index."""
    return Answerer(open_once(index), WordEmbedder(), drafter, **more)


def make_desk(
    answerer: Answerer, *, data: Path | None = None, index: Path | None = None, **settings: Any
) -> Desk:
    """A desk with this answerer; what it stores stands in `data`."""
    folder = data or Path(tempfile.mkdtemp(dir=_SCRATCH.name))
    return Desk(
        Current.of(answerer, index),
        Settings(data=folder, **settings),
        archive=Archive(folder / "answers.sqlite"),
        keys=Keys(folder / "keys.json"),
    )


def app_over(answerer: Answerer, **more: Any) -> FastAPI:
    """The service with this answerer."""
    return make_app(make_desk(answerer, **more))


def make_local_app(index: Path, model: "ScriptedModel", **more: Any) -> FastAPI:
    """The service with a scripted model, storing what it answers."""
    data = more.pop("data", None) or Path(tempfile.mkdtemp(dir=_SCRATCH.name))
    answerer = make_answerer(index, local_drafter(model), archive=Archive(data / "answers.sqlite"))
    return app_over(answerer, data=data, index=index, **more)


def desk_of(app: FastAPI) -> Desk:
    """The desk behind an application."""
    desk: Desk = app.state.desk
    return desk


def local_drafter(model: "ScriptedModel") -> Drafter:
    """A drafter with a scripted model."""
    return Drafter(Settings(model="local/scripted"), local=model)


def ask_provider(index: Path, script: Script, question: str, *, timeout: float = 1.5) -> Any:
    """What the service says to `question` with a provider that follows `script`."""
    with provide(script) as provider:
        settings = Settings(
            model="openai/m", api_base=provider.url, api_key="sk-secret", timeout=timeout, retries=0
        )
        answerer = make_answerer(index, Drafter(settings), timeout=settings.timeout)
        return TestClient(app_over(answerer)).post("/chat", json={"question": question})


def read_error(response: Any, status: int, code: str) -> str:
    """The message of an error that has exactly the contract's form."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["code"] == code
    message: str = body["error"]["message"]
    assert message.endswith(".")
    assert "Traceback" not in response.text
    assert "\n" not in message
    return message


@contextmanager
def serve(app: FastAPI) -> Iterator[str]:
    """The address of the service behind the server that it has in use."""
    config = uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)

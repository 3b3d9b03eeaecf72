"""POST /chat as server-sent events: their order, failures, heartbeats, slow readers."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from http_service import (
    DRAFT,
    QUESTION,
    WEAK,
    ScriptedModel,
    SlowModel,
    desk_of,
    make_local_app,
    read_error,
)
from starlette.testclient import TestClient
from starlette.types import Message as Message_

from service.answerer import Answerer
from service.errors import ModelUnavailable
from service.http import chat

pytest_plugins = ["http_fixtures"]


def read_events(response: Any) -> list[tuple[str, Any]]:
    """Names and contents of a stream's events, whose ids count from 1."""
    assert response.headers["content-type"].startswith("text/event-stream")
    events: list[tuple[str, Any]] = []
    for block in response.text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
        if lines:
            assert lines["id"] == str(len(events) + 1)
            events.append((lines["event"], json.loads(lines["data"])))
    return events


def test_a_streamed_answer_comes_passages_first_and_whole_last(client: TestClient) -> None:
    response = client.post("/chat", json={"question": QUESTION, "stream": True})
    assert response.status_code == 200
    (_, found), (_, cited), (_, sentence), (_, answer) = events = read_events(response)
    assert [name for name, _ in events] == ["passages", "citations", "sentence", "answer"]
    assert cited["citations"] == answer["citations"]
    assert found["question"] == QUESTION
    assert found["passages"][0]["title"] == "Ferry aground at Tarn"
    assert sentence == {"text": f"{DRAFT}.", "citations": [1], "supported": True}
    whole = client.post("/chat", json={"question": QUESTION}).json()
    differing = {"id", "timings_ms"}
    assert {name for name in whole if whole[name] != answer[name]} <= differing


def test_a_failure_is_a_stream_s_last_event(client: TestClient, model: ScriptedModel) -> None:
    model.error = ModelUnavailable("Out; wait.")
    events = read_events(client.post("/chat", json={"question": WEAK, "stream": True}))
    assert [name for name, _ in events] == ["passages", "error"]
    assert events[-1][1] == {"error": {"code": "model_unavailable", "message": "Out; wait."}}


def test_a_crash_in_a_stream_is_told_in_fixed_words(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("secret of /srv/dateline")

    monkeypatch.setattr(Answerer, "_find_evidence", crash)
    [(name, record)] = read_events(client.post("/chat", json={"question": WEAK, "stream": True}))
    assert (name, record["error"]["code"]) == ("error", "internal")
    assert "secret" not in record["error"]["message"]


def test_a_wrong_question_is_refused_before_its_stream(client: TestClient) -> None:
    response = client.post("/chat", json={"question": "?", "stream": True})
    read_error(response, 422, "question_refused")


def test_a_stream_gives_signs_of_life(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "HEARTBEAT", 0.05)
    client = TestClient(make_local_app(index, SlowModel()))
    response = client.post("/chat", json={"question": QUESTION, "stream": True})
    assert response.text.count(": still here\n") >= 2
    assert [name for name, _ in read_events(response)] == [
        "passages", "citations", "sentence", "answer",
    ]  # fmt: skip


def test_a_slow_reader_loses_its_stream_and_nobody_else_notices(
    index: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "SEND_SECONDS", 0.2)
    app = make_local_app(index, model)

    async def run() -> None:
        async def send(message: Message_) -> None:
            if message["type"] == "http.response.body":
                await asyncio.sleep(30)

        body = json.dumps({"question": QUESTION, "stream": True}).encode()
        pending = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message_:
            if pending:
                return pending.pop()
            await asyncio.sleep(30)
            return {"type": "http.disconnect"}

        scope = {
            "type": "http", "method": "POST", "path": "/chat", "raw_path": b"/chat",
            "query_string": b"", "headers": [(b"content-type", b"application/json")],
            "client": ("127.0.0.1", 1), "server": ("test", 80), "scheme": "http",
            "http_version": "1.1", "asgi": {"version": "3.0"}, "root_path": "",
        }  # fmt: skip
        await asyncio.wait_for(app(scope, receive, send), 5)

    asyncio.run(run())
    assert desk_of(app).room.taken == 0
    answer = TestClient(app).post("/chat", json={"question": QUESTION}).json()
    assert answer["status"] == "answered"

"""What every request passes: keys, limits, headers, request ids, the log, metrics, traces."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from http_service import (
    QUESTION,
    ScriptedModel,
    desk_of,
    local_drafter,
    make_answerer,
    make_local_app,
    read_error,
    write_index,
)
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from service.answerer import Answerer
from service.archive import Archive
from service.current import Current
from service.errors import ModelUnavailable
from service.http.app import make_app
from service.http.desk import Desk
from service.http.guard import LOOPBACK_HOSTS, SECURITY_HEADERS
from service.keys import Keys
from service.logs import set_up_logs
from service.settings import Settings
from service.traces import Tracer


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("articles"))


@pytest.fixture
def client(index: Path, tmp_path: Path) -> Iterator[TestClient]:
    app = make_local_app(index, ScriptedModel(), data=tmp_path)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def bearing(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


PROTECTED = [
    ("POST", "/chat"),
    ("GET", "/search"),
    ("GET", "/articles"),
    ("GET", "/articles/a"),
    ("POST", "/articles"),
    ("GET", "/answers/a"),
    ("POST", "/answers/a/feedback"),
    ("GET", "/metrics"),
    ("GET", "/nothing/here"),
]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_once_there_is_a_key_it_is_needed(
    client: TestClient, tmp_path: Path, method: str, path: str
) -> None:
    assert client.request(method, path).status_code != 401
    key = Keys(tmp_path / "keys.json").add("anna", admin=False)
    wrong = [{}, bearing("dl_wrong"), bearing(""), {"Authorization": key}, bearing(f"{key}x")]
    for headers in (*wrong, {"Authorization": f"Basic {key}"}):
        response = client.request(method, path, headers=headers)
        assert "Authorization: Bearer" in read_error(response, 401, "key_needed")
        assert response.headers["www-authenticate"] == "Bearer"
    assert client.request(method, path, headers=bearing(key)).status_code != 401


@pytest.mark.parametrize("path", ["/health", "/ready", "/openapi.json"])
def test_some_paths_need_no_key(client: TestClient, tmp_path: Path, path: str) -> None:
    Keys(tmp_path / "keys.json").add("anna", admin=False)
    assert client.get(path).status_code == 200


def test_a_damaged_file_of_keys_lets_nobody_in(client: TestClient, tmp_path: Path) -> None:
    key = Keys(tmp_path / "keys.json").add("anna", admin=False)
    (tmp_path / "keys.json").write_text("{")
    response = client.get("/articles", headers=bearing(key))
    assert "restore the file" in read_error(response, 503, "unavailable")


def test_answers_and_conversations_are_their_key_s_own(client: TestClient, tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    anna, ben, root = (keys.add(name, admin=name == "root") for name in ("anna", "ben", "root"))
    asked = {"question": QUESTION, "conversation_id": "c"}
    first = client.post("/chat", json=asked, headers=bearing(anna)).json()
    path = f"/answers/{first['id']}"
    assert client.get(path, headers=bearing(anna)).status_code == 200
    assert client.get(path, headers=bearing(root)).status_code == 200
    read_error(client.get(path, headers=bearing(ben)), 404, "not_found")
    opinion = client.post(f"{path}/feedback", json={"opinion": "wrong"}, headers=bearing(ben))
    read_error(opinion, 404, "not_found")
    follow_up = {"question": "And who gave it to her?", "conversation_id": "c"}
    of_anna = client.post("/chat", json=follow_up, headers=bearing(anna)).json()
    of_ben = client.post("/chat", json=follow_up, headers=bearing(ben)).json()
    assert QUESTION in of_anna["standalone_question"]
    assert of_ben["standalone_question"] == "And who gave it to her?"


def test_a_name_cannot_be_a_prefix_of_another_s_conversation(
    client: TestClient, tmp_path: Path
) -> None:
    keys = Keys(tmp_path / "keys.json")
    short, long = keys.add("a", admin=False), keys.add("a-b", admin=False)
    client.post("/chat", json={"question": QUESTION, "conversation_id": "c"}, headers=bearing(long))
    asked = {"question": "And who gave it to her?", "conversation_id": "-b/c"}
    answer = client.post("/chat", json=asked, headers=bearing(short)).json()
    assert answer["standalone_question"] == "And who gave it to her?"


def test_a_key_s_rate_is_its_own(index: Path, tmp_path: Path) -> None:
    app = make_local_app(
        index, ScriptedModel(), data=tmp_path, key_rate="3/hour", address_rate="2/hour"
    )
    client = TestClient(app)
    keys = Keys(tmp_path / "keys.json")
    anna, ben = keys.add("anna", admin=False), keys.add("ben", admin=False)
    statuses = [client.get("/articles", headers=bearing(anna)).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    response = client.get("/articles", headers=bearing(anna))
    read_error(response, 429, "too_many_requests")
    assert 0 < int(response.headers["retry-after"]) <= 3600
    assert client.get("/articles", headers=bearing(ben)).status_code == 200
    statuses = [client.get("/articles", headers=bearing("dl_x")).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]
    assert [client.get("/health").status_code for _ in range(5)] == [200] * 5


def test_an_address_s_rate_counts_a_network_of_ipv6_as_one(index: Path) -> None:
    app = make_local_app(index, ScriptedModel(), address_rate="1/hour")

    def get(address: str) -> int:
        return TestClient(app, client=(address, 1)).get("/articles").status_code

    assert [get("192.0.2.1"), get("192.0.2.1"), get("192.0.2.2")] == [200, 429, 200]
    assert [get("2001:db8::1"), get("2001:db8::2"), get("2001:db8:0:1::1")] == [200, 429, 200]


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("127.0.0.1:8000", "/articles", 200),
        ("[::1]:8000", "/articles", 200),
        ("LOCALHOST", "/articles", 200),
        ("news.example", "/articles", 200),
        ("a.wires.example:443", "/articles", 200),
        ("evil.example", "/articles", 421),
        ("evil.example", "/", 421),
        ("news.example.evil.example", "/articles", 421),
        ("127.0.0.1.evil.example", "/articles", 421),
        ("[", "/articles", 421),
        ("", "/articles", 421),
        ("10.1.2.3:8000", "/ready", 200),  # an orchestrator asks by address
    ],
)
def test_another_name_than_its_own_is_refused(
    index: Path, host: str, path: str, status: int
) -> None:
    """A page whose name was made to lead to this machine sends its own name."""
    desk = desk_of(make_local_app(index, ScriptedModel()))
    app = make_app(desk, hosts=["news.example", "*.Wires.example", *LOOPBACK_HOSTS])
    reply = TestClient(app).get(path, headers={"host": host})
    assert reply.status_code == status
    if status == 421:
        assert "DATELINE_HOSTS" in read_error(reply, 421, "unknown_host")


@pytest.mark.parametrize("path", ["/articles", "/nothing", "/search", "/health"])
def test_every_reply_has_the_headers_that_browsers_heed(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    for name, value in SECURITY_HEADERS.items():
        assert headers[name] == value
    assert "server" not in headers


def test_a_request_keeps_the_id_that_it_came_with(client: TestClient) -> None:
    assert (
        client.get("/health", headers={"X-Request-ID": "a.b-C_1"}).headers["x-request-id"]
        == "a.b-C_1"
    )
    first, second = (client.get("/nothing").headers["x-request-id"] for _ in range(2))
    assert len(first) == 32
    assert first != second
    for wrong in ("a b", "x" * 65, "a/b", "<b>"):
        given = client.get("/health", headers={"X-Request-ID": wrong}).headers["x-request-id"]
        assert given != wrong
        assert len(given) == 32


def test_a_crash_has_its_id_and_headers_too(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(Answerer, "search", crash)
    response = client.get("/search", params={"q": "x"}, headers={"X-Request-ID": "r1"})
    read_error(response, 500, "internal")
    assert response.headers["x-request-id"] == "r1"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_other_sites_are_let_in_by_setting_only(index: Path) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    closed = TestClient(make_local_app(index, ScriptedModel()))
    assert "access-control-allow-origin" not in closed.options("/chat", headers=asked).headers
    app = make_local_app(index, ScriptedModel(), cors_origins=("https://a.example",))
    client = TestClient(app)
    allowed = client.options("/chat", headers=asked)
    assert allowed.headers["access-control-allow-origin"] == "https://a.example"
    answered = client.get("/nothing", headers={"Origin": "https://a.example"})
    assert answered.headers["access-control-allow-origin"] == "https://a.example"
    other = client.get("/nothing", headers={"Origin": "https://b.example"})
    assert "access-control-allow-origin" not in other.headers


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the log says, as the service sets it up."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    set_up_logs(stream)
    yield stream
    root.handlers, root.level = handlers, level


@pytest.mark.parametrize("told", [False, True])
def test_the_log_has_no_question_unless_asked_for(
    index: Path, lines: io.StringIO, *, told: bool
) -> None:
    client = TestClient(
        make_local_app(index, ScriptedModel(), log_questions=told), raise_server_exceptions=False
    )
    headers = {"X-Request-ID": "r7"}
    client.post("/chat", json={"question": QUESTION}, headers=headers)
    client.get("/search", params={"q": QUESTION})
    client.post("/chat", json={"question": QUESTION, "qustion": QUESTION})
    records = [json.loads(line) for line in lines.getvalue().splitlines()]
    by_event = {record["event"]: record for record in records}
    answered = by_event["answered"]
    assert answered["request_id"] == "r7"
    assert answered["status"] == "answered"
    assert answered["timings_ms"]["total"] >= 0
    requests = [record for record in records if record["event"] == "request"]
    assert [(one["path"], one["status"]) for one in requests] == [
        ("/chat", 200), ("/search", 200), ("/chat", 422),
    ]  # fmt: skip
    assert (answered.get("question") == QUESTION) == told
    assert ("medal" in lines.getvalue()) == told


def test_no_key_is_in_the_log(index: Path, tmp_path: Path, lines: io.StringIO) -> None:
    client = TestClient(make_local_app(index, ScriptedModel(), data=tmp_path))
    key = Keys(tmp_path / "keys.json").add("anna", admin=False)
    client.get("/articles", headers=bearing(key))
    client.get("/articles", headers=bearing("dl_wrong"))
    assert key not in lines.getvalue()
    assert "dl_wrong" not in lines.getvalue()
    first, second = (json.loads(line) for line in lines.getvalue().splitlines())
    assert (first["key"], second["key"]) == ("anna", None)


def test_a_crash_is_one_line_of_the_log(
    client: TestClient, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("why")

    monkeypatch.setattr(Answerer, "search", crash)
    client.get("/search", params={"q": "x"})
    first, _ = (json.loads(line) for line in lines.getvalue().splitlines())
    assert first["level"] == "error"
    assert first["exception"][0]["exc_type"] == "ZeroDivisionError"


def test_what_happens_is_counted(index: Path) -> None:
    model = ScriptedModel("Captain Ida Moen was handed 300 medals")
    client = TestClient(make_local_app(index, model, questions_at_once=3))
    client.post("/chat", json={"question": QUESTION})
    client.post("/chat", json={"question": QUESTION, "stream": True})
    client.post("/chat", json={"question": "?"})
    client.request("BREW", "/chat")
    model.error = ModelUnavailable("Out; wait.")
    client.post("/chat", json={"question": "what soup did the cook of Tarn like best of all?"})
    text = client.get("/metrics").text
    values = dict(
        line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#")
    )
    generation = client.get("/ready").json()["generation"]
    assert values[f'dateline_generation_info{{generation="{generation}"}}'] == "1.0"
    assert values["dateline_articles"] == "2.0"
    assert values["dateline_questions_in_work"] == "0.0"
    answers = [float(v) for name, v in values.items() if name.startswith("dateline_answers_total")]
    assert sum(answers) == 2
    assert float(values["dateline_removed_sentences_total"]) >= 2
    assert values['dateline_stage_seconds_count{stage="retrieve"}'] == "2.0"
    assert values['dateline_requests_total{method="POST",route="/chat",status="200"}'] == "2.0"
    assert values['dateline_requests_total{method="POST",route="/chat",status="422"}'] == "1.0"
    assert 'method="other"' in text
    assert values['dateline_failures_total{code="model_unavailable"}'] == "1.0"
    assert float(values["process_resident_memory_bytes"]) > 0


def test_a_question_s_spans_follow_the_conventions_and_hold_no_text(
    index: Path, tmp_path: Path
) -> None:
    exporter = InMemorySpanExporter()
    tracer = Tracer(SimpleSpanProcessor(exporter))
    answerer = make_answerer(index, local_drafter(ScriptedModel()))
    desk = Desk(
        Current.of(answerer),
        Settings(data=tmp_path),
        archive=Archive(tmp_path / "answers.sqlite"),
        keys=Keys(tmp_path / "keys.json"),
        tracer=tracer,
    )
    TestClient(make_app(desk)).post("/chat", json={"question": QUESTION})
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert {"retrieval", "chat local/scripted", "answer", "POST /chat"} <= set(spans)
    chat, answer = spans["chat local/scripted"], spans["answer"]
    assert chat.attributes is not None
    assert chat.attributes["gen_ai.operation.name"] == "chat"
    assert chat.attributes["gen_ai.request.model"] == "local/scripted"
    assert chat.attributes["gen_ai.usage.output_tokens"] == 18
    assert chat.parent == answer.context
    assert answer.parent == spans["POST /chat"].context
    assert chat.start_time is not None
    assert chat.end_time is not None
    assert chat.start_time < chat.end_time
    assert "medal" not in "".join(span.to_json() for span in exporter.get_finished_spans())


def test_until_it_is_ready_the_service_says_so(index: Path, tmp_path: Path) -> None:
    async def run() -> list[Any]:
        answerer = make_answerer(index, local_drafter(ScriptedModel()))
        current = Current(lambda: answerer)
        desk = Desk(
            current,
            Settings(data=tmp_path),
            archive=Archive(tmp_path / "answers.sqlite"),
            keys=Keys(tmp_path / "keys.json"),
        )
        transport = httpx.ASGITransport(app=make_app(desk))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            before = [
                await client.get("/health"),
                await client.get("/metrics"),
                await client.get("/ready"),
                await client.get("/search", params={"q": "x"}),
                await client.post("/chat", json={"question": QUESTION, "stream": True}),
            ]
            await current.load()
            return [*before, await client.get("/ready")]

    health, metrics, *waiting, ready = asyncio.run(run())
    assert (health.status_code, health.json()["ready"]) == (200, False)
    assert metrics.status_code == 200
    for response in waiting:
        read_error(response, 503, "not_ready")
        assert response.headers["retry-after"] == "5"
    assert (ready.status_code, ready.json()["articles"]) == (200, 2)


def test_old_answers_are_forgotten_by_setting(index: Path, tmp_path: Path) -> None:
    app = make_local_app(index, ScriptedModel(), data=tmp_path, retention_days=30)
    client = TestClient(app)
    old, new = (client.post("/chat", json={"question": QUESTION}).json()["id"] for _ in range(2))
    archive = desk_of(app).archive
    archive._write("UPDATE answers SET at = '2020-01-01T00:00:00' WHERE id = ?", (old,))

    async def sweep() -> None:
        sweeping = asyncio.create_task(desk_of(app).sweep())
        await asyncio.sleep(0.2)
        sweeping.cancel()

    asyncio.run(sweep())
    assert archive.read(old) is None
    assert archive.read(new) is not None

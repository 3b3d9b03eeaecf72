"""POST /chat over HTTP: the contract, every bad request, many at once, clients that leave."""

import asyncio
import http.client
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_provider import hangs, provide
from fakes import WordEmbedder
from http_service import (
    DRAFT,
    JSON,
    QUESTION,
    CopyingModel,
    ScriptedModel,
    SlowModel,
    app_over,
    desk_of,
    make_answerer,
    make_local_app,
    read_error,
    serve,
)
from starlette.testclient import TestClient

from index.build import build
from index.generation import Generation
from index.sources import read_sources
from service.answerer import ABSTAINED, Answerer
from service.archive import Archive
from service.draft import Drafter
from service.http import desk, limits
from service.http.limits import MAX_BODY
from service.settings import Settings

pytest_plugins = ["http_fixtures"]


def test_an_answer_has_the_contract_s_fields(client: TestClient, index: Path) -> None:
    response = client.post("/chat", json={"question": QUESTION})
    assert response.status_code == 200
    answer = response.json()
    assert list(answer) == [
        "id", "question", "standalone_question", "status", "text", "sentences", "citations",
        "removed", "closest", "model", "generation", "usage", "timings_ms", "failure",
    ]  # fmt: skip
    assert answer["status"] == "answered"
    assert answer["question"] == answer["standalone_question"] == QUESTION
    assert answer["text"] == f"{DRAFT} [1]."
    assert answer["sentences"] == [{"text": f"{DRAFT}.", "citations": [1], "supported": True}]
    [citation] = answer["citations"]
    assert list(citation) == [
        "number", "article_id", "title", "source", "published", "url", "version",
        "quote", "start", "end", "also_in",
    ]  # fmt: skip
    assert citation["number"] == 1
    assert citation["title"] == "Ferry aground at Tarn"
    assert citation["source"] == "Harbour Times"
    assert citation["published"] == "2023-09-17"
    assert citation["url"] == "https://harbour.example/ferry"
    assert (answer["removed"], answer["closest"]) == ([], [])
    assert (answer["model"], answer["failure"]) == ("local/scripted", None)
    assert set(answer["usage"]) == {"prompt_tokens", "completion_tokens", "cost"}
    assert {"retrieve", "draft", "total"} <= set(answer["timings_ms"])
    embedder = WordEmbedder()
    generation = Generation(index, embedding_model=embedder.name, dimension=embedder.dimension)
    assert answer["generation"] == generation.manifest.id
    article = generation.article(citation["article_id"])
    assert article is not None
    assert citation["version"] == article.version
    assert citation["quote"] == article.text[citation["start"] : citation["end"]] == f"{DRAFT}."


def test_what_the_articles_do_not_hold_is_removed_and_said(
    client: TestClient, model: ScriptedModel
) -> None:
    model.sentence = "Captain Ida Moen was handed 300 medals by the mayor of Tarn"
    answer = client.post("/chat", json={"question": QUESTION}).json()
    assert answer["status"] in {"quotes", "abstained"}
    [removed] = answer["removed"]
    assert removed == {
        "text": f"{model.sentence}.",
        "reason": "number 300 is in no cited sentence",
    }
    assert "300" not in answer["text"]


@pytest.mark.parametrize(
    "filters",
    [
        {"source": "Nobody"},
        {"published_from": "2024-01-01"},
        {"published_to": "2000-01-01"},
        {"published_from": "2023-09-20", "published_to": "2023-09-17"},
    ],
)
def test_filters_that_leave_no_article_abstain(
    client: TestClient, model: ScriptedModel, filters: dict[str, str]
) -> None:
    answer = client.post("/chat", json={"question": QUESTION, "filters": filters}).json()
    assert (answer["status"], answer["text"]) == ("abstained", ABSTAINED)
    assert answer["citations"] == answer["closest"] == []
    assert model.asked == []


def test_filters_leave_the_articles_that_they_name(client: TestClient) -> None:
    asked = {"question": QUESTION, "filters": {"source": "coast radio"}}
    answer = client.post("/chat", json=asked).json()
    assert {citation["source"] for citation in answer["citations"]} <= {"Coast Radio"}
    assert answer["status"] != "answered"


def test_only_a_conversation_that_is_named_is_looked_for(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_for: list[str] = []

    def read_conversation(_: Archive, conversation: str) -> list[dict[str, Any]]:
        looked_for.append(conversation)
        return []

    monkeypatch.setattr(Archive, "read_conversation", read_conversation)
    client.post("/chat", json={"question": QUESTION})
    assert looked_for == []
    client.post("/chat", json={"question": QUESTION, "conversation_id": "c"})
    assert looked_for == ["/c"]


def test_a_follow_up_is_made_standalone(client: TestClient, model: ScriptedModel) -> None:
    history = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ida Moen."}]
    answer = client.post("/chat", json={"question": QUESTION, "history": history}).json()
    assert answer["status"] == "answered"
    assert len(model.asked) == 2
    assert "Ida Moen." in model.asked[0][-1]["content"]


TURN = {"role": "user", "content": "And then?"}
WRONG: list[tuple[str, Any, str, str]] = [
    ("empty", {"question": ""}, "question_refused", "The question is empty"),
    ("white space", {"question": " \n\t"}, "question_refused", "The question is empty"),
    ("signs only", {"question": "?!…"}, "question_refused", "The question is empty"),
    ("control signs only", {"question": "\0\1"}, "question_refused", "The question is empty"),
    ("long", {"question": "a" * 2000}, "question_refused", "has 2000 characters, 1000 are taken"),
    ("turns", {"question": "a", "history": [TURN] * 1000}, "question_refused", "has 1000 turns"),
    ("no question", {}, "wrong_request", "body.question: Field required"),
    ("null", {"question": None}, "wrong_request", "body.question: Input should be a valid string"),
    ("number", {"question": 5}, "wrong_request", "body.question: Input should be a valid string"),
    ("list", {"question": ["a"]}, "wrong_request", "body.question: "),
    ("unknown field", {"question": "a", "qustion": "b"}, "wrong_request", "body.qustion: Extra"),
    ("history", {"question": "a", "history": "b"}, "wrong_request", "body.history: "),
    ("turn", {"question": "a", "history": [{}]}, "wrong_request", "body.history.0.role: "),
    (
        "role",
        {"question": "a", "history": [{"role": "system", "content": "b"}]},
        "wrong_request",
        "body.history.0.role: ",
    ),
    (
        "long turn",
        {"question": "a", "history": [{"role": "user", "content": "b" * 20_001}]},
        "wrong_request",
        "body.history.0.content: ",
    ),
    (
        "date",
        {"question": "a", "filters": {"published_from": "2023-13-01"}},
        "wrong_request",
        "body.filters.published_from: ",
    ),
    ("filter", {"question": "a", "filters": {"sorce": "b"}}, "wrong_request", "body.filters.sorce"),
    ("stream", {"question": "a", "stream": "yes"}, "wrong_request", "body.stream: "),
    ("day as a number", {"question": "a", "filters": {"published_to": 0}}, "wrong_request", "body"),
    ("a list", [], "wrong_request", "body: "),
    ("a text", "question", "wrong_request", "body: "),
    ("surrogate", {"question": "\ud800 who"}, "wrong_request", "body.question: "),
    (
        "surrogate in a turn",
        {"question": "a", "history": [{"role": "user", "content": "\ud800"}]},
        "wrong_request",
        "body.history.0.content: ",
    ),
    (
        "surrogate in a filter",
        {"question": "a", "filters": {"source": "\ud800"}},
        "wrong_request",
        "body.filters.source: ",
    ),
]


@pytest.mark.parametrize(
    ("body", "code", "says"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG]
)
def test_a_wrong_question_is_refused_before_the_model(
    client: TestClient, model: ScriptedModel, body: Any, code: str, says: str
) -> None:
    response = client.post("/chat", content=json.dumps(body), headers=JSON)
    assert says in read_error(response, 422, code)
    assert model.asked == []


@pytest.mark.parametrize("content", [b"", b"{", b"question=a", b"\xff\xfe", b'{"question": NaN}'])
def test_a_body_that_is_not_json_is_refused(client: TestClient, content: bytes) -> None:
    response = client.post("/chat", content=content, headers=JSON)
    assert response.status_code in {400, 422}
    read_error(response, response.status_code, response.json()["error"]["code"])


def test_a_form_is_refused(client: TestClient) -> None:
    read_error(client.post("/chat", data={"question": "a"}), 422, "wrong_request")


@pytest.mark.parametrize("sign", ["\0", "\x1b[31m", "\x7f", "\u202e", "\ufeff"])
def test_control_characters_in_a_question_do_no_harm(client: TestClient, sign: str) -> None:
    response = client.post("/chat", json={"question": QUESTION.replace("medal", f"medal{sign}")})
    assert response.status_code == 200
    assert response.json()["question"] == QUESTION.replace("medal", f"medal{sign}")


@pytest.mark.parametrize("size", [MAX_BODY + 1, 10_000_000])
@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_large_body_is_refused(client: TestClient, size: int, *, in_pieces: bool) -> None:
    body = json.dumps({"question": "a" * (size - 16)}).encode()
    content = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
    response = client.post(
        "/chat",
        content=content if in_pieces else body,
        headers=JSON,
    )
    assert "over 1 MB" in read_error(response, 413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/chat/", 404, "not_found"),
        ("POST", "/../../etc/passwd", 404, "not_found"),
        ("GET", "/chat", 405, "method_not_allowed"),
        ("DELETE", "/chat", 405, "method_not_allowed"),
        ("POST", "/search", 405, "method_not_allowed"),
    ],
)
def test_other_paths_and_methods_are_errors_in_json(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    response = client.request(method, path, follow_redirects=True)
    assert "openapi.json" in read_error(response, status, code)


PIERS = [
    "north", "south", "east", "west", "upper", "lower", "inner", "outer", "old", "new",
    "red", "blue", "green", "white", "black", "first", "middle", "stone", "timber", "iron",
]  # fmt: skip


def test_twenty_questions_at_once_get_their_own_answers(tmp_path: Path) -> None:
    sources = []
    for place, pier in enumerate(PIERS):
        path = tmp_path / f"{pier}.md"
        path.write_text(
            f"# About {pier}\n\nThe pier {pier} was built by mason number {100 + place}.\n",
            encoding="utf-8",
        )
        sources.append(path)
    build(
        read_sources([str(path) for path in sources]),
        tmp_path / "index",
        WordEmbedder(dimension=512),
    )
    embedder = WordEmbedder(dimension=512)
    generation = Generation(
        tmp_path / "index", embedding_model=embedder.name, dimension=embedder.dimension
    )
    model = CopyingModel()
    app = app_over(
        Answerer(generation, embedder, Drafter(Settings(model="local/copying"), local=model))
    )

    async def ask_all() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            questions = [f"Which mason built the pier {pier}?" for pier in PIERS]
            asking = (client.post("/chat", json={"question": asked}) for asked in questions)
            return await asyncio.gather(*asking)

    answers = [response.json() for response in asyncio.run(ask_all())]
    assert len({answer["id"] for answer in answers}) == len(PIERS)
    for place, (pier, answer) in enumerate(zip(PIERS, answers, strict=True)):
        assert answer["question"].endswith(f"pier {pier}?")
        assert f"The pier {pier} was built by mason number {100 + place} [1]." in answer["text"]
        assert answer["citations"][0]["title"] == f"About {pier}"


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_ends_the_call_to_the_model(index: Path, *, stream: bool) -> None:
    with provide(hangs) as provider:
        settings = Settings(model="openai/m", api_base=provider.url, api_key="k", timeout=60)
        app = app_over(make_answerer(index, Drafter(settings)))
        with serve(app) as url:
            connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
            body = json.dumps({"question": QUESTION, "stream": stream})
            connection.request("POST", "/chat", body, JSON)
            while not provider.requests:
                time.sleep(0.01)
            assert not provider.left.is_set()
            if stream:
                connection.getresponse().close()
            connection.close()
            assert provider.left.wait(2), "the provider still has its client"
            for _ in range(100):
                if desk_of(app).room.taken == 0:
                    break
                time.sleep(0.02)
            assert desk_of(app).room.taken == 0, "the question still has its place"


def test_a_served_large_body_gets_its_answer(index: Path, model: ScriptedModel) -> None:
    with serve(make_local_app(index, model)) as url:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        connection.request("POST", "/chat", b" " * 3_000_000, JSON)
        assert connection.getresponse().status == 413
        connection.close()


def test_what_is_too_much_is_sent_away_and_the_rest_is_answered(index: Path) -> None:
    app = make_local_app(index, SlowModel(), questions_at_once=2)

    async def ask_all() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            asking = (client.post("/chat", json={"question": QUESTION}) for _ in range(5))
            return await asyncio.gather(*asking)

    responses = asyncio.run(ask_all())
    assert sorted(response.status_code for response in responses) == [200, 200, 503, 503, 503]
    for response in responses:
        if response.status_code == 503:
            read_error(response, 503, "busy")
            assert response.headers["retry-after"] == "5"
    assert desk_of(app).room.taken == 0


def test_a_question_has_a_deadline(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "EXTRA_SECONDS", 0.0)
    client = TestClient(make_local_app(index, SlowModel(), timeout=0.1))
    read_error(client.post("/chat", json={"question": QUESTION}), 504, "model_timed_out")


def test_a_body_that_does_not_arrive_is_given_up(
    index: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.1)
    with serve(make_local_app(index, model)) as url:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        connection.putrequest("POST", "/chat")
        connection.putheader("Content-Length", "50")
        connection.putheader("Content-Type", "application/json")
        connection.endheaders(b'{"question":')
        response = connection.getresponse()
        assert response.status == 408
        assert json.loads(response.read())["error"]["code"] == "too_slow"
        connection.close()

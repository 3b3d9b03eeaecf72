"""Articles and stored answers over HTTP: pages, highlights, replays, opinions."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import build_index, make_article
from http_service import (
    DRAFT,
    QUESTION,
    ScriptedModel,
    make_local_app,
    read_error,
    write_index,
)
from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("articles"))


@pytest.fixture
def client(index: Path) -> Iterator[TestClient]:
    with TestClient(make_local_app(index, ScriptedModel())) as client:
        yield client


def test_articles_are_listed_newest_first_page_by_page(client: TestClient) -> None:
    first = client.get("/articles", params={"limit": 1}).json()
    assert (first["total"], first["next"]) == (2, 1)
    second = client.get("/articles", params={"limit": 1, "offset": first["next"]}).json()
    assert second["next"] is None
    heads = first["articles"] + second["articles"]
    assert [head["title"] for head in heads] == ["Bridge closed in Lund", "Ferry aground at Tarn"]
    assert heads[1] == {
        "article_id": heads[1]["article_id"],
        "title": "Ferry aground at Tarn",
        "source": "Harbour Times",
        "author": None,
        "published": "2023-09-17",
        "url": "https://harbour.example/ferry",
    }
    beyond = client.get("/articles", params={"offset": 5}).json()
    assert beyond == {"total": 2, "next": None, "articles": []}


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"source": "coast radio"}, ["Bridge closed in Lund"]),
        ({"published_to": "2023-09-17"}, ["Ferry aground at Tarn"]),
        ({"published_from": "2023-09-18"}, ["Bridge closed in Lund"]),
        ({"source": "Nobody"}, []),
    ],
)
def test_articles_are_filtered(
    client: TestClient, filters: dict[str, str], titles: list[str]
) -> None:
    body = client.get("/articles", params=filters).json()
    assert [head["title"] for head in body["articles"]] == titles
    assert body["total"] == len(titles)


@pytest.mark.parametrize(
    ("parameters", "place"),
    [
        ({"limit": "0"}, "query.limit"),
        ({"limit": "201"}, "query.limit"),
        ({"offset": "-1"}, "query.offset"),
        ({"published_from": "0"}, "query.published_from"),
        ({"published_from": "2023-W01-1"}, "query.published_from"),
    ],
)
def test_a_wrong_page_is_refused(
    client: TestClient, parameters: dict[str, str], place: str
) -> None:
    response = client.get("/articles", params=parameters)
    assert read_error(response, 422, "wrong_request").startswith(f"{place}: ")


def ask(client: TestClient, **more: Any) -> Any:
    return client.post("/chat", json={"question": QUESTION, **more}).json()


def test_a_citation_opens_its_article_at_the_quote(client: TestClient) -> None:
    [cited] = ask(client)["citations"]
    path = f"/articles/{cited['article_id']}"
    place = {"quote": f"{cited['start']}-{cited['end']}", "version": cited["version"]}
    article = client.get(path, params=place).json()
    assert article["highlight"] == {
        "start": cited["start"],
        "end": cited["end"],
        "quote": cited["quote"],
    }
    assert article["text"][cited["start"] : cited["end"]] == cited["quote"]
    assert article["version"] == cited["version"]
    assert client.get(path).json()["highlight"] is None
    other = client.get(path, params={"version": "0" * 16})
    read_error(other, 404, "not_found")


@pytest.mark.parametrize("quote", ["", "5", "5-", "-5", "a-b", "1-2-3", "٠-٥", "1e1-20", " 1-5"])
def test_a_bad_range_is_refused(client: TestClient, quote: str) -> None:
    [head] = client.get("/articles", params={"limit": 1}).json()["articles"]
    response = client.get(f"/articles/{head['article_id']}", params={"quote": quote})
    assert read_error(response, 422, "wrong_request").startswith("query.quote: ")


@pytest.mark.parametrize("quote", ["9-5", "5-5", "0-99999", "99998-99999"])
def test_a_place_that_the_text_does_not_have_is_not_found(client: TestClient, quote: str) -> None:
    [head] = client.get("/articles", params={"limit": 1}).json()["articles"]
    response = client.get(f"/articles/{head['article_id']}", params={"quote": quote})
    assert quote in read_error(response, 404, "no_such_place")


@pytest.mark.parametrize(
    "path",
    ["/articles/none", "/articles/a/b", "/articles/%00", "/articles/..%2Fetc", "/articles/🚢"],
)
def test_an_unknown_article_is_not_found(client: TestClient, path: str) -> None:
    read_error(client.get(path), 404, "not_found")


def test_a_script_in_a_title_stays_text_and_an_id_may_have_slashes(tmp_path: Path) -> None:
    title = "<script>alert(1)</script>"
    text = "The bridge of Lund was closed on Monday after cracks were found."
    article = make_article(text, article_id="news/2023/<b>?x", title=title)
    build_index(tmp_path / "index", [article])
    client = TestClient(make_local_app(tmp_path / "index", ScriptedModel()))
    response = client.get("/articles/news%2F2023%2F%3Cb%3E%3Fx")
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert (response.json()["title"], response.json()["text"]) == (title, text)
    [head] = client.get("/articles").json()["articles"]
    assert (head["article_id"], head["published"]) == ("news/2023/<b>?x", None)


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_is_replayed_with_all_that_led_to_it(client: TestClient, *, stream: bool) -> None:
    if stream:
        text = client.post("/chat", json={"question": QUESTION, "stream": True}).text
        answer = json.loads(text.split("event: answer\ndata: ")[1].split("\n")[0])
    else:
        answer = ask(client)
    replay = client.get(f"/answers/{answer['id']}").json()
    assert replay["answer"] == answer
    assert replay["draft"] == f"{DRAFT} [1]."
    first = replay["evidence"][0]
    [cited] = answer["citations"]
    assert (first["number"], first["text"], first["version"]) == (
        1,
        cited["quote"],
        cited["version"],
    )
    assert (first["start"], first["end"]) == (cited["start"], cited["end"])
    assert first["score"] > 1
    assert replay["passages"][0]["title"] == "Ferry aground at Tarn"
    [exchange] = replay["exchanges"]
    assert exchange["model"] == "local/scripted"
    assert exchange["messages"][-1]["content"].endswith(f"Question: {QUESTION}")
    assert exchange["reply"] == replay["draft"]
    assert exchange["started"] < exchange["ended"]
    assert replay["verdicts"] == [{"text": f"{DRAFT}.", "evidence": [1], "reason": None}]
    assert (replay["opinion"], replay["comment"]) == (None, None)


def test_an_opinion_is_kept_with_its_answer(client: TestClient) -> None:
    path = f"/answers/{ask(client)['id']}"
    for opinion, comment in (("wrong", "It was the cook."), ("right", None)):
        body = {"opinion": opinion, "comment": comment}
        response = client.post(f"{path}/feedback", json=body)
        assert response.status_code == 200
        assert response.json()["opinion"] == opinion
        replay = client.get(path).json()
        assert (replay["opinion"], replay["comment"]) == (opinion, comment)


def test_an_unknown_answer_is_not_found(client: TestClient) -> None:
    read_error(client.get("/answers/none"), 404, "not_found")
    response = client.post("/answers/none/feedback", json={"opinion": "right"})
    read_error(response, 404, "not_found")


@pytest.mark.parametrize(
    "body",
    [{}, {"opinion": "so so"}, {"opinion": "right", "why": "x"}, {"opinion": "right", "comment": 5},
     {"opinion": "wrong", "comment": "x" * 2001}, [], "right"],
)  # fmt: skip
def test_a_wrong_opinion_is_refused(client: TestClient, body: Any) -> None:
    response = client.post("/answers/a1/feedback", json=body)
    read_error(response, 422, "wrong_request")


def test_answers_outlive_the_service(index: Path, tmp_path: Path) -> None:
    with TestClient(make_local_app(index, ScriptedModel(), data=tmp_path)) as client:
        answer = ask(client, conversation_id="c")
    with TestClient(make_local_app(index, ScriptedModel(), data=tmp_path)) as client:
        assert client.get(f"/answers/{answer['id']}").json()["answer"] == answer

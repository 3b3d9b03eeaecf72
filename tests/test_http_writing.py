"""Articles come in and go out over HTTP, while questions are answered."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes import WordEmbedder, build_index, make_article, open_index
from http_service import ScriptedModel, app_over, local_drafter, read_error
from starlette.testclient import TestClient

from service.answerer import Answerer
from service.archive import Archive
from service.current import Current
from service.http.app import make_app
from service.http.desk import Desk
from service.keys import Keys
from service.settings import Settings

FERRY = "The ferry Solvei ran aground off Tarn on Friday with 41 people aboard."
SIGN_UP = "Sign up for our newsletter"
AFLOAT = "The ferry Solvei was pulled free off Tarn on Wednesday by two tugs."


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk over an index of one article, that may change."""
    build_index(tmp_path / "index", [make_article(FERRY, article_id="ferry")])
    archive = Archive(tmp_path / "answers.sqlite")
    answerer = Answerer(
        open_index(tmp_path / "index"),
        WordEmbedder(),
        local_drafter(ScriptedModel(AFLOAT.removesuffix("."))),
        archive=archive,
    )
    return Desk(
        Current.of(answerer, tmp_path / "index"),
        Settings(data=tmp_path, index=tmp_path / "index", address_rate="none", key_rate="none"),
        archive=archive,
        keys=Keys(tmp_path / "keys.json"),
    )


@pytest.fixture
def client(desk: Desk) -> TestClient:
    key = desk.keys.add("root", admin=True)
    headers = {"Authorization": f"Bearer {key}"}
    return TestClient(make_app(desk), headers=headers, raise_server_exceptions=False)


def post(client: TestClient, *articles: dict[str, Any]) -> Any:
    return client.post("/articles", json={"articles": list(articles)})


def test_an_article_is_found_as_soon_as_it_is_added(client: TestClient) -> None:
    question = {"question": "Who pulled the ferry Solvei free off Tarn on Wednesday?"}
    before = client.get("/ready").json()["generation"]
    response = post(
        client,
        {"id": "afloat", "text": AFLOAT, "title": "Afloat", "source": "Harbour Times",
         "published": "2023-09-20", "author": "A. Lund", "url": "https://harbour.example/a"},
    )  # fmt: skip
    assert response.status_code == 200, response.text
    written = response.json()
    assert (written["added"], written["articles"], written["refused"]) == (["afloat"], 2, [])
    assert written["generation"] != before
    ready = client.get("/ready").json()
    assert (ready["generation"], ready["articles"]) == (written["generation"], 2)
    answer = client.post("/chat", json=question).json()
    assert answer["citations"][0]["article_id"] == "afloat"
    assert answer["generation"] == written["generation"]
    head = client.get("/articles").json()["articles"][0]
    assert head == {
        "article_id": "afloat", "title": "Afloat", "source": "Harbour Times",
        "author": "A. Lund", "published": "2023-09-20", "url": "https://harbour.example/a",
    }  # fmt: skip


def test_an_update_keeps_the_version_that_was_cited(client: TestClient) -> None:
    old = client.get("/articles/ferry").json()
    assert post(client, {"id": "ferry", "text": AFLOAT}).json()["updated"] == ["ferry"]
    new = client.get("/articles/ferry").json()
    assert new["text"] == AFLOAT
    cited = client.get("/articles/ferry", params={"version": old["version"], "quote": "0-9"}).json()
    assert (cited["text"], cited["highlight"]["quote"]) == (FERRY, "The ferry")
    again = post(client, {"id": "ferry", "text": AFLOAT}).json()
    assert (again["unchanged"], again["generation"]) == (
        ["ferry"],
        client.get("/ready").json()["generation"],
    )


def test_a_removed_article_is_gone_with_its_versions(client: TestClient) -> None:
    post(client, {"id": "a/b c", "text": AFLOAT})
    old = client.get("/articles/a%2Fb%20c").json()
    removed = client.delete("/articles/a%2Fb%20c").json()
    assert (removed["removed"], removed["articles"]) == (["a/b c"], 1)
    for parameters in ({}, {"version": old["version"]}):
        read_error(client.get("/articles/a%2Fb%20c", params=parameters), 404, "not_found")
    read_error(client.delete("/articles/a%2Fb%20c"), 404, "not_found")
    found = client.get("/search", params={"q": "tugs Wednesday"}).json()["passages"]
    assert {passage["article_id"] for passage in found} == {"ferry"}


def test_the_good_go_in_and_the_bad_are_told(client: TestClient) -> None:
    written = post(
        client, {"text": SIGN_UP}, {"id": "afloat", "text": AFLOAT}, {"text": AFLOAT}
    ).json()
    assert written["added"] == ["afloat"]
    [refused] = written["refused"]
    assert refused["place"] == 0
    assert [one["place"] for one in written["duplicates"]] == [2]
    [refused] = post(client, {"text": SIGN_UP}).json()["refused"]
    assert "only page furniture" in refused["reason"]


def test_what_was_left_out_of_an_article_is_told(client: TestClient) -> None:
    ahead = {"id": "afloat", "text": AFLOAT, "published": "2099-01-01"}
    written = post(client, {"text": SIGN_UP}, ahead).json()
    said = "The article has a date in the future, 2099-01-01, which was left out."
    assert (written["added"], written["notes"]) == (["afloat"], [{"place": 1, "note": said}])


@pytest.mark.parametrize(
    "body",
    [
        {}, [], {"articles": []}, {"articles": [{}]}, {"articles": [{"text": ""}]}, {"articles": [{"text": "\n…\0"}]},
        {"articles": [{"text": "a", "texts": "b"}]}, {"articles": [{"text": 5}]},
        {"articles": [{"text": "a", "published": "yesterday"}]},
        {"articles": [{"text": "a", "published": 0}]},
        {"articles": [{"text": "a", "id": ""}]}, {"articles": [{"text": "a"}] * 501},
    ],
)  # fmt: skip
def test_a_wrong_article_is_refused(client: TestClient, body: Any) -> None:
    read_error(client.post("/articles", json=body), 422, "wrong_request")


def test_only_an_admin_may_write(desk: Desk, client: TestClient) -> None:
    plain = {"Authorization": f"Bearer {desk.keys.add('anna', admin=False)}"}
    body = {"articles": [{"text": AFLOAT}]}
    added = client.post("/articles", json=body, headers=plain)
    removed = client.delete("/articles/ferry", headers=plain)
    for response in (added, removed):
        assert "--admin" in read_error(response, 403, "admin_needed")


def test_without_any_key_nobody_may_write(tmp_path: Path) -> None:
    build_index(tmp_path / "index", [make_article(FERRY)])
    answerer = Answerer(
        open_index(tmp_path / "index"), WordEmbedder(), local_drafter(ScriptedModel())
    )
    client = TestClient(app_over(answerer, data=tmp_path))
    read_error(client.post("/articles", json={"articles": [{"text": "a"}]}), 403, "admin_needed")
    read_error(client.delete("/articles/a"), 403, "admin_needed")


def test_what_another_process_publishes_is_taken_up(desk: Desk, tmp_path: Path) -> None:
    async def run() -> tuple[str, str, str]:
        first = desk.answerer
        published = build_index(tmp_path / "index", [make_article(AFLOAT, article_id="afloat")])
        await desk.current.refresh()
        second = desk.answerer
        (tmp_path / "index" / "CURRENT").write_text("20990101T000000000-00000000\n")
        await desk.current.refresh()
        assert desk.answerer is second, "a damaged generation is not taken up"
        [passage] = first.search("ferry", limit=1)
        assert passage.passage.article.id == "ferry", "who began with the old one goes on with it"
        return first.generation.manifest.id, second.generation.manifest.id, published.id

    old, new, published = asyncio.run(run())
    assert new == published != old


def test_no_question_is_lost_while_articles_change(desk: Desk) -> None:
    key = desk.keys.add("root", admin=True)
    app = make_app(desk)
    stop = threading.Event()

    async def ask(client: httpx.AsyncClient, got: list[int]) -> None:
        while not stop.is_set():
            asked = {"question": "Who was aboard the ferry Solvei off Tarn?"}
            got.append((await client.post("/chat", json=asked)).status_code)

    async def run() -> list[int]:
        got: list[int] = []
        transport = httpx.ASGITransport(app=app)
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test", headers=headers, timeout=60
        ) as client:
            asking = [asyncio.create_task(ask(client, got)) for _ in range(4)]
            for number in range(6):
                text = f"Tug number {number} pulled at the ferry Solvei off Tarn."
                body = {"articles": [{"id": f"tug-{number}", "text": text}]}
                assert (await client.post("/articles", json=body)).status_code == 200
            stop.set()
            await asyncio.gather(*asking)
        return got

    got = asyncio.run(run())
    assert len(got) > 6
    assert set(got) == {200}
    assert desk.answerer.generation.manifest.articles == 7

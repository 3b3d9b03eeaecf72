"""The web page's files as they are served, and what the page opens with."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from http_service import (
    QUESTION,
    ScriptedModel,
    desk_of,
    make_local_app,
    read_error,
    write_index,
)
from starlette.testclient import TestClient

from service.http.page import FOLDER

MODULES = sorted(path.name for path in FOLDER.glob("*.js"))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("page"))


@pytest.fixture
def client(index: Path) -> Iterator[TestClient]:
    with TestClient(make_local_app(index, ScriptedModel())) as client:
        yield client


def test_the_page_s_own_files_do_not_count_against_an_address_s_rate(index: Path) -> None:
    client = TestClient(make_local_app(index, ScriptedModel(), address_rate="2/hour"))
    names = re.findall(r'"(/page/[^"]+)"', client.get("/").text)
    assert {client.get(name).status_code for name in names * 3} == {200}
    assert [client.get("/").status_code for _ in range(2)] == [200, 429]


def test_the_page_is_asked_for_anew_and_its_files_are_kept_for_good(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert policy.startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"
    )
    assert page.headers["x-frame-options"] == "DENY"
    again = client.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    names = re.findall(r'"(/page/[^"]+)"', page.text)
    assert len(names) >= 5
    release = names[0].split("/")[2]
    for name in [*names, *(f"/page/{release}/{module}" for module in MODULES)]:
        file = client.get(name)
        assert file.status_code == 200
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert file.headers["x-content-type-options"] == "nosniff"
    assert (
        client.get(f"/page/{release}/app.js").headers["content-type"].startswith("text/javascript")
    )
    for missing in (
        "/page/old/app.js",
        f"/page/{release}/index.html",
        f"/page/{release}/..%2Fapp.js",
    ):
        read_error(client.get(missing), 404, "not_found")


def test_the_page_needs_no_key_but_what_it_shows_does(index: Path) -> None:
    app = make_local_app(index, ScriptedModel())
    desk_of(app).keys.add("anna", admin=False)
    with TestClient(app) as client:
        page = client.get("/")
        assert (
            page.status_code == client.get(re.findall(r'"(/page/[^"]+)"', page.text)[0]).status_code
        )
        assert page.status_code == 200
        read_error(client.get("/corpus"), 401, "key_needed")


def test_the_corpus_in_short(client: TestClient) -> None:
    corpus = client.get("/corpus").json()
    assert corpus == {
        "articles": 2,
        "sources": [
            {"source": "Coast Radio", "articles": 1},
            {"source": "Harbour Times", "articles": 1},
        ],
        "published_from": "2023-09-17",
        "published_to": "2023-09-20",
        "questions": [
            QUESTION,
            "What happened: Bridge closed in Lund?",
            "What happened: Ferry aground at Tarn?",
        ],
    }
    assert client.get("/corpus").json() == corpus


def test_the_page_has_nothing_inline_and_nothing_from_elsewhere() -> None:
    page = (FOLDER / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>|javascript:", page)
    for path in FOLDER.iterdir():
        found = set(re.findall(r"\bhttps?://[^\s\"'`)]+", path.read_text(encoding="utf-8")))
        assert found <= {"http://www.w3.org/2000/svg"}, path.name


@pytest.mark.parametrize("name", MODULES)
def test_a_text_never_becomes_html(name: str) -> None:
    code = (FOLDER / name).read_text(encoding="utf-8")
    ways = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function"
    assert not re.search(ways, code)
    assert code.startswith("// ")


def test_every_module_is_asked_for_before_it_is_found() -> None:
    page = (FOLDER / "index.html").read_text(encoding="utf-8")
    preloaded = set(re.findall(r'rel="modulepreload" href="/page/([^"]+)"', page))
    imported = {
        name
        for module in MODULES
        for name in re.findall(r'from "\./([^"]+)"', (FOLDER / module).read_text(encoding="utf-8"))
    }
    assert preloaded == imported

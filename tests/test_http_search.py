"""GET /search over HTTP: the contract, and every bad request."""

from typing import Any

import pytest
from http_service import read_error
from starlette.testclient import TestClient

pytest_plugins = ["http_fixtures"]


def test_search_gives_passages(client: TestClient) -> None:
    body = client.get("/search", params={"q": "bridge pillars", "limit": 1}).json()
    [passage] = body["passages"]
    assert list(passage) == [
        "article_id", "title", "source", "published", "url", "text", "start", "end", "score",
    ]  # fmt: skip
    assert passage["title"] == "Bridge closed in Lund"
    assert passage["url"] is None
    assert passage["text"].startswith("The old bridge of Lund")
    ferry = client.get("/search", params={"q": "bridge", "source": "Harbour Times"}).json()
    assert {passage["title"] for passage in ferry["passages"]} == {"Ferry aground at Tarn"}
    assert client.get("/search", params={"q": "x", "source": "Nobody"}).json() == {"passages": []}


@pytest.mark.parametrize("query", ['"', "a OR", "NEAR(", "*", "\0", "ferry\0", "%", "🚢", "-- ;"])
def test_no_sign_in_a_query_is_an_operator(client: TestClient, query: str) -> None:
    response = client.get("/search", params={"q": query})
    assert response.status_code == 200
    assert len(response.json()["passages"]) > 0


@pytest.mark.parametrize(
    ("parameters", "place"),
    [
        ({}, "query.q"),
        ({"q": ""}, "query.q"),
        ({"q": "x" * 1001}, "query.q"),
        ({"q": "x", "limit": 0}, "query.limit"),
        ({"q": "x", "limit": 101}, "query.limit"),
        ({"q": "x", "limit": "ten"}, "query.limit"),
        ({"q": "x", "published_from": "17 September"}, "query.published_from"),
        ({"q": "x", "published_to": "2023-02-30"}, "query.published_to"),
    ],
)
def test_a_wrong_search_is_refused(
    client: TestClient, parameters: dict[str, Any], place: str
) -> None:
    response = client.get("/search", params=parameters)
    assert read_error(response, 422, "wrong_request").startswith(f"{place}: ")

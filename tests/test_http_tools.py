"""The articles as tools, called by MCP's own client, in memory and over HTTP."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest
from http_service import (
    DRAFT,
    QUESTION,
    WEAK,
    ScriptedModel,
    desk_of,
    make_local_app,
    serve,
    write_index,
)
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent

from service.errors import ModelUnavailable
from service.http.tools import make_tools
from service.keys import Keys


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("articles"))


def text_of(result: Any) -> str:
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_an_assistant_finds_asks_and_reads(index: Path) -> None:
    desk = desk_of(make_local_app(index, ScriptedModel()))

    async def run() -> None:
        async with Client(make_tools(desk, "1")) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == {"ask", "search", "read_article"}
            assert all(
                tool.annotations and tool.annotations.read_only_hint for tool in tools.values()
            )
            assert "context" not in str(tools["ask"].input_schema)
            answered = await client.call_tool("ask", {"question": QUESTION})
            assert text_of(answered) == (
                f"{DRAFT} [1].\n[1] Ferry aground at Tarn (Harbour Times, 2023-09-17, "
                f"https://harbour.example/ferry; article ferry-86acf1bd): “{DRAFT}.”"
            )
            assert answered.structured_content is not None
            assert answered.structured_content["status"] == "answered"
            found = await client.call_tool("search", {"query": "bridge pillars", "limit": 1})
            assert "cracks in two of its pillars" in text_of(found)
            assert found.structured_content is not None
            [passage] = found.structured_content["passages"]
            read = await client.call_tool("read_article", {"article_id": passage["article_id"]})
            assert "six weeks" in text_of(read)
            early = {"query": "bridge", "published_to": "2023-09-17"}
            narrowed = await client.call_tool("search", early)
            assert narrowed.structured_content is not None
            titles = {one["title"] for one in narrowed.structured_content["passages"]}
            assert titles == {"Ferry aground at Tarn"}

    asyncio.run(run())


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("ask", {"question": "?"}, "The question is empty"),
        ("ask", {}, "question"),
        ("ask", {"question": WEAK}, "Out; wait."),
        ("search", {"query": ""}, "query"),
        ("search", {"query": "x", "published_from": "yesterday"}, "YYYY-MM-DD"),
        ("read_article", {"article_id": "none"}, "There is no article with this id"),
    ],
)
def test_what_fails_is_told_to_the_assistant(
    index: Path, tool: str, arguments: dict[str, Any], says: str
) -> None:
    model = ScriptedModel()
    model.error = ModelUnavailable("Out; wait.")
    desk = desk_of(make_local_app(index, model))

    async def run() -> None:
        async with Client(make_tools(desk, "1")) as client:
            result = await client.call_tool(tool, arguments)
            assert result.is_error
            assert says in text_of(result)
            assert "Traceback" not in text_of(result)

    asyncio.run(run())


def test_over_http_a_key_is_needed_and_answers_are_its_own(index: Path, tmp_path: Path) -> None:
    key = Keys(tmp_path / "keys.json").add("anna", admin=False)
    app = make_local_app(index, ScriptedModel(), data=tmp_path)

    async def run(url: str) -> str:
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(headers=headers) as http:
            transport = streamable_http_client(f"{url}/mcp", http_client=http)
            async with Client(transport) as client:
                assert len((await client.list_tools()).tools) == 3
                answered = await client.call_tool("ask", {"question": QUESTION})
                assert answered.structured_content is not None
                return str(answered.structured_content["id"])

    with serve(app) as url:
        answer = asyncio.run(run(url))
        kept = desk_of(app).archive.read(answer)
        assert kept is not None
        assert kept.conversation is not None
        assert kept.conversation.startswith("anna/")
        refused = httpx2.post(f"{url}/mcp", json={})
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "key_needed")
        wrong = httpx2.post(f"{url}/mcp", content=b"{", headers={"Authorization": f"Bearer {key}"})
        assert 400 <= wrong.status_code < 500

"""The articles as tools for assistants, on MCP's own SDK: ask, search, read_article.

Over HTTP at /mcp each request stands alone, so that a restart breaks no session.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field
from starlette.types import Receive, Scope, Send

from index.errors import DatelineError
from index.part import Filters
from index.ranking import passage_record
from service.answer import Answer, Citation, Closest
from service.errors import NotReady
from service.http.articles import WholeArticle, find_article
from service.http.chat import whole_answer
from service.http.desk import Asked, Desk
from service.http.errors import Refused
from service.http.fields import Day
from service.http.limits import MAX_BODY
from service.http.search import PassagesFound
from service.keys import NOBODY, Caller

INSTRUCTIONS = (
    "Answers from an indexed set of news articles. Every sentence of an answer cites exact quotes; "
    "where the articles do not say, the answer says so. Give the quotes and their sources on."
)
_READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)

Query = Annotated[str, Field(min_length=1, max_length=1000, description="What to look for")]
Source = Annotated[str | None, Field(max_length=200, description="Of this publisher only")]
From = Annotated[Day | None, Field(description="Published on this day or later")]
To = Annotated[Day | None, Field(description="Published on this day or earlier")]


def make_tools(desk: Desk, version: str) -> MCPServer:
    """The server with its three tools."""
    server = MCPServer("dateline", version=version, instructions=INSTRUCTIONS)

    @server.tool(annotations=_READ_ONLY)
    async def ask(
        question: Annotated[str, Field(max_length=20_000, description="A whole question")],
        context: Context,
        source: Source = None,
        published_from: From = None,
        published_to: To = None,
    ) -> Annotated[CallToolResult, Answer]:
        """Answer a question from the articles, every sentence with its exact quotes."""
        filters = Filters(source, published_from, published_to)
        asked = Asked(question, _caller(context), filters=filters)
        with _told():
            desk.check(asked)
            answer = await whole_answer(desk, asked)
        return _result(render(answer), asdict(answer))

    @server.tool(annotations=_READ_ONLY)
    async def search(
        query: Query,
        limit: Annotated[int, Field(ge=1, le=100)] = 10,
        source: Source = None,
        published_from: From = None,
        published_to: To = None,
    ) -> Annotated[CallToolResult, PassagesFound]:
        """The passages nearest to a query, best first, with their articles' ids."""
        filters = Filters(source, published_from, published_to)
        with _told():
            found = await desk.search(query, limit=limit, filters=filters)
        records = [passage_record(passage) for passage in found]
        text = "\n\n".join(
            f"{one['title']} ({one['source'] or 'unknown'}, {one['published'] or 'undated'}; "
            f"article {one['article_id']})\n{one['text']}"
            for one in records
        )
        return _result(text or "Nothing was found.", {"passages": records})

    @server.tool(annotations=_READ_ONLY)
    async def read_article(
        article_id: Annotated[str, Field(min_length=1, description="As search and ask give it")],
    ) -> Annotated[CallToolResult, WholeArticle]:
        """The whole text of one article."""
        with _told():
            article = await find_article(desk, article_id)
        origin = ", ".join(part for part in (article.source, article.published) if part)
        text = f"{article.title}\n{origin}\n\n{article.text}"
        return _result(text, article.model_dump(mode="json"))

    return server


class ToolsEndpoint:
    """The tools over HTTP, while the application runs."""

    def __init__(self, server: MCPServer) -> None:
        self._server = server
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve meanwhile."""
        manager = StreamableHTTPSessionManager(
            self._server._lowlevel_server,  # noqa: SLF001  the SDK offers only whole applications
            stateless=True,
            max_request_body_size=MAX_BODY,
        )
        async with manager.run():
            self._manager = manager
            try:
                yield
            finally:
                self._manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._manager is None:
            raise NotReady("The service is starting or stopping; ask again in a few seconds.")
        await self._manager.handle_request(scope, receive, send)


def render(answer: Answer) -> str:
    """The answer's text with its sources, or with the closest that the articles say."""
    lines = [answer.text]
    lines += [f"[{cited.number}] {_render_quote(cited)}" for cited in answer.citations]
    if answer.closest:
        lines.append("The closest that they say:")
        lines += [f"- {_render_quote(near)}" for near in answer.closest]
    return "\n".join(lines)


def _render_quote(place: Citation | Closest) -> str:
    origin = ", ".join(part for part in (place.source, place.published, place.url) if part)
    return f"{place.title} ({origin}; article {place.article_id}): “{place.quote}”"


def _caller(context: Context) -> Caller:
    """Whose request it is; nobody's on standard input."""
    request = context.request_context.request
    return request.state.caller if request is not None else NOBODY


@contextmanager
def _told() -> Iterator[None]:
    """Failures that we name are the tool's result; others are told in the SDK's fixed words."""
    try:
        yield
    except Refused as error:
        raise ToolError(error.detail) from error
    except DatelineError as error:
        raise ToolError(str(error)) from error


def _result(text: str, record: dict[str, Any]) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=record)

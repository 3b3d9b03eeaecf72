"""A desk -> the application: its paths, and the layers that every request passes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from service.http.answers import answer_routes
from service.http.articles import article_routes
from service.http.chat import chat_routes
from service.http.completions import completion_routes
from service.http.desk import Desk
from service.http.errors import add_errors
from service.http.guard import ANY_HOST, Guard, describe_keys
from service.http.page import page_routes
from service.http.search import search_routes
from service.http.status import status_routes
from service.http.tools import ToolsEndpoint, make_tools
from service.http.writing import writing_routes
from service.traces import Tracer

VERSION = "0.1.0"


class _App(FastAPI):
    """FastAPI, with the keys in its description."""

    def openapi(self) -> dict[str, Any]:
        """The description of all paths."""
        described = super().openapi()
        describe_keys(described)
        return described


def make_app(desk: Desk, *, hosts: Sequence[str] = ANY_HOST) -> FastAPI:
    """The HTTP service; it loads, follows the index and forgets old answers while it runs.

    Requests that call it by another name than `hosts` are refused.
    """
    tools = ToolsEndpoint(make_tools(desk, VERSION))
    app = _App(
        title="Dateline",
        summary="Cited answers from news articles",
        version=VERSION,
        generate_unique_id_function=lambda route: route.name,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(desk, tools),
        telemetry=_telemetry(desk.tracer),
    )
    app.state.desk = desk
    add_errors(app)
    for routes in (
        chat_routes,
        search_routes,
        article_routes,
        writing_routes,
        answer_routes,
        completion_routes,
        status_routes,
        page_routes,
    ):
        app.include_router(routes(desk))
    app.router.routes.append(Route("/mcp", endpoint=tools))
    app.add_middleware(Guard, desk=desk, hosts=hosts)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=desk.settings.cors_origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
        expose_headers=["X-Request-ID", "Retry-After"],
    )
    return app


def _lifespan(
    desk: Desk, tools: ToolsEndpoint
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        """Load beside the first requests; stop the server where that fails."""
        work = [asyncio.create_task(desk.current.follow()), asyncio.create_task(desk.sweep())]
        work[0].add_done_callback(desk.note_end)
        try:
            async with tools.running():
                yield
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            desk.close()

    return lifespan


def _telemetry(tracer: Tracer) -> TelemetryConfig:
    """Spans for requests where there is a collector; FastAPI's own logs would hold what is sent."""
    config: TelemetryConfig = {"metrics": False, "logs": False, "operation_spans": False}
    if tracer.provider is None:
        return {**config, "tracing": False}
    return {**config, "tracer_provider": tracer.provider}

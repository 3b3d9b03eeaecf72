"""GET /health, /ready and /metrics: whether it runs, whether it can answer, what it does."""

from typing import Any, Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from service.http.desk import Desk
from service.http.errors import Error, documented


class Health(BaseModel):
    """That the process lives and, once it is ready, from what it answers."""

    status: Literal["ok"]
    ready: bool
    model: str | None
    generation: str | None
    articles: int | None


class Ready(BaseModel):
    """From what it answers."""

    status: Literal["ready"]
    model: str
    generation: str
    articles: int


_READY: dict[str, Any] = {
    "model": "local/qwen2.5-coder-1.5b",
    "generation": "20261122T092844-c4c4f7c5",
    "articles": 7,
}


def status_routes(desk: Desk) -> APIRouter:
    """GET /health, GET /ready, GET /metrics."""
    routes = APIRouter(tags=["operate"])

    @routes.get(
        "/health",
        responses={
            200: {
                "content": {
                    "application/json": {"example": {"status": "ok", "ready": True, **_READY}}
                }
            }
        },
    )
    async def health() -> Health:
        """That the process lives, from the first moment on."""
        if not desk.current.ready:
            return Health(status="ok", ready=False, model=None, generation=None, articles=None)
        return Health(ready=True, **{**_ready(desk), "status": "ok"})

    @routes.get(
        "/ready",
        responses={
            200: {"content": {"application/json": {"example": {"status": "ready", **_READY}}}},
            503: {"model": Error, "description": "The index or the models are not loaded yet."},
        },
    )
    async def ready() -> Ready:
        """That index and models are loaded; 503 until then."""
        return Ready(**_ready(desk))

    @routes.get(
        "/metrics",
        response_class=Response,
        responses={
            200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
            **documented(),
        },
    )
    async def metrics() -> Response:
        """Counters and durations for Prometheus."""
        manifest = desk.answerer.generation.manifest if desk.current.ready else None
        return Response(desk.metrics.render(manifest), media_type=CONTENT_TYPE_LATEST)

    return routes


def _ready(desk: Desk) -> dict[str, Any]:
    manifest = desk.answerer.generation.manifest
    return {
        "status": "ready",
        "model": desk.answerer.model,
        "generation": manifest.id,
        "articles": manifest.articles,
    }

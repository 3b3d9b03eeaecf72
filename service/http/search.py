"""GET /search: a query -> ranked passages."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from index.ranking import passage_record
from service.http.desk import Desk
from service.http.errors import documented
from service.http.examples import PASSAGE
from service.http.fields import QueryFilters


class PassageFound(BaseModel):
    """A passage: `text` is text[start:end] of its article."""

    article_id: str
    title: str
    source: str | None
    published: str | None
    url: str | None
    text: str
    start: int
    end: int
    score: float


class PassagesFound(BaseModel):
    """Passages, best first."""

    passages: list[PassageFound]


def search_routes(desk: Desk) -> APIRouter:
    """GET /search."""
    routes = APIRouter(tags=["ask"])

    @routes.get(
        "/search",
        response_model=PassagesFound,
        responses={
            200: {"content": {"application/json": {"example": {"passages": [PASSAGE]}}}},
            **documented(),
        },
    )
    async def search(
        q: Annotated[str, Query(min_length=1, max_length=1000, examples=["explosive drones"])],
        filters: QueryFilters,
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
    ) -> dict[str, list[dict[str, object]]]:
        """The passages nearest to a query, best first."""
        ranked = await desk.search(q, limit=limit, filters=filters)
        return {"passages": [passage_record(passage) for passage in ranked]}

    return routes

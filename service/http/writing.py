"""POST /articles and DELETE /articles/{id}: articles come in and go out, with an admin's key.

What the reply says is on disk and in use; questions that had begun go on with what was there.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Body
from fastapi import Path as InPath
from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from index.articles import Found, Refusal, article_from_record
from index.build import Outcome, add, remove
from index.errors import ArticleRefused
from index.generation import Generation
from service.http.desk import Desk
from service.http.errors import Refused, documented
from service.http.examples import NEW_ARTICLES, WRITTEN
from service.http.fields import WORDS, Admin, Day, Strict

MAX_ARTICLES = 500
"""Of one request; the body's limit is usually met first."""

WAIT = 20.0
"""Seconds to wait for another writer of the index."""


def _check_words(text: str) -> str:
    if not any(map(str.isalnum, text)):
        raise PydanticCustomError("words", "There are no words in it")
    return text


class NewArticle(Strict):
    """An article as it is sent; without an `id`, it is derived from the url or the words."""

    id: str | None = Field(None, min_length=1, max_length=200)
    title: str | None = Field(None, max_length=1000)
    text: Annotated[str, AfterValidator(_check_words)] = Field(
        min_length=1, json_schema_extra={"pattern": WORDS}
    )
    source: str | None = Field(None, max_length=200)
    author: str | None = Field(None, max_length=500)
    published: Day | None = None
    url: str | None = Field(None, max_length=2000)


class NewArticles(Strict):
    """Articles to add, or to take the place of those with their ids."""

    articles: list[NewArticle] = Field(min_length=1, max_length=MAX_ARTICLES)


class RefusedArticle(BaseModel):
    """An article that was not taken in; `place` counts from 0."""

    place: int
    reason: str


class Duplicate(BaseModel):
    """An article that was left out, since `twin` has its text."""

    place: int
    twin: str


class Note(BaseModel):
    """What was left out of an article that went in, such as a date in the future."""

    place: int
    note: str


class Written(BaseModel):
    """What came of each article, by id, and the generation in use now."""

    generation: str
    articles: int
    added: list[str] = []
    updated: list[str] = []
    unchanged: list[str] = []
    removed: list[str] = []
    duplicates: list[Duplicate] = []
    refused: list[RefusedArticle] = []
    notes: list[Note] = []


def writing_routes(desk: Desk) -> APIRouter:
    """POST /articles, DELETE /articles/{article_id}."""
    routes = APIRouter(tags=["articles"])
    turn = asyncio.Lock()

    async def write(work: Callable[[Path, Generation], Outcome]) -> Outcome:
        """Do `work` on the index, one at a time, and take up what it publishes."""
        try:
            async with asyncio.timeout(WAIT):
                await turn.acquire()
        except TimeoutError as error:
            raise Refused(
                503, "busy", "Other articles are being written; try again.", {"Retry-After": "20"}
            ) from error
        try:
            current = desk.answerer.generation
            outcome = await asyncio.to_thread(work, desk.settings.index, current)
        finally:
            turn.release()
        await desk.current.refresh()
        return outcome

    @routes.post(
        "/articles",
        responses={
            200: {"content": {"application/json": {"example": WRITTEN}}},
            **documented(403, 507),
        },
    )
    async def add_articles(
        sent: Annotated[NewArticles, Body(openapi_examples=NEW_ARTICLES)], admin: Admin
    ) -> Written:
        """Add articles, or update those whose ids are known; the rest of the index stays.

        What is refused is listed with its reason, and the others go in.
        """
        origin = f"api/{admin.name}"
        found, refused = await asyncio.to_thread(_read, sent, origin)
        embedder = desk.answerer.embedder
        outcome = await write(
            lambda root, current: add(found, root, embedder, current=current, wait=WAIT)
        )
        return _written(outcome, refused)

    @routes.delete("/articles/{article_id:path}", responses=documented(403, 404, 507))
    async def remove_article(article_id: Annotated[str, InPath(min_length=1)], _: Admin) -> Written:
        """Remove an article, its earlier versions included."""
        outcome = await write(
            lambda root, current: remove([article_id], root, current=current, wait=WAIT)
        )
        if not outcome.tally.removed:
            raise Refused(404, "not_found", "There is no article with this id.")
        return _written(outcome, [])

    return routes


def _read(sent: NewArticles, origin: str) -> tuple[list[Found], list[RefusedArticle]]:
    """The articles, cleaned as those of files are, and the refused."""
    found, refused = [], []
    for place, new in enumerate(sent.articles):
        try:
            one = article_from_record(new.model_dump(exclude_none=True), origin="The article")
        except ArticleRefused as error:
            refused.append(RefusedArticle(place=place, reason=str(error)))
        else:
            found.append(replace(one, origin=f"{origin}/{place}"))
    return found, refused


def _written(outcome: Outcome, refused: list[RefusedArticle]) -> Written:
    tally = outcome.tally
    return Written(
        generation=outcome.manifest.id,
        articles=outcome.manifest.articles,
        added=tally.added,
        updated=tally.updated,
        unchanged=tally.unchanged,
        removed=tally.removed,
        duplicates=[Duplicate(place=_place(one.origin), twin=one.twin) for one in tally.duplicates],
        refused=[*refused, *(_refused(one) for one in tally.refused)],
        notes=[Note(place=_place(one.origin), note=one.text) for one in tally.notes],
    )


def _refused(refusal: Refusal) -> RefusedArticle:
    return RefusedArticle(place=_place(refusal.origin), reason=refusal.reason)


def _place(origin: str) -> int:
    return int(origin.rpartition("/")[2])

"""GET /articles and one of them: what is indexed, an article's text, the place of a quote in it."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from index.articles import Article
from index.generation import Generation
from index.part import Filters
from service.http.desk import Desk
from service.http.errors import Refused, documented
from service.http.examples import ARTICLE, ARTICLES
from service.http.fields import QueryFilters
from service.suggestions import newest_first

_RANGE = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)


class ArticleHead(BaseModel):
    """An article without its text."""

    article_id: str
    title: str
    source: str | None
    author: str | None
    published: str | None
    url: str | None


class ArticlePage(BaseModel):
    """Some of the articles, the newest first; `next` is the next page's offset, if there is one."""

    total: int
    next: int | None
    articles: list[ArticleHead]


class Highlight(BaseModel):
    """The place of a quote: `quote` is text[start:end]."""

    start: int
    end: int
    quote: str


class WholeArticle(ArticleHead):
    """An article, and the place to show where one was asked for."""

    version: str
    text: str
    captions: list[tuple[int, int]]
    highlight: Highlight | None


ArticleId = Annotated[str, Path(description="An article's id, slashes and all", min_length=1)]


def article_routes(desk: Desk) -> APIRouter:
    """GET /articles, GET /articles/{article_id}."""
    routes = APIRouter(tags=["articles"])

    @routes.get(
        "/articles",
        responses={200: {"content": {"application/json": {"example": ARTICLES}}}, **documented()},
    )
    async def list_articles(
        filters: QueryFilters,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    ) -> ArticlePage:
        """The indexed articles, the newest first."""
        total, page = await asyncio.to_thread(
            _read_page, desk.answerer.generation, filters, limit=limit, offset=offset
        )
        after = offset + len(page)
        return ArticlePage(
            total=total,
            next=after if page and after < total else None,
            articles=[ArticleHead(**_head(article)) for article in page],
        )

    @routes.get(
        "/articles/{article_id:path}",
        responses={
            200: {"content": {"application/json": {"example": ARTICLE}}},
            **documented(404),
        },
    )
    async def read_article(
        article_id: ArticleId,
        version: Annotated[
            str | None,
            Query(max_length=64, description="As a citation has it; earlier ones are kept too"),
        ] = None,
        quote: Annotated[
            str | None,
            Query(max_length=64, pattern=r"^[0-9]{1,9}-[0-9]{1,9}$", examples=["812-1034"]),
        ] = None,
    ) -> WholeArticle:
        """An article's text and, given a citation's `start-end`, the quote to highlight."""
        return await find_article(desk, article_id, version=version, quote=quote)

    return routes


async def find_article(
    desk: Desk, article_id: str, *, version: str | None = None, quote: str | None = None
) -> WholeArticle:
    """The article, and the place of `quote` in it; raises NotReady, Refused."""
    article = await asyncio.to_thread(desk.answerer.generation.article, article_id, version)
    if article is None:
        raise Refused(404, "not_found", "There is no article with this id, or not this version.")
    return WholeArticle(
        **_head(article),
        version=article.version,
        text=article.text,
        captions=list(article.captions),
        highlight=_find_highlight(article, quote) if quote is not None else None,
    )


def _find_highlight(article: Article, quote: str) -> Highlight:
    """The place that `quote`, as start-end, names; raises Refused where the text has none such."""
    found = _RANGE.fullmatch(quote)
    start, end = (int(part) for part in found.groups()) if found else (0, 0)
    if not start < end <= len(article.text):
        raise Refused(
            404,
            "no_such_place",
            f"The text has {len(article.text)} characters; {quote} is no place in it.",
        )
    return Highlight(start=start, end=end, quote=article.text[start:end])


def _read_page(
    generation: Generation, filters: Filters, *, limit: int, offset: int
) -> tuple[int, list[Article]]:
    """How many articles pass, and those of one page."""
    ids = newest_first(generation, filters)
    read = [generation.article(article_id) for article_id in ids[offset : offset + limit]]
    return len(ids), [article for article in read if article]


def _head(article: Article) -> dict[str, str | None]:
    return {
        "article_id": article.id,
        "title": article.title,
        "source": article.source,
        "author": article.author,
        "published": article.published.isoformat() if article.published else None,
        "url": article.url,
    }

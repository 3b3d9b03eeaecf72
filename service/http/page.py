"""GET / and /page/…: the web page; GET /corpus: what it opens with.

The page's files are read once, when the application is made. All but index.html stand under a
folder named by their contents, so that a browser keeps them for good and never mixes two releases.
"""

import asyncio
import hashlib
import mimetypes
from datetime import date
from pathlib import Path

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from index.generation import Generation
from service.http.desk import Desk
from service.http.errors import Refused, documented
from service.http.examples import CORPUS
from service.http.fields import Asker
from service.suggestions import suggest_questions

FOLDER = Path(__file__).parent.parent / "web"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing from elsewhere, nothing inline, and no text that becomes HTML."""

FOR_GOOD = "public, max-age=31536000, immutable"

SUGGESTED = 4
"""Questions to begin with."""


class Publisher(BaseModel):
    """A publisher, and the number of its articles."""

    source: str
    articles: int


class Corpus(BaseModel):
    """What is indexed, in short: how many articles, whose, of which days; questions to try."""

    articles: int
    sources: list[Publisher]
    published_from: str | None
    published_to: str | None
    questions: list[str]


def page_routes(desk: Desk) -> APIRouter:
    """GET /, GET /page/{release}/{name}, GET /corpus."""
    routes = APIRouter(tags=["page"])
    files = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.is_file()}
    release = hashlib.sha256(repr(files).encode()).hexdigest()[:16]
    index = files.pop("index.html").replace(b'"/page/', f'"/page/{release}/'.encode())
    tag = f'"{release}"'
    summary: dict[str, Corpus] = {}

    @routes.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page(request: Request) -> Response:
        """The page, asked for anew each time; 304 where the browser has it."""
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(index, media_type="text/html", headers=headers)

    @routes.api_route(
        "/page/{release_asked}/{name}", methods=["GET", "HEAD"], include_in_schema=False
    )
    async def page_file(release_asked: str, name: str) -> Response:
        """One of the page's files."""
        if release_asked != release or name not in files:
            raise Refused(404, "not_found", "There is no such file; load the page again.")
        kind = mimetypes.guess_type(name)[0]
        return Response(files[name], media_type=kind, headers={"Cache-Control": FOR_GOOD})

    @routes.get(
        "/corpus",
        responses={200: {"content": {"application/json": {"example": CORPUS}}}, **documented()},
    )
    async def corpus(_: Asker) -> Corpus:
        """What is indexed, in short, and questions that the articles answer."""
        generation = desk.answerer.generation
        made_of = generation.manifest.id
        if made_of not in summary:
            made = await asyncio.to_thread(_summarise, generation)
            summary.clear()
            summary[made_of] = made
            return made
        return summary[made_of]

    return routes


def _summarise(generation: Generation) -> Corpus:
    days = [summary.day for summary in generation.articles() if summary.day]
    return Corpus(
        articles=generation.manifest.articles,
        sources=[Publisher(source=name, articles=n) for name, n in generation.sources()],
        published_from=date.fromordinal(min(days)).isoformat() if days else None,
        published_to=date.fromordinal(max(days)).isoformat() if days else None,
        questions=suggest_questions(generation, limit=SUGGESTED),
    )

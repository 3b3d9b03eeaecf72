"""HTTP -> the answerer: POST /chat, GET /search, GET /health. Errors are JSON, never a trace."""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import DatelineError
from index.generation import Filters
from index.ranking import passage_record
from service import errors
from service.answer import Answer
from service.answerer import Answerer
from service.conversation import Turn

log = logging.getLogger("dateline.api")

_STATUS: dict[type[DatelineError], int] = {
    errors.QuestionRefused: 422,
    errors.ModelReplyWrong: 502,
    errors.ModelTimedOut: 504,
}
_OTHER_FAILURE = 503

_HTTP_ERRORS = {
    404: ("not_found", "There is only POST /chat, GET /search and GET /health."),
    405: ("method_not_allowed", "There is only POST /chat, GET /search and GET /health."),
    413: ("too_large", "The request is over 1 MB; leave out the oldest turns of the history."),
}

MAX_BODY = 1_000_000
"""Bytes of a request."""

CLIENT_LEFT = 499
"""The status, which nobody sees, of a request whose client closed the connection."""


class _Strict(BaseModel):
    """No unknown fields; a text with a length limit is also checked to be Unicode."""

    model_config = ConfigDict(extra="forbid")


class ChatTurn(_Strict):
    """One earlier message."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=20_000)


class ChatFilters(_Strict):
    """Which articles to answer from; dates are inclusive."""

    source: str | None = Field(None, max_length=200)
    published_from: date | None = None
    published_to: date | None = None


class ChatRequest(_Strict):
    """A question, and the turns it follows."""

    question: str = Field(max_length=20_000, examples=["What gifts did Kim receive?"])
    history: list[ChatTurn] = []
    conversation_id: str | None = Field(None, max_length=200)
    filters: ChatFilters = ChatFilters()
    stream: bool = False

    @field_validator("stream")
    @classmethod
    def _not_yet(cls, stream: bool) -> bool:  # noqa: FBT001
        if stream:
            raise PydanticCustomError("stream", "Streaming is not offered; leave it out")
        return stream


class _BodyLimit:
    """Refuses a request's body once it is over MAX_BODY."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)


def make_app(answerer: Answerer) -> FastAPI:
    """The HTTP service over one answerer."""
    app = FastAPI(title="Dateline", summary="Cited answers from news articles")
    app.exception_handler(DatelineError)(_failure)
    app.exception_handler(RequestValidationError)(_wrong_request)
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(Exception)(_crash)
    app.add_middleware(_BodyLimit)

    @app.post("/chat")
    async def chat(asked: ChatRequest, request: Request) -> Answer:
        """Answer a question from the articles, every sentence with its exact quotes."""
        history = [Turn(turn.role, turn.content) for turn in asked.history]
        filters = Filters(**asked.filters.model_dump())
        answering = answerer.answer(
            asked.question,
            history=history,
            filters=filters,
            conversation=asked.conversation_id,
        )
        return await _while_connected(request, answering)

    @app.get("/search")
    async def search(
        q: Annotated[str, Query(min_length=1, max_length=1000)],
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
        source: str | None = None,
        published_from: date | None = None,
        published_to: date | None = None,
    ) -> dict[str, list[dict[str, Any]]]:
        """The passages nearest to a query, best first."""
        filters = Filters(source, published_from, published_to)
        ranked = await asyncio.to_thread(answerer.search, q, limit=limit, filters=filters)
        return {"passages": [passage_record(passage) for passage in ranked]}

    @app.get("/health")
    async def health() -> dict[str, Any]:
        """That the service answers, and from what."""
        manifest = answerer.generation.manifest
        return {
            "status": "ok",
            "model": answerer.model,
            "generation": manifest.id,
            "articles": manifest.articles,
        }

    return app


async def _while_connected(request: Request, answering: Coroutine[Any, Any, Answer]) -> Answer:
    """The answer; the work on it ends when the client closes the connection."""
    work = asyncio.create_task(answering)
    leaving = asyncio.create_task(_wait_for_leaving(request))
    leaving.add_done_callback(lambda _: work.cancel())
    try:
        return await work
    except asyncio.CancelledError:
        if leaving.done():
            raise HTTPException(CLIENT_LEFT) from None
        raise
    finally:
        leaving.cancel()


async def _wait_for_leaving(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _error(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)


async def _failure(_: Request, error: DatelineError) -> JSONResponse:
    log.warning("%s: %s", error.code, type(error).__name__)
    return _error(_STATUS.get(type(error), _OTHER_FAILURE), error.code, str(error))


async def _wrong_request(_: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return _error(422, "wrong_request", f"{place}: {first['msg']}.")


async def _http_error(_: Request, error: HTTPException) -> JSONResponse:
    code, message = _HTTP_ERRORS.get(error.status_code, ("http_error", f"{error.detail}."))
    return _error(error.status_code, code, message)


async def _crash(_: Request, error: Exception) -> JSONResponse:
    log.error("unexpected failure", exc_info=error)
    return _error(500, "internal", "Something went wrong here; the log has the details.")

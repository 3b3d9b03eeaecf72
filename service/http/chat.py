"""POST /chat: a question -> the Answer, whole as JSON or sentence by sentence as events."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from dataclasses import asdict
from json import dumps
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Request, Response
from pydantic import Field, StrictBool
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from index.errors import DatelineError
from index.part import Filters
from index.ranking import passage_record
from service.answer import Answer, AnswerSentence, Cited, Opening, Searched
from service.conversation import MAX_QUESTION, MAX_TURNS, Turn
from service.http.desk import Asked, Desk
from service.http.errors import CLIENT_LEFT, CRASH, Refused, crash, describe, documented
from service.http.examples import ANSWER, EVENTS, QUESTION
from service.http.fields import WORDS, Asker, Day, Strict
from service.http.limits import SEND_SECONDS

log = logging.getLogger("dateline.http")

HEARTBEAT = 5.0
"""Seconds between two signs of life while the model thinks."""

GRACE_SECONDS = 25.0
"""What runs may take so long to end when the service is told to stop."""

MAX_TURN = 20_000
"""Characters of an earlier message that are taken at all."""


EVENT_SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "event": {"enum": ["passages", "opening", "citations", "sentence", "answer", "error"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["data"],
}
"""One event of a stream."""

_ABOUT = (
    "Answer a question from the articles, every sentence with its exact quotes. With `stream` the "
    "answer comes as events: what was found, what the text opens with, if anything, the citations "
    "of each sentence and the sentence once it is checked, the whole Answer, or an error in their "
    "place:"
)


class ChatTurn(Strict):
    """One earlier message."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=MAX_TURN)


class ChatFilters(Strict):
    """Which articles to answer from; dates are inclusive."""

    source: str | None = Field(None, max_length=200)
    published_from: Day | None = None
    published_to: Day | None = None


class ChatRequest(Strict):
    """A question, and the turns it follows."""

    question: str = Field(
        max_length=MAX_TURN,
        json_schema_extra={"maxLength": MAX_QUESTION, "pattern": WORDS},
    )
    history: list[ChatTurn] = Field(default=[], json_schema_extra={"maxItems": MAX_TURNS})
    conversation_id: str | None = Field(None, max_length=200)
    filters: ChatFilters = ChatFilters()
    stream: StrictBool = False


def chat_routes(desk: Desk) -> APIRouter:
    """POST /chat."""
    routes = APIRouter(tags=["ask"])

    @routes.post(
        "/chat",
        response_model=Answer,
        description=f"{_ABOUT}\n\n```\n{EVENTS}```",
        responses={
            200: {
                "description": "The Answer; with `stream` the events passages, opening, citations, "
                "sentence, answer",
                "content": {
                    "application/json": {"example": ANSWER},
                    "text/event-stream": {"schema": EVENT_SCHEMA},
                },
                "links": {
                    name: {
                        "operationId": name,
                        "parameters": {"answer_id": "$response.body#/id"},
                    }
                    for name in ("replay", "give_feedback")
                },
            },
            **documented(408, 502, 504, 507),
        },
    )
    async def chat(
        chat: Annotated[ChatRequest, Body(openapi_examples=QUESTION)],
        request: Request,
        caller: Asker,
    ) -> Answer | Response:
        asked = Asked(
            chat.question,
            caller,
            history=[Turn(turn.role, turn.content) for turn in chat.history],
            filters=Filters(**chat.filters.model_dump()),
            conversation=chat.conversation_id,
        )
        desk.check(asked)
        if chat.stream:
            return EventStream(_events(desk, asked))
        return await while_connected(request, whole_answer(desk, asked))

    return routes


class EventStream(EventSourceResponse):
    """Server-sent events with a heartbeat; they end when the client leaves or takes none."""

    def __init__(self, events: AsyncGenerator[ServerSentEvent]) -> None:
        super().__init__(
            events,
            ping=HEARTBEAT,
            ping_message_factory=lambda: ServerSentEvent(comment="still here", sep="\n"),
            send_timeout=SEND_SECONDS,
            shutdown_grace_period=GRACE_SECONDS,
            sep="\n",
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            log.info("a client took no event for %.0f s; its stream has ended", SEND_SECONDS)


async def _events(desk: Desk, asked: Asked) -> AsyncGenerator[ServerSentEvent]:
    """The answer's parts as numbered events; a failure is the last one."""
    number = 0
    async with aclosing(_named(desk, asked)) as named:
        async for name, record in named:
            number += 1
            yield ServerSentEvent(
                dumps(record, ensure_ascii=False), event=name, id=str(number), sep="\n"
            )


async def _named(desk: Desk, asked: Asked) -> AsyncGenerator[tuple[str, dict[str, Any]]]:
    try:
        async with aclosing(desk.ask(asked)) as parts:
            async for part in parts:
                if isinstance(part, Searched):
                    passages = [passage_record(passage) for passage in part.passages]
                    yield "passages", {"question": part.question, "passages": passages}
                elif isinstance(part, Opening):
                    yield "opening", asdict(part)
                elif isinstance(part, Cited):
                    yield "citations", asdict(part)
                elif isinstance(part, AnswerSentence):
                    yield "sentence", asdict(part)
                elif isinstance(part, Answer):
                    yield "answer", asdict(part)
    except (DatelineError, Refused) as error:
        yield "error", describe(error)
    except Exception as error:  # noqa: BLE001  the edge: whatever it is, it is told and logged
        crash(error)
        yield "error", {"error": dict(zip(("code", "message"), CRASH, strict=True))}


async def whole_answer(desk: Desk, asked: Asked) -> Answer:
    """The Answer at the end of `ask`; raises what it raises."""
    async with aclosing(desk.ask(asked)) as parts:
        async for part in parts:
            if isinstance(part, Answer):
                return part
    raise AssertionError("a stream ends with its answer")


async def while_connected(request: Request, answering: Coroutine[Any, Any, Answer]) -> Answer:
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

"""POST /v1/chat/completions and GET /v1/models: the answers as OpenAI's clients read them.

A user's last message is the question, those before it are its history; a system message, the
temperature and the like have no say. Citations are the message's annotations.
"""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict
from json import dumps
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request, Response
from sse_starlette import ServerSentEvent

from index.errors import DatelineError
from service.answer import Answer, AnswerSentence, Opening, with_marks
from service.conversation import MAX_TURNS, Turn
from service.http.chat import EventStream, while_connected, whole_answer
from service.http.completion_form import (
    MODEL,
    Choice,
    Completion,
    CompletionMessage,
    CompletionRequest,
    Message,
    ModelList,
    ModelRecord,
    TokenUsage,
    annotate,
)
from service.http.desk import Asked, Desk
from service.http.errors import CRASH, Refused, crash, describe, documented
from service.http.examples import COMPLETION, MESSAGES
from service.http.fields import Asker
from service.keys import Caller

CHUNK_SCHEMA = {
    "type": "object",
    "properties": {"data": {"type": "string"}},
    "required": ["data"],
}
"""One event of a stream: a chunk as JSON, or [DONE]."""


def completion_routes(desk: Desk) -> APIRouter:
    """POST /v1/chat/completions, GET /v1/models and one of them."""
    routes = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])

    @routes.post(
        "/chat/completions",
        response_model=Completion,
        responses={
            200: {
                "description": "A completion; with `stream` its chunks as events, then [DONE]",
                "content": {
                    "application/json": {"example": COMPLETION},
                    "text/event-stream": {"schema": CHUNK_SCHEMA},
                },
            },
            **documented(404, 408, 502, 504, 507),
        },
    )
    async def complete(
        sent: Annotated[CompletionRequest, Body(openapi_examples=MESSAGES)],
        request: Request,
        caller: Asker,
    ) -> Completion | Response:
        """Answer the user's last message from the articles, with citations as annotations."""
        _check_model(sent.model)
        asked = _read(sent.messages, caller)
        desk.check(asked)
        base = str(request.base_url)
        if sent.stream:
            counted = bool(sent.stream_options and sent.stream_options.include_usage)
            return EventStream(_chunks(desk, asked, base, counted=counted))
        answer = await while_connected(request, whole_answer(desk, asked))
        message = CompletionMessage(
            content=answer.text, annotations=annotate(answer.text, answer, base)
        )
        return Completion(
            id=f"chatcmpl-{answer.id}",
            created=int(time.time()),
            choices=[Choice(message=message)],
            usage=_usage(answer),
            dateline=answer,
        )

    @routes.get("/models", responses=documented())
    async def list_models() -> ModelList:
        """The names for `model`: one."""
        return ModelList(data=[ModelRecord()])

    @routes.get("/models/{model}", responses=documented(404))
    async def read_model(model: Annotated[str, Path(max_length=200)]) -> ModelRecord:
        """That name."""
        _check_model(model)
        return ModelRecord()

    return routes


def _check_model(name: str) -> None:
    if name != MODEL:
        raise Refused(404, "model_not_found", f"There is one model here, and it is called {MODEL}.")


def _read(messages: Sequence[Message], caller: Caller) -> Asked:
    """The last question, and what was said before; raises Refused where nobody asks anything."""
    turns = [
        Turn("user" if one.role == "user" else "assistant", one.text)
        for one in messages
        if one.role in {"user", "assistant"} and one.text
    ]
    while turns and not (turns[-1].role == "user" and any(map(str.isalnum, turns[-1].content))):
        turns.pop()
    if not turns:
        raise Refused(422, "wrong_request", "body.messages: no message of a user asks anything.")
    return Asked(turns[-1].content, caller, history=turns[:-1][-MAX_TURNS:])


async def _chunks(
    desk: Desk, asked: Asked, base: str, *, counted: bool
) -> AsyncGenerator[ServerSentEvent]:
    """Chunks of a completion: a checked sentence each, then the annotations; or an error."""
    identity = f"chatcmpl-{time.time_ns():x}"
    head = {"id": identity, "object": "chat.completion.chunk", "created": int(time.time())}

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: object) -> ServerSentEvent:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return _event({**head, "model": MODEL, "choices": [choice], **more})

    try:
        yield chunk({"role": "assistant", "content": ""})
        async with aclosing(_written(desk, asked)) as written:
            text = ""
            async for part in written:
                if isinstance(part, str):
                    text += part
                    yield chunk({"content": part})
                    continue
                notes = [note.model_dump() for note in annotate(text, part, base)]
                yield chunk({"annotations": notes}, "stop", dateline=asdict(part))
                if counted:
                    yield _event(
                        {**head, "model": MODEL, "choices": [], "usage": _usage(part).model_dump()}
                    )
        yield ServerSentEvent("[DONE]", sep="\n")
    except (DatelineError, Refused) as error:
        yield _event(describe(error))
    except Exception as error:  # noqa: BLE001  the edge: whatever it is, it is told and logged
        crash(error)
        yield _event({"error": dict(zip(("code", "message"), CRASH, strict=True))})


async def _written(desk: Desk, asked: Asked) -> AsyncGenerator[str | Answer]:
    """Pieces of the text, which ends with the answer's sentences, then the Answer."""
    opening, text = "", ""
    async with aclosing(desk.ask(asked)) as parts:
        async for part in parts:
            if isinstance(part, Opening):
                opening = part.text
            elif isinstance(part, AnswerSentence):
                piece = " ".join(filter(None, [opening, with_marks(part)]))
                opening = ""
                yield f" {piece}" if text else piece
                text += piece
            elif isinstance(part, Answer):
                if not text:
                    yield part.text
                yield part


def _usage(answer: Answer) -> TokenUsage:
    prompt, completion = answer.usage.prompt_tokens, answer.usage.completion_tokens
    return TokenUsage(
        prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion
    )


def _event(record: dict[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(dumps(record, ensure_ascii=False), sep="\n")

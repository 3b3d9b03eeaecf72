"""GET /answers/{id} replays a stored answer; POST …/feedback notes what a reader says of it."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from service.answer import Answer
from service.http.desk import Desk
from service.http.errors import documented
from service.http.examples import FEEDBACK, REPLAY
from service.http.fields import Asker, Strict


class PassageShown(BaseModel):
    """A passage that was found."""

    article_id: str
    title: str
    score: float
    start: int
    end: int


class EvidenceShown(BaseModel):
    """A sentence that the model was shown as `number`, with its score."""

    number: int
    article_id: str
    version: str | None = None
    start: int | None = None
    end: int | None = None
    text: str
    score: float


class ExchangeShown(BaseModel):
    """What a model was sent and what it wrote; times in nanoseconds since 1970."""

    model: str
    messages: list[dict[str, str]]
    reply: str
    started: int
    ended: int
    usage: dict[str, float | None] | None


class VerdictShown(BaseModel):
    """What became of a drafted sentence: kept where `reason` is null."""

    text: str
    evidence: list[int]
    reason: str | None


class Replay(BaseModel):
    """An answer and how it came about."""

    at: str
    answer: Answer
    passages: list[PassageShown]
    evidence: list[EvidenceShown]
    draft: str
    exchanges: list[ExchangeShown] = []
    verdicts: list[VerdictShown] = []
    opinion: Literal["right", "wrong"] | None
    comment: str | None


class Feedback(Strict):
    """What a reader says of an answer."""

    opinion: Literal["right", "wrong"]
    comment: str | None = Field(None, max_length=2000)


class FeedbackNoted(BaseModel):
    """The opinion that stands now."""

    answer_id: str
    opinion: Literal["right", "wrong"]


AnswerId = Annotated[str, Path(max_length=64, pattern="^[0-9a-zA-Z-]{1,64}$")]


def answer_routes(desk: Desk) -> APIRouter:
    """GET /answers/{answer_id}, POST /answers/{answer_id}/feedback."""
    routes = APIRouter(prefix="/answers", tags=["answers"])

    @routes.get(
        "/{answer_id}",
        responses={
            200: {"content": {"application/json": {"example": REPLAY}}},
            **documented(404),
        },
    )
    async def replay(answer_id: AnswerId, caller: Asker) -> Replay:
        """An answer that was given before: evidence, messages, what the model wrote, verdicts."""
        kept = await desk.find_answer(answer_id, caller)
        record: dict[str, Any] = {
            **kept.trace,
            "at": kept.at,
            "answer": kept.answer,
            "opinion": kept.opinion,
            "comment": kept.comment,
        }
        return Replay.model_validate(record)

    @routes.post("/{answer_id}/feedback", responses=documented(404, 507))
    async def give_feedback(
        answer_id: AnswerId, caller: Asker, feedback: Annotated[Feedback, FEEDBACK]
    ) -> FeedbackNoted:
        """Say that an answer was right or wrong; the last word counts."""
        await desk.find_answer(answer_id, caller)
        await asyncio.to_thread(
            desk.archive.add_opinion, answer_id, feedback.opinion, feedback.comment
        )
        desk.metrics.opinions.labels(feedback.opinion).inc()
        return FeedbackNoted(answer_id=answer_id, opinion=feedback.opinion)

    return routes

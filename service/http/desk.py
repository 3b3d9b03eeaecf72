"""What every path works with: the answerer in use, stored answers, keys, limits, metrics."""

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from index.errors import DatelineError
from index.part import Filters
from index.ranking import RankedPassage
from service.answer import Answer
from service.answerer import Answerer, Part
from service.archive import Archive, Kept
from service.conversation import Turn, check_question
from service.current import Current
from service.errors import ModelTimedOut
from service.http.errors import Refused
from service.http.limits import EXTRA_SECONDS, Rates, Room
from service.keys import Caller, Keys
from service.metrics import Metrics
from service.settings import Settings
from service.traces import Tracer

log = logging.getLogger("dateline.http")

SWEEP = 3600.0
"""Seconds between two looks for answers that are too old to be kept."""


@dataclass(frozen=True)
class Asked:
    """A question with all that came with it, and who asks."""

    question: str
    caller: Caller
    history: Sequence[Turn] = ()
    filters: Filters = field(default_factory=Filters)
    conversation: str | None = None


class Desk:
    """One of these stands behind all paths."""

    def __init__(
        self,
        current: Current,
        settings: Settings,
        *,
        archive: Archive,
        keys: Keys,
        tracer: Tracer | None = None,
    ) -> None:
        self.current = current
        self.settings = settings
        self.archive = archive
        self.keys = keys
        self.tracer = tracer or Tracer(None)
        self.metrics = Metrics()
        self.rates = Rates(key=settings.key_limit, address=settings.address_limit)
        self.room = Room(settings.questions_at_once)
        self.metrics.watch(lambda: self.room.taken)
        self.fault: BaseException | None = None
        """Why nothing could be loaded, where that is so."""
        self.stop: Callable[[], None] = lambda: None
        """What ends the server then."""

    @property
    def answerer(self) -> Answerer:
        """The answerer over the newest generation; raises NotReady."""
        return self.current.answerer

    def check(self, asked: Asked) -> None:
        """Refuse at once what `ask` would: raises QuestionRefused, NotReady, Refused."""
        check_question(asked.question, asked.history)
        self.room.check()
        _ = self.answerer

    async def ask(self, asked: Asked) -> AsyncGenerator[Part]:
        """The answer's parts, as Answerer.stream gives them; raises what it does, and Refused.

        A conversation belongs to its caller: another one's of the same name is another one. One
        that is not named is new.
        """
        with self.room.place():
            deadline = asyncio.get_running_loop().time() + self.settings.timeout + EXTRA_SECONDS
            streamed = self.answerer.stream(
                asked.question,
                history=asked.history,
                filters=asked.filters,
                conversation=f"{asked.caller.name}/{asked.conversation or uuid.uuid4().hex}",
                begins=not asked.conversation,
            )
            with self.tracer.question() as traced:
                async with aclosing(streamed) as parts:
                    while (part := await self._next(parts, deadline)) is not None:
                        traced.note(part)
                        if isinstance(part, Answer):
                            self._note(part, asked)
                        yield part

    async def _next(self, parts: AsyncGenerator[Part], deadline: float) -> Part | None:
        try:
            async with asyncio.timeout_at(deadline):
                return await anext(parts, None)
        except TimeoutError as error:
            self.metrics.failures.labels(ModelTimedOut.code).inc()
            raise ModelTimedOut(
                "The answer was not there in time; ask again, or raise DATELINE_TIMEOUT."
            ) from error
        except DatelineError as error:
            self.metrics.failures.labels(error.code).inc()
            raise

    def _note(self, answer: Answer, asked: Asked) -> None:
        self.metrics.count_answer(answer)
        told = {"question": asked.question} if self.settings.log_questions else {}
        log.info(
            "answered",
            extra={
                "answer": answer.id,
                "status": answer.status,
                "model": answer.model,
                "generation": answer.generation,
                "timings_ms": answer.timings_ms,
                **told,
            },
        )

    async def search(
        self, query: str, *, limit: int, filters: Filters
    ) -> tuple[RankedPassage, ...]:
        """The passages nearest to `query`, best first; raises NotReady."""
        return await asyncio.to_thread(self.answerer.search, query, limit=limit, filters=filters)

    async def find_answer(self, answer_id: str, caller: Caller) -> Kept:
        """A stored answer of the caller's own, or anybody's for an admin; raises Refused."""
        kept = await asyncio.to_thread(self.archive.read, answer_id)
        owner = (kept.conversation or "").partition("/") if kept else ("", "", "")
        own = bool(owner[1]) and owner[0] == caller.name
        if kept is None or not (own or caller.admin):
            raise Refused(404, "not_found", "There is no answer with this id.")
        return kept

    def note_end(self, following: asyncio.Task[None]) -> None:
        """Stop the server where the index or the models could not be loaded."""
        if not following.cancelled() and (fault := following.exception()):
            self.fault = fault
            self.stop()

    def close(self) -> None:
        """Give files back and send what waits to be sent."""
        self.archive.close()
        self.tracer.close()

    async def sweep(self) -> None:
        """Forget old answers now and every SWEEP seconds, where a retention is set."""
        while days := self.settings.retention_days:
            before = datetime.now(UTC) - timedelta(days=days)
            try:
                gone = await asyncio.to_thread(self.archive.forget, before)
            except DatelineError as error:
                log.warning("%s", error)
            else:
                log.info("forgot answers", extra={"answers": gone, "days": days})
            await asyncio.sleep(SWEEP)

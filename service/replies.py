"""Messages -> the replies to one question: in its time, from a second model where one fails."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from service.draft import MAX_TOKENS, Usage, Writer
from service.errors import ModelReplyWrong, ModelTimedOut, ModelUnavailable
from service.failures import timed_out
from service.prompt import Message

log = logging.getLogger("dateline.replies")

FIRST_SHARE = 0.5
"""Part of the time left in which a model has to begin while another one can still be asked."""

PASSING = (ModelUnavailable, ModelTimedOut, ModelReplyWrong)
"""Failures that another model, or the evidence, stands in for; the others are an operator's."""


@dataclass
class Exchange:
    """What a model was sent and what it wrote, from `started` to `ended` in nanoseconds."""

    model: str
    messages: Sequence[Message]
    started: int
    ended: int
    reply: str = ""
    usage: Usage | None = None


class Replies:
    """What is written for one question: all its replies together have `seconds` from now on."""

    def __init__(self, writer: Writer, fallback: Writer | None, *, seconds: float) -> None:
        self._writer = writer
        self._fallback = fallback
        self._seconds = seconds
        self._deadline = asyncio.get_running_loop().time() + seconds
        self.exchanges: list[Exchange] = []
        """What was sent and written so far, in this order."""

    @property
    def model(self) -> str:
        """The name of the model that wrote, or was asked, last."""
        return self._writer.model

    async def stream(
        self, messages: list[Message], *, max_tokens: int = MAX_TOKENS
    ) -> AsyncGenerator[str | Usage]:
        """The reply's text from its first word on, then its Usage; raises ModelFailed's kinds.

        Where the model fails before its first word the fallback is asked, now and for the rest of
        the question.
        """
        begun, fallback = False, self._fallback
        try:
            async with aclosing(self._reply(messages, max_tokens)) as parts:
                async for part in parts:
                    begun = True
                    yield part
        except PASSING as error:
            if begun or fallback is None:
                raise
            log.warning("%s Asking %s instead.", error, fallback.model)
        else:
            return
        self._writer, self._fallback = fallback, None
        async with aclosing(self._reply(messages, max_tokens)) as parts:
            async for part in parts:
                yield part

    async def _reply(self, messages: list[Message], max_tokens: int) -> AsyncGenerator[str | Usage]:
        """One model's reply, without white space before its first word."""
        begun = False
        now = time.time_ns()
        exchange = Exchange(self.model, messages, now, now)
        self.exchanges.append(exchange)
        late = self._late_by() if self._fallback else 0.0
        async with aclosing(self._writer.stream(messages, max_tokens=max_tokens)) as parts:
            while (part := await self._next(parts, 0.0 if begun else late)) is not None:
                begun = begun or not (isinstance(part, str) and part.isspace())
                exchange.ended = time.time_ns()
                if isinstance(part, Usage):
                    exchange.usage = part
                else:
                    exchange.reply += part
                if begun:
                    yield part

    def _late_by(self) -> float:
        """Seconds before the deadline at which it is too late for a first word."""
        return (1 - FIRST_SHARE) * (self._deadline - asyncio.get_running_loop().time())

    async def _next(self, parts: AsyncGenerator[str | Usage], early: float) -> str | Usage | None:
        """The next part, None at the end; the time is over `early` seconds before the deadline."""
        try:
            async with asyncio.timeout_at(self._deadline - early):
                return await anext(parts, None)
        except TimeoutError as error:
            raise timed_out(self.model, self._seconds - early) from error

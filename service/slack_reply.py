"""A claimed question -> what is said to it, shown live while it is made, then delivered.

The answer is kept before it goes out: whoever takes the question again after a crash delivers the
same one.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict
from functools import partial

from pydantic import TypeAdapter
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from index.errors import DatelineError, WriteFailed
from service.answer import Answer, AnswerSentence, with_marks
from service.answerer import Answerer
from service.errors import QuestionRefused, trace_of
from service.metrics import Metrics
from service.slack_delivery import ClaimLost, Delivery
from service.slack_failures import UNREACHED, name_of
from service.slack_live import LiveText
from service.slack_message import (
    Message,
    first_words,
    help_message,
    pack,
    stopped_message,
    text_message,
)
from service.slack_store import Claim, SlackStore

log = logging.getLogger("dateline.slack")

LOOKING = "is looking in the articles …"
BUSY = (
    "There are many questions just now, and I would keep you waiting for long. "
    "Please ask again in a few minutes."
)
ELSEWHERE = "I do not answer in this channel. Write to me directly, or use `/ask`."
TOO_LONG = "I take questions of up to 1,000 characters. Please shorten yours."
FAILED = (
    "Sorry, I could not answer this. Please ask again in a few minutes. (Reference {reference})"
)

MOST_TAKES = 5
"""Times that an answer is tried to be made: who asks for more may be what ends the process."""

REFERENCE = 8
"""Characters of a question's id that stand in the log and in what its asker is told."""

TITLE = 200
"""Characters of a session's title."""

_ANSWER = TypeAdapter(Answer)


class Reply:
    """One question's reply; `stop` may be called while it is made."""

    def __init__(
        self,
        claim: Claim,
        store: SlackStore,
        answerer: Answerer,
        *,
        client: AsyncWebClient,
        eager: AsyncWebClient,
        examples: Callable[[], Awaitable[Sequence[str]]],
        metrics: Metrics,
    ) -> None:
        """`client` waits for rate limits, `eager` does not; `examples` are for the help."""
        self._claim = claim
        self._question = claim.question
        self._store = store
        self._answerer = answerer
        self._client = client
        self._eager = eager
        self._examples = examples
        self._metrics = metrics
        self._delivery = Delivery(claim, store, client)
        self._live = LiveText(
            eager,
            claim.question,
            holds=partial(store.holds, claim),
            on_start=self._delivery.note_first,
        )
        self._words = ""
        self._answering: asyncio.Task[Answer] | None = None
        self._stopped = False

    @property
    def reference(self) -> str:
        """What the log and the asker call the question."""
        return self._claim.id[:REFERENCE]

    def stop(self) -> None:
        """End the answer where it is, unless it is complete."""
        if self._answering and not self._answering.done():
            self._stopped = True
            self._answering.cancel()

    async def send(self) -> None:
        """Make the reply and deliver it.

        Raises SlackApiError, UNREACHED's kinds, WriteFailed, ClaimLost.
        """
        status = asyncio.create_task(self._show_status())
        try:
            messages = await self._messages()
        finally:
            status.cancel()
            await asyncio.gather(status, return_exceptions=True)
            await self._live.end()
        if self._question.way != "thread":
            await self._delivery.send_privately(messages)
        elif not await self._delivery.post(messages, self._live) and not self._question.notice:
            await self._set_session("active", self._client)

    async def apologise(self) -> None:
        """Say that the reply, or the rest of it, does not come: Slack would not take it."""
        try:
            await self._delivery.add(self._apology)
        except (SlackApiError, WriteFailed, ClaimLost, *UNREACHED) as error:
            log.info("question %s: no apology either: %s", self.reference, name_of(error))

    @property
    def _apology(self) -> Message:
        return text_message(FAILED.format(reference=self.reference))

    async def _messages(self) -> tuple[Message, ...]:
        """What is to be said."""
        if notice := await self._notice():
            return (notice,)
        if self._claim.answer:
            return pack(_ANSWER.validate_json(self._claim.answer))
        self._answering = asyncio.create_task(self._answer())
        try:
            answer = await self._answering
        except asyncio.CancelledError:
            if not self._stopped:
                self._answering.cancel()
                raise
            return (stopped_message(self._words),)
        except Exception as error:  # noqa: BLE001 whatever it is, its text is not for the thread
            return (self._excuse(error),)
        await self._store.keep_answer(self._claim.id, json.dumps(asdict(answer)))
        return pack(answer)

    async def _notice(self) -> Message | None:
        """What is said where no answer is to be made."""
        if self._question.notice == "help":
            return help_message(await self._examples())
        if self._question.notice:
            return text_message(BUSY if self._question.notice == "busy" else ELSEWHERE)
        if self._claim.takes > MOST_TAKES and self._claim.answer is None:
            log.error("question %s was never answered", self.reference)
            return self._apology
        return None

    def _excuse(self, error: Exception) -> Message:
        """What is said where the answer failed; the log has the reason, and no one's words."""
        if isinstance(error, QuestionRefused):
            return text_message(TOO_LONG)
        if isinstance(error, DatelineError):
            log.warning("question %s: %s", self.reference, error.code)
            self._metrics.failures.labels(error.code).inc()
        else:
            log.error("question %s: %s", self.reference, trace_of(error))
        return self._apology

    async def _answer(self) -> Answer:
        streamed = self._answerer.stream(
            self._question.text, conversation=self._question.conversation
        )
        live = self._question.way == "thread" and self._claim.takes == 1
        async with aclosing(streamed) as parts:
            async for part in parts:
                if isinstance(part, Answer):
                    self._metrics.count_answer(part)
                    return part
                if isinstance(part, AnswerSentence):
                    self._words = f"{self._words} {with_marks(part)}".lstrip()
                    if live:
                        self._live.show(first_words(self._words))
        raise AssertionError("a stream ends with its answer")

    async def _show_status(self) -> None:
        """Say that something is being done, with the button that stops it; neither is needed."""
        if self._question.way != "thread" or self._question.notice:
            return
        try:
            await self._set_session("processing", self._eager)
            await self._eager.assistant_threads_setStatus(
                channel_id=self._question.channel, thread_ts=self._question.thread, status=LOOKING
            )
        except (SlackApiError, *UNREACHED) as error:
            log.info("No status was shown: %s.", name_of(error))

    async def _set_session(self, status: str, client: AsyncWebClient) -> None:
        try:
            await client.agents_sessions_setStatus(
                channel_id=self._question.channel,
                thread_ts=self._question.thread,
                status=status,
                title=self._question.text[:TITLE],
                initiator_user_id=self._question.asker,
            )
        except (SlackApiError, *UNREACHED) as error:
            log.info("The session is not %s: %s.", status, name_of(error))

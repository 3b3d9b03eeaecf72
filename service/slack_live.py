"""The first words of an answer -> a message that grows in Slack, as long as Slack takes it.

What is shown live is a preview. It never waits for a rate limit, never holds up the answer, and
ends at the first thing that goes wrong: then the finished message puts it right as a whole.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from service.slack_events import Question
from service.slack_failures import UNREACHED, name_of
from service.slack_text import to_markdown

log = logging.getLogger("dateline.slack")


class LiveText:
    """One streamed message; `show` returns at once, what it was given is sent by a task."""

    def __init__(
        self,
        client: AsyncWebClient,
        question: Question,
        *,
        holds: Callable[[], Awaitable[bool]],
        on_start: Callable[[str], Awaitable[None]],
    ) -> None:
        """`client` does not wait for rate limits; `on_start` is told the message's ts.

        Nothing is sent once the question is another process's, as `holds` tells.
        """
        self.ts: str | None = None
        self.shown = ""
        """The words that the message has."""
        self.broken = False
        """Whether something went wrong: the message is to be replaced as a whole."""
        self.unsure = False
        """Whether a message may be there whose ts nobody was told."""
        self._client = client
        self._question = question
        self._holds = holds
        self._on_start = on_start
        self._wanted = ""
        self._more = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    def show(self, words: str) -> None:
        """Let the message say `words`, which begin with what it was to say before."""
        self._wanted = words
        self._more.set()
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    async def end(self) -> None:
        """Send nothing more; the call that is under way is waited for."""
        if self._writer:
            self._wanted = ""
            self._more.set()
            await self._writer

    async def _write(self) -> None:
        stream = await self._client.chat_stream(
            channel=self._question.channel,
            thread_ts=self._question.thread,
            recipient_team_id=self._question.team,
            recipient_user_id=self._question.asker,
            buffer_size=1,
        )
        while not self.broken:
            await self._more.wait()
            self._more.clear()
            wanted = self._wanted
            if not wanted:
                return
            added = wanted[len(self.shown) :]
            if not added:
                continue
            if not await self._holds():
                self.broken = True
                return
            space = " " if self.shown else ""
            try:
                await stream.append(markdown_text=space + to_markdown(added))
            except (SlackApiError, *UNREACHED) as error:
                self.broken = True
                self.unsure = stream.ts is None and isinstance(error, UNREACHED)
                log.info("The live text ended: %s.", name_of(error))
            else:
                self.shown = wanted
                if self.ts is None and stream.ts:
                    self.ts = stream.ts
                    await self._on_start(stream.ts)

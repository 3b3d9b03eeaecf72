"""The messages of one reply -> Slack, each one once.

Each message is noted once it is there. Whoever takes the question again after a crash goes on from
the notes, and looks in the thread for a message that was posted and not noted. A private message
is in no history: it is noted before and after, and says so where it may come a second time.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.models.messages.chunk import MarkdownTextChunk
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from service.slack_failures import OUT_OF_REACH, PASSING, RATE_LIMITED, UNCHANGEABLE, name_of
from service.slack_live import LiveText
from service.slack_message import Message
from service.slack_store import SENDING, SENT, Claim, Post, SlackStore
from service.slack_text import to_markdown

log = logging.getLogger("dateline.slack")

LOOKED_AT = 100
"""Messages of a thread that are looked through for one that was posted and not noted."""

SKEW = 60.0
"""Seconds that this machine's clock may be ahead of Slack's."""

AGAIN = "I was interrupted while I sent this: you may see it twice."

_TS = re.compile(r"\d+\.\d+")


_Sent = TypeVar("_Sent")


class ClaimLost(Exception):
    """Another process answers the question by now: this one stood still for too long."""


class Delivery:
    """Of one claim's reply, with a client that waits for rate limits."""

    def __init__(self, claim: Claim, store: SlackStore, client: AsyncWebClient) -> None:
        self._claim = claim
        self._question = claim.question
        self._store = store
        self._client = client
        self._channel = claim.question.channel
        self._direct = False
        """Whether the asker is written to, as the bot cannot write in the thread."""

    async def note_first(self, ts: str) -> None:
        """Note the message that grows."""
        await self._note(0, Post(self._channel, ts))

    async def post(self, messages: Sequence[Message], live: LiveText) -> bool:
        """Bring the messages into the thread, from what is there of `live`.

        Whether that also told Slack that the work is done. Raises SlackApiError, WriteFailed,
        ClaimLost and slack_failures.UNREACHED.
        """
        posts = await self._store.posts(self._claim.id)
        if self._claim.takes > 1 or live.unsure:
            posts += await self._find_unnoted(len(messages) - len(posts))
        ended = False
        for position, message in enumerate(messages):
            await self._hold()
            post = posts[position] if position < len(posts) else None
            if post is None:
                await self._post_new(position, message)
            elif post.ts == SENDING:
                await self._post_directly(position, message.with_note(AGAIN))
            elif position == 0 and await self._end_stream(post, message, live):
                ended = True
            elif not await self._replace(post, message):
                await self._post_new(position, message)
        return ended

    async def add(self, message: Message) -> None:
        """Bring one more message, below what is there. Raises as `post`."""
        await self._hold()
        position = len(await self._store.posts(self._claim.id))
        if self._question.way == "thread":
            await self._post_new(position, message)
        else:
            await self._post_private(position, message)

    async def send_privately(self, messages: Sequence[Message]) -> None:
        """To the asker's eyes only; what is noted as sent is not sent again. Raises as `post`."""
        posts = await self._store.posts(self._claim.id)
        for position, message in enumerate(messages):
            noted = posts[position].ts if position < len(posts) else None
            if noted in {None, SENDING}:
                await self._hold()
                await self._post_private(position, message.with_note(AGAIN) if noted else message)

    async def _post_private(self, position: int, message: Message) -> None:
        send = self._respond if self._question.way == "command" else self._whisper
        if await self._try(position, send, message):
            await self._note(position, Post(self._channel, SENT))
        else:
            await self._post_directly(position, message)

    async def _try(
        self, position: int, send: Callable[[Message], Awaitable[_Sent]], message: Message
    ) -> _Sent:
        """Send what nobody can look up later; it is noted before, and not where it was refused."""
        await self._note(position, Post(self._channel, SENDING))
        try:
            return await send(message)
        except SlackApiError as error:
            if name_of(error) == RATE_LIMITED or name_of(error) not in PASSING:
                await self._store.drop_post(self._claim.id, position)
            raise

    async def _whisper(self, message: Message) -> bool:
        """Show it to the asker in the channel; False where the bot cannot write there."""
        try:
            await self._client.chat_postEphemeral(
                channel=self._question.channel,
                user=self._question.asker,
                thread_ts=self._private_thread(),
                text=message.text,
                blocks=message.blocks,
            )
        except SlackApiError as error:
            if name_of(error) in OUT_OF_REACH:
                return False
            raise
        return True

    async def _replace(self, post: Post, message: Message) -> bool:
        """Have the message that is there say this; False where it cannot be changed."""
        try:
            await self._client.chat_update(
                channel=post.channel, ts=post.ts, text=message.text, blocks=message.blocks
            )
        except SlackApiError as error:
            if name_of(error) in UNCHANGEABLE:
                return False
            raise
        return True

    async def _hold(self) -> None:
        if not await self._store.holds(self._claim):
            raise ClaimLost

    async def _note(self, position: int, post: Post) -> None:
        await self._store.add_post(self._claim.id, position, post)

    async def _end_stream(self, post: Post, message: Message, live: LiveText) -> bool:
        """Finish the live text as `message`; False where it has to be replaced by it."""
        if live.ts and not live.broken and message.words.startswith(live.shown):
            rest = message.words[len(live.shown) :]
            chunks = [MarkdownTextChunk(text=" " + to_markdown(rest))] if rest.strip() else None
            if await self._stop_stream(post, chunks=chunks, blocks=list(message.tail)):
                return True
        await self._stop_stream(post)
        return False

    async def _stop_stream(self, post: Post, **rest: Any) -> bool:  # noqa: ANN401 as the package
        """Whether it was one still, and took the rest."""
        try:
            await self._client.chat_stopStream(
                channel=post.channel, ts=post.ts, session_status="active", **rest
            )
        except SlackApiError as error:
            if name_of(error) in PASSING:
                raise
            return False
        return True

    async def _post_new(self, position: int, message: Message) -> None:
        if self._direct:
            await self._post_directly(position, message)
            return
        try:
            post = await self._post(self._question.channel, self._question.thread, message)
        except SlackApiError as error:
            if name_of(error) not in OUT_OF_REACH:
                raise
            await self._post_directly(position, message)
        else:
            await self._note(position, post)

    async def _post_directly(self, position: int, message: Message) -> None:
        """To the asker, and what comes after it too."""
        self._direct = True
        send = partial(self._post, self._question.asker, None)
        await self._note(position, await self._try(position, send, message))

    async def _post(self, channel: str, thread: str | None, message: Message) -> Post:
        posted = await self._client.chat_postMessage(
            channel=channel,
            thread_ts=thread,
            text=message.text,
            blocks=message.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        return Post(posted["channel"], posted["ts"])

    async def _find_unnoted(self, wanted: int) -> list[Post]:
        """The bot's messages after the question that belong to no reply, the oldest first."""
        if wanted <= 0:
            return []
        asked = self._question.ts
        since = asked if _TS.fullmatch(asked) else f"{self._claim.at - SKEW:.6f}"
        me = (await self._client.auth_test())["user_id"]
        try:
            found = await self._client.conversations_replies(
                channel=self._channel, ts=self._question.thread, oldest=since, limit=LOOKED_AT
            )
        except SlackApiError as error:
            if name_of(error) not in OUT_OF_REACH:
                raise
            return []
        posts = [
            Post(self._channel, said["ts"])
            for said in found["messages"]
            if said.get("user") == me and said["ts"] > since
        ]
        return [post for post in posts if not await self._store.is_known(post)][:wanted]

    def _private_thread(self) -> str | None:
        """The thread, where there is one: a private message opens none."""
        asked_at_top = self._question.thread == self._question.ts
        return None if asked_at_top else self._question.thread

    async def _respond(self, message: Message) -> bool:
        """Show it to who gave the command; False where the command's address is used up."""
        answered = await AsyncWebhookClient(
            self._question.respond,
            retry_handlers=list(self._client.retry_handlers),
            logger=logging.getLogger("dateline.slack.sdk"),
        ).send(
            text=message.text,
            blocks=message.blocks,
            response_type="ephemeral",
            replace_original=False,
            unfurl_links=False,
            unfurl_media=False,
        )
        if answered.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise aiohttp.ClientError("Slack failed at a reply to a command.")
        if answered.status_code != HTTPStatus.OK:
            log.warning("a reply to a command was refused: %s", answered.status_code)
        return answered.status_code == HTTPStatus.OK

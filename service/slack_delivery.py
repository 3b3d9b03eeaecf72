"""The messages of one reply -> Slack, each one once.

Each message is noted once it is there. Whoever takes the question again after a crash goes on from
the notes, and looks in the thread for a message that was posted and not noted.
"""

import logging
import re
from collections.abc import Sequence

from slack_sdk.errors import SlackApiError
from slack_sdk.models.messages.chunk import MarkdownTextChunk
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from service.slack_failures import OUT_OF_REACH, PASSING, name_of
from service.slack_live import LiveText
from service.slack_message import Message
from service.slack_store import Claim, Post, SlackStore
from service.slack_text import to_markdown

log = logging.getLogger("dateline.slack")

LOOKED_AT = 100
"""Messages of a thread that are looked through for one that was posted and not noted."""

SKEW = 60.0
"""Seconds that this machine's clock may be ahead of Slack's."""

_TS = re.compile(r"\d+\.\d+")


class Delivery:
    """Of one claim's reply, with a client that waits for rate limits."""

    def __init__(self, claim: Claim, store: SlackStore, client: AsyncWebClient) -> None:
        self._claim = claim
        self._question = claim.question
        self._store = store
        self._client = client
        self._channel = claim.question.channel
        self._thread: str | None = claim.question.thread

    async def note_first(self, ts: str) -> None:
        """Note the message that grows."""
        await self._store.add_post(self._claim.id, 0, Post(self._channel, ts))

    async def post(self, messages: Sequence[Message], live: LiveText) -> bool:
        """Bring the messages into the thread, from what is there of `live`.

        Whether that also told Slack that the work is done. Raises SlackApiError, WriteFailed and
        slack_failures.UNREACHED.
        """
        posts = await self._store.posts(self._claim.id)
        if self._claim.takes > 1 or live.unsure:
            posts += await self._find_unnoted(len(messages) - len(posts))
        ended = False
        for position, message in enumerate(messages):
            if position == 0 and posts and await self._end_stream(posts[0], message, live):
                ended = True
            elif position < len(posts):
                await self._client.chat_update(
                    channel=posts[position].channel,
                    ts=posts[position].ts,
                    text=message.text,
                    blocks=message.blocks,
                )
            else:
                await self._post_new(position, message)
        return ended

    async def send_privately(self, messages: Sequence[Message]) -> None:
        """To the asker's eyes only; what is noted as sent is not sent again. Raises as `post`."""
        sent = len(await self._store.posts(self._claim.id))
        for position, message in enumerate(messages[sent:], start=sent):
            if self._question.way == "command":
                await self._respond(message)
            else:
                await self._client.chat_postEphemeral(
                    channel=self._question.channel,
                    user=self._question.asker,
                    thread_ts=self._private_thread(),
                    text=message.text,
                    blocks=message.blocks,
                )
            await self._store.add_post(self._claim.id, position, Post(self._channel, ""))

    async def _end_stream(self, post: Post, message: Message, live: LiveText) -> bool:
        """Finish the live text as `message`; False where it has to be replaced by it."""
        fits = bool(live.ts) and not live.broken and message.words.startswith(live.shown)
        rest = message.words[len(live.shown) :] if fits else ""
        chunks = [MarkdownTextChunk(text=" " + to_markdown(rest))] if rest.strip() else None
        try:
            await self._client.chat_stopStream(
                channel=post.channel,
                ts=post.ts,
                chunks=chunks,
                blocks=list(message.tail) if fits else None,
                session_status="active",
            )
        except SlackApiError as error:
            if name_of(error) in PASSING:
                raise
            return False  # it expired, or is no stream
        return fits

    async def _post_new(self, position: int, message: Message) -> None:
        try:
            posted = await self._client.chat_postMessage(
                channel=self._channel,
                thread_ts=self._thread,
                text=message.text,
                blocks=message.blocks,
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            if name_of(error) not in OUT_OF_REACH or self._thread is None:
                raise
            self._channel, self._thread = self._question.asker, None
            await self._post_new(position, message)
            return
        post = Post(posted["channel"], posted["ts"])
        await self._store.add_post(self._claim.id, position, post)

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

    async def _respond(self, message: Message) -> None:
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
        if answered.status_code != 200:  # noqa: PLR2004
            log.warning("a reply to a command was refused: %s", answered.status_code)

"""What people do in Slack -> the store of questions, and the archive of answers.

Every listener writes down what it was told before Slack hears that it arrived; the queue does the
rest. Nothing here waits for an answer, nor for a thread that answers are made in.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from service.archive import Archive
from service.conversation import check_question
from service.errors import QuestionRefused, trace_of
from service.metrics import Metrics
from service.slack_blocks import FEEDBACK
from service.slack_events import Heard, Question, Rules, asks_for_help, hear, is_small_talk
from service.slack_failures import UNREACHED, name_of
from service.slack_manifest import COMMAND, SHORTCUT
from service.slack_message import help_message
from service.slack_prompts import Prompts
from service.slack_reply import ELSEWHERE
from service.slack_store import SlackStore
from service.slack_text import escape, read_message
from service.slack_view import QUESTION, ask_view, read_view

log = logging.getLogger("dateline.slack")

THANKS = {
    "right": "Thank you. It is noted that this answer is right.",
    "wrong": "Thank you. It is noted that this answer is wrong, and will be looked into.",
}
NO_QUESTION = "Please enter a question of up to 1,000 characters."
GONE = "This answer is no longer stored, so your opinion could not be noted."
"""What the asker is told, or who presses a button."""


class Listeners:
    """Of one bot; `wake` is called when there is a question, or one to stop."""

    def __init__(
        self,
        store: SlackStore,
        archive: Archive,
        rules: Rules,
        prompts: Prompts,
        *,
        metrics: Metrics,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._archive = archive
        self._rules = rules
        self._prompts = prompts
        self._metrics = metrics
        self._wake = wake
        self._opinions = ThreadPoolExecutor(max_workers=1, thread_name_prefix="slack-opinions")

    def listen(self, app: AsyncApp) -> None:
        """Tie them to what they listen to."""
        for kind in ("app_mention", "message"):
            app.event(kind, middleware=[self._take_message])(_done)
        app.event("agent_session_stopped", middleware=[self._take_stop])(_done)
        app.event("app_home_opened")(self._open_home)
        app.event(re.compile(""))(_done)
        app.command(COMMAND)(self._take_command)
        app.shortcut(SHORTCUT)(self._open_view)
        app.view(SHORTCUT)(self._take_view)
        app.action(FEEDBACK)(self._take_opinion)
        app.error(_log_error)

    def close(self) -> None:
        """End their thread."""
        self._opinions.shutdown()

    async def _take_message(
        self, body: dict[str, Any], context: AsyncBoltContext, next_: Callable[[], Awaitable[None]]
    ) -> None:
        """Keep the question in a message, if there is one for the bot; then Slack is told."""
        heard = hear(body, bot=context.bot_user_id)
        if heard and await self._is_for_bot(heard, context.team_id or ""):
            question = self._rules.question(
                heard, team=context.team_id or "", enterprise=context.enterprise_id or ""
            )
            if await self._store.add(question, event=heard.event, opens=question.notice is None):
                self._wake()
        await next_()

    async def _is_for_bot(self, heard: Heard, team: str) -> bool:
        if heard.direct or heard.mentioned:
            return True
        if not heard.thread or not self._rules.follow(heard.channel):
            return False
        asker = await self._store.find_asker(team, heard.channel, heard.thread)
        if asker is None:
            return False
        if asker != heard.asker or heard.to_others:
            await self._store.leave_thread(team, heard.channel, heard.thread)
            return False
        return not is_small_talk(heard.text)

    async def _take_stop(
        self,
        event: dict[str, Any],
        context: AsyncBoltContext,
        next_: Callable[[], Awaitable[None]],
    ) -> None:
        await self._store.stop(
            context.team_id or "", event["channel"], event.get("thread_ts") or ""
        )
        self._wake()
        await next_()

    async def _open_home(self, event: dict[str, Any], client: AsyncWebClient) -> None:
        """Suggest questions in the panel."""
        prompts = await self._prompts.suggest() if event.get("tab") == "messages" else ()
        if not prompts:
            return
        try:
            await client.assistant_threads_setSuggestedPrompts(
                channel_id=event["channel"],
                title="Ask about the news",
                prompts=[{"title": each, "message": each} for each in prompts],
            )
        except (SlackApiError, *UNREACHED) as error:
            log.info("No questions were suggested: %s.", name_of(error))

    async def _take_command(
        self, command: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck
    ) -> None:
        text = read_message(command.get("text") or "")
        channel = command["channel_id"]
        if not self._rules.allow(channel, direct=channel.startswith("D")):
            await ack(text=ELSEWHERE)
            return
        if asks_for_help(text):
            message = help_message(await self._prompts.suggest())
            await ack(text=message.text, blocks=message.blocks)
            return
        name = f"command-{command['trigger_id']}"
        question = Question(
            team=context.team_id or "",
            channel=channel,
            ts=name,
            thread=name,
            asker=command["user_id"],
            text=text,
            way="command",
            respond=command["response_url"],
            enterprise=context.enterprise_id or "",
        )
        await self._store.add(question, opens=False)
        self._wake()
        await ack(text=f"You asked: {escape(text)}\nI am looking in the articles …")

    async def _open_view(
        self, shortcut: dict[str, Any], client: AsyncWebClient, ack: AsyncAck
    ) -> None:
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=ask_view(shortcut))

    async def _take_view(
        self, body: Mapping[str, Any], context: AsyncBoltContext, ack: AsyncAck
    ) -> None:
        asked = read_view(body)
        try:
            text = check_question(asked.text)
        except QuestionRefused:
            await ack(response_action="errors", errors={QUESTION: NO_QUESTION})
            return
        direct = asked.channel.startswith("D")
        allowed = self._rules.allow(asked.channel, direct=direct)
        private = not allowed or (self._rules.private and not direct)
        question = Question(
            team=context.team_id or "",
            channel=asked.channel,
            ts=asked.name,
            thread=asked.thread,
            asker=asked.asker,
            text=text,
            way="private" if private else "thread",
            notice=None if allowed else "elsewhere",
            enterprise=context.enterprise_id or "",
        )
        await self._store.add(question, opens=allowed)
        self._wake()
        await ack()

    async def _take_opinion(
        self, body: dict[str, Any], action: dict[str, Any], respond: AsyncRespond, ack: AsyncAck
    ) -> None:
        """Store what a reader thinks of an answer, and say so to the reader alone.

        By the button's own address: an answer to a command stands where the bot may be no member.
        """
        opinion, _, answer_id = action["value"].partition(" ")
        noted = await asyncio.get_running_loop().run_in_executor(
            self._opinions, self._archive.add_opinion, answer_id, opinion, None
        )
        if noted:
            self._metrics.opinions.labels(opinion).inc()
        await ack()
        try:
            await respond(
                THANKS[opinion] if noted else GONE,
                response_type="ephemeral",
                replace_original=False,
                thread_ts=body.get("container", {}).get("thread_ts"),
            )
        except UNREACHED as error:
            log.info("No thanks were said: %s.", name_of(error))


async def _done() -> None:
    """All is done: Slack is told that the event arrived."""


async def _log_error(error: Exception) -> None:
    log.error("a listener failed: %s", trace_of(error))

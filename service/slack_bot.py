"""What people do in Slack -> the store of questions, and the archive of answers.

Every listener writes down what it was told before Slack hears that it arrived. The answers are made
and sent by the queue, from any process that shares the store.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from index.errors import WriteFailed
from service.archive import Archive
from service.conversation import check_question
from service.current import Current
from service.errors import QuestionRefused, SlackFailed, trace_of
from service.metrics import Metrics
from service.settings import Settings
from service.slack_events import Heard, Question, Rules, asks_for_help, hear, is_small_talk
from service.slack_failures import UNREACHED, name_of
from service.slack_manifest import COMMAND, SCOPES, SHORTCUT
from service.slack_message import FEEDBACK, help_message
from service.slack_prompts import suggest
from service.slack_queue import LEASE, PAUSES, Queue
from service.slack_reply import ELSEWHERE, Reply
from service.slack_store import Claim, SlackStore
from service.slack_text import escape, read_message
from service.slack_view import QUESTION, ask_view, read_view
from service.slack_workspaces import Workspaces, sdk_log

log = logging.getLogger("dateline.slack")

SLACK = "https://slack.com/api/"


WAITING = 100
"""Questions of one workspace that may wait."""

PROMPTS = 4
"""Suggested questions; Slack shows as many."""

THANKS = {
    "right": "Thank you. It is noted that this answer is right.",
    "wrong": "Thank you. It is noted that this answer is wrong, and will be looked into.",
}
NO_QUESTION = "Please enter a question of up to 1,000 characters."
GONE = "This answer is no longer stored, so your opinion could not be noted."
"""What the asker is told, or who presses a button."""


class SlackBot:
    """The bot of one deployment, in one workspace or in all that installed it."""

    def __init__(
        self,
        current: Current,
        archive: Archive,
        settings: Settings,
        metrics: Metrics,
        *,
        base_url: str = SLACK,
        lease: float = LEASE,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        """`current` is loaded, and renewed, by somebody else; until it is, questions wait.

        Raises SettingWrong where neither a token nor a client id and secret are set.
        """
        self.store = SlackStore(settings.data / "slack.sqlite", waiting=WAITING)
        self._current = current
        self._archive = archive
        self._metrics = metrics
        self._rules = Rules.of(settings)
        self.workspaces = Workspaces(settings, base_url=base_url)
        self.app = self._make_app(settings)
        self._listen()
        self.queue = Queue(
            self.store, self._make_reply, current=current, lease=lease, pauses=pauses
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer questions meanwhile."""
        async with self.workspaces.connected() as self.app.client.session:
            work = [asyncio.create_task(self.queue.run()), asyncio.create_task(self._get_ready())]
            try:
                yield
            finally:
                for task in work:
                    task.cancel()
                await asyncio.gather(*work, return_exceptions=True)
                await self.store.close()

    async def _get_ready(self) -> None:
        """Do what the first event would wait for: open the store, ask Slack who the bot is."""
        try:
            await self.store.open()
            await self.workspaces.meet()
        except (WriteFailed, SlackFailed) as error:
            log.warning("%s", error)
        except UNREACHED as error:
            log.warning("Slack could not be asked who the bot is (%s).", name_of(error))

    def _make_app(self, settings: Settings) -> AsyncApp:
        """Signatures are checked where requests come in: see service.slack_http."""
        places = self.workspaces
        common: dict[str, Any] = {
            "name": "dateline",
            "logger": sdk_log,
            "client": places.client(),
            "authorize": places,
            "request_verification_enabled": False,
            "attaching_conversation_kwargs_enabled": False,
        }
        if places.installations is None:
            return AsyncApp(**common)
        oauth = AsyncOAuthSettings(
            client_id=settings.slack_client_id,
            client_secret=settings.slack_client_secret,
            scopes=SCOPES,
            user_scopes=[],
            installation_store=places.installations,
            state_store=places.states,
            logger=sdk_log,
        )
        app = AsyncApp(oauth_settings=oauth, **common)
        app.enable_token_revocation_listeners()
        return app

    def _listen(self) -> None:
        """Tie the listeners to what they listen to."""
        app = self.app
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

    async def _make_reply(self, claim: Claim) -> Reply:
        token = await self.workspaces.find_token(claim.question.team, claim.question.enterprise)
        return Reply(
            claim,
            self.store,
            self._current.answerer,
            client=self.workspaces.client(token),
            eager=self.workspaces.client(token, waits=False),
            examples=self._examples,
            metrics=self._metrics,
        )

    async def _examples(self) -> tuple[str, ...]:
        """Questions that the articles of the moment answer."""
        if not self._current.ready:
            return ()
        return await asyncio.to_thread(suggest, self._current.answerer, PROMPTS)

    async def _take_message(
        self, body: dict[str, Any], context: AsyncBoltContext, next_: Callable[[], Awaitable[None]]
    ) -> None:
        """Keep the question in a message, if there is one for the bot; then Slack is told."""
        heard = hear(body, bot=context.bot_user_id)
        if heard and await self._is_for_bot(heard, context.team_id or ""):
            question = self._rules.question(
                heard, team=context.team_id or "", enterprise=context.enterprise_id or ""
            )
            if await self.store.add(question, event=heard.event, opens=question.notice is None):
                self.queue.wake()
        await next_()

    async def _is_for_bot(self, heard: Heard, team: str) -> bool:
        if heard.direct or heard.mentioned:
            return True
        if not heard.thread or not self._rules.follow(heard.channel):
            return False
        asker = await self.store.find_asker(team, heard.channel, heard.thread)
        if asker is None:
            return False
        if asker != heard.asker or heard.to_others:
            await self.store.leave_thread(team, heard.channel, heard.thread)
            return False
        return not is_small_talk(heard.text)

    async def _take_stop(
        self,
        event: dict[str, Any],
        context: AsyncBoltContext,
        next_: Callable[[], Awaitable[None]],
    ) -> None:
        await self.store.stop(context.team_id or "", event["channel"], event.get("thread_ts") or "")
        self.queue.wake()
        await next_()

    async def _open_home(self, event: dict[str, Any], client: AsyncWebClient) -> None:
        """Suggest questions in the panel."""
        prompts = await self._examples() if event.get("tab") == "messages" else ()
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
            message = help_message(await self._examples())
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
        await self.store.add(question, opens=False)
        self.queue.wake()
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
        await self.store.add(question, opens=allowed)
        self.queue.wake()
        await ack()

    async def _take_opinion(
        self, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, ack: AsyncAck
    ) -> None:
        """Store what a reader thinks of an answer, and say so to the reader alone."""
        opinion, _, answer_id = action["value"].partition(" ")
        noted = await asyncio.to_thread(self._archive.add_opinion, answer_id, opinion, None)
        if noted:
            self._metrics.opinions.labels(opinion).inc()
        await ack()
        try:
            await client.chat_postEphemeral(
                channel=body["channel"]["id"],
                user=body["user"]["id"],
                thread_ts=body.get("message", {}).get("thread_ts"),
                text=THANKS[opinion] if noted else GONE,
            )
        except (SlackApiError, *UNREACHED) as error:
            log.info("No thanks were said: %s.", name_of(error))


async def _done() -> None:
    """All is done: Slack is told that the event arrived."""


async def _log_error(error: Exception) -> None:
    log.error("a listener failed: %s", trace_of(error))

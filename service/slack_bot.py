"""The bot: Slack's events into the store, and a queue that answers what is in it.

The answers are made and sent by any process that shares the store.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings

from index.errors import WriteFailed
from service.archive import Archive
from service.current import Current
from service.errors import SlackFailed
from service.metrics import Metrics
from service.settings import Settings
from service.slack_events import Rules
from service.slack_listeners import Listeners
from service.slack_manifest import SCOPES
from service.slack_prompts import Prompts
from service.slack_queue import LEASE, PAUSES, Queue
from service.slack_reply import Reply
from service.slack_store import Claim, SlackStore
from service.slack_workspaces import Workspaces, sdk_log

log = logging.getLogger("dateline.slack")

SLACK = "https://slack.com/api/"

WAITING = 100
"""Questions of one workspace that may wait."""

NOBODYS = {"type": "event_callback", "event": {"type": "made_ready"}}
"""An event as Slack would deliver it, which no listener does anything about."""


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
        self.workspaces = Workspaces(settings, base_url=base_url)
        self.app = self._make_app(settings)
        self.queue = Queue(
            self.store, self._make_reply, current=current, lease=lease, pauses=pauses
        )
        metrics.watch(lambda: self.queue.taken)
        self._current = current
        self._metrics = metrics
        self._prompts = Prompts(current)
        self._listeners = Listeners(
            self.store,
            archive,
            Rules.of(settings),
            self._prompts,
            metrics=metrics,
            wake=self.queue.wake,
        )
        self._listeners.listen(self.app)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer questions meanwhile."""
        async with self.workspaces.connected() as self.app.client.session:
            await self._get_ready()
            try:
                async with self.queue.running(self.workspaces.connected):
                    yield
            finally:
                self._listeners.close()
                self._prompts.close()
                self.workspaces.close()
                await self.store.close()

    async def _get_ready(self) -> None:
        """Do once what the first delivery would wait for; what fails is tried again then."""
        try:
            await self.store.open()
            if self.workspaces.installations is None:
                await self.workspaces.find_out()
                await self.app.async_dispatch(AsyncBoltRequest(body=NOBODYS, mode="socket_mode"))
        except (SlackFailed, WriteFailed) as error:
            log.warning("%s", error)

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

    async def _make_reply(self, claim: Claim) -> Reply:
        token = await self.workspaces.find_token(claim.question.team, claim.question.enterprise)
        return Reply(
            claim,
            self.store,
            self._current.answerer,
            client=self.workspaces.client(token),
            eager=self.workspaces.client(token, waits=False),
            examples=self._prompts.suggest,
            metrics=self._metrics,
        )

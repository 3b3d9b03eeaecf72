"""The workspaces that the bot is in -> their tokens, and clients of Slack's Web API."""

import asyncio
import logging
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.oauth.installation_store.sqlite3 import SQLite3InstallationStore
from slack_sdk.oauth.state_store.sqlite3 import SQLite3OAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from index.errors import WriteFailed
from service.errors import SettingWrong, SlackFailed
from service.settings import PREFIX, Settings
from service.slack_failures import UNREACHED, name_of

sdk_log = logging.getLogger("dateline.slack.sdk")
sdk_log.setLevel(logging.INFO)  # at DEBUG the packages log what people write

WAITS = 20
"""Repeats of a call that a rate limit refused, each after the wait that Slack names."""

CALL_SECONDS = 30
"""Time for one call."""

STATE_SECONDS = 600
"""Time for an installation, from its first page to its last."""


class Installations(SQLite3InstallationStore):
    """The package's store, with the two deletions that its asynchronous side lacks."""

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Forget the bot's token of a workspace."""
        self.delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Forget who installed it."""
        self.delete_installation(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id)


class Workspaces(AsyncAuthorize):
    """One workspace by its token, or all that installed the bot; Slack is asked once about each."""

    def __init__(self, settings: Settings, *, base_url: str) -> None:
        """Raises SettingWrong where neither a token nor a client id and secret are set."""
        self.installations: Installations | None = None
        self.states: SQLite3OAuthStateStore | None = None
        self._base_url = base_url
        self._sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}
        self._token = settings.slack_bot_token
        self._known: dict[str, AuthorizeResult] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="slack-installations")
        if settings.slack_client_id and settings.slack_client_secret:
            file = _make_file(settings.data)
            self.installations = Installations(
                database=file, client_id=settings.slack_client_id, logger=sdk_log
            )
            self.states = SQLite3OAuthStateStore(
                database=file, expiration_seconds=STATE_SECONDS, logger=sdk_log
            )
        elif self._token is None:
            raise SettingWrong(
                f"{PREFIX}SLACK_BOT_TOKEN is not set, nor {PREFIX}SLACK_CLIENT_ID with "
                f"{PREFIX}SLACK_CLIENT_SECRET; README.md says where Slack shows them."
            )

    def client(self, token: str | None = None, *, waits: bool = True) -> AsyncWebClient:
        """A client; one that `waits` repeats what a rate limit refused, and nothing else.

        A call without a reply is not repeated here: it may have done what it was to do.
        """
        session = None
        if self._sessions:
            session = self._sessions.get(asyncio.get_running_loop())
        handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=WAITS)] if waits else []
        return AsyncWebClient(
            token=token,
            base_url=self._base_url,
            retry_handlers=list(handlers),
            session=session,
            logger=sdk_log,
        )

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Keep connections open from one call to the next meanwhile, in this event loop."""
        loop = asyncio.get_running_loop()
        timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            self._sessions[loop] = session
            try:
                yield session
            finally:
                del self._sessions[loop]

    def close(self) -> None:
        """End its thread."""
        self._thread.shutdown()

    async def find_token(self, team: str, enterprise: str) -> str | None:
        """The bot's token in a workspace, None where it is not installed; raises WriteFailed.

        The package's asynchronous store reads its file in the event loop; this one does not.
        """
        installations = self.installations
        if installations is None:
            return self._token
        loop = asyncio.get_running_loop()
        try:
            bot = await loop.run_in_executor(
                self._thread,
                lambda: installations.find_bot(enterprise_id=enterprise or None, team_id=team),
            )
        except sqlite3.Error as error:
            raise WriteFailed(
                f"The installations cannot be read ({error}); see to the folder DATELINE_DATA."
            ) from error
        return bot.bot_token if bot else None

    async def find_out(self) -> None:
        """Ask ahead who the bot is, where it has one token; raises SlackFailed."""
        if self._token:
            await self._identify(self._token)

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,  # noqa: ARG002
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,  # noqa: ARG002
        actor_enterprise_id: str | None = None,  # noqa: ARG002
        actor_team_id: str | None = None,  # noqa: ARG002
        actor_user_id: str | None = None,  # noqa: ARG002
    ) -> AuthorizeResult | None:
        """Who the bot is there; raises SlackFailed, upon which Slack delivers again later."""
        token = await self.find_token(team_id or "", enterprise_id or "")
        return await self._identify(token) if token else None

    async def _identify(self, token: str) -> AuthorizeResult:
        async with self._asking[token]:
            if token not in self._known:
                try:
                    tested = await self.client(token).auth_test()
                except (SlackApiError, *UNREACHED) as error:
                    raise SlackFailed(
                        f"Slack does not say who the bot is ({name_of(error)}); see to "
                        f"{PREFIX}SLACK_BOT_TOKEN, or to the network."
                    ) from error
                self._known[token] = AuthorizeResult.from_auth_test_response(
                    auth_test_response=tested, bot_token=token
                )
            return self._known[token]


def _make_file(data: Path) -> str:
    data.mkdir(parents=True, exist_ok=True)
    return str(data / "slack-installations.sqlite")

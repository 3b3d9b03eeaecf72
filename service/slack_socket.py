"""The bot over Socket Mode: a connection that this process opens, for places without an address."""

import asyncio
import logging
import signal

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.errors import SlackApiError

from service.errors import SettingWrong, SlackFailed
from service.http.desk import Desk
from service.settings import PREFIX, Settings
from service.slack_bot import SLACK, SlackBot
from service.slack_failures import UNREACHED, name_of
from service.slack_workspaces import sdk_log

log = logging.getLogger("dateline.slack")


def check_socket(settings: Settings) -> None:
    """Raises SettingWrong where a token for Socket Mode is not set."""
    if settings.slack_app_token is None:
        raise SettingWrong(
            f"{PREFIX}SLACK_APP_TOKEN is not set; make an app-level token with connections:write "
            "in the app's basic information."
        )


async def serve_socket(desk: Desk, *, base_url: str = SLACK) -> None:
    """Answer over Socket Mode until told to end; raises SlackFailed, SettingWrong.

    And what the loading of the index and the models raises. What is asked meanwhile is kept.
    """
    settings = desk.settings
    bot = SlackBot(desk.current, desk.archive, settings, desk.metrics, base_url=base_url)
    await _check_tokens(bot, settings)
    work = list[asyncio.Task[None]]()
    handler = AsyncSocketModeHandler(bot.app, settings.slack_app_token, logger=sdk_log)
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    try:
        async with bot.running():
            await handler.connect_async()
            await desk.current.load()
            log.info("the bot answers in Slack")
            work += map(asyncio.create_task, (desk.current.follow(), desk.sweep()))
            await told.wait()
    finally:
        await handler.close_async()
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        desk.close()


async def _check_tokens(bot: SlackBot, settings: Settings) -> None:
    """The connection's own client would try a refused token again and again."""
    client = bot.workspaces.client(settings.slack_bot_token)
    try:
        if settings.slack_bot_token and not settings.slack_client_id:
            await client.auth_test()
        await client.apps_connections_open(app_token=settings.slack_app_token or "")
    except SlackApiError as error:
        raise SlackFailed(
            f"Slack refuses the bot's tokens ({name_of(error)}); copy "
            f"{PREFIX}SLACK_BOT_TOKEN and {PREFIX}SLACK_APP_TOKEN from the app's pages again."
        ) from error
    except UNREACHED as error:
        raise SlackFailed(
            f"Slack cannot be reached ({name_of(error)}); check the network or its proxy."
        ) from error

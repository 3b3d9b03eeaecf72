"""HTTP requests from Slack -> the bot, once their signature holds; the pages of an installation.

A request that is not Slack's gets 401, whatever is wrong with it, and nothing of it is logged.
"""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from json import JSONDecodeError
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_sdk.signature import SignatureVerifier

from service.http.desk import Desk
from service.settings import Settings
from service.slack_bot import SlackBot
from service.slack_manifest import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH

log = logging.getLogger("dateline.slack")

_SECONDS = re.compile(r"[0-9]{1,12}")
"""A timestamp; of a number of thousands of digits Python makes an error."""


def add_slack(app: FastAPI, desk: Desk) -> None:
    """Serve Slack under /slack too, where its signing secret is set; raises SettingWrong."""
    if desk.settings.slack_signing_secret:
        bot = SlackBot(desk.current, desk.archive, desk.settings, desk.metrics)
        mount(app, bot, desk.settings)


def mount(app: FastAPI, bot: SlackBot, settings: Settings) -> None:
    """The routes of `bot`, which answers questions as long as `app` runs."""
    verifier = SignatureVerifier(settings.slack_signing_secret or "")
    handler = AsyncSlackRequestHandler(bot.app)
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncIterator[Any]:
        async with inner(served) as state, bot.running():
            yield state

    app.router.lifespan_context = lifespan

    async def take(request: Request) -> Response:
        if not is_signed(verifier, await request.body(), request):
            log.warning("a request to %s was not signed by Slack", EVENTS_PATH)
            return JSONResponse({"error": "invalid signature"}, 401)
        try:
            return await handler.handle(request)
        except JSONDecodeError:
            return JSONResponse({"error": "the body is no JSON"}, 400)

    app.add_route(EVENTS_PATH, take, methods=["POST"], include_in_schema=False)
    if bot.workspaces.installations:
        for path in (INSTALL_PATH, REDIRECT_PATH):
            app.add_route(path, handler.handle, methods=["GET"], include_in_schema=False)


def is_signed(verifier: SignatureVerifier, body: bytes, request: Request) -> bool:
    """Whether Slack signed the body within the last five minutes."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not (_SECONDS.fullmatch(timestamp) and signature.isascii()):
        return False
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return verifier.is_valid(text, timestamp, signature)

"""What Slack delivers, signed as it does, for tests."""

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

SECRET = "5ec2e7"
TOKEN = "xoxb-1"
BOT, ANN, BEN = "UBOT", "UANN", "UBEN"
TEAM = "T1"
GENERAL, DIRECT = "C1", "D1"

Json = dict[str, Any]


def envelope(event: Json, event_id: str, *, team: str = TEAM) -> Json:
    """An event as it is delivered."""
    return {
        "token": "x", "team_id": team, "api_app_id": "A1", "type": "event_callback", "event_id": event_id,
        "event": event, "event_time": 1700000000,
        "authorizations": [{"enterprise_id": None, "team_id": team, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}],
    }  # fmt: skip


def message_event(
    ts: str,
    text: str,
    *,
    user: str = ANN,
    channel: str = GENERAL,
    thread: str | None = None,
    kind: str = "message",
    event_id: str | None = None,
    team: str = TEAM,
    **more: Any,
) -> Json:
    """A message, or a mention with `kind`."""
    event: Json = {
        "type": kind,
        "user": user,
        "text": text,
        "ts": ts,
        "channel": channel,
        "event_ts": ts,
        **more,
    }
    if kind == "message":
        event["channel_type"] = "im" if channel.startswith("D") else "channel"
    if thread:
        event["thread_ts"] = thread
    return envelope(event, event_id or f"Ev-{kind}-{team}-{channel}-{ts}", team=team)


def command_body(text: str, address: str, *, trigger: str = "1.2", channel: str = GENERAL) -> Json:
    """A slash command as it is delivered."""
    return {
        "command": "/ask", "text": text, "team_id": TEAM, "channel_id": channel, "user_id": ANN, "trigger_id": trigger,
        "response_url": address, "api_app_id": "A1",
    }  # fmt: skip


def signed(
    body: Json | bytes, *, form: bool = False, secret: str = SECRET, at: float | None = None
) -> tuple[bytes, dict[str, str]]:
    """A request's body and headers, signed as Slack does; `form` is how commands and buttons come."""
    if isinstance(body, bytes):
        content = body
    elif form:
        content = urlencode(body if "command" in body else {"payload": json.dumps(body)}).encode()
    else:
        content = json.dumps(body).encode()
    timestamp = str(int(at if at is not None else time.time()))
    digest = hmac.new(
        secret.encode(), b"v0:" + timestamp.encode() + b":" + content, hashlib.sha256
    ).hexdigest()
    return content, {
        "content-type": "application/x-www-form-urlencoded" if form else "application/json",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": f"v0={digest}",
    }

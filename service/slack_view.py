"""The window of "Ask about this message": what it shows, and what was entered in it (pure)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from service.conversation import MAX_QUESTION
from service.slack_manifest import SHORTCUT
from service.slack_text import read_message

QUESTION = "question"
"""The field's name."""


@dataclass(frozen=True)
class Asked:
    """A question from the window; `name` names this asking for good."""

    name: str
    channel: str
    thread: str
    asker: str
    text: str


def ask_view(shortcut: Mapping[str, Any]) -> dict[str, Any]:
    """The window; the message that the shortcut was used on is the question until it is changed."""
    message = shortcut["message"]
    place = [shortcut["channel"]["id"], message.get("thread_ts") or message["ts"]]
    field = PlainTextInputElement(
        action_id=QUESTION,
        initial_value=read_message(message.get("text") or "")[:MAX_QUESTION],
        multiline=True,
        max_length=MAX_QUESTION,
    )
    view = View(
        type="modal",
        callback_id=SHORTCUT,
        private_metadata=json.dumps(place),
        title="Ask the articles",
        submit="Ask",
        close="Cancel",
        blocks=[InputBlock(block_id=QUESTION, label="Your question", element=field)],
    )
    return dict(view.to_dict())


def read_view(body: Mapping[str, Any]) -> Asked:
    """What was entered."""
    view = body["view"]
    channel, thread = json.loads(view["private_metadata"])
    text = view["state"]["values"][QUESTION][QUESTION]["value"] or ""
    return Asked(f"view-{view['id']}", channel, thread, body["user"]["id"], text)

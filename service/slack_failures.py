"""An error of a call of Slack's Web API -> its name, and what it means for the reply (pure)."""

import aiohttp
from slack_sdk.errors import SlackApiError

UNREACHED = (aiohttp.ClientError, TimeoutError)
"""No word from Slack: nobody knows whether it did what it was asked."""

NO_JSON = "no_json"
"""The name of a reply that is none of Slack's, but of something on the way to it."""

RATE_LIMITED = "ratelimited"
"""Nothing was done."""

PASSING = {
    NO_JSON,
    RATE_LIMITED,
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
}
"""The same call may succeed later."""

OUT_OF_REACH = {
    "not_in_channel",
    "channel_not_found",
    "is_archived",
    "restricted_action",
    "thread_not_found",
    "user_not_in_channel",
}
"""The bot cannot write there: the asker is written to directly."""

UNCHANGEABLE = OUT_OF_REACH | {
    "cant_update_message",
    "edit_window_closed",
    "message_not_found",
}
"""A message that is there cannot be replaced, or was deleted: what it was to say is posted anew."""


def name_of(error: Exception) -> str:
    """What Slack calls the error, or the kind of what kept its answer away."""
    if not isinstance(error, SlackApiError):
        return type(error).__name__
    data = getattr(error.response, "data", None)
    return str(data.get("error")) if isinstance(data, dict) else NO_JSON

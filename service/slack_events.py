"""What Slack delivers -> a message that the bot hears, and the Question in it, if it is one (pure).

Answered are direct messages, mentions, and in a thread what the person goes on to ask with whom the
bot talks there. What people say to each other is left alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from service.settings import Settings
from service.slack_text import mentions, read_message

Way = Literal["thread", "private", "command"]
"""How a reply goes out: for all in the thread, for the asker only, or to a command's address."""

Notice = Literal["help", "busy", "elsewhere"]
"""What is said in place of an answer."""

_HEARD_SUBTYPES = {None, "file_share"}
"""Other messages are changes, deletions, people who join and what goes to the channel as well."""

_SMALL_TALK = re.compile(
    r"\W*(?:thanks?|thank you|thx|cheers|ok|okay|great|perfect|nice|cool|good|got it|i see|wow|lol"
    r"|yes|no|never ?mind)\b(?:(?!\b(?:about|and|but|did|do|does|has|have|how|tell|was|were|what"
    r"|when|where|which|who|whom|whose|why)\b)[^?]){0,40}",
    re.IGNORECASE,
)
"""What people say to an answer without asking anything: "ok, and who paid" does."""


@dataclass(frozen=True)
class Question:
    """What somebody asked: where, in which thread, and how the reply goes out."""

    team: str
    channel: str
    ts: str
    """The message's, or what else names this asking for good."""
    thread: str
    asker: str
    text: str
    way: Way = "thread"
    notice: Notice | None = None
    respond: str = ""
    """A command's address for replies."""
    enterprise: str = ""

    @property
    def conversation(self) -> str:
        """The name of the thread's conversation."""
        return f"slack-{self.team}-{self.channel}-{self.thread}"


@dataclass(frozen=True)
class Heard:
    """A person's message in a place that the bot is in."""

    event: str
    channel: str
    ts: str
    thread: str | None
    asker: str
    text: str
    direct: bool
    mentioned: bool
    to_others: bool
    """Whether it mentions somebody else, and the bot not."""


@dataclass(frozen=True)
class Rules:
    """Where the bot answers, whom without a mention, and for whose eyes."""

    channels: frozenset[str]
    """The channels that it answers in; all where there are none."""
    follow_ups: frozenset[str]
    """Those in whose threads a follow-up needs no mention, or `all`."""
    private: bool

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """The rules that the settings state."""
        return cls(
            frozenset(settings.slack_channels),
            frozenset(settings.slack_follow_ups),
            settings.slack_private,
        )

    def allow(self, channel: str, *, direct: bool = False) -> bool:
        """Whether questions are answered there."""
        return direct or not self.channels or bool({"all", channel} & self.channels)

    def follow(self, channel: str) -> bool:
        """Whether a thread there goes on without mentions."""
        return self.allow(channel) and bool({"all", channel} & self.follow_ups)

    def question(self, heard: Heard, *, team: str, enterprise: str) -> Question:
        """The question in a message that is for the bot, or what is to be said in its place."""
        notice: Notice | None = None
        if not self.allow(heard.channel, direct=heard.direct):
            notice = "elsewhere"
        elif is_small_talk(heard.text):
            notice = "help"
        private = notice == "elsewhere" or (self.private and not heard.direct)
        return Question(
            team=team,
            channel=heard.channel,
            ts=heard.ts,
            thread=heard.thread or heard.ts,
            asker=heard.asker,
            text=heard.text,
            way="private" if private else "thread",
            notice=notice,
            enterprise=enterprise,
        )


def hear(body: Mapping[str, Any], *, bot: str | None) -> Heard | None:
    """The message in a delivery, None where it is none of a person's; `bot` is the bot's user."""
    event = body["event"]
    text = event.get("text") or ""
    asker = event.get("user")
    if not asker or event.get("bot_id") or event.get("subtype") not in _HEARD_SUBTYPES:
        return None
    named = mentions(text)
    mentioned = event["type"] == "app_mention" or bot in named
    return Heard(
        event=body.get("event_id", ""),
        channel=event["channel"],
        ts=event["ts"],
        thread=event.get("thread_ts"),
        asker=asker,
        text=read_message(text, but=bot),
        direct=event.get("channel_type") == "im" or event["channel"].startswith("D"),
        mentioned=mentioned,
        to_others=bool(named) and not mentioned,
    )


def asks_for_help(text: str) -> bool:
    """Whether there is no question in `text`."""
    return not any(character.isalnum() for character in text) or text.strip().lower() == "help"


def is_small_talk(text: str) -> bool:
    """Whether `text` asks nothing and only says thanks or the like."""
    return bool(_SMALL_TALK.fullmatch(text)) or asks_for_help(text)

"""People and the bot in one workspace, for tests: what is said, and what everybody sees."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fake_slack import FakeSlack, Said
from slack_bots import Answers, Running, running
from slack_deliveries import BOT, message_event

MENTION = f"<@{BOT}> what did Kim receive?"
WORDS = "Kim received five drones [1]. Putin accepted [2]."
SOURCES = (
    "[1] About gifts <https://post.example/gifts> — 17 September 2023\n"
    "> The governor gave Kim five drones.\n"
    "[2] About visit — 17 September 2023\n"
    "> Putin accepted the invitation."
)
WHOLE = f"{WORDS}\n{SOURCES}\n(Right) (Wrong)"


class Talk:
    """People and the bot in one workspace."""

    def __init__(self, slack: FakeSlack, bot: Running, answers: Answers) -> None:
        self.slack = slack
        self.bot = bot
        self.answers = answers

    async def say(self, text: str, **more: Any) -> str:
        """A message, delivered and answered if it is to be; its ts."""
        ts = await self.send(text, **more)
        await self.bot.settled()
        return ts

    async def send(self, text: str, **more: Any) -> str:
        place = {key: more[key] for key in ("user", "channel", "thread") if key in more}
        ts = self.slack.ask(text, **place)
        response = await self.bot.deliver(message_event(ts, text, **more))
        assert response.status_code == 200
        return ts

    def shown(self, channel: str, thread: str) -> list[str]:
        """What the bot said in a thread."""
        return [said.shown for said in self.slack.replies(channel, thread)]

    @property
    def private(self) -> list[Said]:
        """What it said to somebody alone."""
        return [said for said in self.slack.said if said.for_whom]

    def has_told(self, times: int) -> bool:
        return len(self.private) == times

    @property
    def asked(self) -> list[str]:
        """The questions that were answered."""
        return [question for question, _ in self.answers.asked]


def talk(
    slack: FakeSlack,
    data: Path,
    work: Callable[[Talk], Awaitable[None]],
    *,
    answers: Answers | None = None,
    **settings: Any,
) -> None:
    """Run `work` with a bot that has these settings."""
    answers = answers or Answers()

    async def main() -> None:
        async with running(slack, data, answers, **settings) as bot:
            await work(Talk(slack, bot, answers))

    asyncio.run(main())

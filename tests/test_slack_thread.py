"""One thread in full: what is delivered, every call that the bot makes, and how it looks in the end.

It is kept in data/slack/thread.md, to be read; where that is missing it is written anew.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from fake_answers import make_answer, near
from fake_slack import FakeSlack, fake_slack
from slack_bots import Answers, running, say
from slack_deliveries import ANN, BOT, GENERAL, message_event
from slack_shown import show_block

from service.answer import Answer, AnswerSentence, ArticleLink
from service.slack_message import help_message, stopped_message, text_message
from service.slack_reply import BUSY, ELSEWHERE, FAILED, TOO_LONG

KEPT = Path(__file__).parent / "data" / "slack" / "thread.md"
DRONES = say(
    (
        "Kim received five explosive drones and a reconnaissance drone.",
        ("a", "Kozhemyako gave Kim five explosive drones and a “Geran-25” reconnaissance drone."),
    ),
    (
        "He was also given protective clothing.",
        ("b", "He presented a set of bulletproof protection & special clothing."),
    ),
    urls={"a": "https://fenwick.example/drones"},
)
DRONES = replace(
    DRONES,
    citations=(
        replace(
            DRONES.citations[0],
            title="Kim ends Russia stay with drones",
            source="The Fenwick Post",
            also_in=(ArticleLink("w", "In brief: Kim leaves Russia"),),
        ),
        replace(DRONES.citations[1], title="Kim takes clothing home", source="Coast Radio"),
    ),
)
SILENT = replace(
    make_answer(status="abstained", text="The articles do not say."),
    closest=(
        near("Kim ends Russia stay with drones", "Kim raised a glass with his hosts."),
        near("Kim takes clothing home", "He watched a walrus."),
    ),
)


OTHERS = {
    "A mention without a question, to all": help_message(["What happened: Kim leaves Russia?"]),
    "The stop button was pressed, in place of the words so far": stopped_message(DRONES.text[:66]),
    "The model failed, to all": text_message(FAILED.format(reference="0a1b2c3d")),
    "A hundred questions wait, to all": text_message(BUSY),
    "A question is too long, to all": text_message(TOO_LONG),
    "A mention in a channel that is not allowed, to the asker": text_message(ELSEWHERE),
}


class Told(Answers):
    """Goes on when Slack shows what was said before, so that each call comes in its turn."""

    def __init__(self, slack: FakeSlack, answers: dict[str, Answer]) -> None:
        super().__init__()
        self.slack = slack
        self.answers = answers

    async def stream(
        self, question: str, *, conversation: str | None = None
    ) -> AsyncGenerator[AnswerSentence | Answer]:
        assert conversation
        answer = self.answers[question]
        seen = len(self.slack.calls)
        await self.until(lambda: self.slack.methods()[seen:].count("assistant.threads.setStatus"))
        for number, sentence in enumerate(answer.sentences, start=1):
            yield sentence
            await self.until(partial(self.has_streamed, seen, number))
        yield answer

    def has_streamed(self, seen: int, times: int) -> bool:
        return sum("Stream" in method for method in self.slack.methods()[seen:]) == times

    @staticmethod
    async def until(holds: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110
                await asyncio.sleep(0.005)


def render(slack: FakeSlack, asked: list[str]) -> str:
    """The thread as a page of Markdown."""
    lines = [
        "# One thread, as Slack is told and as it looks",
        "",
        "Written by tests/test_slack_thread.py. Ann mentions the bot in a channel, then goes on in the",
        "thread without a mention, to a question that the articles do not answer.",
    ]
    calls = iter(slack.calls)
    for number, text in enumerate(asked, start=1):
        lines += ["", f"## {number}. Ann: {text}", ""]
        for call in calls:
            lines += [f"{call.method}", "", "```json", _json(call.payload), "```", ""]
            if "active" in {call.payload.get("session_status"), call.payload.get("status")}:
                break
    lines += ["## How it looks", ""]
    for said in slack.said:
        who = "Ann" if said.user == ANN else "Dateline"
        lines += [f"    {who}"]
        lines += [f"    │ {line}" for line in said.shown.splitlines()] + [""]
    lines += ["## The other messages", ""]
    for when, message in OTHERS.items():
        shown = "\n".join(map(show_block, message.blocks)).splitlines()
        lines += [f"{when}:", "", *(f"    │ {line}" for line in shown), ""]
    return "\n".join(lines).rstrip() + "\n"


def _json(payload: object) -> str:
    return json.dumps(payload, ensure_ascii=False, indent=2, sort_keys=True)


def test_a_thread_in_full(tmp_path: Path) -> None:
    asked = [f"<@{BOT}> what gifts did Kim receive?", "And what did he eat?"]
    answers = {"what gifts did Kim receive?": DRONES, "And what did he eat?": SILENT}

    async def main(slack: FakeSlack) -> str:
        async with running(slack, tmp_path, Told(slack, answers)) as bot:
            thread = slack.ask(asked[0])
            await bot.deliver(message_event(thread, asked[0], kind="app_mention"))
            await bot.settled()
            ts = slack.ask(asked[1], thread=thread)
            await bot.deliver(message_event(ts, asked[1], thread=thread))
            await bot.settled()
            assert len(slack.replies(GENERAL, thread)) == 2
            return render(slack, asked)

    with fake_slack() as slack:
        page = asyncio.run(main(slack))
    if not KEPT.is_file():
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_text(page, encoding="utf-8")
        pytest.fail(f"{KEPT} was missing and is written: read it")
    assert page == KEPT.read_text(encoding="utf-8")

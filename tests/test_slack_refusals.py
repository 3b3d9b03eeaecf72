"""What is said where no answer comes, over a fake Slack."""

import asyncio
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from fake_answers import make_answer
from fake_slack import Call, FakeSlack, fake_slack
from slack_bots import ANSWER, Answers, running
from slack_deliveries import ANN, GENERAL, TEAM
from slack_talk import MENTION, WHOLE, Talk, talk

from service.errors import ModelTimedOut, QuestionRefused, SettingWrong
from service.slack_events import Question
from service.slack_reply import BUSY, TOO_LONG
from service.slack_store import SlackStore


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack() as server:
        yield server


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (ModelTimedOut("what did Kim receive? took too long"), "model_timed_out"),
        (ZeroDivisionError("what did Kim receive?"), "ZeroDivisionError"),
    ],
)
def test_a_failure_is_an_apology_with_a_reference_to_the_log(
    error: Exception,
    logged: str,
    slack: FakeSlack,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = Answers(replace(ANSWER, sentences=()))
    answers.error = error

    async def work(talk: Talk) -> None:
        ts = await talk.say(MENTION)
        (told,) = talk.shown(GENERAL, ts)
        reference = told.partition("(Reference ")[2].rstrip(")")
        assert told == (
            "Sorry, I could not answer this. Please ask again in a few minutes. "
            f"(Reference {reference})"
        )
        assert f"question {reference}: {logged}" in caplog.text

    talk(slack, tmp_path, work, answers=answers)
    ours = [
        one.getMessage() for one in caplog.records if one.name.startswith(("dateline", "slack"))
    ]
    assert ours
    assert not [line for line in ours if "Kim" in line]


def test_a_question_that_ends_every_process_is_apologised_for(
    slack: FakeSlack, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        store = SlackStore(tmp_path / "slack.sqlite", waiting=9)
        await store.add(Question(TEAM, GENERAL, "1.1", "1.1", ANN, "Who came?"))
        for _ in range(5):
            assert await store.claim("dead", seconds=0, at_once=9)
        await store.close()
        answers = Answers()
        async with running(slack, tmp_path, answers) as bot:
            await bot.settled()
        assert answers.asked == []

    asyncio.run(main())
    (told,) = slack.replies(GENERAL, "1.1")
    assert told.shown.startswith("Sorry, I could not answer this.")
    assert "was never answered" in caplog.text


def test_a_question_that_is_too_long_is_told_so(slack: FakeSlack, tmp_path: Path) -> None:
    answers = Answers(replace(ANSWER, sentences=()))
    answers.error = QuestionRefused("has 1001 characters")

    async def work(talk: Talk) -> None:
        ts = await talk.say(MENTION)
        assert talk.shown(GENERAL, ts) == [TOO_LONG]

    talk(slack, tmp_path, work, answers=answers)


def test_where_many_wait_one_more_is_told_so(
    slack: FakeSlack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.slack_bot.WAITING", 3)

    async def work(talk: Talk) -> None:
        sent = [await talk.send(MENTION) for _ in range(15)]
        await talk.bot.settled(20)
        shown = [talk.shown(GENERAL, ts) for ts in sent]
        assert {len(replies) for replies in shown} == {1}
        told = [replies[0] for replies in shown]
        assert set(told) == {WHOLE, BUSY}
        assert told.count(WHOLE) >= 10

    talk(slack, tmp_path, work, answers=Answers(pause=0.3))


def test_a_rate_limit_is_waited_for_and_holds_up_nobody_else(
    slack: FakeSlack, tmp_path: Path
) -> None:
    """Slack refuses three calls for one channel, each for a second."""
    limited: list[float] = []

    def strike(call: Call) -> str | None:
        post = call.method in {"chat.postMessage", "chat.startStream", "chat.stopStream"}
        if post and call.payload.get("channel") == "C2" and len(limited) < 3:
            limited.append(time.monotonic())
            return "429 1"
        return None

    slack.fault = strike

    async def work(talk: Talk) -> None:
        began = time.monotonic()
        held = await talk.send(MENTION, channel="C2")
        await asyncio.to_thread(slack.wait, lambda: limited)
        others = [await talk.send(MENTION) for _ in range(5)]
        await asyncio.to_thread(
            slack.wait, lambda: all(talk.shown(GENERAL, ts) == [WHOLE] for ts in others)
        )
        assert time.monotonic() - began < 1.5
        await talk.bot.settled()
        assert talk.shown("C2", held) == [WHOLE]
        assert all(later - earlier > 0.9 for earlier, later in pairwise(limited[1:]))

    talk(slack, tmp_path, work)
    assert len(limited) == 3


def test_a_reply_that_slack_refuses_for_good_is_given_up(
    slack: FakeSlack, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    abstained = make_answer(status="abstained", text="The articles do not say.")

    async def work(talk: Talk) -> None:
        await talk.say(MENTION, channel="C9", kind="app_mention", user="UGONE")

    talk(slack, tmp_path, work, answers=Answers(abstained))
    assert "was given up: not_in_channel" in caplog.text


def test_without_tokens_it_says_what_to_set(slack: FakeSlack, tmp_path: Path) -> None:
    async def work(_: Talk) -> None:
        raise AssertionError

    with pytest.raises(SettingWrong, match="DATELINE_SLACK_BOT_TOKEN is not set"):
        talk(slack, tmp_path, work, slack_bot_token=None)

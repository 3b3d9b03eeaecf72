"""The command, the shortcut, the panel and the buttons, over a fake Slack."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pytest
from fake_slack import FakeSlack, fake_slack
from fakes import make_article
from slack_bots import ANSWER, Answers, indexed
from slack_deliveries import ANN, BEN, BOT, DIRECT, GENERAL, TEAM, Json, command_body, envelope
from slack_talk import MENTION, WHOLE, Talk, talk

from service.slack_listeners import GONE, NO_QUESTION, THANKS
from service.slack_manifest import COMMAND, SHORTCUT


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack() as server:
        yield server


def test_a_command_is_answered_to_the_asker_alone(slack: FakeSlack, tmp_path: Path) -> None:
    async def work(talk: Talk) -> None:
        response = await talk.bot.deliver(
            command_body("What did Kim <get>?", slack.respond), form=True
        )
        assert response.text == (
            "You asked: What did Kim &lt;get&gt;?\nI am looking in the articles …"
        )
        await talk.bot.settled()
        assert [said.shown for said in talk.private] == [WHOLE]
        response = await talk.bot.deliver(
            command_body(" ", slack.respond, trigger="2.2"), form=True
        )
        assert "Ask me a question" in response.json()["text"]
        assert talk.asked == ["What did Kim <get>?"]

    talk(slack, tmp_path, work)
    (told,) = [call.payload for call in slack.calls if call.method == "response_url"]
    assert told["response_type"] == "ephemeral"
    assert told["replace_original"] is False


def shortcut_body(text: str, channel: str = GENERAL) -> Json:
    """The shortcut, used on a message."""
    return {
        "type": "message_action",
        "callback_id": SHORTCUT,
        "trigger_id": "7.7",
        "team": {"id": TEAM},
        "user": {"id": ANN},
        "channel": {"id": channel},
        "message": {"ts": "1600000000.000009", "text": text, "user": BEN},
    }


def view_body(view: Json, text: str) -> Json:
    """The window, sent off with `text` in it."""
    state = {"values": {"question": {"question": {"type": "plain_text_input", "value": text}}}}
    return {
        "type": "view_submission",
        "team": {"id": TEAM},
        "user": {"id": ANN},
        "view": {**view, "id": f"V-{text[:3]}", "state": state},
    }


@pytest.mark.parametrize("channel", [GENERAL, "C9"])
def test_a_question_about_a_message_is_answered_under_it_or_else_directly(
    channel: str, slack: FakeSlack, tmp_path: Path
) -> None:
    """The bot is no member of C9."""

    async def work(talk: Talk) -> None:
        text = "Is it true that &lt;Kim&gt; got <https://x.example|five drones>?"
        await talk.bot.deliver(shortcut_body(text, channel), form=True)
        await asyncio.to_thread(slack.wait, lambda: slack.views)
        (view,) = slack.views
        assert view["blocks"][0]["element"]["initial_value"] == (
            "Is it true that <Kim> got five drones?"
        )
        refused = await talk.bot.deliver(view_body(view, "  "), form=True)
        assert refused.json() == {"response_action": "errors", "errors": {"question": NO_QUESTION}}
        taken = await talk.bot.deliver(view_body(view, "What did Kim get?"), form=True)
        assert taken.status_code == 200
        await talk.bot.settled()
        assert talk.asked == ["What did Kim get?"]
        place = (GENERAL, "1600000000.000009") if channel == GENERAL else ("DANN", None)
        assert [(said.channel, said.thread, said.shown) for said in slack.said] == [(*place, WHOLE)]

    talk(slack, tmp_path, work)


def test_the_panel_suggests_questions(slack: FakeSlack, tmp_path: Path) -> None:
    async def work(talk: Talk) -> None:
        for tab in ("home", "messages"):
            event = {"type": "app_home_opened", "user": ANN, "channel": DIRECT, "tab": tab}
            await talk.bot.deliver(envelope(event, f"Ev-{tab}"))
        await asyncio.to_thread(slack.wait, lambda: slack.prompts)
        assert [one["message"] for one in slack.prompts] == [
            "What happened: Kim leaves?",
            "What happened: Kim comes?",
        ]
        ts = await talk.say(f"<@{BOT}> help")
        assert "•  What happened: Kim leaves?" in talk.shown(GENERAL, ts)[0]

    answers = Answers()
    titles = ("Kim leaves", "See <!channel> and https://evil.example", "Kim comes.")
    answers.generation = indexed(
        *(make_article("Text.", article_id=each, title=each) for each in titles)
    )
    talk(slack, tmp_path, work, answers=answers)


def feedback_body(value: str, slack: FakeSlack) -> Json:
    """A press of one of the buttons under an answer."""
    return {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": ANN},
        "channel": {"id": GENERAL},
        "container": {"type": "message", "message_ts": "2.2", "thread_ts": "1.1"},
        "response_url": slack.respond,
        "actions": [
            {"type": "feedback_buttons", "action_id": "feedback", "block_id": "b", "value": value}
        ],
    }


def test_an_opinion_is_stored_with_the_answer_s_id(slack: FakeSlack, tmp_path: Path) -> None:
    async def work(talk: Talk) -> None:
        archive = talk.bot.archive
        archive.save(ANSWER.id, asdict(ANSWER), {})
        for number, (opinion, told) in enumerate(THANKS.items(), start=1):
            await talk.bot.deliver(feedback_body(f"{opinion} {ANSWER.id}", slack), form=True)
            await asyncio.to_thread(slack.wait, partial(talk.has_told, number))
            kept = archive.read(ANSWER.id)
            assert kept
            assert kept.opinion == opinion
            said = talk.private[-1]
            assert (said.for_whom, said.thread, said.shown) == (ANN, "1.1", told)
        await talk.bot.deliver(feedback_body("right 0000", slack), form=True)
        await asyncio.to_thread(slack.wait, partial(talk.has_told, 3))
        assert talk.private[-1].shown == GONE

    talk(slack, tmp_path, work)


def test_the_button_stops_the_answer_and_says_so(slack: FakeSlack, tmp_path: Path) -> None:
    async def work(talk: Talk) -> None:
        ts = await talk.send(MENTION)
        await asyncio.to_thread(slack.wait, lambda: slack.replies(GENERAL, ts))
        slack.replies(GENERAL, ts)[0].streaming = False  # so does Slack
        stop = {"type": "agent_session_stopped", "channel": GENERAL, "thread_ts": ts, "user": ANN}
        await talk.bot.deliver(envelope(stop, "Ev8"))
        await talk.bot.settled()
        assert talk.answers.at_work == 0
        (told,) = talk.shown(GENERAL, ts)
        assert told == (
            "Kim received five drones.\n"
            "Stopped. Quotes come only with a whole answer: ask again for them."
        )
        assert slack.sessions[GENERAL, ts] == "active"

    slow = Answers(pause=0.5)
    began = time.monotonic()
    talk(slack, tmp_path, work, answers=slow)
    assert time.monotonic() - began < 5


def test_the_command_and_shortcut_are_those_of_the_manifest() -> None:
    assert (COMMAND, SHORTCUT) == ("/ask", "ask_about_message")

"""The bot over a fake Slack: who is answered, how, and what people see."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_answers import make_answer
from fake_slack import (
    ANN,
    BEN,
    BOT,
    DIRECT,
    GENERAL,
    TEAM,
    FakeSlack,
    Json,
    Said,
    command_body,
    envelope,
    fake_slack,
    message_event,
)
from fakes import make_article
from inline_snapshot import snapshot
from slack_bots import ANSWER, Answers, Running, marked, running, say

from index.errors import DatelineError
from service.errors import ModelTimedOut, QuestionRefused, SettingWrong
from service.slack_bot import GONE, NO_QUESTION, THANKS
from service.slack_events import Question
from service.slack_manifest import COMMAND, SHORTCUT
from service.slack_reply import BUSY, ELSEWHERE, TOO_LONG
from service.slack_store import SlackStore

MENTION = f"<@{BOT}> what did Kim receive?"
WORDS = "Kim received five drones [1]. Putin accepted [2]."
SOURCES = (
    "[1] About gifts <https://post.example/gifts> — 17 September 2023\n"
    "> The governor gave Kim five drones.\n"
    "[2] About visit — 17 September 2023\n"
    "> Putin accepted the invitation."
)
WHOLE = f"{WORDS}\n{SOURCES}\n(Right) (Wrong)"


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack() as server:
        yield server


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


def test_a_mention_is_answered_in_its_thread(slack: FakeSlack, tmp_path: Path) -> None:
    async def work(talk: Talk) -> None:
        ts = await talk.say(MENTION, kind="app_mention")
        assert talk.shown(GENERAL, ts) == [WHOLE]
        assert talk.answers.asked == [("what did Kim receive?", f"slack-{TEAM}-{GENERAL}-{ts}")]
        assert slack.sessions == {(GENERAL, ts): "active"}

        counted = talk.bot.metrics.render(None).decode()
        assert 'dateline_answers_total{status="answered"} 1.0' in counted
        assert 'dateline_tokens_total{kind="prompt"}' in counted

    talk(slack, tmp_path, work)
    assert slack.methods()[0] == "auth.test"
    assert slack.methods().count("auth.test") == 1


def test_slack_is_asked_who_the_bot_is_before_anybody_speaks(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async def work(talk: Talk) -> None:
        await asyncio.to_thread(slack.wait, lambda: slack.methods() == ["auth.test"])
        assert (tmp_path / "slack.sqlite").is_file()
        await talk.say(MENTION, kind="app_mention")

    talk(slack, tmp_path, work)
    assert slack.methods().count("auth.test") == 1


def test_the_answer_grows_by_checked_sentence_under_a_status(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async def work(talk: Talk) -> None:
        await talk.say(MENTION)

    talk(slack, tmp_path, work, answers=Answers(pause=0.05))
    told = [(call.method, call.payload) for call in slack.calls[1:]]
    assert [method for method, _ in told] == [
        "agents.sessions.setStatus",
        "assistant.threads.setStatus",
        "chat.startStream",
        "chat.appendStream",
        "chat.stopStream",
    ]
    assert told[0][1]["status"] == "processing"
    assert told[1][1]["status"] == "is looking in the articles …"
    assert [payload["chunks"] for _, payload in told[2:4]] == [
        [{"type": "markdown_text", "text": "Kim received five drones [1]."}],
        [{"type": "markdown_text", "text": " Putin accepted [2]."}],
    ]
    assert told[4][1]["session_status"] == "active"


def test_a_direct_message_is_answered_and_each_is_a_conversation(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async def work(talk: Talk) -> None:
        ts = await talk.say("What did Kim receive?", channel=DIRECT)
        await talk.say("And Putin?", channel=DIRECT, thread=ts)
        other = await talk.say("Thanks", channel=DIRECT)
        assert talk.shown(DIRECT, ts) == [WHOLE, WHOLE]
        assert [conversation for _, conversation in talk.answers.asked] == [
            f"slack-{TEAM}-{DIRECT}-{thread}" for thread in (ts, ts, other)
        ]

    talk(slack, tmp_path, work)


def test_in_its_thread_the_asker_goes_on_without_a_mention(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async def work(talk: Talk) -> None:
        ts = await talk.say(MENTION)
        await talk.say("And Putin?", thread=ts)
        await talk.say("thanks!", thread=ts)
        await talk.say("At the top, to nobody.")
        await talk.say("In a thread of others.", thread="1600000000.000001")
        assert talk.asked == ["what did Kim receive?", "And Putin?"]
        assert talk.shown(GENERAL, ts) == [WHOLE, WHOLE]

    talk(slack, tmp_path, work)


@pytest.mark.parametrize(
    "more", [{"user": BEN, "text": "What is this?"}, {"text": f"<@{BEN}> what do you think?"}]
)
def test_it_is_quiet_where_people_talk_until_it_is_mentioned_again(
    more: dict[str, str], slack: FakeSlack, tmp_path: Path
) -> None:
    async def work(talk: Talk) -> None:
        ts = await talk.say(MENTION)
        await talk.say(more.pop("text"), thread=ts, **more)
        await talk.say("And Putin?", thread=ts)
        assert talk.asked == ["what did Kim receive?"]
        await talk.say(f"<@{BOT}> and Lavrov?", thread=ts)
        await talk.say("And Putin?", thread=ts)
        assert talk.asked[1:] == ["and Lavrov?", "And Putin?"]

    talk(slack, tmp_path, work)


def test_a_setting_makes_every_follow_up_need_a_mention(slack: FakeSlack, tmp_path: Path) -> None:
    async def work(talk: Talk) -> None:
        ts = await talk.say(MENTION)
        await talk.say("And Putin?", thread=ts)
        assert len(talk.asked) == 1

    talk(slack, tmp_path, work, slack_follow_ups=("none",))


@pytest.mark.parametrize(
    "more", [{"bot_id": "B7"}, {"subtype": "message_changed"}, {"user": BOT, "bot_id": "B1"}]
)
def test_nothing_of_a_bot_or_a_change_is_answered(
    more: dict[str, str], slack: FakeSlack, tmp_path: Path
) -> None:
    async def work(talk: Talk) -> None:
        await talk.say("What did Kim receive?", channel=DIRECT, **more)
        assert talk.asked == []

    talk(slack, tmp_path, work)


def test_an_event_that_nobody_listens_to_is_acknowledged(slack: FakeSlack, tmp_path: Path) -> None:
    async def work(talk: Talk) -> None:
        event = {"type": "reaction_added", "user": ANN, "reaction": "eyes"}
        assert (await talk.bot.deliver(envelope(event, "Ev9"))).status_code == 200

    talk(slack, tmp_path, work)


def test_an_empty_mention_is_told_what_to_ask(slack: FakeSlack, tmp_path: Path) -> None:
    async def work(talk: Talk) -> None:
        ts = await talk.say(f"<@{BOT}>")
        assert talk.shown(GENERAL, ts) == snapshot(
            [
                """\
Ask me a question about the news articles, and I answer with the exact quotes that each sentence rests on, or say that the articles do not say.
Mention me in a channel, write to me directly, or use `/ask`.\
"""
            ]
        )
        assert talk.asked == []

    talk(slack, tmp_path, work)


def test_outside_of_the_channels_set_it_says_so_to_the_asker_alone(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async def work(talk: Talk) -> None:
        ts = await talk.say(MENTION)
        assert talk.shown(GENERAL, ts) == []
        assert [(said.for_whom, said.shown) for said in talk.private] == [(ANN, ELSEWHERE)]
        ts = await talk.say(MENTION, channel="C2")
        assert talk.shown("C2", ts) == [WHOLE]
        response = await talk.bot.deliver(command_body("Who came?", slack), form=True)
        assert response.text == ELSEWHERE

    talk(slack, tmp_path, work, slack_channels=("C2",))


def test_a_setting_makes_answers_private(slack: FakeSlack, tmp_path: Path) -> None:
    async def work(talk: Talk) -> None:
        ts = await talk.say(MENTION)
        (said,) = talk.private
        assert (said.for_whom, said.thread, said.shown) == (ANN, None, WHOLE)
        await talk.say(f"<@{BOT}> and Putin?", thread=ts)
        assert talk.private[1].thread == ts
        assert talk.shown(GENERAL, ts) == []

    talk(slack, tmp_path, work, slack_private=True)
    assert not [method for method in slack.methods() if "tream" in method or "tatus" in method]


def test_a_command_is_answered_to_the_asker_alone(slack: FakeSlack, tmp_path: Path) -> None:
    async def work(talk: Talk) -> None:
        response = await talk.bot.deliver(command_body("What did Kim <get>?", slack), form=True)
        assert response.text == (
            "You asked: What did Kim &lt;get&gt;?\nI am looking in the articles …"
        )
        await talk.bot.settled()
        assert [said.shown for said in talk.private] == [WHOLE]
        response = await talk.bot.deliver(command_body(" ", slack, trigger="2.2"), form=True)
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
    class Found(Answers):
        def search(self, query: str, *, limit: int) -> Any:
            assert (query, limit) == ("news", 50)
            return [ranked("Kim leaves", "2023-09-18"), ranked("Kim comes.", "2023-09-12")]

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

    talk(slack, tmp_path, work, answers=Found())


def ranked(title: str, day: str) -> Any:
    """A ranked passage of an article."""
    article = make_article("Text.", article_id=title, title=title, published=day)
    return SimpleNamespace(passage=SimpleNamespace(article=article))


def feedback_body(value: str) -> Json:
    """A press of one of the buttons under an answer."""
    return {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": ANN},
        "channel": {"id": GENERAL},
        "message": {"ts": "2.2", "thread_ts": "1.1"},
        "actions": [
            {"type": "feedback_buttons", "action_id": "feedback", "block_id": "b", "value": value}
        ],
    }


def test_an_opinion_is_stored_with_the_answer_s_id(slack: FakeSlack, tmp_path: Path) -> None:
    async def work(talk: Talk) -> None:
        archive = talk.bot.archive
        archive.save(ANSWER.id, asdict(ANSWER), {})
        for number, (opinion, told) in enumerate(THANKS.items(), start=1):
            await talk.bot.deliver(feedback_body(f"{opinion} {ANSWER.id}"), form=True)
            await asyncio.to_thread(slack.wait, partial(talk.has_told, number))
            kept = archive.read(ANSWER.id)
            assert kept
            assert kept.opinion == opinion
            counted = talk.bot.metrics.render(None).decode()
            assert f'dateline_opinions_total{{opinion="{opinion}"}} 1.0' in counted
            said = talk.private[-1]
            assert (said.for_whom, said.thread, said.shown) == (ANN, "1.1", told)
        await talk.bot.deliver(feedback_body("right 0000"), form=True)
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


def test_an_opening_that_comes_last_is_put_first(slack: FakeSlack, tmp_path: Path) -> None:
    """The words shown live were not the answer's first: the message is replaced."""
    late = replace(ANSWER, text=f"In the articles since Monday: {ANSWER.text}")

    async def work(talk: Talk) -> None:
        ts = await talk.say(MENTION)
        assert talk.shown(GENERAL, ts) == [f"In the articles since Monday: {WHOLE}"]

    talk(slack, tmp_path, work, answers=Answers(late))


def test_the_articles_do_not_say(slack: FakeSlack, tmp_path: Path) -> None:
    abstained = make_answer(status="abstained", text="The articles do not say.")

    async def work(talk: Talk) -> None:
        ts = await talk.say(MENTION)
        assert talk.shown(GENERAL, ts) == ["The articles do not say.\n(Right) (Wrong)"]

    talk(slack, tmp_path, work, answers=Answers(abstained))
    assert "chat.postMessage" in slack.methods()


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
        failed = f'dateline_failures_total{{code="{logged}"}} 1.0'
        counted = talk.bot.metrics.render(None).decode()
        assert (failed in counted) == isinstance(error, DatelineError)

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


def test_a_reply_that_slack_refuses_for_good_is_given_up(
    slack: FakeSlack, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    abstained = make_answer(status="abstained", text="The articles do not say.")

    async def work(talk: Talk) -> None:
        await talk.say(MENTION, channel="C9", kind="app_mention", user="UGONE")

    talk(slack, tmp_path, work, answers=Answers(abstained))
    assert "was given up: not_in_channel" in caplog.text


def test_a_long_answer_goes_on_below(slack: FakeSlack, tmp_path: Path) -> None:
    long = say(*((f"Sentence {n} is{' long' * 60}.", ("a", f"Quote {n}.")) for n in range(40)))

    async def work(talk: Talk) -> None:
        ts = await talk.say(MENTION)
        shown = talk.shown(GENERAL, ts)
        assert len(shown) == 2
        words = " ".join("\n".join(shown).split("\n[1]")[0].split())
        assert words == marked(long)

    talk(slack, tmp_path, work, answers=Answers(long, pause=0.001))


def test_without_tokens_it_says_what_to_set(slack: FakeSlack, tmp_path: Path) -> None:
    async def work(_: Talk) -> None:
        raise AssertionError

    with pytest.raises(SettingWrong, match="DATELINE_SLACK_BOT_TOKEN is not set"):
        talk(slack, tmp_path, work, slack_bot_token=None)


def test_the_command_and_shortcut_are_those_of_the_manifest() -> None:
    assert (COMMAND, SHORTCUT) == ("/ask", "ask_about_message")

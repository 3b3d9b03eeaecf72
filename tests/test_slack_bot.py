"""The bot over a fake Slack: who is answered where, and what people see."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fake_answers import make_answer
from fake_slack import FakeSlack, fake_slack
from inline_snapshot import snapshot
from slack_bots import ANSWER, Answers, marked, say
from slack_deliveries import ANN, BEN, BOT, DIRECT, GENERAL, TEAM, command_body, envelope
from slack_talk import MENTION, WHOLE, Talk, talk

from service.slack_reply import ELSEWHERE


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with fake_slack() as server:
        yield server


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


def test_a_question_counts_as_in_work_until_it_is_answered(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async def work(talk: Talk) -> None:
        def in_work() -> str:
            lines = talk.bot.metrics.render(None).decode().splitlines()
            return next(line for line in lines if line.startswith("dateline_questions_in_work"))

        assert in_work().endswith(" 0.0")
        asking = asyncio.create_task(talk.say(MENTION, kind="app_mention"))
        async with asyncio.timeout(10):
            while not talk.answers.at_work:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert in_work().endswith(" 1.0")
        await asking
        async with asyncio.timeout(10):
            while not in_work().endswith(" 0.0"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    talk(slack, tmp_path, work, answers=Answers(pause=0.1))


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
        other = await talk.say("Who else came?", channel=DIRECT)
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


def test_the_first_delivery_finds_all_at_hand(slack: FakeSlack, tmp_path: Path) -> None:
    """Slack has said who the bot is, and the file is there."""

    async def work(talk: Talk) -> None:
        assert slack.methods() == ["auth.test"]
        assert (tmp_path / "slack.sqlite").is_file()
        await talk.say(MENTION)
        assert slack.methods().count("auth.test") == 1

    talk(slack, tmp_path, work)


def test_a_token_that_slack_refuses_is_told_at_the_start(
    slack: FakeSlack, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    slack.faults[0] = "invalid_auth"

    async def work(talk: Talk) -> None:
        assert "who the bot is (invalid_auth); see to DATELINE_SLACK_BOT_TOKEN" in caplog.text
        ts = await talk.say(MENTION)
        assert talk.shown(GENERAL, ts) == [WHOLE]

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
        response = await talk.bot.deliver(command_body("Who came?", slack.respond), form=True)
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


def test_a_long_answer_goes_on_below(slack: FakeSlack, tmp_path: Path) -> None:
    long = say(*((f"Sentence {n} is{' long' * 60}.", ("a", f"Quote {n}.")) for n in range(40)))

    async def work(talk: Talk) -> None:
        ts = await talk.say(MENTION)
        shown = talk.shown(GENERAL, ts)
        assert len(shown) == 2
        words = " ".join("\n".join(shown).split("\n[1]")[0].split())
        assert words == marked(long)

    talk(slack, tmp_path, work, answers=Answers(long, pause=0.001))

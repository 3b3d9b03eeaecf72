"""Who is answered: people who speak to the bot, and nobody else."""

from typing import Any

import pytest
from slack_deliveries import ANN, BEN, BOT, DIRECT, GENERAL, message_event

from service.settings import Settings
from service.slack_events import Heard, Rules, asks_for_help, hear, is_small_talk


def heard(text: str = "Who came?", **more: Any) -> Heard | None:
    return hear(message_event("1.1", text, **more), bot=BOT)


def test_a_message_is_heard_with_its_place() -> None:
    assert heard("<@UBOT> who &amp; what?", thread="1.0", event_id="Ev1") == Heard(
        "Ev1", GENERAL, "1.1", "1.0", ANN, "who & what?", direct=False, mentioned=True, to_others=False
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, (False, False, False)),
        ({"kind": "app_mention"}, (False, True, False)),
        ({"channel": DIRECT}, (True, False, False)),
        ({"text": f"<@{BOT}> and <@{BEN}>, who came?"}, (False, True, False)),
        ({"text": f"<@{BEN}>, who came?"}, (False, False, True)),
        ({"subtype": "file_share"}, (False, False, False)),
    ],
)
def test_to_whom_a_message_is(more: dict[str, Any], expected: tuple[bool, ...]) -> None:
    found = heard(**more)
    assert found
    assert (found.direct, found.mentioned, found.to_others) == expected


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B2"},
        {"subtype": "bot_message"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "thread_broadcast"},
        {"subtype": "channel_join"},
        {"user": ""},
    ],
)
def test_what_no_person_says_now_is_not_heard(more: dict[str, Any]) -> None:
    assert heard(**more) is None


def question(text: str = "Who came?", channel: str = GENERAL, **settings: Any) -> tuple[Any, Any]:
    """How the reply to a mention goes out, and what is said in place of an answer."""
    found = heard(text, channel=channel)
    assert found
    asked = Rules.of(Settings(**settings)).question(found, team="T", enterprise="")
    assert (asked.thread, asked.ts, asked.conversation) == ("1.1", "1.1", f"slack-T-{channel}-1.1")
    return asked.way, asked.notice


def test_the_settings_say_where_and_for_whose_eyes_questions_are_answered() -> None:
    assert question() == ("thread", None)
    assert question(slack_channels=("C2",)) == ("private", "elsewhere")
    assert question(slack_channels=("C2", GENERAL)) == ("thread", None)
    assert question(slack_channels=("all",)) == ("thread", None)
    assert question(slack_channels=("C2",), channel=DIRECT) == ("thread", None)
    assert question(slack_private=True) == ("private", None)
    assert question(slack_private=True, channel=DIRECT) == ("thread", None)
    assert question("<@UBOT>") == ("thread", "help")


def test_the_settings_say_in_whose_threads_follow_ups_need_no_mention() -> None:
    def follows(channel: str, **settings: Any) -> bool:
        return Rules.of(Settings(**settings)).follow(channel)

    assert follows("C1")
    assert not follows("C1", slack_follow_ups=("none",))
    assert follows("C1", slack_follow_ups=("C1",))
    assert not follows("C2", slack_follow_ups=("C1",))
    assert not follows("C1", slack_channels=("C2",))


@pytest.mark.parametrize("text", ["", "?", "  …", "help", " Help "])
def test_no_question_asks_for_help(text: str) -> None:
    assert asks_for_help(text)


@pytest.mark.parametrize(
    "text", ["thanks", "Thank you, that is it!", "ok :)", "👍", "Great!", "no"]
)
def test_thanks_are_small_talk(text: str) -> None:
    assert is_small_talk(text)


@pytest.mark.parametrize(
    "text",
    [
        "thanks, and who came?",
        "and on Monday?",
        "Okinawa",
        "who else",
        "ok and who paid",
        "No, tell me of the train",
    ],
)
def test_a_question_is_not(text: str) -> None:
    assert not is_small_talk(text)

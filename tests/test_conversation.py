"""Chat turns become one question, and what cannot be asked is refused at the door."""

import asyncio
from collections.abc import AsyncGenerator
from typing import cast

import pytest

from service.conversation import (
    MAX_QUESTION,
    MAX_TURNS,
    TURN_CHARACTERS,
    TURNS_READ,
    Turn,
    check_question,
    make_standalone,
)
from service.draft import Drafter, Usage
from service.errors import ModelFailed, ModelReplyWrong, ModelTimedOut, QuestionRefused
from service.prompt import Message

HISTORY = [Turn("user", "Who left Russia?"), Turn("assistant", "Kim Jong Un.")]


class OneReply:
    """A drafter with one reply, which remembers what it was asked."""

    model = "scripted"

    def __init__(self, reply: str) -> None:
        self.reply = reply
        self.asked: list[list[Message]] = []

    async def stream(
        self, messages: list[Message], *, max_tokens: int
    ) -> AsyncGenerator[str | Usage]:
        """The reply in two pieces, then its usage."""
        self.asked.append(messages)
        yield self.reply[:3]
        yield self.reply[3:]
        yield Usage(1, max_tokens)


class NoReply(OneReply):
    """A drafter that fails after its first piece, if it has any."""

    def __init__(self, error: ModelFailed, reply: str = "") -> None:
        super().__init__(reply)
        self.error = error

    async def stream(
        self, messages: list[Message], *, max_tokens: int
    ) -> AsyncGenerator[str | Usage]:
        """A piece, and the failure."""
        async for piece in super().stream(messages, max_tokens=max_tokens):
            yield piece
            raise self.error


def rewrite(question: str, history: list[Turn], drafter: OneReply) -> str:
    return asyncio.run(make_standalone(question, history, cast("Drafter", drafter)))


def test_without_history_the_question_stays_and_no_model_is_asked() -> None:
    drafter = OneReply("Something else?")
    assert rewrite("When did he?", [], drafter) == "When did he?"
    assert drafter.asked == []


@pytest.mark.parametrize(
    "reply",
    [
        "When did Kim leave?",
        '"When did Kim leave?"',
        "\n When did Kim leave? \nBecause he asked.",
    ],
)
def test_the_first_line_is_taken_if_it_is_a_question(reply: str) -> None:
    assert rewrite("When did he?", HISTORY, OneReply(reply)) == "When did Kim leave?"


@pytest.mark.parametrize(
    "reply",
    [
        "Kim left on Sunday.",
        "I'm sorry, could you clarify your question?",
        "What was Ida Moen, the captain of the ferry Solvei, given?",
        "When did the ferry run aground?",
        "When did Moen leave Russia?",
        "金正恩什么时候离开?",
        '{"question": "When did Kim leave?"}',
        "",
        " \n ",
    ],
)
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When did he?", "Who left Russia? When did he?"),
        ("And on which day?", "Who left Russia? And on which day?"),
        ("What about Putin?", "Who left Russia? What about Putin?"),
        ("Who ELSE left?", "Who left Russia? Who ELSE left?"),
        ("What did Putin say in Russia?", "What did Putin say in Russia?"),
        ("When did the band play?", "When did the band play?"),
    ],
)
def test_without_a_rewriting_a_question_that_leans_comes_after_the_one_before(
    reply: str, question: str, expected: str
) -> None:
    assert rewrite(question, HISTORY, OneReply(reply)) == expected


def test_the_question_itself_is_no_rewriting() -> None:
    assert rewrite("When did he?", HISTORY, OneReply("When DID he?")) == (
        "Who left Russia? When did he?"
    )


@pytest.mark.parametrize(
    ("question", "before", "meant"),
    [
        ("No, on Sunday.", "What did Kim do on Saturday?", "What did Kim do on Sunday?"),
        ("no, not on Saturday but on Sunday", "Who came on Saturday?", "Who came on Sunday?"),
        ("Sorry, I meant in July", "Who came in June?", "Who came in July?"),
        ("No, in Lund.", "What did Kim see in Tarn?", "What did Kim see in Lund?"),
        ("No, on Sunday!", "What did Kim see at last?", "What did Kim see at last, on Sunday?"),
    ],
)
def test_what_is_put_right_takes_the_place_of_what_was_wrong(
    question: str, before: str, meant: str
) -> None:
    writer = OneReply("Who?")
    history = [Turn("user", before), Turn("assistant", "On Saturday he left [1].")]
    assert rewrite(question, history, writer) == meant
    assert writer.asked == []


@pytest.mark.parametrize("question", ["No.", "No, the governor.", "Actually, who came on Sunday?"])
def test_what_puts_nothing_right_is_for_the_model(question: str) -> None:
    writer = OneReply("Who came on Sunday?")
    history = [Turn("user", "Who came on Saturday?"), Turn("assistant", "Moen came [1].")]
    rewrite(question, history, writer)
    assert writer.asked


def test_a_rewriting_keeps_the_names_of_the_question() -> None:
    history = [Turn("user", "What did Yoon say about the ties?"), Turn("assistant", "Much [1].")]
    question = "And what did Macron say about that?"
    writer = OneReply("What did Yoon say about that?")
    rewritten = rewrite(question, history, writer)
    assert rewritten == f"What did Yoon say about the ties? {question}"


def test_a_question_leans_on_the_last_one_cut_short() -> None:
    history = [
        Turn("user", "Who met Kim?"),
        Turn("user", "Who  left\nRussia " + "x" * TURN_CHARACTERS),
        Turn("assistant", "Kim Jong Un."),
    ]
    before = ("Who left Russia " + "x" * TURN_CHARACTERS)[:TURN_CHARACTERS]
    assert rewrite("When did he?", history, OneReply("")) == f"{before} When did he?"
    assert rewrite("When did he?", history[2:], OneReply("")) == "When did he?"


@pytest.mark.parametrize("reply", ["", "When?"])
def test_a_reply_that_is_of_no_use_leaves_the_question_as_it_is(reply: str) -> None:
    drafter = NoReply(ModelReplyWrong("The provider of m sent an empty reply."), reply)
    assert rewrite("When did Kim leave?", HISTORY, drafter) == "When did Kim leave?"
    assert rewrite("When did he?", HISTORY, drafter) == "Who left Russia? When did he?"


def test_another_failure_of_the_model_is_the_questions_too() -> None:
    with pytest.raises(ModelTimedOut):
        rewrite("When did he?", HISTORY, NoReply(ModelTimedOut("Too late.")))


def test_the_model_reads_the_last_turns_cut_short() -> None:
    history = [Turn("user", f"turn {n} " + "x" * 1000) for n in range(TURNS_READ + 3)]
    drafter = OneReply("When?")
    rewrite("When did he?", history, drafter)
    asked = drafter.asked[0][-1]["content"]
    assert re_turns(asked) == [f"turn {n}" for n in range(3, TURNS_READ + 3)]
    assert "x" * (TURN_CHARACTERS - 7) in asked
    assert "x" * TURN_CHARACTERS not in asked
    assert asked.endswith("Question: When did he?")


def re_turns(message: str) -> list[str]:
    """The turns that a message shows, by their first two words."""
    conversation = message.splitlines()[0].removeprefix("Conversation: ")
    return [" ".join(turn.split()[1:3]) for turn in conversation.split(" | ")]


def test_white_space_is_tidied() -> None:
    assert check_question("  What  did\nKim get? ") == "What did Kim get?"


@pytest.mark.parametrize("question", ["", "   ", "?!", "\n"])
def test_an_empty_question_is_refused(question: str) -> None:
    with pytest.raises(QuestionRefused, match="is empty"):
        check_question(question)


def test_lengths_at_the_limit_pass_and_over_it_are_refused() -> None:
    assert check_question("x" * MAX_QUESTION, HISTORY * (MAX_TURNS // 2))
    with pytest.raises(QuestionRefused, match="1001 characters, 1000 are taken"):
        check_question("x" * (MAX_QUESTION + 1))
    with pytest.raises(QuestionRefused, match="202 turns, 200 are taken"):
        check_question("When?", HISTORY * (MAX_TURNS // 2 + 1))

"""Chat turns -> one standalone question, written by the model from the last turns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from service.claims import CAPITALS, absent_names, absent_words, read_claim
from service.dates import MONTH, WEEKDAY
from service.draft import Writer
from service.errors import ModelReplyWrong, QuestionRefused
from service.prompt import standalone_messages

MAX_QUESTION = 1000
"""Characters of a question; a longer one is an article, not a question."""

MAX_TURNS = 200
"""Turns of a history that are taken at all."""

TURNS_READ = 6
"""The last turns that a follow-up is understood from."""

TURN_CHARACTERS = 400
"""What is kept of each of them."""

_LEANS = re.compile(
    r"^(?:and|but|so|or|what about|how about)\b|\b(?:he|him|his|she|her|hers|it|its|they|them|"
    r"their|theirs|this|that|these|those|there|then|one|ones|else|too|other|others|next)\b",
    re.IGNORECASE,
)
"""Words of a question that point to the one before it."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_CORRECTS = re.compile(
    r"(?:(?:no|nope|sorry|actually|rather)\b\W*+|i meant?\b\W*+)++"
    r"(?:not\s.+?(?:[,;]|\sbut)\s(?:but\s)?)?"
    r"(?P<right>(?!who|what|when|where|which|why|how|did|is|was)[^?]{2,40}?)[.!?]*$",
    re.IGNORECASE,
)
_DAY = re.compile(rf"\b{WEEKDAY}\b", re.IGNORECASE)
_MONTH = re.compile(rf"\b{MONTH}\b")
_NAMED_AFTER = tuple(
    re.compile(rf"\b{word}\s(?:the\s)?{CAPITALS}")
    for word in ("in", "at", "from", "to", "with", "by", "near")
)
"""A name with the word before it, which tells what it is to the question."""

MAX_TOKENS = 60
"""Of the standalone question."""


@dataclass(frozen=True)
class Turn:
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    content: str


def check_question(question: str, history: Sequence[Turn] = ()) -> str:
    """The question without surrounding white space; raises QuestionRefused."""
    question = " ".join(question.split())
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise QuestionRefused("The question is not valid Unicode; write it anew.")
    if not any(character.isalnum() for character in question):
        raise QuestionRefused("The question is empty; ask something about the articles.")
    if len(question) > MAX_QUESTION:
        raise QuestionRefused(
            f"The question has {len(question)} characters, {MAX_QUESTION} are taken; shorten it."
        )
    if len(history) > MAX_TURNS:
        raise QuestionRefused(
            f"The history has {len(history)} turns, {MAX_TURNS} are taken; leave out the oldest."
        )
    return question


async def make_standalone(question: str, history: Sequence[Turn], writer: Writer) -> str:
    """`question` as one that is clear without the conversation; raises ModelFailed's kinds.

    Where the reply is of no use it stays as it is, with the question before it if it leans on it.
    """
    if not history:
        return question
    if corrected := _corrected(question, history):
        return corrected
    turns = [f"{turn.role}: {turn.content[:TURN_CHARACTERS]}" for turn in history[-TURNS_READ:]]
    messages = standalone_messages(" | ".join(turns), question)
    try:
        pieces = [
            piece
            async for piece in writer.stream(messages, max_tokens=MAX_TOKENS)
            if isinstance(piece, str)
        ]
    except ModelReplyWrong:  # a provider that is out of order will say so again for the answer
        return _with_question_before(question, history)
    lines = "".join(pieces).strip().splitlines()
    rewritten = lines[0].strip().strip('"') if lines else ""
    said = [" ".join([question, *turns])]
    asks = _SENTENCE_END.split(question)[-1]
    changed = rewritten.endswith("?") and rewritten.lower() != question.lower()
    if changed and _is_of(rewritten, said) and not absent_names(asks, [rewritten]):
        return rewritten
    return _with_question_before(question, history)


def _corrected(question: str, history: Sequence[Turn]) -> str | None:
    """The question before with what "No, on Sunday" puts right in it; None where it is not clear.

    A day takes the place of the only day, a month of the month, a name after "in" of the name
    there; where there is none the question has it at its end.
    """
    says = _CORRECTS.match(question)
    asked = _last_asked(history)
    if not says or not asked or _LEANS.search(asked):
        return None
    for kind in (_DAY, _MONTH, *_NAMED_AFTER):
        right, wrong = kind.findall(says["right"]), kind.findall(asked)
        if len(right) == 1 and not wrong:
            return f"{asked.rstrip(' ?.!')}, {says['right']}?"
        if len(right) == len(wrong) == 1:
            return kind.sub(right[0], asked)
    return None


def _with_question_before(question: str, history: Sequence[Turn]) -> str:
    """`question` after the one that it leans on, where it cannot stand alone."""
    asked = _last_asked(history)
    if not asked or not _LEANS.search(question):
        return question
    return f"{asked[:TURN_CHARACTERS]} {question}"


def _last_asked(history: Sequence[Turn]) -> str:
    """The user's last question in one line, empty without any."""
    asked = (turn.content for turn in reversed(history) if turn.role == "user")
    return " ".join(next(asked, "").split())


def _is_of(rewritten: str, said: Sequence[str]) -> bool:
    """Whether a question is one of this conversation: its names and a third of its words."""
    words = read_claim(rewritten).words
    unsaid = absent_words(rewritten, said)
    return not absent_names(rewritten, said) and 3 * len(unsaid) <= 2 * len(words)

"""An Answer -> the messages that show it in Slack, within Slack's limits (pure).

The words come first, then each source whole, then the buttons for an opinion; what does not fit
into one message goes on in the next. What stays in one message where it can is a source's blocks.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.answer import Answer
from service.slack_blocks import (
    PIECE,
    closest_blocks,
    context,
    count_characters,
    feedback_block,
    section,
    source_blocks,
)
from service.slack_text import to_markdown, to_mrkdwn

PIECES = 3
"""Sections of words in one message: they leave room for the buttons, and for what comes next."""

MESSAGE = 12_000
"""Characters of all blocks of one message; Slack refuses one of some 13,200."""

BLOCKS = 49
"""Blocks of one message; Slack takes one more, a note may come under them."""

LONGEST_WORD = 400
"""Characters after which a word is cut: escaped, each may become five."""

HELP = (
    "Ask me a question about the news articles, and I answer with the exact quotes that each "
    "sentence rests on, or say that the articles do not say."
)
HOW = "Mention me in a channel, write to me directly, or use `/ask`."

_SENTENCE_END = re.compile(r"(?<=[.!?…”\"\]])\s+")


@dataclass(frozen=True)
class Message:
    """One message: its sections of words, plain, and the blocks that stand under them."""

    pieces: tuple[str, ...] = ()
    tail: tuple[dict[str, Any], ...] = ()
    label: str = ""
    """What stands for the message where it has no words; ours."""

    def with_note(self, mrkdwn: str) -> "Message":
        """The message with a small line of our own words under it."""
        return replace(self, tail=(*self.tail, context(mrkdwn)))

    @property
    def words(self) -> str:
        """The message's words as they are in the answer."""
        return " ".join(self.pieces)

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """All of the message as Slack takes it."""
        return [*(section(to_mrkdwn(piece)) for piece in self.pieces), *self.tail]

    @property
    def text(self) -> str:
        """What notifications and screen readers say."""
        return to_mrkdwn(self.words) or self.label


def pack(answer: Answer) -> tuple[Message, ...]:
    """The messages of an answer, in order; the last one has the buttons."""
    pieces = list(split_words(answer.text))
    groups = [source_blocks(citation) for citation in answer.citations]
    if answer.closest:
        groups.append(closest_blocks(answer.closest))
    groups = [*groups[:-1], [*(groups[-1] if groups else ()), feedback_block(answer.id)]]
    messages = [
        Message(tuple(pieces[at : at + PIECES])) for at in range(0, len(pieces), PIECES)
    ] or [Message()]
    for group in groups:
        alone = _fits(Message(tail=tuple(group)))
        for blocks in [group] if alone else [[block] for block in group]:
            last = messages[-1]
            longer = Message(last.pieces, (*last.tail, *blocks), last.label)
            if _fits(longer):
                messages[-1] = longer
            else:
                messages.append(Message(tail=tuple(blocks), label="More of the answer's sources"))
    return tuple(messages)


def first_words(text: str) -> str:
    """The words of the first message of an answer that begins with `text`.

    More sentences at the end of `text` change nothing of it, they come after.
    """
    return " ".join(list(split_words(text))[:PIECES])


def split_words(text: str) -> Iterator[str]:
    """`text` in sections of whole sentences, as long as they may be once they are escaped."""
    piece: list[str] = []
    size = 0
    for unit in _units(text):
        longer = len(to_markdown(unit)) + 1
        if piece and size + longer > PIECE:
            yield " ".join(piece)
            piece, size = [], 0
        piece.append(unit)
        size += longer
    if piece:
        yield " ".join(piece)


def text_message(mrkdwn: str, *, plain: str | None = None) -> Message:
    """One section of our own words; `mrkdwn` is taken as it is."""
    return Message(tail=(section(mrkdwn),), label=plain or mrkdwn)


def help_message(examples: Sequence[str]) -> Message:
    """What the bot is for, with questions that the articles answer."""
    lines = [HELP, *(f"•  {to_mrkdwn(example)}" for example in examples), HOW]
    return text_message("\n".join(lines), plain=HELP)


def stopped_message(words: str) -> Message:
    """What had been written when somebody pressed the button."""
    told = "Stopped. Quotes come only with a whole answer: ask again for them."
    pieces = list(split_words(re.sub(r"\s*\[\d+\]", "", words)))[:PIECES]
    return Message(tuple(pieces), (context(told),), label=told)


def _units(text: str) -> Iterator[str]:
    """Sentences, and the words of those that are too long for one section."""
    for sentence in filter(None, _SENTENCE_END.split(text.strip())):
        if len(to_markdown(sentence)) < PIECE:
            yield sentence
            continue
        for word in sentence.split():
            for at in range(0, len(word), LONGEST_WORD):
                yield word[at : at + LONGEST_WORD]


def _fits(message: Message) -> bool:
    return len(message.blocks) <= BLOCKS and count_characters(message.blocks) <= MESSAGE

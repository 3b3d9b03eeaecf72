"""An Answer -> the messages that show it in Slack, within Slack's limits (pure).

The words come first, then each source whole, then the buttons for an opinion; what does not fit
into one message goes on in the next. Sources are rich text, whose words Slack takes as they are.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from slack_sdk.models.blocks import (
    Block,
    ContextActionsBlock,
    ContextBlock,
    FeedbackButtonObject,
    FeedbackButtonsElement,
    MarkdownTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextListElement,
    RichTextQuoteElement,
    RichTextSectionElement,
    SectionBlock,
)

from service.answer import Answer, ArticleLink, Citation
from service.dates import long_date
from service.slack_text import to_markdown, to_mrkdwn

PIECE = 3_000
"""Characters of one section, and of the words of one block of rich text."""

PIECES = 3
"""Sections of words in one message: they leave room for the buttons, and for what comes next."""

MESSAGE = 12_000
"""Characters of all blocks of one message; Slack refuses one of some 13,200."""

BLOCKS = 49
"""Blocks of one message; Slack takes one more, a note may come under them."""

TITLE, URL = 300, 3_000
"""Characters of a title that are shown, and of an address that can be a link."""

LONGEST_WORD = 400
"""Characters after which a word is cut: escaped, each may become five."""

FEEDBACK = "feedback"
"""The action's name of the two buttons."""

HELP = (
    "Ask me a question about the news articles, and I answer with the exact quotes that each "
    "sentence rests on, or say that the articles do not say."
)
HOW = "Mention me in a channel, write to me directly, or use `/ask`."

_SENTENCE_END = re.compile(r"(?<=[.!?…”\"\]])\s+")

_Text, _Link = RichTextElementParts.Text, RichTextElementParts.Link
_BOLD = RichTextElementParts.TextStyle(bold=True)


@dataclass(frozen=True)
class Message:
    """One message: its sections of words, plain, and the blocks that stand under them."""

    pieces: tuple[str, ...] = ()
    tail: tuple[dict[str, Any], ...] = ()
    label: str = ""
    """What stands for the message where it has no words; ours."""

    def with_note(self, mrkdwn: str) -> "Message":
        """The message with a small line of our own words under it."""
        return replace(self, tail=(*self.tail, _context(mrkdwn)))

    @property
    def words(self) -> str:
        """The message's words as they are in the answer."""
        return " ".join(self.pieces)

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """All of the message as Slack takes it."""
        return [*(_section(to_mrkdwn(piece)) for piece in self.pieces), *self.tail]

    @property
    def text(self) -> str:
        """What notifications and screen readers say."""
        return to_mrkdwn(self.words) or self.label


def pack(answer: Answer) -> tuple[Message, ...]:
    """The messages of an answer, in order; the last one has the buttons."""
    pieces = list(split_words(answer.text))
    groups = [*_sources(answer.citations), *_closest(answer.closest)]
    groups = [*groups[:-1], [*(groups[-1] if groups else ()), _feedback(answer.id)]]
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
    return Message(tail=(_section(mrkdwn),), label=plain or mrkdwn)


def help_message(examples: Sequence[str]) -> Message:
    """What the bot is for, with questions that the articles answer."""
    lines = [HELP, *(f"•  {to_mrkdwn(example)}" for example in examples), HOW]
    return text_message("\n".join(lines), plain=HELP)


def stopped_message(words: str) -> Message:
    """What had been written when somebody pressed the button."""
    told = "Stopped. Quotes come only with a whole answer: ask again for them."
    pieces = list(split_words(re.sub(r"\s*\[\d+\]", "", words)))[:PIECES]
    return Message(tuple(pieces), (_context(told),), label=told)


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


def count_characters(value: Any) -> int:  # noqa: ANN401 whatever JSON holds
    """The characters of all texts and addresses in some blocks."""
    if isinstance(value, Mapping):
        return sum(
            len(inner)
            if key in {"text", "url"} and isinstance(inner, str)
            else count_characters(inner)
            for key, inner in value.items()
        )
    if isinstance(value, list | tuple):
        return sum(map(count_characters, value))
    return 0


def _sources(citations: Sequence[Citation]) -> list[list[dict[str, Any]]]:
    """A group of blocks for each source, which stay in one message where they can."""
    return [_source(citation) for citation in citations]


def _source(citation: Citation) -> list[dict[str, Any]]:
    published = citation.published and long_date(date.fromisoformat(citation.published))
    origin = ", ".join(part for part in (citation.source, published) if part)
    title = _title(citation.title)
    head: list[Any] = [_Text(text=f"[{citation.number}] ", style=_BOLD)]
    if citation.url and _is_link(citation.url):
        head.append(_Link(url=citation.url, text=title))
    else:
        head.append(_Text(text=title, style=_BOLD))
    if origin:
        head.append(_Text(text=f" — {origin[:TITLE]}"))
    if citation.also_in:
        also = "; ".join(_title(link.title) for link in citation.also_in)
        head.append(_Text(text=f". Also in: {also[:TITLE]}"))
    first, *further = [
        citation.quote[at : at + PIECE - 4 * TITLE]
        for at in range(0, len(citation.quote), PIECE - 4 * TITLE)
    ]
    return [
        _rich(RichTextSectionElement(elements=head), _quote(first)),
        *(_rich(_quote(part)) for part in further),
    ]


def _closest(links: Sequence[ArticleLink]) -> list[list[dict[str, Any]]]:
    if not links:
        return []
    titles = [RichTextSectionElement(elements=[_Text(text=_title(link.title))]) for link in links]
    head = RichTextSectionElement(elements=[_Text(text="The closest articles:")])
    return [[_rich(head, RichTextListElement(style="bullet", elements=titles))]]


def _feedback(answer_id: str) -> dict[str, Any]:
    buttons = FeedbackButtonsElement(
        action_id=FEEDBACK,
        positive_button=FeedbackButtonObject(
            text="Right", accessibility_label="This answer is right", value=f"right {answer_id}"
        ),
        negative_button=FeedbackButtonObject(
            text="Wrong", accessibility_label="This answer is wrong", value=f"wrong {answer_id}"
        ),
    )
    return _checked(ContextActionsBlock(elements=[buttons]))


def _title(title: str) -> str:
    return title if len(title) <= TITLE else f"{title[: TITLE - 1]}…"


def _is_link(url: str) -> bool:
    return urlsplit(url).scheme in {"http", "https"} and len(url) <= URL


def _quote(text: str) -> RichTextQuoteElement:
    return RichTextQuoteElement(elements=[_Text(text=text)])


def _rich(
    *elements: RichTextSectionElement | RichTextQuoteElement | RichTextListElement,
) -> dict[str, Any]:
    return _checked(RichTextBlock(elements=elements))


def _section(mrkdwn: str) -> dict[str, Any]:
    return _checked(SectionBlock(text=MarkdownTextObject(text=mrkdwn, verbatim=True), expand=True))


def _context(mrkdwn: str) -> dict[str, Any]:
    return _checked(ContextBlock(elements=[MarkdownTextObject(text=mrkdwn, verbatim=True)]))


def _checked(block: Block) -> dict[str, Any]:
    """The block as JSON, once its model has found nothing too long in it."""
    return dict(block.to_dict())

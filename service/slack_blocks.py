"""What stands in a message -> blocks of Slack's Block Kit (pure).

Sources are rich text, whose words Slack takes as they are.
"""

from collections.abc import Mapping, Sequence
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
    RichTextQuoteElement,
    RichTextSectionElement,
    SectionBlock,
)

from service.answer import Citation, Closest
from service.dates import long_date

PIECE = 3_000
"""Characters of one section, and of the words of one block of rich text."""

TITLE, URL = 300, 3_000
"""Characters of a title that are shown, and of an address that can be a link."""

FEEDBACK = "feedback"
"""The action's name of the two buttons."""

_Text, _Link = RichTextElementParts.Text, RichTextElementParts.Link
_BOLD = RichTextElementParts.TextStyle(bold=True)


def source_blocks(citation: Citation) -> list[dict[str, Any]]:
    """A source with its quote: one block, and more where the quote is longer than a block."""
    head = [_Text(text=f"[{citation.number}] ", style=_BOLD), *_origin(citation)]
    if citation.also_in:
        also = "; ".join(_title(link.title) for link in citation.also_in)
        head.append(_Text(text=f". Also in: {also[:TITLE]}"))
    return _quote_blocks(head, citation.quote)


def closest_blocks(closest: Sequence[Closest]) -> list[dict[str, Any]]:
    """The sentences that come nearest where the articles do not say."""
    head = RichTextSectionElement(elements=[_Text(text="The closest that they say:")])
    return [
        _rich(head),
        *(block for near in closest for block in _quote_blocks(_origin(near), near.quote)),
    ]


def _origin(place: Citation | Closest) -> list[Any]:
    """Title, publisher and day of what is quoted; the title is a link where it has an address."""
    published = place.published and long_date(date.fromisoformat(place.published))
    origin = ", ".join(part for part in (place.source, published) if part)
    title = _title(place.title)
    linked = place.url if place.url and _is_link(place.url) else None
    name = _Link(url=linked, text=title) if linked else _Text(text=title, style=_BOLD)
    return [name, *([_Text(text=f" — {origin[:TITLE]}")] if origin else [])]


def _quote_blocks(head: list[Any], quote: str) -> list[dict[str, Any]]:
    """A quote under its `head`, in as many blocks as it needs."""
    step = PIECE - 4 * TITLE
    quotes = [_quote(quote[at : at + step]) for at in range(0, len(quote), step)]
    return [
        _rich(RichTextSectionElement(elements=head), *quotes[:1]),
        *(_rich(part) for part in quotes[1:]),
    ]


def feedback_block(answer_id: str) -> dict[str, Any]:
    """The buttons for an opinion; what they send has the answer's id."""
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
    *elements: RichTextSectionElement | RichTextQuoteElement,
) -> dict[str, Any]:
    return _checked(RichTextBlock(elements=elements))


def section(mrkdwn: str) -> dict[str, Any]:
    """Words in Slack's markup, of which no address becomes a link."""
    return _checked(SectionBlock(text=MarkdownTextObject(text=mrkdwn, verbatim=True), expand=True))


def context(mrkdwn: str) -> dict[str, Any]:
    """The same, small and grey."""
    return _checked(ContextBlock(elements=[MarkdownTextObject(text=mrkdwn, verbatim=True)]))


def _checked(block: Block) -> dict[str, Any]:
    """The block as JSON, once its model has found nothing too long in it."""
    return dict(block.to_dict())


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

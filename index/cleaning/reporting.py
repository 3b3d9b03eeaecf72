"""Raw paragraphs -> the reporting, with captions marked and the page's furniture left out.

Each paragraph is judged by its own form and cues (judging), the lines around the body by their
place (header), and then all of them by their neighbours (blocks).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from index.cleaning.blocks import settle
from index.cleaning.cues import find_cues
from index.cleaning.foreign import foreign_cues
from index.cleaning.furniture import PERSONAL
from index.cleaning.header import read_header
from index.cleaning.judging import Kind, is_personal, judge, trimmed
from index.cleaning.languages import Language, language_of
from index.cleaning.metadata import read_url
from index.cleaning.paragraphs import Paragraph
from index.cleaning.printed import without_page_marks
from index.cleaning.repeats import without_running_heads


@dataclass(frozen=True)
class Cleaned:
    """The reporting of a page with what its header lines told."""

    paragraphs: tuple[str, ...]
    captions: frozenset[int]
    title: str | None
    author: str | None
    published: date | None
    url: str | None


def clean(
    paragraphs: Sequence[Paragraph],
    *,
    title: str | None = None,
    author: str | None = None,
    source: str | None = None,
) -> Cleaned:
    """The reporting and captions in their order; what is known from elsewhere helps to tell it."""
    language = language_of(paragraph.text for paragraph in paragraphs)
    cues = [_cues(paragraph.text, language=language) for paragraph in paragraphs]
    personal = is_personal(paragraphs, cues=cues)
    judged = [
        judge(paragraph, cues=found, personal=personal, language=language)
        for paragraph, found in zip(paragraphs, cues, strict=True)
    ]
    header = read_header(
        without_page_marks(without_running_heads(judged)),
        paragraphs,
        title=title,
        author=author,
        language=language,
    )
    kept = [
        item
        for item in settle(header.judged, body=header.body, language=language, source=source)
        if item.kind in (Kind.REPORTING, Kind.CAPTION)
    ]
    urls = [url for paragraph in paragraphs if (url := read_url(paragraph.text))]
    return Cleaned(
        paragraphs=tuple(trimmed(item, personal=personal, language=language) for item in kept),
        captions=frozenset(i for i, item in enumerate(kept) if item.kind is Kind.CAPTION),
        title=header.title,
        author=header.author,
        published=header.published,
        url=urls[0] if urls else None,
    )


def _cues(text: str, *, language: Language | None) -> frozenset[str]:
    found = find_cues(text)
    # In another language "i" is no writer and "get" no order.
    return (found - PERSONAL) | foreign_cues(text, language=language) if language else found

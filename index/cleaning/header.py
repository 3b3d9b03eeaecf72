"""The lines above the body and below it -> title, author and date, and which of them to keep."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from index.cleaning.dates import DAY_LINE, find_date, find_day
from index.cleaning.foreign import is_date_line, name_after_label
from index.cleaning.furniture import (
    SURE,
    WEAK,
    is_sign_off,
    is_summary_label,
    word_count,
)
from index.cleaning.greeting import greeting_end
from index.cleaning.judging import Judged, Kind
from index.cleaning.languages import Language
from index.cleaning.metadata import (
    BYLINE,
    is_publisher_name,
    is_section_label,
    read_byline,
    read_name,
    read_publication_note,
    read_url,
)
from index.cleaning.paragraphs import Paragraph
from index.cleaning.printed import is_jump, is_slug
from index.cleaning.titles import bare, drop_title, find_title
from index.cleaning.writers import drop_about_author, is_about_role, is_about_writer

MOST_STANDFIRSTS = 2  # paragraphs of prose above the byline
MOST_ABOVE = 8  # lines above a title
LONGEST_RUBRIC = 5  # words
LONGEST_MASTHEAD = 12  # words of a line in the block above the title's
LONGEST_DAY = 24  # characters
SHORTEST_CAPTION = 4  # words
SHORTEST_BULLET = 3  # words
TAIL = 8  # last lines of a page, where a note may say when it was published
LONE_LABEL = re.compile(r"(?:by|published|updated|posted)\W*", re.IGNORECASE)  # of the next line


@dataclass(frozen=True)
class Header:
    """What the header lines told, and the paragraphs judged in its light."""

    title: str | None
    author: str | None
    published: date | None
    judged: Sequence[Judged]
    body: int  # the place where the body begins


def read_header(
    judged: Sequence[Judged],
    paragraphs: Sequence[Paragraph],
    *,
    title: str | None,
    author: str | None,
    language: Language | None = None,
) -> Header:
    """Title, author and date where they stand; title and author when known from elsewhere."""
    judged = [_in_language(item, language) for item in judged] if language else judged
    judged = _without_greeting(judged, title=title)
    body = _body_start(judged)
    title = title or find_title(judged[:body], paragraphs, body=judged[body:])
    lines = [*_judge_header(judged[:body], title=title), *judged[body:]]
    lines = _judge_end(lines, body=body)
    found, published = _find_author_and_date(lines, body=body)
    if language:
        found, published = _told_in_language(
            lines[: body + 1], language, author=found, published=published
        )
    lines = drop_about_author(drop_title(lines, title=title), author=author or found, body=body)
    return Header(title, found, published, lines, body)


def _without_greeting(judged: Sequence[Judged], *, title: str | None) -> list[Judged]:
    """A letter's greeting above its headline is no reporting, and none of it is the title."""
    end = greeting_end(judged, title=title)
    return [
        replace(item, kind=Kind.FURNITURE, score=max(item.score, SURE))
        if place < end and item.kind in (Kind.REPORTING, Kind.CAPTION)
        else item
        for place, item in enumerate(judged)
    ]


def _in_language(item: Judged, language: Language) -> Judged:
    """The line as metadata where it is a byline or a date in the article's language."""
    if item.kind is Kind.FURNITURE:  # Publié le 17/01/2025 is made of a page's words too
        is_told = bool(find_date(item.text) or find_day(item.text, language=language.code))
    else:
        is_told = item.kind is not Kind.METADATA and not item.is_prose
    if is_told and (
        is_date_line(item.text, language=language)
        or name_after_label(item.text, language=language) is not None
    ):
        return replace(item, kind=Kind.METADATA)
    return item


def _body_start(judged: Sequence[Judged]) -> int:
    """The place of the first paragraph of prose; 0 where there is none."""
    prose = [
        place
        for place, item in enumerate(judged)
        if item.kind is Kind.REPORTING and item.is_prose and item.score < WEAK
    ]
    prose = [place for place in prose if judged[place].doubt <= 0] or prose
    if not prose:
        return 0
    # A standfirst may stand above the byline.
    for place in prose[1 : MOST_STANDFIRSTS + 1]:
        lines = judged[prose[0] : place]
        if any(map(_is_byline, lines)):
            return place
    return prose[0]


def _is_byline(item: Judged) -> bool:
    """Whether a line is a byline that says so, or holds a date; in any language."""
    told = read_byline(item.text)
    if told is None:
        is_other = read_url(item.text) is not None or is_jump(item.text)
        return item.kind is Kind.METADATA and not is_other
    return BYLINE.match(item.text) is not None or told.published is not None


def _judge_header(header: Sequence[Judged], *, title: str | None) -> list[Judged]:
    """The lines above the body: only standfirsts, captions and summaries are kept."""
    judged: list[Judged] = []
    titles = [
        place for place, item in enumerate(header) if title and bare(item.text) == bare(title)
    ]
    summaries = {item.box for item in header if item.box and is_summary_label(item.text)}
    for place, item in enumerate(header):
        if item.box in summaries and not item.is_heading and not is_summary_label(item.text):
            is_button = word_count(item.text) < SHORTEST_BULLET
            kind = Kind.FURNITURE if is_button else item.kind
        elif place < min(titles, default=0) and _is_rubric(
            item, title=header[titles[0]], above=titles[0]
        ):
            kind = Kind.FURNITURE
        else:
            is_signed = any(above.kind is Kind.METADATA for above in judged)
            kind = _header_kind(item, title=title, is_signed=is_signed)
        judged.append(replace(item, kind=kind))
    return judged


def _header_kind(item: Judged, *, title: str | None, is_signed: bool) -> Kind:
    """What a line above the body is; `is_signed` when a byline or a date stands above it."""
    kind, text = item.kind, item.text
    if read_byline(text):
        return Kind.METADATA
    if kind is not Kind.REPORTING or text == title:
        return kind
    if is_about_role(text) or is_section_label(text) or is_publisher_name(text) or is_slug(text):
        return Kind.FURNITURE
    if (read_name(text) and not item.is_heading) or _is_day(text):
        return Kind.METADATA
    if is_signed and not item.is_heading and item.doubt == 0 and text[-1] not in ".?!:":
        is_caption = item.score < WEAK and word_count(text) >= SHORTEST_CAPTION
        return Kind.CAPTION if is_caption else Kind.FURNITURE
    return Kind.METADATA if LONE_LABEL.fullmatch(text) else kind


def _is_day(line: str) -> bool:
    """Whether a line is a day of any language, or announces one (For release: 3 May 2020)."""
    label, colon, rest = line.partition(": ")
    is_announced = colon and label.count(" ") < LONGEST_RUBRIC and find_date(rest)
    return DAY_LINE.fullmatch(line) is not None or (bool(is_announced) and len(rest) < LONGEST_DAY)


def _is_rubric(item: Judged, *, title: Judged, above: int) -> bool:
    """Whether a line above the title is no part of the story; all are where markup tells it."""
    is_short = above <= MOST_ABOVE and item.text.count(" ") < LONGEST_RUBRIC
    is_masthead = item.box != title.box and item.text.count(" ") < LONGEST_MASTHEAD
    return (
        item.kind is Kind.REPORTING
        and item.doubt >= 0
        and (not item.is_prose or is_masthead)
        and (title.is_heading or is_short or is_masthead)
    )


def _judge_end(judged: Sequence[Judged], *, body: int) -> list[Judged]:
    """The last lines: a date, a byline or a sign-off there is none of the reporting."""
    result = list(judged)
    for place in range(len(judged) - 1, body, -1):
        item = judged[place]
        if item.kind in (Kind.REPORTING, Kind.CAPTION):
            if read_byline(item.text) or read_name(item.text):
                result[place] = replace(item, kind=Kind.METADATA)
            elif (
                is_sign_off(item.text)
                or is_slug(item.text)
                or is_about_role(item.text)
                or is_about_writer(item.text, judged[body:place])
            ):
                result[place] = replace(item, kind=Kind.FURNITURE)
            else:
                break
    return result


def _find_author_and_date(judged: Sequence[Judged], *, body: int) -> tuple[str | None, date | None]:
    lines = [(p, item.text) for p, item in enumerate(judged) if item.kind is Kind.METADATA]
    bylines = [(p, byline) for p, text in lines if (byline := read_byline(text))]
    near = [byline for p, byline in bylines if p < body + 4]
    authors = [byline.author for byline in near if byline.author]
    dates = [byline.published for _, byline in bylines if byline.published]
    # How far two lines are apart is counted without the buttons between them.
    told = [p for p, item in enumerate(judged) if item.kind is not Kind.FURNITURE]
    order = {p: number for number, p in enumerate(told)}
    dated = {order[p] for p, _ in bylines}
    names = [
        name
        for p, text in lines
        if p < body
        and (name := read_name(text))
        and not name.startswith("The ")
        and dated & {order[p] + step for step in (-2, -1, 1, 2)}
    ]
    dates += [day for item in judged[-TAIL:] if (day := read_publication_note(item.text))]
    return next(iter([*authors, *names]), None), dates[0] if dates else None


def _told_in_language(
    lines: Sequence[Judged], language: Language, *, author: str | None, published: date | None
) -> tuple[str | None, date | None]:
    """Author and date, where English lines told none, by those of the article's language."""
    told = [item.text for item in lines if item.kind is Kind.METADATA]
    names = [name for text in told if (name := name_after_label(text, language=language))]
    # A name beside a date.
    dated = [is_date_line(text, language=language) for text in told]
    names += [
        name
        for place, text in enumerate(told)
        if (name := read_name(text)) and any(dated[max(0, place - 1) : place + 2])
    ]
    days = [
        day for text in told if (day := find_date(text) or find_day(text, language=language.code))
    ]
    return next(iter(names), None) or author, published or next(iter(days), None)

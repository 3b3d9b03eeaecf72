"""The lines above the body and below it -> title, author and date, and which of them to keep."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from index.cleaning.dates import find_date
from index.cleaning.furniture import ATTRIBUTION, WEAK, is_sign_off
from index.cleaning.judging import Judged, Kind
from index.cleaning.metadata import (
    is_publisher_name,
    is_section_label,
    read_byline,
    read_name,
    read_publication_note,
)
from index.cleaning.paragraphs import Paragraph

LONGEST_TITLE = 35
MOST_ABOVE = 3  # lines above a title
LONGEST_RUBRIC = 5  # words
LONGEST_DAY = 24  # characters
SHORTEST_CAPTION = 4  # words
LONGEST_BYLINE = 14  # words
LONGEST_NOTE = 30  # words
LAST_NOTES = 3  # last paragraphs of prose, of which one may be about the author
TAIL = 8  # last lines of a page, where a note may say when it was published
# A day of any language beside a few words: 24 de octubre de 2023, 8:00.
DAY_LINE = re.compile(
    r"(?:[^\W\d]+\W+){0,2}\d{1,2}\W+(?:[^\W\d]+\W+){1,3}(?:19|20)\d\d\b[\W\d]*(?:[^\W\d]{1,4}[\W\d]*){0,2}"
)
LONE_LABEL = re.compile(r"(?:by|published|updated|posted)\W*", re.IGNORECASE)  # of the next line
ABOUT_WRITER = re.compile(
    r"((?:[A-Z][\w'’.-]+ ){1,3}[A-Z][\w'’-]+),? (?:is|was|covers|writes|reports|has (?:covered"
    r"|written|reported))\b"
    r".{0,120}\b(?:reporters?|correspondent|editor|writer|columnist|journalist|fellow|newsletter"
    r"|bureau chief"
    r"|author|contributor|covers|covering|covered|writes)\b"
)


@dataclass(frozen=True)
class Header:
    """What the header lines told, and the paragraphs judged in its light."""

    title: str | None
    author: str | None
    published: date | None
    judged: Sequence[Judged]


def read_header(
    judged: Sequence[Judged],
    paragraphs: Sequence[Paragraph],
    *,
    title: str | None,
    author: str | None,
) -> Header:
    """Title, author and date where they stand; title and author when known from elsewhere."""
    body = _body_start(judged)
    title = title or _find_title(judged[:body], paragraphs)
    lines = [*_judge_header(judged[:body], title=title), *judged[body:]]
    lines = _judge_end(lines, body=body)
    found, published = _find_author_and_date(lines, body=body)
    lines = _drop_about_author(_drop_title(lines, title=title), author=author or found)
    return Header(title, found, published, lines)


def _body_start(judged: Sequence[Judged]) -> int:
    """The place of the first paragraph of prose; 0 where there is none."""
    for place, item in enumerate(judged):
        if item.kind is Kind.REPORTING and item.is_prose and item.score < WEAK:
            return place
    return 0


def _find_title(header: Sequence[Judged], paragraphs: Sequence[Paragraph]) -> str | None:
    candidates = [
        place
        for place, item in enumerate(header)
        if item.kind is Kind.REPORTING
        and len(item.text.split()) <= LONGEST_TITLE
        and not is_section_label(item.text)
        and not read_byline(item.text)
    ]
    if len(candidates) > 1 and _names_no_story(header[candidates[0]].text):
        del candidates[0]
    marked = [place for place in candidates if paragraphs[place].role == "heading"]
    return header[(marked or candidates)[0]].text if candidates else None


def _names_no_story(line: str) -> bool:
    """Whether a first line is a publisher's name, or one word: a rubric."""
    return is_publisher_name(line) or " " not in line


def _judge_header(header: Sequence[Judged], *, title: str | None) -> list[Judged]:
    """The lines above the body: only standfirsts and captions are kept."""
    judged = []
    signed = False
    titles = [
        place for place, item in enumerate(header) if title and _bare(item.text) == _bare(title)
    ]
    for place, item in enumerate(header):
        kind = item.kind
        if (
            titles
            and place < titles[0]
            and _is_rubric(item, title=header[titles[0]], above=titles[0])
        ):
            kind = Kind.FURNITURE
        elif read_byline(item.text):
            kind = Kind.METADATA
        elif kind is Kind.REPORTING and item.text != title:
            if is_section_label(item.text) or is_publisher_name(item.text):
                kind = Kind.FURNITURE
            elif (read_name(item.text) and not item.is_heading) or _is_day(item.text):
                kind = Kind.METADATA
            elif signed and not item.is_heading and item.text[-1] not in ".?!:":
                is_caption = item.score < WEAK and item.text.count(" ") + 1 >= SHORTEST_CAPTION
                kind = Kind.CAPTION if is_caption else Kind.FURNITURE
            elif LONE_LABEL.fullmatch(item.text):
                kind = Kind.METADATA
        signed = signed or kind is Kind.METADATA
        judged.append(replace(item, kind=kind))
    return judged


def _is_day(line: str) -> bool:
    """Whether a line is a day of any language, or announces one (For release: 3 May 2020)."""
    label, colon, rest = line.partition(": ")
    is_announced = colon and label.count(" ") < LONGEST_RUBRIC and find_date(rest)
    return DAY_LINE.fullmatch(line) is not None or (bool(is_announced) and len(rest) < LONGEST_DAY)


def _is_rubric(item: Judged, *, title: Judged, above: int) -> bool:
    """Whether a line above the title is no part of the story; all are where markup tells it."""
    is_short = above <= MOST_ABOVE and item.text.count(" ") < LONGEST_RUBRIC
    return item.kind is Kind.REPORTING and not item.is_prose and (title.is_heading or is_short)


def _judge_end(judged: Sequence[Judged], *, body: int) -> list[Judged]:
    """The last lines: a date, a byline or a sign-off there is none of the reporting."""
    result = list(judged)
    for place in range(len(judged) - 1, body, -1):
        item = judged[place]
        if item.kind in (Kind.REPORTING, Kind.CAPTION):
            if read_byline(item.text) or read_name(item.text):
                result[place] = replace(item, kind=Kind.METADATA)
            elif is_sign_off(item.text) or _is_about_writer(item.text, judged[body:place]):
                result[place] = replace(item, kind=Kind.FURNITURE)
            else:
                break
    return result


def _is_about_writer(text: str, story: Sequence[Judged]) -> bool:
    """Whether a last paragraph is on a writer whom the story does not mention."""
    match = ABOUT_WRITER.match(text)
    return match is not None and not any(
        match.group(1).split()[-1] in item.text for item in story if item.kind is Kind.REPORTING
    )


def _drop_about_author(judged: Sequence[Judged], *, author: str | None) -> list[Judged]:
    """The article's own author is no part of its reporting (Ann Poole is a reporter at …)."""
    if author is None:
        return list(judged)
    label = re.compile(
        rf"(?:Author|Written by|By|About)\W+{re.escape(author)}\W*$|{re.escape(author)}$"
    )
    result = [
        replace(item, kind=Kind.METADATA)
        if label.match(item.text)
        or _is_dated_byline(item.text, author=author)
        or (item.text.startswith(author) and ABOUT_WRITER.match(item.text))
        else item
        for item in judged
    ]
    end = _note_at_end(result, author=author)
    return [
        replace(item, kind=Kind.FURNITURE) if place >= end and item.kind is Kind.REPORTING else item
        for place, item in enumerate(result)
    ]


def _is_dated_byline(text: str, *, author: str) -> bool:
    """Whether a short paragraph names the author and a full date (Posted by … on …)."""
    is_short = text.count(" ") < LONGEST_BYLINE
    return is_short and author in text and find_date(text) is not None


def _note_at_end(judged: Sequence[Judged], *, author: str) -> int:
    """The place of a last note on the author, who is in no other paragraph; else past the end."""
    prose = [place for place, item in enumerate(judged) if item.is_prose]
    named = [place for place in prose if author in judged[place].text]
    if len(named) == 1 and named[0] in prose[-LAST_NOTES:]:
        text = judged[named[0]].text
        is_note = text.count(" ") < LONGEST_NOTE and not ATTRIBUTION.search(text)
        return named[0] if text.startswith(author) or is_note else len(judged)
    return len(judged)


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


def _drop_title(judged: Sequence[Judged], *, title: str | None) -> list[Judged]:
    if not title:
        return list(judged)
    same = _bare(title)
    result = [
        replace(item, kind=Kind.METADATA) if _bare(item.text) == same else item for item in judged
    ]
    for place, item in enumerate(result):
        if item.kind is Kind.REPORTING:
            rest = item.text.removeprefix(title + " ").lstrip(" :|-–—")
            if rest != item.text and not rest[:1].islower():
                result[place] = replace(item, text=rest)
            break
    return result


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))

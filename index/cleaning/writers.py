"""Paragraphs about who wrote the article, which are none of its reporting."""

import re
from collections.abc import Sequence
from dataclasses import replace

from index.cleaning.dates import DAY_LINE, find_date
from index.cleaning.furniture import ATTRIBUTION
from index.cleaning.judging import Judged, Kind

LONGEST_BYLINE = 14  # words
LONGEST_NOTE = 30  # words
LAST_NOTES = 3  # last paragraphs of prose, of which one may be about the author
LONGEST_ROLE = 6  # words
ROLE = re.compile(r"(?i:reporter|correspondent|editor|writer|columnist|critic|journalist|desk)\W*$")
AND = re.compile(r",? and |, | & ")
ABOUT_ROLE = re.compile(
    r"(?:The (?:writer|author|columnist|reviewer)s?|Der Autor|Die Autorin|L['’]aut(?:eur|rice|ore)"
    r"|El autor|La autora|O autor|A autora) (?:is|are|was|has|have|ist|hat|est|es|é|è)\b"
)
ABOUT_WRITER = re.compile(
    r"((?:[A-Z][\w'’.-]+ ){1,3}[A-Z][\w'’-]+),? (?:is|was|covers|writes|reports|has (?:covered"
    r"|written|reported))\b"
    r".{0,120}\b(?:reporters?|correspondent|editor|writer|columnist|journalist|fellow|newsletter"
    r"|bureau chief"
    r"|author|contributor|covers|covering|covered|writes)\b"
)


def is_about_role(text: str) -> bool:
    """Whether a paragraph is on the writer without a name (The writer is a former judge)."""
    return ABOUT_ROLE.match(text) is not None


def is_about_writer(text: str, story: Sequence[Judged]) -> bool:
    """Whether a last paragraph is on a writer whom the story does not mention."""
    match = ABOUT_WRITER.match(text)
    return match is not None and not any(
        match.group(1).split()[-1] in item.text for item in story if item.kind is Kind.REPORTING
    )


def drop_about_author(judged: Sequence[Judged], *, author: str | None) -> list[Judged]:
    """The article's own author is no part of its reporting (Ann Poole is a reporter at …)."""
    if author is None:
        return list(judged)
    names = [name for name in AND.split(author) if " " in name] or [author]
    either = "|".join(map(re.escape, [author, *names]))
    label = re.compile(
        rf"(?:(?:Author|Written by|By|About)\W+)?(?:{either})\W*"
        rf"(?:[(\[][^()\[\]]{{0,80}}[)\]]|,? (?:in|at) [A-Z][\w ,]{{2,40}})?$"
    )
    result = [
        replace(item, kind=Kind.METADATA)
        if label.match(item.text)
        or _is_dated_byline(item.text, author=author)
        or _is_role(item.text, author=author)
        or (item.text.startswith((author, *names)) and ABOUT_WRITER.match(item.text))
        else item
        for item in judged
    ]
    end = _note_at_end(result, author=author)
    return [
        replace(item, kind=Kind.FURNITURE) if place >= end and item.kind is Kind.REPORTING else item
        for place, item in enumerate(result)
    ]


def _is_role(text: str, *, author: str) -> bool:
    """Whether a short line is the author's name with a role behind it."""
    role = text.removeprefix(author).lstrip(" ,|·")
    is_short = role != text and role.count(" ") < LONGEST_ROLE
    return is_short and ROLE.search(role) is not None


def _is_dated_byline(text: str, *, author: str) -> bool:
    """Whether a short paragraph names the author and a full date (Posted by … on …)."""
    is_short = text.count(" ") < LONGEST_BYLINE
    is_dated = find_date(text) is not None or DAY_LINE.search(text) is not None
    return is_short and author in text and is_dated


def _note_at_end(judged: Sequence[Judged], *, author: str) -> int:
    """The place of a last note on the author, who is in no other paragraph; else past the end."""
    prose = [place for place, item in enumerate(judged) if item.is_prose]
    named = [place for place in prose if author in judged[place].text]
    if len(named) == 1 and named[0] in prose[-LAST_NOTES:]:
        text = judged[named[0]].text
        is_note = text.count(" ") < LONGEST_NOTE and not ATTRIBUTION.search(text)
        return named[0] if text.startswith(author) or is_note else len(judged)
    return len(judged)

"""Paragraphs about who wrote the article, which are none of its reporting."""

import re
from collections.abc import Sequence
from dataclasses import replace

from index.cleaning.cues import masked
from index.cleaning.dates import DAY_LINE, find_date
from index.cleaning.furniture import ATTRIBUTION
from index.cleaning.judging import Judged, Kind
from index.cleaning.topic import topic_words
from index.cleaning.vocabulary import word_set

LONGEST_BYLINE = 14  # words
LONGEST_NOTE = 30  # words
LAST_NOTES = 3  # last paragraphs of prose, of which one may be about the author
LONGEST_ROLE = 6  # words
SHORTEST_NAME = 3  # letters
MOST_SHARED = 2  # words of a note on the writer that the article has too
NAME_FIRST = re.compile(r"(\w[\w-]+)(?:['’]s)? (?=[^\W\dA-Z_])")
NEWSROOM_NAMES = word_set(
    "staff reporter reporters correspondent editor editors desk newsroom news agency agencies team "
    "press media writer writers editorial bureau service online"
)
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


def drop_about_author(judged: Sequence[Judged], *, author: str | None, body: int) -> list[Judged]:
    """The article's own author is no part of its reporting (Ann Poole is a reporter at …).

    `body` is the place where the body begins.
    """
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
        or (item.kind is not Kind.CAPTION and _is_dated_byline(item.text, author=author))
        or _is_role(item.text, author=author)
        or (item.text.startswith((author, *names)) and ABOUT_WRITER.match(item.text))
        else item
        for item in judged
    ]
    end = _note_at_end(result, author=author)
    note = _familiar_note(result, names=names, body=body)
    boxes = _boxes_of(result, names={author, *names}, body=body)
    return [
        replace(item, kind=Kind.FURNITURE)
        if item.kind is Kind.REPORTING
        and (place >= end or (place >= body and item.box in boxes) or place == note)
        else item
        for place, item in enumerate(result)
    ]


def _boxes_of(judged: Sequence[Judged], *, names: set[str], body: int) -> set[int]:
    """The boxes below the body's first lines that hold the author's name as a line of its own."""
    prose = [place for place in range(body, len(judged)) if judged[place].is_prose]
    first = prose[1] if len(prose) > 1 else len(judged)
    return {item.box for item in judged[first:] if item.box and item.text.strip(" .,:–—-") in names}


def _familiar_note(judged: Sequence[Judged], *, names: Sequence[str], body: int) -> int | None:
    """The place of a last paragraph on a writer by one name (Ann has covered the sea since …)."""
    prose = [place for place in range(body, len(judged)) if judged[place].is_prose]
    own = {part for name in names for part in name.split() if len(part) >= SHORTEST_NAME}
    if NEWSROOM_NAMES.intersection(map(str.lower, own)):
        return None
    for place in prose[-LAST_NOTES:] if len(prose) > LAST_NOTES else []:
        text = judged[place].text
        first = NAME_FIRST.match(text)
        if first is None or first.group(1) not in own or ATTRIBUTION.search(masked(text)):
            continue
        others = [judged[other].text for other in prose if other != place]
        named = any(first.group(1) in other for other in others)
        shared = topic_words(text) & frozenset().union(*map(topic_words, others))
        if not named and len(shared) <= MOST_SHARED:
            return place
    return None


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

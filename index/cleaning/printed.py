"""Judged paragraphs -> the same without what printed pages and wires need: jumps, contents, slugs.

A jump sends the reader to another page (See RUNWAY, A7), where a word of it takes him up again.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from index.cleaning.judging import Judged, Kind

LONGEST_JUMP = 8  # words
LONGEST_SLUG = 8
REACH = 3  # lines from a jump to the word or headline that it goes on under
# The word for a page in several languages, and a page as papers number them (A7, 9, B-4).
PAGE = (
    r"(?i:pages?|pg\.?|p\.|seite|s\.|página|pág\.?|pagina|pag\.|strona|str\.|strana|sida|sid\."
    r"|på side|sivu|oldal|sayfa|стр\.|страниц[аыу]|стор\.)"
)
SECTION_PAGE = r"[A-Z]{1,2}[-–]?\d{1,3}"
TURN = (
    r"(?i:(?:please )?(?:see|turn to|jump to|from|continue[sd]? (?:on|from)"
    r"|cont(?:inued|['’]?d|\.)? (?:on|from)))"
)
NAMED = r"(?:[A-ZÀ-ÖØ-ÞА-Я][A-ZÀ-ÖØ-ÞА-Я'’-]{2,},? (?i:on )?)"
JUMP = re.compile(
    rf"[\W_]*(?:{TURN} {NAMED}?(?i:page )?{SECTION_PAGE}|{TURN} {NAMED}{PAGE}? ?\d{{1,3}})\W*"
)
PAGE_LAST = re.compile(
    rf"[\W_]*(?:[^\W\d_]+['’]?[ ,:]+){{0,6}}?{PAGE} ?(?:{SECTION_PAGE}|\d{{1,3}})\W*"
)
HEADWORD = re.compile(r"\b([A-ZÀ-ÖØ-ÞА-Я][A-ZÀ-ÖØ-ÞА-Я'’-]{2,})\b")
LEADERS = re.compile(r".{2,60}?\s?(?:\.\s?){3,}\s?[A-Z]{0,2}-?\d{1,3}")  # Comics ....... C5
ENDED = re.compile(r"[.!?]['\"”’]?$")
SLUG = re.compile(
    r"[A-Z]{2,}(?:-[A-Z0-9]{2,})+(?:, .*| \d{3,4} ?[A-Z]{2,4})?"  # BC-STORM-DEATHS, 2nd Ld
    r"|[A-Z]{2,4}\d{3,} \d .{0,40}"  # APX0412 4 gen 311
)
NOTE_TO_DESKS = re.compile(r"eds\s?[:.–—-].*", re.IGNORECASE)


def is_jump(text: str) -> bool:
    """Whether a short line only names the page where an article goes on, or where it began."""
    if text.count(" ") >= LONGEST_JUMP or not any(map(str.isdigit, text[-4:])):
        return False
    return JUMP.fullmatch(text) is not None or (
        not ENDED.search(text) and PAGE_LAST.fullmatch(text) is not None
    )


def is_contents_line(text: str) -> bool:
    """Whether a line of a table of contents leads to its page by dots."""
    return LEADERS.fullmatch(text) is not None


def is_slug(text: str) -> bool:
    """Whether a line above or below a wire story names it to other desks' machines and editors."""
    is_short = text.count(" ") < LONGEST_SLUG
    return NOTE_TO_DESKS.match(text) is not None or (is_short and SLUG.fullmatch(text) is not None)


def without_page_marks(judged: Sequence[Judged]) -> list[Judged]:
    """The paragraphs without jumps, the words and headlines that they go on under, and contents."""
    jumps = [place for place, item in enumerate(judged) if is_jump(item.text)]
    words = {word for place in jumps for word in HEADWORD.findall(judged[place].text)}
    dropped = {place for place, item in enumerate(judged) if is_contents_line(item.text)}
    dropped |= set(jumps)
    for place in jumps:
        for near in range(max(0, place - REACH), min(len(judged), place + REACH + 1)):
            if _takes_up(judged[near].text, words, beside=abs(near - place) == 1):
                dropped.add(near)
    return [
        replace(item, kind=Kind.METADATA) if place in dropped else item
        for place, item in enumerate(judged)
    ]


def _takes_up(text: str, words: set[str], *, beside: bool) -> bool:
    """Whether a line is the word that a jump names, alone or before a headline's colon."""
    first = text.split(":", 1)[0]
    is_word = HEADWORD.fullmatch(first) is not None
    return is_word and (first in words or (beside and first == text))

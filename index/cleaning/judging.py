"""A paragraph -> what it is by its own form and cues, before its neighbours are asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from index.cleaning.captions import is_caption, is_credit
from index.cleaning.cues import find_cues, masked
from index.cleaning.foreign import is_other_story, is_page_line
from index.cleaning.furniture import (
    ATTRIBUTION,
    PERSONAL,
    SURE,
    VOICES,
    WEAK,
    furniture_score,
    is_complete_sentence,
    is_furniture_line,
    is_labelled,
    word_count,
)
from index.cleaning.languages import Language
from index.cleaning.metadata import is_url_label, read_publication_note, read_url
from index.cleaning.paragraphs import Paragraph
from index.cleaning.structure import ANNOUNCED

SHORTEST_PROSE = 9  # words of the shortest line that may open the body
KEPT_TEXTS = 1024  # paragraphs of the article at hand, which are asked for many times
PERSONAL_SHARE = 0.2
FEWEST_PERSONAL = 4
SURE_SENTENCE = 4.0
LONGEST_AFTER = 20  # words
# A sentence of its own: in the midst of one "(see also: …)" is the writer's remark.
REFERENCE = re.compile(r"(?:^|(?<=[.!?”\"…])\s)[(\[]([^()\[\]]{12,200})[)\]](?=\s|$)")
LABEL_MARK = re.compile(r"[:»>→–—|]")
SHORTEST_REST = 14  # words that a mixed paragraph has to report
CERTAIN = 9.0  # the score of a line that is furniture by its form
LONGEST_HEADLINE = 25  # words; what is longer is prose even without a stop
# After a word of four letters or a quotation: Aug. and vs. end no sentence.
SENTENCE_BREAK = re.compile(
    r"(?:(?<=[a-z]{4}[.!?])|(?<=[\d%)][.!?])|(?<=[.!?][”\"’]))\s(?=[\"“‘'(]?[A-Z0-9])"
)


class Kind(StrEnum):
    """What a paragraph is, as far as has been seen."""

    REPORTING = "reporting"
    CAPTION = "caption"
    METADATA = "metadata"
    FURNITURE = "furniture"


@dataclass(frozen=True)
class Judged:
    """A paragraph, what it was judged to be, and how strongly it looks like furniture."""

    text: str
    kind: Kind
    cues: frozenset[str] = frozenset()
    is_heading: bool = False
    is_row: bool = False
    score: float = 0.0
    cohesion: float = 0.0
    box: int = 0
    doubt: int = 0

    @property
    def is_prose(self) -> bool:
        """Whether this is made of sentences, rather than a headline, a label or a button."""
        return _is_prose(self.text)


@lru_cache(maxsize=KEPT_TEXTS)
def _is_prose(text: str) -> bool:
    return word_count(text) >= (SHORTEST_PROSE if is_complete_sentence(text) else LONGEST_HEADLINE)


def is_personal(paragraphs: Sequence[Paragraph], *, cues: Sequence[frozenset[str]]) -> bool:
    """Whether the article itself speaks as I, we and you, as columns, guides and reviews do."""
    prose = [
        found
        for paragraph, found in zip(paragraphs, cues, strict=True)
        if len(paragraph.text.split()) >= SHORTEST_PROSE
        and furniture_score(paragraph.text, cues=found, personal=True) < WEAK
    ]
    speaking = sum(not found.isdisjoint(PERSONAL) for found in prose)
    return speaking >= FEWEST_PERSONAL and speaking > PERSONAL_SHARE * len(prose)


def judge(
    paragraph: Paragraph,
    *,
    cues: frozenset[str],
    personal: bool,
    language: Language | None = None,
) -> Judged:
    """The paragraph with its kind; a header line is told apart later, by its place."""
    item = _judge(paragraph, cues=cues, personal=personal, language=language)
    return replace(item, box=paragraph.box, doubt=paragraph.doubt)


def _judge(
    paragraph: Paragraph, *, cues: frozenset[str], personal: bool, language: Language | None
) -> Judged:
    text = paragraph.text
    if paragraph.role == "row" or paragraph.doubt <= ANNOUNCED:
        return Judged(text, Kind.REPORTING, is_row=paragraph.role == "row")
    if read_url(text) or is_url_label(text) or read_publication_note(text):
        return Judged(text, Kind.METADATA)
    if is_credit(text) or is_furniture_line(text) or (language and _is_foreign(text, language)):
        return Judged(text, Kind.FURNITURE, cues, score=CERTAIN)
    if personal:
        cues = cues - PERSONAL
    score = furniture_score(text, cues=cues, linked=paragraph.role == "links")
    if paragraph.role == "caption" or (score < SURE and is_caption(text)):
        return Judged(text, Kind.CAPTION, cues)
    if score >= SURE and (rest := _reporting_part(text)):
        return Judged(rest, Kind.REPORTING, find_cues(rest))
    kind = Kind.FURNITURE if score >= SURE else Kind.REPORTING
    return Judged(text, kind, cues, is_heading=paragraph.role == "heading", score=score)


def _is_foreign(text: str, language: Language) -> bool:
    return is_page_line(text, language=language) or is_other_story(text, language=language)


def trimmed(item: Judged, *, personal: bool, language: Language | None = None) -> str:
    """A paragraph without cross-references, and sentences of furniture that open or close it."""
    text = _without_references(item.text, language=language)
    if item.kind is Kind.CAPTION or item.cues.isdisjoint(VOICES):
        return text
    return _without_sure_ends(text, personal=personal, least=SURE_SENTENCE)


def _without_references(text: str, *, language: Language | None) -> str:
    """The text without what sends the reader to another story in brackets (See also: …)."""
    if ")" not in text and "]" not in text:
        return text
    rest = text
    for reference in REFERENCE.finditer(text):
        inside = reference.group(1)
        if LABEL_MARK.search(inside) and (
            is_labelled(inside) or (language and is_other_story(inside, language=language))
        ):
            rest = rest.replace(reference.group(), "")
    return rest.strip() or text


def _reporting_part(text: str) -> str | None:
    """What a mixed paragraph reports, when that is most of it and speaks with no such voice."""
    rest = _without_sure_ends(text, personal=False, least=SURE)
    mostly = 2 * rest.count(" ") >= text.count(" ") and rest.count(" ") >= SHORTEST_REST
    # One sentence after an appeal goes on with it, unless it has a source.
    is_after = not text.startswith(rest) and rest.count(" ") < LONGEST_AFTER
    if is_after and not ATTRIBUTION.search(masked(rest)):
        return None
    is_clean = furniture_score(rest, cues=find_cues(rest)) < WEAK
    return rest if mostly and rest != text and is_clean else None


def _without_sure_ends(text: str, *, personal: bool, least: float) -> str:
    breaks = [match.end() for match in SENTENCE_BREAK.finditer(masked(text))]
    edges = pairwise([0, *breaks, len(text)])
    sentences = [text[start:end] for start, end in edges]
    while len(sentences) > 1 and _is_sure(sentences[-1], personal=personal, least=least):
        sentences.pop()
    while len(sentences) > 1 and _is_sure(sentences[0], personal=personal, least=least):
        sentences.pop(0)
    return "".join(sentences).strip()


def _is_sure(sentence: str, *, personal: bool, least: float) -> bool:
    line = sentence.strip()
    score = furniture_score(line, cues=find_cues(line), personal=personal)
    return score >= least or (" " in line and is_furniture_line(line))

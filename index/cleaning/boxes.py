"""Judged paragraphs -> the same, judged by the boxes that they stand in.

A box is an element of a page, or the lines between two blank ones. Where some of its lines are
furniture by their form and none reports, all of it is; a box that the markup speaks against has to
share the article's words.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from index.cleaning.cues import masked
from index.cleaning.furniture import (
    ATTRIBUTION,
    SURE,
    is_complete_sentence,
    is_quoting,
    is_summary_label,
)
from index.cleaning.judging import CERTAIN, SENTENCE_BREAK, Judged, Kind
from index.cleaning.languages import Language, small_words
from index.cleaning.topic import EVIDENT_TOPIC, OWN_TOPIC, topic_words

FURNITURE_SHARE = 0.2  # of a box's lines
LONGEST_BUTTON = 3  # words
FEWEST_SHARED = 2  # words that a line has in common with the article
FEWEST_SENTENCES = 2
LONGEST_INSET = 70  # words; a longer box reports
LEAST_TOPIC = {1: 0.15, 2: 0.3, 3: 0.34}  # by doubt: of a box's words that the article has too
LINES_TOPIC = 0.5  # of a box without a sentence: buttons speak of the story too
REPORTED_TOPIC = 0.15  # is enough for a box that has somebody's words


def drop_boxes(
    judged: Sequence[Judged], *, body: int, language: Language | None = None
) -> list[Judged]:
    """The paragraphs without the boxes of furniture; `body` is the place where the body begins."""
    small = small_words(language.code) if language else frozenset()
    own = [item for item in judged if _is_own(item)]
    places: dict[int, list[int]] = defaultdict(list)
    for place, item in enumerate(judged):
        places[item.box].append(place)
    result = list(judged)
    for number, inside in places.items():
        box = [judged[place] for place in inside]
        doubted = [item for item in box if item.doubt > 0 and item.kind is Kind.REPORTING]
        if any(is_summary_label(item.text) for item in box):
            continue
        is_signed = number and inside[0] >= body and _has_signs(box)
        is_strange = doubted and (_is_labelled(box) or not _belongs(doubted, own=own, small=small))
        for place in inside:
            if is_signed or (is_strange and judged[place].doubt > 0):
                result[place] = _furniture(judged[place])
    return result


def _is_labelled(box: Sequence[Judged]) -> bool:
    """Whether a doubted box stands under a label of the page (4 comments, Related stories)."""
    label = box[0]
    return (
        len(box) > 1
        and label.kind is Kind.FURNITURE
        and label.score >= CERTAIN
        and all(item.doubt > 0 for item in box)
    )


def _furniture(item: Judged) -> Judged:
    if item.kind is not Kind.REPORTING:
        return item
    return replace(item, kind=Kind.FURNITURE, score=max(item.score, SURE))


def _is_own(item: Judged) -> bool:
    """Whether a paragraph is of the article beyond doubt."""
    return item.kind is Kind.REPORTING and item.is_prose and item.doubt <= 0


def _has_signs(box: Sequence[Judged]) -> bool:
    """Whether some lines of a box are furniture by their form and none of the others reports."""
    signs = sum(item.kind is Kind.FURNITURE and item.score >= SURE for item in box)
    signs += sum(_is_button(item) for item in box) if len(box) > 1 else 0
    rest = [item for item in box if item.kind is Kind.REPORTING]
    return (
        signs >= FURNITURE_SHARE * len(box)
        and signs > 0
        and not any(item.is_row or _reports(item) for item in rest)
    )


def _is_button(item: Judged) -> bool:
    """Whether one of several lines is an order of two or three words (Give monthly)."""
    is_short = 0 < item.text.count(" ") < LONGEST_BUTTON and not is_complete_sentence(item.text)
    return item.kind is Kind.REPORTING and is_short and "orders the reader" in item.cues


def _reports(item: Judged) -> bool:
    """Whether a paragraph shares the article's words, or has somebody's."""
    if not item.is_prose:
        return item.is_heading and item.cohesion >= OWN_TOPIC
    if any(cue.startswith("trade") for cue in item.cues):
        return _has_voice(item)
    shared = round(item.cohesion * len(topic_words(item.text)))
    return (item.cohesion >= EVIDENT_TOPIC and shared >= FEWEST_SHARED) or _has_voice(item)


def _has_voice(item: Judged) -> bool:
    if {"newsroom", "reader"} <= item.cues and item.cohesion < EVIDENT_TOPIC:
        return False  # The Post has told your stories: its own voice
    plain = masked(item.text)
    return ATTRIBUTION.search(plain) is not None or is_quoting(item.text)


def _are_repeated(lines: Sequence[Judged]) -> bool:
    """Whether lines say nothing that the article does not, as a list of what stands below does."""
    return bool(lines) and all(item.cohesion == 1.0 for item in lines)


def _is_told_plainly(lines: Sequence[Judged]) -> bool:
    """Whether a box is made of whole sentences, more than one, in nobody's voice, as facts are."""
    sentences = sum(len(SENTENCE_BREAK.findall(item.text)) + 1 for item in lines)
    return sentences >= FEWEST_SENTENCES and all(
        is_complete_sentence(item.text) and not item.cues for item in lines
    )


def _belongs(doubted: Sequence[Judged], *, own: Sequence[Judged], small: frozenset[str]) -> bool:
    """Whether what is doubted of a box shares enough words with the article."""
    doubt = max(item.doubt for item in doubted)
    lines = [item for item in doubted if not item.is_heading]
    if doubt > 1 and not any(item.is_prose for item in lines) and _are_repeated(lines):
        return False
    length = sum(item.text.count(" ") + 1 for item in doubted)
    words = frozenset().union(*(topic_words(item.text) for item in doubted)) - small
    others = frozenset().union(*(topic_words(item.text) for item in own if item not in doubted))
    shared = len(words & others)
    topic = shared / len(words) if words else 0.0
    if shared >= FEWEST_SHARED and _is_told_plainly(lines):
        return True
    if any(_has_voice(item) for item in doubted if is_complete_sentence(item.text)):
        return topic >= REPORTED_TOPIC or doubt == 1
    if length > LONGEST_INSET and topic >= REPORTED_TOPIC:
        return True
    if not any(item.is_prose or item.is_heading for item in doubted):
        return topic > LINES_TOPIC
    # One word in common may be chance, unless it is most of what stands there.
    is_related = shared >= FEWEST_SHARED or topic > LINES_TOPIC
    return is_related and topic >= LEAST_TOPIC[min(doubt, max(LEAST_TOPIC))]

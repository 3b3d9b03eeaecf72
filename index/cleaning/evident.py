"""A judged paragraph -> whether it shows that it reports, so that its neighbours do not decide."""

from collections.abc import Sequence

from index.cleaning.cues import masked
from index.cleaning.furniture import (
    ATTRIBUTION,
    SURE,
    WEAK,
    is_complete_sentence,
    word_count,
)
from index.cleaning.judging import Judged, Kind
from index.cleaning.topic import EVIDENT_TOPIC, OWN_TOPIC

WRITER = frozenset({"writer"})
SHORTEST_SENTENCE = 4  # words
QUESTION_MARKS = ("?", "？", "؟", "?”", '?"')
FEWEST_QUESTIONS = 2  # of an interview


def is_evident(item: Judged) -> bool:
    """Whether a paragraph shows that it reports: by attribution, quote or the article's words."""
    if item.kind is not Kind.REPORTING or not item.is_prose:
        return False
    if item.cues == WRITER and item.box == 0 and item.doubt <= 0:
        return True  # in the markup's body somebody may say I
    is_own = not item.cues or item.cohesion >= EVIDENT_TOPIC
    return item.score < WEAK and (is_own or reports(item))


def reports(item: Judged) -> bool:
    """Whether a paragraph has somebody's words."""
    plain = masked(item.text)
    return ATTRIBUTION.search(plain) is not None or "“ " in plain


def is_sentence(item: Judged) -> bool:
    """Whether a short line is a whole sentence in the body, or in the words of the article."""
    is_own = item.doubt <= 0 and item.box == 0 and not item.is_heading
    return (
        item.kind is Kind.REPORTING
        and item.score < WEAK
        and not item.cues
        and word_count(item.text) >= SHORTEST_SENTENCE
        and is_complete_sentence(item.text)
        and (is_own or item.cohesion >= OWN_TOPIC)
    )


def is_answer(result: Sequence[Judged], place: int) -> bool:
    """Whether a paragraph of the body answers the question above it, as an interview goes."""
    item, above = result[place], result[max(0, place - 1)]
    is_asked = above.kind is Kind.REPORTING and above.text.endswith(QUESTION_MARKS)
    return (
        is_asked
        and item.kind is Kind.REPORTING
        and item.doubt <= 0
        and item.score < SURE
        and is_complete_sentence(item.text)
        and sum(other.text.endswith(QUESTION_MARKS) for other in result[:place]) >= FEWEST_QUESTIONS
    )


def is_own_heading(item: Judged) -> bool:
    """Whether the markup makes a line a heading of the body, and its words are the article's."""
    return item.is_heading and item.doubt <= 0 and item.cohesion >= OWN_TOPIC

"""Judged paragraphs -> the same, judged again by their neighbours and by the article's own words.

Kept when unsure among reporting, dropped when unsure among furniture.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from index.cleaning.boxes import drop_boxes
from index.cleaning.endings import (
    LIST_ITEM,
    SHORTEST_HEADLINE,
    drop_boilerplate,
    drop_tail,
)
from index.cleaning.evident import is_evident, is_own_heading, is_sentence
from index.cleaning.furniture import WEAK, is_complete_sentence, is_labelled, is_list_label
from index.cleaning.judging import Judged, Kind
from index.cleaning.languages import Language
from index.cleaning.repeats import without_repeats
from index.cleaning.topic import FEWEST_SURE, OWN_TOPIC, weigh

LONGEST_HEADING = 14
LEANING = 0.7
NEWSROOM_VOICES = frozenset({"newsroom", "writer"})
APPEAL_TOPIC = 0.25
LONG_HEADLINE = 8
LONG_LINE = 7
FEWEST_TEASERS = 2  # in a row; one line alone is a crosshead
SUBJECT_FIRST = re.compile(r"\w[^:]{2,40}: [A-Z]")
PARTS = re.compile(r"[\d|,(]")  # of a list's items
# Ada Munro/The Record, below a picture.
TAKEN_FOR = re.compile(
    r"[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]*){1,3} ?/ ?[A-Z][\w'’&.-]*(?: [A-Z&][\w'’.-]*){0,5}"
)


def settle(
    judged: Sequence[Judged],
    *,
    body: int,
    language: Language | None = None,
    source: str | None = None,
) -> list[Judged]:
    """The paragraphs with their last kinds: repeats, lists and blocks of furniture are dropped.

    `body` is the place where the body begins.
    """
    weighed = weigh(_without_credits(without_repeats(judged), source=source), source=source)
    return _smooth(drop_boxes(weighed, body=body, language=language))


def _without_credits(judged: Sequence[Judged], *, source: str | None) -> list[Judged]:
    """The paragraphs without the lines that say who took a picture, for this paper or another."""
    return [
        replace(item, kind=Kind.FURNITURE)
        if item.kind is Kind.REPORTING
        and (above.kind is Kind.CAPTION or (source and item.text.endswith(source)))
        and TAKEN_FOR.fullmatch(item.text)
        else item
        for above, item in zip([*judged[:1], *judged], judged, strict=False)
    ]


def _smooth(judged: Sequence[Judged]) -> list[Judged]:
    """Blocks: what leans on furniture goes with it, and after the last reporting all of it goes."""
    result = list(judged)
    _spread(result, order=range(len(result)), step=-1)
    _spread(result, order=range(len(result) - 1, -1, -1), step=1)
    _drop_headings(result)
    _drop_lists(result)
    _drop_teasers(result)
    _drop_sandwiched(result)
    drop_boilerplate(result)
    drop_tail(result)
    # What the markup names as a part of the story is no list of other stories.
    return [
        before if before.doubt < 0 and before.kind is Kind.REPORTING else after
        for before, after in zip(judged, result, strict=True)
    ]


def _spread(result: list[Judged], *, order: Sequence[int], step: int) -> None:
    """A doubtful paragraph beside furniture of prose is furniture."""
    for place in order:
        beside = place + step
        if not 0 <= beside < len(result) or result[place].kind is not Kind.REPORTING:
            continue
        neighbour = result[beside]
        if neighbour.kind is Kind.FURNITURE and _leans(result[place], beside=neighbour):
            result[place] = replace(result[place], kind=Kind.FURNITURE)


def _leans(item: Judged, *, beside: Judged) -> bool:
    """Whether a paragraph is doubtful enough, or speaks as the appeal beside it speaks."""
    if "trade 1" in item.cues and "," in item.text and not item.is_prose:
        return True  # a signature: Ann Poole, Editor
    speaks = (
        beside.is_prose
        and not item.cues.isdisjoint(NEWSROOM_VOICES)
        and item.cohesion < APPEAL_TOPIC
    )
    return item.score >= (LEANING if speaks else WEAK)


def _drop_headings(result: list[Judged]) -> None:
    """A heading above furniture of prose belongs to it, unless its words are the article's."""
    for place in range(len(result) - 2, -1, -1):
        item, below = result[place], result[place + 1]
        if (
            item.kind is Kind.REPORTING
            and below.kind is Kind.FURNITURE
            and any(
                near.is_prose and near.kind is Kind.FURNITURE
                for near in result[place + 1 : place + 3]
            )
            and (item.is_heading or not is_complete_sentence(item.text))
            and len(item.text.split()) <= LONGEST_HEADING
            and (item.cohesion < OWN_TOPIC or _is_last(result, place))
        ):
            result[place] = replace(item, kind=Kind.FURNITURE)


def _is_last(result: Sequence[Judged], place: int) -> bool:
    """Whether nothing of the article is left below a single line."""
    below = any(item.kind is not Kind.FURNITURE for item in result[place + 1 :])
    return not below and (place == 0 or is_complete_sentence(result[place - 1].text))


def _drop_lists(result: list[Judged]) -> None:
    """Headlines under a label such as Related stories, down to the next prose or crosshead."""
    inside = False
    for place, item in enumerate(result):
        if item.kind is Kind.FURNITURE:
            inside = inside or is_list_label(item.text)
        elif item.kind is not Kind.REPORTING or item.is_prose or is_sentence(item):
            inside = False
        elif inside and len(item.text.split()) >= SHORTEST_HEADLINE:
            result[place] = replace(item, kind=Kind.FURNITURE)
        else:
            inside = False


def _drop_teasers(result: list[Judged]) -> None:
    """Headlines in a row, one of them furniture or all of them off the topic, are other stories."""
    sure = sum(item.is_prose and item.kind is Kind.REPORTING for item in result)
    start = 0
    for is_line, run in groupby(result, key=_is_headline):
        items = list(run)
        places = range(start, start + len(items))
        start += len(items)
        if not is_line or len(items) < FEWEST_TEASERS or sure < FEWEST_SURE:
            continue
        above = result[places[0] - 1].text if places[0] else ""
        named = len(items) > FEWEST_TEASERS and is_labelled(items[-1].text)
        others = items[1:] if is_labelled(items[0].text) else items
        strange = not above.endswith(":") and all(map(_is_strange, others))
        strange = strange or (len(items) > FEWEST_TEASERS and all(map(_is_alien, items)))
        calling = len(items) > FEWEST_TEASERS and _are_calling([item.text for item in items])
        if named or strange or calling:
            for place in places:
                result[place] = replace(result[place], kind=Kind.FURNITURE)


def _are_calling(lines: Sequence[str]) -> bool:
    """Whether lines, no items of a list, call for a click: by a subject first, or a question."""
    if any(PARTS.search(line) for line in lines):
        return False
    subjects = sum(SUBJECT_FIRST.match(line) is not None for line in lines)
    return subjects > 0 and subjects + sum(line.endswith("?") for line in lines) > 1


def _is_strange(item: Judged) -> bool:
    """Whether a line is as long as a headline and about something else; no item of a list."""
    is_long = item.text.count(" ") + 1 >= LONG_HEADLINE
    return is_long and item.cohesion < OWN_TOPIC and not LIST_ITEM.search(item.text)


def _is_alien(item: Judged) -> bool:
    """Whether a line has nothing to do with the article; no item of a list."""
    is_long = item.text.count(" ") + 1 >= LONG_LINE
    return is_long and item.cohesion < OWN_TOPIC and ":" not in item.text and "|" not in item.text


def _is_headline(item: Judged) -> bool:
    """Whether a line could be another story's headline: some words, no stop, no heading here."""
    return (
        item.kind in (Kind.REPORTING, Kind.FURNITURE)
        and not item.is_heading
        and not item.is_row
        and not item.is_prose
        and item.text[-1] not in ".:;,"
        and item.text.count(" ") + 1 >= SHORTEST_HEADLINE
    )


def _drop_sandwiched(result: list[Judged]) -> None:
    """One or two paragraphs without evidence of reporting, between furniture, are furniture."""
    for width in (1, 2):
        for place in range(1, len(result) - width):
            inner = result[place : place + width]
            ends = (result[place - 1], result[place + width])
            if all(end.kind is Kind.FURNITURE for end in ends) and not any(
                is_evident(item) or is_sentence(item) for item in inner
            ):
                result[place : place + width] = [
                    replace(item, kind=Kind.FURNITURE)
                    if item.kind is Kind.REPORTING and not is_own_heading(item)
                    else item
                    for item in inner
                ]

"""Judged paragraphs -> the same, judged again by their neighbours and by the article's own words.

Kept when unsure among reporting, dropped when unsure among furniture.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from index.cleaning.cues import ORDER, masked
from index.cleaning.furniture import (
    ATTRIBUTION,
    SURE,
    VOICES,
    WEAK,
    is_complete_sentence,
    is_labelled,
    is_list_label,
)
from index.cleaning.judging import Judged, Kind
from index.cleaning.repeats import without_repeats
from index.cleaning.vocabulary import word_set

LONGEST_HEADING = 14
LEANING = 0.7
NEWSROOM_VOICES = frozenset({"newsroom", "writer"})
APPEAL_TOPIC = 0.25
PLAIN = 4.0  # a score that no shared vocabulary outweighs
OFF_TOPIC = 0.12
OFF_TOPIC_WEIGHT = 0.75
ORDER_CUE = "orders the reader"
LONGEST_ORDER = 20  # words of an order that stands alone
EVIDENT_TOPIC = 0.2
ON_TOPIC = 0.5
ON_TOPIC_RELIEF = 1.5
OWN_TOPIC = 0.34  # share of a paragraph's words that the rest of the article uses too
FEWEST_SURE = 4  # paragraphs; fewer say too little of the topic
SHORTEST_HEADLINE = 5  # words; a shorter line may be a crosshead
LONG_HEADLINE = 8
FEWEST_TEASERS = 2  # in a row; one line alone is a crosshead
SUBJECT_FIRST = re.compile(r"\w[^:]{2,40}: [A-Z]")
PARTS = re.compile(r"[\d|,(]")  # of a list's items
LIST_ITEM = re.compile(r"[\d:|]")
READERSHIP = word_set("readers subscribers newsroom newsrooms journalism")  # of a publisher
TOPIC_WORD = re.compile(r"[^\W\d_]{4,}")


def settle(judged: Sequence[Judged]) -> list[Judged]:
    """The paragraphs with their last kinds: repeats, lists and blocks of furniture are dropped."""
    return _smooth(_weigh(_measure(without_repeats(judged))))


def _measure(judged: Sequence[Judged]) -> list[Judged]:
    """Each paragraph with the share of its words that the article's sure reporting has too."""
    counts = Counter(word for item in judged if _is_sure(item) for word in topic_words(item.text))
    result = []
    for item in judged:
        own = topic_words(item.text)
        counted_in = 1 if _is_sure(item) else 0
        shared = [word for word in own if counts[word] > counted_in]
        result.append(replace(item, cohesion=len(shared) / len(own) if own else 0.0))
    return result


def _weigh(judged: Sequence[Judged]) -> list[Judged]:
    """Each paragraph's score, more where it is off the article's topic, less where it is on it."""
    enough = sum(item.is_prose and _is_sure(item) for item in judged) >= FEWEST_SURE
    result = []
    for item in judged:
        kind, score = item.kind, item.score
        if enough and kind is Kind.REPORTING and _is_idle(item):
            score += _weight_off_topic(item)
            kind = Kind.FURNITURE if score >= SURE else kind
        if enough and item.is_prose and SURE <= score < PLAIN and item.cohesion >= ON_TOPIC:
            kind, score = Kind.REPORTING, score - ON_TOPIC_RELIEF
        result.append(replace(item, kind=kind, score=score))
    return result


def _is_sure(item: Judged) -> bool:
    """Whether a paragraph's words are the article's own."""
    return item.kind is Kind.REPORTING and item.score < WEAK and not _speaks(item)


def _speaks(item: Judged) -> bool:
    return any(cue in VOICES or cue.startswith("trade") for cue in item.cues)


def _is_idle(item: Judged) -> bool:
    """Whether prose speaks in a page's voice, or of its readers, and reports nobody's words."""
    speaks = _is_of_readers(item) or not item.cues.isdisjoint(VOICES)
    return item.is_prose and speaks and not ATTRIBUTION.search(masked(item.text))


def _weight_off_topic(item: Judged) -> float:
    """What it weighs that idle prose is not about what the article is about."""
    if item.cohesion < EVIDENT_TOPIC and _is_of_readers(item):
        return SURE
    if item.cohesion >= OFF_TOPIC:
        return 0.0
    is_order = ORDER_CUE in item.cues and ORDER.match(item.text.lower()) is not None
    return SURE if is_order and item.text.count(" ") < LONGEST_ORDER else OFF_TOPIC_WEIGHT


def _is_of_readers(item: Judged) -> bool:
    return not READERSHIP.isdisjoint(item.text.lower().split())


def topic_words(text: str) -> frozenset[str]:
    """The words of a text that tell what it is about, without their plural s."""
    return frozenset(word.lower().rstrip("s") for word in TOPIC_WORD.findall(text)) - STOP_WORDS


STOP_WORDS = word_set(
    "about after again also among been before being between both could down during each even "
    "every first from have here into just last like made make many more most much must only "
    "other over said same should since some still such than that their them then there these "
    "they this those through time told under until very want well were what when where which "
    "while will with would year your people it' who' don hasn"
) | {"thi", "doe", "wa", "hi", "their", "other", "year", "day", "new", "support", "work"}


def _smooth(judged: Sequence[Judged]) -> list[Judged]:
    """Blocks: what leans on furniture goes with it, and after the last reporting all of it goes."""
    result = list(judged)
    _spread(result, order=range(len(result)), step=-1)
    _spread(result, order=range(len(result) - 1, -1, -1), step=1)
    _drop_headings(result)
    _drop_lists(result)
    _drop_teasers(result)
    _drop_sandwiched(result)
    _drop_tail(result)
    return result


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
            and not is_complete_sentence(item.text)
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
        elif item.kind is not Kind.REPORTING or item.is_prose:
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
            if all(end.kind is Kind.FURNITURE for end in ends) and not any(map(_is_evident, inner)):
                result[place : place + width] = [
                    replace(item, kind=Kind.FURNITURE) if item.kind is Kind.REPORTING else item
                    for item in inner
                ]


def _drop_tail(result: list[Judged]) -> None:
    """After the last evident reporting, everything from the first furniture on is furniture."""
    evident = [place for place, item in enumerate(result) if _is_evident(item)]
    last = evident[-1] if evident else 0
    below = False
    for place in range(last + 1, len(result)):
        item = result[place]
        below = below or item.kind is Kind.FURNITURE or item.score >= WEAK
        if below and item.kind is Kind.REPORTING:
            result[place] = replace(item, kind=Kind.FURNITURE)


def _is_evident(item: Judged) -> bool:
    """Whether a paragraph shows that it reports: by attribution, quote or the article's words."""
    if item.kind is not Kind.REPORTING or not item.is_prose:
        return False
    is_own = not item.cues or item.cohesion >= EVIDENT_TOPIC
    return item.score < WEAK and (is_own or _reports(item))


def _reports(item: Judged) -> bool:
    """Whether a paragraph has somebody's words."""
    plain = masked(item.text)
    return ATTRIBUTION.search(plain) is not None or "“ " in plain

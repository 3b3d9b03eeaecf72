"""Judged paragraphs -> the same, weighed by what the whole article is about."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from index.cleaning.cues import ORDER, masked
from index.cleaning.furniture import ATTRIBUTION, SURE, VOICES, WEAK
from index.cleaning.judging import KEPT_TEXTS, Judged, Kind
from index.cleaning.vocabulary import word_set

PLAIN = 4.0  # a score that no shared vocabulary outweighs
OFF_TOPIC = 0.12
OFF_TOPIC_WEIGHT = 0.75
ORDER_CUE = "orders the reader"
LONGEST_ORDER = 20  # words of an order that stands alone
ON_TOPIC = 0.5
ON_TOPIC_RELIEF = 1.5
READERSHIP = word_set("readers subscribers newsroom newsrooms journalism")  # of a publisher
FIGURE = re.compile(r"\d")  # what has one reports on readers
TOPIC_WORD = re.compile(r"[^\W\d_]{4,}")
EASTERN_WORD = re.compile(
    r"(?=([\u3400-\u9fff]{2}))[\u3400-\u9fff]|([\u30a0-\u30ff]{3,})"
    r"|(?<![\uac00-\ud7a3])([\uac00-\ud7a3]{2})"
)
EVIDENT_TOPIC = 0.2
OWN_TOPIC = 0.34  # share of a paragraph's words that the rest of the article uses too
FEWEST_SURE = 3  # paragraphs; fewer say too little of the topic
LONG_NEIGHBOUR = 15  # words; beside a shorter one an order is an item of a list of them

STOP_WORDS = word_set(
    "about after again also among been before being between both could down during each even "
    "every first from have here into just last like made make many more most much must only "
    "other over said same should since some still such than that their them then there these "
    "they this those through time told under until very want well were what when where which "
    "while will with would year your people it' who' don hasn"
) | {"thi", "doe", "wa", "hi", "their", "other", "year", "day", "new", "support", "work"}


def weigh(judged: Sequence[Judged], *, source: str | None = None) -> list[Judged]:
    """Each paragraph's cohesion and score: more where it is off the topic, less where it is on it.

    `source` where it is known who publishes the article: it seldom writes about itself.
    """
    return _weigh(_measure(judged), source=source)


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


def _weigh(judged: Sequence[Judged], *, source: str | None) -> list[Judged]:
    enough = sum(item.is_prose and _is_sure(item) for item in judged) >= FEWEST_SURE
    result = []
    for place, item in enumerate(judged):
        kind, score = item.kind, item.score
        if enough and kind is Kind.REPORTING and _is_idle(item, source=source):
            beside = (*judged[max(0, place - 1) : place], *judged[place + 1 : place + 2])
            score += _weight_off_topic(item, beside=beside, source=source)
            kind = Kind.FURNITURE if score >= SURE else kind
        if enough and item.is_prose and SURE <= score < PLAIN and item.cohesion >= ON_TOPIC:
            kind, score = Kind.REPORTING, score - ON_TOPIC_RELIEF
        result.append(replace(item, kind=kind, score=score))
    return result


def _is_sure(item: Judged) -> bool:
    """Whether a paragraph's words are the article's own."""
    return (
        item.kind is Kind.REPORTING and item.score < WEAK and item.doubt <= 0 and not _speaks(item)
    )


def _speaks(item: Judged) -> bool:
    return any(cue in VOICES or cue.startswith("trade") for cue in item.cues)


def _is_idle(item: Judged, *, source: str | None) -> bool:
    """Whether prose speaks in a page's voice, or of its readers, and reports nobody's words."""
    speaks = not item.cues.isdisjoint(VOICES)
    plain = masked(item.text)
    reports = ATTRIBUTION.search(plain) is not None or "“ " in plain
    return item.is_prose and not reports and (speaks or _is_of_publisher(item, source=source))


def _weight_off_topic(item: Judged, *, beside: Sequence[Judged], source: str | None) -> float:
    """What it weighs that idle prose is not about what the article is about."""
    if item.cohesion < EVIDENT_TOPIC and _is_of_publisher(item, source=source):
        return SURE
    if item.cohesion >= OFF_TOPIC:
        return 0.0
    asked, question, rest = item.text.lower().partition("? ")  # Need a break? Play our game.
    is_order = ORDER_CUE in item.cues and ORDER.match(rest if question else asked) is not None
    is_alone = all(other.text.count(" ") + 1 >= LONG_NEIGHBOUR for other in beside)
    is_short = item.text.count(" ") < LONGEST_ORDER
    return SURE if is_order and is_alone and is_short else OFF_TOPIC_WEIGHT


def _is_of_publisher(item: Judged, *, source: str | None) -> bool:
    """Whether a paragraph is on the publisher's readers, or begins with the publisher's name."""
    begins = source is not None and item.text.removeprefix("The ").startswith(f"{source} ")
    on_readers = not READERSHIP.isdisjoint(item.text.lower().split())
    return begins or (on_readers and not FIGURE.search(item.text))


@lru_cache(maxsize=KEPT_TEXTS)
def topic_words(text: str) -> frozenset[str]:
    """The words of a text that tell what it is about, without their plural s.

    Of Han two letters are a word, of Kana three, and of Hangul two say what the word is.
    """
    if not text.isascii() and (found := EASTERN_WORD.findall(text)):
        western = TOPIC_WORD.findall(EASTERN_WORD.sub(" ", text))
        return frozenset([*(one or two or three for one, two, three in found), *western])
    return frozenset(word.lower().rstrip("s") for word in TOPIC_WORD.findall(text)) - STOP_WORDS

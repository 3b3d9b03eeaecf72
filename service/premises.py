"""A question that takes for granted what is not so -> the evidence that says otherwise (pure).

"Why did Putin turn down the invitation?" asks for a reason, and the articles say that he accepted.
A sentence corrects a question when it speaks of the same and has, in place of one of the question's
words, another of its kind: another weekday, an opposite verb, another place, another role, another
giver; or when it denies that. Kept simple on purpose: tables and neighbouring words, no parser.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial

from service.asked import ASKS_WHO
from service.capitals import stands_for
from service.claims import LIGHT_WORDS, MONTHS, ROLES, WEEKDAYS, Claim, read_claim, read_denied
from service.evidence import EvidenceSentence
from service.opposites import OPPOSITES, read_stems
from service.quantities import numbers_among, read_words
from service.support.statement import surroundings
from service.transfers import GIVING, Transfer, read_transfers
from service.words import holds_all, holds_word, is_plural, stem

MIN_SHARE = 0.5
"""Of the question's other content words, what a correcting sentence holds at least."""

MIN_SHARED = 2
"""And how many of them."""

MIN_DENIED = 0.4
"""Of the question's content words, names aside, what is enough where all of it is denied."""

SHORTEST_PLACE = 3
"""Letters of a place's name; X is a firm."""

COUNTED_WITHIN = 3
"""Words after a number in which the thing that it counts is looked for."""

_PLACE = re.compile(
    r"\b(?:in|at|near|inside|outside|(?:part|district|suburb|outskirts) of)\s+(?:the\s+)?"
    r"((?:[A-Z][\w’'-]*\s?)+)"
)

_THING_PLACED = re.compile(
    r"\b(?i:an?|the|its|his|her|their)\s(?:[\w’'-]+\s){0,2}?([a-z][\w’'-]+)"
    r"\s(?:in|at|near|outside)\s(?:the\s)?((?:[A-Z][\w’'-]*\s?)+)"
)
"""A thing and where it is: the factory in Omsk."""

_ACCORDS = frozenset(map(stem, "agreement deal pact treaty accord contract".split()))
"""What is one thing where it is denied: no agreement was signed, and so no deal."""

_ACCORD = min(_ACCORDS)

_ORDERS = frozenset(
    map(stem, "first second third fourth fifth sixth seventh eighth ninth tenth".split())
)
_POINTS_BACK = re.compile(
    r"\b(?:before|after)(?=\s+(?:this|that|these|those|it|then|now|he|she|they|him|her|them)\b|\W*$)",
    re.IGNORECASE,
)
"""An order that the question takes from what it has said: when did he come before this?"""

_ROLE = re.compile(rf"\b([A-Za-z]+)\s((?i:{'|'.join(sorted(ROLES))}))\s+((?:[A-Z][\w’'-]+\s?)+)")


Places = Callable[[str], list[frozenset[str]]]
"""A text -> the names of each place in it."""


@dataclass(frozen=True)
class _Doubt:
    """Words that `question` takes for granted, and whether a text bears them out or denies them."""

    words: frozenset[str]
    holds: Callable[[str], bool]
    denies: Callable[[str], bool]
    bare: bool = False
    """Whether names do not count as what a denial shares with the question."""


def find_correction(question: str, evidence: Sequence[EvidenceSentence]) -> EvidenceSentence | None:
    """The best evidence that contradicts what `question` takes for granted, None where none does.

    Where some evidence says what the question says, nothing is contradicted.
    """
    asked = read_claim(question)
    if denial := next((found for found in evidence if _denies(question, found)), None):
        return denial
    for doubt in _doubts(question, asked):
        about = [found for found in evidence if _speaks_of(asked, doubt, found)]
        if any(doubt.holds(found.text) for found in about):
            continue
        if denial := next((found for found in about if doubt.denies(found.text)), None):
            return denial
    return None


def _denies(question: str, found: EvidenceSentence) -> bool:
    """Whether `found` denies what is asked about: a deed of it at once, or most of its words.

    Its article names whom the question names, wherever: "no agreement was signed" names nobody.
    That one person did not do it answers no question for who did.
    """
    asked = read_claim(question)
    words = _level(asked.words - LIGHT_WORDS)
    plain = words - asked.names
    places = frozenset[str]().union(*_places(question))
    named = holds_all(read_claim(found.article.text).words, asked.names - places)
    if not named or not plain or ASKS_WHO.search(question):
        return False
    at_once = _level(read_denied(found.text))
    negated = _level(read_claim(found.text).negated)
    denied = [word for word in words if holds_word(negated, word)]
    held = _level(read_claim(found.text).words)
    shared = sum(holds_word(held, word) for word in words)
    if any(holds_word(at_once, word) for word in plain):
        told = sum(holds_word(held, word) for word in plain)
        return (
            _are_enough(shared, words)
            or _are_enough(told, plain)
            or _are_enough(len(plain.intersection(denied)), plain, share=MIN_DENIED)
        )
    enough = len(denied) > max(MIN_SHARED, MIN_SHARE * len(words))
    return enough and any(word in plain for word in denied)


def _level(words: frozenset[str]) -> frozenset[str]:
    """The words with all for an accord as one."""
    return (words - _ACCORDS) | {_ACCORD} if words & _ACCORDS else words


def _are_enough(count: int, words: AbstractSet[str], *, share: float = MIN_SHARE) -> bool:
    return count >= max(MIN_SHARED, share * len(words))


def _speaks_of(asked: Claim, doubt: _Doubt, found: EvidenceSentence) -> bool:
    """Whether `found` has enough of the question's other words, and its other names are near."""
    said, near = read_claim(found.text), read_claim(surroundings(found)).words
    rest = asked.words - doubt.words - LIGHT_WORDS - (asked.names | GIVING if doubt.bare else set())
    shared = sum(holds_word(said.words, word) for word in rest) + len(asked.numbers & said.numbers)
    named = holds_all(near, asked.names - doubt.words)
    return named and _are_enough(shared, rest)


def _doubts(question: str, asked: Claim) -> Iterator[_Doubt]:
    for day in sorted(asked.words & WEEKDAYS):
        yield _Doubt(frozenset({day}), _has({day}), _has(WEEKDAYS - {day}))
    stems = read_stems(_POINTS_BACK.sub("", question))
    for one, other in OPPOSITES:
        said = stems & one
        if said and not stems & other:
            yield _Doubt(said, _has(one), _has(other))
    for order in sorted(read_stems(question) & _ORDERS):
        yield _Doubt(frozenset({order}), _has({order}), _has(_ORDERS - {order}))
    for number, thing in _counted(question):
        yield _Doubt(frozenset(), _counts(number, thing), _counts_otherwise(number, thing))
    yield from _doubted_places(question)
    for modifier, role, name in _ROLE.findall(question):
        if words := read_claim(modifier).words - LIGHT_WORDS:
            named = read_claim(f"x {name}").names
            yield _Doubt(words, _has(words), _has_all({stem(role), *named}))
    for transfer in read_transfers(question):
        if givers := transfer.givers:
            others = _is_given_by_others(givers, transfer.receivers)
            yield _Doubt(givers, _is_given_by(givers), others, bare=True)


def _doubted_places(question: str) -> Iterator[_Doubt]:
    """Where a thing of the question is, and where the question is set."""
    for thing, place in _THING_PLACED.findall(question):
        if not _is_place(place):
            continue
        there, here = partial(_places_of, thing), read_claim(place).words
        yield _Doubt(here, _is_in(here, there), _is_elsewhere(here, there))
    for place in _PLACE.findall(question):
        if not _is_place(place):
            continue
        here = read_claim(place).words
        yield _Doubt(here, _is_in(here), _is_elsewhere(read_claim(question).words))


def _is_place(name: str) -> bool:
    """Whether a name after "in" or "at" may be a place's: no month, nor a firm called X."""
    return len(name.strip()) >= SHORTEST_PLACE and not read_claim(name).words <= MONTHS | WEEKDAYS


def _counted(text: str) -> list[tuple[float, str]]:
    """Each number with the thing in the plural soon after it: five explosive drones."""
    words = read_words(text)
    counted = []
    for numbers, _, end in numbers_among(words):
        things = [word for word in words[end : end + COUNTED_WITHIN] if is_plural(word)]
        if things:
            counted += [(number, stem(things[0])) for number in numbers]
    return counted


def _counts(number: float, thing: str) -> Callable[[str], bool]:
    return lambda text: any(one == number for one, it in _counted(text) if it == thing)


def _counts_otherwise(number: float, thing: str) -> Callable[[str], bool]:
    return lambda text: any(one != number for one, it in _counted(text) if it == thing)


def _has(words: AbstractSet[str]) -> Callable[[str], bool]:
    return lambda text: bool(words & read_stems(text))


def _has_all(words: AbstractSet[str]) -> Callable[[str], bool]:
    return lambda text: holds_all(read_claim(text).words, words)


def _places(text: str) -> list[frozenset[str]]:
    return [read_claim(place).words for place in _PLACE.findall(text) if _is_place(place)]


def _places_of(thing: str, text: str) -> list[frozenset[str]]:
    """Where `text` has such a thing: the factory in Omsk."""
    return [
        read_claim(place).words
        for one, place in _THING_PLACED.findall(text)
        if stem(one) == stem(thing) and _is_place(place)
    ]


def _is_in(names: frozenset[str], places: Places = _places) -> Callable[[str], bool]:
    """Whether a text has such a place, or the capital of the country that it is."""

    def told_of(text: str) -> bool:
        words = read_claim(text).words
        return any(names & place for place in places(text)) or any(
            stands_for(word, names) for word in words
        )

    return told_of


def _is_elsewhere(names: AbstractSet[str], places: Places = _places) -> Callable[[str], bool]:
    return lambda text: any(place and not names & place for place in places(text))


def _is_given_by(givers: AbstractSet[str]) -> Callable[[str], bool]:
    return lambda text: any(one.givers & givers for one in read_transfers(text))


def _is_given_by_others(
    givers: AbstractSet[str], receivers: AbstractSet[str]
) -> Callable[[str], bool]:
    """Whether others give: to one of the `receivers` where there are some, or these to a giver."""

    def told_of(one: Transfer) -> bool:
        turned = one.givers & receivers and one.receivers & givers
        return bool(not receivers or one.receivers & receivers or turned)

    return lambda text: any(
        one.givers and not one.givers & givers and told_of(one) for one in read_transfers(text)
    )

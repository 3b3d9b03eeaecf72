"""A question for how many + a sentence -> whether its numbers count that (pure).

Kept simple on purpose: the noun after "how many", and the words around a number.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

from service.claims import read_claim
from service.quantities import (
    numbers_among,
    read_numbers,
    read_ordinals,
    read_words,
    says_quantity,
)
from service.words import FUNCTION_WORDS, holds_word, is_person, is_plural, stem

_COUNTED = re.compile(
    r"^(?:and )?how many (?:(?!(?:in|of|at|on|for|from|with|by) )[\w'’-]+ ){0,3}?([\w'’-]+) "
    r"(?:did|do|does|was|were|is|are|has|have|had|will|would)\b",
    re.IGNORECASE,
)

_COUNTED_FIRST = re.compile(
    r"^(?:and )?how many (?!people (?:live|are there)\b)([\w'’-]+)\b", re.IGNORECASE
)

COUNTED_BEFORE, COUNTED_AFTER = 3, 3
"""Words around a number in which the thing that it counts is looked for."""

COUNTED_WITHIN = 6
"""Words after a number, of which the first plural is what it counts: 90 sick people's samples."""

_ALONE = frozenset("dead injured hurt killed wounded missing sick more others".split())
"""What may follow a number of people that says not what it counts: seven were hurt."""

_NO_COUNT = re.compile(r"[$€£¥₽%°]|\b(?:1[0-9]|20)\d\d\b|\bper cent\b")
"""A sum, a share or a year."""


def find_miscount(question: str, sentence: str, quotes: Sequence[str]) -> str | None:
    """Why `sentence` does not count what `question` asks the number of, None where it may.

    Whose they are may be counted for them: 90 people's samples are of 90 people.
    """
    counted = _find_counted(question)
    if counted is None or _counts_people(counted, sentence):
        return None
    told = read_claim(" ".join([sentence, *quotes])).words
    if not holds_word(told, stem(counted)):
        return f"it does not say how many {counted.lower()}"
    numbers = read_numbers(sentence) - read_ordinals(sentence)
    if not numbers and says_quantity(sentence):
        return None
    things = {stem(counted), *map(stem, re.findall(rf"([\w-]+)['’]s? [^?]*?{counted}", question))}
    if not any(_counts(thing, [sentence, *quotes], numbers) for thing in things):
        return f"its number counts no {counted.lower()}"
    return None


def _find_counted(question: str) -> str | None:
    """What is counted: the noun before the verb, or the plural right after "how many"."""
    found = _COUNTED.search(question)
    if found is None:
        found = _COUNTED_FIRST.search(question)
        return found[1] if found and is_plural(found[1]) else None
    return None if found[1][0].isupper() else found[1]


def _counts_people(thing: str, sentence: str) -> bool:
    """Whether people are asked for and the sentence counts viewers or the like, or names nothing.

    Seven were hurt; a year, a sum and a share count nobody.
    """
    if thing.lower() != "people":
        return False
    words = read_words(sentence)
    counts = [(start, end) for _, start, end in numbers_among(words)]
    if not counts:
        return says_quantity(sentence)
    return any(
        any(is_plural(word) and is_person(word) for word in words[end : end + 1 + COUNTED_AFTER])
        or (_stands_alone(words[end : end + 1]) and not _NO_COUNT.search(sentence))
        for _, end in counts
    )


def _stands_alone(after: Sequence[str]) -> bool:
    """Whether what comes after a number is no thing that it counts."""
    return all(word.lower() in FUNCTION_WORDS | _ALONE for word in after)


def _is_counted(word: str) -> bool:
    """Whether a word is a plural, and of nobody's: people's is none."""
    return is_plural(word) and not word.endswith(("'s", "’s", "s'", "s’"))


def _counts(thing: str, texts: Sequence[str], numbers: AbstractSet[float]) -> bool:
    """Whether one of `numbers` stands near `thing` in `texts`, or near no other thing in plural."""
    for text in texts:
        words = read_words(text)
        for found, start, end in numbers_among(words):
            if not numbers & found:
                continue
            after = words[end : end + COUNTED_AFTER]
            near = frozenset(map(stem, [*words[max(0, start - COUNTED_BEFORE) : start], *after]))
            plurals = filter(_is_counted, words[end : end + COUNTED_WITHIN])
            first = frozenset(map(stem, islice(plurals, 1)))
            if holds_word(near | first, thing) or not any(map(is_plural, after)):
                return True
    return False

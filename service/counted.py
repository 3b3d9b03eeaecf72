"""A question for how many + a sentence -> whether its numbers count that (pure).

Kept simple on purpose: the noun after "how many", and the words around a number.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import islice, takewhile

from service.claims import read_claim
from service.quantities import SCALES, read_numbers, read_ordinals, spread
from service.words import holds_word, is_plural, stem

_COUNTED = re.compile(
    r"^(?:and )?how many (?:(?!(?:in|of|at|on|for|from|with|by) )[\w'’-]+ ){0,3}?([\w'’-]+) "
    r"(?:did|do|does|was|were|is|are|has|have|had|will|would)\b",
    re.IGNORECASE,
)

_COUNTED_FIRST = re.compile(
    r"^(?:and )?how many (?!people (?:live|are there)\b)([\w'’-]+)\b", re.IGNORECASE
)

_WORD = re.compile(r"\w[\w'’.,-]*")

COUNTED_BEFORE, COUNTED_AFTER = 3, 3
"""Words around a number in which the thing that it counts is looked for."""

COUNTED_WITHIN = 6
"""Words after a number, of which the first plural is what it counts: 90 sick people's samples."""

PERSONS = re.compile(r"\w{2,}(?:er|or|ee|ant|ist|fan|student|resident)|men|women", re.IGNORECASE)
"""The stem of a word for persons by what they do: viewers, employees."""


def find_miscount(question: str, sentence: str, quotes: Sequence[str]) -> str | None:
    """Why `sentence` does not count what `question` asks the number of, None where it may."""
    counted = _find_counted(question)
    if counted is None or _counts_people(counted, sentence):
        return None
    told = read_claim(" ".join([sentence, *quotes])).words
    if not holds_word(told, stem(counted)):
        return f"it does not say how many {counted.lower()}"
    numbers = read_numbers(sentence) - read_ordinals(sentence)
    if not _counts(stem(counted), [sentence, *quotes], numbers):
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
    """Whether people are asked for and the sentence counts viewers, workers or the like."""
    words = _read_words(sentence)
    return thing.lower() == "people" and any(
        is_plural(other) and PERSONS.fullmatch(stem(other))
        for place, word in enumerate(words)
        if read_numbers(word)
        for other in words[place + 1 : place + 2 + COUNTED_AFTER]
    )


def _is_counted(word: str) -> bool:
    """Whether a word is a plural, and of nobody's: people's is none."""
    return is_plural(word) and not word.endswith(("'s", "’s", "s'", "s’"))


def _read_words(text: str) -> list[str]:
    """The words and numbers of `text` without the signs behind them."""
    return [word.rstrip(".,") for word in _WORD.findall(spread(text))]


def _counts(thing: str, texts: Sequence[str], numbers: AbstractSet[float]) -> bool:
    """Whether one of `numbers` stands near `thing` in `texts`, or near no other thing in plural."""
    for text in texts:
        words = _read_words(text)
        for place, word in enumerate(words):
            scales = [*takewhile(lambda next_word: next_word.lower() in SCALES, words[place + 1 :])]
            if not numbers & read_numbers(" ".join([word, *scales])):
                continue
            behind = place + 1 + len(scales)
            after = words[behind : behind + COUNTED_AFTER]
            near = frozenset(map(stem, [*words[max(0, place - COUNTED_BEFORE) : place], *after]))
            plurals = filter(_is_counted, words[behind : behind + COUNTED_WITHIN])
            first = frozenset(map(stem, islice(plurals, 1)))
            if holds_word(near | first, thing) or not any(map(is_plural, after)):
                return True
    return False

"""A sentence and its quotes -> whether the quotes hold what it says, by a rule of our own.

On purpose not the service's check: that one decides what is shown, this one judges what was shown,
and a fault in the one must not hide in the other.
"""

import re
from collections.abc import Sequence
from itertools import takewhile

import simplemma
import snowballstemmer

from eval.wordings import level

ENOUGH = 0.6
"""Share of a sentence's content words that its quotes have to hold."""

RELEVANT = 0.2
"""Share that a single quote has to hold to be worth citing."""

ROOT, ROOT_SHARE = 5, 0.6
"""Letters, and the share of the longer one, that two forms of one name begin with alike."""

_STEMMER = snowballstemmer.stemmer("english")
_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:['’][^\W\d_]+)*")
_NAME = re.compile(r"(?<![.!?:“\"'‘]\s)(?<!^)(?<![“\"'‘])\b[A-Z][\w’'-]*")
_ONE = re.compile(r"\bone\b", re.IGNORECASE)
"""More often a pronoun than a number."""

_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_MONTH = re.compile(r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?:\.|(?=\s\d))")
_COUNTRY = re.compile(r"\bU\.\s?([KNS])\.")
_DOLLAR = re.compile(r"\b(?:US|AU?|CA?)\$(?=\s?\d)|\$(?:US|AU?|CA?)(?=\d)")

_NEGATION = frozenset("no not never none neither nor without cannot nothing nobody".split())
_FUNCTION_WORDS = frozenset(
    "a an the and or but as at by for from in into of on onto to with about after before over "
    "under during while between his her its their he she it they them him this that these those "
    "who whom whose which what when where how is are was were be been being has have had do does "
    "did will would can could may might also said says say according there then than so both "
    "any mr mrs ms dr articles article report reported reports".split()
)


def supports(sentence: str, quotes: Sequence[str], *, about: str = "") -> bool:
    """Whether `quotes` together hold the numbers, names, denials and words of `sentence`.

    `about` is what stands beside the quotes (title, source, date): names may come from there.
    """
    return not (
        missing_numbers(sentence, quotes, about=about)
        or missing_names(sentence, quotes, about=about)
        or _denies(sentence) != _denies_the_same(sentence, quotes)
        or overlap(sentence, quotes) < ENOUGH
    )


def missing_numbers(sentence: str, quotes: Sequence[str], *, about: str = "") -> set[str]:
    """The numbers of `sentence`, as digits, that stand in none of `quotes`."""
    counted = _ONE.sub(" ", sentence)
    return _numbers(counted) - _numbers("\n".join([*quotes, about]))


def missing_names(sentence: str, quotes: Sequence[str], *, about: str = "") -> set[str]:
    """The capitalised words of `sentence` that stand in none of `quotes`.

    Its first word, which has a capital anyway, is a name where it is in no dictionary.
    """
    held = _stems(_written_out(" ".join([*quotes, about])))
    sentence = _written_out(sentence)
    names = {stem for found in _NAME.findall(sentence) for stem in _stems(found)}
    first = _TOKEN.match(sentence)
    if first and not simplemma.is_known(re.sub(r"['’]s?$", "", first[0]).lower(), lang="en"):
        names |= _stems(first[0])
    return {
        name
        for name in names
        if not name.isdigit() and not any(_one_name(name, other) for other in held)
    }


def _written_out(text: str) -> str:
    """`text` with "October" for "Oct.", "$5" for "$US5" and "US" for "U.S."."""
    text = _COUNTRY.sub(r"U\1", _DOLLAR.sub("$", text))
    return _MONTH.sub(lambda found: _long_month(found[1]), text)


def _long_month(short: str) -> str:
    return next(month for month in _MONTHS if month.startswith(short[:3]))


def _one_name(left: str, right: str) -> bool:
    """Whether two stems are forms of one name: Primorye and Primorsky, Russia and Russian."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False))
    shared = sum(1 for _ in alike)
    return left == right or (shared >= ROOT and shared >= ROOT_SHARE * max(len(left), len(right)))


def overlap(sentence: str, quotes: Sequence[str]) -> float:
    """The share of the sentence's content words that stand in `quotes`, 1 where it has none."""
    words = _stems(sentence)
    return len(words & _stems(" ".join(quotes))) / len(words) if words else 1.0


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.,]\d+)*", level(text)))


def _stems(text: str) -> set[str]:
    words = [re.sub(r"['’]s?$", "", word) for word in _TOKEN.findall(level(text))]
    return {_STEMMER.stemWord(word) for word in words if word and word not in _FUNCTION_WORDS}


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(re.sub(r"n['’]t\b", " not", level(text)))


def _denies(sentence: str) -> bool:
    return any(token in _NEGATION for token in _tokens(sentence))


def _denies_the_same(sentence: str, quotes: Sequence[str]) -> bool:
    """Whether a quote denies something that `sentence` speaks of."""
    words = _stems(sentence)
    if _denies(sentence):
        return any(_denies(quote) for quote in quotes)
    return bool(quotes) and all(_denied(quote) and _denied(quote) <= words for quote in quotes)


def _denied(quote: str) -> set[str]:
    """The stems of the two content words after the quote's first negation."""
    tokens = _tokens(quote)
    for place, token in enumerate(tokens):
        if token in _NEGATION:
            after = [t for t in tokens[place + 1 :] if t not in _FUNCTION_WORDS][:2]
            return {_STEMMER.stemWord(word) for word in after}
    return set()

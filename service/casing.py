"""A question as it was typed + the articles -> as they would print it (pure).

A small model finds nothing for "what gifts did kim receive", and names are known by their capitals.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

_TOKEN = re.compile(r"[^\W\d_]+(?:(?:[’'](?![sS]\b)|-)[^\W\d_]+)*")
"""A word without what makes it an owner: the kim of kim's drones."""

_AFTER_A_WORD = re.compile(r"(?<=[a-z,] )" + _TOKEN.pattern)
"""A word that would have no capital if it were not a name."""

_ASKS = re.compile(
    r"(?:(?:and|but|so|or|by|from|in|at|to|for|on|with|of|about)\s)*"
    r"(?:who|whom|whose|what|which|where|when|why|how|is|are|was|were|do|does|did|has|have|had|can"
    r"|could|will|would|should)\b",
    re.IGNORECASE,
)


def as_printed(question: str, articles: Sequence[str]) -> str:
    """`question` with a capital and a stop, and the capitals of names where it is in one case.

    The texts of `articles` tell which words are names: those that they never have in small letters.
    """
    if question.islower() or question.isupper():
        names = {small: name for text in articles for small, name in _names(text).items()}
        known = frozenset[str]().union(*map(_small_words, articles))
        question = _TOKEN.sub(
            lambda word: word[0] if word[0] in known else names.get(word[0], word[0]),
            question.lower(),
        )
    if question[0].islower():
        question = question[0].upper() + question[1:]
    if question[-1].isalnum():
        question += "?" if _ASKS.match(question) else "."
    return question


@lru_cache(maxsize=256)
def _names(text: str) -> dict[str, str]:
    """The words that have a capital inside a sentence, by their small letters."""
    words = _AFTER_A_WORD.findall(text)
    return {word.lower(): word for word in words if not word.islower()}


@lru_cache(maxsize=256)
def _small_words(text: str) -> frozenset[str]:
    return frozenset(word for word in _TOKEN.findall(text) if word.islower())

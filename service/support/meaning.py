"""A statement -> what it says more widely than its quotes, or against them (pure)."""

import re

from service.claims import MAY, read_claim, read_denied, read_supposed
from service.opposites import find_opposite
from service.support.statement import Statement
from service.words import holds_word

_ALL = re.compile(r"\b(?:all|every|everyone|everything|whole|entire|only|always)\b", re.IGNORECASE)

_SOME = re.compile(
    r"\b(?:many|much|most|mostly|mainly|some|several|partly|part|often|a number of|half|few)\b",
    re.IGNORECASE,
)

_MAY = re.compile(r"\b(?:(?i:could|might|possibly|perhaps|would|possibility)|may)\b")

_WILL = re.compile(r"\b(?:will|is going to|are going to)\b|['’]ll\b", re.IGNORECASE)


def find_opposite_word(said: Statement) -> str | None:
    """A word of whose opposite the quotes speak, where neither is denied."""
    opposite = find_opposite(said.text, [found.text for found in said.cited])
    if opposite is None or opposite[0] in said.claim.negated:
        return None
    if any(opposite[1] in quote.negated for quote in said.quotes):
        return None
    return f"it says {opposite[0]!r} where the cited sentences say {opposite[1]!r}"


def find_widened(said: Statement) -> str | None:
    """All where the quotes say many, will where they say could."""
    quoted = said.quoted
    word = _ALL.search(said.text)
    if word and not _ALL.search(quoted) and _SOME.search(quoted) and not _SOME.search(said.text):
        return f"it says {word[0]!r} where the cited sentences say {_SOME.findall(quoted)[0]!r}"
    word = _WILL.search(said.text)
    if word and not _WILL.search(quoted) and _MAY.search(quoted) and not _MAY.search(said.text):
        return f"it says {word[0]!r} where the cited sentences say {_MAY.findall(quoted)[0]!r}"
    return None


def find_supposed(said: Statement) -> str | None:
    """What the quotes say only may be, told as if it were so."""
    if MAY.search(said.text):
        return None
    told = [
        (quote.words, read_supposed(found.text))
        for found, quote in zip(said.cited, said.quotes, strict=True)
    ]
    words = [
        word
        for word in said.claim.words - read_claim(f"x {said.text}").names
        if any(holds_word(held, word) for held, _ in told)
    ]
    if words and all(
        holds_word(supposed, word) or not holds_word(held, word)
        for word in words
        for held, supposed in told
    ):
        return "the cited sentences say only that it may be so"
    return None


def find_turned_negation(said: Statement) -> str | None:
    """A negation that one side has and the other has not, on the words that both share."""
    claim, quotes = said.claim, said.quotes
    plain = frozenset[str]().union(*(quote.words - quote.negated for quote in quotes))
    negated = frozenset[str]().union(*(quote.negated for quote in quotes))
    if claim.negated and not negated:
        return "the cited sentences do not deny it"
    asserted = claim.words - claim.negated
    denied = frozenset[str]().union(*(read_denied(found.text) for found in said.cited))
    if not claim.negated and any(
        holds_word(denied, word) and not holds_word(plain, word) for word in asserted
    ):
        return "the cited sentences deny it"
    only_negated = [
        word for word in asserted if holds_word(negated, word) and not holds_word(plain, word)
    ]
    if only_negated and not claim.negated and len(only_negated) * 2 >= len(asserted):
        return "the cited sentences deny it"
    return None

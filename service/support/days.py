"""A statement -> the day that its quotes have not, or have of something else (pure)."""

import re

from index.hints import named_days
from service.claims import MONTHS, WEEKDAYS, read_claim
from service.dates import MONTH, WEEKDAY
from service.support.statement import CLAUSES, Statement, reported_days
from service.words import holds_all, holds_word, stem

DAY_SHARE = 1 / 3
"""Share of a clause's words that a quote holds which its weekday or month may come from."""

DAY_MARGIN = 2
"""Words more that another quote shares, with another one, for the day to be that one's."""

CONTRADICTED = "the cited sentence that it is nearest to has"
"""How a reason begins for which no other evidence is looked for."""

_SHIFT = re.compile(
    r"\b(?:an?|one|the|two|three|four|five|several|some) (?:day|night|week|month|year)s?"
    r" (?:after|before|since)\b[^,;:.]*",
    re.IGNORECASE,
)

_PRONOUN = re.compile(r"\b(?:he|him|she|her|they|them|it)\b", re.IGNORECASE)
_DAY = re.compile(rf"\b(?:{WEEKDAY}|{MONTH})\b")


def find_new_day(said: Statement) -> str | None:
    """A day of a month that no quote writes, and no publisher named reported on."""
    for named in named_days(said.text):
        if named.day is None or re.search(rf"\b0?{named.day}(?:st|nd|rd|th)?\b", said.quoted):
            continue
        if not any(reported_days(said.text, said.cited)):
            return f"day {named.day} of a month is in no cited sentence"
    return None


def find_misplaced_day(said: Statement) -> str | None:
    """A weekday or a month that only a quote about something else has."""
    for clause in CLAUSES.split(said.text):
        for day in set(_DAY.findall(clause)):
            words = read_claim(clause).words - {stem(day)}
            plain = words - read_claim(f"x {clause}").names
            holders = [quote.words for quote in said.quotes if holds_word(quote.words, stem(day))]
            shared = [sum(holds_word(held, word) for word in words) for held in holders]
            told = any(holds_word(held, word) for held in holders for word in plain)
            only_names = len(said.cited) > 1 and bool(plain) and not told
            if holders and (only_names or max(shared) < DAY_SHARE * len(words)):
                return f"{day} stands in no cited sentence with what it is about"
            if len(said.cited) > 1 and _is_anothers(said, clause, day):
                return f"no cited sentence has {day} with its names"
            if len(said.cited) > 1 and 2 * len(_told_elsewhere(said, day, plain)) > len(plain):
                return f"{day} stands in no cited sentence with what it is about"
            if holders and all(_is_shifted(found.text, day, plain) for found in said.cited):
                return f"{CONTRADICTED} the day before or after for it"
            if holders and max(shared) + DAY_MARGIN <= _shared_with_other_day(said, words):
                return f"{CONTRADICTED} another day than {day}"
    return None


def _is_anothers(said: Statement, clause: str, day: str) -> bool:
    """Whether every quote with the day lacks a name of the clause, and a pronoun for it."""
    names = read_claim(f"x {clause}").names - WEEKDAYS - MONTHS
    beside = said.meant.words | said.origin.words
    told = [
        (quote.words | beside, found.text)
        for found, quote in zip(said.cited, said.quotes, strict=True)
        if holds_word(quote.words, stem(day))
    ]
    return bool(told) and not any(
        _PRONOUN.search(text) or holds_all(words, names) for words, text in told
    )


def _told_elsewhere(said: Statement, day: str, words: frozenset[str]) -> list[str]:
    """The words that no quote with the day has, but one with another."""
    with_day, with_other = frozenset[str](), frozenset[str]()
    for found, quote in zip(said.cited, said.quotes, strict=True):
        days = _DAY.findall(found.text)
        if day in days:
            with_day |= quote.words
        elif days:
            with_other |= quote.words
    return [
        word for word in words if holds_word(with_other, word) and not holds_word(with_day, word)
    ]


def _is_shifted(quote: str, day: str, words: frozenset[str]) -> bool:
    """Whether `quote` tells most of the words of a day before or after the one it names.

    A day after a visit to the plant, he was in the city on Saturday.
    """
    shifted = _SHIFT.search(quote)
    if shifted is None or day in shifted[0]:
        return False
    before = read_claim(f"x {shifted[0]}").words
    rest = read_claim(quote.replace(shifted[0], "")).words
    told = [word for word in words if holds_word(before, word) and not holds_word(rest, word)]
    return 2 * len(told) > len(words)


def _shared_with_other_day(said: Statement, words: frozenset[str]) -> int:
    """How many of the words the nearest of the quotes has that name a weekday or a month."""
    return max(
        (
            sum(holds_word(quote.words, word) for word in words)
            for found, quote in zip(said.cited, said.quotes, strict=True)
            if _DAY.search(found.text)
        ),
        default=0,
    )

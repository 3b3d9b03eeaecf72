"""A text and the day it was published -> the days that it names (pure).

News says "on Saturday" and means the one before it was printed. Kept simple on purpose: English
dates, weekdays, today and its neighbours; "next week" and spans of days are left alone.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from functools import lru_cache

from index.hints import named_days

WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
"""Patterns of their English names, as they are written."""

_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_WEEKDAY = re.compile(rf"\b(next\s+)?({'|'.join(_DAYS)})\b", re.IGNORECASE)
_NEAR = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}
_NEAR_DAY = re.compile(rf"\b({'|'.join(_NEAR)})\b", re.IGNORECASE)
LATEST = timedelta(days=1)
"""Before the newest article, what still counts as the latest."""

_LATEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|recently|at present|right now|so far)\b", re.IGNORECASE
)

_PAST_DATE_ASKED = re.compile(
    r"^(?:and |but |so )?(?:on |by |since )?(?:when|(?:what|which)(?: [a-z]+)? date)\b"
    r".*\b(?:did|was|were|had)\b",
    re.IGNORECASE,
)
_TO_COME_ASKED = re.compile(
    r"^(?:and |but |so )?(?:on |by |in |at )?"
    r"(?:when|(?:what|which)(?: [a-z]+)? (?:date|day|month|year))\b"
    r"\s(?:will\b|(?:is|are)\b.*\b(?:going to|due|expected|scheduled|planned|set to|to [a-z]+)\b)",
    re.IGNORECASE,
)
"""A question for when something is going to be."""

_OTHER_WEEK = re.compile(
    r"\b(?:next|last|previous|following|every|each|ago|weeks?|month|year)\b", re.IGNORECASE
)
_NAMED_ALIKE = re.compile(
    rf"\b(?:Ash|Black|Bloody|Cyber|Easter|Good|Palm|Super)\s{WEEKDAY}\b"
    rf"|\b{WEEKDAY}(?:s\b|\s[A-Z])"
)
"""Black Friday, the Sunday Times, and days that come again and again."""


@lru_cache(maxsize=4096)
def read_dates(text: str, published: date | None) -> frozenset[date]:
    """The days that `text` names; without `published`, only those that it names with their year.

    A weekday is the last one up to the day of publishing, "next Friday" the first one after it.
    """
    found = set(_written_dates(text, published.year if published else None))
    if published:
        found |= set(_relative_dates(text, published))
    return frozenset(found)


def first_day_asked(question: str, published: Sequence[date]) -> date | None:
    """The first day of publishing that `question` asks for, None where it leaves none out.

    An event is reported on its day or later; the latest is what the newest article says, and those
    of the day before. `published` are the days of the articles at hand.
    """
    if not published:
        return None
    newest = max(published)
    days = list(_written_dates(question, newest.year))
    if asks_for_latest(question):
        days.append(newest - LATEST)
    return min(days) if days and min(published) < min(days) <= newest else None


def find_day_meant(
    question: str, sentence: str, published: Sequence[date | None]
) -> tuple[str, date] | None:
    """The weekday of `sentence` and its date, where `question` asks when something was.

    `published` are the days of the articles that it cites. None where they disagree or lack one,
    and where the sentence has no weekday, several, one of another week or a written date.
    """
    named = {match[0] for match in _WEEKDAY.finditer(sentence)}
    if (
        len(named) != 1
        or not _PAST_DATE_ASKED.search(question)
        or _OTHER_WEEK.search(sentence)
        or _NAMED_ALIKE.search(sentence)
        or any(named_days(sentence))
    ):
        return None
    (weekday,) = named
    meant = {day for one in published if one for day in _relative_dates(weekday, one)}
    return (weekday, meant.pop()) if len(meant) == 1 and all(published) else None


def find_day_over(question: str, sentence: str, published: Sequence[date | None]) -> date | None:
    """The day that `sentence` writes out where it was over before all its articles appeared.

    Only where `question` asks when something is going to be; None where it does not.
    """
    days = [day for day in published if day]
    if not days or not _TO_COME_ASKED.search(question):
        return None
    written = sorted(_written_dates(sentence, max(days).year))
    return written[-1] if written and written[-1] < min(days) else None


def asks_for_latest(question: str) -> bool:
    """Whether `question` asks for the newest account: "the latest on …", "so far"."""
    return _LATEST.search(question) is not None


def long_date(day: date) -> str:
    """The day as news writes it: 17 September 2023."""
    return f"{day.day} {day:%B %Y}"


def _written_dates(text: str, usual_year: int | None) -> Iterator[date]:
    """The days written out that the calendar has; without a year anywhere, none."""
    for named in named_days(text):
        if named.day is not None:
            with suppress(ValueError):
                yield date(named.year or usual_year or 0, named.month, named.day)


def _relative_dates(text: str, published: date) -> Iterator[date]:
    for match in _WEEKDAY.finditer(text):
        back = (published.weekday() - _DAYS.index(match[2].lower())) % 7
        yield published + timedelta(days=7 - back if match[1] else -back)
    for match in _NEAR_DAY.finditer(text):
        yield published + timedelta(days=_NEAR[match[1].lower()])

"""The dates and times written in a line, as publishers write them; nothing is guessed."""

import re
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import dateparser
from dateparser.data.languages_info import language_order

MONTHS_IN_YEAR = 12
EARLIEST_YEAR, LATEST_YEAR = 1700, 2100
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
DAY_MONTH_YEAR = re.compile(rf"\b{DAY}\.?(?: of)?[ -]{MONTH}\.?,?[ -](\d{{4}})\b", re.IGNORECASE)
MONTH_DAY_YEAR = re.compile(rf"\b{MONTH}\.?[ -]{DAY},?[ -](\d{{4}})\b", re.IGNORECASE)
YEAR_MONTH_DAY = re.compile(
    r"(?<!\d)(\d{4})(?:[-/.]|年|년 ?)(\d{1,2})(?:[-/.]|月|월 ?)(\d{1,2})(?!\d)[日일]?"
)
NUMBERS_ONLY = re.compile(r"(?<!\d)(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)")
ANY_DATE = re.compile(
    "|".join(f"(?:{p.pattern})" for p in (DAY_MONTH_YEAR, MONTH_DAY_YEAR, YEAR_MONTH_DAY))
    + r"|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{4}(?!\d)",
    re.IGNORECASE,
)
TIME = re.compile(
    r"\b(?:GMT|UTC) ?[+-]\d{1,2}(?::\d\d)?\b"
    r"|(?:\b|(?<=\d)T|\bT)\d{1,2}(?:[:.h]\d{2}){1,2}(?:\.\d+)?Z?(?:[+-]\d\d:?\d\d)?"
    r"|\b\d{1,2} ?(?:am|pm)\b|\b[ap]\.m\.|\b(?:an?|\d+) (?:second|minute|min|hour|day|week"
    r"|month)s? (?:ago|read)\b"
    r"|\d{1,2} ?[時时点시] ?(?:\d{1,2} ?[分분])?",
    re.IGNORECASE,
)

# A day of any language beside a few words: 24 de octubre de 2023, 8:00.
DAY_LINE = re.compile(
    r"(?:[^\W\d]+\W+){0,2}\d{1,2}\W+(?:[^\W\d]+\W+){1,3}(?:19|20)\d\d\b[\W\d]*(?:[^\W\d]{1,4}[\W\d]*){0,2}"
)
NAMED_DAY = re.compile(r"\b\d{1,2}\.? (?:de )?[^\W\d_]{3,12}\.?,? (?:de )?(?:19|20)\d\d\b")
YEAR_AND_WORD = re.compile(r"(?=.*\d{4})(?=.*[^\W\d_])")
FOREIGN = frozenset(language_order) - {"en"}  # the languages whose months dateparser knows
WHOLE_DATES: Any = {"STRICT_PARSING": True, "REQUIRE_PARTS": ["day", "month", "year"]}


def find_date(text: str) -> date | None:
    """The first full date written in the text; None where day and month could be swapped."""
    found = [
        (match.start(), day)
        for pattern, order in (
            (DAY_MONTH_YEAR, "dmy"),
            (MONTH_DAY_YEAR, "mdy"),
            (YEAR_MONTH_DAY, "ymd"),
        )
        for match in [pattern.search(text)]
        if match and (day := _calendar_date(dict(zip(order, match.groups(), strict=True))))
    ]
    if match := NUMBERS_ONLY.search(text):
        first, separator, second, year = match.groups()
        day_first = separator == "." or int(first) > MONTHS_IN_YEAR or first == second
        if day_first or int(second) > MONTHS_IN_YEAR:
            order = "dmy" if day_first else "mdy"
            day = _calendar_date(dict(zip(order, (first, second, year), strict=True)))
            found += [(match.start(), day)] if day else []
    return min(found)[1] if found else None


def find_foreign_date(text: str, *, language: str) -> date | None:
    """The date that the whole text is, with its month's name in a language (17 février 2022)."""
    code = language.split("-", 1)[0]
    if code not in FOREIGN or not YEAR_AND_WORD.search(text):
        return None
    found = dateparser.parse(text, languages=[code], settings=WHOLE_DATES)
    return found.date() if found else None


def find_day(text: str, *, language: str) -> date | None:
    """The first date with its month's name in a language that stands in a line."""
    for match in NAMED_DAY.finditer(text):
        words = re.sub(r"\b(?:de|del|di)\b|[.,]", " ", match.group())
        if day := find_foreign_date(" ".join(words.split()), language=language):
            return day
    return None


def date_in_url(url: str) -> date | None:
    """The date that stands in an address's path as /2023/09/17/."""
    match = re.search(r"/(\d{4})/(\d{1,2})/(\d{1,2})/", urlsplit(url).path)
    return _calendar_date(dict(zip("ymd", match.groups(), strict=True))) if match else None


def _calendar_date(parts: dict[str, str]) -> date | None:
    name = parts["m"].lower()
    month = int(name) if name.isdigit() else MONTHS.index(name[:3]) + 1
    try:
        day = date(int(parts["y"]), month, int(parts["d"]))
    except ValueError:
        return None
    return day if EARLIEST_YEAR <= day.year <= LATEST_YEAR else None

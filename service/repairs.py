"""A sentence that is removed for one name or day -> the same without it, or as quoted (pure).

A model adds what it knows (a first name, the country of a town) and what the question said already
(the place of a match), and says in its own way which day it was. The rest may stand.
"""

import re
from collections.abc import Iterator, Sequence

from service.claims import HOME, Claim, as_written, read_claim
from service.dates import MONTH, WEEKDAY, read_dates
from service.evidence import EvidenceSentence
from service.support.names import unquoted_name
from service.support.numbers import unquoted_number
from service.words import holds_all

_FULL_NAME = re.compile(
    rf"\b(?!{WEEKDAY}\b|{MONTH}\b)((?:[A-Z][^\W\d_]+-)?[A-Z][^\W\d_]+) (?=([A-Z][^\W\d_]+))"
)
"""A first name and the name after it; the day in "On Saturday Kim" is none."""

_NAME = r"[A-Z][\w’'.-]*(?:\s(?:(?:of|the|de|al)\s)?[A-Z0-9][\w’'.-]*)*(?<![.])"
_PHRASE = re.compile(
    r"\s(?:in|at|on|from|for|to|with|of|near|against|by|under|after|before|during|between|over)\s"
    rf"(?:the\s|an?\s|his\s|her\s|its\s|their\s)?({_NAME})"
)
_LAST = re.compile(rf",?\s(?:and|or)\s({_NAME})(?=[.;]|$)")
"""The last thing of a list."""

_DATE = re.compile(
    rf"(?P<on>\b[Oo]n\s)?(?:\b(?P<first>\d{{1,2}})\s)?\b(?P<month>{MONTH})\b"
    r"(?(first)|\s(?P<day>\d{1,2})(?:st|nd|rd|th)?\b)"
)
"""A day of a month: on July 17, 17 July."""

_YEAR_OF_DAY = re.compile(
    rf"(?P<day>\b(?:{MONTH} \d{{1,2}}|\d{{1,2}} {MONTH})),? (?P<year>\d{{4}})\b"
)
"""The year of a day: November 6, 2021."""

_DAY = re.compile(
    rf"\b(?:(?:{WEEKDAY},? )?(?:\d{{1,2}} {MONTH}(?: \d{{4}})?|{MONTH} \d{{1,2}}(?:, \d{{4}})?)"
    rf"|{WEEKDAY})\b"
)
"""A day as news writes it: Saturday, 16 September 2023, Saturday, September 16."""

_HOME = re.compile(rf"{HOME}\s(?=[a-z])")
"""A country before what is of it: US home sales."""

_COUNTED = re.compile(r"\b(?:the|both|these|those)\s(\w+)\s(\w+s)\b", re.IGNORECASE)
"""Things whose number was said: the two leaders."""

_APPOSITION = re.compile(rf",\s({_NAME})(?=[.,;]|$)")


def shorten(text: str, reason: str | None, *, question: str, quoted: str) -> Iterator[str]:
    """`text` without what holds the name or number of `reason`, which is in no quote.

    The least cut comes first; nothing comes where `reason` is another, or what it names is needed.
    A first name goes where `quoted` has the last name, what stands between commas and the last
    thing of a list always, and a phrase such as "at Old Trafford" where the question has said it.
    Of a date whose day is in no quote the month is left that is `quoted`: on July 17, in July. A
    year that is in none goes from its day.
    """
    asked = read_claim(question)
    yield from _without_day(text, reason, quoted)
    yield from _without_year(text, reason)
    for first, last in _FULL_NAME.findall(text):
        known = f"{first} {last}" in question
        if _holds(first, reason) and last in quoted and not known:
            yield text.replace(f"{first} {last}", last)
    yield from _without_home(text, reason, asked)
    yield from _without_count(text, reason, question)
    for match in _APPOSITION.finditer(text):
        if _holds(match[1], reason):
            yield text[: match.start()] + text[match.end() :]
    for match in _LAST.finditer(text):
        before, comma, item = text[: match.start()].rpartition(", ")
        if comma and _holds(match[1], reason):
            yield f"{before} and {item}{text[match.end() :]}"
    for match in _PHRASE.finditer(text):
        said = read_claim(match[1])
        known = said.numbers <= asked.numbers
        known = known and holds_all(asked.words, said.words)
        if known and _holds(match[1], reason):
            yield text[: match.start()] + text[_end_of_asked(text, match, question) :]


def retell_day(text: str, cited: Sequence[EvidenceSentence]) -> Iterator[str]:
    """`text` with a day as one of the `cited` sentences writes the same day.

    Saturday for 16 September, where it appeared on the 17th.
    """
    for match in _DAY.finditer(text):
        for found in cited:
            published = found.article.published
            meant = read_dates(match[0], published)
            for written in _DAY.findall(found.text):
                if written != match[0] and meant & read_dates(written, published):
                    yield text[: match.start()] + written + text[match.end() :]


def _end_of_asked(text: str, phrase: re.Match[str], question: str) -> int:
    """Where in `text` ends what it has of `question` from the start of the `phrase` on."""
    ends = [word.end() for word in re.finditer(r"[\w’'-]+", text) if word.end() >= phrase.end()]
    asked = (end for end in reversed(ends) if text[phrase.start() : end].strip() in question)
    return next(asked, phrase.end())


def _without_home(text: str, reason: str | None, asked: Claim) -> Iterator[str]:
    for match in _HOME.finditer(text):
        known = holds_all(asked.words, read_claim(match[0]).words)
        if known and _holds(match[0], reason):
            rest = text[: match.start()] + text[match.end() :]
            yield rest[0].upper() + rest[1:]


def _without_count(text: str, reason: str | None, question: str) -> Iterator[str]:
    for match in _COUNTED.finditer(text):
        if match[0].lower() in question.lower() and _holds(match[1], reason):
            yield text[: match.start(1)] + text[match.start(2) :]


def _without_day(text: str, reason: str | None, quoted: str) -> Iterator[str]:
    for match in _DATE.finditer(text):
        unquoted = unquoted_number(float(match["day"] or match["first"]))
        if reason == unquoted and match["month"] in quoted:
            before = {"on ": "in ", "On ": "In "}.get(match["on"] or "", "")
            month = f"{before}{match['month']}"
            yield text[: match.start()] + month + text[match.end() :]


def _without_year(text: str, reason: str | None) -> Iterator[str]:
    for match in _YEAR_OF_DAY.finditer(text):
        if reason == unquoted_number(float(match["year"])):
            yield text[: match.start()] + match["day"] + text[match.end() :]


def _holds(phrase: str, reason: str | None) -> bool:
    """Whether the name or number that `reason` tells of is one of the phrase's."""
    claim = read_claim(phrase)
    return any(reason == unquoted_name(word) for word in as_written(claim.words, phrase)) or any(
        reason == unquoted_number(number) for number in claim.numbers
    )

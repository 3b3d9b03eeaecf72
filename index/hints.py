"""A question -> the publishers that it names, a text -> the days that it writes out (pure).

"What did The Verge write in October 2023?" is best looked up in that paper and that month as well.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

_HEAD = re.compile(r"\s+[|–-]\s+|:\s+")
"""What parts a publisher's short name from what it says of itself: Fortune | Business News."""

_HOST = re.compile(r"(?:www\.)?(?:the)?([a-z0-9-]{4,})(?:\.[a-z]{2,})+", re.IGNORECASE)
"""What a publisher goes by where its pages give no name: themoscowtimes.com."""

HOST_WORDS = 4
"""Words of a question that may be a host's name, run together there."""

_NAME_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*|&")
_POSSESSIVE = re.compile(r"['’]s$")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_YEAR = r"(?:,?\s+(?P<year>\d{4}))?\b"
_YEAR_AHEAD = r"(?=,?\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?\d{4}\b)"
_MONTH = (
    r"(?P<month>(?:jan(?:uary)?|feb(?:ruary)?|mar|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    rf"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?|(?-i:March|May)|(?:march|may){_YEAR_AHEAD})"
)
"""March and May are months where they are written as names, or where a year follows."""

_ENDING = "(?:st|nd|rd|th)?"
_WRITTEN = re.compile(
    rf"\b(?:(?P<before>\d{{1,2}}){_ENDING}\s+(?:of\s+)?)?{_MONTH}"
    rf"(?(before)|(?:\s+(?P<after>\d{{1,2}}){_ENDING}(?!\d))?){_YEAR}",
    re.IGNORECASE,
)
_ISO = re.compile(r"\b(\d{4})-(0[1-9]|1[0-2])-(\d{2})\b")


@dataclass(frozen=True)
class NamedDay:
    """A day or a month that a text names; None for the year or the day that it leaves out."""

    month: int
    year: int | None
    day: int | None

    def includes(self, other: date) -> bool:
        """Whether `other` may be meant."""
        return (
            self.month == other.month
            and self.year in (None, other.year)
            and self.day in (None, other.day)
        )


class Publishers:
    """The publishers of an index by the words that name them."""

    def __init__(self, names: Iterable[str]) -> None:
        """Each may be named as a whole, or by its part before a bar, a dash or a colon."""
        known: dict[tuple[str, ...], set[str]] = {}
        hosts: dict[str, set[str]] = {}
        for name in names:
            if host := _HOST.fullmatch(name):
                hosts.setdefault(_run_together([host[1]]), set()).add(name.casefold())
            for form in {name, _HEAD.split(name)[0]}:
                if words := tuple(word.casefold() for word in _NAME_WORD.findall(form)):
                    known.setdefault(words, set()).add(name.casefold())
        self._names = {words: frozenset(meant) for words, meant in known.items()}
        self._hosts = {name: frozenset(meant) for name, meant in hosts.items()}
        self._longest = max(HOST_WORDS if hosts else 0, *map(len, known), 0)

    def named_in(self, question: str) -> list[frozenset[str]]:
        """For each name in the question the publishers that may be meant, in lower case.

        A name begins with a capital; a single word that opens the question is none.
        """
        words = _NAME_WORD.findall(question)
        plain = [_POSSESSIVE.sub("", word.casefold()) for word in words]
        taken: set[int] = set()
        found: dict[frozenset[str], None] = {}
        for size in range(self._longest, 0, -1):
            for start in range(len(words) - size + 1):
                name = plain[start : start + size]
                meant = self._names.get(tuple(name)) or self._hosts.get(_run_together(name))
                span = range(start, start + size)
                opens = start == 0 and size == 1
                if meant and words[start][0].isupper() and not opens and taken.isdisjoint(span):
                    taken.update(span)
                    found[meant] = None
        return list(found)


def spell_publisher(publisher: str, question: str) -> str:
    """The publisher as `question` writes it: Moscow Times for themoscowtimes.com."""
    host = _HOST.fullmatch(publisher)
    words = _NAME_WORD.findall(question) if host else []
    for size in range(HOST_WORDS, 0, -1):
        for start in range(len(words) - size + 1):
            name = words[start : start + size]
            plain = [_POSSESSIVE.sub("", word) for word in name]
            if host and name[0][0].isupper() and _run_together(plain) == _run_together([host[1]]):
                return " ".join(plain)
    return publisher


def _run_together(words: Sequence[str]) -> str:
    """The letters and digits of a name, as a host has it."""
    return re.sub(r"[\W_]", "", "".join(words)).casefold()


def named_days(text: str) -> tuple[NamedDay, ...]:
    """Each date that the text writes out in English or as 2023-09-17, the latter last."""
    found: dict[NamedDay, None] = {}
    for match in _WRITTEN.finditer(text):
        year, day = match["year"], match["before"] or match["after"]
        if year or day:
            month = _MONTHS.index(match["month"][:3].lower()) + 1
            found[NamedDay(month, int(year) if year else None, int(day) if day else None)] = None
    for match in _ISO.finditer(text):
        year, month, day = map(int, match.groups())
        found[NamedDay(month, year, day)] = None
    return tuple(found)

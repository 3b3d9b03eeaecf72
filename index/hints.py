"""A question -> the publishers and the days that it names, as hints where to look (pure).

"What did The Verge write in October 2023?" is best looked up in that paper and that month as well.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

_HEAD = re.compile(r"\s+[|–-]\s+|:\s+")
"""What parts a publisher's short name from what it says of itself: Fortune | Business News."""

_NAME_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*|&")
_POSSESSIVE = re.compile(r"['’]s$")
_MONTHS = (
    "january february march april may june july august september october november december".split()
)
_MONTH = "|".join(
    f"(?-i:{month.title()})" if month in ("march", "may") else month for month in _MONTHS
)
_DATES = (
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})(?:,?\s+(?P<year>\d{{4}}))?\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<year>\d{{4}}))?\b",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?P<month>{_MONTH}),?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
)


@dataclass(frozen=True)
class NamedDay:
    """A day or a month that a question names; None for the year or the day that it leaves out."""

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
        for name in names:
            for form in {name, _HEAD.split(name)[0]}:
                if words := tuple(word.casefold() for word in _NAME_WORD.findall(form)):
                    known.setdefault(words, set()).add(name.casefold())
        self._names = {words: frozenset(meant) for words, meant in known.items()}
        self._longest = max(map(len, known), default=0)

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
                meant = self._names.get(tuple(plain[start : start + size]))
                span = range(start, start + size)
                opens = start == 0 and size == 1
                if meant and words[start][0].isupper() and not opens and taken.isdisjoint(span):
                    taken.update(span)
                    found[meant] = None
        return list(found)


def named_days(question: str) -> tuple[NamedDay, ...]:
    """Each date that the question writes out in English, in whatever order."""
    found: dict[NamedDay, None] = {}
    for form in _DATES:
        found |= dict.fromkeys(_named_day(match.groupdict()) for match in form.finditer(question))
        question = form.sub(" ", question)
    return tuple(found)


def _named_day(parts: Mapping[str, str | None]) -> NamedDay:
    year, day = parts.get("year"), parts.get("day")
    return NamedDay(
        month=_MONTHS.index(str(parts["month"]).lower()) + 1,
        year=int(year) if year else None,
        day=int(day) if day else None,
    )

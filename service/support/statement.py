"""A sentence and the quotes it cites -> what the rules hold against each other (pure).

What may be said without standing in a quote belongs to it: publisher, title, day of publishing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from service.claims import NAME_RUN, SURE_INITIALS, Claim, initials_of, read_claim
from service.dates import long_date, read_dates
from service.evidence import EvidenceSentence
from service.words import FUNCTION_WORDS

BEFORE, AFTER = 400, 200
"""Characters around a quote that say what it is about: some three sentences, and one."""

MIN_CUT = 3
"""Letters of a name that is cut short: Man City."""

LONGEST_NAME = 3
"""Words of a person's full name."""

CLAUSES = re.compile(r"[,;:]\s|\band\b")
"""Where one clause of a sentence ends and the next begins."""

RUN = re.compile(r"\b[A-Z][^\W\d_]+(?:[\s-][A-Z][^\W\d_]+)+\b")
"""Capitalised words that follow one another: a name of several."""


_DATELINE = re.compile(
    r"^(?P<place>[A-Z][A-Z.’' -]+[A-Z])(?:,\s[\w.’' ]{2,30}){0,2}"
    r"(?:\s\([\w.,/ ]{2,30}\))?\s?[—–-]+\s"
)
"""Where, and when, an agency's report was written: SEOUL, South Korea — it tells of neither."""

NOTHING = Claim(frozenset(), frozenset(), frozenset(), frozenset())


@dataclass(frozen=True)
class Statement:
    """What is checked, and what it rests on."""

    text: str
    cited: Sequence[EvidenceSentence]
    question: str = ""
    meant: Claim = NOTHING
    """Names, with their numbers, that a quote means by another word: it, the club."""

    @cached_property
    def claim(self) -> Claim:
        return read_claim(self.text)

    @cached_property
    def quotes(self) -> list[Claim]:
        return [read_claim(_without_dateline(found)) for found in self.cited]

    @cached_property
    def quoted(self) -> str:
        """The text of all quotes."""
        return " ".join(found.text for found in self.cited)

    @cached_property
    def origin(self) -> Claim:
        """What may be said without standing in a quote: publisher, title, when it was published."""
        days = reported_days(self.text, self.cited)
        return read_claim(" ".join([*map(origin_of, self.cited), *days]))

    @cached_property
    def held(self) -> frozenset[str]:
        return self.meant.words.union(self.origin.words, *(quote.words for quote in self.quotes))


def named_otherwise(question: str, cited: Sequence[EvidenceSentence]) -> frozenset[str]:
    """The words of the question's names that a quote has in a shorter or a longer form.

    The EDPB for the European Data Protection Board; Miller, whom her article calls Allison Miller;
    Manchester City for Man City.
    """
    words = frozenset[str]()
    first, _, rest = question.partition(" ")
    for name in NAME_RUN.findall(rest if first.lower() in FUNCTION_WORDS else question):
        parts, initials = re.split(r"[\s-]+", name), initials_of(name)
        longer = re.compile(r"\b" + r"\w*[\s-]".join(map(re.escape, parts)) + r"\w*")
        whole = min(map(len, parts)) >= MIN_CUT
        for found in cited:
            held = set(re.findall(r"[^\W\d_]+", found.text))
            told = parts[-1] in held and name in found.article.text
            short = len(initials) >= SURE_INITIALS and initials in held
            if told or short or (whole and longer.search(found.text)):
                words |= read_claim(f"x {name}").names
    return words


def _without_dateline(found: EvidenceSentence) -> str:
    """The text of a quote; what its article has in capitals elsewhere too is a name: NATO —."""
    dateline = _DATELINE.match(found.text)
    if dateline is None or found.article.text.count(dateline["place"]) > 1:
        return found.text
    return found.text[dateline.end() :]


def surroundings(found: EvidenceSentence) -> str:
    """What a reader takes the quote to be about: its article's title and the text around it."""
    text, span = found.article.text, found.span
    around = text[max(0, span.start - BEFORE) : span.end + AFTER]
    return "\n".join([origin_of(found), around, *_full_names(found)])


def reported_days(text: str, cited: Sequence[EvidenceSentence]) -> Iterator[str]:
    """Each day of publishing that `text` names with its publisher, in all words for it."""
    for found in cited:
        source, published = found.article.source, found.article.published
        if published and source and source in text and published in read_dates(text, published):
            yield f"x {published:%A} {long_date(published)}."


def origin_of(found: EvidenceSentence) -> str:
    """What the answer may say of where a quote is from: publisher and title."""
    return " . ".join(f"x {name}" for name in [*publishers_of([found]), found.article.title])


def publishers_of(cited: Sequence[EvidenceSentence]) -> list[str]:
    """Who published the quotes or the same in other articles, each once, by the alphabet."""
    spans = [span for found in cited for span in (found.span, *found.also_in)]
    return sorted({span.article.source for span in spans if span.article.source})


def _full_names(found: EvidenceSentence) -> list[str]:
    """The names of several words in its article of which the quote has the last: John Murtough."""
    runs = _read_runs(found.article.text)
    words = set(re.findall(r"[^\W\d_]+", found.text))
    return [run for run in runs if run.split()[-1] in words]


@lru_cache(maxsize=256)
def _read_runs(text: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(run for run in RUN.findall(text) if len(run.split()) <= LONGEST_NAME)
    )

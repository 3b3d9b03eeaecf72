"""Checked sentences -> the Answer as every way in gives it, its citations numbered (pure)."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Any, Literal

from index.ranking import RankedPassage, passage_record
from service.citations import CheckedSentence
from service.dates import long_date
from service.draft import Usage
from service.errors import ModelFailed
from service.evidence import Evidence, EvidenceSentence, Span
from service.replies import Exchange

Status = Literal["answered", "abstained", "quotes"]

CLOSEST = 4
"""Sentences that an abstention shows."""

_PRONOUN_FIRST = re.compile(r"(?:He|She|It|They|His|Her|Its|Their|This|That|These|Those)\b")


@dataclass(frozen=True)
class ArticleLink:
    """An article by name."""

    article_id: str
    title: str


@dataclass(frozen=True)
class Closest:
    """A sentence that comes near to what was asked, word for word, and its article.

    `quote` is text[start:end] of the article at `version`; answers that were stored before these
    had them name the article alone.
    """

    article_id: str
    title: str
    source: str | None = None
    published: str | None = None
    url: str | None = None
    version: str = ""
    quote: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Citation:
    """A quote: `quote` is text[start:end] of the article at `version`; `also_in` says the same."""

    number: int
    article_id: str
    title: str
    source: str | None
    published: str | None
    url: str | None
    version: str
    quote: str
    start: int
    end: int
    also_in: tuple[ArticleLink, ...] = ()


@dataclass(frozen=True)
class AnswerSentence:
    """A sentence of the answer, without marks, and the numbers of the citations it rests on."""

    text: str
    citations: tuple[int, ...]
    supported: bool = True


@dataclass(frozen=True)
class Removed:
    """A sentence that the model wrote and the evidence does not support."""

    text: str
    reason: str


@dataclass(frozen=True)
class Failure:
    """Why the model gave no whole draft: the name and the message of its error."""

    code: str
    message: str


@dataclass(frozen=True)
class Answer:
    """The answer as every way in gives it; `model` is the one that wrote, or was asked, last."""

    id: str
    question: str
    standalone_question: str
    status: Status
    text: str
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    removed: tuple[Removed, ...]
    closest: tuple[Closest, ...]
    model: str
    generation: str
    usage: Usage
    timings_ms: dict[str, int]
    failure: Failure | None = None


@dataclass(frozen=True)
class Searched:
    """What the articles were searched for, and the passages found, best first."""

    question: str
    passages: tuple[RankedPassage, ...]


@dataclass(frozen=True)
class Opening:
    """What the answer's text says before the sentences that follow, as far as it is known yet."""

    text: str


@dataclass(frozen=True)
class Cited:
    """The citations of the sentence that follows."""

    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class Verdict:
    """What became of a drafted sentence: the evidence that it rests on, or why it was left out."""

    text: str
    evidence: tuple[int, ...]
    reason: str | None


@dataclass(frozen=True)
class Trace:
    """How an answer came about: what was found and shown, and what the model made of it."""

    passages: tuple[RankedPassage, ...]
    evidence: tuple[EvidenceSentence, ...]
    draft: str
    exchanges: tuple[Exchange, ...] = ()
    verdicts: tuple[Verdict, ...] = ()

    def record(self) -> dict[str, Any]:
        """The trace as JSON."""
        return {
            "passages": [passage_record(ranked) for ranked in self.passages],
            "evidence": [
                {
                    "number": found.number,
                    "article_id": found.article.id,
                    "version": found.article.version,
                    "start": found.span.start,
                    "end": found.span.end,
                    "text": found.text,
                    "score": round(float(found.score), 4),
                }
                for found in self.evidence
            ],
            "draft": self.draft,
            "exchanges": [asdict(exchange) for exchange in self.exchanges],
            "verdicts": [asdict(verdict) for verdict in self.verdicts],
        }


Place = tuple[str, str, int, int]
"""A quote's article, version, start and end: what keeps its number through a conversation."""


@dataclass
class Progress:
    """What one question has come to so far."""

    draft: str = ""
    corrections: int = 0
    """How many of the sentences correct what a question takes for granted."""
    since: date | None = None
    """The first day of publishing that the question narrowed the search to."""
    day: tuple[str, date] | None = None
    """The weekday of the first sentence and its date, where the question asks for a date."""
    citations: dict[Span, EvidenceSentence] = field(default_factory=dict)
    numbers: dict[Place, int] = field(default_factory=dict)
    sentences: list[AnswerSentence] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    unsupported: bool = False
    """Whether the evidence did not hold a sentence, rather than it answering something else."""
    failure: ModelFailed | None = None
    usage: Usage = field(default_factory=Usage)
    timings: dict[str, int] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)
    lap: float = field(default_factory=time.perf_counter)

    @property
    def cited(self) -> tuple[Citation, ...]:
        """The citations so far, in the order of their numbers."""
        numbered = [(self.numbers[_place(found.span)], found) for found in self.citations.values()]
        return tuple(
            _citation(found, number) for number, found in sorted(numbered, key=lambda one: one[0])
        )

    def text(self, opening: str) -> str:
        """The answer's text after `opening`, each sentence with its marks."""
        return " ".join([*filter(None, [opening]), *map(with_marks, self.sentences)])

    def introduced(self, found: EvidenceSentence) -> str:
        """A quote with its publisher and day before it, where no citation is of its article.

        A later day than all before is said to be: accounts that differ are told apart by it. One
        whose first word stands for what is not shown has them always, and quotation marks.
        """
        known = {cited.article.id for cited in self.citations.values()}
        article = found.article
        torn = _PRONOUN_FIRST.match(found.text)
        text = f"“{found.text}”" if torn else found.text
        if not article.source or (article.id in known and not torn):
            return text
        days = [one.article.published for one in self.citations.values() if one.article.published]
        told = [article.source]
        if article.published:
            told.append(long_date(article.published))
            if days and article.published > max(days):
                told.append("later")
        return f"{', '.join(told)}: {text}"

    def mark(self, stage: str) -> None:
        """Add the milliseconds since the last mark to `stage`."""
        now = time.perf_counter()
        self.timings[stage] = self.timings.get(stage, 0) + round(1000 * (now - self.lap))
        self.lap = now

    def keep(self, checked: CheckedSentence) -> AnswerSentence | None:
        """Take in a checked sentence; the answer's sentence if it is a supported new one."""
        numbers = tuple(found.number for found in checked.evidence)
        self.verdicts.append(Verdict(checked.text, numbers, checked.reason))
        if checked.reason is not None:
            removed = Removed(checked.text, checked.reason)
            self.removed += [removed] if removed not in self.removed else []
            return None
        if not self.sentences:
            self.timings["first_sentence"] = round(1000 * (time.perf_counter() - self.started))
        return self.cite(checked.text, checked.evidence)

    def cite(self, text: str, evidence: Sequence[EvidenceSentence]) -> AnswerSentence | None:
        """Add a sentence, unless the answer has it; citations are numbered as they are first used.

        Of a question in several parts two may be corrected by one sentence.
        """
        if any(known.text == text for known in self.sentences):
            return None
        for found in evidence:
            self.citations.setdefault(found.span, found)
            self.numbers.setdefault(_place(found.span), max(self.numbers.values(), default=0) + 1)
        numbers = sorted({self.numbers[_place(found.span)] for found in evidence})
        sentence = AnswerSentence(text, tuple(numbers))
        self.sentences.append(sentence)
        return sentence


def read_numbers(answers: Sequence[Mapping[str, Any]]) -> dict[Place, int]:
    """The numbers of all citations in a conversation's earlier answers, given as JSON."""
    return {
        (cited["article_id"], cited["version"], cited["start"], cited["end"]): cited["number"]
        for answer in answers
        for cited in answer["citations"]
    }


def _place(span: Span) -> Place:
    return span.article.id, span.article.version, span.start, span.end


def with_marks(sentence: AnswerSentence) -> str:
    """The sentence with its citations' numbers before the final stop."""
    marks = "".join(f"[{number}]" for number in sentence.citations)
    if sentence.text[-1] in ".!?":
        return f"{sentence.text[:-1]} {marks}{sentence.text[-1]}"
    return f"{sentence.text} {marks}"


def _citation(found: EvidenceSentence, number: int) -> Citation:
    also_in = tuple(ArticleLink(span.article.id, span.article.title) for span in found.also_in)
    return Citation(number, **_quoted(found), also_in=also_in)


def find_closest(shown: Sequence[Evidence]) -> tuple[Closest, ...]:
    """The sentences that come nearest to what was asked, at most CLOSEST, the best first.

    Where the evidence is of several questions these take turns.
    """
    best = (sorted(evidence.at_hand, key=lambda found: -found.score) for evidence in shown)
    turns = zip_longest(*best)
    nearest = {found.span: found for turn in turns for found in filter(None, turn)}
    return tuple(Closest(**_quoted(found)) for found in nearest.values())[:CLOSEST]


def _quoted(found: EvidenceSentence) -> dict[str, Any]:
    """What a quote says of its article and where it stands in that."""
    article = found.article
    return {
        "article_id": article.id,
        "title": article.title,
        "source": article.source,
        "published": article.published.isoformat() if article.published else None,
        "url": article.url,
        "version": article.version,
        "quote": found.text,
        "start": found.span.start,
        "end": found.span.end,
    }

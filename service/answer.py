"""A question -> an Answer, sentence by sentence as each is checked."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal

from index.articles import Article
from index.generation import Filters, Generation
from index.ranking import RankedPassage, rank
from index.vectors import Embedder
from service.citations import CheckedSentence, DraftReader, DraftSentence, check
from service.claims import absent_names
from service.completion import find_further
from service.conversation import Turn, check_question, make_standalone
from service.draft import Drafter, Usage
from service.evidence import Evidence, EvidenceSentence, Span, select
from service.prompt import NOT_FOUND, answer_messages

PASSAGES = 12
"""Ranked passages that evidence is chosen from."""

STRONG = 1.0
"""Evidence at least this near to the question is quoted when no drafted sentence could be kept."""

QUOTED = 3
"""Sentences of such an answer."""

ABSTAINED = "The articles do not say."
QUOTES = "No answer could be checked against the articles. The closest they say, word for word:"


@dataclass(frozen=True)
class ArticleLink:
    """An article by name."""

    article_id: str
    title: str


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
class Answer:
    """The answer as every way in gives it."""

    id: str
    question: str
    standalone_question: str
    status: Literal["answered", "abstained", "quotes"]
    text: str
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    removed: tuple[Removed, ...]
    closest: tuple[ArticleLink, ...]
    model: str
    generation: str
    usage: Usage
    timings_ms: dict[str, int]


@dataclass
class _Progress:
    """What one question has come to so far."""

    citations: dict[EvidenceSentence, int] = field(default_factory=dict)
    sentences: list[AnswerSentence] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    timings: dict[str, int] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)
    lap: float = field(default_factory=time.perf_counter)

    def mark(self, stage: str) -> None:
        """Note the milliseconds since the last mark under `stage`."""
        now = time.perf_counter()
        self.timings[stage] = round(1000 * (now - self.lap))
        self.lap = now

    def keep(self, checked: CheckedSentence) -> AnswerSentence | None:
        """Take in a checked sentence; the answer's sentence if it is a supported new one."""
        if checked.reason is not None:
            self.removed.append(Removed(checked.text, checked.reason))
            return None
        if any(known.text == checked.text for known in self.sentences):
            return None
        if not self.sentences:
            self.timings["first_sentence"] = round(1000 * (time.perf_counter() - self.started))
        return self.cite(checked.text, checked.evidence)

    def cite(self, text: str, evidence: Sequence[EvidenceSentence]) -> AnswerSentence:
        """Add a sentence; citations are numbered in the order of first use."""
        numbers = [self.citations.setdefault(e, len(self.citations) + 1) for e in evidence]
        sentence = AnswerSentence(text, tuple(sorted(numbers)))
        self.sentences.append(sentence)
        return sentence


class Answerer:
    """Answers questions from one generation with one model; safe to share between tasks."""

    def __init__(self, generation: Generation, embedder: Embedder, drafter: Drafter) -> None:
        self.generation = generation
        self._embedder = embedder
        self._drafter = drafter

    @property
    def model(self) -> str:
        """The name of the model that drafts."""
        return self._drafter.model

    def search(
        self, query: str, *, limit: int, filters: Filters | None = None
    ) -> tuple[RankedPassage, ...]:
        """The passages nearest to `query`, best first."""
        ranking = rank(self.generation, self._embedder, query, limit=limit, filters=filters)
        return ranking.passages

    async def answer(
        self, question: str, *, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> Answer:
        """The whole answer; raises QuestionRefused and ModelFailed's kinds."""
        async with aclosing(self.stream(question, history=history, filters=filters)) as parts:
            async for part in parts:
                if isinstance(part, Answer):
                    return part
        raise AssertionError("a stream ends with its answer")

    async def stream(
        self, question: str, *, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> AsyncGenerator[AnswerSentence | Answer]:
        """Each supported sentence as soon as it is checked, then the whole Answer."""
        progress = _Progress()
        question = check_question(question, history)
        standalone = await make_standalone(question, history, self._drafter)
        progress.mark("standalone")
        evidence = await asyncio.to_thread(self._find_evidence, standalone, filters)
        progress.mark("retrieve")
        drafted = False
        kept: list[CheckedSentence] = []
        if evidence.sentences and not absent_names(standalone, evidence.searched):
            async with aclosing(self._draft(standalone, evidence, progress)) as sentences:
                async for drafted_sentence in sentences:
                    drafted = True
                    checked = check(drafted_sentence, evidence.sentences)
                    sentence = progress.keep(checked)
                    if sentence:
                        kept.append(checked)
                        yield sentence
        progress.mark("draft")
        for found in find_further(standalone, kept, (*evidence.sentences, *evidence.reserve)):
            yield progress.cite(found.text, [found])
        yield self._finish(question, standalone, evidence, progress, drafted=drafted)

    def _find_evidence(self, question: str, filters: Filters | None) -> Evidence:
        ranking = rank(self.generation, self._embedder, question, limit=PASSAGES, filters=filters)
        return select(question, ranking)

    async def _draft(
        self, question: str, evidence: Evidence, progress: _Progress
    ) -> AsyncGenerator[DraftSentence]:
        """What the model writes, sentence by sentence, until it finds nothing or repeats itself."""
        reader = DraftReader()
        written: set[str] = set()
        async with aclosing(self._drafter.stream(answer_messages(question, evidence))) as pieces:
            async for piece in pieces:
                if isinstance(piece, Usage):
                    progress.usage = piece
                    continue
                for sentence in reader.feed(piece):
                    if NOT_FOUND in sentence.text.upper() or sentence.text in written:
                        return
                    written.add(sentence.text)
                    yield sentence
        for sentence in reader.finish():
            if NOT_FOUND not in sentence.text.upper():
                yield sentence

    def _finish(
        self,
        question: str,
        standalone: str,
        evidence: Evidence,
        progress: _Progress,
        *,
        drafted: bool,
    ) -> Answer:
        status: Literal["answered", "abstained", "quotes"] = "answered"
        opening = ""
        if not progress.sentences:
            status, opening = "abstained", ABSTAINED
            if drafted and evidence.strength >= STRONG:
                status, opening = "quotes", QUOTES
                for found in evidence.sentences[:QUOTED]:
                    progress.cite(f"“{found.text}”", [found])
        progress.timings["total"] = round(1000 * (time.perf_counter() - progress.started))
        return Answer(
            id=uuid.uuid4().hex,
            question=question,
            standalone_question=standalone,
            status=status,
            text=" ".join([*filter(None, [opening]), *map(_with_marks, progress.sentences)]),
            sentences=tuple(progress.sentences),
            citations=tuple(_citation(found, n) for found, n in progress.citations.items()),
            removed=tuple(progress.removed),
            closest=tuple(map(_link, evidence.closest)) if status == "abstained" else (),
            model=self.model,
            generation=self.generation.manifest.id,
            usage=progress.usage,
            timings_ms=progress.timings,
        )


def _with_marks(sentence: AnswerSentence) -> str:
    """The sentence with its citations' numbers before the final stop."""
    marks = "".join(f"[{number}]" for number in sentence.citations)
    if sentence.text[-1] in ".!?":
        return f"{sentence.text[:-1]} {marks}{sentence.text[-1]}"
    return f"{sentence.text} {marks}"


def _citation(found: EvidenceSentence, number: int) -> Citation:
    article = found.article
    return Citation(
        number=number,
        article_id=article.id,
        title=article.title,
        source=article.source,
        published=article.published.isoformat() if article.published else None,
        url=article.url,
        version=article.version,
        quote=found.text,
        start=found.span.start,
        end=found.span.end,
        also_in=tuple(_link(span) for span in found.also_in),
    )


def _link(place: Article | Span) -> ArticleLink:
    article = place.article if isinstance(place, Span) else place
    return ArticleLink(article.id, article.title)

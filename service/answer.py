"""A question -> an Answer, sentence by sentence as each is checked."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from index.articles import Article
from index.generation import Filters, Generation
from index.ranking import RankedPassage, passage_record, rank
from index.vectors import Embedder
from service.archive import Archive
from service.asked import find_mismatch
from service.citations import CheckedSentence, DraftReader, DraftSentence, check
from service.claims import absent_names, absent_words, holds_word, read_claim, stem
from service.completion import find_further
from service.conversation import Turn, check_question, make_standalone
from service.draft import Usage, Writer
from service.evidence import Evidence, EvidenceSentence, Span, select
from service.orders import without_orders
from service.parts import split_parts
from service.prompt import NOT_FOUND, answer_messages

PASSAGES = 12
"""Ranked passages that evidence is chosen from."""

STRONG = 1.0
"""Evidence at least this near to the question is quoted when no drafted sentence could be kept."""

QUOTED = 3
"""Sentences of such an answer."""

SYNONYM = 0.65
"""Cosine of two words' vectors above which one may stand for the other: gift and present."""

CLOSEST = 3
"""Articles named where the answer is that they do not say."""

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


@dataclass(frozen=True)
class Trace:
    """How an answer came about: what was found and shown, and what the model made of it."""

    passages: tuple[RankedPassage, ...]
    evidence: tuple[EvidenceSentence, ...]
    draft: str

    def record(self) -> dict[str, Any]:
        """The trace as JSON."""
        return {
            "passages": [passage_record(ranked) for ranked in self.passages],
            "evidence": [
                {
                    "number": found.number,
                    "article_id": found.article.id,
                    "text": found.text,
                    "score": round(float(found.score), 4),
                }
                for found in self.evidence
            ],
            "draft": self.draft,
        }


@dataclass
class _Progress:
    """What one question has come to so far."""

    draft: str = ""
    citations: dict[Span, EvidenceSentence] = field(default_factory=dict)
    sentences: list[AnswerSentence] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    timings: dict[str, int] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)
    lap: float = field(default_factory=time.perf_counter)

    def mark(self, stage: str) -> None:
        """Add the milliseconds since the last mark to `stage`."""
        now = time.perf_counter()
        self.timings[stage] = self.timings.get(stage, 0) + round(1000 * (now - self.lap))
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
        for found in evidence:
            self.citations.setdefault(found.span, found)
        order = list(self.citations)
        numbers = sorted({order.index(found.span) + 1 for found in evidence})
        sentence = AnswerSentence(text, tuple(numbers))
        self.sentences.append(sentence)
        return sentence


class Answerer:
    """Answers questions from one generation with one model; safe to share between tasks."""

    def __init__(
        self,
        generation: Generation,
        embedder: Embedder,
        writer: Writer,
        *,
        archive: Archive | None = None,
    ) -> None:
        """With an `archive`, an answer is stored before it is given."""
        self.generation = generation
        self._embedder = embedder
        self._writer = writer
        self._archive = archive

    @property
    def model(self) -> str:
        """The name of the model that drafts."""
        return self._writer.model

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
    ) -> AsyncGenerator[AnswerSentence | Trace | Answer]:
        """Each supported sentence as soon as it is checked, then the Trace and the whole Answer."""
        progress = _Progress()
        question = check_question(question, history)
        standalone = await make_standalone(without_orders(question), history, self._writer)
        progress.mark("standalone")
        passages: dict[int, RankedPassage] = {}
        shown: list[Evidence] = []
        for part in split_parts(standalone):
            ranked, evidence = await asyncio.to_thread(self._find_evidence, part, filters)
            progress.mark("retrieve")
            passages |= {one.passage.number: one for one in ranked}
            shown.append(evidence)
            kept: list[CheckedSentence] = []
            if evidence.sentences and not absent_names(part, evidence.searched):
                unheard = await asyncio.to_thread(self._find_unheard, part, evidence)
                async with aclosing(self._draft(part, evidence, progress)) as sentences:
                    async for drafted in sentences:
                        checked = check_answers(
                            part, check(drafted, evidence.sentences), unheard=unheard
                        )
                        sentence = progress.keep(checked)
                        if sentence:
                            kept.append(checked)
                            yield sentence
            progress.mark("draft")
            for found in find_further(part, kept, (*evidence.sentences, *evidence.reserve)):
                yield progress.cite(found.text, [found])
        told = tuple(found for evidence in shown for found in evidence.sentences)
        trace = Trace(tuple(passages.values()), told, progress.draft)
        answer = self._finish(question, standalone, shown, progress)
        if self._archive:
            await asyncio.to_thread(self._archive.save, answer.id, asdict(answer), trace.record())
        yield trace
        yield answer

    def _find_evidence(
        self, question: str, filters: Filters | None
    ) -> tuple[tuple[RankedPassage, ...], Evidence]:
        ranking = rank(self.generation, self._embedder, question, limit=PASSAGES, filters=filters)
        return ranking.passages, select(question, ranking)

    def _find_unheard(self, question: str, evidence: Evidence) -> frozenset[str]:
        """Stems of the question's words that the articles have neither as they are nor nearly."""
        words = absent_words(question, evidence.searched)
        if not words:
            return frozenset()
        texts = [found.text for found in (*evidence.sentences, *evidence.reserve)]
        heard = self._embedder.embed(sorted({word for text in texts for word in text.split()}))
        nearest = (self._embedder.embed(words) @ heard.T).max(axis=1)
        return frozenset(
            stem(word) for word, cosine in zip(words, nearest, strict=True) if cosine < SYNONYM
        )

    async def _draft(
        self, question: str, evidence: Evidence, progress: _Progress
    ) -> AsyncGenerator[DraftSentence]:
        """What the model writes, sentence by sentence, until it finds nothing or repeats itself."""
        reader = DraftReader()
        written: set[str] = set()
        async with aclosing(self._writer.stream(answer_messages(question, evidence))) as pieces:
            async for piece in pieces:
                if isinstance(piece, Usage):
                    progress.usage += piece
                    continue
                progress.draft += piece
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
        shown: Sequence[Evidence],
        progress: _Progress,
    ) -> Answer:
        status: Literal["answered", "abstained", "quotes"] = "answered"
        opening = ""
        if not progress.sentences:
            status, opening = "abstained", ABSTAINED
            if progress.removed and max(evidence.strength for evidence in shown) >= STRONG:
                for found in _quotable(standalone, shown):
                    status, opening = "quotes", QUOTES
                    progress.cite(f"“{found.text}”", [found])
        progress.timings["total"] = round(1000 * (time.perf_counter() - progress.started))
        return Answer(
            id=uuid.uuid4().hex,
            question=question,
            standalone_question=standalone,
            status=status,
            text=" ".join([*filter(None, [opening]), *map(_with_marks, progress.sentences)]),
            sentences=tuple(progress.sentences),
            citations=tuple(
                _citation(found, n) for n, found in enumerate(progress.citations.values(), start=1)
            ),
            removed=tuple(progress.removed),
            closest=_closest(shown) if status == "abstained" else (),
            model=self.model,
            generation=self.generation.manifest.id,
            usage=progress.usage,
            timings_ms=progress.timings,
        )


def check_answers(
    question: str, checked: CheckedSentence, *, unheard: frozenset[str] = frozenset()
) -> CheckedSentence:
    """`checked` with the reason why it is no answer to `question`, where it is none.

    `unheard` are stems of the question that the articles do not speak of: a sentence that says
    them after the question has them from nowhere else.
    """
    if checked.reason is not None:
        return checked
    if said := unheard & read_claim(checked.text).words:
        return replace(checked, reason=f"the articles do not speak of {min(said)!r}")
    quotes = [found.text for found in checked.evidence]
    return replace(checked, reason=find_mismatch(question, checked.text, quotes))


def _quotable(question: str, shown: Sequence[Evidence]) -> list[EvidenceSentence]:
    """The best evidence that names what the question names and says that kind of thing."""
    names = read_claim(question).names
    return [
        found
        for evidence in shown
        for found in evidence.sentences
        if all(holds_word(read_claim(found.text).words, n) for n in names)
        and find_mismatch(question, found.text, []) is None
    ][:QUOTED]


def _closest(shown: Sequence[Evidence]) -> tuple[ArticleLink, ...]:
    articles = {article.id: article for evidence in shown for article in evidence.closest}
    return tuple(map(_link, articles.values()))[:CLOSEST]


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

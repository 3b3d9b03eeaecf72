"""A question -> an Answer, sentence by sentence as each is checked."""

import asyncio
import re
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict, replace

from index.generation import Filters, Generation
from index.ranking import RankedPassage, rank
from index.vectors import Embedder
from service.answer import Answer, AnswerSentence, ArticleLink, Progress, Status, Trace, link_to
from service.archive import Archive
from service.asked import find_mismatch
from service.citations import CheckedSentence, DraftReader, DraftSentence, check
from service.claims import absent_names, absent_words, holds_word, read_claim, stem
from service.completion import find_further
from service.conversation import Turn, check_question, make_standalone
from service.draft import Usage, Writer
from service.evidence import Evidence, EvidenceSentence, select
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

_FOUND_NOTHING = re.compile(rf"\W*{NOT_FOUND}\b|.*\b{NOT_FOUND}\W*$|(?i:\W*{NOT_FOUND}\W*$)")
"""The model's word for it, at one end of its sentence; "the weapon was not found" is none."""

CLOSEST = 3
"""Articles named where the answer is that they do not say."""

ABSTAINED = "The articles do not say."
QUOTES = "No answer could be checked against the articles. The closest they say, word for word:"


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
        progress = Progress()
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
        self, question: str, evidence: Evidence, progress: Progress
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
                    if _FOUND_NOTHING.match(sentence.text) or sentence.text in written:
                        return
                    written.add(sentence.text)
                    yield sentence
                if reader.rambles:
                    break
        for sentence in reader.finish():
            if _FOUND_NOTHING.match(sentence.text) or sentence.text in written:
                return
            written.add(sentence.text)
            yield sentence

    def _finish(
        self,
        question: str,
        standalone: str,
        shown: Sequence[Evidence],
        progress: Progress,
    ) -> Answer:
        status: Status = "answered"
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
            text=progress.text(opening),
            sentences=tuple(progress.sentences),
            citations=progress.cited,
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
    return tuple(map(link_to, articles.values()))[:CLOSEST]

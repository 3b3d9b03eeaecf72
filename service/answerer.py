"""A question -> an Answer, sentence by sentence as each is checked."""

import asyncio
import logging
import re
import time
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, replace
from typing import Any

from index.generation import Filters, Generation
from index.ranking import RankedPassage, rank
from index.vectors import Embedder
from service.answer import (
    Answer,
    AnswerSentence,
    ArticleLink,
    Failure,
    Progress,
    Status,
    Trace,
    link_to,
    read_numbers,
)
from service.archive import Archive
from service.asked import find_mismatch, find_unnamed
from service.citations import CheckedSentence, DraftReader, DraftSentence, check
from service.claims import LIGHT_WORDS, absent_names, absent_words, holds_word, read_claim, stem
from service.completion import find_further
from service.conversation import MAX_TURNS, Turn, check_question, make_standalone
from service.dates import first_day_asked, long_date
from service.draft import Usage, Writer
from service.errors import ModelFailed, ModelReplyWrong, ModelTimedOut
from service.evidence import Evidence, EvidenceSentence, select
from service.orders import without_orders
from service.parts import split_parts
from service.premises import find_correction
from service.prompt import NOT_FOUND, Message, again_messages, answer_messages, echoes
from service.replies import PASSING, Replies
from service.support import surroundings

log = logging.getLogger("dateline.answerer")

PASSAGES = 12
"""Ranked passages that evidence is chosen from."""

STRONG = 1.0
"""Evidence at least this near to the question is quoted when no drafted sentence could be kept."""

NEAR = 0.8
"""And this near where the model failed: nine in ten questions that have an answer find such."""

QUOTABLE = 0.75
"""Share of the question's content words that a sentence holds which is quoted in its place."""

QUOTED = 3
"""Sentences of such an answer."""

SYNONYM = 0.65
"""Cosine of two words' vectors above which one may stand for the other: gift and present."""

_FOUND_NOTHING = re.compile(rf"\W*{NOT_FOUND}\b|.*\b{NOT_FOUND}\W*$|(?i:\W*{NOT_FOUND}\W*$)")
"""The model's word for it, at one end of its sentence; "the weapon was not found" is none."""

CLOSEST = 3
"""Articles named where the answer is that they do not say."""

CORRECTED = "The articles do not say that. They say:"
ABSTAINED = "The articles do not say."
QUOTES = "No answer could be checked against the articles. The closest they say, word for word:"
FAILED = "The model could not answer. The closest that the articles say, word for word:"
LATE = "The model could not answer in time. The closest that the articles say, word for word:"


class Answerer:
    """Answers questions from one generation with one model; safe to share between tasks."""

    def __init__(
        self,
        generation: Generation,
        embedder: Embedder,
        writer: Writer,
        *,
        fallback: Writer | None = None,
        timeout: float = 60.0,
        archive: Archive | None = None,
    ) -> None:
        """The models have `timeout` seconds a question; the `fallback` is asked where one fails.

        With an `archive`, an answer is stored before it is given, and conversations are kept.
        """
        self.generation = generation
        self._embedder = embedder
        self._writer = writer
        self._fallback = fallback
        self._timeout = timeout
        self._archive = archive

    @property
    def model(self) -> str:
        """The name of the model that is asked first."""
        return self._writer.model

    def search(
        self, query: str, *, limit: int, filters: Filters | None = None
    ) -> tuple[RankedPassage, ...]:
        """The passages nearest to `query`, best first."""
        ranking = rank(self.generation, self._embedder, query, limit=limit, filters=filters)
        return ranking.passages

    async def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        conversation: str | None = None,
    ) -> Answer:
        """The whole answer; raises QuestionRefused and ModelFailed's kinds."""
        streamed = self.stream(
            question, history=history, filters=filters, conversation=conversation
        )
        async with aclosing(streamed) as parts:
            async for part in parts:
                if isinstance(part, Answer):
                    return part
        raise AssertionError("a stream ends with its answer")

    async def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        conversation: str | None = None,
    ) -> AsyncGenerator[AnswerSentence | Trace | Answer]:
        """Each supported sentence as soon as it is checked, then the Trace and the whole Answer.

        Citations keep the numbers that they had in the `conversation`, and its answers are the
        history where none is given. Where the model fails, strong evidence is quoted in its place;
        see service.replies.PASSING.
        """
        earlier: list[dict[str, Any]] = []
        if conversation and self._archive:
            earlier = await asyncio.to_thread(self._archive.read_conversation, conversation)
        history = history or _turns(earlier)
        progress = Progress(numbers=read_numbers(earlier))
        question = check_question(question, history)
        replies = Replies(self._writer, self._fallback, seconds=self._timeout)
        standalone = await _rewrite(without_orders(question), history, replies, progress)
        progress.mark("standalone")
        passages: dict[int, RankedPassage] = {}
        shown: list[Evidence] = []
        for part in split_parts(standalone):
            ranked, evidence = await asyncio.to_thread(
                self._find_evidence, part, filters or Filters(), progress
            )
            progress.mark("retrieve")
            passages |= {one.passage.number: one for one in ranked}
            shown.append(evidence)
            async with aclosing(self._answer_part(part, evidence, replies, progress)) as sentences:
                async for sentence in sentences:
                    yield sentence
        told = tuple(found for evidence in shown for found in evidence.sentences)
        trace = Trace(tuple(passages.values()), told, progress.draft)
        answer = self._finish(question, standalone, shown, progress, replies.model)
        if self._archive:
            await asyncio.to_thread(
                self._archive.save,
                answer.id,
                asdict(answer),
                trace.record(),
                conversation=conversation,
            )
        yield trace
        yield answer

    def _find_evidence(
        self, question: str, filters: Filters, progress: Progress
    ) -> tuple[tuple[RankedPassage, ...], Evidence]:
        """The best passages and their evidence; of the days alone that the question asks for."""
        ranking = rank(self.generation, self._embedder, question, limit=PASSAGES, filters=filters)
        days = [one.passage.article.published for one in ranking.passages]
        if since := first_day_asked(question, [day for day in days if day]):
            progress.since = max(since, filters.published_from or since)
            newer = replace(filters, published_from=progress.since)
            ranking = rank(self.generation, self._embedder, question, limit=PASSAGES, filters=newer)
        return ranking.passages, select(question, ranking)

    async def _answer_part(
        self, question: str, evidence: Evidence, replies: Replies, progress: Progress
    ) -> AsyncGenerator[AnswerSentence]:
        """What the model writes of it, what it left out, or what corrects the question."""
        kept: list[CheckedSentence] = []
        if evidence.sentences and not absent_names(question, evidence.searched):
            async with aclosing(
                self._check_drafts(question, evidence, replies, progress)
            ) as drafts:
                async for checked in drafts:
                    sentence = progress.keep(checked)
                    if sentence:
                        kept.append(checked)
                        yield sentence
        progress.mark("draft")
        at_hand = (*evidence.sentences, *evidence.reserve)
        for found in find_further(question, kept, at_hand):
            yield progress.cite(progress.introduced(found), [found])
        if not kept and (denial := find_correction(question, at_hand)):
            progress.corrections += 1
            yield progress.cite(denial.text, [denial])

    async def _check_drafts(
        self, question: str, evidence: Evidence, replies: Replies, progress: Progress
    ) -> AsyncGenerator[CheckedSentence]:
        """The sentences of a draft and, where none of them can stand, of a second one."""
        unheard = await asyncio.to_thread(self._find_unheard, question, evidence)
        for messages_for in (answer_messages, again_messages):
            stands = False
            messages = messages_for(question, evidence)
            progress.draft += "\n" if progress.draft else ""
            async with aclosing(_draft(messages, replies, progress)) as sentences:
                async for drafted in sentences:
                    supported = check(drafted, evidence.sentences)
                    progress.unsupported |= not (supported.supported or echoes(drafted.text))
                    checked = check_answers(question, supported, unheard=unheard)
                    stands |= checked.supported
                    yield checked
            if stands:
                return

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

    def _finish(
        self,
        question: str,
        standalone: str,
        shown: Sequence[Evidence],
        progress: Progress,
        model: str,
    ) -> Answer:
        """The Answer; raises the model's failure where nothing can stand in for its words."""
        failure = progress.failure
        status: Status = "answered"
        since = f" since {long_date(progress.since)}" if progress.since else ""
        opening = since and f"In the articles{since}:"
        if progress.corrections == len(progress.sentences):
            opening = CORRECTED
        if not progress.sentences:
            status, opening = "abstained", f"The articles{since} do not say."
            strength = max(evidence.strength for evidence in shown)
            strong = strength >= (NEAR if failure else STRONG)
            if strong and (progress.unsupported or failure):
                for found in _quotable(standalone, shown, anyhow=failure is not None):
                    status, opening = "quotes", _opening(failure)
                    progress.cite(f"“{found.text}”", [found])
            if failure and status == "abstained":
                raise failure
        if failure:
            log.warning("%s", failure)
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
            model=model,
            generation=self.generation.manifest.id,
            usage=progress.usage,
            timings_ms=progress.timings,
            failure=Failure(failure.code, str(failure)) if failure else None,
        )


def _turns(answers: Sequence[Mapping[str, Any]]) -> list[Turn]:
    """A conversation's earlier answers as its turns, the last MAX_TURNS of them."""
    turns = [
        turn
        for answer in answers
        for turn in (Turn("user", answer["question"]), Turn("assistant", answer["text"]))
    ]
    return turns[-MAX_TURNS:]


async def _rewrite(
    question: str, history: Sequence[Turn], replies: Replies, progress: Progress
) -> str:
    """The question without its conversation, or as it is where the model fails."""
    try:
        return await make_standalone(question, history, replies)
    except PASSING as error:
        progress.failure = error
        return question


async def _draft(
    messages: list[Message], replies: Replies, progress: Progress
) -> AsyncGenerator[DraftSentence]:
    """What the model writes, until it ends, finds nothing, repeats itself, rambles or fails.

    A model that has failed at this question is not asked again.
    """
    if progress.failure:
        return
    try:
        async with aclosing(_read(messages, replies, progress)) as read:
            async for sentence in read:
                yield sentence
    except PASSING as error:
        progress.failure = error


async def _read(
    messages: list[Message], replies: Replies, progress: Progress
) -> AsyncGenerator[DraftSentence]:
    """The sentences of one reply; raises ModelFailed's kinds."""
    reader = DraftReader()
    written: set[str] = set()
    async with aclosing(replies.stream(messages)) as pieces:
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
    if not written:
        raise ModelReplyWrong(
            f"{replies.model} wrote no sentence; ask again, or set another model."
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
    around = "\n".join(map(surroundings, checked.evidence))
    reason = find_mismatch(question, checked.text, quotes) or find_unnamed(
        question, checked.text, around
    )
    return replace(checked, reason=reason)


def _opening(failure: ModelFailed | None) -> str:
    """What stands before quotes that are shown in place of an answer."""
    if failure is None:
        return QUOTES
    return LATE if isinstance(failure, ModelTimedOut) else FAILED


def _quotable(question: str, shown: Sequence[Evidence], *, anyhow: bool) -> list[EvidenceSentence]:
    """The best evidence with nearly all of the question's words that says that kind of thing.

    Where there is none, `anyhow` takes what is near and holds a name or half of the words.
    """
    asked = read_claim(question)
    words = asked.words - LIGHT_WORDS
    of_kind = [
        (found, read_claim(found.text).words)
        for evidence in shown
        for found in evidence.sentences
        if find_mismatch(question, found.text, []) is None
    ]
    best = [
        found
        for found, held in of_kind
        if sum(holds_word(held, word) for word in words) >= QUOTABLE * len(words)
    ]
    if anyhow and not best:
        best = [
            found
            for found, held in of_kind
            if found.score >= NEAR
            and (
                any(holds_word(held, name) for name in asked.names)
                or 2 * sum(holds_word(held, word) for word in words) >= len(words)
            )
        ]
    return best[:QUOTED]


def _closest(shown: Sequence[Evidence]) -> tuple[ArticleLink, ...]:
    articles = {article.id: article for evidence in shown for article in evidence.closest}
    return tuple(map(link_to, articles.values()))[:CLOSEST]

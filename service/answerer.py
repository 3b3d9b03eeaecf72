"""A question -> an Answer, sentence by sentence as each is checked."""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from copy import copy
from dataclasses import asdict, replace
from typing import Any

from index.generation import Generation
from index.part import Filters
from index.ranking import RankedPassage, Ranking, rank
from index.reranker import Reranker
from index.vectors import Embedder
from service.answer import (
    Answer,
    AnswerSentence,
    Cited,
    Failure,
    Opening,
    Progress,
    Searched,
    Status,
    Trace,
    find_closest,
    read_numbers,
)
from service.archive import Archive
from service.attempts import Attempts
from service.casing import as_printed
from service.citations import CheckedSentence, DraftSentence, check
from service.completion import find_further
from service.conversation import MAX_TURNS, Turn, check_question, make_standalone
from service.dates import find_day_meant, first_day_asked, long_date
from service.draft import Writer
from service.errors import ModelFailed, ModelTimedOut
from service.evidence import Evidence, select
from service.orders import without_orders
from service.parts import split_parts
from service.quotes import NEAR, STRONG, find_quotable
from service.replies import PASSING, Replies
from service.second_opinion import SecondOpinion

log = logging.getLogger("dateline.answerer")

PASSAGES = 12
"""Ranked passages that evidence is chosen from."""

WARMING = "Who said on Monday what was given to whom?"
"""A question that every part has something to do with; its answer is not asked for."""

CORRECTED = "The articles do not say that. They say:"
ABSTAINED = "The articles do not say."
QUOTES = "No answer could be checked against the articles. The closest they say, word for word:"
FAILED = "The model could not answer. The closest that the articles say, word for word:"
LATE = "The model could not answer in time. The closest that the articles say, word for word:"


Part = Searched | Opening | Cited | AnswerSentence | Trace | Answer
"""What a streamed answer is made of."""


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
        reranker: Reranker | None = None,
        opinion: SecondOpinion | None = None,
    ) -> None:
        """The models have `timeout` seconds a question; the `fallback` is asked where one fails.

        What the rules have kept is shown where the second `opinion` does not doubt it.

        With an `archive`, an answer is stored before it is given, and conversations are kept.
        """
        self.generation = generation
        self.embedder = embedder
        self._writer = writer
        self._fallback = fallback
        self._timeout = timeout
        self._archive = archive
        self._reranker = reranker
        self._opinion = opinion

    @property
    def model(self) -> str:
        """The name of the model that is asked first."""
        return self._writer.model

    def over(self, generation: Generation) -> "Answerer":
        """The same models over another generation; what this one has begun goes on."""
        other = copy(self)
        other.generation = generation
        return other

    def warm(self) -> None:
        """Search, choose and check once, so that no reader waits for what is made at the first."""
        _, evidence = self._find_evidence(WARMING, Filters(), Progress())
        for found in evidence.sentences[:1]:
            check(DraftSentence(found.text, (found.number,)), evidence.sentences)

    def search(
        self, query: str, *, limit: int, filters: Filters | None = None
    ) -> tuple[RankedPassage, ...]:
        """The passages nearest to `query`, best first."""
        return self._rank(query, limit, filters).passages

    def _rank(self, question: str, limit: int, filters: Filters | None) -> Ranking:
        return rank(
            self.generation,
            self.embedder,
            question,
            limit=limit,
            filters=filters,
            reranker=self._reranker,
        )

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
        begins: bool = False,
    ) -> AsyncGenerator[Part]:
        """What is Searched, each checked sentence with what it cites, the Trace and the Answer.

        An Opening comes before what it opens, wherever the text's first words become known.

        Citations keep the numbers that they had in the `conversation`, and its answers are the
        history where none is given; one that `begins` has none. Where the model fails, strong
        evidence is quoted in its place; see service.replies.PASSING.
        """
        earlier: list[dict[str, Any]] = []
        if conversation and self._archive and not begins:
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
                self._find_evidence, part.searched, filters or Filters(), progress
            )
            asked = await asyncio.to_thread(as_printed, part.question, evidence.searched)
            printed = replace(part, question=asked)
            if printed != part:
                ranked, evidence = await asyncio.to_thread(
                    self._find_evidence, printed.searched, filters or Filters(), progress
                )
            progress.mark("retrieve")
            yield Searched(printed.searched, ranked)
            if progress.since and not progress.sentences:
                yield Opening(_opening(progress))
            passages |= {one.passage.number: one for one in ranked}
            shown.append(evidence)
            async with aclosing(self._answer_part(asked, evidence, replies, progress)) as sentences:
                async for sentence in sentences:
                    if len(progress.sentences) == 1 and (progress.corrections or progress.day):
                        yield Opening(_opening(progress))
                    numbers = set(sentence.citations)
                    yield Cited(tuple(one for one in progress.cited if one.number in numbers))
                    yield sentence
        told = tuple(found for evidence in shown for found in evidence.sentences)
        trace = Trace(
            tuple(passages.values()),
            told,
            progress.draft,
            tuple(replies.exchanges),
            tuple(progress.verdicts),
        )
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
        ranking = self._rank(question, PASSAGES, filters)
        days = [one.passage.article.published for one in ranking.passages]
        if since := first_day_asked(question, [day for day in days if day]):
            progress.since = max(since, filters.published_from or since)
            newer = replace(filters, published_from=progress.since)
            ranking = self._rank(question, PASSAGES, newer)
        return ranking.passages, select(question, ranking)

    async def _answer_part(
        self, question: str, evidence: Evidence, replies: Replies, progress: Progress
    ) -> AsyncGenerator[AnswerSentence]:
        """What the model writes of it, what it left out, or what corrects the question."""
        kept = list[CheckedSentence]()
        attempts = Attempts(
            question,
            evidence,
            embedder=self.embedder,
            replies=replies,
            progress=progress,
            opinion=self._opinion,
        )
        async with aclosing(attempts.sentences()) as drafted:
            async for checked in drafted:
                sentence = progress.keep(checked)
                if sentence:
                    kept.append(checked)
                    if len(progress.sentences) == 1:
                        published = [found.article.published for found in checked.evidence]
                        progress.day = find_day_meant(question, sentence.text, published)
                    yield sentence
        progress.mark("draft")
        for found in find_further(question, kept, evidence.at_hand):
            if sentence := progress.cite(progress.introduced(found), [found]):
                yield sentence
        denial = attempts.denial
        if denial and (sentence := progress.cite(denial.text, [denial])):
            progress.corrections += 1
            yield sentence

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
        opening = _opening(progress)
        if not progress.sentences:
            since = f" since {long_date(progress.since)}" if progress.since else ""
            status, opening = "abstained", ABSTAINED.replace("articles", f"articles{since}")
            strength = max(evidence.strength for evidence in shown)
            strong = strength >= (NEAR if failure else STRONG)
            if strong and (progress.unsupported or failure):
                for found in find_quotable(standalone, shown, anyhow=failure is not None):
                    status, opening = "quotes", _why_quotes(failure)
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
            closest=find_closest(shown) if status == "abstained" else (),
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


def _opening(progress: Progress) -> str:
    """What the answer's text says before its sentences, as far as they are known."""
    if progress.sentences and progress.corrections == len(progress.sentences):
        return CORRECTED
    told = [f"In the articles since {long_date(progress.since)}:"] if progress.since else []
    if progress.day:
        weekday, day = progress.day
        told.append(f"By the day of publishing, {weekday} is {long_date(day)}:")
    return " ".join(told)


def _why_quotes(failure: ModelFailed | None) -> str:
    """What stands before quotes that are shown in place of an answer."""
    if failure is None:
        return QUOTES
    return LATE if isinstance(failure, ModelTimedOut) else FAILED

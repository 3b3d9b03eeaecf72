"""Questions asked of the configured model, live -> how long whole answers take, and of what.

Times are taken where a reader of `Answerer.stream` stands, and around the model's own stream. Only
retrieval is read from the answer: nobody outside sees it end. Nothing is replayed or stored.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from eval.cases import Case, Kind
from eval.errors import CaseRefused, TargetFailed
from index.articles import Found, Refusal
from index.build import build
from index.errors import DatelineError
from index.vectors import Embedder
from service.answer import Answer, AnswerSentence
from service.answerer import Answerer
from service.draft import MAX_TOKENS, Usage, Writer
from service.prompt import Message
from service.settings import Settings
from service.wiring import make_answerer

KINDS = (Kind.FACT, Kind.LIST)
"""What is asked: a short answer and a long one."""

FEWEST = 10
"""Questions below which the second round finds some of its prompts still in the engine's cache."""

_MEMORY = Path("/proc/self/statm")


@dataclass(frozen=True)
class Written:
    """One reply of the model: seconds from the asking to its first word, from there to its last."""

    waiting: float
    writing: float


_replies: ContextVar[list[Written]] = ContextVar("replies")


@dataclass(frozen=True)
class Asked:
    """One question as its reader saw it, in seconds; with an `error` the rest says nothing."""

    case_id: str
    total: float = 0.0
    first_sentence: float | None = None
    """None where the answer holds no checked sentence."""
    retrieval: float = 0.0
    replies: tuple[Written, ...] = ()
    usage: Usage = field(default_factory=Usage)
    error: str | None = None


@dataclass(frozen=True)
class Spread:
    """Median and 95th percentile over `count` answers, interpolated."""

    p50: float
    p95: float
    count: int


@dataclass(frozen=True)
class Figures:
    """What a round of questions comes to: seconds, tokens; None where no answer has it."""

    answers: int
    failed: int
    first_sentence: Spread | None
    total: Spread | None
    retrieval: Spread | None
    waiting: Spread | None
    """For the model's first word: in line behind other questions, and while the prompt is read."""
    prompt_tokens: float | None
    completion_tokens: float | None
    """Both the median over the answers whose tokens are known, as the next one."""
    tokens_per_second: float | None
    """Of one answer, while it is written."""
    all_tokens_per_second: float | None
    """Of all answers, over the whole round."""
    questions_per_minute: float


@dataclass(frozen=True)
class Speed:
    """The first question after start, then the same questions idle and `at_once` together."""

    model: str
    at_once: int
    questions: tuple[str, ...]
    first: Asked
    idle: Figures
    together: Figures
    failures: tuple[str, ...]
    resident: int | None
    """Bytes of memory at the end, None where the system does not say."""


class TimedWriter:
    """A writer that notes when the model says its first and its last word."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    @property
    def model(self) -> str:
        """The name of the model that writes."""
        return self._writer.model

    async def stream(
        self, messages: list[Message], *, max_tokens: int = MAX_TOKENS
    ) -> AsyncGenerator[str | Usage]:
        """The model's reply as it comes; see Drafter.stream."""
        began = perf_counter()
        first = last = None
        try:
            async with aclosing(self._writer.stream(messages, max_tokens=max_tokens)) as parts:
                async for part in parts:
                    if isinstance(part, str):
                        last = perf_counter()
                        first = first or last
                    yield part
        finally:
            if first and last:
                _replies.get().append(Written(first - began, last - first))


def choose_questions(cases: Iterable[Case], *, limit: int, sample: bool) -> tuple[Case, ...]:
    """`limit` cases by turns of each kind, the same ones whatever else is asked.

    Their ids decide: a new case takes one place at most. Raises CaseRefused where there is none.
    """
    open_to = [case for case in cases if sample or not case.only]
    by_kind = [[case for case in open_to if case.kind == kind] for kind in KINDS]
    ranked = [
        (place, number, case)
        for number, members in enumerate(by_kind)
        for place, case in enumerate(sorted(members, key=_rank))
    ]
    if not ranked:
        raise CaseRefused(f"There is no question of the kinds {' and '.join(KINDS)} to ask.")
    ordered = sorted(ranked, key=lambda one: one[:2])
    return tuple(case for _, _, case in ordered[:limit])


def _rank(case: Case) -> str:
    return hashlib.sha256(case.id.encode()).hexdigest()


def open_answerer(
    settings: Settings,
    corpus: Iterable[Found | Refusal],
    root: Path,
    *,
    make_writer: Callable[[], Writer],
    report: Callable[[str], None],
) -> Answerer:
    """The service's parts over an index of `corpus` that is built in `root`, the model timed.

    Raises what building and opening them raise; see make_answerer.
    """
    report("indexing the corpus")
    embedder = Embedder(settings.embedding_model)
    build(corpus, root, embedder)
    report("loading the model")
    there = settings.model_copy(update={"index": root})
    writer = TimedWriter(make_writer())
    return make_answerer(there, report=report, writer=writer, embedder=embedder)


async def measure_speed(
    answerer: Answerer,
    warming: Case,
    cases: Sequence[Case],
    *,
    together: int,
    report: Callable[[str], None],
    advance: Callable[[Asked], None],
) -> Speed:
    """Ask `warming`, then `cases` one at a time, then `together` of them at a time.

    Raises what the first question raises; a later one that fails is counted.
    """
    report("asking the first question")
    first = await ask(answerer, warming)
    advance(first)
    report("asking one at a time")
    idle, idle_seconds = await ask_all(answerer, cases, at_once=1, advance=advance)
    report(f"asking {together} at once")
    side_by_side, seconds = await ask_all(answerer, cases, at_once=together, advance=advance)
    return Speed(
        model=answerer.model,
        at_once=together,
        questions=tuple(case.id for case in cases),
        first=first,
        idle=measure(idle, idle_seconds),
        together=measure(side_by_side, seconds),
        failures=tuple(f"{a.case_id}: {a.error}" for a in (*idle, *side_by_side) if a.error),
        resident=resident_memory(),
    )


async def ask_all(
    answerer: Answerer,
    cases: Sequence[Case],
    *,
    at_once: int,
    advance: Callable[[Asked], None],
) -> tuple[tuple[Asked, ...], float]:
    """Every case, the next one as soon as fewer than `at_once` are being answered; the seconds."""
    left = iter(cases)
    found: list[Asked] = []

    async def ask_on() -> None:
        for case in left:
            try:
                asked = await ask(answerer, case)
            except DatelineError as error:
                asked = Asked(case.id, error=str(error))
            found.append(asked)
            advance(asked)

    began = perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(ask_on())
    return tuple(found), perf_counter() - began


async def ask(answerer: Answerer, case: Case) -> Asked:
    """One question, by the clock of who reads the answer; raises any DatelineError."""
    replies: list[Written] = []
    _replies.set(replies)
    first_sentence = None
    began = perf_counter()
    async with aclosing(answerer.stream(case.question, history=case.turns)) as parts:
        async for part in parts:
            seconds = perf_counter() - began
            if isinstance(part, AnswerSentence):
                first_sentence = first_sentence or seconds
            elif isinstance(part, Answer):
                if part.failure:
                    raise TargetFailed(part.failure.message)
                retrieval = part.timings_ms["retrieve"] / 1000
                return Asked(
                    case.id, seconds, first_sentence, retrieval, tuple(replies), part.usage
                )
    raise AssertionError("a stream ends with its answer")


def measure(asked: Sequence[Asked], seconds: float) -> Figures:
    """The figures of a round that took `seconds`."""
    answered = [one for one in asked if one.error is None]
    counted = [one for one in answered if one.usage.completion_tokens]
    tokens = [one.usage.completion_tokens for one in counted]
    writing = [(one, sum(reply.writing for reply in one.replies)) for one in counted]
    rates = [one.usage.completion_tokens / spent for one, spent in writing if spent]
    return Figures(
        answers=len(answered),
        failed=len(asked) - len(answered),
        first_sentence=spread(
            [one.first_sentence for one in answered if one.first_sentence is not None]
        ),
        total=spread([one.total for one in answered]),
        retrieval=spread([one.retrieval for one in answered]),
        waiting=spread(
            [sum(reply.waiting for reply in one.replies) for one in answered if one.replies]
        ),
        prompt_tokens=median(one.usage.prompt_tokens for one in counted) if counted else None,
        completion_tokens=median(tokens) if tokens else None,
        tokens_per_second=median(rates) if rates else None,
        all_tokens_per_second=sum(tokens) / seconds if tokens else None,
        questions_per_minute=60 * len(answered) / seconds,
    )


def spread(values: Sequence[float]) -> Spread | None:
    """Median and 95th percentile of `values`, None where there are none."""
    if not values:
        return None
    p50, p95 = np.percentile(values, [50, 95])
    return Spread(float(p50), float(p95), len(values))


def resident_memory() -> int | None:
    """Bytes that this process holds in memory, None where the system does not say."""
    if not _MEMORY.is_file():
        return None
    return int(_MEMORY.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

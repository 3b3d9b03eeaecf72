"""A case -> what answers it: the service's parts in this process, or a service over HTTP."""

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx
from pydantic import TypeAdapter, ValidationError

from eval.cases import PLANTED, Case
from eval.errors import TargetFailed
from eval.recordings import Recorder
from eval.scores import Place
from index.articles import Found, Refusal
from index.build import build
from index.sources import read_sources
from index.vectors import Embedder
from service.answer import Answer, Trace
from service.settings import Settings
from service.wiring import make_answerer

SEARCHED = 1000
"""Passages ranked for the retrieval scores: all of a corpus of the usual size."""

_ANSWER = TypeAdapter(Answer)


@dataclass(frozen=True)
class Shown:
    """One sentence of evidence as the model saw it."""

    number: int
    article_id: str
    text: str
    score: float


@dataclass(frozen=True)
class Reply:
    """What one question gave: the answer and, where they can be had, the steps to it."""

    answer: Answer
    passages: tuple[Place, ...] = field(default=(), repr=False)
    evidence: tuple[Shown, ...] = ()
    draft: str = ""
    live: bool = True


class Target(Protocol):
    """Something that answers questions."""

    name: str

    async def ask(self, case: Case) -> Reply:
        """What it answers; raises TargetFailed and any DatelineError."""


class HereTarget:
    """The parts in this process, over an index of the corpus that is built for the run."""

    def __init__(
        self,
        settings: Settings,
        corpus: Sequence[Found | Refusal],
        cases: Iterable[Case],
        *,
        recorder: Recorder,
        report: Callable[[str], None],
    ) -> None:
        """Index `corpus`, and once more with the planted articles where a case asks for them.

        Vectors are exact ones, so that every machine finds the evidence that replies are recorded
        for.
        """
        self.name = recorder.model
        self._folder = tempfile.TemporaryDirectory(prefix="dateline-eval-")
        self._recorder = recorder
        self._answerers = {}
        embedder = Embedder(settings.embedding_model, exact=True)
        for planted in sorted({case.planted for case in cases}):
            root = Path(self._folder.name) / ("planted" if planted else "plain")
            report(f"indexing {'the corpus and the planted articles' if planted else 'the corpus'}")
            items = (*corpus, *read_sources([str(PLANTED)])) if planted else corpus
            build(items, root, embedder)
            there = settings.model_copy(update={"index": root})
            self._answerers[planted] = make_answerer(
                there, report=report, writer=recorder, embedder=embedder
            )

    async def ask(self, case: Case) -> Reply:
        """The answer with its passages, evidence and draft; raises TargetFailed with its failure.

        Quotes in place of a model that failed say nothing of how good it is.
        """
        answerer = self._answerers[case.planted]
        answer, trace = None, None
        asked = self._recorder.asked
        async with aclosing(answerer.stream(case.question, history=case.turns)) as parts:
            async for part in parts:
                if isinstance(part, Answer):
                    answer = part
                elif isinstance(part, Trace):
                    trace = part
        if answer is None or trace is None:
            raise TargetFailed("the stream ended without an answer")
        if answer.failure:
            raise TargetFailed(answer.failure.message)
        ranked = answerer.search(answer.standalone_question, limit=SEARCHED)
        return Reply(
            answer,
            tuple(Place(one.passage.article.id, one.passage.text) for one in ranked),
            tuple(Shown(e.number, e.article.id, e.text, e.score) for e in trace.evidence),
            trace.draft,
            live=self._recorder.asked != asked,
        )


class EndpointTarget:
    """A running service; it shows no evidence and knows no planted articles."""

    def __init__(self, url: str, *, timeout: float = 120.0, key: str | None = None) -> None:
        """Raises TargetFailed where `url` is no address."""
        self.name = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            self._client = httpx.AsyncClient(base_url=self.name, timeout=timeout, headers=headers)
        except httpx.InvalidURL as error:
            raise TargetFailed(f"{url} is no address ({error})") from error

    async def ask(self, case: Case) -> Reply:
        """The answer to POST /chat; raises TargetFailed with what came instead."""
        if case.planted:
            raise TargetFailed("planted articles cannot be put into a running service")
        history = [{"role": turn.role, "content": turn.content} for turn in case.turns]
        began = time.perf_counter()
        try:
            response = await self._client.post(
                "/chat", json={"question": case.question, "history": history}
            )
        except httpx.TimeoutException as error:
            waited = time.perf_counter() - began
            raise TargetFailed(f"{self.name} gave no answer within {waited:.0f} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise TargetFailed(f"{self.name} cannot be reached ({error})") from error
        if response.is_error:
            raise TargetFailed(f"HTTP {response.status_code}: {response.text[:300]}")
        try:
            return Reply(_ANSWER.validate_json(response.content))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "its body"
            raise TargetFailed(f"the reply is no answer: {place}: {first['msg']}") from error

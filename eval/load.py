"""A service under load -> what it adds to a model's time, what it loses, what it holds.

The model is a stub that answers after a fixed time, so that what is left is the service's own.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from eval.errors import TargetFailed
from eval.served import Service, ask
from eval.stub import StubProvider

STREAMS = 50
"""Questions at once."""

_SEED = 7


@dataclass(frozen=True)
class Added:
    """What the service added to the model's time, in milliseconds, over `count` answers."""

    at_once: int
    count: int
    p50: float
    p99: float
    most: float
    processor: float
    """Milliseconds of processor time that the service used for one, whatever else was running."""
    others: float
    """Share of the machine's processors that other work had meanwhile."""


@dataclass(frozen=True)
class Soak:
    """What came of many streams while generations were published."""

    seconds: float
    answers: int
    generations: int
    """Of which answers were given, one after the other."""
    faults: tuple[str, ...]
    """What was lost or wrong."""


@dataclass(frozen=True)
class Kills:
    """What came of a service that was killed again and again."""

    kills: int
    acknowledged: int
    lost: int
    slowest_start: float
    """Seconds to ready."""


async def find_questions(
    client: httpx.AsyncClient, stub: StubProvider, questions: Sequence[str]
) -> list[str]:
    """Those questions that the stub answers at its first call."""
    kept = []
    for question in questions:
        before = stub.asked
        answer = await ask(client, question)
        if answer["status"] == "answered" and stub.asked == before + 1:
            kept.append(question)
    if not kept:
        raise TargetFailed("the stub answers none of the questions")
    return kept


async def measure_added(
    service: Service,
    client: httpx.AsyncClient,
    stub: StubProvider,
    questions: Sequence[str],
    *,
    at_once: int,
    count: int,
) -> Added:
    """What the service adds to the stub's time with `at_once` readers, each asking on and on.

    That time is what the stub took, for half of its answers: a timer ends late.
    """
    chosen = np.random.default_rng(_SEED)
    times: list[float] = []
    before, used, busy = stub.asked, service.processor_seconds, Busy.now(service)

    async def read(place: int) -> None:
        await asyncio.sleep(stub.seconds * place / at_once)  # readers do not come in step
        for _ in range(count // at_once):
            began = time.perf_counter()
            await ask(client, _pick(chosen, questions))
            times.append(time.perf_counter() - began)

    await asyncio.gather(*map(read, range(at_once)))
    if stub.asked - before != len(times):
        raise TargetFailed("the stub was called more often than once a question")
    added = 1000 * (np.array(times) - np.median(stub.spent[-len(times) :]))
    p50, p99 = np.percentile(added, [50, 99])
    processor = 1000 * (service.processor_seconds - used) / len(times)
    others = Busy.now(service).others_since(busy)
    return Added(at_once, len(times), float(p50), float(p99), float(added.max()), processor, others)


@dataclass(frozen=True)
class Busy:
    """Seconds of processors so far: all there were, those in use, those that this test used."""

    all: float
    used: float
    own: float

    @classmethod
    def now(cls, service: Service) -> "Busy":
        """As the system counts them; 0 where it does not."""
        stat = Path("/proc/stat")
        line = stat.read_text(encoding="ascii").partition("\n")[0] if stat.is_file() else "cpu"
        ticks = [int(count) / os.sysconf("SC_CLK_TCK") for count in line.split()[1:9]]
        own = service.processor_seconds + time.process_time()
        return cls(sum(ticks), sum(ticks) - sum(ticks[3:5]), own)  # the two stand for idle

    def others_since(self, before: "Busy") -> float:
        """The share that others had of all processors."""
        others = (self.used - before.used) - (self.own - before.own)
        return max(0.0, others / max(self.all - before.all, 1e-9))


async def measure_searches(
    client: httpx.AsyncClient, queries: Sequence[str], *, seconds: float, at_once: int = 8
) -> float:
    """GET /search, answered a second."""
    ends = time.perf_counter() + seconds
    done = 0

    async def search(place: int) -> None:
        nonlocal done
        chosen = np.random.default_rng(place)
        while time.perf_counter() < ends:
            response = await client.get("/search", params={"q": _pick(chosen, queries)})
            response.raise_for_status()
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*map(search, range(at_once)))
    return done / (time.perf_counter() - began)


async def soak(
    client: httpx.AsyncClient,
    questions: Sequence[str],
    *,
    seconds: float,
    publications: int,
    streams: int = STREAMS,
) -> Soak:
    """Ask with `streams` readers while articles are added and removed; check every answer."""
    ends = time.perf_counter() + seconds
    checker = Checker(client)
    answers: list[dict[str, Any]] = []
    faults: list[str] = []

    async def read(place: int) -> None:
        chosen = np.random.default_rng(place)
        while time.perf_counter() < ends:
            try:
                answer = await ask(client, _pick(chosen, questions))
                await checker.check(answer)
                answers.append(answer)
            except (TargetFailed, httpx.HTTPError) as error:
                faults.append(str(error) or repr(error))

    async def publish() -> None:
        for number in range(publications):
            await asyncio.sleep(seconds / (publications + 1))
            await _publish(client, number)

    await asyncio.gather(publish(), *map(read, range(streams)))
    for answer in answers:
        kept = await client.get(f"/answers/{answer['id']}")
        if not kept.is_success or kept.json()["answer"] != answer:
            faults.append(f"the answer {answer['id']} was not stored as it was given")
    used = {answer["generation"] for answer in answers}
    return Soak(seconds, len(answers), len(used), tuple(faults))


async def _publish(client: httpx.AsyncClient, number: int) -> None:
    """One more generation: an article comes, or the one before goes again."""
    if number % 2:
        response = await client.delete(f"/articles/load-{number - 1}")
    else:
        text = f"The {number}th pier of Holm was painted by {number + 3} masons on Sunday."
        article = {"id": f"load-{number}", "title": f"Pier {number}", "text": text}
        response = await client.post("/articles", json={"articles": [article]})
    response.raise_for_status()


class Checker:
    """Checks that an answer is what it claims: every quote stands in its article's version."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._texts: dict[tuple[str, str], str] = {}

    async def check(self, answer: dict[str, Any]) -> None:
        """Raises TargetFailed where a quote is not in the article, or a mark has no citation."""
        numbers = {cited["number"] for cited in answer["citations"]}
        for sentence in answer["sentences"]:
            if not sentence["supported"] or not set(sentence["citations"]) <= numbers:
                raise TargetFailed(f"an unsupported sentence was shown: {sentence}")
        if answer["status"] != "answered" or not answer["citations"]:
            raise TargetFailed(f"{answer['question']!r} was not answered: {answer['text']!r}")
        for cited in answer["citations"]:
            text = await self._text(cited["article_id"], cited["version"])
            if text[cited["start"] : cited["end"]] != cited["quote"]:
                raise TargetFailed(f"a quote is not in its article: {cited}")

    async def _text(self, article_id: str, version: str) -> str:
        place = (article_id, version)
        if place not in self._texts:
            response = await self._client.get(
                f"/articles/{article_id}", params={"version": version}
            )
            response.raise_for_status()
            self._texts[place] = response.json()["text"]
        return self._texts[place]


async def measure_growth(
    service: Service,
    client: httpx.AsyncClient,
    questions: Sequence[str],
    *,
    count: int,
    warm: int = 500,
    at_once: int = 16,
) -> tuple[int, int]:
    """Resident bytes after `warm` questions, and after `count` more."""

    async def read(amount: int) -> None:
        for place in range(amount):
            await ask(client, questions[place % len(questions)])

    await asyncio.gather(*(read(warm // at_once) for _ in range(at_once)))
    before = service.resident
    await asyncio.gather(*(read(count // at_once) for _ in range(at_once)))
    return before, service.resident


async def kill_again_and_again(
    service: Service, questions: Sequence[str], *, kills: int, streams: int = 16
) -> Kills:
    """Kill the service under load, start it again, look for every answer that was given."""
    chosen = np.random.default_rng(_SEED)
    acknowledged = lost = 0
    slowest = 0.0
    for _ in range(kills):
        await service.start()
        slowest = max(slowest, service.ready_after)
        given: dict[str, dict[str, Any]] = {}
        async with service.client() as client:
            readers = [
                asyncio.create_task(_ask_on(client, questions, given)) for _ in range(streams)
            ]
            await asyncio.sleep(1 + 2 * float(chosen.random()))
            await service.kill()
            await asyncio.gather(*readers)
        await service.start()
        async with service.client() as client:
            for identity, answer in given.items():
                kept = await client.get(f"/answers/{identity}")
                same = kept.is_success and kept.json()["answer"]["text"] == answer["text"]
                heard = "opinion" not in answer or kept.json()["opinion"] == answer["opinion"]
                lost += not (same and heard)
        acknowledged += len(given)
        await service.kill()
    return Kills(kills, acknowledged, lost, slowest)


async def _ask_on(
    client: httpx.AsyncClient, questions: Sequence[str], given: dict[str, dict[str, Any]]
) -> None:
    """Ask, and give an opinion of the answer, until the service is gone."""
    chosen = np.random.default_rng(len(given))
    with suppress(TargetFailed, httpx.HTTPError):
        while True:
            answer = await ask(client, _pick(chosen, questions))
            given[answer["id"]] = answer
            path = f"/answers/{answer['id']}/feedback"
            heard = await client.post(path, json={"opinion": "right"})
            if heard.is_success:
                given[answer["id"]] = {**answer, "opinion": "right"}


def _pick(chosen: np.random.Generator, questions: Sequence[str]) -> str:
    return questions[int(chosen.integers(len(questions)))]

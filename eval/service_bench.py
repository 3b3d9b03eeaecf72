"""The same questions asked of this service and of others, over one stub of a model.

Every system has the sample articles, the same embedding model and a process of its own. They take
turns, in another order each round, so that a busy machine slows all of them alike: read the ratios.
"""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import numpy as np

from eval.bench_corpus import write_records
from eval.errors import TargetFailed
from eval.load import find_questions
from eval.peers.environments import packaged_model, surroundings
from eval.peers.process import PeerProcess
from eval.peers.worker import Record
from eval.served import Service, ask, serving
from eval.stub import NOT_FOUND, StubProvider
from index.articles import find_files, read_articles
from index.build import build
from index.sources import read_sources
from index.vectors import Embedder

SEARCHES_AT_ONCE = 8

TEMPLATE = """Answer the question using only the context below.

Question: {question}
Context: {context}"""
"""What txtai puts before the model."""


@dataclass
class PeerService(Service):
    """Another system's service."""

    starts: Sequence[str] = ()
    """The words of its command; the port comes after them."""

    def _command(self, port: int) -> Sequence[str]:
        return (*self.starts, str(port))


@dataclass(frozen=True)
class Contender:
    """How the table calls it, its environment, and how it is asked."""

    name: str
    place: str
    prepare: Callable[[Path, Path, str], Service]
    """A service over a folder, by a Python, with the address of the model's stub."""
    ask: Callable[[httpx.AsyncClient, str], Awaitable[object]]
    search: Callable[[httpx.AsyncClient, str], Awaitable[httpx.Response]]


@dataclass
class Measured:
    """What was measured of one contender, over all rounds."""

    name: str
    added: dict[int, list[float]] = field(default_factory=dict)
    """Milliseconds over the stub's time, by the readers at once."""
    processor: dict[int, list[float]] = field(default_factory=dict)
    """Milliseconds of processor time of one answer, a figure each round."""
    searches: list[float] = field(default_factory=list)
    """A second, a figure each round."""
    asked: int = 0
    failed: int = 0
    """Of those questions, the ones that were not answered: the times are of the others."""
    faults: Counter[str] = field(default_factory=Counter)
    """What came in place of an answer or of what was searched for, how often."""
    start: float = 0.0
    """Seconds."""
    resident: int = 0
    """Bytes, when all was asked."""


def _dateline(folder: Path, _python: Path, stub: str) -> Service:
    build(read_sources(["articles"]), folder / "index", Embedder())
    return Service(folder, stub)


def _txtai(folder: Path, python: Path, stub: str) -> Service:
    """Its API's application is all in one file of settings."""
    _build("eval.peers.txtai", folder, python)
    model = str(packaged_model())
    settings = {
        "path": str(folder / "txtai"),
        "writable": False,
        "embeddings": {"path": model, "content": True, "hybrid": True},
        "rag": {
            "path": "openai/stub",
            "api_base": stub,
            "api_key": "none",
            "template": TEMPLATE,
            "context": 10,
            "output": "flatten",
        },
    }
    (folder / "app.yml").write_text(json.dumps(settings), encoding="utf-8")
    command = [str(python), "-m", "uvicorn", "txtai.api:app", "--log-level", "warning", "--port"]
    environment = _environment(folder, CONFIG=str(folder / "app.yml"))
    return PeerService(folder, ready_path="/search?query=gifts", starts=environment + command)


def _llama_index(folder: Path, python: Path, stub: str) -> Service:
    _build("eval.peers.llama_index", folder, python)
    module = ["-m", "eval.peers.llama_index_api", str(packaged_model()), str(folder), stub]
    starts = [*_environment(folder), str(python), *module]
    return PeerService(folder, ready_path="/search?q=gifts", starts=starts)


def _build(module: str, folder: Path, python: Path) -> None:
    """Have a system of the index benchmark build from the sample articles."""
    records, listing = folder / "records.jsonl", folder / "pieces.jsonl"
    write_records(records, read_sample())
    command = [str(python), "-m", module, str(packaged_model())]
    with PeerProcess(
        module, command, surroundings=surroundings(folder), log=folder / "log"
    ) as process:
        places = {"records": str(records), "listing": str(listing), "store": str(folder)}
        process.ask(do="build", vectors=None, **places)


def _environment(folder: Path, **more: str) -> list[str]:
    variables = {**surroundings(folder), **more}
    return ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]


def read_sample() -> Iterator[Record]:
    """The sample articles, as other systems are given them."""
    for path in find_files(Path("articles")):
        for article in read_articles(path):
            published = article.published.isoformat() if article.published else ""
            yield Record(article.id, article.title, article.source or "", published, article.text)


async def _ask_txtai(client: httpx.AsyncClient, question: str) -> None:
    _check_reply(await client.get("/rag", params={"query": question}))


async def _ask_llama_index(client: httpx.AsyncClient, question: str) -> None:
    _check_reply(await client.post("/chat", json={"question": question}))


def _check_reply(response: httpx.Response) -> None:
    """Whether it is what the stub said; raises TargetFailed."""
    if response.is_error or NOT_FOUND not in response.text:
        raise TargetFailed(f"HTTP {response.status_code}: {response.text[:200]!r}")


async def _search(client: httpx.AsyncClient, question: str) -> httpx.Response:
    return await client.get("/search", params={"q": question, "limit": 10})


async def _search_txtai(client: httpx.AsyncClient, question: str) -> httpx.Response:
    return await client.get("/search", params={"query": question, "limit": 10})


CONTENDERS = (
    Contender("Dateline", "dateline", _dateline, ask, _search),
    Contender("txtai's API", "txtai_api", _txtai, _ask_txtai, _search_txtai),
    Contender("FastAPI + LlamaIndex", "llama_index_api", _llama_index, _ask_llama_index, _search),
)


@dataclass(frozen=True)
class Load:
    """How much is asked in one round."""

    seconds: float
    """That the stub takes."""
    at_once: Sequence[int]
    answers: int
    """With one reader; several readers ask six each."""
    search_seconds: float
    rounds: int


async def measure(
    services: Sequence[tuple[Contender, Service]],
    stub: StubProvider,
    questions: Sequence[str],
    load: Load,
    *,
    report: Callable[[str], None],
) -> list[Measured]:
    """Start the services, ask all of them in turns, and end them; raises TargetFailed."""
    measured = {contender.name: Measured(contender.name) for contender, _ in services}
    async with AsyncExitStack() as stack:
        clients = {}
        for contender, service in services:
            await stack.enter_async_context(serving(service))
            measured[contender.name].start = service.ready_after
            clients[contender.name] = await stack.enter_async_context(service.client())
        if clients.get("Dateline"):
            questions = await find_questions(clients["Dateline"], stub, questions)
        stub.seconds = load.seconds
        for number in range(load.rounds):
            report(f"round {number + 1} of {load.rounds}")
            for contender, service in random.Random(number).sample(services, len(services)):  # noqa: S311
                one, client = measured[contender.name], clients[contender.name]
                await _warm(contender, client, questions)
                for at_once in load.at_once:
                    used, asked = service.processor_seconds, stub.asked
                    each = load.answers if at_once == 1 else 6
                    took = await _ask_all(
                        one,
                        partial(contender.ask, client),
                        questions,
                        at_once=at_once,
                        each=each,
                        model_seconds=load.seconds,
                    )
                    if stub.asked - asked > each * at_once:
                        raise TargetFailed(f"{contender.name} called the model more than once")
                    one.added.setdefault(at_once, []).extend(took)
                    spent = 1000 * (service.processor_seconds - used) / (each * at_once)
                    one.processor.setdefault(at_once, []).append(spent)
                search = partial(contender.search, client)
                found = await _search_all(one, search, questions, load.search_seconds)
                one.searches.append(found)
                one.resident = service.resident
    return list(measured.values())


async def _warm(contender: Contender, client: httpx.AsyncClient, questions: Sequence[str]) -> None:
    for question in questions[:3]:
        with suppress(TargetFailed, httpx.TransportError):  # counted where it is timed
            await contender.ask(client, question)


async def _ask_all(
    one: Measured,
    ask_one: Callable[[str], Awaitable[object]],
    questions: Sequence[str],
    *,
    at_once: int,
    each: int,
    model_seconds: float,
) -> list[float]:
    """Milliseconds over the model's time, of `at_once` readers who ask `each` questions."""
    took: list[float] = []

    async def read(place: int) -> None:
        await asyncio.sleep(model_seconds * place / at_once)  # readers do not come in step
        for number in range(each):
            began = time.perf_counter()
            one.asked += 1
            try:
                await ask_one(questions[(place + number) % len(questions)])
            except (TargetFailed, httpx.TransportError) as error:
                one.failed += 1
                one.faults[str(error) or repr(error)] += 1
                continue
            took.append(1000 * (time.perf_counter() - began - model_seconds))

    await asyncio.gather(*map(read, range(at_once)))
    return took


async def _search_all(
    one: Measured,
    search_one: Callable[[str], Awaitable[httpx.Response]],
    questions: Sequence[str],
    seconds: float,
) -> float:
    """Searches answered a second."""
    began = time.perf_counter()
    done = 0

    async def read(place: int) -> None:
        nonlocal done
        while time.perf_counter() - began < seconds:
            try:
                found = await search_one(questions[(place + done) % len(questions)])
                found.raise_for_status()
            except httpx.HTTPError as error:
                one.faults[f"a search: {str(error) or repr(error)}"] += 1
                continue
            done += 1

    await asyncio.gather(*map(read, range(SEARCHES_AT_ONCE)))
    return done / (time.perf_counter() - began)


def rows(measured: Sequence[Measured]) -> list[list[str]]:
    """The heads, then a row for each contender."""
    readers = sorted({count for one in measured for count in one.added})
    heads = ["", *(f"added at {count}, p50 / p99 ms" for count in readers)]
    heads += ["failed", f"processor ms at {readers[-1]}", "searches/s", "start s", "MB"]
    table = [heads]
    for one in measured:
        quantiles = [np.percentile(one.added[count] or [np.nan], [50, 99]) for count in readers]
        table.append(
            [
                one.name,
                *(f"{p50:,.0f} / {p99:,.0f}" for p50, p99 in quantiles),
                f"{one.failed} of {one.asked}",
                f"{np.median(one.processor[readers[-1]]):.0f}",
                f"{np.median(one.searches):.0f}",
                f"{one.start:.1f}",
                f"{one.resident / 1e6:,.0f}",
            ]
        )
    return table

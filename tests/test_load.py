"""The load's own measures, over a service in this process and the stub of a model."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from time import perf_counter

import httpx
import pytest
from fake_answers import make_answer
from http_service import (
    FERRY,
    QUESTION,
    WEAK,
    ScriptedModel,
    app_over,
    make_answerer,
    make_local_app,
    serve,
    write_index,
)

from eval.errors import TargetFailed
from eval.load import Busy, Checker, find_questions, measure_added, measure_searches, soak
from eval.served import Service, ask, serving
from eval.stub import StubProvider
from index.build import build
from index.sources import read_sources
from index.vectors import Embedder
from service.archive import Archive
from service.draft import Drafter
from service.errors import ModelUnavailable
from service.settings import Settings


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("articles"))


@pytest.fixture
def stub() -> StubProvider:
    return StubProvider(0.05)


@asynccontextmanager
async def served(index: Path, data: Path, stub: StubProvider) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that asks the stub."""
    async with stub.running():
        drafter = Drafter(Settings(model="openai/stub", api_base=stub.url, api_key="none"))
        archive = Archive(data / "answers.sqlite")
        app = app_over(make_answerer(index, drafter, archive=archive), data=data)
        with serve(app) as url:
            async with httpx.AsyncClient(base_url=url, timeout=30) as client:
                yield client


def test_the_stub_quotes_the_best_evidence_after_its_time(
    index: Path, tmp_path: Path, stub: StubProvider
) -> None:
    async def run() -> None:
        async with served(index, tmp_path, stub) as client:
            asked = [QUESTION, "How many cows are there in Peru?"]
            assert await find_questions(client, stub, asked) == [QUESTION]
            began = perf_counter()
            answer = await ask(client, QUESTION)
            assert perf_counter() - began >= 0.05
            assert answer["status"] == "answered"
            assert answer["usage"]["completion_tokens"] == 30
            added = await measure_added(
                Service(tmp_path), client, stub, [QUESTION], at_once=2, count=6
            )
            assert (added.at_once, added.count) == (2, 6)
            assert 0 < added.p50 <= added.p99 <= added.most
            assert 0 <= added.others <= 1
            assert await measure_searches(client, ["ferry"], seconds=0.1) > 1
            came = await soak(client, [QUESTION], seconds=0.3, publications=0, streams=3)
            assert came.answers > 3
            assert (came.faults, came.generations) == ((), 1)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("now", "others"), [(Busy(120, 50, 15), 0.25), (Busy(120, 20, 15), 0.0), (Busy(100, 10, 5), 0)]
)
def test_what_others_had_of_the_machine(now: Busy, others: float) -> None:
    """In 20 s of all processors 15 were used, 10 by the test: 5 were others'; then fewer."""
    assert now.others_since(Busy(100, 35, 5)) == pytest.approx(others)


def test_what_the_service_loses_is_a_fault(index: Path, tmp_path: Path) -> None:
    model = ScriptedModel()
    model.error = ModelUnavailable("Out; wait.")

    async def run(url: str) -> None:
        async with httpx.AsyncClient(base_url=url) as client:
            with pytest.raises(TargetFailed, match="Out; wait"):
                await ask(client, WEAK)
            with pytest.raises(TargetFailed, match="HTTP 422"):
                await ask(client, "?")
        came = await soak(client_of(url), [WEAK], seconds=0.2, publications=0, streams=1)
        assert came.answers == 0
        assert came.faults

    with serve(make_local_app(index, model, data=tmp_path)) as url:
        asyncio.run(run(url))


def client_of(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url)


@pytest.fixture
def checker() -> Checker:
    """Checks against one article with the text "five drones and a vest"."""

    def reply(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"text": "five drones and a vest"})

    transport = httpx.MockTransport(reply)
    return Checker(httpx.AsyncClient(transport=transport, base_url="http://test"))


def test_a_quote_that_is_not_in_its_article_is_wrong(checker: Checker) -> None:
    right = asdict(make_answer(("Five drones.", ("gifts", "five drones"))))
    asyncio.run(checker.check(right))
    for wrong in (
        asdict(make_answer(("Six drones.", ("gifts", "six drones")))),
        asdict(make_answer(("Five drones.", ("gifts", "five drones")), status="abstained")),
        {**right, "citations": []},
        {**right, "sentences": [{**right["sentences"][0], "supported": False}]},
    ):
        with pytest.raises(TargetFailed):
            asyncio.run(checker.check(wrong))


def test_a_service_that_is_told_to_end_finishes_what_runs(tmp_path: Path) -> None:
    (tmp_path / "ferry.md").write_text(FERRY, encoding="utf-8")
    build(read_sources([str(tmp_path / "ferry.md")]), tmp_path / "index", Embedder())
    stub = StubProvider(0.0)

    async def run() -> None:
        async with stub.running(), serving(Service(tmp_path, stub.url)) as service:
            async with service.client() as client:
                stub.seconds = 1.0
                asking = asyncio.create_task(ask(client, QUESTION))
                while not stub.asked:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                began = perf_counter()
                ended = asyncio.create_task(service.stop())
                assert (await asking)["status"] == "answered"
            assert await ended == 0
            assert perf_counter() - began < 10

    asyncio.run(run())
    assert not list(tmp_path.glob("answers.sqlite-*"))

"""The benchmark of services, with fakes for the others; what it counts is known beforehand."""

import asyncio
import sys
from functools import partial
from pathlib import Path

import httpx
import pytest

from eval import service_bench
from eval.errors import TargetFailed
from eval.index_bench import CONTENDERS as INDEXES
from eval.peers import environments
from eval.service_bench import (
    CONTENDERS,
    Contender,
    Load,
    Measured,
    PeerService,
    measure,
    read_sample,
    rows,
)
from eval.stub import StubProvider

PEERS = Path(environments.__file__).parent
LOAD = Load(seconds=0.1, at_once=(1, 4), answers=3, search_seconds=0.1, rounds=2)
FAKE = next(one for one in CONTENDERS if one.place == "txtai_api")
"""How the fake is asked."""


def run_fakes(folder: Path, *calls: int) -> list[Measured]:
    """What is measured of fakes that call the model so often for an answer."""

    async def run() -> list[Measured]:
        stub = StubProvider(0.0)
        async with stub.running():
            services = []
            for number, count in enumerate(calls):
                name = f"fake {number}"
                starts = [sys.executable, "-m", "tests.fake_service", stub.url, str(count)]
                prepare = partial(PeerService, stub=None, starts=starts, ready_path="/search")
                fake = Contender(name, name, lambda *_: prepare(folder), FAKE.ask, FAKE.search)  # noqa: B023
                services.append((fake, fake.prepare(folder, Path(), stub.url)))
            return await measure(services, stub, ["Who?", "Where?"], LOAD, report=print)

    return asyncio.run(run())


def test_services_are_asked_in_turns_and_what_they_add_is_told(tmp_path: Path) -> None:
    for one in run_fakes(tmp_path, 1, 1):
        assert [(count, len(took)) for count, took in one.added.items()] == [(1, 6), (4, 48)]
        assert all(added > 0 for took in one.added.values() for added in took)
        assert min(one.added[1]) < 1000 * LOAD.seconds  # once the model's time is taken off
        assert len(one.searches) == len(one.processor[1]) == LOAD.rounds
        assert min(one.searches) > 1
        assert one.resident > 1e6


def test_a_service_that_fails_is_counted_and_the_others_go_on(tmp_path: Path) -> None:
    good, bad = run_fakes(tmp_path, 1, 0)
    assert (good.asked, good.failed, good.faults) == (54, 0, {})
    assert (bad.asked, bad.failed) == (54, 54)
    ((fault, count),) = bad.faults.items()
    assert fault.startswith("HTTP 200")
    assert count == 54


def test_a_service_that_asks_the_model_twice_is_no_fair_comparison(tmp_path: Path) -> None:
    with pytest.raises(TargetFailed, match="fake 0 called the model more than once"):
        run_fakes(tmp_path, 2)


def test_the_table_has_medians_of_rounds_and_quantiles_of_answers() -> None:
    one = Measured("ours", {1: [10.0, 20.0, 30.0], 50: [100.0]}, {1: [5], 50: [6, 8]}, [90, 110])
    one.start, one.resident, one.asked, one.failed = 4.96, 3_100_000_000, 8, 1
    heads, row = rows([one])
    assert heads[1:4] == [
        "added at 1, p50 / p99 ms",
        "added at 50, p50 / p99 ms",
        "failed",
    ]
    assert row == ["ours", "20 / 30", "100 / 100", "1 of 8", "7", "100", "5.0", "3,100"]


def test_others_are_given_every_sample_article() -> None:
    records = list(read_sample())
    assert len(records) >= 7
    assert all(record.title and record.text and record.published for record in records)


def test_each_has_its_packages_pinned_as_those_of_the_index_benchmark_are() -> None:
    for contender in CONTENDERS[1:]:
        pinned = _pins(contender.place)
        torch_free = not {"torch", "triton"} & set(pinned)
        assert torch_free
        below = _pins(contender.place.removesuffix("_api"))
        assert {name: pinned.get(name) for name in below} == below
    assert {one.place.removesuffix("_api") for one in CONTENDERS} <= {one.place for one in INDEXES}


def _pins(name: str) -> dict[str, str]:
    lines = (PEERS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_what_is_no_answer_of_the_stub_is_refused() -> None:
    with pytest.raises(TargetFailed, match="HTTP 500"):
        service_bench._check_reply(httpx.Response(500, text="NOT FOUND"))
    with pytest.raises(TargetFailed, match="HTTP 200: 'Yes'"):
        service_bench._check_reply(httpx.Response(200, text="Yes"))

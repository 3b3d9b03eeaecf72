"""load: a service in a process of its own under load, over a stub that answers in a fixed time."""

import argparse
import asyncio
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rich.table import Table

from eval.cases import Kind, read_cases
from eval.commands.arguments import AddParser, positive
from eval.commands.terminal import console, errors
from eval.load import (
    Soak,
    find_questions,
    kill_again_and_again,
    measure_added,
    measure_growth,
    measure_searches,
    soak,
)
from eval.served import Service, serving
from eval.stub import StubProvider
from index.build import build
from index.sources import read_sources
from index.vectors import Embedder
from service.settings import read_settings

PARTS = ("added", "search", "soak", "growth", "kills", "start")

STARTS = 5

ALONE = 100
"""Questions one after the other: the slowest in a hundred should be more than the slowest."""

GROWTH = 0.05
"""Share of the memory by which it may grow."""


def _load(options: argparse.Namespace) -> int:
    parts = options.parts or PARTS
    if unknown := set(parts) - set(PARTS):
        options.parser.error(f"there is no {', '.join(unknown)}; take from {', '.join(PARTS)}")
    with TemporaryDirectory(prefix="dateline-load-") as aside:
        folder = Path(aside)
        errors.print("indexing the sample articles")
        embedder = Embedder(read_settings().embedding_model)
        build(read_sources(["articles"]), folder / "index", embedder)
        rows = asyncio.run(_measure(folder, parts, options))
    table = Table(
        title=f"model's time {options.model_seconds:.3g} s, on what was free of this machine"
    )
    for column in ("measured", "came to", "floor"):
        table.add_column(column)
    for name, value, floor, _ in rows:
        table.add_row(name, value, floor)
    console.print(table)
    return 0 if all(good for *_, good in rows) else 1


Row = tuple[str, str, str, bool]
"""What was measured, what it came to, its floor, and whether nothing was lost or wrong."""


async def _measure(folder: Path, parts: tuple[str, ...], options: argparse.Namespace) -> list[Row]:
    """The rows of the table; a slow machine misses floors of time, which is no fault."""
    rows: list[Row] = []
    if "start" in parts:
        errors.print(f"starting it {STARTS} times with the configured model")
        starts = [await _start(folder) for _ in range(STARTS)]
        told = f"{median(starts):.1f} s, slowest {max(starts):.1f} s"
        rows.append((f"start to ready, median of {STARTS}", told, "8 s", True))
    stub = StubProvider(0.0)
    async with stub.running():
        service = Service(folder, stub.url)
        async with serving(service), service.client() as client:
            asked = [
                case.question
                for case in read_cases()
                if case.kind is Kind.FACT and not case.turns and not case.planted
            ]
            errors.print("choosing questions that the stub can answer")
            questions = await find_questions(client, stub, asked)
            if "search" in parts:
                found = await measure_searches(client, questions, seconds=10)
                rows.append(("GET /search", f"{found:.0f} a second", "100", True))
            stub.seconds = options.model_seconds
            for at_once in (1, options.streams) if "added" in parts else ():
                errors.print(f"asking, {at_once} at once")
                added = await measure_added(
                    service,
                    client,
                    stub,
                    questions,
                    at_once=at_once,
                    count=max(ALONE, at_once * 6),
                )
                told = (
                    f"{added.p50:.0f} / {added.p99:.0f} ms; {added.processor:.0f} ms of "
                    f"processor; others had {added.others:.0%} of the machine"
                )
                floor = "25 / 60 ms" if at_once == 1 else "50 / 150 ms"
                rows.append((f"added at {at_once} at once, p50 / p99", told, floor, True))
            if "soak" in parts:
                errors.print(f"{options.streams} streams for {options.seconds:.0f} s")
                came = await soak(
                    client,
                    questions,
                    seconds=options.seconds,
                    publications=options.generations,
                    streams=options.streams,
                )
                rows.append(_told(came, options.streams))
        if "growth" in parts:
            stub.seconds = 0.0
            rows.append(await _growth(service, questions, options.questions))
        if "kills" in parts:
            stub.seconds = 0.2
            errors.print(f"killing it {options.kills} times")
            ended = await kill_again_and_again(service, questions, kills=options.kills)
            told = (
                f"{ended.lost} of {ended.acknowledged}; slowest start {ended.slowest_start:.1f} s"
            )
            rows.append((f"lost in {ended.kills} kills", told, "0", ended.lost == 0))
    return rows


async def _start(folder: Path) -> float:
    async with serving(Service(folder)) as service:
        return service.ready_after


def _told(came: Soak, streams: int) -> Row:
    for fault in came.faults[:10]:
        errors.print(fault, markup=False, style="red")
    return (
        f"lost or wrong in {came.seconds:.0f} s at {streams} at once",
        f"{len(came.faults)} of {came.answers}, over {came.generations} generations",
        "0",
        not came.faults,
    )


async def _growth(service: Service, questions: list[str], count: int) -> Row:
    errors.print(f"asking {count} questions")
    async with serving(service), service.client() as client:
        before, after = await measure_growth(service, client, questions, count=count)
    share = after / before - 1
    told = f"{before / 1e6:.0f} to {after / 1e6:.0f} MB, {share:+.1%}"
    return f"memory over {count} questions", told, f"{GROWTH:+.0%}", share <= GROWTH


def add_commands(add: AddParser) -> None:
    """Add `load`."""
    command = add("load", help="the HTTP service under load, over a stub of a model")
    command.add_argument("parts", nargs="*", help=f"what to measure: {', '.join(PARTS)}; or all")
    command.add_argument("--streams", type=positive, default=50, help="questions at once")
    command.add_argument("--seconds", type=float, default=600.0, help="that the soak lasts")
    command.add_argument("--generations", type=positive, default=5, help="published meanwhile")
    command.add_argument("--model-seconds", type=float, default=2.0, help="that the stub takes")
    command.add_argument("--questions", type=positive, default=10_000, help="for the memory")
    command.add_argument("--kills", type=positive, default=20)
    command.set_defaults(run=_load, parser=command)

"""bench index | bench service | size | size-whole: beside other systems, and by size."""

import argparse
import asyncio
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from eval import service_bench
from eval.bench_report import markdown, record, render, tables
from eval.cases import Kind, read_cases
from eval.commands.arguments import AddParser, positive
from eval.commands.terminal import console, errors, print_wide
from eval.index_bench import CONTENDERS, Bench
from eval.peers.environments import packaged_model, python_of
from eval.peers.worker import read_records
from eval.retrieval import Query, read_dataset
from eval.size_curve import measure_size
from eval.size_report import best_points, table_text, whole_text
from eval.size_vectors import embed_dataset, make_corpus
from eval.stub import StubProvider
from eval.whole_index import measure_whole
from index.vectors import Embedder

COUNTS = (1_000, 10_000, 50_000, 100_000, 300_000, 1_000_000)
WHOLE_COUNTS = (10_000, 100_000, 1_000_000)
FOLDER = Path("data/bench")
SIZES = Path("data/size")


def _size(options: argparse.Namespace) -> int:
    dataset = read_dataset(options.dataset)
    real = embed_dataset(dataset, SIZES, Embedder(), report=_report)
    _report("making vectors")
    corpus = make_corpus(real, max(options.counts))
    points = []
    with (SIZES / "points.jsonl").open("w", encoding="utf-8") as file:
        for point in measure_size(corpus, options.counts, SIZES, report=_report):
            points.append(point)
            print(json.dumps(asdict(point)), file=file, flush=True)
    text = table_text(best_points(points), corpus)
    options.out.write_text(text, encoding="utf-8")
    console.print(text, markup=False, soft_wrap=True)
    return 0


def _size_whole(options: argparse.Namespace) -> int:
    dataset = read_dataset(options.dataset)
    real = embed_dataset(dataset, SIZES, Embedder(), report=_report)
    _report("making vectors")
    measured = []
    for one in measure_whole(
        options.counts,
        tuple(read_records(dataset.corpus)),
        [query.text for query in dataset.queries[: options.limit]],
        real=real,
        corpus=make_corpus(real, max(options.counts)),
        folder=SIZES,
        report=_report,
    ):
        measured.append(one)
        options.out.write_text(whole_text(measured), encoding="utf-8")
    console.print(whole_text(measured), markup=False, soft_wrap=True)
    return 0


def _bench_index(options: argparse.Namespace) -> int:
    dataset = read_dataset(options.dataset)
    queries = dataset.queries[: options.limit]
    find_python = partial(python_of, root=FOLDER, report=_report)
    contenders = [one for one in CONTENDERS if one.name in options.only]
    bench = Bench(
        dataset, FOLDER, contenders, model=packaged_model(), find_python=find_python, report=_report
    )
    steps: list[Callable[[], None]] = []
    if options.rounds:
        steps.append(partial(bench.build_slices, size=options.articles, rounds=options.rounds))
    if queries:
        steps.append(partial(bench.search_corpus, queries))
    if options.made:
        vectors = FOLDER / "vectors.npy"
        real = embed_dataset(dataset, SIZES, Embedder(), report=_report)
        np.save(vectors, np.concatenate([real.passages, real.sentences]))
        asked = dataset.queries[: options.made_limit]
        steps += [partial(bench.search_made, count, asked, vectors) for count in options.made]
    for step in steps:
        step()
        _write(options.out, bench, queries)
    return 1 if any(one.failure for one in bench.measured) else 0


def _bench_service(options: argparse.Namespace) -> int:
    load = service_bench.Load(
        seconds=options.model_seconds,
        at_once=(1, options.streams),
        answers=options.answers,
        search_seconds=options.search_seconds,
        rounds=options.rounds,
    )
    chosen = [one for one in service_bench.CONTENDERS if one.name in options.only]
    pythons = [python_of(one.place, FOLDER, report=_report) for one in chosen]
    with TemporaryDirectory(prefix="dateline-service-") as aside:
        made = zip(chosen, pythons, strict=True)
        measured = asyncio.run(_measure_services(list(made), Path(aside), load))
    setting = (
        f"A stub of a model that answers in {load.seconds:g} s, the sample articles,"
        f" all-MiniLM-L6-v2 everywhere, {load.rounds} rounds in turns on {os.cpu_count()} cores."
    )
    titled = [("services, what they add to the model's time", service_bench.rows(measured))]
    faults = [
        f"{one.name} failed, {count} times: {fault}"
        for one in measured
        for fault, count in one.faults.most_common()
    ]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(markdown(titled, notes=[setting, *faults]), encoding="utf-8")
    for table in render(titled):
        print_wide(table)
    for fault in faults:
        errors.print(fault, markup=False, style="yellow")
    return 0


async def _measure_services(
    chosen: Sequence[tuple[service_bench.Contender, Path]], aside: Path, load: service_bench.Load
) -> list[service_bench.Measured]:
    stub = StubProvider(0.0)
    async with stub.running():
        services = []
        for contender, python in chosen:
            _report(f"building with {contender.name}")
            folder = aside / contender.place
            folder.mkdir()
            services.append((contender, contender.prepare(folder, python, stub.url)))
        asked = [
            case.question
            for case in read_cases()
            if case.kind is Kind.FACT and not case.turns and not case.planted
        ]
        return await service_bench.measure(services, stub, asked, load, report=_report)


def _write(out: Path, bench: Bench, queries: Sequence[Query]) -> None:
    """Print the tables and write them, with what failed; after each step, to lose nothing."""
    titled = tables(bench.measured, queries)
    setting = (
        f"{len(bench.records)} articles, {len(queries)} questions, all-MiniLM-L6-v2 everywhere,"
        f" on {os.cpu_count()} cores. Timings were taken in turns: read their ratios."
    )
    failures = [
        f"{one.contender.name} was left out: {one.failure}" for one in bench.measured if one.failure
    ]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(markdown(titled, notes=[setting, *failures]), encoding="utf-8")
    text = json.dumps(record(bench.measured, queries), indent=2, ensure_ascii=False) + "\n"
    out.with_suffix(".json").write_text(text, encoding="utf-8")
    for table in render(titled):
        print_wide(table)
    for failure in failures:
        errors.print(failure, markup=False, style="yellow")


def _report(text: str) -> None:
    errors.print(text, markup=False, style="dim")


def add_commands(add_parser: AddParser) -> None:
    """`size`, `size-whole`, `bench index` and `bench service`."""
    command = add_parser("size", help="recall, time and memory by number of passages")
    add = command.add_argument
    add("--dataset", type=Path, required=True, metavar="DIR", help="in the BEIR layout")
    add("--counts", type=positive, nargs="+", default=COUNTS, metavar="N", help="of vectors")
    add("--out", type=Path, default=Path("eval/size_curve.md"), metavar="FILE")
    command.set_defaults(run=_size)
    command = add_parser("size-whole", help="whole indexes by number of passages")
    add = command.add_argument
    add("--dataset", type=Path, required=True, metavar="DIR", help="in the BEIR layout")
    add("--counts", type=positive, nargs="+", default=WHOLE_COUNTS, metavar="N", help="of passages")
    add("--limit", type=positive, metavar="N", help="questions of the dataset, all by default")
    add("--out", type=Path, default=Path("eval/size_whole.md"), metavar="FILE")
    command.set_defaults(run=_size_whole)
    bench = add_parser("bench", help="beside other systems, on the same articles")
    kinds = bench.add_subparsers(title="benchmarks", required=True, metavar="WHAT")
    command = kinds.add_parser("index", help="building and searching")
    add = command.add_argument
    add("--dataset", type=Path, required=True, metavar="DIR", help="in the BEIR layout")
    names = [contender.name for contender in CONTENDERS]
    add("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    add("--articles", type=positive, default=30, metavar="N", help="built in each round")
    add("--rounds", type=int, default=3, metavar="N", help="of building in turns; 0 for none")
    add("--limit", type=int, metavar="N", help="questions of the dataset, all by default")
    add("--made", type=positive, nargs="*", default=(), metavar="N", help="of made-up passages")
    add("--made-limit", type=positive, default=100, metavar="N", help="questions of those")
    add("--out", type=Path, default=FOLDER / "index.md", metavar="FILE", help="and .json beside it")
    command.set_defaults(run=_bench_index)
    command = kinds.add_parser("service", help="what HTTP services add to a model's time")
    add = command.add_argument
    names = [contender.name for contender in service_bench.CONTENDERS]
    add("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    add("--rounds", type=positive, default=2, metavar="N")
    add("--answers", type=positive, default=20, metavar="N", help="asked by one reader in a round")
    add("--streams", type=positive, default=50, metavar="N", help="readers at once, after that")
    add("--model-seconds", type=float, default=2.0, metavar="S", help="that the stub takes")
    add("--search-seconds", type=float, default=5.0, metavar="S", help="of searching in a round")
    add("--out", type=Path, default=FOLDER / "service.md", metavar="FILE")
    command.set_defaults(run=_bench_service)

"""retrieval | clapnq | ragtruth: public data sets, by their own rules, beside published figures."""

import argparse
import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from rich.table import Table

from eval.benchmarks import (
    FEW_CHARACTERS,
    MOST_CHARACTERS,
    PUBLISHED_MULTIHOP,
    PUBLISHED_RAGTRUTH,
    found_passages,
    measure_clapnq,
    measure_multihop,
    measure_ragtruth,
)
from eval.commands.arguments import AddParser, positive
from eval.commands.terminal import console, print_wide, show_progress
from eval.overlapping import CHUNK_TOKENS, OVERLAP, OverlappingSplitter
from eval.peers.environments import packaged_model
from eval.recordings import Recorder
from eval.retrieval import Dataset, index_dataset, measure_articles, read_dataset, search_all
from eval.summary import Estimate
from index.articles import Article, Found
from index.build import build
from index.ranking import RankedPassage
from index.reranker import Reranker
from index.vectors import Embedder
from service.answerer import Answerer
from service.settings import Settings, read_settings
from service.wiring import identify_model, make_answerer, make_drafter

OWN = "whole paragraphs up to 160 words, no overlap"
OVERLAPPING = f"chunks of {CHUNK_TOKENS} tokens with an overlap of {OVERLAP}"


def _retrieval(options: argparse.Namespace) -> int:
    settings = read_settings()
    dataset = read_dataset(options.dataset)
    queries = [query for query in dataset.queries if query.id in dataset.qrels]
    with show_progress() as (report, bar):
        found = _search(dataset, settings, options, report=report, bar=bar)
    figures = measure_articles(found, dataset.qrels)
    table = Table("measure", "articles", title=f"{options.dataset.name}: {len(queries)} queries")
    for name, value in figures.items():
        table.add_row(name, f"{value:.3f}")
    console.print(table)
    if (options.dataset / "queries.jsonl").is_file() and all(
        "evidence" in query.record for query in dataset.queries
    ):
        passages = {query: found_passages(ranked) for query, ranked in found.items()}
        setting = OVERLAPPING if options.overlapping else OWN
        print_wide(_multihop_table(measure_multihop(dataset.queries, passages), setting))
    return 0


def _search(
    dataset: Dataset,
    settings: Settings,
    options: argparse.Namespace,
    *,
    report: Callable[[str], None],
    bar: Callable[[int], Callable[[object], None]],
) -> dict[str, tuple[RankedPassage, ...]]:
    embedder = Embedder(settings.embedding_model)
    with TemporaryDirectory(prefix="dateline-eval-") as aside, ExitStack() as stack:
        root = options.index or Path(aside)
        if options.overlapping:
            splitter = OverlappingSplitter(packaged_model())
            stack.enter_context(patch("index.intake.split_passages", splitter))
        generation = index_dataset(dataset, root, embedder, report=report)
        advance = bar(len(dataset.queries))
        return search_all(
            dataset.queries,
            generation,
            embedder,
            advance=lambda: advance(None),
            reranker=Reranker(settings.reranker) if settings.reranker else None,
        )


def _multihop_table(figures: dict[str, Estimate], setting: str) -> Table:
    columns = (
        *("Hits@10", "Hits@4", "MRR@10"),
        *("FactRecall@10", "FactRecall, short", "AllFacts@10", "DocRecall@10"),
    )
    table = Table("", *columns, title="facts found, null questions left out (MultiHop-RAG's rule)")
    ours = [figures[name] for name in columns]
    table.add_row("Dateline", *(f"{one.mean:.3f}" for one in ours))
    table.add_row("  95 % interval", *(f"{one.low:.3f}–{one.high:.3f}" for one in ours))
    for name, *published in PUBLISHED_MULTIHOP:
        table.add_row(name, *(f"{value:.3f}" for value in published), *["–"] * 4)
    table.caption = (
        f"Dateline's setting: {setting}, title, source and date indexed; FactRecall, AllFacts and "
        f"DocRecall read {figures['characters'].mean:,.0f} characters of the ten passages, "
        f"{MOST_CHARACTERS:,} at most, the short one {FEW_CHARACTERS:,}. The published rows: "
        "chunks of 256 tokens, almost surely with a splitter's default overlap of 200, which fills "
        "the ten with near-copies."
    )
    return table


def _clapnq(options: argparse.Namespace) -> int:
    settings = read_settings()
    with show_progress() as (report, bar), TemporaryDirectory(prefix="dateline-eval-") as aside:
        recorder = Recorder(
            identify_model(settings), partial(make_drafter, settings, report=report), replay=False
        )
        embedder = Embedder(settings.embedding_model)
        places = iter(range(1_000_000))

        def answer_from(article: Article) -> Answerer:
            root = Path(aside) / str(next(places))
            build([Found(article, "clapnq")], root, embedder)
            there = settings.model_copy(update={"index": root})
            return make_answerer(there, report=report, writer=recorder, embedder=embedder)

        advance = bar(2 * (options.limit or 150))
        found = asyncio.run(
            measure_clapnq(
                options.dataset, answer_from, limit=options.limit, advance=lambda: advance(None)
            )
        )
    table = Table("", "share", "95 % interval", "questions", title="CLAPnq, one passage a question")
    for name, one in (("answered", found.answered), ("abstained", found.abstained)):
        table.add_row(name, f"{one.mean:.3f}", f"{one.low:.3f}–{one.high:.3f}", str(one.count))
    table.caption = ", ".join(f"{status}: {count}" for status, count in found.statuses.items())
    console.print(table)
    return 0


def _ragtruth(options: argparse.Namespace) -> int:
    console.print(ragtruth_table(options.dataset))
    return 0


def ragtruth_table(folder: Path) -> Table:
    """Our check on RAGTruth's answers beside the published ones."""
    with show_progress() as (_, bar):
        advance = bar(427)
        found = measure_ragtruth(folder, advance=lambda: advance(None))
    table = Table("", "F1", "precision", "recall", "balanced", "AUROC")
    share = 2 * found.unsupported / (1 + found.unsupported)
    table.add_row(
        "Dateline's check",
        *(f"{100 * value:.1f}" for value in (found.f1, found.precision, found.recall)),
        f"{found.balanced_accuracy:.3f}",
        f"{found.auroc:.3f}",
    )
    table.add_row("flagging everything", f"{100 * share:.1f}", *["–"] * 4)
    for name, published in PUBLISHED_RAGTRUTH:
        table.add_row(name, f"{published:.1f}", *["–"] * 4)
    table.title = f"RAGTruth QA: unsupported answers found, {found.count} answers here"
    table.caption = "The published rows are of the full test set."
    return table


def add_commands(add_parser: AddParser) -> None:
    """`retrieval`, `clapnq` and `ragtruth`."""
    command = add_parser("retrieval", help="search a dataset in the BEIR layout")
    command.add_argument("--dataset", type=Path, required=True, metavar="DIR")
    command.add_argument("--index", type=Path, metavar="DIR", help="keep the index here")
    command.add_argument(
        "--overlapping",
        action="store_true",
        help="cut as the published rows of MultiHop-RAG: 256 tokens, 200 of them shared",
    )
    command.set_defaults(run=_retrieval)
    command = add_parser("clapnq", help="answering and abstaining, on CLAPnq's files")
    command.add_argument("--dataset", type=Path, required=True, metavar="DIR")
    command.add_argument("--limit", type=positive, metavar="N", help="questions of each half")
    command.set_defaults(run=_clapnq)
    command = add_parser("ragtruth", help="the check of support, on RAGTruth's answers")
    command.add_argument("--dataset", type=Path, required=True, metavar="DIR")
    command.set_defaults(run=_ragtruth)

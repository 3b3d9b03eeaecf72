"""verify: how well the check of support decides on hand-written sentences."""

import argparse
import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial
from pathlib import Path

from rich.table import Table

from eval.commands.arguments import HALVES, AddParser, add_model, chosen_settings
from eval.commands.datasets import ragtruth_table
from eval.commands.terminal import console, show_progress
from eval.entries import Half
from eval.run import SAMPLE
from eval.verification import (
    Decision,
    PairKind,
    Sentences,
    Share,
    ask_again,
    decide,
    find_unsupported,
    read_pairs,
    read_sentences,
    share_kept,
    shares_right,
)
from index.articles import Found
from index.sources import read_sources
from service.draft import Usage, Writer
from service.settings import MODEL_ITSELF
from service.wiring import make_drafter, make_opinion


class _Nobody:
    """The writer of a second opinion that asks no language model, so that none is loaded."""

    model = "nobody"

    def stream(self, *_: object, **__: object) -> AsyncGenerator[str | Usage]:
        raise AssertionError("a cross-encoder asks no language model")


def _verify(options: argparse.Namespace) -> int:
    found = read_sources([str(SAMPLE)])
    sentences = read_sentences([one.article for one in found if isinstance(one, Found)])
    decisions = decide(read_pairs(sentences), sentences)
    halves: tuple[Half, ...] = (options.half,) if options.half else HALVES
    by_half = {half: [one for one in decisions if one.pair.half == half] for half in halves}
    console.print(_found_table(by_half, "unsupported sentences found"))
    if options.second_opinion:
        asked = [one for decisions in by_half.values() for one in decisions]
        again = _ask_again(asked, sentences, options)
        by_half = {half: [one for one in again if one.pair.half == half] for half in halves}
        console.print(_found_table(by_half, f"with the second opinion of {options.second_opinion}"))
    console.print(_kinds_table(by_half))
    if options.ragtruth:
        console.print(ragtruth_table(options.ragtruth))
    if options.wrong:
        for one in (one for half in halves for one in by_half[half] if not one.right):
            console.print(_wrong_text(one), markup=False, soft_wrap=True)
    return 0


def _ask_again(
    decisions: Sequence[Decision], sentences: Sentences, options: argparse.Namespace
) -> tuple[Decision, ...]:
    """The decisions with the opinion of whom `--second-opinion` names; see ask_again."""
    with show_progress() as (report, bar):
        opinion = make_opinion(options.second_opinion)
        writer: Writer = _Nobody()
        if options.second_opinion == MODEL_ITSELF:
            writer = make_drafter(chosen_settings(options), report=report)
        advance = partial(bar(len(decisions)), None)
        return asyncio.run(ask_again(decisions, sentences, opinion, writer, advance=advance))


def _kinds_table(by_half: Mapping[Half, Sequence[Decision]]) -> Table:
    table = Table("kind", "supported", title="sentences decided right")
    for half in by_half:
        table.add_column(half, justify="right")
    shares = shares_right(one for decisions in by_half.values() for one in decisions)
    for kind in PairKind:
        found = [shares.get((kind, half), Share(0, 0)) for half in by_half]
        table.add_row(kind, "yes" if kind.supported else "no", *map(_share_text, found))
    return table


def _share_text(share: Share) -> str:
    return "–" if share.value is None else f"{share.value:.2f} of {share.count:>2}"


def _found_table(by_half: Mapping[Half, Sequence[Decision]], title: str) -> Table:
    columns = ("pairs", "F1", "precision", "recall", "supported kept")
    table = Table("half", *columns, title=title)
    rows: list[tuple[str, Sequence[Decision]]] = [*by_half.items()]
    if len(by_half) > 1:
        rows.append(("both", [one for _, decisions in rows for one in decisions]))
    for name, decisions in rows:
        found, kept = find_unsupported(decisions), share_kept(decisions)
        figures = (found.f1, found.precision, found.recall)
        shown = (f"{100 * figure:.1f}" for figure in figures)
        table.add_row(name, str(found.count), *shown, _share_text(kept))
    return table


def _wrong_text(decision: Decision) -> str:
    pair = decision.pair
    said = f"removed: {decision.reason}" if decision.reason else f"kept; says: {pair.says or '–'}"
    return f"{pair.half}, {pair.kind}: {pair.sentence}\n    {said}"


def add_commands(add_parser: AddParser) -> None:
    """`verify`."""
    command = add_parser("verify", help="the check of support, on hand-written sentences")
    command.add_argument("--half", choices=HALVES, help="only this half")
    command.add_argument("--wrong", action="store_true", help="list what was decided wrongly")
    command.add_argument(
        "--second-opinion",
        metavar="NAME",
        help="let `model`, or a cross-encoder's folder, read each with its quotes once more",
    )
    add_model(command)
    command.add_argument(
        "--ragtruth", type=Path, metavar="DIR", help="its table on RAGTruth's answers as well"
    )
    command.set_defaults(run=_verify)

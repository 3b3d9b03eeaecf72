"""What the contenders came to -> rows, and the rows as tables: terminal, Markdown, JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np
from rich.table import Table

from eval.benchmarks import (
    LENGTHS,
    MOST_CHARACTERS,
    Retrieved,
    measure_filled,
    measure_multihop,
)
from eval.index_bench import Measured
from eval.peers.worker import Piece
from eval.retrieval import Query
from eval.summary import Estimate

LIMITS = ("bare model and FAISS", "bare model and FAISS, bfloat16")
"""The contenders that are the limit, in either number format."""

PEERS = ("txtai", "LlamaIndex", "Haystack", "haiku.rag")
READ_ALL = 0.9
"""Share of the text from which a peer counts as one that embeds all of it."""

QUALITY = (
    *(f"{what} in {most:,}" for what in ("facts", "hits") for most in LENGTHS),
    *("FactRecall@10", "DocRecall@10", "Hits@10", "Hits@4", "MRR@10", "characters"),
)

Rows = list[list[str]]


@dataclass(frozen=True)
class Spread:
    """Median and 99th percentile in milliseconds over `count` searches."""

    p50: float
    p99: float
    count: int


@dataclass(frozen=True)
class BuildFigures:
    """Characters of the articles a second, median over the rounds with the least and the most."""

    speed: float
    least: float
    most: float
    share_read: float
    """Of the articles' characters, the ones that were embedded at all."""
    every_speed: float
    """Characters a second, those that were embedded twice counted twice."""
    of_limit: float | None
    """`every_speed` against that of the bare model, in the format in which that is faster."""
    of_peer: float | None
    """`speed` against that of the fastest peer that embeds all of the text."""


def build_figures(one: Measured, measured: Sequence[Measured]) -> BuildFigures | None:
    """The speed of building, ratios as the median over the rounds; None where nothing was built."""
    if not one.rounds:
        return None
    speeds = _speeds(one)
    limits = [other for other in measured if other.contender.name in LIMITS]
    peers = [
        other
        for other in measured
        if other.contender.name in PEERS and other.rounds and _share_read(other) >= READ_ALL
    ]
    return BuildFigures(
        speed=median(speeds),
        least=min(speeds),
        most=max(speeds),
        share_read=_share_read(one),
        every_speed=median(_every_speeds(one)),
        of_limit=_least_ratio(_every_speeds(one), [_every_speeds(other) for other in limits]),
        of_peer=_least_ratio(speeds, [_speeds(other) for other in peers]),
    )


def _speeds(one: Measured) -> list[float]:
    return [built.once / built.seconds for built in one.rounds]


def _every_speeds(one: Measured) -> list[float]:
    return [built.every / built.seconds for built in one.rounds]


def _share_read(one: Measured) -> float:
    return sum(built.once for built in one.rounds) / sum(built.whole for built in one.rounds)


def _least_ratio(speeds: Sequence[float], others: Sequence[Sequence[float]]) -> float | None:
    """Against the fastest of those that were in every round."""
    ratios = [
        median(mine / theirs for mine, theirs in zip(speeds, other, strict=True))
        for other in others
        if len(other) == len(speeds)
    ]
    return min(ratios) if ratios else None


def spread(seconds: Sequence[float]) -> Spread:
    """Of `seconds`, at least one."""
    p50, p99 = 1000 * np.quantile(seconds, [0.5, 0.99])
    return Spread(float(p50), float(p99), len(seconds))


def quality(one: Measured, queries: Sequence[Query]) -> dict[str, Estimate]:
    """MultiHop-RAG's measures of ten passages, and at equal length, of the queries asked."""
    found, filling = _retrieved(one.found), _retrieved(one.filling)
    asked = [query for query in queries if query.id in found and query.id in filling]
    return measure_filled(asked, filling) | measure_multihop(asked, found)


def _retrieved(found: Mapping[str, Sequence[Piece]]) -> dict[str, list[Retrieved]]:
    return {
        query: [Retrieved(piece.article, piece.text) for piece in pieces]
        for query, pieces in found.items()
    }


def record(measured: Sequence[Measured], queries: Sequence[Query]) -> list[dict[str, Any]]:
    """Everything as JSON has it."""
    return [
        {
            "name": one.contender.name,
            "numbers": one.contender.numbers,
            "failure": one.failure,
            "building": asdict(figures) if (figures := build_figures(one, measured)) else None,
            "corpus": asdict(one.corpus) if one.corpus else None,
            "searching": {corpus: asdict(spread(took)) for corpus, took in one.searches.items()},
            "processor": {corpus: asdict(spread(took)) for corpus, took in one.processor.items()},
            "resident": one.resident,
            "starts": one.starts,
            "quality": {name: asdict(figure) for name, figure in quality(one, queries).items()},
        }
        for one in measured
    ]


def tables(measured: Sequence[Measured], queries: Sequence[Query]) -> list[tuple[str, Rows]]:
    """Titles with rows, the first of which holds the heads; what was not measured is left out."""
    every = [
        ("building, articles in turns", _building(measured)),
        ("searching, question to passages, one at a time", _searching(measured)),
        (
            f"found at equal length, and in ten passages of {MOST_CHARACTERS:,} characters at most",
            _finding(measured, queries),
        ),
    ]
    return [(title, rows) for title, rows in every if len(rows) > 1]


def render(titled: Sequence[tuple[str, Rows]]) -> list[Table]:
    """The tables for a terminal."""
    shown = []
    for title, (heads, *rows) in titled:
        table = Table(title=title)
        for place, head in enumerate(heads):
            table.add_column(head, justify="right" if place else "left")
        for row in rows:
            table.add_row(*row)
        shown.append(table)
    return shown


def markdown(titled: Sequence[tuple[str, Rows]], *, notes: Sequence[str]) -> str:
    """The tables in Markdown, under notes on how they were made."""
    lines = ["# Dateline beside other systems"]
    lines += [line for note in notes for line in ("", note)]
    for title, (heads, *rows) in titled:
        marks = [":--", *["--:"] * (len(heads) - 1)]
        lines += ["", f"## {title[0].upper()}{title[1:]}", ""]
        lines += [f"| {' | '.join(cells)} |" for cells in (heads, marks, *rows)]
    return "\n".join(lines) + "\n"


def _building(measured: Sequence[Measured]) -> Rows:
    rows = [
        [
            "",
            "numbers",
            "characters/s",
            "least–most",
            "of the fastest peer",
            "text read",
            "embedded/s",
            "of the bare model",
        ]
    ]
    for one in measured:
        figures = build_figures(one, measured)
        if figures is None:
            continue
        rows.append(
            [
                one.contender.name,
                one.contender.numbers,
                f"{figures.speed:,.0f}",
                f"{figures.least:,.0f}–{figures.most:,.0f}",
                _ratio(figures.of_peer),
                f"{figures.share_read:.2f}",
                f"{figures.every_speed:,.0f}",
                _ratio(figures.of_limit),
            ]
        )
    return rows


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _searching(measured: Sequence[Measured]) -> Rows:
    corpora = list(dict.fromkeys(corpus for one in measured for corpus in one.searches))
    bare = next((one for one in measured if one.contender.name == LIMITS[0]), None)
    heads = ["", "start s"]
    for corpus in corpora:
        heads += [f"{corpus}: p50 ms", "of bare", "p99 ms", "processor p50", "p99", "MB"]
    rows = [heads]
    for one in measured:
        if not one.searches:
            continue
        row = [one.contender.name, f"{median(one.starts):.1f}" if one.starts else "–"]
        for corpus in corpora:
            took = one.searches.get(corpus)
            if took is None:
                row += ["–"] * 6
                continue
            times, worked = spread(took), spread(one.processor[corpus])
            limit = bare.searches.get(corpus) if bare else None
            row += [
                f"{times.p50:.1f}",
                _ratio(times.p50 / spread(limit).p50 if limit else None),
                f"{times.p99:.1f}",
                f"{worked.p50:.1f}",
                f"{worked.p99:.1f}",
                f"{one.resident[corpus] / 1e6:,.0f}",
            ]
        rows.append(row)
    return rows


def _finding(measured: Sequence[Measured], queries: Sequence[Query]) -> Rows:
    rows = [["", *QUALITY]]
    for one in measured:
        figures = quality(one, queries)
        if figures:
            *shares, characters = (figures[name].mean for name in QUALITY)
            cells = [*(f"{share:.3f}" for share in shares), f"{characters:,.0f}"]
            rows.append([one.contender.name, *cells])
    return rows

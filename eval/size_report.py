"""Points of the size curve, and whole indexes -> tables in Markdown."""

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np

from eval.size_curve import Point
from eval.size_vectors import Corpus
from eval.whole_index import PARAGRAPHS, Whole

ENOUGH = 0.97
"""Recall that a search has to reach, for questions as for passages."""

_COLUMNS = (
    "vectors | structure | opened | clusters or breadth | ranked again | recall@10"
    " | … of questions | p50 ms | p99 ms | p99 processor ms | first ms | own MB | mapped MB"
    " | train s | add s | file MB"
)

_MADE = """\
The first {real:,} vectors are real, passages and then sentences; the rest is made from them
(straying {straying}). Quartiles of the cosine to the nearest of as many others: real
{real_quartiles}, made {made_quartiles}. Asked: {asked} questions and as many passages held out, one
at a time on one thread. Of each structure the quickest search that finds 0.97 of the exact first
ten, of the questions alone as well, or the best it has. Compare by the processor's milliseconds:
the clock's hold whatever else the machine did meanwhile.\
"""

_WHOLE = """\
Articles of {paragraphs} paragraphs, put together from sentences of real articles; passages' vectors
as in [size_curve.md](size_curve.md), sentences' real ones. Built without a model, searched for
questions of the dataset with it: what the model takes of a search stands apart. Recall against all
vectors compared. Added: one article, until a search finds it, in a process that has the index open,
and from the start of `python -m index add`. Memory is the whole process's, with the model; mapped
pages the system may take back. Compare by the processor's figures: the clock's hold whatever else
the machine did meanwhile.\
"""
_WHOLE_COLUMNS = (
    "passages | articles | sentences | built, passages/s | … by processor | building MB | disk MB"
    " | opened s | first ms | recall@10 | … of questions | p50 ms | p99 ms | … of which model"
    " | processor p50 | p99 | … of which model | own MB | mapped MB | added s | … by command s"
)


def best_points(points: Iterable[Point]) -> list[Point]:
    """Of each structure at each size the quickest search that finds enough, or the best one."""

    def structure(point: Point) -> tuple[int, str, str]:
        return point.vectors, point.factory, point.reading

    chosen = []
    for _, group in groupby(sorted(points, key=structure), key=structure):
        tried = list(group)
        enough = [point for point in tried if _recall(point) >= ENOUGH]
        chosen.append(min(enough, key=_cost) if enough else max(tried, key=_recall))
    return chosen


def table_text(points: Sequence[Point], corpus: Corpus) -> str:
    """The table in Markdown, with what was searched."""
    likeness = corpus.likeness
    quartiles = [
        " / ".join(f"{value:.2f}" for value in np.quantile(cosines, [0.25, 0.5, 0.75]))
        for cosines in (likeness.real, likeness.synthetic)
    ]
    heads = [head.strip() for head in _COLUMNS.split("|")]
    lines = [
        "# Structures of FAISS by number of vectors",
        "",
        _MADE.format(
            real=corpus.real,
            straying=likeness.straying,
            real_quartiles=quartiles[0],
            made_quartiles=quartiles[1],
            asked=len(corpus.asked) // 2,
        ),
        "",
        _line(heads),
        _line(["---:"] * len(heads)),
    ]
    lines += [_line(_row(point)) for point in points]
    return "\n".join(lines) + "\n"


def whole_text(measured: Sequence[Whole]) -> str:
    """The table of whole indexes in Markdown, with how they were made."""
    heads = [head.strip() for head in _WHOLE_COLUMNS.split("|")]
    lines = [
        "# Whole indexes by number of passages",
        "",
        _WHOLE.format(paragraphs=PARAGRAPHS),
        "",
        _line(heads),
        _line(["---:"] * len(heads)),
    ]
    lines += [_line(_whole_row(one)) for one in measured]
    return "\n".join(lines) + "\n"


def _whole_row(one: Whole) -> list[str]:
    built, searches, model = one.built, one.searches, one.embedding
    return [
        *(f"{count:,}" for count in (built.passages, built.articles, built.sentences)),
        *(f"{built.passages / took:,.0f}" for took in (built.seconds, built.processor)),
        *(f"{size / 1e6:,.0f}" for size in (built.peak, built.size)),
        f"{one.opening:.1f}",
        f"{one.first:.0f}",
        f"{one.recall:.3f}",
        f"{one.recall_questions:.3f}",
        f"{searches.p50:.1f}",
        f"{searches.p99:.1f}",
        f"{model.p50:.1f} / {model.p99:.1f}",
        f"{searches.processor50:.1f}",
        f"{searches.processor99:.1f}",
        f"{model.processor50:.1f} / {model.processor99:.1f}",
        *(f"{size / 1e6:,.0f}" for size in (one.own, one.mapped)),
        f"{one.added:.2f}",
        f"{one.added_by_command:.1f}",
    ]


def _row(point: Point) -> list[str]:
    search, built = point.search, point.built
    return [
        f"{point.vectors:,}",
        point.factory,
        point.reading,
        str(search.effort or "–"),
        str(search.candidates or "–"),
        f"{point.recall:.3f}",
        f"{point.recall_questions:.3f}",
        f"{point.p50:.2f}",
        f"{point.p99:.2f}",
        f"{point.p99_processor:.2f}",
        f"{point.first:.0f}",
        *(f"{size / 1e6:.0f}" for size in (point.private, point.mapped)),
        f"{built.training:.1f}",
        f"{built.adding:.1f}",
        f"{built.size / 1e6:.0f}",
    ]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _recall(point: Point) -> float:
    return min(point.recall, point.recall_questions)


def _cost(point: Point) -> float:
    return point.p99_processor

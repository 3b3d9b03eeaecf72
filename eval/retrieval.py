"""A corpus and queries in the BEIR layout -> how well the index finds what it should.

DIR holds corpus.jsonl (`_id`, `title`, `text`), queries.jsonl (`_id`, `text`) and qrels/*.tsv
(query-id, corpus-id, score), as BEIR (Thakur et al., NeurIPS 2021) lays them out.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ir_measures

from eval.errors import DatasetRefused
from index.build import build
from index.errors import GenerationMismatch, GenerationMissing
from index.generation import Generation
from index.ranking import RankedPassage, rank
from index.reranker import Reranker
from index.sources import read_sources
from index.vectors import Embedder

PASSAGES = 100
"""Ranked for each query; an article's rank is that of its first passage."""

MEASURES = tuple(
    ir_measures.parse_measure(name) for name in ("nDCG@10", "RR@10", "R@5", "R@10", "R@20", "R@100")
)

Qrels = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Query:
    """A question of a dataset, with the fields that only this dataset has."""

    id: str
    text: str
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Dataset:
    """What a folder in the BEIR layout holds."""

    corpus: Path
    queries: tuple[Query, ...]
    qrels: Qrels


def read_dataset(folder: Path) -> Dataset:
    """The dataset in `folder`; queries without a judgement are kept. Raises DatasetRefused."""
    corpus = folder / "corpus.jsonl"
    if not corpus.is_file():
        raise DatasetRefused(
            f"{folder} has no corpus.jsonl; a dataset holds corpus.jsonl, queries.jsonl and "
            "qrels/*.tsv."
        )
    queries = [
        Query(str(record["_id"]), str(record["text"]), record)
        for record in read_records(folder / "queries.jsonl", required=("_id", "text"))
    ]
    qrels: Qrels = {}
    for path in sorted((folder / "qrels").glob("*.tsv")):
        for query, article, score in _read_judgements(path):
            qrels.setdefault(query, {})[article] = score
    if not qrels:
        raise DatasetRefused(f"{folder}/qrels has no judgement in a .tsv file.")
    return Dataset(corpus, tuple(queries), qrels)


def read_records(path: Path, *, required: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The objects of a .jsonl file; raises DatasetRefused with the line."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise DatasetRefused(f"{path} cannot be read ({error.strerror}).") from error
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise DatasetRefused(f"{path}:{number}: this is no JSON ({error}).") from error
        if not isinstance(record, dict):
            raise DatasetRefused(f"{path}:{number}: this is no JSON object.")
        missing = [name for name in required if name not in record]
        if missing:
            raise DatasetRefused(f"{path}:{number}: {missing[0]!r} is missing.")
        yield record


def index_dataset(
    dataset: Dataset, root: Path, embedder: Embedder, *, report: Callable[[str], None]
) -> Generation:
    """The dataset's articles as a generation under `root`, built unless it is there.

    `report` hears of each article that is left out.
    """
    try:
        return Generation(root, embedding_model=embedder.name, dimension=embedder.dimension)
    except (GenerationMissing, GenerationMismatch):
        report(f"indexing {dataset.corpus}")
    outcome = build(read_sources([str(dataset.corpus)]), root, embedder)
    for refusal in outcome.tally.refused:
        report(f"left out: {refusal.reason}")
    for duplicate in outcome.tally.duplicates:
        report(f"left out: {duplicate.origin} has the text of {duplicate.twin}")
    return Generation(root, embedding_model=embedder.name, dimension=embedder.dimension)


def search_all(
    queries: Iterable[Query],
    generation: Generation,
    embedder: Embedder,
    *,
    advance: Callable[[], None],
    reranker: Reranker | None = None,
) -> dict[str, tuple[RankedPassage, ...]]:
    """The ranked passages of every query."""
    found = {}
    for query in queries:
        found[query.id] = rank(
            generation, embedder, query.text, limit=PASSAGES, reranker=reranker
        ).passages
        advance()
    return found


def measure_articles(
    found: Mapping[str, Sequence[RankedPassage]], qrels: Qrels
) -> dict[str, float]:
    """Mean of each of MEASURES over the judged queries, articles in the order of first passage."""
    run = {
        query: {article: -float(place) for place, article in enumerate(article_order(passages))}
        for query, passages in found.items()
        if query in qrels
    }
    judged = {query: qrels[query] for query in run}
    counted = ir_measures.calc_aggregate(MEASURES, judged, run)
    return {str(measure): float(counted[measure]) for measure in MEASURES}


def article_order(passages: Sequence[RankedPassage]) -> list[str]:
    """Article ids in the order of their first passages."""
    return list(dict.fromkeys(ranked.passage.article.id for ranked in passages))


def _read_judgements(path: Path) -> Iterator[tuple[str, str, int]]:
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            query, article, score = line.decode("utf-8-sig").split("\t")
            judgement = query, article, int(score)
        except ValueError as error:
            if number == 1 and not line[-1:].isdigit():
                continue  # the header
            raise DatasetRefused(
                f"{path}:{number}: a line is query, article and score, with tabs between."
            ) from error
        yield judgement

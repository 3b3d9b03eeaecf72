"""A whole index of made-up articles, built, searched and added to by the product itself."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.peers.worker import Record
from eval.size_report import whole_text
from eval.whole_index import (
    PARAGRAPHS,
    Files,
    Whole,
    _recall,
    build_here,
    make_articles,
    search_here,
)
from index.generation import Generation
from index.vectors import Embedder

RECORDS = tuple(
    Record(
        id=name,
        title=f"About {name}",
        source="The Fenwick Post",
        published="2023-09-17",
        text=" ".join(
            f"{name.title()} {n} was seen near the harbour at {n} o'clock." for n in range(40)
        ),
    )
    for name in ("walrus", "zebra", "ferry", "tram")
)
QUESTIONS = [f"When was {record.id} 7 seen?" for record in RECORDS] * 20


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("whole")
    made = np.random.default_rng(0).standard_normal((400, Embedder().dimension))
    vectors = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    files = Files(*(folder / name for name in ("index", "v.npy", "s.npy", "a.npy", "q.json")))
    np.save(files.vectors, vectors.astype(np.float16))
    np.save(files.sentences, vectors)
    np.save(files.asked, vectors[300:340])
    files.questions.write_text(json.dumps(QUESTIONS), encoding="utf-8")
    return files


@pytest.fixture(scope="module")
def whole(files: Files) -> Whole:
    return search_here(build_here(RECORDS, 150, files), files)


def test_articles_have_twelve_paragraphs_each_and_are_always_the_same() -> None:
    made = [found.article for found in make_articles(RECORDS, 30)]
    assert [len(article.text.split("\n\n")) for article in made] == [PARAGRAPHS, PARAGRAPHS, 6]
    assert len({article.id for article in made}) == 3
    assert made == [found.article for found in make_articles(RECORDS, 30)]


def test_it_is_built_searched_and_added_to(whole: Whole) -> None:
    built = whole.built
    assert (built.articles, built.passages) == (13, 150)
    assert built.sentences >= 150
    assert whole.recall == whole.recall_questions == 1.0
    assert 0 < whole.embedding.p50 < whole.searches.p50 <= whole.searches.p99
    assert 0 < whole.added < whole.added_by_command
    assert whole.own > 50e6  # of this process, with whatever other tests left in it


def test_recall_counts_what_is_not_found(whole: Whole, files: Files, tmp_path: Path) -> None:
    other = tmp_path / "v.npy"
    np.save(other, np.load(files.vectors)[::-1])
    embedder = Embedder()
    index = Generation(
        files.root, embedding_model=embedder.name, dimension=embedder.dimension, check=False
    )
    assert _recall(index, whole.built.passages, replace(files, vectors=other))[0] < 0.5


def test_the_table_says_what_came_of_it(whole: Whole) -> None:
    row = whole_text([whole]).splitlines()[-1]
    assert row.startswith("| 150 | 13 | ")
    assert f" | 1.000 | 1.000 | {whole.searches.p50:.1f} | {whole.searches.p99:.1f} | " in row

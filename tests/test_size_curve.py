"""The size curve on a few hundred vectors; what is exact is checked against NumPy."""

import json
from pathlib import Path

import faiss
import numpy as np
import pytest
from fakes import WordEmbedder
from inline_snapshot import snapshot

from eval.retrieval import read_dataset
from eval.size_curve import (
    Built,
    Files,
    Plan,
    Point,
    Search,
    build_index,
    cluster_count,
    measure_here,
    measure_size,
    plans,
)
from eval.size_report import best_points, table_text
from eval.size_vectors import Corpus, RealVectors, embed_dataset, make_corpus
from eval.synthetic_vectors import Likeness, Synthesiser, nearest
from index.engine import Vectors


def unit(count: int, *, dimension: int = 16, seed: int = 0) -> Vectors:
    """Unit vectors in ten heaps."""
    generator = np.random.default_rng(seed)
    heaps = np.random.default_rng(9).standard_normal((10, dimension))
    made = heaps[generator.integers(10, size=count)]
    made = made + 0.4 * generator.standard_normal((count, dimension))
    vectors: Vectors = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    return vectors


def test_nearest_is_exact() -> None:
    vectors, queries = unit(300), unit(20, seed=1)
    cosines, rows = nearest(queries, vectors, 10)
    expected = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    assert (rows == expected).all()
    assert cosines[3, 0] == pytest.approx(queries[3] @ vectors[expected[3, 0]], abs=1e-5)


def test_made_vectors_are_as_near_to_one_another_as_the_real_ones() -> None:
    real = unit(2000)
    synthesiser = Synthesiser(real)
    batches = list(synthesiser.make(120_000))
    assert [len(batch) for batch in batches] == [50_000, 50_000, 20_000]
    made = np.concatenate(batches)
    assert np.linalg.norm(made, axis=1) == pytest.approx(1, abs=1e-5)
    assert synthesiser.likeness.gap < 0.02
    mine, theirs = nearest(made[:500], made[500:1500], 1)[0], nearest(real[:500], real[500:], 1)[0]
    assert np.median(mine) == pytest.approx(np.median(theirs), abs=0.03)
    assert (next(Synthesiser(real).make(120_000)) == batches[0]).all()


def test_a_corpus_holds_the_real_ones_first_and_none_that_is_asked() -> None:
    real = RealVectors(unit(300), unit(400, seed=1), unit(40, seed=2))
    corpus = make_corpus(real, 1000)
    assert corpus.vectors.shape == (1000, 16)
    assert corpus.real == 660
    assert len(corpus.asked) == 80
    own = {row.tobytes() for row in real.passages}
    assert {row.tobytes() for row in corpus.vectors[:260]} < own
    assert {row.tobytes() for row in corpus.asked[40:]} == own - {
        row.tobytes() for row in corpus.vectors[:260]
    }
    assert make_corpus(real, 500).real == 500
    assert (make_corpus(real, 1000).vectors == corpus.vectors).all()


def test_a_dataset_is_embedded_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "qrels").mkdir(parents=True)
    text = "The ferry ran aground. Nobody was hurt.\n\nThe soup was good."
    for name, record in (
        ("corpus", {"_id": "a", "title": "Ferry", "text": text}),
        ("queries", {"_id": "1", "text": "Which ferry?"}),
    ):
        (data / f"{name}.jsonl").write_text(json.dumps(record) + "\n")
    (data / "qrels" / "dev.tsv").write_text("1\ta\t1\n")
    embedder = WordEmbedder()
    for _ in range(2):
        real = embed_dataset(
            read_dataset(data), tmp_path / "kept", embedder, report=lambda _text: None
        )
        assert [len(one) for one in (real.passages, real.sentences, real.questions)] == [1, 3, 1]
    assert len(embedder.texts) == 5


def laid_out(folder: Path) -> tuple[Files, Vectors, Vectors]:
    vectors, asked = unit(900), unit(100, seed=1)
    files = Files(folder / "index.faiss", folder / "matrix.npy", folder / "asked.npy")
    np.save(files.matrix, vectors.astype(np.float16))
    np.save(files.asked, asked)
    return files, vectors, asked


@pytest.mark.parametrize(
    ("factory", "search", "least", "most"),
    [
        ("Flat", Search(0, 0), 1.0, 1.0),
        ("SQfp16", Search(0, 0), 0.98, 1.0),
        ("HNSW16,SQ8", Search(256, 100), 0.98, 1.0),
        ("IVF32,SQ8", Search(32, 100), 0.98, 1.0),
        # One cluster of 32 holds a few of the nearest.
        ("IVF32,SQ8", Search(1, 100), 0.1, 0.9),
    ],
)
def test_recall_is_counted_against_the_exact_ten(
    factory: str, search: Search, least: float, most: float, tmp_path: Path
) -> None:
    threads = faiss.omp_get_max_threads()
    files, vectors, asked = laid_out(tmp_path)
    plan = Plan(factory, (search,))
    built = build_index(plan, vectors, files.index)
    (point,) = measure_here(plan, built, files, nearest(asked, vectors, 10)[1])
    faiss.omp_set_num_threads(threads)
    assert least <= point.recall <= most
    assert 0 < point.p50 <= point.p99
    assert built.size == files.index.stat().st_size
    assert point.vectors == 900


def test_exact_ranking_mends_what_the_codes_confuse(tmp_path: Path) -> None:
    threads = faiss.omp_get_max_threads()
    files, vectors, asked = laid_out(tmp_path)
    plan = Plan("IVF4,SQ4", (Search(4, 0), Search(4, 100)))
    built = build_index(plan, vectors, files.index)
    coarse, ranked = measure_here(plan, built, files, nearest(asked, vectors, 10)[1])
    faiss.omp_set_num_threads(threads)
    assert coarse.recall < 0.95
    assert ranked.recall >= 0.99


def test_memory_is_measured_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = unit(20_000, dimension=128)
    likeness = Likeness(0.5, vectors[:1, 0], vectors[:1, 0])
    corpus = Corpus(vectors, unit(60, dimension=128, seed=1), len(vectors), likeness)
    tried = [Plan("Flat", (Search(0, 0),), "read"), Plan("Flat", (Search(0, 0),))]
    monkeypatch.setattr("eval.size_curve.plans", lambda _count: tried)
    told: list[str] = []
    read, mapped = measure_size(corpus, [20_000], tmp_path, report=told.append)
    size = 4 * vectors.size
    assert read.private > 0.9 * size > 5 * mapped.private
    assert mapped.mapped > 0.9 * size > 2 * read.mapped
    assert read.built == mapped.built
    assert told == ["20,000 vectors: Flat, read", "20,000 vectors: Flat, mmap_ifc"]


def test_what_is_tried() -> None:
    assert [cluster_count(count) for count in (10_000, 100_000, 1_000_000)] == [512, 1024, 4096]
    assert {plan.factory for plan in plans(1000)} == {
        *("Flat", "SQfp16", "SQ8"),
        *("HNSW32,Flat", "HNSW16,SQ8", "HNSW32,SQ8"),
    }
    assert [(plan.factory, plan.reading) for plan in plans(1_000_000)] == [
        ("Flat", "mmap_ifc"),
        ("SQfp16", "mmap_ifc"),
        ("SQ8", "mmap_ifc"),
        ("IVF4096,SQ8", "mmap_ifc"),
        ("IVF4096,SQ8", "mmap"),
    ]


def point(recall: float, milliseconds: float, *, questions: float = 1.0, effort: int = 1) -> Point:
    built = Built(1.0, 2.0, 3_000_000)
    times = (milliseconds, milliseconds, milliseconds)
    return Point(
        1000,
        "IVF32,SQ8",
        "mmap_ifc",
        Search(effort, 100),
        recall,
        min(recall, questions),
        *times,
        built=built,
        opening=0.1,
        first=5.0,
        private=1_000_000,
        mapped=4_000_000,
    )


def test_the_quickest_that_finds_enough_is_shown() -> None:
    slow, quick, poor = point(0.99, 5.0), point(0.98, 2.0), point(0.99, 1.0, questions=0.9)
    assert best_points([slow, quick, poor]) == [quick]
    assert best_points([point(0.5, 1.0), point(0.6, 9.0)]) == [point(0.6, 9.0)]


def test_the_table() -> None:
    cosines = np.array([0.5, 0.6, 0.7], dtype=np.float32)
    corpus = Corpus(unit(4), unit(4), 3, Likeness(0.5, cosines, cosines + np.float32(0.1)))
    assert table_text([point(0.98, 2.0)], corpus) == snapshot("""\
# Structures of FAISS by number of vectors

The first 3 vectors are real, passages and then sentences; the rest is made from them
(straying 0.5). Quartiles of the cosine to the nearest of as many others: real
0.55 / 0.60 / 0.65, made 0.65 / 0.70 / 0.75. Asked: 2 questions and as many passages held out, one
at a time on one thread. Of each structure the quickest search that finds 0.97 of the exact first
ten, of the questions alone as well, or the best it has. Compare by the processor's milliseconds:
the clock's hold whatever else the machine did meanwhile.

| vectors | structure | opened | clusters or breadth | ranked again | recall@10 | … of questions | p50 ms | p99 ms | p99 processor ms | first ms | own MB | mapped MB | train s | add s | file MB |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| 1,000 | IVF32,SQ8 | mmap_ifc | 1 | 100 | 0.980 | 0.980 | 2.00 | 2.00 | 2.00 | 5 | 1 | 4 | 1.0 | 2.0 | 3 |
""")

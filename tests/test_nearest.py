"""The structure finds the nearest vectors, exactly where it compares all and nearly so beyond."""

from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

import index.nearest
from index.engine import Vectors
from index.nearest import Structure, write_structure

DIMENSION = 16


def unit(count: int, seed: int) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, DIMENSION))
    vectors: Vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return vectors


def structure(folder: Path, vectors: Vectors) -> Structure:
    stored = vectors.astype(np.float16)
    groups = np.arange(len(vectors), dtype=np.uint32) % 7
    write_structure(folder / "passages.faiss", stored, groups)
    return Structure(folder / "passages.faiss", stored)


@pytest.fixture(params=["all", "lists"])
def every(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which vectors are compared: all, or those of the nearest lists."""
    monkeypatch.setattr(index.nearest, "FEW", 20)
    monkeypatch.setattr(index.nearest, "ENOUGH", 100)
    if request.param == "lists":
        monkeypatch.setattr(index.nearest, "FLAT_LIMIT", 500)
        monkeypatch.setattr(index.nearest, "SEARCHED_SHARE", 1 / 2)
    return str(request.param)


@pytest.mark.parametrize("share", [None, 0.5, 0.05, 0.005])
def test_the_nearest_are_found_among_those_allowed(
    share: float | None,
    every: str,
    tmp_path: Path,
) -> None:
    vectors = unit(3_000, 1)
    built = structure(tmp_path, vectors)
    allowed = None if share is None else np.random.default_rng(2).random(3_000) < share
    kept = 0
    for question in unit(20, 3):
        cosines = vectors @ question
        if allowed is not None:
            cosines[~allowed] = -2
        expected = [row for row in np.argsort(-cosines)[:10].tolist() if cosines[row] > -2]
        rows, found = built.nearest(question, limit=10, allowed=allowed)
        assert np.abs(found - (vectors @ question)[rows]).max() < 2e-3
        assert found.tolist() == sorted(found.tolist(), reverse=True)
        assert allowed is None or allowed[rows].all()
        assert len(rows) == len(expected)
        kept += len({*rows.tolist()} & {*expected})
    assert kept >= (0.99 if every == "all" else 0.9) * 20 * len(expected)


def test_a_filter_that_leaves_only_what_is_far_away_is_searched_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.nearest, "FLAT_LIMIT", 500)
    monkeypatch.setattr(index.nearest, "FEW", 20)
    monkeypatch.setattr(index.nearest, "ENOUGH", 200)
    monkeypatch.setattr(index.nearest, "SEARCHED_SHARE", 1 / 32)
    vectors = unit(3_000, 1)
    built = structure(tmp_path, vectors)
    allowed = vectors[:, 0] > 0.3
    asked = [question for question in unit(200, 3) if question[0] < -0.3]
    kept = 0
    for question in asked:
        cosines = np.where(allowed, vectors @ question, -2)
        rows, _ = built.nearest(question, limit=10, allowed=allowed)
        kept += len({*rows.tolist()} & {*np.argsort(-cosines)[:10].tolist()})
    # With as many lists as the filter's share would have it, SEARCHED_SHARE / share, .67 are found.
    assert kept >= 0.95 * 10 * len(asked)


def test_a_group_stands_together_in_each_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.nearest, "FLAT_LIMIT", 500)
    groups = np.random.default_rng(7).integers(3, size=2_000).astype(np.uint32)
    write_structure(tmp_path / "passages.faiss", unit(2_000, 4).astype(np.float16), groups)
    written: Any = faiss.read_index(str(tmp_path / "passages.faiss"))
    lists = [
        faiss.rev_swig_ptr(written.invlists.get_ids(number), written.invlists.list_size(number))
        for number in range(written.nlist)
        if written.invlists.list_size(number)
    ]
    assert sorted(np.concatenate(lists).tolist()) == list(range(2_000))
    assert all((np.diff(groups[rows]) >= 0).all() for rows in map(np.int64, lists))


def test_a_vector_finds_itself(every: str, tmp_path: Path) -> None:
    vectors = unit(2_000, 4)
    built = structure(tmp_path, vectors)
    hits = [
        built.nearest(vectors[row], limit=1, allowed=None)[0][0] == row
        for row in range(0, 2_000, 40)
    ]
    assert np.mean(hits) >= (1.0 if every == "all" else 0.98)
    rows = np.array([5, 3, 5])
    assert np.allclose(built.cosines(rows, vectors[3]), vectors[rows] @ vectors[3], atol=2e-3)


def test_nothing_and_less_than_asked_for(tmp_path: Path) -> None:
    nothing = structure(tmp_path, unit(0, 5))
    for allowed in (None, np.zeros(0, dtype=np.bool_)):
        assert nothing.nearest(unit(1, 6)[0], limit=3, allowed=allowed)[0].tolist() == []
    two = structure(tmp_path, unit(2, 5))
    assert sorted(two.nearest(unit(1, 6)[0], limit=3, allowed=None)[0].tolist()) == [0, 1]
    only = np.array([False, True])
    assert two.nearest(unit(1, 6)[0], limit=3, allowed=only)[0].tolist() == [1]
    assert two.nearest(unit(1, 6)[0], limit=3, allowed=~(only | True))[0].tolist() == []

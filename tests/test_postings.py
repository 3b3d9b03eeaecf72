"""Scores are those of BM25F, worked out by hand, whatever is looked up."""

import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.postings import (
    FIELD_WEIGHTS,
    LENGTH_WEIGHT,
    SATURATION,
    USUAL_LENGTH,
    Postings,
    PostingsWriter,
    best_rows,
    hash_term,
    rarity,
)

Fields = Mapping[str, Sequence[str]]


def written(folder: Path, passages: Sequence[Fields]) -> Postings:
    writer = PostingsWriter()
    for fields in passages:
        writer.add(fields)
    writer.write(folder)
    return Postings(folder, passages=len(passages))


def by_hand(term: str, fields: Fields) -> float:
    """What a term of rarity 1 counts in a passage."""
    length = 1 - LENGTH_WEIGHT + LENGTH_WEIGHT * len(fields["text"]) / USUAL_LENGTH
    frequency = sum(
        FIELD_WEIGHTS[name] * found.count(term) / (length if name == "text" else 1)
        for name, found in ((name, list(found)) for name, found in fields.items())
    )
    return frequency * (SATURATION + 1) / (frequency + SATURATION)


def drawn(count: int, seed: int) -> list[Fields]:
    chance = random.Random(seed)
    words = [f"w{n}" for n in range(40)]
    return [
        {
            "title": chance.choices(words, k=chance.randint(0, 6)),
            "source": chance.choices(words[:4], k=chance.randint(0, 2)),
            "published": [],
            "text": chance.choices(words, k=chance.randint(1, 200)),
        }
        for _ in range(count)
    ]


def test_scores_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    passages = drawn(60, 1)
    postings = written(tmp_path, passages)
    for term in ("w0", "w3", "w39"):
        scores = postings.score({term: 1.0})
        assert scores.dtype == np.float32
        expected = [by_hand(term, fields) for fields in passages]
        step = (SATURATION + 1) / 255
        assert np.abs(scores - np.array(expected)).max() <= 1.01 * step
        assert [score > 0 for score in scores] == [score > 0 for score in expected]
        assert postings.frequency(term) == sum(score > 0 for score in expected)


def test_terms_add_up_by_their_rarity(tmp_path: Path) -> None:
    postings = written(tmp_path, drawn(30, 2))
    both = postings.score({"w1": 2.0, "w2": 0.5})
    parts = 2 * postings.score({"w1": 1.0}) + 0.5 * postings.score({"w2": 1.0})
    assert np.allclose(both, parts, rtol=1e-5)
    assert not postings.score({"nowhere": 3.0, "": 1.0}).any()
    assert not postings.score({}).any()


def test_many_passages_of_one_word(tmp_path: Path) -> None:
    passages = [{"title": [], "source": [], "published": [], "text": ["rain"]}] * 70_000
    postings = written(tmp_path, passages)
    assert postings.frequency("rain") == 70_000
    scores = postings.score({"rain": 1.0})
    assert len(scores) == 70_000
    assert scores.min() == scores.max() > 0


def test_no_passage_at_all(tmp_path: Path) -> None:
    postings = written(tmp_path, [])
    assert postings.frequency("rain") == 0
    assert postings.score({"rain": 1.0}).shape == (0,)


def test_the_first_and_the_last_term_are_found(tmp_path: Path) -> None:
    words = sorted((f"w{n}" for n in range(100)), key=hash_term)
    passages = [{"title": [], "source": [], "published": [], "text": [word]} for word in words]
    postings = written(tmp_path, passages)
    for number, word in enumerate(words):
        assert np.flatnonzero(postings.score({word: 1.0})).tolist() == [number]


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [(1, math.log(1 + 99.5 / 1.5)), (50, math.log(2)), (100, math.log(1 + 0.5 / 100.5))],
)
def test_rarity_is_never_negative(frequency: int, expected: float) -> None:
    assert rarity(frequency, 100) == pytest.approx(expected)
    assert expected > 0


def test_keys_are_the_same_on_every_machine() -> None:
    assert hash_term("rain") == hash_term("rain") != hash_term("rains")
    assert 0 <= hash_term("日本") < 2**64


@pytest.mark.parametrize("limit", [1, 10, 100])
@pytest.mark.parametrize("count", [1, 50, 900, 5_000, 20_001])
def test_the_best_rows_are_those_of_a_whole_sort(count: int, limit: int) -> None:
    chance = np.random.default_rng(count)
    scores = chance.integers(0, 2, count) * chance.integers(0, 4_000, count)
    for some in (scores, scores % 7, np.where(np.arange(count) < 30, scores, 0)):
        last = max(1, np.sort(some)[-min(limit, count)])
        assert (best_rows(some.astype(np.float32), limit) == np.flatnonzero(some >= last)).all()

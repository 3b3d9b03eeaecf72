"""Rankings and evidence, each with its scores; every number is derived beside it."""

from collections.abc import Sequence
from math import log2
from typing import Any

import pytest
from fake_answers import (
    ABSENT,
    DRONES,
    EITHER,
    FACT,
    OTHERS,
    VEST,
    VEST_TOO,
    make_answer,
    make_case,
)

from eval.scores import Place, score_answer, score_retrieval

ONLY_HERE = make_case(only="sample")

FOUND = [Place("gifts", DRONES), Place("army", OTHERS), Place("gifts", VEST), Place("a", "Rain.")]
RAIN = Place("weather", "Rain.")

ELSEWHERE = Place("home", "He got a bulletproof vest.")

RETRIEVED: list[tuple[str, Any, Sequence[Place], Sequence[Place], bool, dict[str, float]]] = [
    (
        # Both sources within five. Relevant: places 1 and 3, so the order counts
        # DCG = 1/log2(2) + 1/log2(4) = 1.5, the ideal one 1/log2(2) + 1/log2(3).
        "both found, the second at the third place",
        VEST_TOO,
        FOUND,
        [FOUND[0]],
        True,
        {
            "recall@5": 1,
            "recall@10": 1,
            "mrr@10": 1,
            "ndcg@10": 1.5 / (1 + 1 / log2(3)),
            "evidence_recall": 1 / 2,
            "evidence_mrr@10": 1,
            "evidence_ndcg@10": 1,
        },
    ),
    (
        # Relevant: the 4th and 7th. RR = 1/4; DCG = 1/log2(5) + 1/log2(8).
        "one within five, both within ten",
        VEST_TOO,
        [RAIN] * 3 + [FOUND[0]] + [RAIN] * 2 + [FOUND[2]],
        [FOUND[0], FOUND[2]],
        True,
        {
            "recall@5": 1 / 2,
            "recall@10": 1,
            "mrr@10": 1 / 4,
            "ndcg@10": (1 / log2(5) + 1 / 3) / (1 + 1 / log2(3)),
            "evidence_recall": 1,
        },
    ),
    (
        # Relevant: the 11th alone, which is past every cutoff.
        "found too late",
        FACT,
        [RAIN] * 10 + [FOUND[0]],
        [],
        True,
        {"recall@5": 0, "recall@10": 0, "mrr@10": 0, "ndcg@10": 0, "evidence_recall": 0},
    ),
    (
        # Relevant: the 1st and the 12th; the ideal order would have both within ten.
        "what is past ten is missing from nDCG",
        FACT,
        [FOUND[0], *[RAIN] * 10, Place("gifts", DRONES)],
        [RAIN, FOUND[0]],
        True,
        {"recall@5": 1, "mrr@10": 1, "ndcg@10": 1 / (1 + 1 / log2(3)), "evidence_recall": 1},
    ),
    (
        "the fifth place is within five",
        FACT,
        [*[RAIN] * 4, FOUND[0]],
        [RAIN],
        True,
        {"recall@5": 1, "mrr@10": 1 / 5, "ndcg@10": 1 / log2(6), "evidence_recall": 0},
    ),
    (
        "the sixth is not",
        FACT,
        [*[RAIN] * 5, FOUND[0]],
        [FOUND[0]],
        True,
        {"recall@5": 0, "recall@10": 1, "mrr@10": 1 / 6, "evidence_recall": 1},
    ),
    (
        "in the sample the phrase counts in the articles that are named",
        FACT,
        [FOUND[1], RAIN],
        [FOUND[1]],
        True,
        {"recall@5": 0, "recall@10": 0, "mrr@10": 0, "ndcg@10": 0, "evidence_recall": 0},
    ),
    (
        "in another corpus it counts anywhere",
        FACT,
        [FOUND[1], RAIN],
        [FOUND[1]],
        False,
        {"recall@5": 1, "recall@10": 1, "mrr@10": 1, "ndcg@10": 1, "evidence_recall": 1},
    ),
    (
        "each source has articles of its own",
        VEST_TOO,
        [ELSEWHERE],
        [Place("home", DRONES)],
        True,
        {"recall@5": 0, "evidence_recall": 1 / 2},
    ),
    (
        "the phrase has to stand in the passage, not only its article",
        FACT,
        [FOUND[2]],
        [FOUND[2]],
        True,
        {"recall@5": 0, "mrr@10": 0, "evidence_recall": 0},
    ),
    (
        "nothing retrieved",
        FACT,
        [],
        [],
        True,
        {"recall@5": 0, "recall@10": 0, "mrr@10": 0, "ndcg@10": 0, "evidence_recall": 0},
    ),
]


def approximately(expected: dict[str, float | None]) -> dict[str, object]:
    return {name: v if v is None else pytest.approx(v) for name, v in expected.items()}


@pytest.mark.parametrize(
    ("case", "passages", "evidence", "sample", "expected"),
    [row[1:] for row in RETRIEVED],
    ids=[row[0] for row in RETRIEVED],
)
def test_a_ranking_scores(
    *,
    case: Any,
    passages: Sequence[Place],
    evidence: Sequence[Place],
    sample: bool,
    expected: dict[str, float | None],
) -> None:
    scores = score_retrieval(case, passages, evidence, sample=sample)
    assert {name: scores[name] for name in expected} == approximately(expected)


@pytest.mark.parametrize(
    ("case", "sample", "applies"),
    [(FACT, True, True), (FACT, False, True), (ABSENT, True, False), (EITHER, True, False),
     (ONLY_HERE, True, True), (ONLY_HERE, False, False)],
)  # fmt: skip
def test_retrieval_applies_where_something_is_to_be_cited(
    *, case: Any, sample: bool, applies: bool
) -> None:
    scores = score_retrieval(case, FOUND, FOUND, sample=sample)
    assert set(scores) == {
        "recall@5", "recall@10", "mrr@10", "ndcg@10",
        "evidence_recall", "evidence_mrr@10", "evidence_ndcg@10",
    }  # fmt: skip
    assert all((value is not None) is applies for value in scores.values())


def test_sources_of_another_corpus() -> None:
    from_army = make_answer(("Kim received five explosive drones.", ("army", OTHERS)))
    assert score_answer(FACT, from_army, sample=True)["citation_recall"] == 1 / 2
    assert score_answer(FACT, from_army, sample=False)["citation_recall"] == 1
    unreached = make_answer(("Kim received five explosive drones.", ("army", VEST)))
    assert score_answer(FACT, unreached, sample=False)["citation_recall"] == 1 / 2
    # what only the sample holds is not expected elsewhere: 1 of 1 sentence and no source
    assert score_answer(ONLY_HERE, unreached, sample=False)["citation_recall"] == 1

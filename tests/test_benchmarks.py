"""Each public set's rule on a few made-up records, with figures derived by hand."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import WordEmbedder

from eval.benchmarks import (
    Retrieved,
    detect,
    found_passages,
    measure_clapnq,
    measure_filled,
    measure_multihop,
    measure_ragtruth,
)
from eval.errors import DatasetRefused
from eval.retrieval import Query
from index.articles import Article, Found
from index.build import build
from index.generation import Generation
from index.ranking import RankedPassage
from service.answerer import Answerer
from service.draft import MAX_TOKENS, Usage
from service.prompt import NOT_FOUND, Message


def write(path: Path, *records: Any) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def ranked(article_id: str, text: str) -> RankedPassage:
    """A passage of this article, as our own ranking gives it."""
    article: Any = type("Article", (), {"id": article_id})
    passage: Any = type("Passage", (), {"article": article, "text": text})
    return RankedPassage(passage, 1.0, None, 0.0, None, 0.0)


def hop(*facts: tuple[str, str], kind: str = "inference") -> Query:
    """A question whose facts stand in these articles."""
    evidence = [{"article": article, "fact": fact} for article, fact in facts]
    return Query("q", "Who?", {"type": kind, "evidence": evidence})


RAIN = Retrieved("weather", "It rained.")
TWO = hop(("a", "Kim left."), ("b", "Putin stayed."))


@pytest.mark.parametrize(
    ("query", "passages", "expected"),
    [
        (
            # The first fact at place 2, the second at place 5; both articles.
            TWO,
            [RAIN, Retrieved("a", "So Kim\nleft."), RAIN, RAIN, Retrieved("b", "Putin  stayed. Yes.")],
            {"Hits@10": 1, "Hits@4": 1, "MRR@10": 1 / 2, "FactRecall@10": 1, "AllFacts@10": 1,
             "DocRecall@10": 1},
        ),
        (
            # One fact of two, at place 5; its article is one of two. A fact in another article
            # is found all the same, as the rule has it.
            TWO,
            [RAIN] * 4 + [Retrieved("copy", "Kim left."), Retrieved("a", "Something else.")],
            {"Hits@10": 1, "Hits@4": 0, "MRR@10": 1 / 5, "FactRecall@10": 1 / 2, "AllFacts@10": 0,
             "DocRecall@10": 1 / 2},
        ),
        (
            # The eleventh place is too late.
            TWO,
            [RAIN] * 10 + [Retrieved("a", "Kim left.")],
            {"Hits@10": 0, "Hits@4": 0, "MRR@10": 0, "FactRecall@10": 0, "DocRecall@10": 0},
        ),
        (
            # Two facts of one article are one document.
            hop(("a", "Kim left."), ("a", "Putin stayed.")),
            [Retrieved("a", "Kim left.")],
            {"FactRecall@10": 1 / 2, "DocRecall@10": 1, "characters": len("Kim left.")},
        ),
        (
            # 7,000 and 7,000 characters: the second would pass 12,000 and wins no recall.
            TWO,
            [Retrieved("b", "Putin stayed." + "x" * 6987), Retrieved("a", "Kim left." + "x" * 6991)],
            {"Hits@10": 1, "MRR@10": 1, "FactRecall@10": 1 / 2, "DocRecall@10": 1 / 2,
             "characters": 7000},
        ),
        (
            # 3,000 and 3,000 characters: both within 12,000, one within 3,800.
            TWO,
            [Retrieved("b", "Putin stayed." + "x" * 2987), Retrieved("a", "Kim left." + "x" * 2991)],
            {"FactRecall@10": 1, "FactRecall, short": 1 / 2, "characters": 6000},
        ),
        (TWO, [], {"Hits@10": 0, "MRR@10": 0, "FactRecall@10": 0, "characters": 0}),
    ],
)  # fmt: skip
def test_multihop(query: Query, passages: list[Retrieved], expected: dict[str, float]) -> None:
    figures = measure_multihop([query], {"q": passages})
    assert {name: figures[name].mean for name in expected} == pytest.approx(expected)


def test_multihop_leaves_out_null_questions() -> None:
    queries = [TWO, hop(("a", "Kim left."), kind="null"), hop()]
    figures = measure_multihop(queries, {"q": [Retrieved("a", "Kim left.")]})
    assert {one.count for one in figures.values()} == {1}
    assert measure_multihop([hop(kind="null")], {"q": []}) == {}


@pytest.mark.parametrize(
    ("passages", "few", "most"),
    [
        # Thirty short passages come before the two that count: 30 * 100 characters and 9.
        ([Retrieved("x", "y" * 100)] * 30 + [Retrieved("a", "Kim left.")], 1 / 2, 1 / 2),
        # 3,791 characters before nine: the last one that fits; one more, and it is cut.
        ([Retrieved("x", "y" * 3791), Retrieved("a", "Kim left.")], 1 / 2, 1 / 2),
        ([Retrieved("x", "y" * 3792), Retrieved("a", "Kim left.")], 0, 1 / 2),
        # A long passage counts as far as the characters go.
        ([Retrieved("b", f"Putin stayed. {'x' * 11000} Kim left.")], 1 / 2, 1),
        ([Retrieved("b", f"Putin stayed. {'x' * 12000} Kim left.")], 1 / 2, 1 / 2),
        ([], 0, 0),
    ],
)
def test_facts_at_equal_length(passages: list[Retrieved], few: float, most: float) -> None:
    queries = [TWO, hop(("a", "Kim left."), kind="null")]
    figures = measure_filled(queries, {"q": passages})
    assert {name: (one.mean, one.count) for name, one in figures.items()} == {
        "facts in 3,800": (few, 1),
        "facts in 12,000": (most, 1),
        "hits in 3,800": (few > 0, 1),
        "hits in 12,000": (most > 0, 1),
    }
    assert measure_filled([hop(kind="null")], {"q": []}) == {}


def test_our_own_passages_are_counted_as_any_others() -> None:
    assert found_passages([ranked("a", "Kim left.")]) == [Retrieved("a", "Kim left.")]


class KnowingDrafter:
    """Copies the one sentence of evidence that names a captain, and finds nothing else."""

    model = "knowing"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def stream(
        self, messages: list[Message], *, max_tokens: int = MAX_TOKENS
    ) -> AsyncGenerator[str | Usage]:
        assert max_tokens
        *lines, question = messages[-1]["content"].splitlines()
        self.asked.append(question)
        told = [line for line in lines if "captain" in line and line.startswith("[")]
        yield f"{told[0][4:-1]} [{told[0][1]}]." if told else NOT_FOUND
        yield Usage()


def passage(record_id: str, question: str, text: str) -> dict[str, Any]:
    return {"id": record_id, "input": question, "passages": [{"title": "Ferry", "text": text}]}


def test_clapnq(tmp_path: Path) -> None:
    captain = "The captain of the ferry was Ida Moen. The ferry ran aground off Tarn."
    without = "The ferry ran aground off Tarn."
    write(
        tmp_path / "answerable.jsonl",
        passage("1", "who was the captain of the ferry ", captain),
        passage("2", "who was the mate of the ferry", without),
        passage("3", "who was the captain of the ferry", captain),
    )
    write(
        tmp_path / "unanswerable.jsonl",
        passage("4", "who was the cook of the ferry", without),
        passage("5", "who was the owner of the ferry", captain),
    )
    drafter = KnowingDrafter()
    corpora: list[list[str]] = []

    def answer_from(article: Article) -> Answerer:
        corpora.append([article.text])
        root = tmp_path / f"index-{len(corpora)}"
        build([Found(article, "clapnq")], root, WordEmbedder())
        generation = Generation(root, embedding_model="words@1", dimension=64)
        return Answerer(generation, WordEmbedder(), drafter)

    steps: list[None] = []

    def measure(limit: int | None) -> Any:
        return asyncio.run(
            measure_clapnq(tmp_path, answer_from, limit=limit, advance=lambda: steps.append(None))
        )

    found = measure(None)
    # answered: 1 and 3 of three; abstained: 4 of two
    assert found.answered.mean == pytest.approx(2 / 3)
    assert (found.abstained.mean, found.answered.count, found.abstained.count) == (1 / 2, 3, 2)
    assert found.statuses == {
        "answerable abstained": 1,
        "answerable answered": 2,
        "unanswerable abstained": 1,
        "unanswerable answered": 1,
    }
    assert corpora[:2] == [[captain], [without]]
    assert drafter.asked[0] == "Question: Who was the captain of the ferry?"
    assert len(steps) == 5
    first_of_each = measure(1)
    assert (first_of_each.answered.mean, first_of_each.answered.count) == (1, 1)
    assert (first_of_each.abstained.mean, first_of_each.abstained.count) == (1, 1)


def test_clapnq_without_its_files(tmp_path: Path) -> None:
    write(tmp_path / "answerable.jsonl", {"id": "1", "input": "who"})
    with pytest.raises(DatasetRefused, match=r"answerable\.jsonl:1: 'passages' is missing"):
        asyncio.run(measure_clapnq(tmp_path, lambda _: None, limit=1, advance=lambda: None))  # type: ignore[arg-type, return-value]


def test_ragtruth(tmp_path: Path) -> None:
    source = "The ferry Solvei ran aground off Tarn on Friday. Captain Ida Moen was given a medal."
    held, invented = "Captain Ida Moen was given a medal.", "The ferry was built in Oslo in 1998."
    one = {"source_id": "s", "query": "ferry", "d1": source}
    write(
        tmp_path / "responses.jsonl",
        {**one, "d2": held, "labels": []},
        {**one, "d2": f"{held}\n\n{invented}", "labels": '[{"start": 3}]'},
        {**one, "d2": invented, "labels": [{"start": 0}]},
        {**one, "d2": held, "labels": [{"start": 0}]},
        {**one, "d2": invented, "labels": "[]"},
    )
    steps: list[None] = []
    found = measure_ragtruth(tmp_path, advance=lambda: steps.append(None))
    # Marked: 2, 3 and 4; flagged: 2, 3 and 5. Shares: 0, 1/2, 1, 0, 1.
    assert [found.precision, found.recall] == pytest.approx([2 / 3, 2 / 3])
    assert [found.unsupported, found.count, len(steps)] == pytest.approx([3 / 5, 5, 5])
    # Pairs marked over unmarked: 1/2 over 0 but not 1, 1 over 0 and level with 1, 0 level with 0.
    assert found.auroc == pytest.approx((1 + 1.5 + 0.5) / 6)


def test_detection() -> None:
    # Marked: 0.5, 0 and 0.2; unmarked: 0, 0.3, 0 and 0. Flagged where above 0.
    truth = np.asarray([True, True, True, False, False, False, False])
    scores = np.asarray([0.5, 0.0, 0.2, 0.0, 0.3, 0.0, 0.0])
    found = detect(truth, scores)
    assert found.precision == pytest.approx(2 / 3)  # 0.5 and 0.2 of those and 0.3
    assert found.recall == pytest.approx(2 / 3)  # 2 of 3 marked
    assert found.f1 == pytest.approx(2 / 3)
    assert found.balanced_accuracy == pytest.approx((2 / 3 + 3 / 4) / 2)
    # Of 12 pairs 0.5 wins 4, 0.2 wins 3, and 0 is level with three noughts.
    assert found.auroc == pytest.approx((4 + 3 + 1.5) / 12)
    assert found.unsupported == pytest.approx(3 / 7)
    assert found.count == 7


@pytest.mark.parametrize(
    ("flagged", "precision", "recall", "f1", "balanced"),
    [
        (0.0, 0.0, 0.0, 0.0, 0.5),
        (1.0, 0.5, 1.0, 2 / 3, 0.5),
    ],
)
def test_flagging_nothing_and_everything(
    flagged: float, precision: float, recall: float, f1: float, balanced: float
) -> None:
    found = detect(np.asarray([True, False]), np.asarray([flagged, flagged]))
    assert (found.precision, found.recall) == (precision, recall)
    assert found.f1 == pytest.approx(f1)
    assert (found.balanced_accuracy, found.auroc) == (balanced, 0.5)

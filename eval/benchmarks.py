"""Public question sets -> our figures, by each set's own rule, to stand beside published ones.

The data is not part of the project; each function takes the folder that holds it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from eval.retrieval import Query, read_records
from eval.summary import Estimate, estimate
from index.articles import Article
from index.passages import split_passages, split_sentences
from index.ranking import RankedPassage
from service.answerer import Answerer
from service.citations import DraftSentence, check
from service.evidence import EvidenceSentence, Span

DEPTH = 10
SHALLOW = 4
MOST_CHARACTERS = 12_000
"""Of the passages that FactRecall and DocRecall may read, so that long passages win nothing."""

FEW_CHARACTERS = 3_800
"""The same for FactRecall at a length that short passages reach with ten."""

LENGTHS = (FEW_CHARACTERS, MOST_CHARACTERS)
"""What every system fills, where they are measured at equal length."""

PUBLISHED_MULTIHOP = (
    ("voyage-02 with bge-reranker-large", 0.747, 0.663, 0.586),
    ("bge-large-en-v1.5 with bge-reranker-large", 0.718, 0.636, 0.563),
    ("text-embedding-ada-002 with bge-reranker-large", 0.706, 0.617, 0.548),
)
"""Hits@10, Hits@4 and MRR@10 of Tang and Yang (COLM 2024), 256-token chunks."""

PUBLISHED_RAGTRUTH = (
    ("RAG-HAT", 74.8),
    ("lettucedetect-large", 70.2),
    ("Llama-2-13B, fine-tuned", 68.2),
    ("Luna", 51.3),
    ("gpt-4-turbo, prompted", 45.6),
    ("SelfCheckGPT", 43.7),
    ("RAGAS faithfulness", 35.7),
)
"""F1 in per cent of finding the unsupported answers, on the full question-answering test set."""


class Retrieved(NamedTuple):
    """A passage that was found: its article's id and its text."""

    article: str
    text: str


def found_passages(ranked: Iterable[RankedPassage]) -> list[Retrieved]:
    """Our ranked passages as any system's are counted."""
    return [Retrieved(one.passage.article.id, one.passage.text) for one in ranked]


def measure_multihop(
    queries: Iterable[Query], found: Mapping[str, Sequence[Retrieved]]
) -> dict[str, Estimate]:
    """Hits@10 and @4, MRR@10, FactRecall, AllFacts and DocRecall@10 (Tang and Yang, COLM 2024).

    A passage finds a fact when it holds it, white space ignored; null questions are left out.
    """
    values: dict[str, list[float]] = {}
    for query in queries:
        evidence = query.record["evidence"]
        if query.record["type"] == "null" or not evidence:
            continue
        for name, value in _score_multihop(evidence, found[query.id][:DEPTH]).items():
            values.setdefault(name, []).append(value)
    return {name: estimate(all_of_it) for name, all_of_it in values.items()}


def _score_multihop(
    evidence: Sequence[Mapping[str, str]], passages: Sequence[Retrieved]
) -> dict[str, float]:
    facts = [_packed(one["fact"]) for one in evidence]
    texts = [_packed(found.text) for found in passages]
    hits = [any(fact in text for fact in facts) for text in texts]
    within = _within(passages, MOST_CHARACTERS)
    held = _held(facts, texts[:within])
    articles = {found.article for found in passages[:within]}
    gold = {one["article"] for one in evidence}
    return {
        "Hits@10": float(any(hits)),
        "Hits@4": float(any(hits[:SHALLOW])),
        "MRR@10": 1 / (1 + hits.index(True)) if any(hits) else 0.0,
        "FactRecall@10": sum(held) / len(held),
        "FactRecall, short": sum(_held(facts, texts[: _within(passages, FEW_CHARACTERS)]))
        / len(facts),
        "AllFacts@10": float(all(held)),
        "DocRecall@10": len(gold & articles) / len(gold),
        "characters": float(sum(len(found.text) for found in passages[:within])),
    }


def measure_filled(
    queries: Iterable[Query], found: Mapping[str, Sequence[Retrieved]]
) -> dict[str, Estimate]:
    """Share of a question's facts, and whether there is one, in just so many characters.

    That is as many passages as fill them, the last one cut. Null questions are left out.
    """
    values: dict[str, list[float]] = {}
    for query in queries:
        evidence = query.record["evidence"]
        if query.record["type"] == "null" or not evidence:
            continue
        facts = [_packed(one["fact"]) for one in evidence]
        for most in LENGTHS:
            held = _held(facts, [_packed(text) for text in _fill(found[query.id], most)])
            values.setdefault(f"facts in {most:,}", []).append(sum(held) / len(held))
            values.setdefault(f"hits in {most:,}", []).append(float(any(held)))
    return {name: estimate(all_of_it) for name, all_of_it in values.items()}


def _fill(passages: Sequence[Retrieved], most: int) -> list[str]:
    """The first `most` characters of the passages' texts, a text each."""
    starts = accumulate((len(found.text) for found in passages), initial=0)
    return [
        found.text[: most - start]
        for found, start in zip(passages, starts, strict=False)
        if start < most
    ]


def _held(facts: Sequence[str], texts: Sequence[str]) -> list[bool]:
    return [any(fact in text for text in texts) for fact in facts]


def _within(passages: Sequence[Retrieved], most: int) -> int:
    """How many of the first passages have no more than `most` characters together."""
    lengths = accumulate(len(found.text) for found in passages)
    return sum(length <= most for length in lengths)


def _packed(text: str) -> str:
    return "".join(text.split())


@dataclass(frozen=True)
class Abstaining:
    """How well answering and abstaining were told apart."""

    answered: Estimate
    """Share of the answerable questions that were answered."""
    abstained: Estimate
    """Share of the unanswerable ones that were not."""
    statuses: Mapping[str, int]


async def measure_clapnq(
    folder: Path,
    answer_from: Callable[[Article], Answerer],
    *,
    limit: int | None,
    advance: Callable[[], None],
) -> Abstaining:
    """Ask each question of its one passage (CLAPnq, TACL 2025), `limit` of each half.

    `answer_from` gives an answerer whose index holds this article alone.
    """
    statuses: Counter[str] = Counter()
    values: dict[str, list[float]] = {}
    for half in ("answerable", "unanswerable"):
        records = read_records(folder / f"{half}.jsonl", required=("id", "input", "passages"))
        for record in list(records)[:limit]:
            passage = record["passages"][0]
            article = _plain_article(record["id"], passage["title"], passage["text"])
            answer = await answer_from(article).answer(record["input"].strip() + "?")
            statuses[f"{half} {answer.status}"] += 1
            abstained = answer.status == "abstained"
            values.setdefault(half, []).append(float(abstained == (half == "unanswerable")))
            advance()
    return Abstaining(
        estimate(values["answerable"]),
        estimate(values["unanswerable"]),
        dict(sorted(statuses.items())),
    )


@dataclass(frozen=True)
class Detection:
    """How well unsupported answers are found; all from 0 to 1, `unsupported` is the share."""

    precision: float
    recall: float
    f1: float
    balanced_accuracy: float
    auroc: float
    unsupported: float
    count: int


def measure_ragtruth(folder: Path, *, advance: Callable[[], None]) -> Detection:
    """Check other models' answers against their passages (RAGTruth, ACL 2024, the QA part).

    An answer counts as unsupported when people marked any span of it; we say so when one of its
    sentences finds no support. The share of such sentences is the score of the AUROC.
    """
    truth, shares = [], []
    for record in read_records(folder / "responses.jsonl", required=("d1", "d2", "labels")):
        labels = record["labels"]
        truth.append(bool(json.loads(labels) if isinstance(labels, str) else labels))
        shares.append(_share_unsupported(record))
        advance()
    return detect(np.asarray(truth), np.asarray(shares))


def detect(truth: np.ndarray[Any, Any], scores: np.ndarray[Any, Any]) -> Detection:
    """Figures for `scores` above 0 as a detector of `truth` (bool), both [answers]."""
    said = scores > 0
    hit, false_alarm = float((said & truth).sum()), float((said & ~truth).sum())
    precision = hit / max(hit + false_alarm, 1.0)
    recall = hit / max(float(truth.sum()), 1.0)
    calm = 1 - false_alarm / max(float((~truth).sum()), 1.0)
    pairs = stats.mannwhitneyu(scores[truth], scores[~truth]).statistic
    return Detection(
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / max(precision + recall, 1e-12),
        balanced_accuracy=(recall + calm) / 2,
        auroc=float(pairs / (truth.sum() * (~truth).sum())),
        unsupported=float(truth.mean()),
        count=len(truth),
    )


def all_evidence(article: Article) -> list[EvidenceSentence]:
    """Every sentence of the article, numbered in its order, with vectors of nought."""
    spans = [
        Span(article, sentence.start, sentence.end)
        for passage in split_passages(article)
        for sentence in passage.sentences
    ]
    nowhere = np.zeros(1, dtype=np.float32)
    return [EvidenceSentence(n, span, 0.0, nowhere) for n, span in enumerate(spans, start=1)]


def _share_unsupported(record: Mapping[str, Any]) -> float:
    evidence = all_evidence(_plain_article(record["source_id"], record["query"], record["d1"]))
    text = " ".join(record["d2"].split())
    sentences = [text[start:end] for start, end in split_sentences(text)]
    faults = [not check(DraftSentence(one, ()), evidence).supported for one in sentences]
    return sum(faults) / len(faults) if faults else 0.0


def _plain_article(article_id: str, title: str, text: str) -> Article:
    return Article(article_id, title, text, None, None, None, None, ())

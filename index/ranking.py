"""A query -> ranked passages, each with its scores and the ranks that they come from.

Two orders are fused by reciprocal rank (Cormack, Clarke and Büttcher, SIGIR 2009): the cosine of
the passage's vector, and BM25 over title, source, date and text.
"""

from dataclasses import dataclass

from index.generation import Candidate, Filters, Generation, StoredPassage
from index.vectors import Embedder, Vectors
from index.words import query_terms

CANDIDATES = 100
"""Passages taken from each order before they are fused."""

RANK_CONSTANT = 60
"""The k of reciprocal rank fusion, as published."""

WORD_WEIGHT = 1.5
"""What BM25's order counts against the vectors' 1: on news questions it is the better one."""


@dataclass(frozen=True)
class RankedPassage:
    """A passage with its fused score and why: its scores, and its rank (from 1) in each order."""

    passage: StoredPassage
    score: float
    vector_rank: int | None
    cosine: float
    word_rank: int | None
    bm25: float


@dataclass(frozen=True)
class Ranking:
    """The ranked passages, best first, and the question's unit vector [dimension]."""

    passages: tuple[RankedPassage, ...]
    question_vector: Vectors


def rank(
    generation: Generation,
    embedder: Embedder,
    question: str,
    *,
    limit: int,
    filters: Filters | None = None,
) -> Ranking:
    """The `limit` best passages for `question` among the articles that `filters` let through."""
    vector = embedder.embed_question(question)
    candidates = generation.candidates(
        vector, query_terms(question), limit=CANDIDATES, filters=filters
    )
    scored = sorted((-fused(found), found.number, found) for found in candidates)[:limit]
    stored = generation.passages([number for _, number, _ in scored])
    ranked = tuple(
        RankedPassage(
            passage=passage,
            score=-score,
            vector_rank=found.vector_rank,
            cosine=found.cosine,
            word_rank=found.word_rank,
            bm25=found.bm25,
        )
        for (score, _, found), passage in zip(scored, stored, strict=True)
    )
    return Ranking(passages=ranked, question_vector=vector)


def fused(found: Candidate) -> float:
    """The candidate's reciprocal rank score."""
    ranks = ((found.vector_rank, 1.0), (found.word_rank, WORD_WEIGHT))
    return sum(weight / (RANK_CONSTANT + rank) for rank, weight in ranks if rank)


def passage_record(ranked: RankedPassage) -> dict[str, object]:
    """One passage as the contract's JSON has it."""
    article, passage = ranked.passage.article, ranked.passage.passage
    return {
        "article_id": article.id,
        "title": article.title,
        "source": article.source,
        "published": article.published.isoformat() if article.published else None,
        "url": article.url,
        "text": ranked.passage.text,
        "start": passage.start,
        "end": passage.end,
        "score": round(ranked.score, 6),
    }

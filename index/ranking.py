"""A query -> ranked passages, each with its scores and why it stands where it does.

What counts: BM25F over title, source, date and text; the cosine of the passage, and of its best
sentence; that the question names the passage's publisher or day. Each is taken relative to the best
candidate's, so that no order drags another down. A passage counts less once others of its story are
taken, and near-copies of one are given as one. The weights were chosen on multihop-rag, and hold
on the sample's questions and on CLAPnq: see DECISIONS.md. A cross-encoder, where one is set, reads
the first of them at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.engine import Vectors
from index.generation import Candidate, StoredPassage
from index.hints import Publishers, named_days
from index.part import Filters, Pool
from index.reranker import Reranker
from index.vectors import Embedder
from index.words import query_terms, terms

CANDIDATES = 100
"""The best by cosine, and the best by BM25F, that are looked at closer."""

HINTED = 50
"""And of each publisher, and of the days, that the question names."""

RESCORED = 100
"""The best of them, whose sentences are compared."""

COSINE_WEIGHT = 0.5
SENTENCE_WEIGHT = 0.4
"""What the cosines of the passage and of its best sentence count, against BM25F's 1."""

RERANKED = 20
"""The first of them, which a reranker reads, where there is one."""

RERANKER_WEIGHT = 1.0
"""What its score counts, against BM25F's 1. Both stand unmeasured: see DECISIONS.md."""

PUBLISHER_WEIGHT = 0.3
DATE_WEIGHT = 0.3
"""What it adds that a passage is of a publisher, or of a day, that the question names."""

SAME_STORY = 0.05
SAME_PUBLISHER = 0.05
"""What each passage taken of a story, or of a publisher named, takes off the others of it."""

COPIED = 0.8
"""Share of common terms from which passages of near-copies are one."""

_Scores = npt.NDArray[np.float64]


class Index(Protocol):
    """What ranking asks of an index; numbers of passages are the index's own."""

    @property
    def publishers(self) -> Publishers:
        """The publishers, by what names them in a question."""

    def candidates(
        self,
        vector: Vectors,
        terms: Sequence[str],
        pools: Sequence[Pool],
        *,
        filters: Filters | None = None,
    ) -> list[Candidate]:
        """The passages of each pool nearest to the unit `vector` [d], or best for `terms`."""

    def best_sentences(self, numbers: Sequence[int], vector: Vectors) -> list[float]:
        """For each of the passages the highest cosine of a sentence to the unit `vector` [d]."""

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """The passages with these numbers, in the given order."""


@dataclass(frozen=True)
class RankedPassage:
    """A passage with its score and why, and the near-copies of it in other articles.

    Ranks count from 1, None beyond CANDIDATES. `score` adds up the weighted parts, less what the
    passages before it took off.
    """

    passage: StoredPassage
    score: float
    vector_rank: int | None
    cosine: float
    word_rank: int | None
    bm25: float
    best_sentence: float = 0.0
    named_publisher: bool = False
    named_day: bool = False
    reranked: float | None = None
    taken_off: float = 0.0
    copies: tuple[StoredPassage, ...] = ()


@dataclass(frozen=True)
class Ranking:
    """The ranked passages, best first, and the question's unit vector [dimension]."""

    passages: tuple[RankedPassage, ...]
    question_vector: Vectors


@dataclass
class _Taken:
    """A candidate that is taken, while its copies are collected."""

    place: int
    score: float
    passage: StoredPassage
    copies: list[StoredPassage]


def rank(
    index: Index,
    embedder: Embedder,
    question: str,
    *,
    limit: int,
    filters: Filters | None = None,
    reranker: Reranker | None = None,
) -> Ranking:
    """The `limit` best passages for `question` among the articles that `filters` let through."""
    vector = embedder.embed_question(question)
    publishers = index.publishers.named_in(question)
    days = Pool(HINTED, days=named_days(question))
    hinted = [Pool(HINTED, publishers=names) for names in publishers] + ([days] * bool(days.days))
    found = index.candidates(
        vector, query_terms(question), [Pool(max(limit, CANDIDATES)), *hinted], filters=filters
    )
    if not found:
        return Ranking((), vector)
    sources = [(one.article.source or "").casefold() for one in found]
    named = np.array(
        [[source in names for names in publishers] for source in sources], dtype=np.bool_
    )
    named = named.reshape(len(found), len(publishers))
    meant = {day: days.includes(day) for day in {one.article.day for one in found}}
    dated = np.array([meant[one.article.day] for one in found], dtype=np.bool_)
    scores = (
        _scaled([one.bm25 for one in found])
        + COSINE_WEIGHT * _scaled([one.cosine for one in found])
        + PUBLISHER_WEIGHT * named.any(axis=1)
        + DATE_WEIGHT * dated
    )
    kept = np.argsort(-scores, kind="stable")[: max(limit, RESCORED)]
    found, scores, named, dated = [found[n] for n in kept], scores[kept], named[kept], dated[kept]
    best = index.best_sentences([one.number for one in found], vector)
    scores = scores + SENTENCE_WEIGHT * _scaled(best)
    reranked: dict[int, float] = {}
    if reranker:
        reranked = _rerank(index, reranker, question, found, scores)
        scores[[*reranked]] += RERANKER_WEIGHT * _scaled([*reranked.values()])
    taken = _take(index, found, scores, named, limit=limit)
    ranked = tuple(
        RankedPassage(
            passage=one.passage,
            score=one.score,
            vector_rank=found[one.place].vector_rank,
            cosine=found[one.place].cosine,
            word_rank=found[one.place].word_rank,
            bm25=found[one.place].bm25,
            best_sentence=best[one.place],
            named_publisher=bool(named[one.place].any()),
            named_day=bool(dated[one.place]),
            reranked=reranked.get(one.place),
            taken_off=float(scores[one.place]) - one.score,
            copies=tuple(one.copies),
        )
        for one in taken
    )
    return Ranking(passages=ranked, question_vector=vector)


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
        "also_in": [
            {
                "article_id": copy.article.id,
                "title": copy.article.title,
                "source": copy.article.source,
            }
            for copy in ranked.copies
        ],
    }


def _rerank(
    index: Index,
    reranker: Reranker,
    question: str,
    found: Sequence[Candidate],
    scores: _Scores,
) -> dict[int, float]:
    """The reranker's score of each of the RERANKED best, by its place in `found`."""
    places = np.argsort(-scores, kind="stable")[:RERANKED].tolist()
    passages = index.passages([found[place].number for place in places])
    texts = [f"{passage.article.title}\n{passage.text}" for passage in passages]
    return dict(zip(places, reranker.score(question, texts), strict=True))


def _take(
    index: Index,
    found: Sequence[Candidate],
    scores: _Scores,
    named: npt.NDArray[np.bool_],
    *,
    limit: int,
) -> list[_Taken]:
    """The best, one after the other; near-copies of one that is taken go to it."""
    clusters = np.array([one.article.cluster for one in found])
    left = scores.copy()
    taken: list[_Taken] = []
    while len(taken) < limit and left.max() > -np.inf:
        place = int(left.argmax())
        score, left[place] = float(left[place]), -np.inf
        [passage] = index.passages([found[place].number])
        of_story = [one for one in taken if clusters[one.place] == clusters[place]]
        original = next((one for one in of_story if _is_copy(passage, one.passage)), None)
        if original:
            original.copies.append(passage)
            continue
        taken.append(_Taken(place, score, passage, []))
        left[clusters == clusters[place]] -= SAME_STORY
        left -= SAME_PUBLISHER * named[:, named[place]].sum(axis=1)
    return taken


def _is_copy(passage: StoredPassage, other: StoredPassage) -> bool:
    """Whether passages of two articles say the same in the same words."""
    if passage.article.id == other.article.id:
        return False
    one, two = set(terms(passage.text)), set(terms(other.text))
    return len(one & two) >= COPIED * len(one | two)


def _scaled(values: Sequence[float]) -> _Scores:
    """Against the best of them, which becomes 1; all 0 where the best is not above 0."""
    scores = np.array(values, dtype=np.float64)
    return scores / scores.max() if scores.max() > 0 else np.zeros_like(scores)

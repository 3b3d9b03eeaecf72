"""A query -> ranked passages, each with its scores and the ranks that they come from.

Two orders are fused by reciprocal rank (Cormack, Clarke and Büttcher, SIGIR 2009): the cosine of
the passage's vector, and BM25 over title, source, date and text.
"""

import re
from dataclasses import dataclass

from index.generation import Filters, Generation, StoredPassage
from index.vectors import Embedder, Vectors

CANDIDATES = 100
"""Passages taken from each order before they are fused."""

RANK_CONSTANT = 60
"""The k of reciprocal rank fusion, as published."""

WORD_WEIGHT = 1.5
"""What BM25's order counts against the vectors' 1: on news questions it is the better one."""

_WORD = re.compile(r"\w+(?:[-'’]\w+)*")
_POSSESSIVE = re.compile(r"['’]s$")
_STOP_WORDS = frozenset(
    "a about after all also am an and any are as at be because been before being but by can could"
    " did do does doing during each for from further had has have having he her here hers him his"
    " how i if in into is it its me more most my no nor not of off on once only or other our out"
    " over own please s same say says said she should so some such t tell than that the their them"
    " then there these they this those to too under until up very was we were what when where which"
    " while who whom whose why will with would you your".split()
)


@dataclass(frozen=True)
class RankedPassage:
    """A passage with its fused score and why: its rank (from 1) and score in each order, if any."""

    passage: StoredPassage
    score: float
    vector_rank: int | None
    cosine: float | None
    word_rank: int | None
    bm25: float | None


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
    near = generation.nearest(vector, limit=CANDIDATES, filters=filters)
    matching = generation.matching(search_words(question), limit=CANDIDATES, filters=filters)
    fused = fuse(near, matching)[:limit]
    vector_ranks = {number: place for place, (number, _) in enumerate(near, start=1)}
    word_ranks = {number: place for place, (number, _) in enumerate(matching, start=1)}
    cosines, scores = dict(near), dict(matching)
    stored = generation.passages([number for number, _ in fused])
    ranked = tuple(
        RankedPassage(
            passage=passage,
            score=score,
            vector_rank=vector_ranks.get(number),
            cosine=cosines.get(number),
            word_rank=word_ranks.get(number),
            bm25=scores.get(number),
        )
        for (number, score), passage in zip(fused, stored, strict=True)
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
    }


def fuse(
    near: list[tuple[int, float]], matching: list[tuple[int, float]]
) -> list[tuple[int, float]]:
    """Passage numbers with their reciprocal rank score, best first, ties in number order."""
    scores: dict[int, float] = {}
    for order, weight in ((near, 1.0), (matching, WORD_WEIGHT)):
        for place, (number, _) in enumerate(order, start=1):
            scores[number] = scores.get(number, 0.0) + weight / (RANK_CONSTANT + place)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def search_words(question: str) -> list[str]:
    """The question's words that are worth looking up, lower case, in order, each once."""
    words = [_POSSESSIVE.sub("", word.lower()) for word in _WORD.findall(question)]
    kept = [word for word in words if word not in _STOP_WORDS]
    return list(dict.fromkeys(kept or words))

"""Ranking needs no more of an index than ranking.Index: one in plain Python ranks the same."""

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import WordEmbedder, build_index, make_article, open_index

from index.articles import Article
from index.engine import PassageText, Vectors
from index.generation import Candidate, StoredPassage
from index.hints import Publishers
from index.part import Filters, Pool
from index.passages import split_passages
from index.postings import LENGTH_WEIGHT, SATURATION, USUAL_LENGTH
from index.ranking import Index, rank
from index.segment import Summary
from index.words import terms

THINGS = ("walrus", "sabre", "drone", "samovar", "hat", "vest", "train", "grain", "rifle", "map")
ARTICLES = [
    make_article(
        "\n\n".join(
            f"Putin showed the {thing} of {place} to Kim, and {other} was told"
            f" {'again and ' * (number % 4)}again of the {thing}{' in the harbour' * 40}."
            for place, other in (("Tarn", "Shoigu"), ("Lund", "Lavrov"))
        ),
        article_id=f"{thing}-{number}",
        title=f"The {thing} shown, part {number}",
        source=("Wire", "The Herald", "Tarn Post")[number % 3],
        published=f"2023-09-{10 + number}",
    )
    for number, thing in enumerate(THINGS)
]


class PlainIndex:
    """Articles in a list, every passage compared: what another store would have to do."""

    def __init__(self, articles: Sequence[Article]) -> None:
        embedder = WordEmbedder()
        self._stored: list[StoredPassage] = []
        self._vectors: list[Vectors] = []
        self._weights: list[dict[str, float]] = []
        for article in articles:
            for passage in split_passages(article):
                text = article.text[passage.start : passage.end]
                spans = tuple(
                    (part.start - passage.start, part.end - passage.start)
                    for part in passage.sentences
                )
                header = f"{article.title}, {article.source}, {article.published}"
                [vector], sentences = embedder.embed_passages([PassageText(header, text, spans)])
                number = len(self._stored)
                self._stored.append(StoredPassage(number, article, passage, sentences))
                self._vectors.append(vector)
                self._weights.append(weights(article, text))
        self.publishers = Publishers({article.source or "" for article in articles})

    def candidates(
        self,
        vector: Vectors,
        terms: Sequence[str],
        pools: Sequence[Pool],
        *,
        filters: Filters | None = None,
    ) -> list[Candidate]:
        assert not filters
        rarities = {
            term: math.log1p((len(self._weights) - known + 0.5) / (known + 0.5))
            for term in terms
            if (known := sum(term in weight for weight in self._weights))
        }
        words = [sum(rarities.get(t, 0) * w.get(t, 0) for t in terms) for w in self._weights]
        cosines = [float(known @ vector) for known in self._vectors]
        found: dict[int, None] = {}
        for pool in pools:
            inside = [number for number in range(len(words)) if self._belongs(number, pool)]
            for scores in (cosines, words):
                best = sorted(inside, key=lambda number: -scores[number])
                found |= dict.fromkeys(
                    n for n in best[: pool.limit] if scores is cosines or scores[n]
                )
        return [
            Candidate(n, summary(self._stored[n].article), cosines[n], words[n], None, None)
            for n in found
        ]

    def best_sentences(self, numbers: Sequence[int], vector: Vectors) -> list[float]:
        return [float((self._stored[n].sentence_vectors @ vector).max()) for n in numbers]

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        return [self._stored[number] for number in numbers]

    def _belongs(self, number: int, pool: Pool) -> bool:
        article = self._stored[number].article
        named = not pool.publishers or (article.source or "").casefold() in pool.publishers
        return named and (not pool.days or pool.includes(summary(article).day))


def weights(article: Article, text: str) -> dict[str, float]:
    """What each term of a passage weighs, before its rarity, in steps of 1/255 of the highest."""
    day = article.published
    around = [article.title, article.source or "", f"{day:%d %A %B %Y}" if day else ""]
    counted = Counter(term for field in around for term in terms(field))
    words = terms(text)
    length = 1 + LENGTH_WEIGHT * (len(words) / USUAL_LENGTH - 1)
    weighed = {term: counted[term] + n / length for term, n in Counter(words).items()}
    weighed = {term: float(n) for term, n in counted.items()} | weighed
    highest = SATURATION + 1
    return {
        term: highest * max(1, round(255 * n / (n + SATURATION))) / 255
        for term, n in weighed.items()
    }


def summary(article: Article) -> Summary:
    day = article.published.toordinal() if article.published else 0
    return Summary(article.id, article.version, article.source, day, article.id, "", current=True)


@pytest.mark.parametrize(
    "question",
    [
        "Who was told of the samovar of Lund?",
        "What did The Herald say that Putin showed to Kim?",
        "What was shown on 13 September 2023, or on September 15?",
        "What do Wire and the Tarn Post say of the grain and the rifle?",
    ],
)
def test_an_index_of_another_kind_ranks_the_same(question: str, tmp_path: Path) -> None:
    build_index(tmp_path, ARTICLES)
    plain: Index = PlainIndex(ARTICLES)
    theirs = rank(plain, WordEmbedder(), question, limit=8).passages
    ours = rank(open_index(tmp_path), WordEmbedder(), question, limit=8).passages
    assert [one.score for one in theirs] == pytest.approx([one.score for one in ours], abs=5e-3)
    near = np.isclose(np.diff([one.score for one in ours]), 0, atol=5e-3)
    if not near.any():
        assert [one.passage.text for one in theirs] == [one.passage.text for one in ours]

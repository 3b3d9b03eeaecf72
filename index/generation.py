"""The segments of a generation -> its articles and passages, found by vector, word or number.

Opened once for reading, every file checked. A passage's number is its row in its segment, plus the
passages of the segments before: it means something in this generation only.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import numpy as np

from index.articles import Article
from index.engine import Vectors
from index.errors import GenerationDamaged
from index.generations import current_folder, current_name
from index.hints import Publishers
from index.manifest import Manifest, check_fits, read_manifest
from index.nearest import Rows
from index.part import Filters, Mask, Part, Pool, open_part
from index.passages import Passage
from index.postings import best_rows, rarity
from index.segment import Summary


@dataclass(frozen=True)
class Candidate:
    """A passage that may be worth reading, with its scores and its ranks (from 1) in the whole."""

    number: int
    article: Summary
    cosine: float
    bm25: float
    vector_rank: int | None
    word_rank: int | None


@dataclass(frozen=True)
class StoredPassage:
    """A passage as read back, with its article and its sentences' unit vectors [sentences, d]."""

    number: int
    article: Article
    passage: Passage
    sentence_vectors: Vectors

    @property
    def text(self) -> str:
        return self.article.text[self.passage.start : self.passage.end]


class Generation:
    """One generation, opened for reading; safe to use from several threads."""

    def __init__(
        self,
        root: Path,
        *,
        embedding_model: str,
        dimension: int,
        before: "Generation | None" = None,
        check: bool = True,
    ) -> None:
        """Open the current generation under `root`; segments shared with `before` are taken over.

        Raises GenerationMissing, GenerationDamaged (a checksum is off) or GenerationMismatch (it
        was made by another format or embedding model). Without `check` those of PASSED_ON are not
        looked at: for a writer.
        """
        known = {part.record.id: part for part in before.parts} if before else {}
        self.manifest: Manifest
        self.parts: tuple[Part, ...]
        self.manifest, self.parts = _open(root, embedding_model, dimension, known, check=check)
        self._starts = [0, *accumulate(part.segment.passages for part in self.parts)]

    def candidates(
        self,
        vector: Vectors,
        terms: Sequence[str],
        pools: Sequence[Pool],
        *,
        filters: Filters | None = None,
    ) -> list[Candidate]:
        """The passages of each pool that are nearest to the unit `vector` [d], or best for `terms`.

        Each once, with both its cosine and its BM25F score; ranks are those of the first pool.
        """
        scores = self._word_scores(terms)
        passing = [part.allowed(filters or Filters()) for part in self.parts]
        cosines: dict[int, float] = {}
        ranks: list[dict[int, int]] = []
        numbers: dict[int, None] = {}
        for pool in pools:
            masks = [
                part.within(pool, mask) for part, mask in zip(self.parts, passing, strict=True)
            ]
            near = self._nearest(vector, pool.limit, masks)
            matching = self._matching(scores, pool.limit, masks)
            cosines |= dict(near)
            for found in (near, matching):
                ranks.append({number: place for place, (number, _) in enumerate(found, start=1)})
                numbers |= dict.fromkeys(ranks[-1])
        cosines |= self._cosines([number for number in numbers if number not in cosines], vector)
        return self._candidates([*numbers], cosines, scores, ranks[0], ranks[1])

    def best_sentences(self, numbers: Sequence[int], vector: Vectors) -> list[float]:
        """For each of the passages the highest cosine of a sentence to the unit `vector` [d]."""
        best: dict[int, float] = {}
        for place, rows in self._by_segment(numbers):
            found = self.parts[place].segment.best_sentences(rows, vector)
            best |= zip((rows + self._starts[place]).tolist(), found, strict=True)
        return [best[number] for number in numbers]

    def nearest(
        self, vector: Vectors, *, limit: int, filters: Filters | None = None
    ) -> list[tuple[int, float]]:
        """Passage numbers with their cosine to the unit `vector` [d], best first."""
        return self._nearest(vector, limit, [p.allowed(filters or Filters()) for p in self.parts])

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """The passages with these numbers, in the given order."""
        articles: dict[tuple[int, int], Article] = {}
        found = []
        for number in numbers:
            place, row = self._place(number)
            segment = self.parts[place].segment
            [(owner, passage, vectors)] = segment.stored([row])
            if (place, owner) not in articles:
                articles[place, owner] = segment.article(owner)
            found.append(StoredPassage(number, articles[place, owner], passage, vectors))
        return found

    def article(self, article_id: str, version: str | None = None) -> Article | None:
        """The article with this id, or an earlier version of it that is kept; None if neither."""
        held = [
            (part, row)
            for part in self.parts
            for row in part.segment.rows_of(article_id)
            if row not in part.removed
        ]
        for part, row in sorted(held, key=lambda place: not place[0].counts(place[1])):
            if part.counts(row) if version is None else part.version(row) == version:
                return part.segment.article(row)
        return None

    def articles(self, filters: Filters | None = None) -> Iterator[Summary]:
        """What is known of every article, in the order in which they came in."""
        for part in self.parts:
            through = (filters or Filters()).let_through(part.segment)
            for row, summary in enumerate(part.segment.articles):
                if through[row] and part.counts(row):
                    yield summary

    def articles_with_text(self, version: str) -> list[Summary]:
        """What is known of the articles with the text of this version."""
        return [
            part.segment.articles[row]
            for part in self.parts
            for row in part.segment.rows_with_text(version)
            if part.counts(row)
        ]

    @cached_property
    def publishers(self) -> Publishers:
        """The publishers, by what names them in a question."""
        return Publishers(name for name, _ in self.sources())

    def sources(self) -> list[tuple[str, int]]:
        """Each publisher with its number of articles, most first; articles without one left out."""
        counted = Counter(summary.source for summary in self.articles() if summary.source)
        return sorted(counted.items(), key=lambda item: (-item[1], item[0]))

    def _nearest(
        self, vector: Vectors, limit: int, masks: Sequence[Mask]
    ) -> list[tuple[int, float]]:
        found: list[tuple[int, float]] = []
        for part, start, mask in zip(self.parts, self._starts, masks, strict=False):
            rows, cosines = part.segment.structure.nearest(vector, limit=limit, allowed=mask)
            found += zip((rows + start).tolist(), cosines.tolist(), strict=True)
        return sorted(found, key=lambda item: (-item[1], item[0]))[:limit]

    def _word_scores(self, terms: Sequence[str]) -> list[Vectors]:
        """The BM25F score of every passage of every segment, float32 [passages] each."""
        rarities = {
            term: rarity(frequency, self.manifest.passages)
            for term in dict.fromkeys(terms)
            if (frequency := sum(part.frequency(term) for part in self.parts))
        }
        return [part.segment.postings.score(rarities) for part in self.parts]

    def _matching(
        self, scores: Sequence[Vectors], limit: int, masks: Sequence[Mask]
    ) -> list[tuple[int, float]]:
        found: list[tuple[int, float]] = []
        for start, scored, mask in zip(self._starts, scores, masks, strict=False):
            counted = scored if mask is None else scored * mask
            rows = best_rows(counted, limit)
            found += zip((rows + start).tolist(), counted[rows].tolist(), strict=True)
        return sorted(found, key=lambda item: (-item[1], item[0]))[:limit]

    def _candidates(
        self,
        numbers: Sequence[int],
        cosines: Mapping[int, float],
        scores: Sequence[Vectors],
        vector_ranks: Mapping[int, int],
        word_ranks: Mapping[int, int],
    ) -> list[Candidate]:
        known: dict[int, tuple[Summary, float]] = {}
        for place, rows in self._by_segment(numbers):
            segment = self.parts[place].segment
            articles = [segment.articles[owner] for owner in segment.owners[rows].tolist()]
            matched = zip(articles, scores[place][rows].tolist(), strict=True)
            known |= zip((rows + self._starts[place]).tolist(), matched, strict=True)
        return [
            Candidate(
                number=number,
                article=known[number][0],
                cosine=cosines[number],
                bm25=known[number][1],
                vector_rank=vector_ranks.get(number),
                word_rank=word_ranks.get(number),
            )
            for number in numbers
        ]

    def _cosines(self, numbers: Sequence[int], vector: Vectors) -> dict[int, float]:
        found: dict[int, float] = {}
        for place, rows in self._by_segment(numbers):
            values = self.parts[place].segment.structure.cosines(rows, vector)
            found |= zip((rows + self._starts[place]).tolist(), values.tolist(), strict=True)
        return found

    def _by_segment(self, numbers: Sequence[int]) -> Iterator[tuple[int, Rows]]:
        """The rows of the passages, by the place of their segment."""
        every = np.array(numbers, dtype=np.int64)
        places = np.searchsorted(self._starts, every, side="right") - 1
        for place in np.unique(places).tolist():
            yield place, every[places == place] - self._starts[place]

    def _place(self, number: int) -> tuple[int, int]:
        """The segment and the row of a passage."""
        place = bisect_right(self._starts, number) - 1
        return place, number - self._starts[place]


def _open(
    root: Path, embedding_model: str, dimension: int, known: Mapping[str, Part], *, check: bool
) -> tuple[Manifest, tuple[Part, ...]]:
    """The current generation; the next one where a writer removed it meanwhile."""
    while True:
        name = current_name(root)
        try:
            folder = current_folder(root)
            manifest = read_manifest(folder)
            check_fits(manifest, root, embedding_model, dimension)
            return manifest, tuple(
                open_part(folder / record.id, record, dimension, known, check=check)
                for record in manifest.segments
            )
        except GenerationDamaged:
            if current_name(root) == name:
                raise

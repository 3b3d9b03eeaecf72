"""A published generation -> its articles and passages, found by vector, by word or by number.

Opened once for reading, every file checked; generation_files.py says what stands in them.
"""

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from index.articles import Article
from index.errors import GenerationDamaged
from index.manifest import open_folder
from index.passages import Passage, Sentence
from index.vectors import Vectors

_FIELD_WEIGHTS = "1.0, 0.5, 0.5, 1.0"
"""bm25() weights of the columns of `words`."""


@dataclass(frozen=True)
class Filters:
    """Which articles a search may return: dates are inclusive, an undated article passes none."""

    source: str | None = None
    published_from: date | None = None
    published_to: date | None = None

    def __bool__(self) -> bool:
        return self != Filters()


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

    def __init__(self, root: Path, *, embedding_model: str, dimension: int) -> None:
        """Open the current generation under `root`.

        Raises GenerationMissing, GenerationDamaged (a checksum is off) or GenerationMismatch (it
        was made by another format or embedding model).
        """
        self.manifest, folder = open_folder(
            root, embedding_model=embedding_model, dimension=dimension
        )
        self._vectors = faiss.deserialize_index(np.fromfile(folder / "passages.faiss", np.uint8))
        self._sentence_vectors = np.load(folder / "sentences.npy", mmap_mode="r")
        self._database = sqlite3.connect(
            f"{(folder / 'articles.db').absolute().as_uri()}?mode=ro&immutable=1",
            uri=True,
            check_same_thread=False,
        )
        self._database.create_function(
            "casefold", 1, lambda text: text.casefold() if text else None, deterministic=True
        )
        self._lock = threading.Lock()

    def nearest(
        self, vector: Vectors, *, limit: int, filters: Filters | None = None
    ) -> list[tuple[int, float]]:
        """Passage numbers with their cosine to the unit `vector` [dimension], best first."""
        parameters = None
        if filters:
            allowed = np.array(self._allowed(filters), dtype=np.int64)
            parameters = faiss.SearchParameters()
            parameters.sel = faiss.IDSelectorBatch(allowed)
        scores, numbers = self._vectors.search(vector[None, :], limit, params=parameters)
        found = zip(numbers[0].tolist(), scores[0].tolist(), strict=True)
        return [(number, score) for number, score in found if number >= 0]

    def matching(
        self, words: Sequence[str], *, limit: int, filters: Filters | None = None
    ) -> list[tuple[int, float]]:
        """Passage numbers with their BM25 score (higher is better) for any of `words`."""
        if not words:
            return []
        expression = " OR ".join('"' + word.replace('"', "") + '"' for word in words)
        condition, values = _filter_sql(filters or Filters())
        rows = self._rows(
            f"SELECT words.rowid, -bm25(words, {_FIELD_WEIGHTS}) AS score FROM words"
            " JOIN passages ON number = words.rowid JOIN articles ON id = article_id"
            f" WHERE words MATCH ? AND {condition} ORDER BY score DESC, words.rowid LIMIT ?",
            (expression, *values, limit),
        )
        return [(number, score) for number, score in rows]

    def passages(self, numbers: Sequence[int]) -> list[StoredPassage]:
        """The passages with these numbers, in the given order."""
        marks = ",".join("?" * len(numbers))
        rows = self._rows(
            "SELECT passage, article_id, s.number, s.start, s.end, caption FROM sentences s"
            f" JOIN passages p ON p.number = passage WHERE passage IN ({marks}) ORDER BY s.number",
            tuple(numbers),
        )
        articles = {article_id: self.article(article_id) for article_id in {row[1] for row in rows}}
        stored: dict[int, StoredPassage] = {}
        for number, group in groupby(rows, key=lambda row: int(row[0])):
            found = list(group)
            article = articles[found[0][1]]
            if article is None:
                raise GenerationDamaged(f"Passage {number} has no article; build the index again.")
            sentences = tuple(Sentence(row[3], row[4], bool(row[5])) for row in found)
            vectors = self._sentence_vectors[found[0][2] : found[-1][2] + 1]
            stored[number] = StoredPassage(
                number=number,
                article=article,
                passage=Passage(sentences[0].start, sentences[-1].end, sentences),
                sentence_vectors=vectors.astype(np.float32),
            )
        return [stored[number] for number in numbers]

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""
        rows = self._rows(
            "SELECT id, title, text, source, author, published, url, captions"
            " FROM articles WHERE id = ?",
            (article_id,),
        )
        if not rows:
            return None
        identity, title, text, source, author, published, url, captions = rows[0]
        return Article(
            id=identity,
            title=title,
            text=text,
            source=source,
            author=author,
            published=date.fromisoformat(published) if published else None,
            url=url,
            captions=tuple((start, end) for start, end in json.loads(captions)),
        )

    def sources(self) -> list[tuple[str, int]]:
        """Each publisher with its number of articles, most first; articles without one left out."""
        return self._rows(
            "SELECT source, count(*) FROM articles WHERE source IS NOT NULL"
            " GROUP BY source ORDER BY count(*) DESC, source",
            (),
        )

    def close(self) -> None:
        """Give the files back; the generation cannot be used after it."""
        self._database.close()

    def _allowed(self, filters: Filters) -> list[int]:
        condition, values = _filter_sql(filters)
        rows = self._rows(
            f"SELECT number FROM passages JOIN articles ON id = article_id WHERE {condition}",
            tuple(values),
        )
        return [number for (number,) in rows]

    def _rows(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()


def _filter_sql(filters: Filters) -> tuple[str, list[str]]:
    """A condition on `articles` with its values; TRUE where nothing is filtered."""
    conditions, values = ["TRUE"], []
    if filters.source is not None:
        conditions.append("casefold(articles.source) = ?")
        values.append(filters.source.casefold())
    if filters.published_from is not None:
        conditions.append("articles.published >= ?")
        values.append(filters.published_from.isoformat())
    if filters.published_to is not None:
        conditions.append("articles.published <= ?")
        values.append(filters.published_to.isoformat())
    return " AND ".join(conditions), values

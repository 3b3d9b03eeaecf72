"""One segment of a generation, opened for reading: articles with their passages, never changed.

    articles.db         SQLite: articles, and passages with their sentences
    passages.f16        float16 [passages, d]: unit vectors, row = passage
    passages.faiss      the FAISS structure over them
    sentences.f16       float16 [sentences, d]: unit vectors, row = sentence
    owners.u32          uint32 [passages]: the row of each passage's article
    first.u32           uint32 [passages]: the row of each passage's first sentence
    signatures.u32      uint32 [articles, SIGNATURE]: what near-copies are found by
    words_*.npy         the word postings

segment_writer.py writes them.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import Any
from weakref import finalize

import numpy as np
import numpy.typing as npt

from index.articles import Article
from index.engine import Vectors
from index.near_copies import SIGNATURE, Signatures
from index.nearest import Rows, Structure
from index.passages import Passage, Sentence
from index.postings import Postings

PACKED_SENTENCE = 12
"""Bytes of a sentence in `passages`: see `pack_sentences`."""

_COLUMNS = "id, title, text, source, author, published, url, captions, updated, language"


@dataclass(frozen=True)
class Entry:
    """One article as a segment holds it: vectors float32 [passages, d] and [sentences, d].

    `digests` tell what each passage's vectors were made of. An earlier version of an article that
    is kept for old citations has no passages.
    """

    article: Article
    origin: str
    cluster: str
    signature: Signatures
    passages: tuple[Passage, ...] = ()
    digests: tuple[bytes, ...] = ()
    passage_vectors: Vectors | None = None
    sentence_vectors: Vectors | None = None

    def without_passages(self) -> "Entry":
        """The article as an earlier version, kept to be read only."""
        return Entry(self.article, self.origin, self.cluster, self.signature)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of an article without reading its text; `day` is an ordinal, 0 undated."""

    id: str
    version: str
    source: str | None
    day: int
    cluster: str
    origin: str
    current: bool


class Segment:
    """One segment; safe to use from several threads."""

    def __init__(self, folder: Path, *, dimension: int) -> None:
        """Open the files in `folder`, whose vectors have `dimension` values; raises OSError."""
        self._vectors = _read_array(folder / "passages.f16", np.float16, dimension)
        self._sentence_vectors = _StoredRows(folder / "sentences.f16", dimension)
        self.owners: npt.NDArray[np.uint32] = _read_array(folder / "owners.u32", np.uint32)
        self._first: npt.NDArray[np.uint32] = _read_array(folder / "first.u32", np.uint32)
        self.signatures: Signatures = _read_array(folder / "signatures.u32", np.uint32, SIGNATURE)
        self.structure = Structure(folder / "passages.faiss", self._vectors)
        self.postings = Postings(folder, passages=len(self._vectors))
        self._database = sqlite3.connect(
            f"{(folder / 'articles.db').absolute().as_uri()}?mode=ro&immutable=1",
            uri=True,
            check_same_thread=False,
        )
        finalize(self, self._database.close)
        self._lock = threading.Lock()
        self.articles = tuple(
            Summary(identity, version, source, day or 0, cluster, origin, bool(current))
            for identity, version, source, day, cluster, origin, current in self._rows(
                "SELECT id, version, source, day, cluster, origin, current FROM articles"
                " ORDER BY row"
            )
        )
        self.days = np.array([article.day for article in self.articles], dtype=np.int32)
        self._days_known, self._day_places = np.unique(self.days, return_inverse=True)
        names = [(article.source or "").casefold() for article in self.articles]
        self.source_numbers = {name: n for n, name in enumerate(sorted(set(names) - {""}))}
        self.sources = np.array([self.source_numbers.get(n, -2) for n in names], dtype=np.int32)
        source = self.sources.take(self.owners)
        self._by_source = np.argsort(source, kind="stable").astype(np.uint32)
        starts = np.searchsorted(source[self._by_source], np.arange(len(self.source_numbers) + 1))
        self._source_starts: list[int] = starts.tolist()
        self.passages = len(self._vectors)
        self.sentences = len(self._sentence_vectors)

    def sizes(self) -> tuple[int, int, int] | None:
        """The number of articles, passages and sentences; None where its files disagree."""
        agreed = len(self.signatures) == len(self.articles)
        agreed = agreed and len(self.owners) == len(self._first) == self.passages
        return (len(self.articles), self.passages, self.sentences) if agreed else None

    def article(self, row: int) -> Article:
        """The article in this row."""
        [values] = self._rows(f"SELECT {_COLUMNS} FROM articles WHERE row = ?", row)
        return _article(values)

    def rows_of(self, article_id: str) -> list[int]:
        """The rows of all versions of the article with this id, oldest first."""
        rows = self._rows("SELECT row FROM articles WHERE id = ? ORDER BY row", article_id)
        return [row for (row,) in rows]

    def rows_with_text(self, version: str) -> list[int]:
        """The rows of the articles with the text of this version."""
        rows = self._rows("SELECT row FROM articles WHERE version = ? ORDER BY row", version)
        return [row for (row,) in rows]

    def of_sources(self, names: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Of the passages [n] those whose publisher is one of these, in lower case."""
        chosen = np.zeros(self.passages, dtype=np.bool_)
        for number in (self.source_numbers[name] for name in names if name in self.source_numbers):
            start, end = self._source_starts[number : number + 2]
            chosen[self._by_source[start:end]] = True
        return chosen

    def of_days(self, meant: Callable[[int], bool]) -> npt.NDArray[np.bool_]:
        """Of the passages [n] those whose day, an ordinal or 0, is `meant`."""
        known = np.array([meant(day) for day in self._days_known.tolist()], dtype=np.bool_)
        return known[self._day_places].take(self.owners)

    def stored(self, rows: Iterable[int]) -> list[tuple[int, Passage, Vectors]]:
        """Of passages: the article's row, the passage, its sentences' vectors float32 [n, d]."""
        found = []
        for row in rows:
            [(owner, first, packed)] = self._rows(
                "SELECT article, first_sentence, sentences FROM passages WHERE row = ?", row
            )
            passage = unpack_sentences(packed)
            vectors = self._sentence_vectors.read([(first, first + len(passage.sentences))])
            found.append((owner, passage, vectors))
        return found

    def best_sentences(self, rows: Rows, vector: Vectors) -> list[float]:
        """For each of the passages the highest cosine of a sentence to the unit `vector` [d]."""
        following = np.minimum(rows + 1, self.passages - 1)
        firsts = self._first[rows].tolist()
        ends = np.where(following > rows, self._first[following], self.sentences).tolist()
        cosines = self._sentence_vectors.read(zip(firsts, ends, strict=True)) @ vector
        counts = (end - first for first, end in zip(firsts[:-1], ends[:-1], strict=True))
        starts = [*accumulate(counts, initial=0)]
        best: list[float] = np.maximum.reduceat(cosines, starts).tolist()
        return best

    def vectors_of(self, digest: bytes) -> tuple[Vectors, Vectors] | None:
        """The vectors float32 [d] and [sentences, d] of a passage made of the same, if any."""
        rows = self._rows(
            "SELECT row, first_sentence, sentences FROM passages WHERE digest = ? LIMIT 1", digest
        )
        if not rows:
            return None
        [(row, first, packed)] = rows
        count = len(unpack_sentences(packed).sentences)
        return (
            self._vectors[row].astype(np.float32),
            self._sentence_vectors.read([(first, first + count)]),
        )

    def size_of(self, row: int) -> tuple[int, int]:
        """How many passages and sentences the article in this row has."""
        [(passages, packed)] = self._rows(
            "SELECT count(*), coalesce(sum(length(sentences)), 0) FROM passages WHERE article = ?",
            row,
        )
        return passages, packed // PACKED_SENTENCE

    def entry(self, row: int) -> Entry:
        """Everything that is held of the article in this row."""
        summary = self.articles[row]
        rows = self._rows(
            "SELECT row, first_sentence, sentences, digest FROM passages WHERE article = ?"
            " ORDER BY row",
            row,
        )
        passages = tuple(unpack_sentences(packed) for _, _, packed, _ in rows)
        first, sentences = (rows[0][0], rows[0][1]) if rows else (0, 0)
        count = sum(len(passage.sentences) for passage in passages)
        return Entry(
            article=self.article(row),
            origin=summary.origin,
            cluster=summary.cluster,
            signature=self.signatures[row],
            passages=passages,
            digests=tuple(digest for _, _, _, digest in rows),
            passage_vectors=self._vectors[first : first + len(rows)].astype(np.float32),
            sentence_vectors=self._sentence_vectors.read([(sentences, sentences + count)]),
        )

    def _rows(self, statement: str, *values: object) -> list[Any]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()


class _StoredRows:
    """Rows of vectors in a file, read each time.

    A mapped file would keep in memory whatever was asked for once, and its surroundings.
    """

    def __init__(self, path: Path, dimension: int) -> None:
        """Raises OSError, and ValueError where the last row is not whole."""
        self._file = path.open("rb", buffering=0)
        finalize(self, self._file.close)
        self._dimension = dimension
        self._size = dimension * np.dtype(np.float16).itemsize
        self._count, rest = divmod(os.fstat(self._file.fileno()).st_size, self._size)
        if rest:
            raise ValueError(f"{path.name} ends in the middle of a row")

    def __len__(self) -> int:
        return self._count

    def read(self, spans: Iterable[tuple[int, int]]) -> Vectors:
        """The rows [first, end) of each span, float32 [rows, dimension]."""
        file, size = self._file.fileno(), self._size
        read = [os.pread(file, (end - first) * size, first * size) for first, end in spans]
        rows = np.frombuffer(b"".join(read), dtype="<f2").reshape(-1, self._dimension)
        return rows.astype(np.float32)


def pack_sentences(passage: Passage) -> bytes:
    """The sentences' starts, ends and captions, int32 [sentences, 3]."""
    spans = [(span.start, span.end, span.caption) for span in passage.sentences]
    return np.array(spans, dtype="<i4").tobytes()


def unpack_sentences(packed: bytes) -> Passage:
    """The passage of which `pack_sentences` made this."""
    spans = np.frombuffer(packed, dtype="<i4").reshape(-1, 3).tolist()
    sentences = tuple(Sentence(start, end, bool(caption)) for start, end, caption in spans)
    return Passage(sentences[0].start, sentences[-1].end, sentences)


def _article(values: Sequence[Any]) -> Article:
    identity, title, text, source, author, published, url, captions, updated, language = values
    return Article(
        id=identity,
        title=title,
        text=text,
        source=source,
        author=author,
        published=date.fromisoformat(published) if published else None,
        url=url,
        captions=tuple((start, end) for start, end in json.loads(captions)),
        updated=date.fromisoformat(updated) if updated else None,
        language=language,
    )


def _read_array(path: Path, kind: type[Any], columns: int | None = None) -> npt.NDArray[Any]:
    """The array in a file, mapped: [n], or [n, columns]; an empty file cannot be mapped."""
    if path.stat().st_size == 0:
        return np.zeros((0, columns) if columns else 0, dtype=kind)
    values: npt.NDArray[Any] = np.memmap(path, dtype=kind, mode="r").view(np.ndarray)
    return values.reshape(-1, columns) if columns else values

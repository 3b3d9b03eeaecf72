"""Articles, passages and vectors -> the files of a segment; segment.py says what stands in them."""

import json
import sqlite3
from array import array
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import BinaryIO

import numpy as np

from index.generations import Counts
from index.nearest import write_structure
from index.postings import PostingsWriter
from index.segment import Entry, pack_sentences
from index.words import terms

_SCHEMA = """
CREATE TABLE articles (row INTEGER PRIMARY KEY, id TEXT NOT NULL, version TEXT NOT NULL,
                       current INTEGER NOT NULL, cluster TEXT NOT NULL, origin TEXT NOT NULL,
                       title TEXT NOT NULL, text TEXT NOT NULL, source TEXT, author TEXT,
                       published TEXT, day INTEGER, url TEXT, captions TEXT NOT NULL,
                       updated TEXT, language TEXT);
CREATE INDEX articles_by_id ON articles (id);
CREATE INDEX articles_by_version ON articles (version);
CREATE TABLE passages (row INTEGER PRIMARY KEY, article INTEGER NOT NULL REFERENCES articles,
                       first_sentence INTEGER NOT NULL, sentences BLOB NOT NULL,
                       digest BLOB NOT NULL);
CREATE INDEX passages_by_article ON passages (article);
CREATE INDEX passages_by_digest ON passages (digest);
"""
_STREAMED = ("passages.f16", "sentences.f16", "owners.u32", "first.u32", "signatures.u32")


class SegmentWriter(AbstractContextManager["SegmentWriter", None]):
    """Writes articles one after the other; complete only when `finish` has returned."""

    def __init__(self, folder: Path, *, dimension: int) -> None:
        """Write into the empty `folder`; every method raises OSError or sqlite3.Error."""
        self.articles = self.passages = self.sentences = 0
        self.folder = folder
        self._dimension = dimension
        self._postings = PostingsWriter()
        self._known_sources: dict[str, int] = {}
        self._sources = array("I")
        self._files: dict[str, BinaryIO] = {name: (folder / name).open("wb") for name in _STREAMED}
        self._database = sqlite3.connect(folder / "articles.db", isolation_level=None)
        self._database.executescript(
            f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN; {_SCHEMA}"
        )

    def __exit__(self, *_error: object) -> None:
        for file in self._files.values():
            file.close()
        self._database.close()

    @property
    def counts(self) -> Counts:
        """What was written so far."""
        return Counts(self.articles, self.passages, self.sentences)

    def add(self, entry: Entry) -> None:
        """Write the next article; one without passages is an earlier version of another."""
        article = entry.article
        self._database.execute(
            f"INSERT INTO articles VALUES ({','.join('?' * 16)})",
            (
                self.articles,
                article.id,
                article.version,
                bool(entry.passages),
                entry.cluster,
                entry.origin,
                article.title,
                article.text,
                article.source,
                article.author,
                article.published.isoformat() if article.published else None,
                article.published.toordinal() if article.published else None,
                article.url,
                json.dumps(article.captions),
                article.updated.isoformat() if article.updated else None,
                article.language,
            ),
        )
        self._files["signatures.u32"].write(entry.signature.astype("<u4").tobytes())
        if entry.passage_vectors is not None and entry.sentence_vectors is not None:
            self._files["passages.f16"].write(entry.passage_vectors.astype("<f2").tobytes())
            self._files["sentences.f16"].write(entry.sentence_vectors.astype("<f2").tobytes())
        self._add_passages(entry)
        self.articles += 1

    def finish(self) -> None:
        """Write what depends on all articles, and close the files."""
        self._database.execute("COMMIT")
        self._database.close()
        for file in self._files.values():
            file.close()
        self._postings.write(self.folder)
        path = self.folder / "passages.f16"
        vectors = np.zeros((0, self._dimension), dtype=np.float16)
        if self.passages:
            vectors = np.memmap(path, dtype="<f2", mode="r").reshape(-1, self._dimension)
        sources = np.frombuffer(self._sources, dtype=np.uint32)
        write_structure(self.folder / "passages.faiss", vectors, sources)

    def _add_passages(self, entry: Entry) -> None:
        article = entry.article
        around = {
            "title": terms(article.title),
            "source": terms(article.source or ""),
            "published": terms(_spelled(article.published) if article.published else ""),
        }
        named = (article.source or "").casefold()
        source = self._known_sources.setdefault(named, len(self._known_sources))
        for passage, digest in zip(entry.passages, entry.digests, strict=True):
            self._database.execute(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?)",
                (self.passages, self.articles, self.sentences, pack_sentences(passage), digest),
            )
            text = article.text[passage.start : passage.end]
            self._postings.add({**around, "text": terms(text)})
            self._files["owners.u32"].write(self.articles.to_bytes(4, "little"))
            self._files["first.u32"].write(self.sentences.to_bytes(4, "little"))
            self._sources.append(source)
            self.passages += 1
            self.sentences += len(passage.sentences)


def _spelled(day: date) -> str:
    return f"{day.day} {day:%A %B %Y}"

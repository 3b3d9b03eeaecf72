"""Articles, passages and vectors -> the files of a published generation.

    articles.db      SQLite: articles, passages, sentences and the FTS5 word index
    passages.faiss   one vector for each passage, row = passage number
    sentences.npy    float16 [sentences, dimension], row = sentence number

Kept simple on purpose: every vector is compared (a flat index), and each build writes all of it.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np

from index.articles import Article
from index.errors import WriteFailed
from index.manifest import Manifest, folder_aside, publish
from index.passages import Passage
from index.vectors import Vectors

_SCHEMA = """
CREATE TABLE articles (id TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, source TEXT,
                       author TEXT, published TEXT, url TEXT, captions TEXT NOT NULL);
CREATE TABLE passages (number INTEGER PRIMARY KEY, article_id TEXT NOT NULL REFERENCES articles,
                       start INTEGER NOT NULL, end INTEGER NOT NULL);
CREATE TABLE sentences (number INTEGER PRIMARY KEY, passage INTEGER NOT NULL REFERENCES passages,
                        start INTEGER NOT NULL, end INTEGER NOT NULL, caption INTEGER NOT NULL);
CREATE INDEX sentences_of_passage ON sentences (passage);
CREATE VIRTUAL TABLE words USING fts5 (title, source, published, text, content='',
                                       tokenize='porter unicode61 remove_diacritics 2');
"""


@dataclass(frozen=True)
class Entry:
    """One article ready to be written: vectors float32 [passages, d] and [sentences, d]."""

    article: Article
    passages: tuple[Passage, ...]
    passage_vectors: Vectors
    sentence_vectors: Vectors


def write_generation(
    root: Path, entries: Sequence[Entry], *, embedding_model: str, dimension: int
) -> Manifest:
    """Write a generation under `root` and make it the current one.

    Raises WriteFailed, with what stood there unchanged, when the disk is full or refuses.
    """
    try:
        with folder_aside(root) as folder:
            _write_files(folder, entries, dimension)
            return publish(
                folder,
                root,
                embedding_model=embedding_model,
                dimension=dimension,
                articles=len(entries),
                passages=sum(len(entry.passages) for entry in entries),
                sentences=sum(len(entry.sentence_vectors) for entry in entries),
            )
    except (OSError, sqlite3.Error) as error:
        raise WriteFailed(
            f"The index could not be written to {root} ({error}); what stood there is unchanged. "
            "Free some space or name another folder with --out."
        ) from error


def _write_files(folder: Path, entries: Sequence[Entry], dimension: int) -> None:
    flat = faiss.IndexFlatIP(dimension)
    if entries:
        flat.add(np.concatenate([entry.passage_vectors for entry in entries]))
    (folder / "passages.faiss").write_bytes(faiss.serialize_index(flat).tobytes())
    rows = [entry.sentence_vectors for entry in entries] or [
        np.zeros((0, dimension), dtype=np.float32)
    ]
    np.save(folder / "sentences.npy", np.concatenate(rows).astype(np.float16))
    database = sqlite3.connect(folder / "articles.db", isolation_level=None)
    try:
        database.executescript(f"PRAGMA journal_mode=OFF; BEGIN; {_SCHEMA}")
        _insert(database, entries)
        database.execute("INSERT INTO words (words) VALUES ('optimize')")
        database.execute("COMMIT")
    finally:
        database.close()


def _insert(database: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    passage_number = sentence_number = 0
    for entry in entries:
        article = entry.article
        published = article.published.isoformat() if article.published else None
        database.execute(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article.id,
                article.title,
                article.text,
                article.source,
                article.author,
                published,
                article.url,
                json.dumps(article.captions),
            ),
        )
        spelled = article.published.strftime("%A %d %B %Y") if article.published else ""
        for passage in entry.passages:
            database.execute(
                "INSERT INTO passages VALUES (?, ?, ?, ?)",
                (passage_number, article.id, passage.start, passage.end),
            )
            text = article.text[passage.start : passage.end]
            database.execute(
                "INSERT INTO words (rowid, title, source, published, text) VALUES (?, ?, ?, ?, ?)",
                (passage_number, article.title, article.source or "", spelled, text),
            )
            for sentence in passage.sentences:
                database.execute(
                    "INSERT INTO sentences VALUES (?, ?, ?, ?, ?)",
                    (
                        sentence_number,
                        passage_number,
                        sentence.start,
                        sentence.end,
                        sentence.caption,
                    ),
                )
                sentence_number += 1
            passage_number += 1

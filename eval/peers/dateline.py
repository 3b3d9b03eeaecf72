"""Dateline itself, by the functions that `python -m index build` and `search` call.

The one place of the benchmark that knows them.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from unittest.mock import patch

from eval.peers.worker import Embed, Piece, Record, Vectors, record_line, serve
from index.articles import Article, Found, Refusal
from index.build import build
from index.engine import PassageText
from index.generation import Generation
from index.passages import split_passages
from index.ranking import rank
from index.sources import read_sources
from index.vectors import Embedder


class StoredEmbedder(Embedder):
    """Gives ready vectors for articles; a question is embedded by the model."""

    def __init__(self, model: Embedder, embed: Embed) -> None:
        self.name, self.dimension = model.name, model.dimension
        self._embed = embed

    def embed_passages(
        self,
        passages: Sequence[PassageText],
        *,
        advance: Callable[[int], None] = lambda _count: None,
    ) -> tuple[Vectors, Vectors]:
        whole = self._embed([f"{one.header}\n{one.text}" for one in passages])
        parts = self._embed([one.text[a:b] for one in passages for a, b in one.sentences])
        advance(len(passages))
        return whole, parts


class Dateline:
    """A generation in a folder."""

    def __init__(self, model: Path) -> None:
        self._embedder = Embedder(str(model))
        self._generation: Generation | None = None

    def build(
        self, records: Sequence[Record], store: Path, *, embed: Embed | None
    ) -> Iterator[Piece]:
        if embed is not None:  # made-up texts, which nothing has to be cleaned from
            articles = [Found(_article(record), record.id) for record in records]
            build(articles, store / "index", StoredEmbedder(self._embedder, embed))
            return _embedded(articles)
        corpus = store / "articles.jsonl"
        corpus.write_text("".join(map(record_line, records)), encoding="utf-8")
        build(read_sources([str(corpus)]), store / "index", self._embedder)
        return _embedded(read_sources([str(corpus)]))

    def open(self, store: Path) -> None:
        """As a service does that is ready: what is there to stay is not looked through again."""
        self._generation = Generation(
            store / "index",
            embedding_model=self._embedder.name,
            dimension=self._embedder.dimension,
        )
        gc.freeze()

    def search(self, question: str, limit: int) -> Sequence[Piece]:
        if self._generation is None:
            raise RuntimeError("nothing is open")
        ranking = rank(self._generation, self._embedder, question, limit=limit)
        return [Piece(one.passage.article.id, one.passage.text) for one in ranking.passages]


class DatelineInFloat32(Dateline):
    """As on a processor without bfloat16."""

    def __init__(self, model: Path) -> None:
        with patch("index.openvino_engine._has_bfloat16", return_value=False):
            super().__init__(model)


def _embedded(items: Iterable[Found | Refusal]) -> Iterator[Piece]:
    """Each passage under its header; a longer one is read in several windows, so all of it is."""
    for found in items:
        if not isinstance(found, Found):
            continue
        article = found.article
        day = article.published.isoformat() if article.published else ""
        header = ", ".join(part for part in (article.title, article.source or "", day) if part)
        for passage in split_passages(article):
            yield Piece(article.id, article.text[passage.start : passage.end], f"{header}\n")


def _article(record: Record) -> Article:
    day = date.fromisoformat(record.published) if record.published else None
    return Article(record.id, record.title, record.text, record.source, None, day, None, ())


if __name__ == "__main__":
    serve(Dateline, float32=DatelineInFloat32)

"""Stand-ins: an embedding model that needs no weights, and articles with only what a test says."""

import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from index.articles import Article, Found
from index.build import Outcome, add, build
from index.engine import PassageText, Vectors
from index.generation import Generation
from index.manifest import Manifest
from index.passages import split_passages
from index.vectors import Embedder


class WordEmbedder(Embedder):
    """Unit vectors that count words, the same on every machine: texts that share words are near."""

    def __init__(self, name: str = "words@1", *, dimension: int = 64, exact: bool = False) -> None:
        self.name = name
        self.dimension = dimension
        self.exact = exact
        self.texts: list[str] = []

    def embed_passages(
        self,
        passages: Sequence[PassageText],
        *,
        advance: Callable[[int], None] = lambda _count: None,
    ) -> tuple[Vectors, Vectors]:
        whole = self._count([f"{p.header}\n{p.text}".strip() for p in passages])
        parts = self._count([p.text[start:end] for p in passages for start, end in p.sentences])
        for _ in passages:
            advance(1)
        return whole, parts

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = self._count([question])[0]
        return vector

    def _count(self, texts: list[str]) -> Vectors:
        self.texts += texts
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(norms, 1e-12)
        return unit


def make_article(
    text: str,
    *,
    article_id: str = "a",
    title: str = "Title",
    source: str | None = None,
    published: str | None = None,
    url: str | None = None,
    captions: tuple[tuple[int, int], ...] = (),
) -> Article:
    """An article with this text; `published` as YYYY-MM-DD."""
    day = date.fromisoformat(published) if published else None
    return Article(article_id, title, text, source, None, day, url, captions)


def build_index(root: Path, articles: Sequence[Article]) -> Manifest:
    """Publish a generation of these articles under `root`, with a WordEmbedder's vectors."""
    return build(found(articles), root, WordEmbedder()).manifest


def add_to_index(root: Path, articles: Sequence[Article]) -> Outcome:
    """Publish a generation with these articles added, with a WordEmbedder's vectors."""
    return add(found(articles), root, WordEmbedder())


def found(articles: Iterable[Article]) -> list[Found]:
    """The articles as sources give them, each from a file named by its id."""
    return [Found(article, f"/news/{article.id}.txt") for article in articles]


def open_index(root: Path) -> Generation:
    """The current generation of an index that a WordEmbedder made."""
    embedder = WordEmbedder()
    return Generation(root, embedding_model=embedder.name, dimension=embedder.dimension)


def passage_texts(article: Article) -> list[str]:
    """The article's passages as texts."""
    return [article.text[passage.start : passage.end] for passage in split_passages(article)]

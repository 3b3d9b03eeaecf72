"""A dataset in the BEIR layout -> a million unit vectors and questions to find among them.

The first ones are the dataset's own passages, then its sentences; the rest is made from them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.retrieval import Dataset
from eval.synthetic_vectors import Likeness, Synthesiser
from index.articles import Article, Found
from index.engine import Vectors
from index.passages import split_passages
from index.sources import read_sources
from index.vectors import Embedder

ASKED = 500
"""Questions, and as many passages that are held out and asked for as well."""


@dataclass(frozen=True)
class RealVectors:
    """Unit vectors float32 [rows, dimension] of the dataset's texts."""

    passages: Vectors
    sentences: Vectors
    questions: Vectors


@dataclass(frozen=True)
class Corpus:
    """What is searched, [rows, dimension], real ones first, and what is asked: questions first."""

    vectors: Vectors
    asked: Vectors
    real: int
    likeness: Likeness


def embed_dataset(
    dataset: Dataset, folder: Path, embedder: Embedder, *, report: Callable[[str], None]
) -> RealVectors:
    """The dataset's vectors, kept in `folder` for the next time."""
    path = folder / "real.npz"
    if not path.is_file():
        passages, sentences = [], []
        for article in _articles(dataset):
            for passage in split_passages(article):
                text = article.text[passage.start : passage.end]
                passages.append(f"{article.title}, {article.source or ''}\n{text}")
                sentences += [article.text[one.start : one.end] for one in passage.sentences]
        questions = [query.text for query in dataset.queries]
        named = {"passages": passages, "sentences": sentences, "questions": questions}
        vectors = {}
        for name, texts in named.items():
            report(f"embedding {len(texts)} {name}")
            vectors[name] = embedder.embed(list(dict.fromkeys(texts)))
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(path, allow_pickle=False, **vectors)
    with np.load(path) as stored:
        return RealVectors(stored["passages"], stored["sentences"], stored["questions"])


def _articles(dataset: Dataset) -> list[Article]:
    found = read_sources([str(dataset.corpus)])
    return [one.article for one in found if isinstance(one, Found)]


def make_corpus(real: RealVectors, count: int, *, seed: int = 0) -> Corpus:
    """`count` vectors to search, the same for the same seed, and the held-out questions."""
    generator = np.random.default_rng(seed)
    passages = generator.permutation(real.passages)
    sentences = generator.permutation(real.sentences)
    questions = generator.permutation(real.questions)[:ASKED]
    held, known = np.split(passages, [len(questions)])
    own = np.concatenate([known, sentences])
    synthesiser = Synthesiser(own, seed=seed)
    vectors = np.empty((count, own.shape[1]), dtype=np.float32)
    vectors[: len(own)] = own[:count]
    filled = len(own)
    for batch in synthesiser.make(max(0, count - filled)):
        vectors[filled : filled + len(batch)] = batch
        filled += len(batch)
    asked = np.concatenate([questions, held]).astype(np.float32)
    return Corpus(vectors, asked, min(count, len(own)), synthesiser.likeness)

"""Made-up articles and vectors -> whole indexes, built, searched and added to as the product does.

The texts are sentences of real articles, a passage a paragraph; the passages' vectors are those of
the size curve, the sentences' are real ones drawn by their text. Questions are embedded by the
model, within the time of their search. Building and searching each have a process of their own.
"""

import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from eval.bench_corpus import make_records
from eval.peers.worker import Record, StoredVectors
from eval.size_curve import DEPTH, WARMING, memory
from eval.size_vectors import Corpus, RealVectors
from eval.synthetic_vectors import nearest
from index.articles import Article, Found
from index.build import add, build
from index.engine import PassageText, Vectors
from index.generation import Generation
from index.live import LiveIndex
from index.ranking import rank
from index.vectors import Embedder

PARAGRAPHS = 12
"""Of an article; the real ones have thirteen passages."""

NEWS = "A zebu called {name} walked into the reading room of the library."


@dataclass(frozen=True)
class Files:
    """Where the index and what it is made of stand."""

    root: Path
    vectors: Path
    """float16 [passages, d], in the order of the passages."""
    sentences: Path
    asked: Path
    questions: Path


@dataclass(frozen=True)
class WholeBuilt:
    """What building took without a model: seconds by the clock and of the processor, bytes."""

    articles: int
    passages: int
    sentences: int
    seconds: float
    processor: float
    peak: int
    """Bytes of memory at the most."""
    size: int
    """Bytes on the disk."""


@dataclass(frozen=True)
class Times:
    """50th and 99th percentile in milliseconds, by the clock and of processor time."""

    p50: float
    p99: float
    processor50: float
    processor99: float


@dataclass(frozen=True)
class Whole:
    """A whole index: seconds to open it and to find an added article, milliseconds of a search."""

    built: WholeBuilt
    opening: float
    first: float
    """Milliseconds of the first search after opening."""
    recall: float
    recall_questions: float
    searches: Times
    embedding: Times
    """What the question's embedding takes of a search."""
    own: int
    mapped: int
    """Bytes in memory once all was asked: of the process with the model, and of mapped files."""
    added: float
    """With the index open already, as a service has it."""
    added_by_command: float
    """By `python -m index add`, from its start."""


class MadeEmbedder(Embedder):
    """Gives passages the next ones of ready vectors, sentences some; questions go to the model."""

    def __init__(self, files: Files) -> None:
        super().__init__()
        self._vectors = np.load(files.vectors, mmap_mode="r")
        self._sentences = StoredVectors(files.sentences)
        self._given = 0

    def embed_passages(
        self,
        passages: Sequence[PassageText],
        *,
        advance: Callable[[int], None] = lambda _count: None,
    ) -> tuple[Vectors, Vectors]:
        first, self._given = self._given, self._given + len(passages)
        rows = np.arange(first, self._given) % len(self._vectors)
        whole = self._vectors[rows].astype(np.float32)
        parts = self._sentences([one.text[a:b] for one in passages for a, b in one.sentences])
        advance(len(passages))
        return whole, parts


def measure_whole(
    counts: Sequence[int],
    records: Sequence[Record],
    questions: Sequence[str],
    *,
    real: RealVectors,
    corpus: Corpus,
    folder: Path,
    report: Callable[[str], None],
) -> Iterator[Whole]:
    """A whole index of about each of `counts` passages, written under `folder`."""
    for count in counts:
        place = folder / f"whole-{count}"
        place.mkdir(parents=True, exist_ok=True)
        files = Files(
            root=place / "index",
            vectors=place / "vectors.npy",
            sentences=folder / "sentences.npy",
            asked=folder / "asked.npy",
            questions=folder / "questions.json",
        )
        np.save(files.vectors, corpus.vectors[:count].astype(np.float16))
        np.save(files.sentences, real.sentences)
        np.save(files.asked, corpus.asked)
        files.questions.write_text(json.dumps(questions), encoding="utf-8")
        report(f"{count:,} passages: building")
        with _alone() as process:
            built = process.submit(build_here, records, count, files).result()
        report(f"{count:,} passages: searching")
        with _alone() as process:
            yield process.submit(search_here, built, files).result()


def make_articles(records: Sequence[Record], passages: int) -> Iterator[Found]:
    """Articles of PARAGRAPHS paragraphs, together about `passages`, always the same."""
    paragraphs = make_records(records, passages)
    while batch := list(islice(paragraphs, PARAGRAPHS)):
        first = batch[0]
        day = date.fromisoformat(first.published) if first.published else None
        text = "\n\n".join(record.text for record in batch)
        article = Article(first.id, first.title, text, first.source, None, day, None, ())
        yield Found(article, first.id)


def build_here(records: Sequence[Record], count: int, files: Files) -> WholeBuilt:
    """Build the index; the memory is this process's."""
    embedder = MadeEmbedder(files)
    started, worked = time.perf_counter(), time.process_time()
    manifest = build(make_articles(records, count), files.root, embedder).manifest
    seconds, processor = time.perf_counter() - started, time.process_time() - worked
    folder = files.root / "generations" / manifest.id
    return WholeBuilt(
        articles=manifest.articles,
        passages=manifest.passages,
        sentences=manifest.sentences,
        seconds=seconds,
        processor=processor,
        peak=1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        size=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
    )


def search_here(built: WholeBuilt, files: Files) -> Whole:
    """Open the index and ask; the memory is this process's."""
    questions: list[str] = json.loads(files.questions.read_text(encoding="utf-8"))
    embedder = Embedder()
    embedder.embed_question(questions[0])
    started = time.perf_counter()
    live = LiveIndex(files.root, embedding_model=embedder.name, dimension=embedder.dimension)
    index = live.current()
    opening = time.perf_counter() - started
    gc.freeze()  # as a service does that is ready
    searches = _times(lambda question: rank(index, embedder, question, limit=DEPTH), questions)
    embedding = _times(embedder.embed_question, questions[WARMING:])
    own, mapped = memory()
    recall, recall_questions = _recall(index, built.passages, files)
    return Whole(
        built=built,
        opening=opening,
        first=float(searches[0, 0]),
        recall=recall,
        recall_questions=recall_questions,
        searches=_summary(searches[WARMING:]),
        embedding=_summary(embedding),
        own=own,
        mapped=mapped,
        added=_add(live, embedder, files),
        added_by_command=_add_by_command(live, embedder, files),
    )


def _times(ask: Callable[[str], object], questions: Sequence[str]) -> Vectors:
    """Milliseconds of the clock and of this process [questions, 2]."""
    times = []
    for question in questions:
        before = time.perf_counter(), time.process_time()
        ask(question)
        times.append((time.perf_counter() - before[0], time.process_time() - before[1]))
    return 1000 * np.array(times, dtype=np.float32)


def _summary(times: Vectors) -> Times:
    (p50, p99), (processor50, processor99) = np.quantile(times, [0.5, 0.99], axis=0).T.tolist()
    return Times(p50, p99, processor50, processor99)


def _recall(index: Generation, passages: int, files: Files) -> tuple[float, float]:
    """Share of the exact first ten that are found, of all that is asked and of the questions."""
    asked = np.load(files.asked)
    vectors = np.load(files.vectors, mmap_mode="r")[:passages].astype(np.float32)
    exact = nearest(asked, vectors, DEPTH)[1]
    hits = np.array(
        [
            len({number for number, _ in index.nearest(vector, limit=DEPTH)} & set(rows))
            for vector, rows in zip(asked, exact.tolist(), strict=True)
        ]
    )
    return float(hits.mean()) / DEPTH, float(hits[: len(asked) // 2].mean()) / DEPTH


def _add(live: LiveIndex, embedder: Embedder, files: Files) -> float:
    found = _news("Anselm")
    started = time.perf_counter()
    outcome = add([found], files.root, embedder, current=live.current())
    if not outcome.tally.added:
        raise RuntimeError(f"{found.article.id} was there before; build the index anew")
    _find(live, embedder, found.article)
    return time.perf_counter() - started


def _add_by_command(live: LiveIndex, embedder: Embedder, files: Files) -> float:
    article = _news("Balthasar").article
    path = files.root.parent / f"{article.id}.jsonl"
    fields = {"_id": article.id, "title": article.title, "text": article.text}
    path.write_text(json.dumps(fields), encoding="utf-8")
    command = [sys.executable, "-m", "index", "add", str(path), "--index", str(files.root)]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    _find(live, embedder, article)
    return time.perf_counter() - started


def _news(name: str) -> Found:
    text = NEWS.format(name=name)
    identity = f"zebu-{name.lower()}"
    return Found(Article(identity, f"{name} in the library", text, None, None, None, None, ()), "")


def _find(live: LiveIndex, embedder: Embedder, article: Article) -> None:
    [first] = rank(live.current(), embedder, article.text, limit=1).passages
    if first.passage.article.id != article.id:
        raise RuntimeError(f"{article.id} was added and is not found")


def _alone() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))

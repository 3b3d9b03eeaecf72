"""Unit vectors -> how FAISS's structures find them: recall, time, memory, by number of vectors.

Each structure is built, written, and opened and searched in a process of its own, whose memory is
then its own. A search is one question on one thread. Candidates are ranked again by their exact
cosine, read from a float16 matrix that is mapped into memory.
"""

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import faiss
import numpy as np

from eval.size_vectors import Corpus
from eval.synthetic_vectors import Rows, nearest
from index.engine import Vectors

DEPTH = 10
"""Passages asked for: recall is the share of the exact first ten that are found."""

WARMING = 50
"""Searches before the first that is timed."""

KMEANS = {"niter": 10, "min_points_per_centroid": 5, "max_points_per_centroid": 64}
READ = {
    "read": 0,
    "mmap": faiss.IO_FLAG_MMAP,
    "mmap_ifc": faiss.IO_FLAG_MMAP_IFC,
}


@dataclass(frozen=True)
class Search:
    """How an index is searched: clusters looked into (IVF) or breadth (HNSW), and candidates."""

    effort: int
    candidates: int
    """Ranked again by their exact cosine; 0 takes the index's own first ten."""


@dataclass(frozen=True)
class Plan:
    """An index to build, by its name in faiss's index factory, and the searches to try."""

    factory: str
    searches: tuple[Search, ...]
    reading: str = "mmap_ifc"
    """One of READ."""
    every: int = 1
    """Of the questions: a scan of all vectors finds all, whatever is asked, and takes long."""


@dataclass(frozen=True)
class Files:
    """Where the index, the float16 vectors and what is asked of them stand."""

    index: Path
    matrix: Path
    asked: Path


@dataclass(frozen=True)
class Built:
    """What building took: seconds to train and to add, bytes of the file."""

    training: float
    adding: float
    size: int


@dataclass(frozen=True)
class Point:
    """One way of searching: recall from 0 to 1, milliseconds by the clock and of processor time."""

    vectors: int
    factory: str
    reading: str
    search: Search
    recall: float
    recall_questions: float
    p50: float
    p99: float
    p99_processor: float
    built: Built
    opening: float
    """Seconds to open the file."""
    first: float
    """Milliseconds of the very first search, with none of the files in memory."""
    private: int
    """Bytes that the process has more of its own than before it was opened."""
    mapped: int
    """Bytes of files in its memory, which the system may take back."""


LARGEST_GRAPH = 100_000
"""Beyond it no graph is built, to keep the run short."""

SMALLEST_CLUSTERED = 10_000
MOST_VARIANTS = 100_000
"""Beyond it only what is still in question is tried."""


def plans(count: int) -> Iterator[Plan]:
    """What is tried at `count` vectors; what cannot do is left out at the larger sizes."""
    every = 1 if count <= MOST_VARIANTS else 5
    scan = (Search(0, 0),)
    yield Plan("Flat", scan, every=every)
    yield Plan("SQfp16", scan, every=every)
    yield Plan("SQ8", (*scan, Search(0, 100)), every=every)
    if count <= LARGEST_GRAPH:
        breadths = tuple(Search(effort, k) for effort in (32, 64, 128, 256) for k in (0, 100))
        for graph in ("HNSW32,Flat", "HNSW16,SQ8", "HNSW32,SQ8"):
            yield Plan(graph, breadths)
    if count >= SMALLEST_CLUSTERED:
        lists = cluster_count(count)
        probes = [max(1, lists // part) for part in (128, 64, 32, 16, 8)]
        searches = tuple(Search(probe, k) for probe in probes for k in (0, 100, 400))
        yield Plan(f"IVF{lists},SQ8", searches)
        yield Plan(f"IVF{lists},SQ8", searches, "mmap")
        if count <= MOST_VARIANTS:
            yield Plan(f"IVF{lists},SQ8", searches, "read")
            yield Plan(f"IVF{2 * lists},SQ8", searches)
            yield Plan(f"IVF{lists},SQfp16", searches)
            yield Plan(f"IVF{lists},RaBitQ4", searches)


def cluster_count(count: int) -> int:
    """The power of two next to four times the square root of the number of vectors."""
    return int(2 ** round(math.log2(4 * math.sqrt(count))))


def measure_size(
    corpus: Corpus, counts: Sequence[int], folder: Path, *, report: Callable[[str], None]
) -> Iterator[Point]:
    """Every plan at each of `counts`, written under `folder`; `report` hears what is being done."""
    folder.mkdir(parents=True, exist_ok=True)
    files = Files(folder / "index.faiss", folder / "matrix.npy", folder / "asked.npy")
    np.save(files.asked, corpus.asked)
    for count in counts:
        vectors = corpus.vectors[:count]
        exact = nearest(corpus.asked, vectors, DEPTH)[1]
        np.save(files.matrix, vectors.astype(np.float16))
        known: tuple[str, Built] | None = None
        for plan in plans(count):
            report(f"{count:,} vectors: {plan.factory}, {plan.reading}")
            if known is None or known[0] != plan.factory:
                known = plan.factory, build_index(plan, vectors, files.index)
            yield from _measure(plan, known[1], files, exact)


def build_index(plan: Plan, vectors: Vectors, path: Path) -> Built:
    """Train, fill and write the index; the seconds and bytes that it took."""
    index = faiss.index_factory(vectors.shape[1], plan.factory, faiss.METRIC_INNER_PRODUCT)
    clustered = faiss.try_extract_index_ivf(index)
    if clustered is not None:
        for name, value in KMEANS.items():
            setattr(clustered.cp, name, value)
        clustered.cp.spherical = True
    started = time.perf_counter()
    if not index.is_trained:
        index.train(vectors)
    trained = time.perf_counter()
    index.add(vectors)
    added = time.perf_counter()
    faiss.write_index(index, str(path))
    return Built(trained - started, added - trained, path.stat().st_size)


def _measure(plan: Plan, built: Built, files: Files, exact: Rows) -> list[Point]:
    """Open the index in a new process and try the plan's searches."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure_here, plan, built, files, exact).result()


def measure_here(plan: Plan, built: Built, files: Files, exact: Rows) -> list[Point]:
    """The plan's searches, against the `exact` rows [questions, DEPTH]; memory is the process's."""
    faiss.omp_set_num_threads(1)
    queries = np.load(files.asked)[:: plan.every]
    exact = exact[:: plan.every]
    for file in (files.index, files.matrix):
        forget(file)
    private, mapped = memory()
    started = time.perf_counter()
    index = faiss.read_index(str(files.index), READ[plan.reading])
    rows = np.load(files.matrix, mmap_mode="r")
    opening = time.perf_counter() - started
    first = None
    points = []
    for search in plan.searches:
        parameters = _parameters(index, search)
        times: list[tuple[float, float]] = []
        hits = np.zeros(len(queries))
        for place, query in enumerate(queries):
            before = time.perf_counter(), time.thread_time()
            found = _search(index, rows, query, search, parameters)
            times.append((time.perf_counter() - before[0], time.thread_time() - before[1]))
            hits[place] = len(np.intersect1d(found, exact[place])) / DEPTH
        first = first if first is not None else times[0][0]
        milliseconds = 1000 * np.array(times[WARMING:])
        now = memory()
        points.append(
            Point(
                vectors=len(rows),
                factory=plan.factory,
                reading=plan.reading,
                search=search,
                recall=float(hits.mean()),
                recall_questions=float(hits[: len(queries) // 2].mean()),
                p50=float(np.quantile(milliseconds[:, 0], 0.5)),
                p99=float(np.quantile(milliseconds[:, 0], 0.99)),
                p99_processor=float(np.quantile(milliseconds[:, 1], 0.99)),
                built=built,
                opening=opening,
                first=1000 * first,
                private=now[0] - private,
                mapped=now[1] - mapped,
            )
        )
    return points


def _search(
    index: faiss.Index,
    rows: Vectors,
    query: Vectors,
    search: Search,
    parameters: faiss.SearchParameters | None,
) -> Rows:
    found: Rows = index.search(query[None, :], search.candidates or DEPTH, params=parameters)[1][0]
    if not search.candidates:
        return found
    found = np.sort(found[found >= 0])
    cosines = rows[found].astype(np.float32) @ query
    best: Rows = found[np.argsort(-cosines)[:DEPTH]]
    return best


def _parameters(index: faiss.Index, search: Search) -> faiss.SearchParameters | None:
    if faiss.try_extract_index_ivf(index) is not None:
        clusters = faiss.SearchParametersIVF()
        clusters.nprobe = search.effort
        return clusters
    if search.effort:
        graph: faiss.SearchParameters = faiss.SearchParametersHNSW()  # type: ignore[attr-defined]
        graph.efSearch = max(search.effort, search.candidates)  # type: ignore[attr-defined]
        return graph
    return None


def forget(path: Path) -> None:
    """Let the system drop the file from its memory."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def memory() -> tuple[int, int]:
    """Bytes of the process's own, and bytes of mapped files that are in memory."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    own, files = (int(fields[name].split()[0]) * 1024 for name in ("RssAnon", "RssFile"))
    return own, files

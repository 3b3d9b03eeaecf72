"""The same articles, built and searched by Dateline, by other systems and by the bare model.

Each contender runs in a process and an environment of its own, with the same embedding model. What
is timed is interleaved, one contender after the other on the same articles or the same question, so
that a busy machine slows all of them alike: read the ratios.
"""

import hashlib
import json
import random
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from eval.bench_corpus import ReadingModel, count_read, make_records, slices, write_records
from eval.errors import PeerFailed
from eval.peers.environments import surroundings
from eval.peers.process import PeerProcess
from eval.peers.worker import Piece, Record, read_records
from eval.retrieval import Dataset, Query

DEPTH = 10
FILLING = 60
"""Passages that are asked for where a length has to be filled: 12,000 characters of paragraphs."""

WARMING = 3
"""Articles, and questions, before the first that is timed."""

STARTS = 3
"""Fresh processes that are timed to their first answer."""


@dataclass(frozen=True)
class Contender:
    """How the table calls it, its module and the variant of it."""

    name: str
    module: str
    numbers: str
    variant: str | None = None
    window: int = 256
    """Tokens of a text that are read; Dateline reads a long one in several windows."""
    only_builds: bool = False
    """Searches as another one does, so only its building is measured."""

    @property
    def place(self) -> str:
        """The name of its environment and folder."""
        return self.module.rpartition(".")[2]


CONTENDERS = (
    Contender("Dateline", "eval.peers.dateline", "bfloat16", window=1_000_000),
    Contender(
        "Dateline, float32",
        "eval.peers.dateline",
        "float32",
        "float32",
        window=1_000_000,
        only_builds=True,
    ),
    Contender("bare model and FAISS", "eval.peers.bare", "float32"),
    Contender(
        "bare model and FAISS, bfloat16",
        "eval.peers.bare",
        "bfloat16",
        "bfloat16",
        only_builds=True,
    ),
    Contender("txtai", "eval.peers.txtai", "float32", window=512),
    Contender("LlamaIndex", "eval.peers.llama_index", "float32"),
    Contender("Haystack", "eval.peers.haystack", "float32"),
    Contender("haiku.rag", "eval.peers.haiku_rag", "float32"),
)
"""Dateline and the bare model read the processor: without bfloat16, two of these rows are alike."""


@dataclass(frozen=True)
class Built:
    """One building: seconds, characters of the articles that were read, once and in all."""

    seconds: float
    once: int
    every: int
    whole: int
    """Characters of the articles, read or not."""
    pieces: int


@dataclass
class Measured:
    """What was measured of one contender; seconds and bytes."""

    contender: Contender
    rounds: list[Built] = field(default_factory=list)
    corpus: Built | None = None
    starts: list[float] = field(default_factory=list)
    searches: dict[str, list[float]] = field(default_factory=dict)
    """By the corpus that was searched."""
    processor: dict[str, list[float]] = field(default_factory=dict)
    """The same searches by the processor's time, of all threads: what else runs counts less."""
    resident: dict[str, int] = field(default_factory=dict)
    found: dict[str, tuple[Piece, ...]] = field(default_factory=dict)
    """By query, in the dataset's own corpus."""
    filling: dict[str, tuple[Piece, ...]] = field(default_factory=dict)
    """The same, as many as fill a length."""
    failure: str | None = None


class Bench:
    """Runs the contenders over one dataset; everything it writes is under `root`."""

    def __init__(
        self,
        dataset: Dataset,
        root: Path,
        contenders: Sequence[Contender],
        *,
        model: Path,
        find_python: Callable[[str], Path],
        report: Callable[[str], None],
    ) -> None:
        """Find the interpreter of each contender's place; one that has none is left out."""
        self.records = tuple(read_records(dataset.corpus))
        self._root = root
        self._model = model
        self._report = report
        self.measured = [Measured(contender) for contender in contenders]
        self._pythons: dict[str, Path] = {}
        for one in self.measured:
            with _failing(one, report):
                place = one.contender.place
                self._pythons[place] = find_python(place)

    @property
    def _running(self) -> list[Measured]:
        return [one for one in self.measured if one.failure is None]

    @property
    def _searching(self) -> list[Measured]:
        return [one for one in self._running if not one.contender.only_builds]

    def build_slices(self, *, size: int, rounds: int) -> None:
        """Let each build the same `size` articles in turn, `rounds` times, its model loaded."""
        warming, *timed = [self.records[:WARMING], *slices(self.records, size=size, count=rounds)]
        with self._processes(self._running) as processes:
            for number, records in enumerate([warming, *timed]):
                for one in _shuffled(self._running, number):
                    self._report(f"building {len(records)} articles: {one.contender.name}")
                    with _failing(one, self._report), TemporaryDirectory() as store:
                        process = processes[one.contender.name]
                        built = self._build(one, process, records, Path(store))
                        if number:
                            one.rounds.append(built)

    def search_corpus(self, queries: Sequence[Query]) -> None:
        """Build the whole dataset where it is not built yet, and ask every query of it.

        Afterwards every query is asked for more passages, which is not timed.
        """
        stores = self._build_stores("corpus", self.records, vectors=None)
        for one in self._searching:
            one.corpus = _read_built(stores[one.contender.name])
            with _failing(one, self._report):
                one.starts = [
                    self._start(one, stores[one.contender.name], queries[0]) for _ in range(STARTS)
                ]
        for one, query, found in self._search("corpus", stores, queries):
            one.found[query.id] = found
        for one, query, reply in self._ask("corpus", stores, queries, limit=FILLING):
            one.filling[query.id] = _pieces(reply)

    def search_made(self, count: int, queries: Sequence[Query], vectors: Path) -> None:
        """Ask queries of `count` made-up passages, whose vectors are some of those in `vectors`."""
        records = tuple(make_records(self.records, count))
        name = f"{count:,} made-up passages"
        stores = self._build_stores(f"made-{count}", records, vectors=vectors)
        for _ in self._search(name, stores, queries):
            pass

    def _search(
        self, corpus: str, stores: Mapping[str, Path], queries: Sequence[Query]
    ) -> Iterator[tuple[Measured, Query, tuple[Piece, ...]]]:
        for one, query, reply in self._ask(corpus, stores, queries, limit=DEPTH):
            one.searches.setdefault(corpus, []).append(reply["seconds"])
            one.processor.setdefault(corpus, []).append(reply["processor"])
            one.resident[corpus] = reply["resident"]
            yield one, query, _pieces(reply)

    def _ask(
        self, corpus: str, stores: Mapping[str, Path], queries: Sequence[Query], *, limit: int
    ) -> Iterator[tuple[Measured, Query, dict[str, Any]]]:
        with self._processes(self._searching) as processes:
            for one in self._searching:
                self._report(f"opening {corpus}: {one.contender.name}")
                with _failing(one, self._report):
                    process = processes[one.contender.name]
                    process.ask(do="open", store=str(stores[one.contender.name]))
                    for query in queries[:WARMING]:
                        process.ask(do="search", question=query.text, limit=limit)
            for number, query in enumerate(queries):
                self._report(f"searching {corpus}: question {number + 1} of {len(queries)}")
                for one in _shuffled(self._searching, number):
                    with _failing(one, self._report):
                        reply = processes[one.contender.name].ask(
                            do="search", question=query.text, limit=limit
                        )
                        yield one, query, reply

    def _build_stores(
        self, name: str, records: Sequence[Record], *, vectors: Path | None
    ) -> dict[str, Path]:
        """A built store of each contender; those of an earlier run are taken as they are."""
        stores = {}
        for one in self._searching:
            contender = one.contender
            folder = f"{name}-{_fingerprint(records)}-{contender.variant or 'default'}"
            store = self._root / contender.place / folder
            stores[contender.name] = store
            if (store / "built.json").is_file():
                continue
            self._report(f"building {name}, {len(records)} articles: {contender.name}")
            shutil.rmtree(store, ignore_errors=True)
            store.mkdir(parents=True)
            with _failing(one, self._report), self._processes([one]) as processes:
                built = self._build(one, processes[contender.name], records, store, vectors)
                _write_built(store, built)
        return stores

    def _build(
        self,
        one: Measured,
        process: PeerProcess,
        records: Sequence[Record],
        store: Path,
        vectors: Path | None = None,
    ) -> Built:
        corpus, listing = store / "records.jsonl", store / "pieces.jsonl"
        write_records(corpus, records)
        reply = process.ask(
            do="build",
            records=str(corpus),
            store=str(store),
            listing=str(listing),
            vectors=str(vectors) if vectors else None,
        )
        pieces = _read_pieces(listing)
        reading = ReadingModel(self._model, window=one.contender.window)
        once, every = count_read(records, pieces, reading)
        whole = sum(len(record.text) for record in records)
        return Built(reply["seconds"], once, every, whole, len(pieces))

    def _start(self, one: Measured, store: Path, query: Query) -> float:
        started = perf_counter()
        with self._processes([one]) as processes:
            process = processes[one.contender.name]
            process.ask(do="open", store=str(store))
            process.ask(do="search", question=query.text, limit=DEPTH)
            return perf_counter() - started

    @contextmanager
    def _processes(self, measured: Sequence[Measured]) -> Iterator[dict[str, PeerProcess]]:
        with ExitStack() as stack:
            yield {
                one.contender.name: stack.enter_context(self._process(one.contender))
                for one in measured
            }

    def _process(self, contender: Contender) -> PeerProcess:
        python = self._pythons[contender.place]
        command = [str(python), "-m", contender.module, str(self._model)]
        command += [contender.variant] if contender.variant else []
        folder = self._root / contender.place
        return PeerProcess(
            contender.name,
            command,
            surroundings=surroundings(folder),
            log=folder / "log.txt",
        )


@contextmanager
def _failing(one: Measured, report: Callable[[str], None]) -> Iterator[None]:
    """What fails is left out of the rest, and the table says why."""
    try:
        yield
    except PeerFailed as error:
        one.failure = str(error)
        report(one.failure)


def _shuffled(measured: Sequence[Measured], number: int) -> list[Measured]:
    """The same ones in another order each time, so that none always follows the same one."""
    return random.Random(number).sample(measured, len(measured))  # noqa: S311


def _fingerprint(records: Sequence[Record]) -> str:
    """Eight hex digits of the sha256 over the articles."""
    return hashlib.sha256(repr(records).encode()).hexdigest()[:8]


def _pieces(reply: Mapping[str, Any]) -> tuple[Piece, ...]:
    return tuple(Piece(*piece) for piece in reply["found"])


def _read_pieces(listing: Path) -> list[Piece]:
    with listing.open(encoding="utf-8") as lines:
        return [Piece(*json.loads(line)) for line in lines]


def _write_built(store: Path, built: Built) -> None:
    (store / "built.json").write_text(json.dumps(asdict(built)), encoding="utf-8")


def _read_built(store: Path) -> Built:
    return Built(**json.loads((store / "built.json").read_text(encoding="utf-8")))

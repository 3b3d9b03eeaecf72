"""Requests, one JSON object a line -> replies, from one system that is measured beside the others.

Every system runs in a process and an environment of its own, so this module imports nothing but
Python's library and numpy. What a library prints goes to standard error.
"""

import argparse
import json
import os
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any, NamedTuple, Protocol, TextIO

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class Record:
    """An article as the systems are given it."""

    id: str
    title: str
    source: str
    published: str
    text: str


def record_line(record: Record) -> str:
    """The article as a line of a corpus.jsonl, its end included."""
    fields = {
        "_id": record.id,
        "title": record.title,
        "source": record.source,
        "published": record.published,
        "text": record.text,
    }
    return f"{json.dumps(fields)}\n"


class Piece(NamedTuple):
    """A passage: its article's id, its text, and what was put before it where it was embedded."""

    article: str
    text: str
    before: str = ""


class System(Protocol):
    """What is measured. Made anew in each process, with the model loaded."""

    def build(
        self, records: Sequence[Record], store: Path, *, embed: Embed | None
    ) -> Iterable[Piece]:
        """Cut, embed and store the articles under `store`; every text that was embedded.

        With `embed` the model is asked nothing: this gives the vectors. What comes back is read
        when the time is taken already.
        """
        ...

    def open(self, store: Path) -> object:
        """Make what was built ready for questions."""
        ...

    def search(self, question: str, limit: int) -> Sequence[Piece]:
        """The `limit` best passages."""
        ...


class StoredVectors:
    """Gives each text one of some ready vectors, always the same for the same text."""

    def __init__(self, path: Path) -> None:
        """Take the vectors of a .npy file, float32 [rows, dimension]."""
        self._vectors = np.load(path, mmap_mode="r")

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors float32 [len(texts), dimension]."""
        rows = [zlib.crc32(text.encode()) % len(self._vectors) for text in texts]
        vectors: Vectors = np.asarray(self._vectors[rows], dtype=np.float32)
        return vectors


def serve(make: Callable[[Path], System], **variants: Callable[[Path], System]) -> None:
    """Answer requests until standard input ends; `make` is given the model's folder.

    One of `variants` is made in its place where the command line names it.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("variant", nargs="?", choices=list(variants))
    options = parser.parse_args()
    make = variants.get(options.variant, make)
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    requests: Queue[str] = Queue()
    threading.Thread(target=_take_requests, args=(requests,), daemon=True).start()
    answer_requests(make(options.model), iter(requests.get, None), replies)


def _take_requests(requests: "Queue[str]") -> None:
    """End the process when nobody is there to hear its replies, whatever it is at."""
    for line in sys.stdin:
        requests.put(line)
    os._exit(0)


def answer_requests(system: System, requests: Iterable[str], replies: TextIO) -> None:
    """Answer each line of `requests`."""
    for line in requests:
        print(json.dumps(_answer(system, json.loads(line))), file=replies, flush=True)


def _answer(system: System, request: Mapping[str, Any]) -> dict[str, Any]:
    reply: dict[str, Any] = {}
    started = time.perf_counter()
    match request["do"]:
        case "build":
            embed = StoredVectors(Path(request["vectors"])) if request["vectors"] else None
            records = list(read_records(Path(request["records"])))
            started = time.perf_counter()
            built = system.build(records, Path(request["store"]), embed=embed)
            reply["seconds"] = time.perf_counter() - started
            lines = "".join(f"{json.dumps(piece)}\n" for piece in built)
            Path(request["listing"]).write_text(lines, encoding="utf-8")
        case "open":
            system.open(Path(request["store"]))
            reply["seconds"] = time.perf_counter() - started
        case "search":
            worked = time.process_time()
            found = system.search(request["question"], request["limit"])
            reply["seconds"] = time.perf_counter() - started
            reply["processor"] = time.process_time() - worked
            reply["found"] = found
        case unknown:
            raise ValueError(f"{unknown} is no request")
    return reply | {"resident": _resident()}


def read_records(path: Path) -> Iterator[Record]:
    """The articles of a .jsonl file in the BEIR layout."""
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        yield Record(
            id=record["_id"],
            title=record["title"],
            source=record.get("source") or "",
            published=(record.get("published") or "")[:10],
            text=record["text"],
        )


def _resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")

"""The folder of an index: its generations, which of them is current, and the one writer.

    ROOT/CURRENT                the name of the generation in use, replaced in one rename
    ROOT/LOCK                   held by the writer at work, and says who that is
    ROOT/generations/ID/        manifest.json and a folder for each segment

A generation is written aside, checksummed, moved into place and only then named in CURRENT, so a
reader sees the old one or the new one, never half of either. Segments that two generations share
are the same files (hard links), so every generation is complete and a small change is cheap.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.errors import GenerationMissing, IndexLocked
from index.manifest import (
    FORMAT,
    Manifest,
    SegmentRecord,
    damaged,
    file_digest,
    read_manifest,
    write_manifest,
)

KEPT = 3
"""Generations that stay, the current one included, for slow readers and for a rollback."""

_GENERATION_ID = re.compile(r"\d{8}T\d{9}-[0-9a-f]{8}")
_BETWEEN_TRIES = 0.05
"""Seconds."""


@dataclass(frozen=True)
class Counts:
    """What a reader can find: articles, passages and sentences that are not out of date."""

    articles: int
    passages: int
    sentences: int


@dataclass(frozen=True)
class Making:
    """What a generation is made with, and how many stay with it, itself included."""

    embedding_model: str
    dimension: int
    kept: int = KEPT


@contextmanager
def only_writer(root: Path, what: str, *, wait: float = 0.0) -> Iterator[None]:
    """Be the writer of `root`, waiting up to `wait` seconds for another one to end.

    `what` tells others what is going on. Removes what a killed writer left behind; the system lets
    go of the lock when a process dies. Raises IndexLocked, naming who writes, and OSError.
    """
    (root / "generations").mkdir(parents=True, exist_ok=True)
    with (root / "LOCK").open("a+", encoding="utf-8") as file:
        deadline = time.monotonic() + wait
        while not _locked(file.fileno()):
            if time.monotonic() >= deadline:
                raise IndexLocked(
                    f"{_holder(root / 'LOCK')} is writing the index in {root}; try again when that "
                    "has ended, or wait for it with --wait SECONDS."
                )
            time.sleep(_BETWEEN_TRIES)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        file.truncate(0)
        file.write(json.dumps({"process": os.getpid(), "what": what, "since": since}))
        file.flush()
        for leftover in root.glob(".building-*"):
            _remove(leftover)
        try:
            yield
        finally:
            file.truncate(0)


@contextmanager
def folder_aside(root: Path) -> Iterator[Path]:
    """A new folder under `root` to write a generation in; removed at the end unless published."""
    aside = Path(tempfile.mkdtemp(prefix=".building-", dir=root))
    try:
        folder = aside / "generation"
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def record_segment(folder: Path, counts: Counts) -> SegmentRecord:
    """Have the disk hold the finished segment in `folder`, and checksum its files."""
    paths = sorted(folder.iterdir())
    for path in (*paths, folder):
        _flush(path)
    files = {path.name: file_digest(path) for path in paths}
    return SegmentRecord(folder.name, counts.articles, counts.passages, counts.sentences, files)


def publish(
    folder: Path,
    root: Path,
    segments: Sequence[SegmentRecord],
    counts: Counts,
    making: Making,
    *,
    replaced: str | None = None,
) -> Manifest:
    """Make the segments in `folder` the current generation of `root`, and move it into place.

    Segments that are not in `folder` are taken from the current generation. Of the generations
    before, the newest stay, `making.kept` in all, without the one that is `replaced`. Raises
    OSError, with the current generation unchanged, when the disk is full or refuses.
    """
    before = current_name(root)
    for segment in segments:
        if not (folder / segment.id).exists():
            _link(root / "generations" / str(before) / segment.id, folder / segment.id)
    now = datetime.now(UTC)
    digest = hashlib.sha256(repr((segments, now)).encode()).hexdigest()
    manifest = Manifest(
        format=FORMAT,
        id=f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03}-{digest[:8]}",
        created=now.isoformat(timespec="milliseconds"),
        embedding_model=making.embedding_model,
        dimension=making.dimension,
        articles=counts.articles,
        passages=counts.passages,
        sentences=counts.sentences,
        segments=tuple(segments),
    )
    write_manifest(folder / "manifest.json", manifest)
    _flush(folder / "manifest.json")
    _flush(folder)
    folder.rename(root / "generations" / manifest.id)
    _flush(root / "generations")
    make_current(root, manifest.id)
    newest = [name for name in list_generations(root) if name != replaced][-making.kept :]
    _remove_all_but({*newest, manifest.id, before} - {replaced}, root)
    return manifest


def make_current(root: Path, name: str) -> None:
    """Name the generation in CURRENT, in one step; raises OSError."""
    aside = root / ".building-CURRENT"
    aside.write_text(name + "\n", encoding="ascii")
    _flush(aside)
    aside.replace(root / "CURRENT")
    _flush(root)


def current_folder(root: Path) -> Path:
    """The folder of the current generation.

    Raises GenerationMissing, or GenerationDamaged where CURRENT names what is not there.
    """
    path = root / "CURRENT"
    name = current_name(root)
    if name is None and path.exists():
        raise damaged(path, "cannot be read")
    if name is None:
        raise GenerationMissing(
            f"No index stands in {root}; make one with `python -m index build SOURCE --out {root}`."
        )
    if not _GENERATION_ID.fullmatch(name) or not (root / "generations" / name).is_dir():
        raise damaged(path, "names a generation that is not there")
    return root / "generations" / name


def current_name(root: Path) -> str | None:
    """What CURRENT says, without its line end; None where it is not there or cannot be read."""
    try:
        content = (root / "CURRENT").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    return content.removesuffix("\n")


def read_current(root: Path) -> Manifest:
    """The current generation's manifest.

    Raises GenerationMissing, GenerationDamaged, or GenerationMismatch for another format's.
    """
    return read_manifest(current_folder(root))


def list_generations(root: Path) -> list[str]:
    """The names of the generations on disk, oldest first."""
    folder = root / "generations"
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return sorted(name for name in names if _GENERATION_ID.fullmatch(name))


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(path: Path) -> str:
    """Who wrote the lock file, in words."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return f"`{told['what']}` (process {told['process']}, since {told['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "Another process"  # it has the lock and is only now writing who it is


def _link(source: Path, target: Path) -> None:
    """The segment in another generation's folder: the same files, or copies where links fail."""
    target.mkdir()
    for path in source.iterdir():
        try:
            os.link(path, target / path.name)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV):
                raise
            shutil.copyfile(path, target / path.name)
    _flush(target)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _remove_all_but(kept: set[str | None], root: Path) -> None:
    for path in (root / "generations").iterdir():
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


def _flush(path: Path) -> None:
    """Have the disk hold a file's content or a folder's names before anything builds on them."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

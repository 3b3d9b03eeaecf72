"""A folder of files <-> a named, checksummed, published generation under a root folder.

    ROOT/CURRENT                       the name of the generation in use, replaced in one rename
    ROOT/generations/ID/manifest.json  what it was made with, counts, a checksum for each file

Files are written aside, checksummed, moved into place and only then named in CURRENT, so a reader
sees the old generation or the new one, never half of either. One writer at a time: the others wait.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.errors import GenerationDamaged, GenerationMismatch, GenerationMissing

FORMAT = 1
"""Raised when the files change shape, so that another version's index is refused, not misread."""


_GENERATION_ID = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Manifest:
    """What a generation was made with and holds; `files` maps a name to its sha256."""

    format: int
    id: str
    created: str
    embedding_model: str
    dimension: int
    articles: int
    passages: int
    sentences: int
    files: dict[str, str]


@contextmanager
def folder_aside(root: Path) -> Iterator[Path]:
    """A new folder under `root` to write a generation in; removed at the end unless published.

    What a killed writer left behind is removed first. Raises OSError when the disk is full or
    refuses.
    """
    (root / "generations").mkdir(parents=True, exist_ok=True)
    with _only_writer(root):
        for leftover in root.glob(".building-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        aside = Path(tempfile.mkdtemp(prefix=".building-", dir=root))
        try:
            folder = aside / "generation"
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def publish(
    folder: Path,
    root: Path,
    *,
    embedding_model: str,
    dimension: int,
    articles: int,
    passages: int,
    sentences: int,
) -> Manifest:
    """Checksum the files in `folder`, move it into place and make it the current generation.

    The generation before it stays, for readers may still open it; older ones are removed. Raises
    OSError, with the current generation unchanged, when the disk is full or refuses.
    """
    paths = sorted(folder.iterdir())
    for path in paths:
        _flush(path)
    files = {path.name: _file_digest(path) for path in paths}
    now = datetime.now(UTC)
    manifest = Manifest(
        format=FORMAT,
        id=f"{now:%Y%m%dT%H%M%S}-{_digest(repr((files, now)).encode())[:8]}",
        created=now.isoformat(timespec="seconds"),
        embedding_model=embedding_model,
        dimension=dimension,
        articles=articles,
        passages=passages,
        sentences=sentences,
        files=files,
    )
    current = folder.with_name("CURRENT")
    _write_durably(folder / "manifest.json", _manifest_bytes(asdict(manifest)))
    _write_durably(current, manifest.id.encode() + b"\n")
    before = _name_in(root / "CURRENT")
    folder.rename(root / "generations" / manifest.id)
    _flush(root / "generations")
    current.replace(root / "CURRENT")
    _flush(root)
    _remove_all_but({before, manifest.id}, root)
    return manifest


def read_manifest(root: Path) -> Manifest:
    """The current generation's manifest.

    Raises GenerationMissing, GenerationDamaged, or GenerationMismatch for another format's.
    """
    name = _current_name(root)
    path = root / "generations" / name / "manifest.json"
    try:
        content = path.read_bytes()
        described = json.loads(content)["manifest"]
        intact = content == _manifest_bytes(described) and described["id"] == name
    except OSError as error:
        raise _damaged(path, f"cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, "was cut short or changed after it was written") from error
    if not intact:
        raise _damaged(path, "was changed after it was written")
    if described["format"] != FORMAT:
        raise GenerationMismatch(
            f"The index in {root} has format {described['format']}, this program reads {FORMAT}; "
            "build it again."
        )
    return Manifest(**described)


def open_folder(root: Path, *, embedding_model: str, dimension: int) -> tuple[Manifest, Path]:
    """The current generation's manifest and folder, every file checked.

    Raises GenerationMissing, GenerationDamaged (a checksum is off) or GenerationMismatch (it was
    made by another format or embedding model).
    """
    manifest = read_manifest(root)
    _check_fits(manifest, root, embedding_model, dimension)
    folder = root / "generations" / manifest.id
    _check_files(folder, manifest)
    return manifest, folder


@contextmanager
def _only_writer(root: Path) -> Iterator[None]:
    """Wait for other writers of `root` to end; the system lets go when a process is killed."""
    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _check_fits(manifest: Manifest, root: Path, embedding_model: str, dimension: int) -> None:
    if (manifest.embedding_model, manifest.dimension) != (embedding_model, dimension):
        raise GenerationMismatch(
            f"The index in {root} was made with {manifest.embedding_model} "
            f"({manifest.dimension} dimensions), but {embedding_model} ({dimension}) is in use; "
            "build it again, or set DATELINE_EMBEDDING_MODEL to the model it was made with."
        )


def _check_files(folder: Path, manifest: Manifest) -> None:
    for name, digest in manifest.files.items():
        path = folder / name
        try:
            intact = _file_digest(path) == digest
        except OSError as error:
            raise _damaged(path, f"cannot be read ({error.strerror})") from error
        if not intact:
            raise _damaged(path, "was cut short or changed after it was written")


def _current_name(root: Path) -> str:
    path = root / "CURRENT"
    try:
        name = _name_in(path)
    except OSError as error:
        raise _damaged(path, f"cannot be read ({error.strerror})") from error
    if name is None:
        raise GenerationMissing(
            f"No index stands in {root}; make one with `python -m index build SOURCE --out {root}`."
        )
    if not _GENERATION_ID.fullmatch(name) or not (root / "generations" / name).is_dir():
        raise _damaged(path, "names a generation that is not there")
    return name


def _name_in(path: Path) -> str | None:
    """What CURRENT says, without its line end; None where it does not stand."""
    try:
        return path.read_text(encoding="ascii", errors="replace").removesuffix("\n")
    except (FileNotFoundError, NotADirectoryError):
        return None


def _remove_all_but(kept: set[str | None], root: Path) -> None:
    for path in (root / "generations").iterdir():
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


def _write_durably(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    _flush(path)


def _flush(path: Path) -> None:
    """Have the disk hold a file's content or a folder's names before anything builds on them."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _manifest_bytes(described: dict[str, object]) -> bytes:
    """manifest.json: what it says, and the sha256 of that, in the one layout that is accepted."""
    digest = _digest(json.dumps(described, sort_keys=True).encode())
    return json.dumps({"manifest": described, "sha256": digest}, indent=2).encode() + b"\n"


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _damaged(path: Path, what: str) -> GenerationDamaged:
    return GenerationDamaged(f"The index file {path} {what}; build the index again.")

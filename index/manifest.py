"""What a generation is made of <-> its manifest.json, which holds a checksum of itself.

A manifest names the generation's segments, the checksum of each of their files, and which of their
articles do not count any more.
"""

import hashlib
import json
import os
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from index.errors import GenerationDamaged, GenerationMismatch

FORMAT = 2
"""Raised when the files change shape, or the terms in them (index/words.py), so that another
version's index is refused, not misread."""


@dataclass(frozen=True)
class SegmentRecord:
    """A segment of a generation: its folder's name, and the sha256 of each file in it.

    `superseded` are the rows of earlier versions, kept for old citations; `removed` those of
    articles that are gone.
    """

    id: str
    articles: int
    passages: int
    sentences: int
    files: dict[str, str]
    superseded: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """What a generation was made with and holds: the counts are of what can be found in it."""

    format: int
    id: str
    created: str
    embedding_model: str
    dimension: int
    articles: int
    passages: int
    sentences: int
    segments: tuple[SegmentRecord, ...]


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write the manifest; raises OSError."""
    path.write_bytes(_manifest_bytes(asdict(manifest)))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the generation in `folder`.

    Raises GenerationDamaged, or GenerationMismatch for another format's.
    """
    path = folder / "manifest.json"
    try:
        content = path.read_bytes()
        described = json.loads(content)["manifest"]
        intact = content == _manifest_bytes(described) and described["id"] == folder.name
    except OSError as error:
        raise damaged(path, f"cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise damaged(path, "was cut short or changed after it was written") from error
    if not intact:
        raise damaged(path, "was changed after it was written")
    if described["format"] != FORMAT:
        raise GenerationMismatch(
            f"The index in {folder.parents[1]} has format {described['format']}, this program "
            f"reads {FORMAT}; build it again."
        )
    return _manifest(described)


def read_intact(folder: Path) -> Manifest:
    """The manifest of the generation in `folder`, once every file of it is checked.

    Raises GenerationDamaged, naming the file, or GenerationMismatch for another format's.
    """
    manifest = read_manifest(folder)
    for record in manifest.segments:
        check_files(folder / record.id, record)
    return manifest


def check_fits(manifest: Manifest, root: Path, embedding_model: str, dimension: int) -> None:
    """Raise GenerationMismatch when the generation was made with another embedding model."""
    if (manifest.embedding_model, manifest.dimension) != (embedding_model, dimension):
        raise GenerationMismatch(
            f"The index in {root} was made with {manifest.embedding_model} "
            f"({manifest.dimension} dimensions), but {embedding_model} ({dimension}) is in use; "
            "build it again, or set DATELINE_EMBEDDING_MODEL to the model it was made with."
        )


def check_files(
    folder: Path, record: SegmentRecord, *, without: Collection[str] = frozenset()
) -> None:
    """Raise GenerationDamaged, naming it, when a file of the segment in `folder` is not intact.

    Those named in `without` are not looked at.
    """

    def check(name: str) -> None:
        path = folder / name
        try:
            intact = file_digest(path) == record.files[name]
        except OSError as error:
            raise damaged(path, f"cannot be read ({error.strerror})") from error
        if not intact:
            raise damaged(path, "was cut short or changed after it was written")

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(check, record.files.keys() - without))


def file_digest(path: Path) -> str:
    """The sha256 of a file; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damaged(path: Path, what: str) -> GenerationDamaged:
    """The error of a damaged file."""
    return GenerationDamaged(
        f"The index file {path} {what}; take back an earlier generation with "
        "`python -m index rollback`, or build the index again."
    )


def _manifest(described: dict[str, object]) -> Manifest:
    """The manifest of which `asdict` made this; its checksum says that it has that shape."""
    values: dict[str, object] = dict(described)
    segments = values.pop("segments")
    assert isinstance(segments, list)  # noqa: S101
    records = (
        SegmentRecord(
            **{
                **segment,
                "superseded": tuple(segment["superseded"]),
                "removed": tuple(segment["removed"]),
            }
        )
        for segment in segments
    )
    return Manifest(**values, segments=tuple(records))  # type: ignore[arg-type]


def _manifest_bytes(described: dict[str, object]) -> bytes:
    """manifest.json: what it says, and the sha256 of that, in the one layout that is accepted."""
    stated = json.dumps(described, sort_keys=True).encode()
    digest = hashlib.sha256(stated).hexdigest()
    return json.dumps({"manifest": described, "sha256": digest}, indent=2).encode() + b"\n"

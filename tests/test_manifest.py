"""A folder of files is published whole or not at all, and refused when a byte of it is off."""

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest

import index.manifest
from index.errors import DatelineError, GenerationDamaged, GenerationMismatch, GenerationMissing
from index.manifest import Manifest, folder_aside, open_folder, publish, read_manifest


def publish_words(root: Path, words: str = "words") -> Manifest:
    """A generation of two files, made with the model m of 3 dimensions."""
    with folder_aside(root) as folder:
        (folder / "one").write_text(words)
        (folder / "two").write_bytes(bytes(range(256)))
        return publish(
            folder,
            root,
            embedding_model="m",
            dimension=3,
            articles=1,
            passages=2,
            sentences=4,
        )


def open_words(root: Path) -> str:
    """The text of the current generation's first file, every file checked."""
    _, folder = open_folder(root, embedding_model="m", dimension=3)
    return (folder / "one").read_text()


def write_half(folder: Path) -> None:
    (folder / "one").write_text("half")
    raise OSError("full")


def generations(root: Path) -> list[str]:
    """The names of the generations on disk, sorted."""
    return sorted(path.name for path in (root / "generations").iterdir())


def test_what_was_published_is_read_back(tmp_path: Path) -> None:
    manifest = publish_words(tmp_path / "new" / "index")
    assert read_manifest(tmp_path / "new" / "index") == manifest
    assert (manifest.articles, manifest.passages, manifest.sentences) == (1, 2, 4)
    assert sorted(manifest.files) == ["one", "two"]
    assert open_words(tmp_path / "new" / "index") == "words"


def test_nothing_is_left_aside(tmp_path: Path) -> None:
    manifest = publish_words(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CURRENT", "generations"]
    assert generations(tmp_path) == [manifest.id]


def test_the_current_generation_and_the_one_before_are_kept(tmp_path: Path) -> None:
    published = [publish_words(tmp_path, f"words {n}").id for n in range(4)]
    assert generations(tmp_path) == sorted(published[2:])
    assert open_words(tmp_path) == "words 3"


def test_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    first = publish_words(tmp_path)
    (tmp_path / ".building-dead").mkdir()
    (tmp_path / ".building-dead" / "one").write_text("half")
    shutil.copytree(
        tmp_path / "generations" / first.id, tmp_path / "generations" / "29991231T235959-00000000"
    )
    second = publish_words(tmp_path)
    assert generations(tmp_path) == sorted([first.id, second.id])
    assert not list(tmp_path.glob(".building-*"))


def test_a_failure_while_writing_leaves_the_old_one(tmp_path: Path) -> None:
    old = publish_words(tmp_path)
    with pytest.raises(OSError, match="full"), folder_aside(tmp_path) as folder:
        write_half(folder)
    assert read_manifest(tmp_path) == old
    assert not list(tmp_path.glob(".building-*"))


@pytest.mark.parametrize("call", range(5))
def test_a_disk_that_refuses_at_any_step_leaves_the_old_one(
    call: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The steps are flushes: of the two files, the manifest, CURRENT, and the generations' names."""
    old = publish_words(tmp_path, "old")
    left = iter(range(5))

    def fsync(_descriptor: int) -> None:
        if next(left) == call:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space left"):
        publish_words(tmp_path, "new")
    monkeypatch.undo()
    assert open_words(tmp_path) == "old"
    assert read_manifest(tmp_path) == old
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CURRENT", "generations"]
    new = publish_words(tmp_path, "new")
    assert generations(tmp_path) == sorted([old.id, new.id])


def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as threads:
        published = list(threads.map(lambda n: publish_words(tmp_path, f"w{n}").id, range(12)))
    assert len(set(published)) == 12
    assert len(generations(tmp_path)) == 2
    assert open_words(tmp_path) == f"w{published.index(read_manifest(tmp_path).id)}"


@pytest.mark.parametrize(
    ("model", "dimension", "words"),
    [
        ("other", 3, "was made with m (3 dimensions), but other (3) is in use"),
        ("m", 4, "was made with m (3 dimensions), but m (4) is in use"),
    ],
)
def test_another_model_is_refused(model: str, dimension: int, words: str, tmp_path: Path) -> None:
    publish_words(tmp_path)
    with pytest.raises(GenerationMismatch) as refusal:
        open_folder(tmp_path, embedding_model=model, dimension=dimension)
    assert words in str(refusal.value)


@pytest.mark.parametrize("change", [{"format": 2}, {"format": 2, "shards": 4}])
def test_another_format_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    manifest = publish_words(tmp_path)
    path = tmp_path / "generations" / manifest.id / "manifest.json"
    path.write_bytes(index.manifest._manifest_bytes({**asdict(manifest), **change}))
    with pytest.raises(GenerationMismatch, match="has format 2, this program reads 1"):
        open_words(tmp_path)


def test_a_changed_bit_in_any_byte_is_seen(tmp_path: Path) -> None:
    manifest = publish_words(tmp_path)
    folder = tmp_path / "generations" / manifest.id
    paths = [tmp_path / "CURRENT", *sorted(folder.iterdir())]
    assert [path.name for path in paths] == ["CURRENT", "manifest.json", "one", "two"]
    for path in paths:
        content = path.read_bytes()
        for offset in range(len(content)):
            changed = bytearray(content)
            changed[offset] ^= 1 << offset % 8
            path.write_bytes(changed)
            with pytest.raises(GenerationDamaged):
                open_words(tmp_path)
        path.write_bytes(content)
    assert open_words(tmp_path) == "words"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [cut, lengthen, empty, replace_by_folder, Path.unlink])
@pytest.mark.parametrize("name", ["manifest.json", "one", "two"])
def test_a_damaged_file_is_named(damage: Callable[[Path], None], name: str, tmp_path: Path) -> None:
    manifest = publish_words(tmp_path)
    damage(tmp_path / "generations" / manifest.id / name)
    with pytest.raises(GenerationDamaged) as refusal:
        open_words(tmp_path)
    assert f"{manifest.id}/{name} " in str(refusal.value)
    assert "build the index again" in str(refusal.value)


@pytest.mark.parametrize("damage", [lengthen, empty, replace_by_folder])
def test_a_damaged_current_is_refused(damage: Callable[[Path], None], tmp_path: Path) -> None:
    publish_words(tmp_path)
    damage(tmp_path / "CURRENT")
    with pytest.raises(GenerationDamaged, match="CURRENT"):
        open_words(tmp_path)


@pytest.mark.parametrize(
    "name", ["", "none", "..", ".", "/", "29991231T235959-00000000", "a" * 5000, "\0", "é"]
)
def test_current_that_names_nothing_is_refused(name: str, tmp_path: Path) -> None:
    publish_words(tmp_path)
    (tmp_path / "CURRENT").write_text(name + "\n", encoding="utf-8")
    with pytest.raises(GenerationDamaged, match="names a generation that is not there"):
        open_words(tmp_path)


def test_a_generation_under_another_name_is_refused(tmp_path: Path) -> None:
    manifest = publish_words(tmp_path)
    other = "29991231T235959-00000000"
    (tmp_path / "generations" / manifest.id).rename(tmp_path / "generations" / other)
    (tmp_path / "CURRENT").write_text(other + "\n")
    with pytest.raises(GenerationDamaged, match=other):
        open_words(tmp_path)


def test_a_missing_index_says_how_to_make_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for root in (tmp_path, tmp_path / "none", tmp_path / "file"):
        with pytest.raises(GenerationMissing, match=f"index build SOURCE --out {root}"):
            open_words(root)


def test_a_manifest_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    manifest = publish_words(tmp_path)
    path = tmp_path / "generations" / manifest.id / "manifest.json"
    for content in ("[]", "1", "null", '{"manifest": 1}', '{"manifest": {}}', json.dumps("x")):
        path.write_text(content)
        with pytest.raises(GenerationDamaged):
            open_words(tmp_path)


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "generations" / publish_words(tmp_path).id / "one"
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")
    with pytest.raises(DatelineError, match="Permission denied"):
        open_words(tmp_path)

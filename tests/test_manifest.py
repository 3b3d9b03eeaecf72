"""What a generation is made of is read back, and refused when a byte of it is off."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

import index.manifest
from index.errors import GenerationDamaged, GenerationMismatch
from index.manifest import (
    FORMAT,
    Manifest,
    SegmentRecord,
    check_files,
    check_fits,
    file_digest,
    read_intact,
    read_manifest,
    write_manifest,
)

NAME = "20230917T120000000-0123abcd"
CONTENTS = {"one": b"words", "two": bytes(range(256)), "three": b""}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a generation of one segment, with its manifest."""
    folder = tmp_path / "index" / "generations" / NAME
    (folder / "segment").mkdir(parents=True)
    for name, content in CONTENTS.items():
        (folder / "segment" / name).write_bytes(content)
    write_manifest(folder / "manifest.json", manifest(folder))
    return folder


def manifest(folder: Path) -> Manifest:
    """A manifest of the files that stand there."""
    files = {path.name: file_digest(path) for path in (folder / "segment").iterdir()}
    return Manifest(
        format=FORMAT,
        id=NAME,
        created="2023-09-17T12:00:00.000+00:00",
        embedding_model="m",
        dimension=3,
        articles=3,
        passages=2,
        sentences=4,
        segments=(SegmentRecord("segment", 6, 7, 8, files, superseded=(1, 2), removed=(0,)),),
    )


def test_what_was_written_is_read_back(folder: Path) -> None:
    read = read_manifest(folder)
    assert read == manifest(folder)
    [record] = read.segments
    assert (record.superseded, record.removed) == ((1, 2), (0,))
    check_files(folder / "segment", record)
    assert read_intact(folder) == read


def test_a_changed_bit_in_any_byte_is_seen(folder: Path) -> None:
    path = folder / "manifest.json"
    content = path.read_bytes()
    for offset in range(len(content)):
        changed = bytearray(content)
        changed[offset] ^= 1 << offset % 8
        path.write_bytes(changed)
        with pytest.raises(GenerationDamaged, match=r"manifest\.json"):
            read_manifest(folder)
    path.write_bytes(content)
    [record] = read_manifest(folder).segments
    for name, stood in CONTENTS.items():
        for offset in range(len(stood)):
            changed = bytearray(stood)
            changed[offset] ^= 1 << offset % 8
            (folder / "segment" / name).write_bytes(changed)
            with pytest.raises(GenerationDamaged, match=f"segment/{name} "):
                check_files(folder / "segment", record)
        (folder / "segment" / name).write_bytes(stood)
    check_files(folder / "segment", record)


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
@pytest.mark.parametrize("name", ["manifest.json", "segment/one", "segment/two"])
def test_a_damaged_file_is_named(damage: Callable[[Path], None], name: str, folder: Path) -> None:
    damage(folder / name)
    with pytest.raises(GenerationDamaged) as refusal:
        read_intact(folder)
    assert f"{NAME}/{name} " in str(refusal.value)
    assert "`python -m index rollback`, or build the index again." in str(refusal.value)


def test_a_file_that_may_not_be_read_is_refused(folder: Path) -> None:
    path = folder / "segment" / "one"
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")
    with pytest.raises(GenerationDamaged, match="Permission denied"):
        check_files(folder / "segment", read_manifest(folder).segments[0])


@pytest.mark.parametrize("change", [{"format": FORMAT - 1}, {"format": FORMAT + 1, "shards": 4}])
def test_another_format_is_refused(change: dict[str, object], folder: Path) -> None:
    described = {**asdict(manifest(folder)), **change}
    (folder / "manifest.json").write_bytes(index.manifest._manifest_bytes(described))
    told = f"has format {change['format']}, this program reads {FORMAT}; build it again"
    with pytest.raises(GenerationMismatch, match=told):
        read_manifest(folder)


@pytest.mark.parametrize(
    ("model", "dimension", "words"),
    [
        ("other", 3, "was made with m (3 dimensions), but other (3) is in use"),
        ("m", 4, "was made with m (3 dimensions), but m (4) is in use"),
    ],
)
def test_another_model_is_refused(model: str, dimension: int, words: str, folder: Path) -> None:
    made = read_manifest(folder)
    check_fits(made, folder, "m", 3)
    with pytest.raises(GenerationMismatch) as refusal:
        check_fits(made, folder, model, dimension)
    assert words in str(refusal.value)


def test_a_manifest_that_is_not_ours_is_refused(folder: Path) -> None:
    contents = (
        "[]",
        "1",
        "null",
        '{"manifest": 1}',
        '{"manifest": {}}',
        json.dumps("x"),
        "[" * 9999,
    )
    for content in contents:
        (folder / "manifest.json").write_text(content)
        with pytest.raises(GenerationDamaged, match=r"manifest\.json"):
            read_manifest(folder)


def test_a_manifest_under_another_name_is_refused(folder: Path) -> None:
    other = folder.with_name("29991231T235959000-00000000")
    folder.rename(other)
    with pytest.raises(GenerationDamaged, match=other.name):
        read_manifest(other)


def test_rows_are_part_of_what_is_checksummed(folder: Path) -> None:
    described = asdict(manifest(folder))
    whole = (folder / "manifest.json").read_bytes()
    [record] = manifest(folder).segments
    more = asdict(replace(manifest(folder), segments=(replace(record, removed=(0, 3)),)))
    assert index.manifest._manifest_bytes(described) == whole
    digest = json.loads(whole)["sha256"]
    (folder / "manifest.json").write_text(
        json.dumps({"manifest": more, "sha256": digest}, indent=2) + "\n"
    )
    with pytest.raises(GenerationDamaged, match="was changed after it was written"):
        read_manifest(folder)

"""A generation is published whole or not at all, by one writer, and the next ones keep it as it was."""

import errno
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.errors import GenerationDamaged, GenerationMissing, IndexLocked
from index.generations import (
    Counts,
    Making,
    current_folder,
    current_name,
    folder_aside,
    list_generations,
    make_current,
    only_writer,
    publish,
    read_current,
    record_segment,
)
from index.manifest import Manifest, check_files, read_manifest

STRANGER = "29991231T235959000-00000000"


def publish_words(
    root: Path, *words: str, shared: Sequence[str] = (), kept: int = 3, replaced: str | None = None
) -> Manifest:
    """A generation with a segment named after each word, and those `shared` with the one before."""
    with only_writer(root, "test"), folder_aside(root) as folder:
        former = read_current(root).segments if shared else ()
        records = [record for record in former if record.id in shared]
        for word in words:
            (folder / word).mkdir()
            (folder / word / "one").write_text(word)
            (folder / word / "two").write_bytes(bytes(range(256)))
            records.append(record_segment(folder / word, Counts(1, 2, 4)))
        return publish(
            folder, root, records, Counts(1, 2, 4), Making("m", 3, kept), replaced=replaced
        )


def read_words(root: Path, name: str | None = None) -> list[str]:
    """The words of a generation's segments, every file checked."""
    folder = root / "generations" / name if name else current_folder(root)
    manifest = read_manifest(folder)
    for record in manifest.segments:
        check_files(folder / record.id, record)
    return [(folder / record.id / "one").read_text() for record in manifest.segments]


def names(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())


def test_what_was_published_is_read_back(tmp_path: Path) -> None:
    manifest = publish_words(tmp_path / "new" / "index", "rain", "snow")
    assert read_current(tmp_path / "new" / "index") == manifest
    assert (manifest.articles, manifest.passages, manifest.sentences) == (1, 2, 4)
    assert [sorted(record.files) for record in manifest.segments] == [["one", "two"]] * 2
    assert read_words(tmp_path / "new" / "index") == ["rain", "snow"]


def test_nothing_is_left_aside(tmp_path: Path) -> None:
    manifest = publish_words(tmp_path, "rain")
    assert names(tmp_path) == ["CURRENT", "LOCK", "generations"]
    assert list_generations(tmp_path) == [manifest.id]
    assert (tmp_path / "LOCK").read_text() == ""


def test_the_newest_generations_are_kept(tmp_path: Path) -> None:
    published = [publish_words(tmp_path, f"words{n}").id for n in range(5)]
    assert list_generations(tmp_path) == published[2:]
    assert read_words(tmp_path) == ["words4"]
    last = publish_words(tmp_path, "last", kept=1)
    assert list_generations(tmp_path) == [published[4], last.id], "the one before always stays"


def test_the_generation_that_is_current_stays_however_old(tmp_path: Path) -> None:
    published = [publish_words(tmp_path, f"words{n}").id for n in range(3)]
    make_current(tmp_path, published[0])
    last = publish_words(tmp_path, "last").id
    assert list_generations(tmp_path) == [*published, last]


def test_a_replaced_generation_goes(tmp_path: Path) -> None:
    published = [publish_words(tmp_path, f"words{n}").id for n in range(3)]
    last = publish_words(tmp_path, "last", replaced=published[2]).id
    assert list_generations(tmp_path) == [*published[:2], last]


def test_segments_that_are_shared_are_the_same_files(tmp_path: Path) -> None:
    first = publish_words(tmp_path, "rain", "snow")
    second = publish_words(tmp_path, "hail", shared=["rain"])
    assert read_words(tmp_path) == ["rain", "hail"]
    assert read_words(tmp_path, first.id) == ["rain", "snow"]
    one, other = (tmp_path / "generations" / made.id / "rain/one" for made in (first, second))
    assert one.samefile(other)
    shutil.rmtree(tmp_path / "generations" / first.id)
    assert read_words(tmp_path) == ["rain", "hail"]


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV])
def test_segments_are_copied_where_links_fail(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(_source: Path, _target: Path) -> None:
        raise OSError(code, os.strerror(code))

    first = publish_words(tmp_path, "rain")
    monkeypatch.setattr(os, "link", link)
    second = publish_words(tmp_path, "hail", shared=["rain"])
    one, other = (tmp_path / "generations" / made.id / "rain/one" for made in (first, second))
    assert not one.samefile(other)
    one.write_text("changed")
    assert read_words(tmp_path) == ["rain", "hail"]


def test_links_that_the_disk_refuses_leave_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(_source: Path, _target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    first = publish_words(tmp_path, "rain")
    monkeypatch.setattr(os, "link", link)
    with pytest.raises(OSError, match="No space left"):
        publish_words(tmp_path, "hail", shared=["rain"])
    assert read_current(tmp_path) == first
    assert list_generations(tmp_path) == [first.id]
    assert names(tmp_path) == ["CURRENT", "LOCK", "generations"]


def test_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    first = publish_words(tmp_path, "rain")
    (tmp_path / ".building-dead" / "generation").mkdir(parents=True)
    (tmp_path / ".building-dead" / "generation" / "one").write_text("half")
    (tmp_path / ".building-CURRENT").write_text(STRANGER)
    second = publish_words(tmp_path, "snow")
    assert list_generations(tmp_path) == [first.id, second.id]
    assert names(tmp_path) == ["CURRENT", "LOCK", "generations"]


def write_half(root: Path) -> None:
    with only_writer(root, "test"), folder_aside(root) as folder:
        (folder / "one").write_text("half")
        raise OSError("full")


def test_a_failure_while_writing_leaves_the_old_one(tmp_path: Path) -> None:
    old = publish_words(tmp_path, "rain")
    with pytest.raises(OSError, match="full"):
        write_half(tmp_path)
    assert read_current(tmp_path) == old
    assert names(tmp_path) == ["CURRENT", "LOCK", "generations"]


@pytest.mark.parametrize("shared", [(), ("old",)])
def test_a_disk_that_refuses_at_any_flush_leaves_a_whole_one(
    shared: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flushed are the segment's files and folder, what is linked, the manifest, and each name."""
    publish_words(tmp_path, "old")
    flush = os.fsync
    seen = []
    for call in range(100):
        done: list[int] = []

        def fsync(descriptor: int, call: int = call, done: list[int] = done) -> None:
            done.append(descriptor)
            if len(done) == call + 1:
                raise OSError(errno.ENOSPC, "No space left on device")
            flush(descriptor)

        monkeypatch.setattr(os, "fsync", fsync)
        try:
            publish_words(tmp_path, "new", shared=shared)
        except OSError:
            seen.append(read_words(tmp_path))
        monkeypatch.undo()
        assert names(tmp_path) in (
            ["CURRENT", "LOCK", "generations"],
            [".building-CURRENT", "CURRENT", "LOCK", "generations"],
        )
        if len(done) <= call:
            break
        publish_words(tmp_path, "old")
    assert len(seen) == 8 + len(shared)
    *earlier, last = seen
    assert earlier == [["old"]] * len(earlier)
    assert last == [*shared, "new"], "once it is named it is there, whatever comes after"


def test_two_writers_are_told_of_each_other(tmp_path: Path) -> None:
    with only_writer(tmp_path, "index build"):
        told = re.escape(f"`index build` (process {os.getpid()}, since 20")
        with (
            pytest.raises(IndexLocked, match=f"^{told}.* is writing the index in .*--wait"),
            only_writer(tmp_path, "index add"),
        ):
            pass
        assert "index build" in (tmp_path / "LOCK").read_text()
    with only_writer(tmp_path, "index add"):
        assert "index add" in (tmp_path / "LOCK").read_text()


def test_a_holder_who_has_not_said_who_it_is(tmp_path: Path) -> None:
    with only_writer(tmp_path, "index build"):
        for said in ("", "{", "[]", '{"what": 1}'):
            (tmp_path / "LOCK").write_text(said)
            with (
                pytest.raises(IndexLocked, match=r"^Another process is writing"),
                only_writer(tmp_path, "index add"),
            ):
                pass


def test_a_writer_waits_as_long_as_it_is_told(tmp_path: Path) -> None:
    holds = threading.Event()
    ends = threading.Event()

    def hold() -> None:
        with only_writer(tmp_path, "index build"):
            holds.set()
            ends.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    holds.wait()
    start = time.monotonic()
    with pytest.raises(IndexLocked), only_writer(tmp_path, "index add", wait=0.2):
        pass
    assert time.monotonic() - start >= 0.2
    threading.Timer(0.2, ends.set).start()
    with only_writer(tmp_path, "index add", wait=60):
        assert ends.is_set()
    thread.join()


def test_writers_that_wait_all_get_their_turn(tmp_path: Path) -> None:
    def write(number: int) -> None:
        with only_writer(tmp_path, f"writer {number}", wait=60):
            content = (tmp_path / "count").read_text() if number else ""
            time.sleep(0.001)
            (tmp_path / "count").write_text(content + ".")

    write(0)
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write, range(1, 13)))
    assert (tmp_path / "count").read_text() == "." * 13


def test_a_failure_frees_the_lock(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full"):
        write_half(tmp_path)
    with only_writer(tmp_path, "index add"):
        pass


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_text(path.read_text() + "\n"),
        lambda path: path.write_text(""),
        lambda path: path.write_text(path.read_text()[:-2]),
        as_folder,
    ],
)
def test_a_damaged_current_is_refused(damage: Callable[[Path], None], tmp_path: Path) -> None:
    publish_words(tmp_path, "rain")
    damage(tmp_path / "CURRENT")
    with pytest.raises(GenerationDamaged, match="CURRENT"):
        read_current(tmp_path)


def test_a_changed_bit_in_current_is_seen(tmp_path: Path) -> None:
    publish_words(tmp_path, "rain")
    content = (tmp_path / "CURRENT").read_bytes()
    for offset in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[offset] ^= 1 << bit
            (tmp_path / "CURRENT").write_bytes(changed)
            with pytest.raises(GenerationDamaged, match="CURRENT"):
                read_current(tmp_path)


@pytest.mark.parametrize(
    "name", ["", "none", "..", ".", "/", STRANGER, "a" * 5000, "\0", "é", f"../{STRANGER}"]
)
def test_current_that_names_nothing_is_refused(name: str, tmp_path: Path) -> None:
    publish_words(tmp_path, "rain")
    (tmp_path / "CURRENT").write_text(name + "\n", encoding="utf-8")
    with pytest.raises(GenerationDamaged, match="names a generation that is not there"):
        current_folder(tmp_path)


def test_a_missing_index_says_how_to_make_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for root in (tmp_path, tmp_path / "none", tmp_path / "file"):
        assert current_name(root) is None
        assert list_generations(root) == []
        with pytest.raises(GenerationMissing, match=f"index build SOURCE --out {root}"):
            current_folder(root)


def test_strange_folders_are_no_generations(tmp_path: Path) -> None:
    made = publish_words(tmp_path, "rain").id
    for name in ("notes", "2023", f"{made}.bak"):
        (tmp_path / "generations" / name).mkdir()
    assert list_generations(tmp_path) == [made]

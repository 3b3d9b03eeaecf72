"""Kills, flipped bytes, full disks, and readers and writers at once: an index is whole or refused.

Small by default. For the whole table: DATELINE_TEST_KILLS=200 DATELINE_TEST_FLIPS=all
DATELINE_TEST_GENERATIONS=100 python -m pytest tests/test_index_faults.py
"""

import json
import multiprocessing
import os
import random
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from fakes import WordEmbedder, add_to_index, build_index, make_article, open_index
from forks import FORKS
from index_writers import (
    State,
    Writer,
    hold_the_lock,
    read_until_told,
    run_out_of_space,
    state_of,
    write_forever,
)

from index.build import compact, remove
from index.errors import DatelineError, GenerationDamaged, IndexLocked, WriteFailed
from index.live import LiveIndex

KILLS = int(os.environ.get("DATELINE_TEST_KILLS", "20"))
FLIPS = os.environ.get("DATELINE_TEST_FLIPS", "6")
"""Bytes of each file that are flipped, or "all"."""
GENERATIONS = int(os.environ.get("DATELINE_TEST_GENERATIONS", "12"))
FULL_DISKS = int(os.environ.get("DATELINE_TEST_FULL_DISKS", "20"))
RESTING = ["CURRENT", "LOCK", "generations"]


def entries(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())


def test_killed_at_any_moment_an_index_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    """Writers add, remove, build and compact; each is killed (-9), and the next one goes on."""
    root, journal = tmp_path / "index", tmp_path / "journal"
    chance = random.Random(5)
    Writer(root, 0).step()
    killed: Counter[str] = Counter()
    left_behind = 0
    for number in range(KILLS):
        journal.write_text("")
        process = FORKS.Process(target=write_forever, args=(root, number, journal))
        process.start()
        while journal.read_text().count("\n") < 2 and process.is_alive():
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.15))
        process.kill()
        process.join()
        assert process.exitcode == -9
        left_behind += len(list(root.glob(".building-*")))
        *_, (_, old), (kind, new) = map(json.loads, journal.read_text().splitlines())
        assert state_of(open_index(root)) in (old, new), kind
        killed[kind] += 1
    assert left_behind > 0, "no writer was killed while it wrote"
    Writer(root, 1).step()
    assert entries(root) == RESTING
    print(f"\n{KILLS} kills, {left_behind} while files were aside: {dict(killed)}")


def offsets(size: int, chance: random.Random) -> list[int]:
    """The bytes of a file that are flipped: the first, the last and some between, or all."""
    if FLIPS == "all":
        return list(range(size))
    between = chance.sample(range(size), min(int(FLIPS), size))
    return sorted({0, size - 1, *between}) if size else []


def test_a_flipped_byte_in_any_file_is_refused_by_name(tmp_path: Path) -> None:
    build_index(tmp_path, [make_article("The ferry sank.", article_id="a")])
    add_to_index(tmp_path, [make_article("The train left.", article_id="b")])
    remove(["a"], tmp_path)
    add_to_index(tmp_path, [make_article("The train stayed.", article_id="b")])
    expected = open_index(tmp_path).manifest
    chance = random.Random(6)
    flips: Counter[str] = Counter()
    current = tmp_path / "generations" / expected.id
    for path in [tmp_path / "CURRENT", *sorted(current.rglob("*.*"))]:
        content = path.read_bytes()
        for offset in offsets(len(content), chance):
            changed = bytearray(content)
            changed[offset] ^= chance.randint(1, 255)
            path.write_bytes(changed)
            with pytest.raises(GenerationDamaged, match=path.name):
                open_index(tmp_path)
            flips[path.name] += 1
        path.write_bytes(content)
    assert open_index(tmp_path).manifest == expected
    assert len(flips) == 2 + 11, "CURRENT, the manifest, and the files of a segment"
    print(f"\n{sum(flips.values())} flipped bytes: {dict(flips)}")


def test_a_writer_that_meets_a_flipped_byte_fails_in_words(tmp_path: Path) -> None:
    """Writers pass vectors on without reading them; readers refuse what they make of bad ones."""
    build_index(tmp_path, [make_article(f"Ferry {name} sank.", article_id=name) for name in "abc"])
    [segment] = tmp_path.glob("generations/*/*/")
    chance = random.Random(7)
    before = (tmp_path / "CURRENT").read_bytes()
    for path in sorted(segment.iterdir()):
        content = path.read_bytes()
        for offset in (
            offsets(len(content), chance)[:8] if FLIPS != "all" else range(0, len(content), 9)
        ):
            changed = bytearray(content)
            changed[offset] ^= chance.randint(1, 255)
            path.write_bytes(changed)
            for change in (lambda: remove(["a"], tmp_path), lambda: compact(tmp_path)):
                try:
                    change()
                except DatelineError:
                    continue
                with pytest.raises(GenerationDamaged, match=path.name):
                    open_index(tmp_path)
                (tmp_path / "CURRENT").write_bytes(before)
        path.write_bytes(content)
    assert open_index(tmp_path).manifest.articles == 3


def test_readers_see_one_generation_at_a_time(tmp_path: Path) -> None:
    """Threads and another process ask while generations are published, with merges on the way."""
    embedder = WordEmbedder()
    writer = Writer(tmp_path, 8)
    writer.step()
    live = LiveIndex(tmp_path, embedding_model=embedder.name, dimension=embedder.dimension)
    states = {live.current().manifest.id: writer.state()}
    seen: list[tuple[str, State]] = []
    failures: list[BaseException] = []
    ended = threading.Event()

    def ask(fresh: bool) -> None:  # noqa: FBT001
        while not ended.is_set():
            try:
                generation = open_index(tmp_path) if fresh else live.current()
                seen.append((generation.manifest.id, state_of(generation)))
                time.sleep(0.005)
            except BaseException as error:  # noqa: BLE001
                failures.append(error)
                return

    hears, told = multiprocessing.Pipe()
    process = FORKS.Process(target=read_until_told, args=(tmp_path, told))
    process.start()
    assert hears.recv() == "ready"
    threads = [threading.Thread(target=ask, args=(number == 0,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(GENERATIONS):
        state = writer.step()
        states[(tmp_path / "CURRENT").read_text().strip()] = state
    hears.send("end")
    elsewhere = hears.recv()
    ended.set()
    for thread in threads:
        thread.join()
    process.join()
    assert failures == []
    assert isinstance(elsewhere, dict), elsewhere
    seen += elsewhere.items()
    for name, state in seen:
        known = min(other for other in states if other >= name)  # one between is of a merge
        assert state == states[known]
    assert len({name for name, _ in seen}) > GENERATIONS / 3
    assert len(elsewhere) > GENERATIONS / 4
    print(f"\n{len(seen)} answers from {len({name for name, _ in seen})} generations")


def test_a_full_disk_leaves_the_old_index(tmp_path: Path) -> None:
    """No file may grow beyond a limit, so that another of the files fails each time."""
    root = tmp_path / "index"
    writer = Writer(root, 9)
    for _ in range(4):
        writer.step()
    limits = [int(60_000 * place / FULL_DISKS) for place in range(FULL_DISKS)]
    random.Random(10).shuffle(limits)
    hears, tells = multiprocessing.Pipe(duplex=False)
    process = FORKS.Process(target=run_out_of_space, args=(root, limits, tells))
    process.start()
    tells.close()
    failed = 0
    while told := hears.recv():
        limit, said, before, intended, after, names = told
        assert names == RESTING, limit
        if said == "done":
            assert after == intended
            continue
        failed += 1
        assert said.startswith("WriteFailed: The index ")
        assert "Free some space" in said
        assert after == (intended if "holds what was asked for" in said else before), said
    process.join()
    assert FULL_DISKS / 3 < failed < FULL_DISKS
    Writer(root, 11).step()


def test_a_disk_without_room_leaves_the_old_index(tmp_path: Path) -> None:
    """A small disk fills up: what stood there is whole, and once there is room it goes on."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", tmp_path],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a disk")
    try:
        root = tmp_path / "index"
        held: State = {}
        with pytest.raises(WriteFailed, match=r"No space left|disk is full|Free some space"):  # noqa: PT012
            for number in range(1_000):
                article = make_article(
                    f"A story {number}: {'rain ' * 3_000}.", article_id=f"s{number}"
                )
                add_to_index(root, [article])
                held[article.id] = article.version
        assert held
        found = state_of(open_index(root))
        assert found.keys() - held.keys() <= {f"s{len(held)}"}, "the last one, where a merge failed"
        assert held.items() <= found.items()
        assert entries(root) == RESTING
        room = ["mount", "-o", "remount,size=9m", str(tmp_path)]
        subprocess.run(room, check=True)
        remove(["s0"], root)
        assert "s0" not in state_of(open_index(root))
    finally:
        subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_a_writer_that_is_killed_frees_the_lock(tmp_path: Path) -> None:
    build_index(tmp_path, [make_article("The ferry sank.", article_id="a")])
    hears, tells = multiprocessing.Pipe(duplex=False)
    process = FORKS.Process(target=hold_the_lock, args=(tmp_path, tells))
    process.start()
    assert hears.recv() == "holds"
    new = [make_article("The train left.", article_id="b")]
    with pytest.raises(IndexLocked, match=rf"`index build` \(process {process.pid}, since 20"):
        add_to_index(tmp_path, new)
    assert open_index(tmp_path).manifest.articles == 1, "who reads need not wait"
    process.kill()
    process.join()
    add_to_index(tmp_path, new)
    assert open_index(tmp_path).manifest.articles == 2

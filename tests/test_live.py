"""The newest generation is taken up between two questions, and a damaged one is told of, not used."""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes import WordEmbedder, add_to_index, build_index, found, make_article, open_index
from word_matches import matching

import index.manifest
import index.part
from index.build import build, compact, remove, roll_back
from index.errors import GenerationMissing
from index.live import LiveIndex

RAIN = make_article("It rained in Tarn.", article_id="rain")
SNOW = make_article("It snowed in Tarn.", article_id="snow")


@pytest.fixture(autouse=True)
def _disk_that_is_never_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The root of an index of RAIN."""
    build_index(tmp_path, [RAIN])
    return tmp_path


@pytest.fixture
def live(root: Path) -> LiveIndex:
    return LiveIndex(root, embedding_model=WordEmbedder().name, dimension=64)


def ids(live: LiveIndex) -> list[str]:
    """The ids of the articles that can be found now."""
    return [summary.id for summary in live.current().articles()]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_new_generation_is_taken_up(root: Path, live: LiveIndex) -> None:
    assert ids(live) == ["rain"]
    assert live.current() is live.current()
    add_to_index(root, [SNOW])
    assert ids(live) == ["rain", "snow"]
    remove(["rain"], root)
    assert ids(live) == ["snow"]
    compact(root)
    assert ids(live) == ["snow"]
    roll_back(root)
    roll_back(root)
    assert ids(live) == ["rain", "snow"]
    assert live.current().manifest == open_index(root).manifest


def test_who_holds_a_generation_goes_on_reading_it(root: Path, live: LiveIndex) -> None:
    held = live.current()
    for number in range(5):
        build_index(root, [make_article(f"News {number}.", article_id="news")])
        assert ids(live) == ["news"]
    assert [summary.id for summary in held.articles()] == ["rain"]
    assert held.article("rain") == RAIN
    assert len(matching(held, ["rain"], limit=5)) == 1


def test_segments_that_stay_are_not_opened_again(root: Path, live: LiveIndex) -> None:
    before = live.current().parts[0].segment
    add_to_index(root, [SNOW])
    assert live.current().parts[0].segment is before


def test_a_damaged_generation_is_told_and_the_old_one_stays(
    root: Path, live: LiveIndex, caplog: pytest.LogCaptureFixture
) -> None:
    made = add_to_index(root, [SNOW]).manifest
    path = root / "generations" / made.id / made.segments[1].id / "passages.f16"
    flip(path)
    for _ in range(3):
        assert ids(live) == ["rain"]
    [told] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "is not taken up" in told.message
    assert "passages.f16" in told.message
    remove(["snow"], root)
    add_to_index(root, [make_article("It hailed.", article_id="hail")])
    assert ids(live) == ["rain", "hail"]


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [as_folder, Path.unlink, flip])
def test_current_that_cannot_be_read_is_told_once(
    damage: Callable[[Path], None], root: Path, live: LiveIndex, caplog: pytest.LogCaptureFixture
) -> None:
    damage(root / "CURRENT")
    for _ in range(3):
        assert ids(live) == ["rain"]
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1


def test_an_index_of_another_model_is_not_taken_up(root: Path, live: LiveIndex) -> None:
    build(found([SNOW]), root, WordEmbedder("other@1"))
    assert ids(live) == ["rain"]


def test_a_missing_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GenerationMissing):
        LiveIndex(tmp_path / "none", embedding_model="words@1", dimension=64)


def test_questions_that_come_while_one_opens_it_go_to_the_old_one(
    root: Path, live: LiveIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens, goes_on = threading.Event(), threading.Event()
    check = index.manifest.check_files

    def slow(*arguments: object, **named: object) -> None:
        opens.set()
        goes_on.wait(10)
        check(*arguments, **named)  # type: ignore[arg-type]

    add_to_index(root, [SNOW])
    monkeypatch.setattr(index.part, "check_files", slow)
    with ThreadPoolExecutor(1) as thread:
        newer = thread.submit(ids, live)
        opens.wait(10)
        assert ids(live) == ["rain"]
        goes_on.set()
        assert newer.result() == ["rain", "snow"]
    assert ids(live) == ["rain", "snow"]

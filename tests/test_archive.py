"""Answers are stored whole, found again after a restart, and take a reader's opinion."""

import sqlite3
import threading
from pathlib import Path

import pytest

from index.errors import WriteFailed
from service.archive import Archive

ANSWER = {"id": "a1", "text": "Five “drones” [1]."}
TRACE = {"evidence": [{"number": 1}], "draft": "Five drones [1]."}


def test_an_answer_is_found_again_by_another_reader(tmp_path: Path) -> None:
    Archive(tmp_path / "new" / "answers.sqlite").save("a1", ANSWER, TRACE)
    kept = Archive(tmp_path / "new" / "answers.sqlite").read("a1")
    assert kept is not None
    assert (kept.answer, kept.trace, kept.opinion) == (ANSWER, TRACE, None)


def test_there_may_be_no_file_and_no_such_answer(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "answers.sqlite")
    assert archive.read("a1") is None
    assert not archive.path.exists()
    archive.save("a1", ANSWER, TRACE)
    assert archive.read("a2") is None


def test_the_last_opinion_counts(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "answers.sqlite")
    archive.save("a1", ANSWER, TRACE)
    assert archive.add_opinion("a1", "right", None)
    assert archive.add_opinion("a1", "wrong", "It was six.")
    assert not archive.add_opinion("a2", "wrong", None)
    kept = archive.read("a1")
    assert kept is not None
    assert (kept.opinion, kept.comment) == ("wrong", "It was six.")


def test_threads_and_files_of_their_own_lose_nothing(tmp_path: Path) -> None:
    def save(number: int) -> None:
        Archive(tmp_path / "answers.sqlite").save(f"a{number}", ANSWER, TRACE)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sqlite3.connect(tmp_path / "answers.sqlite") as database:
        assert database.execute("SELECT count(*) FROM answers").fetchone() == (30,)


def test_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(WriteFailed, match="DATELINE_DATA"):
        Archive(tmp_path / "file" / "answers.sqlite").save("a1", ANSWER, TRACE)

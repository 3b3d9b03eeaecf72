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


def test_a_conversation_is_read_back_in_its_order(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "answers.sqlite")
    assert archive.read_conversation("c") == []
    archive.save("a1", ANSWER, TRACE, conversation="c")
    archive.save("a2", ANSWER | {"id": "a2"}, TRACE, conversation="other")
    archive.save("a3", ANSWER | {"id": "a3"}, TRACE, conversation="c")
    archive.save("a4", ANSWER | {"id": "a4"}, TRACE)
    assert [answer["id"] for answer in archive.read_conversation("c")] == ["a1", "a3"]


def test_a_file_from_before_conversations_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TABLE answers (id TEXT PRIMARY KEY, at TEXT NOT NULL, answer TEXT NOT NULL, "
            "trace TEXT NOT NULL, opinion TEXT, comment TEXT) STRICT"
        )
        database.execute("INSERT INTO answers VALUES ('a1', '2026', '{}', '{}', NULL, NULL)")
    database.close()
    archive = Archive(path)
    archive.save("a2", ANSWER, TRACE, conversation="c")
    assert archive.read("a1") is not None
    assert archive.read_conversation("c") == [ANSWER]

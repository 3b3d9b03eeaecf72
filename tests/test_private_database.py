"""What people asked and were told lies in files that their owner alone may read."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.archive import Archive
from service.private_database import connect
from service.slack_store import SlackStore


@pytest.fixture(autouse=True)
def _usual_mask() -> Iterator[None]:
    """The mask under which files are everybody's to read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def rights(folder: Path) -> dict[str, int]:
    """Name -> who may do what, of every file."""
    return {entry.name: entry.stat().st_mode & 0o777 for entry in folder.iterdir()}


def test_answers_are_their_owner_s_alone(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "answers.sqlite")
    archive.save("a1", {"text": "Five."}, {})
    names = ("answers.sqlite", "answers.sqlite-shm", "answers.sqlite-wal")
    assert rights(tmp_path) == dict.fromkeys(names, 0o600)
    archive.close()


def test_questions_from_slack_are_their_owner_s_alone(tmp_path: Path) -> None:
    async def use() -> dict[str, int]:
        store = SlackStore(tmp_path / "slack.sqlite", waiting=1)
        await store.open()
        found = rights(tmp_path)
        await store.close()
        return found

    found = asyncio.run(use())
    assert "slack.sqlite" in found
    assert set(found.values()) == {0o600}


def test_a_file_that_was_everybody_s_keeps_its_rows_and_becomes_its_owner_s(
    tmp_path: Path,
) -> None:
    """It is open elsewhere, so that what SQLite puts beside it is there as well."""
    path = tmp_path / "answers.sqlite"
    before = sqlite3.connect(path)
    before.execute("PRAGMA journal_mode = WAL")
    with before:
        before.execute("CREATE TABLE kept (value)")
        before.execute("INSERT INTO kept VALUES (7)")
    names = ("answers.sqlite", "answers.sqlite-shm", "answers.sqlite-wal")
    assert rights(tmp_path) == dict.fromkeys(names, 0o644)
    database = connect(path)
    assert database.execute("SELECT value FROM kept").fetchall() == [(7,)]
    assert rights(tmp_path) == dict.fromkeys(names, 0o600)
    database.close()
    before.close()


def test_a_file_of_somebody_else_s_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "answers.sqlite"
    path.touch(0o640)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    connect(path).close()
    assert rights(tmp_path)["answers.sqlite"] == 0o640

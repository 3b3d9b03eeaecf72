"""Answers, how they came about and what readers said of them <-> a SQLite file."""

import json
import sqlite3
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from index.errors import WriteFailed
from service.private_database import connect

Opinion = Literal["right", "wrong"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, answer TEXT NOT NULL, trace TEXT NOT NULL,
    opinion TEXT, comment TEXT, conversation TEXT
) STRICT
"""
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS by_conversation ON answers (conversation, at)",
    "CREATE INDEX IF NOT EXISTS by_time ON answers (at)",
)

CONVERSATION_ANSWERS = 100
"""The last answers of a conversation that are read."""


@dataclass(frozen=True)
class Kept:
    """A stored answer: the contract's JSON, its evidence and draft, and a reader's opinion."""

    at: str
    answer: dict[str, Any]
    trace: dict[str, Any]
    opinion: Opinion | None
    comment: str | None
    conversation: str | None


class Archive:
    """One file; safe to share between threads and processes."""

    def __init__(self, path: Path) -> None:
        """The file is made at the first write."""
        self.path = path
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    def save(
        self,
        answer_id: str,
        answer: dict[str, Any],
        trace: dict[str, Any],
        *,
        conversation: str | None = None,
    ) -> None:
        """Keep an answer, as one of `conversation` where it is of one; raises WriteFailed."""
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        self._write(
            "INSERT INTO answers (id, at, answer, trace, conversation) VALUES (?, ?, ?, ?, ?)",
            (answer_id, now, json.dumps(answer), json.dumps(trace), conversation),
        )

    def read_conversation(self, conversation: str) -> list[dict[str, Any]]:
        """Its last answers in the contract's JSON, the oldest first."""
        rows = self._read(
            "SELECT answer FROM answers WHERE conversation = ? ORDER BY at DESC LIMIT ?",
            (conversation, CONVERSATION_ANSWERS),
        )
        return [json.loads(answer) for (answer,) in reversed(rows)]

    def read(self, answer_id: str) -> Kept | None:
        """The answer with this id, None where there is none."""
        rows = self._read(
            "SELECT at, answer, trace, opinion, comment, conversation FROM answers WHERE id = ?",
            (answer_id,),
        )
        if not rows:
            return None
        at, answer, trace, opinion, comment, conversation = rows[0]
        return Kept(at, json.loads(answer), json.loads(trace), opinion, comment, conversation)

    def add_opinion(self, answer_id: str, opinion: Opinion, comment: str | None) -> bool:
        """Note what a reader said, the last word counts; False where there is no such answer.

        Raises WriteFailed.
        """
        return (
            self._write(
                "UPDATE answers SET opinion = ?, comment = ? WHERE id = ?",
                (opinion, comment, answer_id),
            )
            > 0
        )

    def forget(self, before: datetime) -> int:
        """Remove the answers given before that moment; how many. Raises WriteFailed."""
        if not self.path.is_file():
            return 0
        return self._write(
            "DELETE FROM answers WHERE at < ?",
            (before.astimezone(UTC).isoformat(timespec="microseconds"),),
        )

    def close(self) -> None:
        """Give the file back; the next read or write opens it again."""
        with self._lock:
            if self._opened:
                self._opened.close()
                self._opened = None

    def _read(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        if not self.path.is_file():
            return []
        with self._lock:
            return self._open().execute(statement, values).fetchall()

    def _write(self, statement: str, values: tuple[str | None, ...]) -> int:
        """The number of rows written; they are on disk when this returns."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock, self._open() as database:
                return database.execute(statement, values).rowcount
        except (OSError, sqlite3.Error) as error:
            raise WriteFailed(
                f"The answer could not be stored in {self.path} ({error}); free space there, or "
                "set DATELINE_DATA to another folder."
            ) from error

    def _open(self) -> sqlite3.Connection:
        if self._opened is None:
            database = connect(self.path)
            database.execute("PRAGMA synchronous = FULL")
            database.execute(_SCHEMA)
            columns = {row[1] for row in database.execute("PRAGMA table_info(answers)")}
            if "conversation" not in columns:  # a file from before conversations were kept
                database.execute("ALTER TABLE answers ADD COLUMN conversation TEXT")
            for index in _INDEXES:
                database.execute(index)
            self._opened = database
        return self._opened

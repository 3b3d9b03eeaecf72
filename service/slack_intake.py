"""A question that Slack delivered -> its row, once; who asks in its thread; what is old goes.

These run in the file's thread, with its connection: see service.slack_store.
"""

import sqlite3
import time
import uuid
from dataclasses import asdict

from service.slack_events import Question

KEPT = 7 * 24 * 3600
"""Seconds after which an answered question is forgotten; Slack delivers again for six minutes."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS questions (
    id TEXT PRIMARY KEY, team TEXT NOT NULL, enterprise TEXT NOT NULL, channel TEXT NOT NULL,
    ts TEXT NOT NULL, thread TEXT NOT NULL, asker TEXT NOT NULL, text TEXT NOT NULL,
    way TEXT NOT NULL, notice TEXT, respond TEXT NOT NULL,
    number INTEGER NOT NULL, at REAL NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
    owner TEXT, until REAL NOT NULL DEFAULT 0, takes INTEGER NOT NULL DEFAULT 0,
    stopped INTEGER NOT NULL DEFAULT 0, answer TEXT,
    UNIQUE (team, channel, ts)
) STRICT;
CREATE INDEX IF NOT EXISTS unanswered ON questions (team, channel, thread) WHERE state != 'done';
CREATE TABLE IF NOT EXISTS deliveries (
    team TEXT NOT NULL, event TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (team, event)
) STRICT;
CREATE TABLE IF NOT EXISTS posts (
    question TEXT NOT NULL, position INTEGER NOT NULL, channel TEXT NOT NULL, ts TEXT NOT NULL,
    PRIMARY KEY (question, position)
) STRICT;
CREATE INDEX IF NOT EXISTS posted ON posts (channel, ts);
CREATE TABLE IF NOT EXISTS threads (
    team TEXT NOT NULL, channel TEXT NOT NULL, thread TEXT NOT NULL, asker TEXT NOT NULL,
    quiet INTEGER NOT NULL, at REAL NOT NULL, PRIMARY KEY (team, channel, thread)
) STRICT;
"""


def add_question(
    database: sqlite3.Connection,
    question: Question,
    *,
    event: str | None,
    opens: bool,
    waiting: int,
) -> bool:
    """Keep a new question, synced to the disk; False where it is known by its message or `event`.

    Where `waiting` of its workspace wait already it is only told so.
    """
    known = database.execute(
        "SELECT 1 FROM questions WHERE team = ? AND channel = ? AND ts = ?",
        (question.team, question.channel, question.ts),
    ).fetchone()
    if known:
        return False
    database.execute("PRAGMA synchronous = FULL")
    try:
        with database:
            database.execute("BEGIN IMMEDIATE")
            if event and not _note_delivery(database, question.team, event):
                return False
            if not _insert(database, question, waiting):
                return False
            if opens:
                _open_thread(database, question)
            return True
    finally:
        database.execute("PRAGMA synchronous = NORMAL")


def forget(database: sqlite3.Connection) -> None:
    """Forget what was answered long ago; what waits stays."""
    before = (time.time() - KEPT,)
    old = "SELECT id FROM questions WHERE state = 'done' AND at < ?"
    with database:
        database.execute("BEGIN IMMEDIATE")
        database.execute(f"DELETE FROM posts WHERE question IN ({old})", before)
        database.execute(f"DELETE FROM questions WHERE id IN ({old})", before)
        database.execute("DELETE FROM deliveries WHERE at < ?", before)
        database.execute("DELETE FROM threads WHERE at < ?", before)


def _note_delivery(database: sqlite3.Connection, team: str, event: str) -> bool:
    """Whether the delivery is new."""
    noted = database.execute(
        "INSERT OR IGNORE INTO deliveries VALUES (?, ?, ?)", (team, event, time.time())
    )
    return bool(noted.rowcount)


def _insert(database: sqlite3.Connection, question: Question, waiting: int) -> bool:
    """Whether the question is new."""
    ((others,),) = database.execute(
        "SELECT count(*) FROM questions WHERE team = ? AND state = 'waiting'", (question.team,)
    )
    values = asdict(question) | {"id": uuid.uuid4().hex, "at": time.time()}
    if others >= waiting:
        values["notice"] = "busy"
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    inserted = database.execute(
        f"INSERT OR IGNORE INTO questions ({names}, number) VALUES ({marks},"
        " (SELECT coalesce(max(number), 0) + 1 FROM questions))",
        values,
    )
    return bool(inserted.rowcount)


def _open_thread(database: sqlite3.Connection, question: Question) -> None:
    """Let the asker go on in the thread without a mention."""
    database.execute(
        "INSERT INTO threads VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT DO UPDATE"
        " SET asker = excluded.asker, quiet = 0, at = excluded.at",
        (question.team, question.channel, question.thread, question.asker, time.time()),
    )

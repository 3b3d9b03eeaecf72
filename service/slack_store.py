"""Questions from Slack, what has been posted for them and who speaks in a thread <-> SQLite.

A question is written here before Slack is told that it arrived, and is claimed by one process for
a while at a time. So it is answered once, whatever Slack delivers again and whichever process dies.
Several processes share one file; another database would take these same methods.
"""

import sqlite3
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from service.slack_database import Database
from service.slack_events import Question

FORGETTING = 3600
"""Seconds from one look for what is old to the next."""

KEPT = 7 * 24 * 3600
"""Seconds after which an answered question is forgotten; Slack delivers again for six minutes."""

_SCHEMA = """
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

_CLAIMABLE = """
SELECT q.id FROM questions q
WHERE q.state != 'done' AND q.until < :now
  AND NOT EXISTS (
    SELECT 1 FROM questions e WHERE e.state != 'done' AND e.team = q.team
      AND e.channel = q.channel AND e.thread = q.thread AND e.number < q.number)
  AND (SELECT count(*) FROM questions r WHERE r.state = 'working' AND r.team = q.team
       AND r.until >= :now) < :at_once
ORDER BY q.notice IS NULL,
  (SELECT count(*) FROM questions r WHERE r.state = 'working' AND r.team = q.team), q.number
LIMIT 1
"""
"""The next one: in its thread's order, of the workspace that has the fewest at work."""


@dataclass(frozen=True)
class Claim:
    """A question that this process answers until it is told otherwise."""

    id: str
    question: Question
    takes: int
    """How often it was claimed, this time included."""
    at: float
    """When it was kept, in seconds."""
    answer: str | None
    """The answer as JSON, where an earlier claim came so far."""


@dataclass(frozen=True)
class Post:
    """A message of a reply; private ones have no time of their own."""

    channel: str
    ts: str


@dataclass(frozen=True)
class Renewal:
    """What became of a process's claims: those lost to another one, and those that were stopped."""

    lost: frozenset[str]
    stopped: frozenset[str]


class SlackStore:
    """One file; safe to share between tasks and processes."""

    def __init__(self, path: Path, *, waiting: int) -> None:
        """`waiting` questions of a workspace may wait; one more is told that there are many."""
        self._file = Database(path, _SCHEMA)
        self._waiting = waiting
        self._forget_at = 0.0

    async def add(
        self, question: Question, *, event: str | None = None, opens: bool = True
    ) -> bool:
        """Keep a new question, on disk when this returns; False where it is known already.

        `event` is the delivery's id. With `opens` the asker may go on in the thread unmentioned.
        Raises WriteFailed.
        """
        return await self._file.run(self._add, question, event, opens)

    async def claim(self, owner: str, *, seconds: float, at_once: int) -> Claim | None:
        """The next question, the caller's for `seconds`; None where there is none.

        A workspace has `at_once` of them answered at a time.
        """
        return await self._file.run(self._claim, owner, seconds, at_once)

    async def renew(self, owner: str, ids: Iterable[str], *, seconds: float) -> Renewal:
        """Hold these claims for `seconds` from now on."""
        return await self._file.run(self._renew, owner, tuple(ids), seconds)

    async def release(self, claim_id: str, owner: str, *, seconds: float = 0.0) -> None:
        """Give a claim back, to be taken again after `seconds`."""
        await self._file.write(
            "UPDATE questions SET state = 'waiting', owner = NULL, until = ?"
            " WHERE id = ? AND owner = ?",
            (time.time() + seconds, claim_id, owner),
        )

    async def finish(self, claim_id: str) -> None:
        """Note that the reply is out; the words of the question and the answer are forgotten."""
        await self._file.write(
            "UPDATE questions SET state = 'done', text = '', respond = '', answer = NULL"
            " WHERE id = ?",
            (claim_id,),
        )

    async def keep_answer(self, claim_id: str, answer: str) -> None:
        """Keep the answer, so that a later claim delivers the same one."""
        await self._file.write("UPDATE questions SET answer = ? WHERE id = ?", (answer, claim_id))

    async def add_post(self, claim_id: str, position: int, post: Post) -> None:
        """Note a message of the reply."""
        await self._file.write(
            "INSERT OR REPLACE INTO posts VALUES (?, ?, ?, ?)",
            (claim_id, position, post.channel, post.ts),
        )

    async def posts(self, claim_id: str) -> list[Post]:
        """The reply's messages so far, in order."""
        rows = await self._file.read(
            "SELECT channel, ts FROM posts WHERE question = ? ORDER BY position", (claim_id,)
        )
        return [Post(*row) for row in rows]

    async def is_known(self, post: Post) -> bool:
        """Whether a message is noted as one of a reply."""
        return bool(
            await self._file.read(
                "SELECT 1 FROM posts WHERE channel = ? AND ts = ?", (post.channel, post.ts)
            )
        )

    async def stop(self, team: str, channel: str, thread: str) -> None:
        """Ask for the end of what is being answered in a thread."""
        await self._file.write(
            "UPDATE questions SET stopped = 1 WHERE team = ? AND channel = ? AND thread = ?"
            " AND state != 'done'",
            (team, channel, thread),
        )

    async def find_asker(self, team: str, channel: str, thread: str) -> str | None:
        """Whom the bot talks with in a thread; None where people talk, or it is not in it."""
        rows = await self._file.read(
            "SELECT asker FROM threads WHERE team = ? AND channel = ? AND thread = ? AND NOT quiet",
            (team, channel, thread),
        )
        return rows[0][0] if rows else None

    async def leave_thread(self, team: str, channel: str, thread: str) -> None:
        """Be quiet in a thread in which people talk, until somebody mentions the bot."""
        await self._file.write(
            "UPDATE threads SET quiet = 1 WHERE team = ? AND channel = ? AND thread = ?",
            (team, channel, thread),
        )

    async def open(self) -> None:
        """Open the file, which its first use would; raises WriteFailed."""
        await self._file.read("SELECT 1", ())

    async def close(self) -> None:
        """Close the file."""
        await self._file.close()

    def _add(
        self,
        database: sqlite3.Connection,
        question: Question,
        event: str | None,
        opens: bool,  # noqa: FBT001
    ) -> bool:
        now = time.time()
        self._forget(database, now)
        key = (question.team, question.channel, question.ts)
        known = database.execute(
            "SELECT 1 FROM questions WHERE team = ? AND channel = ? AND ts = ?", key
        ).fetchone()
        if known:
            return False
        database.execute("PRAGMA synchronous = FULL")
        try:
            with database:
                database.execute("BEGIN IMMEDIATE")
                return self._insert(database, question, event, opens=opens, now=now)
        finally:
            database.execute("PRAGMA synchronous = NORMAL")

    def _insert(
        self,
        database: sqlite3.Connection,
        question: Question,
        event: str | None,
        *,
        opens: bool,
        now: float,
    ) -> bool:
        if (
            event
            and not database.execute(
                "INSERT OR IGNORE INTO deliveries VALUES (?, ?, ?)", (question.team, event, now)
            ).rowcount
        ):
            return False
        ((waiting,),) = database.execute(
            "SELECT count(*) FROM questions WHERE team = ? AND state = 'waiting'", (question.team,)
        )
        values = asdict(question) | {"id": uuid.uuid4().hex, "at": now}
        if waiting >= self._waiting:
            values["notice"] = "busy"
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        added = database.execute(
            f"INSERT OR IGNORE INTO questions ({names}, number) VALUES ({marks},"
            " (SELECT coalesce(max(number), 0) + 1 FROM questions))",
            values,
        ).rowcount
        if added and opens:
            database.execute(
                "INSERT INTO threads VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT DO UPDATE"
                " SET asker = excluded.asker, quiet = 0, at = excluded.at",
                (question.team, question.channel, question.thread, question.asker, now),
            )
        return bool(added)

    def _forget(self, database: sqlite3.Connection, now: float) -> None:
        """Now and then, forget what was answered long ago."""
        if now < self._forget_at:
            return
        self._forget_at = now + FORGETTING
        old = "SELECT id FROM questions WHERE state = 'done' AND at < ?"
        with database:
            database.execute("BEGIN IMMEDIATE")
            database.execute(f"DELETE FROM posts WHERE question IN ({old})", (now - KEPT,))
            database.execute(f"DELETE FROM questions WHERE id IN ({old})", (now - KEPT,))
            database.execute("DELETE FROM deliveries WHERE at < ?", (now - KEPT,))
            database.execute("DELETE FROM threads WHERE at < ?", (now - KEPT,))

    def _claim(
        self, database: sqlite3.Connection, owner: str, seconds: float, at_once: int
    ) -> Claim | None:
        now = time.time()
        looked_for = {"now": now, "at_once": at_once}
        if not database.execute(_CLAIMABLE, looked_for).fetchone():
            return None
        with database:
            database.execute("BEGIN IMMEDIATE")
            found = database.execute(_CLAIMABLE, looked_for).fetchone()
            if not found:
                return None
            row = database.execute(
                "UPDATE questions SET state = 'working', owner = ?, until = ?, takes = takes + 1"
                f" WHERE id = ? RETURNING id, takes, at, answer, {', '.join(_COLUMNS)}",
                (owner, now + seconds, found[0]),
            ).fetchone()
        claim_id, takes, at, answer, *values = row
        question = Question(**dict(zip(_COLUMNS, values, strict=True)))
        return Claim(claim_id, question, takes, at, answer)

    def _renew(
        self, database: sqlite3.Connection, owner: str, ids: tuple[str, ...], seconds: float
    ) -> Renewal:
        marks = ", ".join("?" * len(ids))
        rows = database.execute(
            f"UPDATE questions SET until = ? WHERE owner = ? AND id IN ({marks})"
            " RETURNING id, stopped",
            (time.time() + seconds, owner, *ids),
        ).fetchall()
        held = {claim_id for claim_id, _ in rows}
        return Renewal(
            frozenset(ids) - held, frozenset(claim_id for claim_id, stopped in rows if stopped)
        )


_COLUMNS = tuple(field.name for field in fields(Question))

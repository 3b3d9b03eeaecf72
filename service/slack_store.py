"""Questions from Slack, what has been posted for them and who speaks in a thread <-> SQLite.

A question is written here before Slack is told that it arrived, and is claimed by one process for
a while at a time. So it is answered once, whatever Slack delivers again and whichever process dies.
Several processes share one file; another database would take these same methods.
"""

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from service.slack_database import Database
from service.slack_events import Question
from service.slack_intake import SCHEMA, add_question, forget

FORGETTING = 3600
"""Seconds from one look for what is old to the next."""

_CLAIMABLE = """
SELECT q.id FROM questions q
WHERE q.state != 'done' AND q.until < :now
  AND NOT EXISTS (
    SELECT 1 FROM questions e WHERE e.state != 'done' AND e.team = q.team
      AND e.channel = q.channel AND e.thread = q.thread AND e.number < q.number)
  AND (q.notice IS NOT NULL OR (
    SELECT count(*) FROM questions r WHERE r.state = 'working' AND r.team = q.team
      AND r.notice IS NULL AND r.until >= :now) < :at_once)
ORDER BY q.notice IS NULL,
  (SELECT count(*) FROM questions r WHERE r.state = 'working' AND r.team = q.team), q.number
LIMIT 1
"""
"""The next one: in its thread's order, of the workspace that has the fewest at work.

What needs no answer waits for no room.
"""


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


SENDING, SENT = "sending", "sent"
"""In place of a private message's ts, before and after it went out: nobody can look it up."""


@dataclass(frozen=True)
class Post:
    """A message of a reply; of a private one the ts says how far it came."""

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
        self._file = Database(path, SCHEMA)
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

    async def open(self) -> None:
        """Make or open the file ahead of the first question; raises WriteFailed."""
        await self._file.read("SELECT 1", ())

    async def claim(self, owner: str, *, seconds: float, at_once: int) -> Claim | None:
        """The next question, the caller's for `seconds`; None where there is none.

        A workspace has `at_once` of them answered at a time.
        """
        return await self._file.run(self._claim, owner, seconds, at_once)

    async def renew(self, owner: str, ids: Iterable[str], *, seconds: float) -> Renewal:
        """Hold these claims for `seconds` from now on."""
        return await self._file.run(self._renew, owner, tuple(ids), seconds)

    async def holds(self, claim: Claim) -> bool:
        """Whether nobody took the question since, as one does where this process stood still."""
        return bool(
            await self._file.read(
                "SELECT 1 FROM questions WHERE id = ? AND takes = ? AND state = 'working'",
                (claim.id, claim.takes),
            )
        )

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

    async def drop_post(self, claim_id: str, position: int) -> None:
        """Take a note back: the message was refused."""
        await self._file.write(
            "DELETE FROM posts WHERE question = ? AND position = ?", (claim_id, position)
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
        if time.monotonic() >= self._forget_at:
            self._forget_at = time.monotonic() + FORGETTING
            forget(database)
        return add_question(database, question, event=event, opens=opens, waiting=self._waiting)

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

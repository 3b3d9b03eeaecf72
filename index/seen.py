"""What was read of each address before <-> a SQLite file, to read only what is new."""

import sqlite3
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from index.errors import WriteFailed

SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (
    address TEXT PRIMARY KEY,
    etag TEXT,
    last_modified TEXT,
    mark TEXT
) WITHOUT ROWID
"""


@dataclass(frozen=True)
class Mark:
    """What tells whether an address has changed: its server's validators, or a hash of its own."""

    etag: str | None = None
    last_modified: str | None = None
    mark: str | None = None


class Seen(AbstractContextManager["Seen", None]):
    """The marks of the addresses read; what is learned is kept only by `save`.

    So a caller saves when the articles are safely stored, and a crash before that reads them again.
    Without a path nothing outlives the object. Raises WriteFailed where the file cannot be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._learned: dict[str, Mark] = {}
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path or ":memory:")
            self._database.execute(SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise self._failure(error) from None

    def find(self, address: str) -> Mark:
        """The mark of an address; an empty one where it was not read."""
        try:
            row = self._database.execute(
                "SELECT etag, last_modified, mark FROM seen WHERE address = ?", (address,)
            ).fetchone()
        except sqlite3.Error as error:
            raise self._failure(error) from None
        return Mark(*row) if row else Mark()

    def learn(self, address: str, mark: Mark) -> None:
        """Remember an address as read, once `save` is called."""
        self._learned[address] = mark

    def save(self) -> None:
        """Keep what was learned."""
        rows = [
            (address, mark.etag, mark.last_modified, mark.mark)
            for address, mark in self._learned.items()
        ]
        try:
            with self._database:
                self._database.executemany("REPLACE INTO seen VALUES (?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise self._failure(error) from None
        self._learned.clear()

    def close(self) -> None:
        """Forget what was not saved."""
        self._database.close()

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _failure(self, error: Exception) -> WriteFailed:
        return WriteFailed(
            f"{self._path} cannot be used to remember what was read ({error}): "
            "make room or correct its permissions, or remove the file."
        )

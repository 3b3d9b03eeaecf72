"""A SQLite file that its owner alone may read -> a connection."""

import os
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path
from typing import Literal


def connect(
    path: Path, *, isolation_level: Literal["DEFERRED"] | None = "DEFERRED"
) -> sqlite3.Connection:
    """Open the file, made where there is none; threads may share it in turns.

    What others may do with it, or with what SQLite puts beside it, ends here, unless the file is
    somebody else's. Raises OSError, sqlite3.Error.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for beside in ("", "-wal", "-shm"):
        _make_private(path.with_name(path.name + beside))
    database = sqlite3.connect(
        path, timeout=10, isolation_level=isolation_level, check_same_thread=False
    )
    database.execute("PRAGMA journal_mode = WAL")
    return database


def _make_private(path: Path) -> None:
    """Take the file from all but its owner, where it is there and the process's own."""
    with suppress(FileNotFoundError):
        found = path.stat()
        if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o077:
            path.chmod(0o600)

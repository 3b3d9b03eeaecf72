"""A SQLite file that its owner alone may read -> a connection."""

import os
import sqlite3
from pathlib import Path
from typing import Literal


def connect(
    path: Path, *, isolation_level: Literal["DEFERRED"] | None = "DEFERRED"
) -> sqlite3.Connection:
    """Open the file, made for its owner only where there is none; threads may share it in turns.

    What SQLite puts beside the file has the file's rights. Raises OSError, sqlite3.Error.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    database = sqlite3.connect(
        path, timeout=10, isolation_level=isolation_level, check_same_thread=False
    )
    database.execute("PRAGMA journal_mode = WAL")
    return database

"""A SQLite file, used in one thread of its own: no answer that is being made holds it up."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from index.errors import WriteFailed
from service.private_database import connect

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Database:
    """One file, made at its first use; every method raises WriteFailed where it cannot be used."""

    def __init__(self, path: Path, schema: str) -> None:
        """`schema` is run at the first use."""
        self.path = path
        self._schema = schema
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="slack-store")
        self._connection: sqlite3.Connection | None = None

    async def run(
        self,
        work: Callable[Concatenate[sqlite3.Connection, _Arguments], _Result],
        *arguments: _Arguments.args,
        **named: _Arguments.kwargs,
    ) -> _Result:
        """What `work` gives, called in the file's thread with its connection."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                self._thread, lambda: work(self._open(), *arguments, **named)
            )
        except (OSError, sqlite3.Error) as error:
            raise WriteFailed(
                f"{self.path} cannot be used ({error}); free space there, or set DATELINE_DATA to "
                "another folder."
            ) from error

    async def write(self, statement: str, values: tuple[Any, ...]) -> None:
        """One statement."""
        await self.run(lambda connection: connection.execute(statement, values).close())

    async def read(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        """The rows that a statement finds."""
        return await self.run(lambda connection: connection.execute(statement, values).fetchall())

    async def close(self) -> None:
        """Close the file, if it was opened."""
        if self._connection is not None:
            await self.run(sqlite3.Connection.close)
        self._thread.shutdown()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = connect(self.path, isolation_level=None)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(self._schema)
            self._connection = connection
        return self._connection

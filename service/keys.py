"""A key -> who calls: named keys, of which only hashes are stored, in one small JSON file.

A key is 32 random bytes, so one round of SHA-256 is enough to hide it; nothing can be guessed.
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.errors import WriteFailed
from service.errors import KeysWrong

PREFIX = "dl_"
"""What every key begins with, so that one in the wrong place is known for what it is."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Caller:
    """Who sent a request: a key's name, or nobody's; an admin may change the articles."""

    name: str
    admin: bool = False


NOBODY = Caller("")
"""Who calls where no keys are in use."""


@dataclass(frozen=True)
class KeyRecord:
    """A key as it is stored."""

    name: str
    admin: bool
    sha256: str
    made: str


class Keys:
    """The keys of one file, which is read again when it changes.

    Once there is a file a key is asked for, even where the last one has been removed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read_at: tuple[int, int] | None = None
        self._records: tuple[KeyRecord, ...] = ()
        self._callers: dict[str, Caller] = {}

    @property
    def in_use(self) -> bool:
        """Whether callers need a key."""
        return self.path.exists()

    def find(self, key: str) -> Caller | None:
        """Whose key it is, None where nobody's; raises KeysWrong."""
        self.list()
        return self._callers.get(_hash(key))

    def list(self) -> Sequence[KeyRecord]:
        """All keys, in the order of their making; raises KeysWrong where the file is damaged."""
        try:
            stat = self.path.stat()
            if (stat.st_mtime_ns, stat.st_ino) == self._read_at:
                return self._records
            stored = json.loads(self.path.read_bytes())
            self._records = tuple(KeyRecord(**record) for record in stored["keys"])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise KeysWrong(
                f"The keys in {self.path} cannot be read ({error}); restore the file, or remove it "
                "and make new keys."
            ) from error
        self._callers = {one.sha256: Caller(one.name, one.admin) for one in self._records}
        self._read_at = (stat.st_mtime_ns, stat.st_ino)
        return self._records

    def add(self, name: str, *, admin: bool) -> str:
        """Make a key; it is told here and never again. Raises KeysWrong, WriteFailed."""
        if not _NAME.fullmatch(name):
            raise KeysWrong(
                f"{name!r} is no name for a key; take up to 40 of a to z, digits and hyphens."
            )
        records = self.list()
        if any(record.name == name for record in records):
            raise KeysWrong(f"There is a key called {name}; remove it first, or take another name.")
        key = PREFIX + secrets.token_urlsafe(32)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        self._write([*records, KeyRecord(name, admin, _hash(key), made)])
        return key

    def remove(self, name: str) -> None:
        """Have a key open nothing any more; raises KeysWrong, WriteFailed."""
        records = self.list()
        left = [record for record in records if record.name != name]
        if len(left) == len(records):
            raise KeysWrong(f"There is no key called {name}; `python -m service keys list`.")
        self._write(left)

    def _write(self, records: Sequence[KeyRecord]) -> None:
        aside = self.path.with_name(f".{self.path.name}-{secrets.token_hex(4)}")
        content = json.dumps({"keys": [asdict(record) for record in records]}, indent=2)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content + "\n")
                file.flush()
                os.fsync(descriptor)
            aside.replace(self.path)
        except OSError as error:
            raise WriteFailed(
                f"The keys could not be written to {self.path} ({error}); free space there, or set "
                "DATELINE_DATA to another folder."
            ) from error


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()

"""A system under test, in a process of its own, asked by JSON lines."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import IO, Any, cast

from eval.errors import PeerFailed


class PeerProcess(AbstractContextManager["PeerProcess", None]):
    """A running worker; leaving its context ends it."""

    def __init__(
        self, name: str, command: Sequence[str], *, surroundings: Mapping[str, str], log: Path
    ) -> None:
        """Start `command` in the current folder; what it prints goes to the file `log`."""
        self.name = name
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(surroundings),
                text=True,
                encoding="utf-8",
            )
        self._requests = cast("IO[str]", self._process.stdin)
        self._replies = cast("IO[str]", self._process.stdout)

    def ask(self, **request: str | int | None) -> dict[str, Any]:
        """The worker's reply. Raises PeerFailed with the last line that it printed."""
        try:
            self._requests.write(json.dumps(request) + "\n")
            self._requests.flush()
            line = self._replies.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            code = self._process.wait()
            printed = self._log.read_text(encoding="utf-8", errors="replace").strip()
            last = printed.rpartition("\n")[2]
            raise PeerFailed(
                f"{self.name} ended with {code} at {request['do']!r}: {last} (see {self._log})."
            )
        reply: dict[str, Any] = json.loads(line)
        return reply

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait()
        self._replies.close()
        with suppress(BrokenPipeError):
            self._requests.close()

"""A command line within this process: what it prints, where, and with which exit code it ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


class Command:
    """Runs `main` with the arguments given; never a traceback."""

    def __init__(
        self, main: Callable[[Sequence[str]], int], capture: pytest.CaptureFixture[str]
    ) -> None:
        self._main = main
        self._capture = capture

    def __call__(self, *arguments: str | Path) -> Ended:
        self._capture.readouterr()
        try:
            code = self._main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        said = self._capture.readouterr()
        assert "Traceback" not in said.err
        return Ended(code, said.out, said.err)

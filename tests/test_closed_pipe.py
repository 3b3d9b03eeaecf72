"""A command ends quietly where its reader has seen enough: `python -m index list | head -1`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.closed_pipe import UNREAD, ends_when_unread

ROOT = Path(__file__).parent.parent


def run_unread(*arguments: str, at_once: bool = False) -> tuple[int, str]:
    """The exit code and the errors of a Python whose standard output nobody reads.

    It writes `at_once` what is printed, or keeps it until there is more.
    """
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb") as pipe:
        ended = subprocess.run(
            [sys.executable, *arguments],
            stdout=pipe,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1" if at_once else ""},
            check=False,
            text=True,
        )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(
    "command", ["service slack --manifest", "index --help", "eval verify --help"]
)
def test_a_command_whose_reader_has_left_ends_without_a_word(command: str) -> None:
    assert run_unread("-m", *command.split()) == (UNREAD, "")


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("printed", ["'a'", "'a' * 100_000"])
def test_so_it_does_in_the_middle_of_its_output(printed: str, *, at_once: bool) -> None:
    program = f"""
from index.closed_pipe import ends_when_unread
with ends_when_unread():
    print({printed})
"""
    assert run_unread("-c", program, at_once=at_once) == (UNREAD, "")


def test_another_pipe_that_breaks_is_a_fault() -> None:
    def fail() -> None:
        with ends_when_unread():
            raise BrokenPipeError("a provider's connection")

    with pytest.raises(BrokenPipeError, match="provider"):
        fail()

"""A command whose output nobody reads any more -> a quiet end."""

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager

UNREAD = 1
"""The exit code then."""


@contextmanager
def ends_when_unread() -> Iterator[None]:
    """Exit with UNREAD, and without a word, where standard output is a pipe that was closed.

    So ends `python -m index list | head -1`. What was not written yet goes nowhere, or Python
    would try again at its end and complain.
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        if not _is_closed(sys.stdout.fileno()):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(UNREAD)


def _is_closed(pipe: int) -> bool:
    """Whether nobody reads from the pipe that is written to."""
    poll = select.poll()
    poll.register(pipe, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))

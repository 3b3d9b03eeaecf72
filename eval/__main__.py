"""The command line of the harness; `python -m eval --help` lists its commands."""

import argparse
import logging
import sys
from collections.abc import Sequence

from eval.commands import ask, bench, complaints, datasets, load, runs, speed, verify
from eval.commands.terminal import errors
from index.closed_pipe import ends_when_unread
from index.errors import DatelineError

_told_with_their_questions = logging.NullHandler()


@ends_when_unread()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed or too bad, 2 asked wrongly."""
    options = _parser().parse_args(arguments)
    logging.getLogger("dateline").addHandler(_told_with_their_questions)
    try:
        code: int = options.run(options)
    except DatelineError as error:
        errors.print(f"error: {error}", markup=False, style="red")
        return 1
    except KeyboardInterrupt:
        going_on = f"; go on with --out {options.out} --resume" if "resume" in options else ""
        errors.print(f"interrupted{going_on}", markup=False, style="yellow")
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval", description="Measure Dateline on questions with known answers."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in (ask, runs, complaints, datasets, verify, speed, load, bench):
        module.add_commands(commands.add_parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())

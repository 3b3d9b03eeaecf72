"""add: draft a case from an answer that was called wrong."""

import argparse
from pathlib import Path

from eval.commands.arguments import AddParser
from eval.commands.terminal import console
from eval.complaints import draft_from_archive, drafts_from_file
from service.settings import read_settings
from service.wiring import open_archive


def _add(options: argparse.Namespace) -> int:
    if options.answer:
        paths = [draft_from_archive(open_archive(read_settings()), options.answer)]
    else:
        paths = list(drafts_from_file(options.feedback))
    for path in paths:
        console.print(f"wrote {path}", markup=False)
    return 0


def add_commands(add_parser: AddParser) -> None:
    """`add`."""
    command = add_parser("add", help="draft a case from an answer that was called wrong")
    group = command.add_mutually_exclusive_group(required=True)
    group.add_argument("--answer", metavar="ID", help="a stored answer")
    group.add_argument(
        "--from", dest="feedback", type=Path, metavar="FILE", help="feedback, .jsonl"
    )
    command.set_defaults(run=_add)

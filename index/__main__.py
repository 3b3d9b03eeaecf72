"""The command line of the index: python -m index COMMAND; see `--help`."""

import argparse
import io
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.markup import escape

from index.closed_pipe import ends_when_unread
from index.compaction import VERSIONS_KEPT
from index.errors import DatelineError
from index.generations import KEPT
from index.reading_commands import (
    show_generations,
    show_info,
    show_list,
    show_search,
    show_verify,
)
from index.terminal import errors
from index.vectors import PACKAGED_MODEL
from index.writing_commands import (
    run_add,
    run_build,
    run_compact,
    run_remove,
    run_rollback,
    run_sync,
    run_watch,
)

_OUT = Path("data/index")
_MOST = 100  # passages of one search
_MINUTES = 10.0  # between two readings of an address
_LEAST_MINUTES = 0.1


@ends_when_unread()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 it failed, 2 asked wrongly."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack curly quotes
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except BrokenPipeError:
        raise  # nobody reads on: no fault
    except (DatelineError, OSError) as error:
        errors.print(f"[red]error:[/red] {escape(str(error))}")
        return 1
    except KeyboardInterrupt:
        errors.print("stopped; the index is whole")
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m index", description="Index articles, keep them up to date, and search them."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_writing(commands)
    _add_reading(commands)
    return parser


def _add_writing(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    out = _index_option()
    model, writing, sources = _model_option(), _writing_options(), _sources_argument()

    command = commands.add_parser(
        "build", parents=[model, writing, sources], help="make an index of exactly these sources"
    )
    command.add_argument("--out", type=Path, default=_OUT, help=f"where to (default {_OUT})")
    command.set_defaults(run=run_build)

    command = commands.add_parser(
        "add", parents=[out, model, writing, sources], help="add or update articles"
    )
    command.set_defaults(run=run_add)

    command = commands.add_parser("remove", parents=[out, writing], help="remove articles by id")
    command.add_argument("id", nargs="+", type=_as_unicode, help="as `list` prints it")
    command.set_defaults(run=run_remove)

    command = commands.add_parser(
        "sync",
        parents=[out, model, writing],
        help="add, update and remove, so that the index holds what a folder holds",
    )
    command.add_argument("folder", type=Path, help="a folder of articles")
    command.set_defaults(run=run_sync)

    command = commands.add_parser(
        "watch",
        parents=[out, model, writing, sources],
        help="sync folders as they change, and read feeds again and again",
    )
    command.add_argument(
        "--every",
        type=_minutes,
        default=_MINUTES,
        metavar="MINUTES",
        help=f"between two readings of a feed or another address (default {_MINUTES:g})",
    )
    command.set_defaults(run=run_watch)

    command = commands.add_parser(
        "compact", parents=[out, writing], help="rewrite it without what is out of date"
    )
    command.set_defaults(run=run_compact)

    command = commands.add_parser(
        "rollback", parents=[out, writing], help="go back to an earlier generation"
    )
    command.add_argument(
        "generation", nargs="?", help="as `generations` prints it (default: the one before)"
    )
    command.set_defaults(run=run_rollback)


def _add_reading(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    out, model, filters = _index_option(), _model_option(), _filter_options()
    printed = argparse.ArgumentParser(add_help=False)
    printed.add_argument("--json", action="store_true", help="print JSON")

    command = commands.add_parser("generations", parents=[out], help="the generations kept")
    command.set_defaults(run=show_generations)

    command = commands.add_parser("verify", parents=[out], help="check every file of it")
    command.set_defaults(run=show_verify)

    command = commands.add_parser("info", parents=[out, model, printed], help="what it holds")
    command.set_defaults(run=show_info)

    command = commands.add_parser(
        "list", parents=[out, printed, filters], help="the articles in it, with their ids"
    )
    command.set_defaults(run=show_list)

    command = commands.add_parser(
        "search", parents=[out, model, printed, filters], help="find passages"
    )
    command.add_argument("query", type=_query)
    command.add_argument("--explain", action="store_true", help="say why each is where it is")
    command.add_argument(
        "--reranker", metavar="FOLDER", help="a cross-encoder that reads the first passages again"
    )
    command.add_argument("--limit", type=_limit, default=10, help="how many (default 10)")
    command.set_defaults(run=show_search)


def _index_option() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--index", type=Path, default=_OUT, help=f"its folder (default {_OUT})")
    return shared


def _model_option() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--embedding-model",
        default=PACKAGED_MODEL,
        metavar="MODEL",
        help=f"a sentence-transformers folder (default: the packaged {PACKAGED_MODEL})",
    )
    return shared


def _sources_argument() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "source",
        nargs="+",
        help="a file (.md .txt .html .pdf .json .jsonl .xml), a folder, a glob, - for JSON lines, "
        "or the address of a page, a feed or a sitemap",
    )
    shared.add_argument(
        "--allow-private",
        action="store_true",
        help="read addresses of this machine and its network as well",
    )
    return shared


def _writing_options() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--json", action="store_true", help="print what came of each article as JSON"
    )
    shared.add_argument(
        "--wait",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="for another writer to end (default 0)",
    )
    shared.add_argument(
        "--keep-generations", type=_count, default=KEPT, help=f"for rollback (default {KEPT})"
    )
    shared.add_argument(
        "--keep-versions",
        type=_count,
        default=VERSIONS_KEPT,
        help=f"of an updated article, for old citations (default {VERSIONS_KEPT})",
    )
    return shared


def _filter_options() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--source", type=_as_unicode, help="only articles of this publisher")
    for bound in ("from", "to"):
        shared.add_argument(
            f"--published-{bound}", type=_day, metavar="YYYY-MM-DD", help="inclusive"
        )
    return shared


def _query(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("the query is empty")
    return _as_unicode(text)


def _as_unicode(text: str) -> str:
    """A question mark for each byte of the shell's that is no UTF-8."""
    return text.encode(errors="replace").decode()


def _minutes(text: str) -> float:
    number = float(text)
    if not number >= _LEAST_MINUTES:
        raise argparse.ArgumentTypeError(f"at least {_LEAST_MINUTES:g}")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _limit(text: str) -> int:
    number = int(text)
    if not 1 <= number <= _MOST:
        raise argparse.ArgumentTypeError(f"between 1 and {_MOST}")
    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day written YYYY-MM-DD") from None


if __name__ == "__main__":
    sys.exit(main())

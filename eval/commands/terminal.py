"""What the commands show: figures on one stream, progress and errors on the other."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from eval.runs import Result
from index.articles import Found, Refusal
from index.errors import ArticleRefused
from index.sources import read_sources

WIDEST = 110
"""Columns that a table takes even where the terminal is narrower: a cut figure says nothing."""

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def show_progress() -> Iterator[
    tuple[Callable[[str], None], Callable[[int], Callable[[object], None]]]
]:
    """A line for what is done first, and a bar of given length that moves by one a call."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("getting ready", total=None)

        def report(text: str) -> None:
            progress.update(task, description=text)

        def bar(total: int) -> Callable[[object], None]:
            progress.update(task, description="asking", total=total)

            def advance(result: object) -> None:
                progress.advance(task)
                if isinstance(result, Result) and result.error:
                    errors.print(f"{result.case.id}: {result.error}", markup=False, style="yellow")

            return advance

        yield report, bar


def print_wide(table: Table) -> None:
    """Print a table whole: where the terminal is narrower than WIDEST, its lines wrap."""
    Console(highlight=False, width=max(console.width, WIDEST)).print(table)


def read_corpus(paths: Sequence[Path]) -> tuple[Found | Refusal, ...]:
    """The articles of the files and folders named; what is refused in a folder is told.

    Raises ArticleRefused for what is named itself.
    """
    named = [str(path) for path in paths]
    items = tuple(read_sources(named))
    for item in items:
        if isinstance(item, Refusal):
            if item.origin in named:
                raise ArticleRefused(item.reason)
            errors.print(f"refused: {item.reason}", markup=False, style="yellow")
    return items

"""The commands that change an index: build | add | remove | sync | watch | compact | rollback."""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from watchfiles import watch

from index.build import Outcome, add, build, compact, remove, roll_back
from index.compaction import Retention
from index.errors import ArticleRefused, DatelineError
from index.intake import Tally
from index.manifest import Manifest
from index.segment import Summary
from index.sources import read_sources
from index.vectors import Embedder

TOLD_EVERY = 15.0
"""Seconds between two lines of progress where there is no terminal to draw on."""

console = Console(highlight=False, soft_wrap=True, emoji=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def run_build(options: argparse.Namespace) -> int:
    """Index exactly the sources."""
    with _progress() as advance:
        outcome = build(
            read_sources(options.source),
            options.out,
            Embedder(options.embedding_model),
            advance=advance,
            retention=_retention(options),
            wait=options.wait,
        )
    return _report(outcome, options, named=options.source)


def run_add(options: argparse.Namespace) -> int:
    """Add the sources' articles, and update those that changed."""
    with _progress() as advance:
        outcome = add(
            read_sources(options.source),
            options.index,
            Embedder(options.embedding_model),
            advance=advance,
            retention=_retention(options),
            wait=options.wait,
        )
    return _report(outcome, options, named=options.source)


def run_sync(options: argparse.Namespace) -> int:
    """Make the index hold of a folder what the folder holds."""
    return _report(_sync(options, Embedder(options.embedding_model)), options, named=())


def run_watch(options: argparse.Namespace) -> int:
    """Sync a folder now and whenever something in it changes, until stopped."""
    embedder = Embedder(options.embedding_model)
    _report(_sync(options, embedder), options, named=())
    errors.print(f"watching {escape(str(options.folder))}; Ctrl-C ends it")
    for _changes in watch(options.folder):
        try:
            outcome = _sync(options, embedder)
        except DatelineError as error:
            errors.print(f"[red]error:[/red] {escape(str(error))}")
            continue
        console.print(f"[dim]{datetime.now(UTC):%H:%M:%S}[/dim] ", end="")
        _report(outcome, options, named=())
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Remove articles by id."""
    outcome = remove(options.id, options.index, retention=_retention(options), wait=options.wait)
    return _report(outcome, options, named=options.id)


def run_compact(options: argparse.Namespace) -> int:
    """Rewrite the index without what is out of date."""
    manifest = compact(options.index, retention=_retention(options), wait=options.wait)
    console.print(f"compacted: {_described(manifest)}")
    return 0


def run_rollback(options: argparse.Namespace) -> int:
    """Make an earlier generation the current one."""
    manifest = roll_back(options.index, options.generation, wait=options.wait)
    console.print(f"back at {_described(manifest)}, made {manifest.created}")
    return 0


def _sync(options: argparse.Namespace, embedder: Embedder) -> Outcome:
    folder = options.folder.resolve()
    if not folder.is_dir():
        raise ArticleRefused(f"{options.folder} is no folder; sync one that holds articles.")

    def gone(article: Summary) -> bool:
        return Path(article.origin).is_relative_to(folder)

    with _progress() as advance:
        return add(
            read_sources([str(folder)]),
            options.index,
            embedder,
            gone=gone,
            advance=advance,
            retention=_retention(options),
            wait=options.wait,
        )


def _report(outcome: Outcome, options: argparse.Namespace, *, named: Sequence[str]) -> int:
    """Print what came of each article; 1 where nothing came of something that was named."""
    tally = outcome.tally
    if options.json:
        print(json.dumps(_as_json(outcome), ensure_ascii=False, indent=2))
    else:
        for duplicate in tally.duplicates:
            errors.print(
                f"[yellow]duplicate:[/yellow] {escape(duplicate.origin)} has the text of "
                f"{escape(duplicate.twin)}"
            )
        for refusal in tally.refused:
            errors.print(f"[yellow]refused:[/yellow] {escape(refusal.reason)}")
        counted = ", ".join(f"{word} {count}" for word, count in _counts(tally).items() if count)
        console.print(f"{counted or 'nothing to do'}: {_described(outcome.manifest)}")
    return int(any(refusal.origin in named for refusal in tally.refused))


def _as_json(outcome: Outcome) -> dict[str, object]:
    tally = outcome.tally
    return {
        "generation": outcome.manifest.id,
        "articles": outcome.manifest.articles,
        "added": tally.added,
        "updated": tally.updated,
        "unchanged": tally.unchanged,
        "removed": tally.removed,
        "duplicates": [{"origin": d.origin, "of": d.twin} for d in tally.duplicates],
        "refused": [{"origin": r.origin, "reason": r.reason} for r in tally.refused],
        "embedded_passages": tally.embedded,
    }


def _counts(tally: Tally) -> dict[str, int]:
    return {
        "added": len(tally.added),
        "updated": len(tally.updated),
        "unchanged": len(tally.unchanged),
        "removed": len(tally.removed),
        "duplicate": len(tally.duplicates),
        "refused": len(tally.refused),
    }


def _described(manifest: Manifest) -> str:
    return (
        f"{manifest.articles} articles ({manifest.passages} passages, {manifest.sentences} "
        f"sentences) in generation {manifest.id}"
    )


def _retention(options: argparse.Namespace) -> Retention:
    return Retention(generations=options.keep_generations, versions=options.keep_versions)


@contextmanager
def _progress() -> Iterator[Callable[[Tally], None]]:
    """Tells how far it is: on one line of a terminal, else on a line now and then."""
    if not errors.is_terminal:
        yield _Lines().tell
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("loading the embedding model", total=None)
        yield lambda tally: progress.update(task, description=_so_far(tally))


class _Lines:
    """A line of progress now and then."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def tell(self, tally: Tally) -> None:
        if time.monotonic() - self._told >= TOLD_EVERY:
            self._told = time.monotonic()
            errors.print(_so_far(tally))


def _so_far(tally: Tally) -> str:
    return f"read {sum(_counts(tally).values())} articles, embedded {tally.embedded} passages"

"""The commands that change an index: build | add | remove | sync | watch | compact | rollback."""

import argparse
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.markup import escape
from watchfiles import Change, DefaultFilter, watch

from index.articles import Found, Refusal, find_files
from index.build import Outcome, add, build, compact, remove, roll_back
from index.compaction import Retention
from index.errors import ArticleRefused, DatelineError, IndexLocked
from index.fetching import Fetcher
from index.habits import Habits
from index.seen import Seen
from index.segment import Summary
from index.sources import read_sources
from index.terminal import described, errors, report, show_progress, tell
from index.vectors import Embedder

_SEEN = "seen.sqlite"
"""What was read of each address before, beside the generations."""

_HABITS = "habits.json"
"""What each publisher repeats, there as well."""

_WATCH_STEP = 500
"""Milliseconds between two looks at whether a source is due; the first is the first sync."""


def run_build(options: argparse.Namespace) -> int:
    """Index exactly the sources."""
    habits = Habits(options.out / _HABITS, anew=True)
    with show_progress() as advance, Fetcher(allow_private=options.allow_private) as fetcher:
        outcome = build(
            habits.without(read_sources(options.source, fetcher=fetcher)),
            options.out,
            Embedder(options.embedding_model),
            advance=advance,
            retention=_retention(options),
            wait=options.wait,
        )
    _forget(options.out)
    habits.save()
    return report(outcome, as_json=options.json, named=options.source)


def run_add(options: argparse.Namespace) -> int:
    """Add the sources' articles, and update those that changed."""
    outcome = _add(options, options.source, Embedder(options.embedding_model))
    return report(outcome, as_json=options.json, named=options.source)


def run_sync(options: argparse.Namespace) -> int:
    """Make the index hold of a folder what the folder holds."""
    outcome = _sync(options, options.folder, Embedder(options.embedding_model))
    return report(outcome, as_json=options.json, named=())


def run_watch(options: argparse.Namespace) -> int:
    """Take in what the sources hold now, and whatever changes in them, until stopped.

    Folders are synced as soon as something in them changes; the rest is read again every so often.
    While another process writes the index it tries again and again, and says so once.
    """
    embedder = Embedder(options.embedding_model)
    folders = [Path(source) for source in options.source if Path(source).is_dir()]
    others = [source for source in options.source if Path(source) not in folders]
    errors.print(f"watching {escape(', '.join(options.source))}; Ctrl-C ends it")
    unread = set(folders)
    due = 0.0
    blocked = False
    for changes in _changes(folders, options.index.resolve()):
        unread |= {
            folder
            for folder in folders
            if any(Path(path).is_relative_to(folder.resolve()) for _, path in changes)
        }
        try:
            for folder in sorted(unread):
                _try(options, partial(_sync, options, folder, embedder))
                unread.discard(folder)
            if others and time.monotonic() >= due:
                _try(options, partial(_add, options, others, embedder))
                due = time.monotonic() + 60 * options.every
        except IndexLocked as error:
            if not blocked:
                errors.print(f"[yellow]waiting:[/yellow] {escape(str(error))}")
            blocked = True
        else:
            blocked = False
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Remove articles by id."""
    outcome = remove(options.id, options.index, retention=_retention(options), wait=options.wait)
    return report(outcome, as_json=options.json, named=options.id)


def run_compact(options: argparse.Namespace) -> int:
    """Rewrite the index without what is out of date."""
    manifest = compact(options.index, retention=_retention(options), wait=options.wait)
    tell(manifest, f"compacted: {described(manifest)}", as_json=options.json)
    return 0


def run_rollback(options: argparse.Namespace) -> int:
    """Make an earlier generation the current one."""
    manifest = roll_back(options.index, options.generation, wait=options.wait)
    _forget(options.index)
    line = f"back at {described(manifest)}, made {manifest.created}"
    tell(manifest, line, as_json=options.json)
    return 0


def _forget(root: Path) -> None:
    """Have addresses read again as if for the first time: what they gave may not be in any more."""
    (root / _SEEN).unlink(missing_ok=True)


def _changes(folders: Sequence[Path], root: Path) -> Iterator[Collection[tuple[object, str]]]:
    """What changed in the folders since the last step, each with its path; often nothing.

    What is written to the index in `root` does not count, where that is in one of the folders.
    """
    usual = DefaultFilter()

    def outside(change: Change, path: str) -> bool:
        return usual(change, path) and not Path(path).is_relative_to(root)

    if folders:
        yield from watch(
            *folders,
            watch_filter=outside,
            rust_timeout=_WATCH_STEP,
            yield_on_timeout=True,
            raise_interrupt=True,
        )
    while True:
        time.sleep(_WATCH_STEP / 1000)
        yield ()


def _try(options: argparse.Namespace, run: Callable[[], Outcome]) -> None:
    """Run it and tell what came of it, a failure too; raises IndexLocked."""
    try:
        outcome = run()
    except IndexLocked:
        raise
    except DatelineError as error:
        errors.print(f"[red]error:[/red] {escape(str(error))}")
        return
    errors.print(f"[dim]{datetime.now(UTC):%Y-%m-%d %H:%M:%S}[/dim]")
    report(outcome, as_json=options.json, named=())


def _add(options: argparse.Namespace, sources: Sequence[str], embedder: Embedder) -> Outcome:
    with (
        Seen(options.index / _SEEN) as seen,
        Fetcher(seen, allow_private=options.allow_private) as fetcher,
    ):
        outcome = _take_in(options, read_sources(sources, fetcher=fetcher), embedder)
        seen.save()  # only now that the articles are in
    return outcome


def _sync(options: argparse.Namespace, folder: Path, embedder: Embedder) -> Outcome:
    folder = folder.resolve()
    if not folder.is_dir():
        raise ArticleRefused(f"{folder} is no folder; sync one that holds articles.")
    find_files(folder)  # an empty one is rather a disk that is not there than all articles gone

    def gone(article: Summary) -> bool:
        return Path(article.origin).is_relative_to(folder)

    return _take_in(options, read_sources([str(folder)]), embedder, gone=gone)


def _take_in(
    options: argparse.Namespace,
    items: Iterable[Found | Refusal],
    embedder: Embedder,
    *,
    gone: Callable[[Summary], bool] = lambda _article: False,
) -> Outcome:
    """Add them with progress, rid of what their publishers repeat."""
    habits = Habits(options.index / _HABITS)
    with show_progress() as advance:
        outcome = add(
            habits.without(items),
            options.index,
            embedder,
            gone=gone,
            advance=advance,
            retention=_retention(options),
            wait=options.wait,
        )
    habits.save()
    return outcome


def _retention(options: argparse.Namespace) -> Retention:
    return Retention(generations=options.keep_generations, versions=options.keep_versions)

"""What the commands show: what came of them on one stream, progress and errors on the other."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from index.build import Outcome
from index.intake import Tally
from index.manifest import Manifest

TOLD_EVERY = 15.0
"""Seconds between two lines of progress where there is no terminal to draw on."""

console = Console(highlight=False, soft_wrap=True, emoji=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def report(outcome: Outcome, *, as_json: bool, named: Sequence[str]) -> int:
    """Print what came of each article; 1 where nothing came of something that was named."""
    tally = outcome.tally
    if as_json:
        print(json.dumps(_as_json(outcome), ensure_ascii=False, indent=2))
    else:
        for duplicate in tally.duplicates:
            errors.print(
                f"[yellow]duplicate:[/yellow] {escape(duplicate.origin)} has the text of "
                f"{escape(duplicate.twin)}"
            )
        for refusal in tally.refused:
            errors.print(f"[yellow]refused:[/yellow] {escape(refusal.reason)}")
        for note in tally.notes:
            errors.print(f"[yellow]note:[/yellow] {escape(note.text)}")
        if outcome.unusable:
            errors.print(f"[yellow]made anew:[/yellow] {escape(outcome.unusable)}")
        counted = ", ".join(f"{word} {count}" for word, count in _counts(tally).items() if count)
        console.print(f"{counted or 'nothing to do'}: {described(outcome.manifest)}")
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
        "notes": [{"origin": n.origin, "note": n.text} for n in tally.notes],
        "embedded_passages": tally.embedded,
        "made_anew": outcome.unusable,
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


def described(manifest: Manifest) -> str:
    """What a generation holds, in words."""
    return (
        f"{manifest.articles} articles ({manifest.passages} passages, {manifest.sentences} "
        f"sentences) in generation {manifest.id}"
    )


def tell(manifest: Manifest, line: str, *, as_json: bool) -> None:
    """Print which generation is current now: the `line` that says it, or JSON."""
    if as_json:
        print(json.dumps({"generation": manifest.id, "articles": manifest.articles}, indent=2))
    else:
        console.print(line)


@contextmanager
def show_progress() -> Iterator[Callable[[Tally], None]]:
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

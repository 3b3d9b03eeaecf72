"""Articles -> the next generation of an index: built anew, added to, taken from, compacted.

One of these at a time writes an index, and what it publishes is there whole or not at all.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.articles import Found, Refusal
from index.compaction import (
    RETENTION,
    Retention,
    carry,
    finish_segment,
    mark,
    merge,
    merge_levels,
    new_segment,
)
from index.errors import (
    ArticleRefused,
    GenerationDamaged,
    GenerationMismatch,
    GenerationMissing,
    WriteFailed,
)
from index.generation import Generation
from index.generations import (
    Counts,
    Making,
    current_folder,
    current_name,
    folder_aside,
    list_generations,
    make_current,
    only_writer,
    publish,
)
from index.intake import Intake, Tally
from index.live import open_as_made
from index.manifest import Manifest, SegmentRecord, read_intact
from index.segment import Summary
from index.vectors import Embedder


@dataclass(frozen=True)
class Outcome:
    """The generation that is current now, and what came of each article.

    `unusable` is why a build could take nothing from the generation before, where one stood there.
    """

    manifest: Manifest
    tally: Tally
    unusable: str | None = None


def build(
    items: Iterable[Found | Refusal],
    root: Path,
    embedder: Embedder,
    *,
    advance: Callable[[Tally], None] = lambda _tally: None,
    retention: Retention = RETENTION,
    wait: float = 0.0,
) -> Outcome:
    """Publish a generation of exactly these articles; what is embedded already is not again.

    An index that is damaged or of another model is replaced by one made from nothing. Raises
    ArticleRefused when there is no article among them, IndexLocked, and WriteFailed with the index
    unchanged.
    """
    with _writing(root, "index build", wait), folder_aside(root) as folder:
        before, unusable = _open_intact(root, embedder)
        taken = _take(
            items, folder, before, embedder, advance=advance, retention=retention, anew=True
        )
        making = Making(embedder.name, embedder.dimension, retention.generations)
        manifest = publish(folder, root, taken.records, taken.counts, making)
    return Outcome(manifest, taken.tally, unusable)


def add(
    items: Iterable[Found | Refusal],
    root: Path,
    embedder: Embedder,
    *,
    gone: Callable[[Summary], bool] = lambda _article: False,
    current: Generation | None = None,
    advance: Callable[[Tally], None] = lambda _tally: None,
    retention: Retention = RETENTION,
    wait: float = 0.0,
) -> Outcome:
    """Publish a generation with these articles added or updated; only what is new is embedded.

    Articles that `gone` is true of are removed, unless they came in or their file was refused.
    Nothing is published where nothing changes. `current` is a generation that is open already.
    Raises ArticleRefused when there is no index yet and no article for one, IndexLocked,
    GenerationMismatch, GenerationDamaged, and WriteFailed with the index unchanged.
    """
    with _writing(root, "index add", wait):
        before = _open_unchecked(root, embedder.name, embedder.dimension, current)
        with folder_aside(root) as folder:
            taken = _take(
                items, folder, before, embedder, advance=advance, retention=retention, gone=gone
            )
            tally, records, counts = taken.tally, taken.records, taken.counts
            if before and not records and not tally.removed:
                return Outcome(before.manifest, tally)
            if before:
                marked, counts = mark(before, tally.updated, tally.removed, counts)
                records = [*marked, *records]
            making = Making(embedder.name, embedder.dimension, retention.generations)
            publish(folder, root, records, counts, making)
        return Outcome(_merged(root, before, retention), tally)


def remove(
    ids: Sequence[str],
    root: Path,
    *,
    current: Generation | None = None,
    retention: Retention = RETENTION,
    wait: float = 0.0,
) -> Outcome:
    """Publish a generation without these articles, their earlier versions included.

    An id that is not in the index is refused, and the others go. Raises IndexLocked,
    GenerationMissing, GenerationMismatch, GenerationDamaged, and WriteFailed with the index
    unchanged.
    """
    current_folder(root)
    with _writing(root, "index remove", wait):
        before = open_as_made(root, before=current, check=False)
        made = before.manifest
        tally = Tally()
        for article_id in dict.fromkeys(ids):
            if before.article(article_id):
                tally.removed.append(article_id)
            else:
                tally.refused.append(Refusal(article_id, f"no article has the id {article_id}"))
        if not tally.removed:
            return Outcome(made, tally)
        records, counts = mark(before, [], tally.removed, Counts(0, 0, 0))
        making = Making(made.embedding_model, made.dimension, retention.generations)
        with folder_aside(root) as folder:
            publish(folder, root, records, counts, making)
        return Outcome(_merged(root, before, retention), tally)


def compact(root: Path, *, retention: Retention = RETENTION, wait: float = 0.0) -> Manifest:
    """Publish a generation of one segment, of what counts and the versions kept.

    Raises IndexLocked, GenerationMissing, GenerationMismatch, GenerationDamaged, and WriteFailed
    with the index unchanged.
    """
    current_folder(root)
    with _writing(root, "index compact", wait):
        before = open_as_made(root, check=False)
        return merge(root, before, before.parts, retention)


def roll_back(root: Path, name: str | None = None, *, wait: float = 0.0) -> Manifest:
    """Make the generation `name`, or else the one before the current one, current again.

    Every file of it is checked first. Raises IndexLocked, GenerationMissing where there is none
    such, GenerationMismatch, GenerationDamaged, and WriteFailed.
    """
    _earlier(root, name)
    with _writing(root, "index rollback", wait):
        manifest = read_intact(root / "generations" / _earlier(root, name))
        make_current(root, manifest.id)
        return manifest


@dataclass(frozen=True)
class _Taken:
    """What came of each article, the segment of those written, if any, and what it adds."""

    tally: Tally
    records: list[SegmentRecord]
    counts: Counts


def _take(
    items: Iterable[Found | Refusal],
    folder: Path,
    before: Generation | None,
    embedder: Embedder,
    *,
    advance: Callable[[Tally], None],
    retention: Retention,
    gone: Callable[[Summary], bool] = lambda _article: True,
    anew: bool = False,
) -> _Taken:
    """Write what is new among the items to a segment in `folder`, or all of them `anew`.

    In an index made anew the earlier versions kept are carried over. Raises ArticleRefused where
    the segment is to be the whole index and no article came.
    """
    with new_segment(folder, embedder.dimension) as writer:
        intake = Intake(before, writer, embedder, anew=anew, advance=advance)
        intake.take(items)
        intake.finish(gone)
        counts = writer.counts
        if not counts.articles and (anew or not before):
            raise _nothing_came(intake.tally)
        if anew and before:
            carry(before.parts, writer, retention.versions, intake.has_other_version)
        return _Taken(intake.tally, finish_segment(writer), counts)


def _nothing_came(tally: Tally) -> ArticleRefused:
    reasons = [refusal.reason for refusal in tally.refused]
    if len(reasons) == 1:
        return ArticleRefused(reasons[0])
    return ArticleRefused(" ".join(["None of the sources gave an article.", *reasons[:3]]))


@contextmanager
def _writing(root: Path, what: str, wait: float) -> Iterator[None]:
    """Be the writer; what the disk refuses becomes WriteFailed."""
    try:
        with only_writer(root, what, wait=wait):
            yield
    except (OSError, sqlite3.Error) as error:
        raise WriteFailed(
            f"The index could not be written to {root} ({error}); what stood there is unchanged. "
            "Free some space or name another folder."
        ) from error


def _merged(root: Path, before: Generation | None, retention: Retention) -> Manifest:
    """The current generation, once small segments are merged."""
    try:
        return merge_levels(root, open_as_made(root, before=before, check=False), retention)
    except (OSError, sqlite3.Error) as error:
        raise WriteFailed(
            f"The index in {root} holds what was asked for, but its segments could not be merged "
            f"({error}). Free some space."
        ) from error


def _open_intact(root: Path, embedder: Embedder) -> tuple[Generation | None, str | None]:
    """The current generation with every file checked, None unless it fits and is intact, and why.

    Of an index that is not there yet nothing is said.
    """
    try:
        opened = Generation(root, embedding_model=embedder.name, dimension=embedder.dimension)
    except GenerationMissing:
        return None, None
    except (GenerationMismatch, GenerationDamaged) as error:
        return None, str(error).rpartition("; ")[0]  # without its advice, which is being followed
    return opened, None


def _open_unchecked(
    root: Path, embedding_model: str, dimension: int, current: Generation | None
) -> Generation | None:
    """The current generation, None where there is none; files that are passed on are not read."""
    try:
        return Generation(
            root,
            embedding_model=embedding_model,
            dimension=dimension,
            before=current,
            check=False,
        )
    except GenerationMissing:
        return None


def _earlier(root: Path, name: str | None) -> str:
    """The generation `name`, or else the newest one before the current one."""
    names = list_generations(root)
    current = current_name(root)
    before = names[: names.index(current)] if current in names else names
    chosen = name or (before[-1] if before else None)
    if chosen not in names:
        raise GenerationMissing(
            f"There is no {'such generation' if name else 'earlier generation'} in {root}; "
            "`python -m index generations` lists them."
        )
    return chosen

"""Articles -> the next generation of an index: built anew, added to, taken from, compacted.

One of these at a time writes an index, and what it publishes is there whole or not at all.
"""

import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from index.articles import Found, Refusal
from index.compaction import (
    RETENTION,
    Retention,
    carry,
    finish_segment,
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
    current_folder,
    current_name,
    folder_aside,
    list_generations,
    make_current,
    only_writer,
    publish,
    read_current,
)
from index.intake import Intake, Tally, stored_origin
from index.manifest import Manifest, SegmentRecord, read_intact
from index.segment import Summary
from index.vectors import Embedder


@dataclass(frozen=True)
class Outcome:
    """The generation that is current now, and what came of each article."""

    manifest: Manifest
    tally: Tally


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

    Raises ArticleRefused when there is no article among them, IndexLocked, and WriteFailed with the
    index unchanged.
    """
    with _writing(root, "index build", wait), folder_aside(root) as folder:
        before = _open_intact(root, embedder)
        with new_segment(folder, embedder.dimension) as writer:
            intake = Intake(before, writer, embedder, anew=True, advance=advance)
            intake.take(items)
            intake.finish(frozenset())
            _check_some(intake.tally, writer.articles)
            counts = Counts(writer.articles, writer.passages, writer.sentences)
            if before:
                known = {summary.id for summary in before.articles()}
                intake.tally.removed += sorted(known - intake.seen.keys())
                carry(before.parts, writer, retention.versions, intake.has_other_version)
            record = finish_segment(writer)
        manifest = publish(
            folder,
            root,
            [record],
            counts,
            embedding_model=embedder.name,
            dimension=embedder.dimension,
            kept=retention.generations,
        )
    return Outcome(manifest, intake.tally)


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
            with new_segment(folder, embedder.dimension) as writer:
                intake = Intake(before, writer, embedder, anew=False, advance=advance)
                intake.take(items)
                tally = intake.tally
                tally.removed += _gone(before, gone, intake) if before else []
                intake.finish(frozenset(tally.removed))
                if before is None:
                    _check_some(tally, writer.articles)
                elif not writer.articles and not tally.removed:
                    return Outcome(before.manifest, tally)
                records = [finish_segment(writer)] if writer.articles else []
            if not records:
                shutil.rmtree(writer.folder)
            counts = Counts(writer.articles, writer.passages, writer.sentences)
            if before:
                marked, counts = _mark(before, tally.updated, tally.removed, counts)
                records = [*marked, *records]
            publish(
                folder,
                root,
                records,
                counts,
                embedding_model=embedder.name,
                dimension=embedder.dimension,
                kept=retention.generations,
            )
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
        before = _open_as_made(root, current)
        made = before.manifest
        tally = Tally()
        for article_id in dict.fromkeys(ids):
            if before.article(article_id):
                tally.removed.append(article_id)
            else:
                tally.refused.append(Refusal(article_id, f"no article has the id {article_id}"))
        if not tally.removed:
            return Outcome(made, tally)
        records, counts = _mark(before, [], tally.removed, Counts(0, 0, 0))
        with folder_aside(root) as folder:
            publish(
                folder,
                root,
                records,
                counts,
                embedding_model=made.embedding_model,
                dimension=made.dimension,
                kept=retention.generations,
            )
        return Outcome(_merged(root, before, retention), tally)


def compact(root: Path, *, retention: Retention = RETENTION, wait: float = 0.0) -> Manifest:
    """Publish a generation of one segment, of what counts and the versions kept.

    Raises IndexLocked, GenerationMissing, GenerationMismatch, GenerationDamaged, and WriteFailed
    with the index unchanged.
    """
    current_folder(root)
    with _writing(root, "index compact", wait):
        before = _open_as_made(root, None)
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
        return merge_levels(root, _open_as_made(root, before), retention)
    except (OSError, sqlite3.Error) as error:
        raise WriteFailed(
            f"The index in {root} holds what was asked for, but its segments could not be merged "
            f"({error}). Free some space."
        ) from error


def _open_intact(root: Path, embedder: Embedder) -> Generation | None:
    """The current generation with every file checked, None unless it fits and is intact."""
    try:
        return Generation(root, embedding_model=embedder.name, dimension=embedder.dimension)
    except (GenerationMissing, GenerationMismatch, GenerationDamaged):
        return None


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


def _open_as_made(root: Path, current: Generation | None) -> Generation:
    """The current generation, whatever model it was made with; raises GenerationMissing."""
    made = read_current(root)
    return Generation(
        root,
        embedding_model=made.embedding_model,
        dimension=made.dimension,
        before=current,
        check=False,
    )


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


def _check_some(tally: Tally, written: int) -> None:
    if not written:
        reasons = [refusal.reason for refusal in tally.refused]
        if len(reasons) == 1:
            raise ArticleRefused(reasons[0])
        raise ArticleRefused(" ".join(["None of the sources gave an article.", *reasons[:3]]))


def _gone(before: Generation, gone: Callable[[Summary], bool], intake: Intake) -> list[str]:
    """The ids to remove: of articles that are gone and whose file was not merely refused."""
    refused = {stored_origin(refusal.origin) for refusal in intake.tally.refused}
    return [
        article.id
        for article in before.articles()
        if gone(article) and article.id not in intake.seen and article.origin not in refused
    ]


def _mark(
    before: Generation, updated: Collection[str], removed: Collection[str], counts: Counts
) -> tuple[list[SegmentRecord], Counts]:
    """The records of the segments before, and what can be found with `counts` of new ones.

    Of the updated articles what counted so far is superseded; of the removed all versions go. A
    segment of which nothing is left is left out.
    """
    made = before.manifest
    articles = made.articles + counts.articles
    passages = made.passages + counts.passages
    sentences = made.sentences + counts.sentences
    records = []
    for part in before.parts:
        superseded = {
            row for name in updated for row in part.segment.rows_of(name) if part.counts(row)
        }
        gone = {row for name in removed for row in part.segment.rows_of(name)}
        for row in filter(part.counts, superseded | gone):
            lost = part.segment.size_of(row)
            articles, passages, sentences = articles - 1, passages - lost[0], sentences - lost[1]
        record = replace(
            part.record,
            superseded=tuple(sorted({*part.record.superseded, *superseded} - gone)),
            removed=tuple(sorted({*part.record.removed, *gone})),
        )
        if len(record.removed) < record.articles:
            records.append(record)
    return records, Counts(articles, passages, sentences)

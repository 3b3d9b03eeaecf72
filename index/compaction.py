"""Segments of a generation -> which of their rows count, and fewer segments with only those."""

import math
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from index.generation import Generation
from index.generations import KEPT, Counts, Making, folder_aside, publish, record_segment
from index.live import open_as_made
from index.manifest import Manifest, SegmentRecord
from index.part import Part
from index.segment_writer import SegmentWriter

VERSIONS_KEPT = 5
"""Earlier versions of an article that stay readable for old citations."""

MERGED_AT = 8
"""Segments one after the other, all up to one size, that are merged into one."""

SMALLEST_LEVEL = 1_000
"""Passages up to which segments count as of one size; each next size is MERGED_AT times it."""


@dataclass(frozen=True)
class Retention:
    """How many generations stay, and how many earlier versions of an article."""

    generations: int = KEPT
    versions: int = VERSIONS_KEPT


RETENTION = Retention()


def merge(
    root: Path,
    before: Generation,
    parts: Sequence[Part],
    retention: Retention,
    *,
    replacing: bool = False,
) -> Manifest:
    """Publish a generation in which one segment takes the place of `parts`.

    These stand one after the other, so that what came in later goes on standing later. `replacing`
    takes the generation before away: a rollback then goes to what was there before that. For the
    writer of `root`. Raises OSError, sqlite3.Error, GenerationDamaged.
    """
    current: dict[str, str] = {}

    def outdated(part: Part, row: int) -> bool:
        summary = part.segment.articles[row]
        return not part.counts(row) and current.get(summary.id) != summary.version

    with folder_aside(root) as folder:
        with new_segment(folder, before.manifest.dimension) as writer:
            for part in parts:
                part.check()
                for row in range(len(part.segment.articles)):
                    if part.counts(row):
                        writer.add(part.segment.entry(row))
                        current[part.segment.articles[row].id] = part.segment.articles[row].version
            carry(parts, writer, retention.versions, outdated)
            merged = finish_segment(writer)
        made = before.manifest
        first = before.parts.index(parts[0]) if parts else 0
        return publish(
            folder,
            root,
            [*made.segments[:first], *merged, *made.segments[first + len(parts) :]],
            Counts(made.articles, made.passages, made.sentences),
            Making(made.embedding_model, made.dimension, retention.generations),
            replaced=made.id if replacing else None,
        )


def merge_levels(root: Path, generation: Generation, retention: Retention) -> Manifest:
    """Merge where many segments are of one size, and where half of one is out of date.

    An article is then rewritten once for each size that its segment passes through (O'Neil et al.,
    The log-structured merge-tree, 1996). For the writer of `root`, once the articles can be found.
    """
    manifest = generation.manifest
    while parts := _worth_merging(generation):
        manifest = merge(root, generation, parts, retention, replacing=True)
        generation = open_as_made(root, before=generation, check=False)
    return manifest


def carry(
    parts: Sequence[Part],
    writer: SegmentWriter,
    versions: int,
    outdated: Callable[[Part, int], bool],
) -> None:
    """Write, without passages, the newest `versions` of each article whose row is `outdated`.

    They are written oldest first.
    """
    newest_first = [
        (part, row)
        for part in reversed(parts)
        for row in reversed(part.rows_by_age())
        if row not in part.removed and outdated(part, row)
    ]
    kept: dict[tuple[str, str], tuple[Part, int]] = {}
    carried: Counter[str] = Counter()
    for part, row in newest_first:
        summary = part.segment.articles[row]
        version = (summary.id, summary.version)
        if version not in kept and carried[summary.id] < versions:
            kept[version] = (part, row)
            carried[summary.id] += 1
    for part, row in reversed(kept.values()):
        writer.add(part.segment.entry(row).without_passages())


def new_segment(folder: Path, dimension: int) -> SegmentWriter:
    """A writer of a new segment in the folder of a generation; raises OSError."""
    segment = folder / secrets.token_hex(6)
    segment.mkdir()
    return SegmentWriter(segment, dimension=dimension)


def finish_segment(writer: SegmentWriter) -> list[SegmentRecord]:
    """Finish the segment and have the disk hold it; one without articles is taken away.

    Raises OSError, sqlite3.Error.
    """
    if not writer.articles:
        shutil.rmtree(writer.folder)
        return []
    writer.finish()
    return [record_segment(writer.folder, writer.counts)]


def mark(
    before: Generation, updated: Collection[str], removed: Collection[str], counts: Counts
) -> tuple[list[SegmentRecord], Counts]:
    """The records of the segments before, and what can be found with `counts` of a new one.

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


def _worth_merging(generation: Generation) -> list[Part]:
    """Segments one after the other, so that the order in which versions came in is kept."""
    for level in sorted({_level(part) for part in generation.parts}):
        for small, run in groupby(generation.parts, key=lambda part: _level(part) <= level):
            parts = list(run)
            if small and len(parts) >= MERGED_AT:
                return parts
    return [part for part in generation.parts if 2 * part.out_of_date > part.record.articles][:1]


def _level(part: Part) -> int:
    return math.ceil(math.log(max(1.0, part.record.passages / SMALLEST_LEVEL), MERGED_AT))

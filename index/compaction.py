"""Segments of a generation -> fewer segments with what still counts, and the versions kept."""

import math
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.generation import Generation, Part
from index.generations import KEPT, Counts, folder_aside, publish, record_segment
from index.manifest import Manifest, SegmentRecord
from index.segment_writer import SegmentWriter

VERSIONS_KEPT = 5
"""Earlier versions of an article that stay readable for old citations."""

MERGED_AT = 8
"""Segments of about one size that are merged into one."""

SMALLEST_LEVEL = 1_000
"""Passages up to which segments count as of one size; each next size is MERGED_AT times it."""


@dataclass(frozen=True)
class Retention:
    """How many generations stay, and how many earlier versions of an article."""

    generations: int = KEPT
    versions: int = VERSIONS_KEPT


RETENTION = Retention()


def merge(root: Path, before: Generation, parts: Sequence[Part], retention: Retention) -> Manifest:
    """Publish a generation in which one segment takes the place of `parts`.

    For the writer of `root`. Raises OSError, sqlite3.Error, GenerationDamaged.
    """
    with folder_aside(root) as folder:
        with new_segment(folder, before.manifest.dimension) as writer:
            for part in parts:
                part.check()
                for row in range(len(part.segment.articles)):
                    if part.counts(row):
                        writer.add(part.segment.entry(row))
            carry(parts, writer, retention.versions, lambda part, row: not part.counts(row))
            merged = finish_segment(writer)
        chosen = {part.record.id for part in parts}
        records = [record for record in before.manifest.segments if record.id not in chosen]
        made = before.manifest
        return publish(
            folder,
            root,
            [merged, *records],
            Counts(made.articles, made.passages, made.sentences),
            embedding_model=made.embedding_model,
            dimension=made.dimension,
            kept=retention.generations,
        )


def merge_levels(root: Path, generation: Generation, retention: Retention) -> Manifest:
    """Merge where many segments are of one size, and where half of one is out of date.

    An article is then rewritten once for each size that its segment passes through (O'Neil et al.,
    The log-structured merge-tree, 1996). For the writer of `root`, once the articles can be found.
    """
    manifest = generation.manifest
    while parts := _worth_merging(generation):
        manifest = merge(root, generation, parts, retention)
        generation = Generation(
            root,
            embedding_model=manifest.embedding_model,
            dimension=manifest.dimension,
            before=generation,
            check=False,
        )
    return manifest


def carry(
    parts: Sequence[Part],
    writer: SegmentWriter,
    versions: int,
    outdated: Callable[[Part, int], bool],
) -> None:
    """Write, without passages, the newest `versions` of each article whose row is `outdated`."""
    carried: Counter[str] = Counter()
    written: set[tuple[str, str]] = set()
    for part in reversed(parts):
        for row in reversed(range(len(part.segment.articles))):
            summary = part.segment.articles[row]
            version = (summary.id, summary.version)
            if row in part.removed or version in written or not outdated(part, row):
                continue
            written.add(version)
            carried[summary.id] += 1
            if carried[summary.id] <= versions:
                writer.add(part.segment.entry(row).without_passages())


def new_segment(folder: Path, dimension: int) -> SegmentWriter:
    """A writer of a new segment in the folder of a generation; raises OSError."""
    segment = folder / secrets.token_hex(6)
    segment.mkdir()
    return SegmentWriter(segment, dimension=dimension)


def finish_segment(writer: SegmentWriter) -> SegmentRecord:
    """Finish the segment and have the disk hold it; raises OSError, sqlite3.Error."""
    writer.finish()
    return record_segment(
        writer.folder,
        articles=writer.articles,
        passages=writer.passages,
        sentences=writer.sentences,
    )


def _worth_merging(generation: Generation) -> list[Part]:
    levels = Counter(_level(part) for part in generation.parts)
    full = {level for level, count in levels.items() if count >= MERGED_AT}
    if full:
        return [part for part in generation.parts if _level(part) == min(full)]
    return [part for part in generation.parts if 2 * part.out_of_date > part.record.articles][:1]


def _level(part: Part) -> int:
    return math.ceil(math.log(max(1.0, part.record.passages / SMALLEST_LEVEL), MERGED_AT))

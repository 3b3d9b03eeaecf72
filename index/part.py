"""A segment of a generation -> what of it counts, may be found, belongs to a pool.

A generation leaves its segments as they are and says which of their articles do not count any more.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.hints import NamedDay
from index.manifest import SegmentRecord, check_files, damaged
from index.segment import Segment

PASSED_ON = frozenset({"passages.f16", "sentences.f16"})
"""Files that a writer does not read, seven tenths of all bytes; readers check them."""


@dataclass(frozen=True)
class Filters:
    """Which articles a search may return: dates are inclusive, an undated article passes none."""

    source: str | None = None
    published_from: date | None = None
    published_to: date | None = None

    def __bool__(self) -> bool:
        return self != Filters()

    def let_through(self, segment: Segment) -> npt.NDArray[np.bool_]:
        """Of the segment's articles [n] those that pass."""
        through = np.ones(len(segment.articles), dtype=np.bool_)
        if self.source is not None:
            through &= segment.sources == segment.source_numbers.get(self.source.casefold(), -1)
        if self.published_from is not None:
            through &= segment.days >= self.published_from.toordinal()
        if self.published_to is not None:
            through &= (segment.days > 0) & (segment.days <= self.published_to.toordinal())
        return through


@dataclass(frozen=True)
class Pool:
    """A part of the index of which the best `limit` passages of each order are wanted.

    `publishers` in lower case, and `days`: none stand for all.
    """

    limit: int
    publishers: frozenset[str] = frozenset()
    days: tuple[NamedDay, ...] = ()

    def let_through(self, segment: Segment) -> npt.NDArray[np.bool_]:
        """Of the segment's passages [n] those that belong to it."""
        through = np.ones(segment.passages, dtype=np.bool_)
        if self.publishers:
            through = segment.of_sources(self.publishers)
        if self.days:
            through &= segment.of_days(self.includes)
        return through

    def includes(self, day: int) -> bool:
        """Whether one of its days may be this one, an ordinal."""
        return any(named.includes(date.fromordinal(day)) for named in self.days if day)


Mask = npt.NDArray[np.bool_] | None
"""Of a segment's passages [n] those that may be found; None for all."""


class Part:
    """A segment in a generation, which says what of it does not count any more."""

    def __init__(
        self, segment: Segment, record: SegmentRecord, folder: Path, *, checked: bool
    ) -> None:
        self.segment = segment
        self.record = record
        self.folder = folder
        self.checked = checked
        self.removed = frozenset(record.removed)
        self._gone = self.removed | frozenset(record.superseded)
        self.out_of_date = len(self._gone)
        self._alive: Mask = None
        if self._gone:
            counted = np.ones(len(segment.articles), dtype=np.bool_)
            counted[list(self._gone)] = False
            self._alive = counted[segment.owners]

    def check(self) -> None:
        """Look at the checksums, unless that was done; raises GenerationDamaged."""
        if not self.checked:
            check_files(self.folder, self.record)
            self.checked = True

    def counts(self, row: int) -> bool:
        """Whether the article in this row can be found."""
        return row not in self._gone and self.segment.articles[row].current

    def version(self, row: int) -> str:
        """The version of the article in this row."""
        return self.segment.articles[row].version

    def rows_by_age(self) -> list[int]:
        """The articles' rows: of one article the oldest version first.

        Versions that were old when the segment was written stand after the newer ones in it.
        """
        articles = self.segment.articles
        return sorted(range(len(articles)), key=lambda row: articles[row].current)

    def frequency(self, term: str) -> int:
        """In how many passages the term stands, of those that count."""
        return self.segment.postings.frequency(term, self._alive)

    def allowed(self, filters: Filters) -> Mask:
        """The passages that may be found."""
        if not filters:
            return self._alive
        return _both(filters.let_through(self.segment).take(self.segment.owners), self._alive)

    def within(self, pool: Pool, mask: Mask) -> Mask:
        """Of the passages in `mask` those that belong to the pool."""
        if not pool.publishers and not pool.days:
            return mask
        return _both(pool.let_through(self.segment), mask)


def _both(mask: npt.NDArray[np.bool_], other: Mask) -> npt.NDArray[np.bool_]:
    return mask if other is None else mask & other


def open_part(
    folder: Path,
    record: SegmentRecord,
    dimension: int,
    known: Mapping[str, Part],
    *,
    check: bool,
) -> Part:
    """The segment in `folder`, taken over from `known` where the generation before has it open.

    Raises GenerationDamaged. Without `check` the files of PASSED_ON are not looked at.
    """
    open_already = known.get(record.id)
    if open_already and open_already.record.files == record.files:
        taken = Part(open_already.segment, record, folder, checked=open_already.checked)
        if check:
            taken.check()
        return taken
    check_files(folder, record, without=() if check else PASSED_ON)
    try:
        segment = Segment(folder, dimension=dimension)
    except (OSError, EOFError, ValueError, RuntimeError, sqlite3.Error) as error:
        raise damaged(folder, f"cannot be read ({error})") from error
    if segment.sizes() != (record.articles, record.passages, record.sentences):
        raise damaged(folder, "has files that were cut short")
    return Part(segment, record, folder, checked=check)

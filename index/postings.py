"""Terms of numbered passages <-> word postings in files, scored by BM25F.

    words_terms.npy     uint64 [terms], sorted: the first eight bytes of each term's BLAKE2b hash
    words_starts.npy    uint64 [terms + 1]: where each term's postings start
    words_passages.npy  uint32 [postings]: the passage
    words_weights.npy   uint8 [postings]: the term's weight in it, before its rarity

BM25F (Robertson and Zaragoza, 2009) with a fixed usual length, so that a weight never changes when
articles come and go; how rare a term is, is counted over all segments when it is looked up.
"""

import hashlib
import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

SATURATION = 0.9
"""BM25's k1."""

LENGTH_WEIGHT = 0.5
"""BM25's b, of the text; the other fields count as they are."""

USUAL_LENGTH = 130.0
"""Terms in a passage's text."""

FIELD_WEIGHTS: Mapping[str, float] = {"title": 1.0, "source": 1.0, "published": 1.0, "text": 1.0}
"""What a term counts in a field."""

_PASSAGES_AT_ONCE = 4_096
"""Passages whose terms are counted together."""

_STEPS = 255
_HIGHEST = SATURATION + 1

_BLOCKS = 8
"""Of scores, for each of the best that are wanted: see `best_rows`."""

Scores = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


class _Numbers(dict[str, int]):
    """Terms by number, in the order in which they came."""

    def __missing__(self, term: str) -> int:
        number = self[term] = len(self)
        return number


@dataclass(frozen=True)
class _Block:
    """Postings of some passages, sorted by the number of their term, then by passage."""

    numbers: npt.NDArray[np.uint32]
    passages: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.uint8]


class PostingsWriter:
    """Collects the terms of passages 0, 1, 2, … and writes their postings."""

    def __init__(self) -> None:
        self._known = _Numbers()
        self._blocks: list[_Block] = []
        self._count = 0
        self._begin_block()

    def add(self, fields: Mapping[str, Sequence[str]]) -> None:
        """The next passage's terms, by the name of a field of FIELD_WEIGHTS."""
        length = 1 + LENGTH_WEIGHT * (len(fields["text"]) / USUAL_LENGTH - 1)
        self._lengths.append(length)
        for name, found in fields.items():
            self._numbers[name].extend(map(self._known.__getitem__, found))
            self._sizes[name].append(len(found))
        self._count += 1
        if len(self._lengths) == _PASSAGES_AT_ONCE:
            self._end_block()

    def write(self, folder: Path) -> None:
        """Write the four files into `folder`; raises OSError."""
        self._end_block()
        keys = np.fromiter(map(hash_term, self._known), np.uint64, len(self._known))
        order = np.argsort(keys)
        rank = np.empty(len(keys), dtype=np.int64)
        rank[order] = np.arange(len(keys))
        counts = np.zeros(len(keys), dtype=np.int64)
        for block in self._blocks:
            counts += np.bincount(block.numbers, minlength=len(keys))
        starts = np.cumsum(np.append(0, counts[order]))
        passages = np.empty(starts[-1], dtype=np.uint32)
        weights = np.empty(starts[-1], dtype=np.uint8)
        free = starts[:-1][rank]
        for block in self._blocks:
            numbers, firsts, sizes = np.unique(block.numbers, return_index=True, return_counts=True)
            places = np.arange(len(block.numbers)) + np.repeat(free[numbers] - firsts, sizes)
            passages[places], weights[places] = block.passages, block.weights
            free[numbers] += sizes
        np.save(folder / "words_terms.npy", keys[order])
        np.save(folder / "words_starts.npy", starts.astype(np.uint64))
        np.save(folder / "words_passages.npy", passages)
        np.save(folder / "words_weights.npy", weights)

    def _begin_block(self) -> None:
        self._first = self._count
        self._lengths = array("d")
        self._numbers = {name: array("I") for name in FIELD_WEIGHTS}
        self._sizes = {name: array("I") for name in FIELD_WEIGHTS}

    def _end_block(self) -> None:
        """Count each term in each passage that came in since the last block, and weigh it."""
        lengths = np.frombuffer(self._lengths)
        rows = np.arange(len(lengths), dtype=np.uint64)
        counted = {}
        for name, numbers in self._numbers.items():
            places = np.frombuffer(numbers, dtype=np.uint32).astype(np.uint64) << np.uint64(32)
            counted[name] = _count(places | np.repeat(rows, np.frombuffer(self._sizes[name], "u4")))
        every = _count(np.concatenate([places for places, _ in counted.values()]))[0]
        inside = (every & np.uint64(0xFFFFFFFF)).astype(np.int64)
        frequencies = np.zeros(len(every))
        for name, (places, counts) in counted.items():
            found = np.searchsorted(every, places)
            length = lengths[inside[found]] if name == "text" else 1.0
            frequencies[found] += FIELD_WEIGHTS[name] / length * counts
        weights = frequencies * _HIGHEST / (frequencies + SATURATION)
        steps = np.maximum(1, np.rint(_STEPS * weights / _HIGHEST))
        self._blocks.append(
            _Block(
                numbers=(every >> np.uint64(32)).astype(np.uint32),
                passages=(inside + self._first).astype(np.uint32),
                weights=steps.astype(np.uint8),
            )
        )
        self._begin_block()


def _count(values: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint64], Rows]:
    """Each of `values` once, sorted, and how often it is there."""
    ordered = np.sort(values)
    firsts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
    return ordered[firsts], np.diff(np.append(firsts, len(ordered)))


class Postings:
    """Postings of one segment, mapped from their files; safe to use from several threads."""

    def __init__(self, folder: Path, *, passages: int) -> None:
        """Open the files in `folder`, which hold the terms of `passages` passages."""
        self._count = passages
        self._terms = np.load(folder / "words_terms.npy")
        self._starts = _mapped(folder / "words_starts.npy")
        self._passages = _mapped(folder / "words_passages.npy")
        self._weights = _mapped(folder / "words_weights.npy")

    def frequency(self, term: str, counted: npt.NDArray[np.bool_] | None = None) -> int:
        """In how many passages the term stands; `counted` [passages] tells which count."""
        start, end = self._range(term)
        if counted is None:
            return end - start
        return int(np.count_nonzero(counted[self._passages[start:end]]))

    def score(self, rarities: Mapping[str, float]) -> Scores:
        """The score of every passage, float32 [passages]: 0 where no term stands.

        `rarities` gives for each term what it counts: see `rarity`.
        """
        scores = np.zeros(self._count, dtype=np.float32)
        for term, weight in rarities.items():
            start, end = self._range(term)
            factor = np.float32(weight * _HIGHEST / _STEPS)
            np.add.at(scores, self._passages[start:end], self._weights[start:end] * factor)
        return scores

    def _range(self, term: str) -> tuple[int, int]:
        key = np.uint64(hash_term(term))
        place = int(np.searchsorted(self._terms, key))
        if place == len(self._terms) or self._terms[place] != key:
            return 0, 0
        return int(self._starts[place]), int(self._starts[place + 1])


def best_rows(scores: Scores, limit: int) -> Rows:
    """Rows of the `limit` best scores above 0, and of those equal to the last of them.

    What the best score of each of `limit` blocks reaches, `limit` scores reach, so that few are
    left to be compared.
    """
    size = len(scores) // (_BLOCKS * limit)
    least = 0.0
    if size > 1:
        blocks = scores[: _BLOCKS * limit * size].reshape(-1, size).max(axis=1)
        least = np.partition(blocks, -limit)[-limit]
    rows = np.flatnonzero(scores >= least if least > 0 else scores)
    values = scores[rows]
    return rows[values >= np.partition(values, -limit)[-limit]] if len(rows) > limit else rows


def rarity(frequency: int, passages: int) -> float:
    """What a term counts that stands in `frequency` of all passages: BM25's IDF, never negative."""
    return math.log1p((passages - frequency + 0.5) / (frequency + 0.5))


def hash_term(term: str) -> int:
    """The term's key in the files, 64 bits."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "little")


def _mapped(path: Path) -> npt.NDArray[Any]:
    """The array in a file, mapped; as a plain array, which is quicker to take parts of."""
    values: npt.NDArray[Any] = np.load(path, mmap_mode="r").view(np.ndarray)
    return values

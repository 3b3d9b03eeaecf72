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
from collections import Counter
from collections.abc import Mapping, Sequence
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

_STEPS = 255
_HIGHEST = SATURATION + 1

_BLOCKS = 8
"""Of scores, for each of the best that are wanted: see `best_rows`."""

Scores = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


class PostingsWriter:
    """Collects the terms of passages 0, 1, 2, … and writes their postings."""

    def __init__(self) -> None:
        self._keys = array("Q")
        self._passages = array("I")
        self._weights = bytearray()
        self._hashes: dict[str, int] = {}
        self._count = 0

    def add(self, fields: Mapping[str, Sequence[str]]) -> None:
        """The next passage's terms, by the name of a field of FIELD_WEIGHTS."""
        length = 1 + LENGTH_WEIGHT * (len(fields["text"]) / USUAL_LENGTH - 1)
        frequencies: dict[str, float] = {}
        for name, found in fields.items():
            worth = FIELD_WEIGHTS[name] / (length if name == "text" else 1)
            for term, count in Counter(found).items():
                frequencies[term] = frequencies.get(term, 0.0) + worth * count
        for term, frequency in frequencies.items():
            key = self._hashes.get(term)
            if key is None:
                key = self._hashes[term] = hash_term(term)
            self._keys.append(key)
            self._passages.append(self._count)
            weight = frequency * _HIGHEST / (frequency + SATURATION)
            self._weights.append(max(1, round(_STEPS * weight / _HIGHEST)))
        self._count += 1

    def write(self, folder: Path) -> None:
        """Write the four files into `folder`; raises OSError."""
        keys = np.frombuffer(self._keys, dtype=np.uint64)
        order = np.argsort(keys, kind="stable")
        terms, starts = np.unique(keys[order], return_index=True)
        np.save(folder / "words_terms.npy", terms)
        np.save(folder / "words_starts.npy", np.append(starts, len(keys)).astype(np.uint64))
        passages = np.frombuffer(self._passages, dtype=np.uint32)
        np.save(folder / "words_passages.npy", passages[order])
        weights = np.frombuffer(bytes(self._weights), dtype=np.uint8)
        np.save(folder / "words_weights.npy", weights[order])


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

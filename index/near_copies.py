"""Articles that tell one story in nearly the same words -> one cluster (MinHash, by datasketch).

The share of common shingles is estimated from signatures (Broder 1997). While few articles come in
they are compared with every known one; from then on with those that share a band with them.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha1
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from index.words import terms

if TYPE_CHECKING:
    from datasketch import MinHash

SIGNATURE: Final = 100
"""Hash values of a signature."""

SHINGLE = 4
"""Words that are hashed together."""

SHARED = 0.6
"""Least estimated share of common shingles (Jaccard) of near-copies."""

_BAND = 5
"""Values in a band: two texts meet in one of the 20 with .80 at a share of .6, with .97 at .7."""

_FEW = 50
"""Articles that are compared with every known one; for more, the bands are worth the memory."""

_MIXED = np.random.default_rng(1).integers(1, 2**63, SIGNATURE, dtype=np.uint64) * 2 + 1

Signatures = npt.NDArray[np.uint32]


def sign(text: str) -> Signatures:
    """The text's signature uint32 [SIGNATURE]."""
    words = terms(text)
    runs = zip(*(words[start:] for start in range(SHINGLE)), strict=False)
    shingles = set(map(" ".join, runs)) or {" ".join(words)}
    digests = b"".join(sha1(text.encode(), usedforsecurity=False).digest()[:4] for text in shingles)
    hashed = _of_nothing().copy()
    hashed.update_batch(np.frombuffer(digests, dtype="<u4").tolist())
    signature: Signatures = hashed.hashvalues.astype(np.uint32)
    return signature


@lru_cache
def _of_nothing() -> "MinHash":
    """Copied for every text: to draw its permutations anew takes as long as to sign a short one."""
    from datasketch import MinHash  # noqa: PLC0415  it brings much of SciPy, for new articles only

    return MinHash(num_perm=SIGNATURE, hashfunc=int)


class NearCopies:
    """Finds, for an article that comes in, the known article of which it is a near-copy."""

    def __init__(self, known: Sequence[tuple[Signatures, Sequence[str | None]]]) -> None:
        """Of known articles: signatures uint32 [n, SIGNATURE], n clusters or None for gone."""
        self._known = [*known]
        self._bands: dict[int, tuple[Signatures, str]] | None = None
        self._recent: list[tuple[Signatures, str]] = []

    def find(self, signature: Signatures) -> str | None:
        """The cluster of the article that is most alike, where one is a near-copy."""
        if self._bands is None:
            known = [(rows, names) for rows, names in self._known if len(rows)]
            if self._recent:
                rows = np.stack([row for row, _ in self._recent])
                known.append((rows, [name for _, name in self._recent]))
            found = (_most_alike(rows, names, signature) for rows, names in known)
        else:
            met = (self._bands.get(key) for key in _band_keys(signature[None, :])[0].tolist())
            found = ((_share(row, signature), name) for row, name in filter(None, met))
        share, name = max(found, key=lambda pair: pair[0], default=(0.0, None))
        return name if share >= SHARED else None

    def add(self, signature: Signatures, cluster: str) -> None:
        """Take an article of a cluster into account from now on."""
        if self._bands is not None:
            self._add_bands(self._bands, signature[None, :], [cluster])
            return
        self._recent.append((signature, cluster))
        if len(self._recent) > _FEW:
            self._bands = {}
            for rows, names in self._known:
                self._add_bands(self._bands, rows, names)
            rows = np.stack([row for row, _ in self._recent])
            self._add_bands(self._bands, rows, [name for _, name in self._recent])

    @staticmethod
    def _add_bands(
        bands: dict[int, tuple[Signatures, str]], rows: Signatures, names: Sequence[str | None]
    ) -> None:
        """The first article of a band stands for all of them: its near-copies have its cluster."""
        for keys, row, name in zip(_band_keys(rows).tolist(), rows, names, strict=True):
            if name is not None:
                for key in keys:
                    bands.setdefault(key, (row, name))


def _most_alike(
    rows: Signatures, names: Sequence[str | None], signature: Signatures
) -> tuple[float, str | None]:
    shares = (rows == signature).mean(axis=1)
    shares[[name is None for name in names]] = 0.0
    best = int(np.argmax(shares))
    return float(shares[best]), names[best]


def _share(row: Signatures, signature: Signatures) -> float:
    return float((row == signature).mean())


def _band_keys(rows: Signatures) -> npt.NDArray[np.uint64]:
    """A key for each band of each row, uint64 [n, SIGNATURE / _BAND]."""
    mixed = rows.astype(np.uint64) * _MIXED
    keys: npt.NDArray[np.uint64] = mixed.reshape(len(rows), -1, _BAND).sum(axis=2)
    return keys ^ _MIXED[::_BAND]

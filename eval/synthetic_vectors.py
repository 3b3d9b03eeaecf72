"""Real unit vectors -> many more that lie to one another as the real ones do.

A new vector is a random point between a real one and one of its nearest neighbours, moved by a
difference of two other neighbours, so that it strays in the directions in which real texts differ.
How far it strays is calibrated: the nearest neighbours of the new ones have to be as near as those
of as many real ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt

from index.engine import Vectors

NEIGHBOURS = 8
"""Of each real vector, among which its partner is drawn."""

STRAYINGS = tuple(round(0.1 * step, 1) for step in range(11))
"""What the strange difference may count against 1; one of them is chosen."""

CALIBRATED_ON = 20_000
QUANTILES = np.linspace(0.05, 0.95, 19)
BATCH = 50_000

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Likeness:
    """How near the nearest neighbours are: quantiles of the cosine, real and synthetic."""

    straying: float
    real: Vectors
    synthetic: Vectors

    @property
    def gap(self) -> float:
        """Mean difference of the quantiles."""
        return float(np.abs(self.real - self.synthetic).mean())


class Synthesiser:
    """Makes vectors like the given ones, float32 [rows, dimension], always the same for a seed."""

    def __init__(self, real: Vectors, *, seed: int = 0) -> None:
        """Find the neighbours of `real` and calibrate."""
        self._real = real
        self._seed = seed
        self._neighbours = nearest(real, real, NEIGHBOURS + 1)[1][:, 1:]
        count = min(CALIBRATED_ON, len(real) // 2)
        order = np.random.default_rng(seed).permutation(len(real))
        target = _nearness(real[order[:count]], real[order[count : 2 * count]])
        tried = []
        for straying in STRAYINGS:
            made = self._make(2 * count, straying, np.random.default_rng((seed, 1)))
            tried.append(Likeness(straying, target, _nearness(made[:count], made[count:])))
        self.likeness = min(tried, key=lambda one: one.gap)

    def make(self, count: int) -> Iterator[Vectors]:
        """`count` new vectors in batches."""
        generator = np.random.default_rng((self._seed, 2))
        for first in range(0, count, BATCH):
            yield self._make(min(BATCH, count - first), self.likeness.straying, generator)

    def _make(self, count: int, straying: float, generator: np.random.Generator) -> Vectors:
        rows, others = generator.integers(len(self._real), size=(2, count))
        share = generator.random((count, 1), dtype=np.float32)
        towards = self._difference(rows, generator)
        strange = self._difference(others, generator)
        made = self._real[rows] + share * towards + np.float32(straying) * strange
        unit: Vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
        return unit

    def _difference(self, rows: Rows, generator: np.random.Generator) -> Vectors:
        partners = self._neighbours[rows, generator.integers(NEIGHBOURS, size=len(rows))]
        difference: Vectors = self._real[partners] - self._real[rows]
        return difference


def nearest(queries: Vectors, vectors: Vectors, limit: int) -> tuple[Vectors, Rows]:
    """Cosines and rows of the `limit` nearest, both [queries, limit], best first, exact."""
    cosines, rows = faiss.knn(queries, vectors, limit, metric=faiss.METRIC_INNER_PRODUCT)
    return cosines, rows


def _nearness(queries: Vectors, vectors: Vectors) -> Vectors:
    quantiles: Vectors = np.quantile(nearest(queries[:2000], vectors, 1)[0][:, 0], QUANTILES)
    return quantiles

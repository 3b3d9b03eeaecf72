"""Vectors -> the FAISS structure of a segment in a file, and back: the only importer of faiss.

The structure follows the number of vectors: all are compared up to FLAT_LIMIT, beyond it those of
the nearest lists (IVF, 8-bit codes), the best of which are compared again with the exact vectors.
"""

import math
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from index.vectors import Vectors

FLAT_LIMIT = 50_000
"""Vectors that are all compared."""

TRAINED_ON = 40
"""Vectors for each list that the lists are learnt from."""

SEARCHED = 48
"""Lists that a question is compared with."""

COMPARED_AGAIN = 4
"""Times as many candidates as asked for are compared exactly."""

FEW = 0.02
"""Share of the vectors up to which those that a filter allows are compared one by one."""

Allowed = npt.NDArray[np.bool_]
StoredVectors = npt.NDArray[np.float16]


def write_structure(path: Path, vectors: StoredVectors) -> None:
    """Write the structure over `vectors` float16 [n, d]; raises OSError."""
    count, dimension = vectors.shape
    if count <= FLAT_LIMIT:
        structure: faiss.Index = faiss.IndexFlatIP(dimension)
    else:
        lists = int(4 * math.sqrt(count))
        structure = faiss.index_factory(dimension, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
        drawn = np.random.default_rng(0).choice(
            count, min(count, TRAINED_ON * lists), replace=False
        )
        structure.train(vectors[np.sort(drawn)].astype(np.float32))
    for start in range(0, count, FLAT_LIMIT):
        structure.add(vectors[start : start + FLAT_LIMIT].astype(np.float32))
    path.write_bytes(faiss.serialize_index(structure).tobytes())


class Structure:
    """A structure opened for reading, with the exact vectors; safe to use from several threads."""

    def __init__(self, path: Path, vectors: StoredVectors) -> None:
        """Open the structure in `path` over `vectors` float16 [n, d], both mapped, not read."""
        self._structure = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        self._vectors = vectors
        self._exact = len(vectors) <= FLAT_LIMIT

    def nearest(
        self, vector: Vectors, *, limit: int, allowed: Allowed | None
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Rows with their cosine to the unit `vector` [d], best first; only rows `allowed` [n]."""
        if allowed is not None and (few := np.flatnonzero(allowed)).size <= FEW * len(allowed):
            return self._best(few, vector, limit)
        selected: dict[str, Any] = {}
        if allowed is not None:
            bits: Any = np.packbits(allowed, bitorder="little")
            selected["sel"] = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg]
        if self._exact:
            parameters, wanted = faiss.SearchParameters(**selected), limit
        else:
            parameters = faiss.SearchParametersIVF(**selected, nprobe=SEARCHED)  # type: ignore[call-arg]
            wanted = COMPARED_AGAIN * limit
        cosines, rows = self._structure.search(vector[None, :], wanted, params=parameters)
        found = rows[0] >= 0
        if self._exact:
            return rows[0][found], cosines[0][found]
        return self._best(rows[0][found], vector, limit)

    def cosines(self, rows: npt.NDArray[np.int64], vector: Vectors) -> npt.NDArray[np.float32]:
        """The cosine of each of the rows to the unit `vector` [d]."""
        exact: npt.NDArray[np.float32] = self._vectors[rows].astype(np.float32) @ vector
        return exact

    def _best(
        self, rows: npt.NDArray[np.int64], vector: Vectors, limit: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        cosines = self.cosines(rows, vector)
        order = np.argsort(-cosines, kind="stable")[:limit]
        return rows[order], cosines[order]

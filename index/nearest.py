"""Vectors -> the FAISS structure of a segment in a file, and back: the only importer of faiss.

The structure follows the number of vectors. Up to FLAT_LIMIT all of them are compared, in half
precision; beyond it only those of the nearest lists (IVF, 8-bit codes), the best of them once more
exactly. Where a filter is given, as many lists are looked into as hold enough of what it lets
through. `eval/size_curve.md` and DECISIONS.md are what the constants were chosen from.
"""

import math
from functools import cached_property
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from index.engine import Vectors

FLAT_LIMIT = 100_000
"""Vectors that are all compared: 2.5 ms."""

SEARCHED_SHARE = 1 / 16
"""Of the lists those that a question is compared with; more where a filter is given."""

COMPARED_AGAIN = 200
"""Candidates that are compared exactly, at least."""

FEW = 50_000
"""Vectors let through by a filter that are all compared: less than looking into most lists."""

ENOUGH = 32_000
"""Where a filter lets more through, as many of them are compared at least."""

_COUNTED = 8
"""Of as many vectors one is counted, where it is told how far such a search has to go."""

_TAKEN_AT_ONCE = 4_096
"""Vectors that are taken out and compared together: 3 MB, which the processor's caches hold."""

_TRAINING_ROUNDS = 10
_POINTS_PER_LIST = 64

Allowed = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]
Cosines = npt.NDArray[np.float32]
StoredVectors = npt.NDArray[np.float16]
Groups = npt.NDArray[np.uint32]


def write_structure(path: Path, vectors: StoredVectors, groups: Groups) -> None:
    """Write the structure over `vectors` float16 [n, d]; raises OSError.

    `groups` [n] numbers what they will be filtered by: vectors of one group stand together in
    each list, so that a search for them passes quickly over the others.
    """
    count, dimension = vectors.shape
    if count <= FLAT_LIMIT:
        structure = faiss.index_factory(dimension, "SQfp16", faiss.METRIC_INNER_PRODUCT)
        structure.add(vectors.astype(np.float32))
    else:
        lists = 2 ** round(math.log2(4 * math.sqrt(count)))
        structure = faiss.index_factory(dimension, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
        clustering: Any = faiss.extract_index_ivf(structure).cp
        clustering.niter = _TRAINING_ROUNDS
        clustering.max_points_per_centroid = _POINTS_PER_LIST
        sample = min(count, _POINTS_PER_LIST * lists)
        drawn = np.random.default_rng(0).choice(count, sample, replace=False)
        structure.train(vectors[np.sort(drawn)].astype(np.float32))
        order = np.argsort(groups, kind="stable")
        for start in range(0, count, FLAT_LIMIT):
            rows = order[start : start + FLAT_LIMIT]
            structure.add_with_ids(vectors[rows].astype(np.float32), rows)
    path.write_bytes(faiss.serialize_index(structure).tobytes())


class Structure:
    """A structure opened for reading, with the exact vectors; safe to use from several threads."""

    def __init__(self, path: Path, vectors: StoredVectors) -> None:
        """Open the structure in `path` over `vectors` float16 [n, d], both mapped, not read."""
        self._structure: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        self._vectors = vectors
        self._lists: int = getattr(self._structure, "nlist", 0)

    def nearest(
        self, vector: Vectors, *, limit: int, allowed: Allowed | None
    ) -> tuple[Rows, Cosines]:
        """Rows with their cosine to the unit `vector` [d], best first; only rows `allowed` [n]."""
        selected = None
        if allowed is not None:
            bits: Any = np.packbits(allowed, bitorder="little")
            selected = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg]
        if not self._lists:
            parameters = faiss.SearchParameters(sel=selected)  # type: ignore[call-arg]
            return _search(self._structure, vector, limit, parameters)
        probed = math.ceil(self._lists * SEARCHED_SHARE)
        if allowed is not None:
            count = int(np.count_nonzero(allowed))
            if count <= FEW:
                return self._best(np.flatnonzero(allowed), vector, limit)
            enough = max(ENOUGH, count * SEARCHED_SHARE)
            probed = max(probed, self._lists_with(enough, vector, allowed))
        parameters = faiss.SearchParametersIVF(sel=selected, nprobe=probed)  # type: ignore[call-arg]
        rows, _ = _search(self._structure, vector, max(limit, COMPARED_AGAIN), parameters)
        return self._best(rows, vector, limit)

    def cosines(self, rows: Rows, vector: Vectors) -> Cosines:
        """The cosine of each of the rows to the unit `vector` [d]."""
        exact: Cosines = self._vectors[rows].astype(np.float32) @ vector
        return exact

    def _lists_with(self, enough: float, vector: Vectors, allowed: Allowed) -> int:
        """How many of the nearest lists hold about `enough` vectors that are `allowed` [n]."""
        lists = self._counted_lists[allowed[::_COUNTED]]
        held = _COUNTED * np.bincount(lists, minlength=self._lists)
        nearest_first, _ = _search(self._structure.quantizer, vector, self._lists)
        return 1 + int(np.searchsorted(np.cumsum(held[nearest_first])[:-1], enough))

    @cached_property
    def _counted_lists(self) -> npt.NDArray[np.uint16]:
        """Of every _COUNTEDth vector the list that it is in."""
        found = np.zeros(self._structure.ntotal, dtype=np.uint16)
        lists = self._structure.invlists
        for number in range(self._lists):
            size = lists.list_size(number)
            if size:
                found[faiss.rev_swig_ptr(lists.get_ids(number), size)] = number
        return found[::_COUNTED].copy()

    def _best(self, rows: Rows, vector: Vectors, limit: int) -> tuple[Rows, Cosines]:
        """Of these rows the best, compared exactly."""
        dimension = self._vectors.shape[1]
        some = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        found = []
        for start in range(0, max(1, len(rows)), _TAKEN_AT_ONCE):
            taken = rows[start : start + _TAKEN_AT_ONCE]
            some.reset()
            some.add_sa_codes(self._vectors[taken].view(np.uint8))
            places, cosines = _search(some, vector, min(limit, len(taken)))
            found.append((taken[places], cosines))
        best, cosines = map(np.concatenate, zip(*found, strict=True))
        order = np.argsort(-cosines, kind="stable")[:limit]
        return best[order], cosines[order]


def _search(
    structure: faiss.Index,
    vector: Vectors,
    limit: int,
    parameters: faiss.SearchParameters | None = None,
) -> tuple[Rows, Cosines]:
    # OpenMP keeps it by thread, so once is not enough (0.1 microseconds); a second thread spins
    # for longer than it works.
    faiss.omp_set_num_threads(1)
    if limit == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    cosines, rows = structure.search(vector[None, :], limit, params=parameters)
    found = rows[0] >= 0
    return rows[0][found], cosines[0][found]

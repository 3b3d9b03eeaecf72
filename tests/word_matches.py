"""What a generation finds by words alone."""

from collections.abc import Sequence

import numpy as np

from index.generation import Generation
from index.part import Filters, Pool


def matching(
    generation: Generation, terms: Sequence[str], *, limit: int, filters: Filters | None = None
) -> list[tuple[int, float]]:
    """Passage numbers with their BM25F score (higher is better) for any of `terms`, best first."""
    nowhere = np.zeros(generation.manifest.dimension, dtype=np.float32)
    found = generation.candidates(nowhere, terms, [Pool(limit)], filters=filters)
    ranked = {one.word_rank: (one.number, one.bm25) for one in found if one.word_rank}
    return [ranked[rank] for rank in sorted(ranked)]

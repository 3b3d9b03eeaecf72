"""What an engine that runs embedding models is given, and what it gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

SentenceVectors = Literal["late", "alone"]
"""A sentence's vector is the mean of its tokens in the passage's reading (late chunking, Günther et
al. 2024), or that of the sentence read by itself."""


@dataclass(frozen=True)
class PassageText:
    """What is embedded of a passage; `sentences` are spans [start, end) of `text`, in order."""

    header: str
    text: str
    sentences: tuple[tuple[int, int], ...] = ()


class Engine(Protocol):
    """A loaded embedding model; its methods may be called from several threads."""

    name: str
    sentences: SentenceVectors
    dimension: int

    def embed_passages(
        self, passages: Sequence[PassageText], *, advance: Callable[[int], None]
    ) -> tuple[Vectors, Vectors]:
        """Unit vectors float32 [passages, dimension] and [all their sentences, dimension].

        Both in order; `advance` hears how many passages more are done.
        """

    def embed_question(self, question: str) -> Vectors:
        """One unit vector float32 [dimension]."""


def unit(vectors: Vectors) -> Vectors:
    """The vectors along the last axis at length 1; a zero vector stays one."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Vectors = vectors / np.maximum(norms, 1e-12)
    return scaled

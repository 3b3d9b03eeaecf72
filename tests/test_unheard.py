"""Which words of a question the evidence has not, and which of its words are near to those."""

from collections.abc import Sequence

import numpy as np
import pytest
from fakes import WordEmbedder
from test_completion import evidence

from index.engine import Vectors
from service.unheard import NEAR, SYNONYM, find_unheard
from service.words import stem

DIRECTIONS = {"swapped": 0.0, "exchanges": (NEAR + SYNONYM) / 2, "traded": SYNONYM, "sank": 0.2}
"""The cosine of each word to "swapped"."""


class PairEmbedder(WordEmbedder):
    """Vectors of the words in DIRECTIONS, at their cosines to the first; others far from all."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        cosines = [1.0 if text == "swapped" else DIRECTIONS.get(text, -1.0) for text in texts]
        return np.array([(cos, np.sqrt(1 - cos**2)) for cos in cosines], np.float32)


@pytest.mark.parametrize(
    ("quote", "unheard"),
    [
        ("Moen exchanges hats.", {stem("swapped"): frozenset({stem("exchanges")})}),
        ("The ferry sank.", {stem("swapped"): frozenset()}),
        ("Moen traded hats, and exchanges them.", {}),
    ],
)
def test_words_are_near_or_mean_the_same(quote: str, unheard: dict[str, frozenset[str]]) -> None:
    assert find_unheard(["swapped"], evidence(quote), PairEmbedder()) == unheard

"""A question and the first passages found -> how well each answers it, by a cross-encoder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.cross_encoder import CrossEncoderModel
from index.errors import CrossEncoderMissing


class Reranker:
    """A cross-encoder with one number for a pair; safe to share between threads."""

    def __init__(self, model: str) -> None:
        """Load the cross-encoder in the folder `model`.

        Raises CrossEncoderMissing when it is not there, damaged, or a model of another kind.
        """
        self._model = CrossEncoderModel(Path(model))
        if (count := len(self._model.labels)) != 1:
            raise CrossEncoderMissing(
                f"The cross-encoder in {model} gives {count} numbers for a passage, not one; name "
                "one that ranks passages, or none."
            )

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question, between 0 and 1, in order."""
        numbers = self._model.read([(question, text) for text in texts])[:, 0]
        return [float(score) for score in 1 / (1 + np.exp(-numbers))]

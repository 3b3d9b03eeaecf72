"""haiku.rag: its client over SQLite, sqlite-vec and FTS5, fused by reciprocal rank.

Its embedder is a class with one method, asked for one text at a time; here it calls
sentence-transformers in this process, where its own would ask a server of Ollama. Its reranker
needs such a server too and is switched off.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from haiku.rag.client import HaikuRAG
from haiku.rag.embeddings.base import EmbedderBase
from haiku.rag.store.models.chunk import Chunk
from sentence_transformers import SentenceTransformer

from eval.peers.worker import Embed, Piece, Record, serve

SETTINGS = {"EMBEDDINGS_VECTOR_DIM": "384", "EMBEDDINGS_MODEL": "all-minilm", "RERANK_PROVIDER": ""}
"""In its environment when it is imported."""


class LocalEmbedder(EmbedderBase):  # type: ignore[misc]
    """The embedding model, or ready vectors in its place."""

    def __init__(self, model: SentenceTransformer, embed: Embed | None) -> None:
        super().__init__("all-minilm", int(SETTINGS["EMBEDDINGS_VECTOR_DIM"]))
        self._encode = model.encode if embed is None else lambda text: embed([text])[0]

    async def embed(self, text: str) -> list[float]:
        return [float(value) for value in self._encode(text)]


class Haiku:
    """One database file."""

    def __init__(self, model: Path) -> None:
        self._model = SentenceTransformer(str(model), device="cpu", local_files_only=True)
        self._loop = asyncio.new_event_loop()

    def build(
        self, records: Sequence[Record], store: Path, *, embed: Embed | None
    ) -> Sequence[Piece]:
        client = self._client(store, embed)
        self._loop.run_until_complete(_add(client, records))
        rows = client.store._connection.execute(  # noqa: SLF001
            "SELECT uri, chunks.content FROM chunks JOIN documents ON documents.id = document_id"
        ).fetchall()
        client.close()
        return [Piece(uri, text) for uri, text in rows]

    def open(self, store: Path) -> None:
        self._opened = self._client(store, None)

    def search(self, question: str, limit: int) -> Sequence[Piece]:
        found = self._loop.run_until_complete(self._opened.search(question, limit=limit))
        return [_piece(chunk) for chunk, _score in found]

    def _client(self, store: Path, embed: Embed | None) -> HaikuRAG:
        embedder = LocalEmbedder(self._model, embed)
        with (
            patch("haiku.rag.store.engine.get_embedder", lambda: embedder),
            patch("haiku.rag.store.repositories.chunk.get_embedder", lambda: embedder),
        ):
            return HaikuRAG(store / "haiku.rag.sqlite")


async def _add(client: HaikuRAG, records: Sequence[Record]) -> None:
    for record in records:
        await client.create_document(
            record.text,
            uri=record.id,
            metadata={
                "title": record.title,
                "source": record.source,
                "published": record.published,
            },
        )


def _piece(chunk: Chunk) -> Piece:
    return Piece(chunk.document_uri or "", chunk.content)


if __name__ == "__main__":
    serve(Haiku)

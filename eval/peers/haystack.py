"""Haystack: its hybrid pipeline in memory, BM25 and embeddings joined by reciprocal rank.

As its tutorial on hybrid retrieval has it, with the splitter's own defaults (200 words) and without
a reranker.
"""

from collections.abc import Sequence
from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import (
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from eval.peers.worker import Embed, Piece, Record, serve


class Haystack:
    """One store in memory, saved to a file."""

    def __init__(self, model: Path) -> None:
        self._documents = SentenceTransformersDocumentEmbedder(
            model=str(model), local_files_only=True, progress_bar=False
        )
        self._questions = SentenceTransformersTextEmbedder(
            model=str(model), local_files_only=True, progress_bar=False
        )
        self._documents.warm_up()
        self._questions.warm_up()
        self._pipeline = Pipeline()

    def build(
        self, records: Sequence[Record], store: Path, *, embed: Embed | None
    ) -> Sequence[Piece]:
        documents = InMemoryDocumentStore()
        splitter = DocumentSplitter()
        splitter.warm_up()
        cut = splitter.run(
            documents=[
                Document(
                    content=record.text,
                    meta={
                        "article": record.id,
                        "title": record.title,
                        "source": record.source,
                        "published": record.published,
                    },
                )
                for record in records
            ]
        )["documents"]
        if embed is None:
            cut = self._documents.run(documents=cut)["documents"]
        else:
            for document, vector in zip(cut, embed([one.content for one in cut]), strict=True):
                document.embedding = vector.tolist()
        DocumentWriter(document_store=documents).run(documents=cut)
        documents.save_to_disk(str(store / "haystack.json"))
        return [_piece(document) for document in cut]

    def open(self, store: Path) -> None:
        documents = InMemoryDocumentStore.load_from_disk(str(store / "haystack.json"))
        pipeline = Pipeline()
        pipeline.add_component("text_embedder", self._questions)
        pipeline.add_component("embeddings", InMemoryEmbeddingRetriever(document_store=documents))
        pipeline.add_component("words", InMemoryBM25Retriever(document_store=documents))
        pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("text_embedder.embedding", "embeddings.query_embedding")
        pipeline.connect("words", "joiner")
        pipeline.connect("embeddings", "joiner")
        self._pipeline = pipeline

    def search(self, question: str, limit: int) -> Sequence[Piece]:
        found = self._pipeline.run(
            {
                "text_embedder": {"text": question},
                "embeddings": {"top_k": limit},
                "words": {"query": question, "top_k": limit},
                "joiner": {"top_k": limit},
            }
        )
        return [_piece(document) for document in found["joiner"]["documents"]]


def _piece(document: Document) -> Piece:
    return Piece(document.meta["article"], document.content or "")


if __name__ == "__main__":
    serve(Haystack)

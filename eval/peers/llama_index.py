"""LlamaIndex: FAISS and BM25, fused by reciprocal rank, as its examples of both retrievers have it.

Its splitter's default cuts nodes of 1,024 tokens, of which this model reads the first 256.
"""

from collections.abc import Sequence
from pathlib import Path

import faiss
from llama_index.core import (
    Document,
    Settings,
    StorageContext,
    VectorStoreIndex,
    load_index_from_storage,
)
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import BaseNode, MetadataMode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.retrievers.bm25 import BM25Retriever
from llama_index.vector_stores.faiss import FaissVectorStore

from eval.peers.worker import Embed, Piece, Record, serve

DIMENSION = 384
DEPTH = 10
"""Passages that each retriever gives, and the two fused."""


class LlamaIndex:
    """One vector index over FAISS and one BM25 index, both in a folder."""

    def __init__(self, model: Path) -> None:
        Settings.embed_model = HuggingFaceEmbedding(model_name=str(model))
        Settings.llm = MockLLM()
        self._retriever: QueryFusionRetriever | None = None

    def build(
        self, records: Sequence[Record], store: Path, *, embed: Embed | None
    ) -> Sequence[Piece]:
        documents = [
            Document(
                text=record.text,
                id_=record.id,
                metadata={
                    "title": record.title,
                    "source": record.source,
                    "published": record.published,
                },
            )
            for record in records
        ]
        nodes = SentenceSplitter().get_nodes_from_documents(documents)
        if embed is not None:
            vectors = embed([node.get_content(MetadataMode.EMBED) for node in nodes])
            for node, vector in zip(nodes, vectors, strict=True):
                node.embedding = vector.tolist()
        vector_store = FaissVectorStore(faiss_index=faiss.IndexFlatL2(DIMENSION))
        storage = StorageContext.from_defaults(vector_store=vector_store)
        VectorStoreIndex(nodes, storage_context=storage)
        storage.persist(persist_dir=str(store))
        words = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=DEPTH)
        words.persist(str(store / "bm25"))
        return [
            Piece(node.ref_doc_id or "", text, node.get_content(MetadataMode.EMBED)[: -len(text)])
            for node in nodes
            if (text := node.get_content(MetadataMode.NONE))
        ]

    def open(self, store: Path) -> QueryFusionRetriever:
        storage = StorageContext.from_defaults(
            vector_store=FaissVectorStore.from_persist_dir(str(store)), persist_dir=str(store)
        )
        index = load_index_from_storage(storage_context=storage)
        self._retriever = QueryFusionRetriever(
            [
                index.as_retriever(similarity_top_k=DEPTH),
                BM25Retriever.from_persist_dir(str(store / "bm25")),
            ],
            similarity_top_k=DEPTH,
            num_queries=1,
            mode="reciprocal_rerank",
            use_async=False,
        )
        return self._retriever

    def search(self, question: str, limit: int) -> Sequence[Piece]:
        if self._retriever is None:
            raise RuntimeError("nothing is open")
        found = self._retriever.retrieve(question)
        return [_piece(one.node) for one in found[:limit]]


def _piece(node: BaseNode) -> Piece:
    return Piece(node.ref_doc_id or "", node.get_content(MetadataMode.NONE))


if __name__ == "__main__":
    serve(LlamaIndex)

"""A plain FastAPI application over LlamaIndex, as its users write one: GET /search, POST /chat.

`python -m eval.peers.llama_index_api MODEL STORE PROVIDER PORT` serves what `llama_index` built,
with a language model that speaks OpenAI's protocol at PROVIDER.
"""

import argparse
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import NodeWithScore
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel

from eval.peers.llama_index import LlamaIndex

WINDOW = 32_768
"""Tokens that the language model takes at once: all that was found, in one call."""


class Question(BaseModel):
    """What is asked."""

    question: str


class Source(BaseModel):
    """A passage, and the article that it stands in."""

    article: str
    text: str
    score: float | None


class Reply(BaseModel):
    """What the model wrote, and what it was shown."""

    text: str
    sources: list[Source]


def make_app(model: Path, store: Path, provider: str) -> FastAPI:
    """The application; `provider` is the address of the language model."""
    index = LlamaIndex(model)
    retriever = index.open(store)
    writer = OpenAILike(
        model="stub", api_base=provider, api_key="none", is_chat_model=True, context_window=WINDOW
    )
    engine = RetrieverQueryEngine.from_args(retriever, llm=writer)
    app = FastAPI()

    @app.get("/search")
    async def search(q: str, limit: int = 10) -> list[Source]:
        found = await retriever.aretrieve(q)
        return [_source(one) for one in found[:limit]]

    @app.post("/chat")
    async def chat(asked: Question) -> Reply:
        replied = await engine.aquery(asked.question)
        return Reply(text=str(replied), sources=[_source(one) for one in replied.source_nodes])

    return app


def _source(found: NodeWithScore) -> Source:
    return Source(article=found.node.ref_doc_id or "", text=found.get_content(), score=found.score)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("provider")
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    made = make_app(options.model, options.store, options.provider)
    uvicorn.run(made, host="127.0.0.1", port=options.port, log_level="warning")

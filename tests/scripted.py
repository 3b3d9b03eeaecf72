"""A drafter that follows a script, three small articles, and what holds of every answer."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import cast

from fakes import WordEmbedder, make_article

from index.generation import Generation
from index.part import Filters
from service.answer import Answer
from service.answerer import Answerer
from service.conversation import Turn
from service.draft import Drafter, Usage
from service.errors import (
    ModelFailed,
)
from service.prompt import NOT_FOUND, Message

GIFTS = "Kim received five explosive drones from the governor of Primorye."
VEST = "The governor also gave Kim a bulletproof vest."
TRAIN = "The armoured train covered 250 kilometres to the border on Sunday."
MARCH = "A military band played a farewell march at the station in Artyom."
ARTICLES = [
    make_article(
        f"{GIFTS} {VEST}\n\nNothing else was handed over there.",
        article_id="gifts",
        title="Gifts for Kim",
        source="Wire",
        published="2023-09-17",
        url="https://wire.example/gifts",
    ),
    make_article(TRAIN, article_id="train", title="The train"),
    make_article(MARCH, article_id="march", title="The march"),
]
QUESTION = "Which gifts did Kim receive from the governor?"


class ScriptedDrafter:
    """Writes what it is told, a piece at a time, then that it finds nothing.

    It remembers what it was asked.
    """

    model = "scripted"

    def __init__(self, *replies: str, fails: ModelFailed | None = None) -> None:
        self.replies = list(replies)
        self.fails = fails
        self.asked: list[list[Message]] = []
        self.pieces = 0
        self.closed = False

    async def stream(
        self, messages: list[Message], *, max_tokens: int = 220
    ) -> AsyncGenerator[str | Usage]:
        """The next reply in pieces of five characters, then its usage."""
        self.asked.append(messages)
        reply = self.replies.pop(0) if self.replies else NOT_FOUND
        try:
            for start in range(0, len(reply), 5):
                self.pieces += 1
                yield reply[start : start + 5]
                await asyncio.sleep(0)
            if self.fails:
                raise self.fails
            yield Usage(100, max_tokens)
        finally:
            self.closed = True


def number_of(messages: list[Message], sentence: str) -> int:
    """The evidence number under which the model was shown a sentence."""
    lines = messages[-1]["content"].splitlines()
    return next(int(line[1 : line.index("]")]) for line in lines if sentence in line)


def answerer(generation: Generation, drafter: ScriptedDrafter) -> Answerer:
    return Answerer(generation, WordEmbedder(), cast("Drafter", drafter))


def ask(
    generation: Generation,
    drafter: ScriptedDrafter,
    question: str = QUESTION,
    *,
    history: Sequence[Turn] = (),
    filters: Filters | None = None,
) -> Answer:
    """The whole answer, after checking what holds of every answer."""
    answer = asyncio.run(
        answerer(generation, drafter).answer(question, history=history, filters=filters)
    )
    check_promises(answer, generation)
    return answer


def check_promises(answer: Answer, generation: Generation) -> None:
    """Exact quotes, numbers in the order of first use, and `text` made of the sentences."""
    for citation in answer.citations:
        article = generation.article(citation.article_id)
        assert article is not None
        assert article.version == citation.version
        assert citation.quote == article.text[citation.start : citation.end]
    used = [number for sentence in answer.sentences for number in sentence.citations]
    assert list(dict.fromkeys(used)) == [citation.number for citation in answer.citations]
    assert [citation.number for citation in answer.citations] == list(
        range(1, len(answer.citations) + 1)
    )
    assert all(sentence.supported and sentence.citations for sentence in answer.sentences)
    assert (answer.status == "abstained") == (not answer.sentences) == bool(answer.closest)
    assert set(answer.timings_ms) >= {"standalone", "retrieve", "draft", "total"}
    assert answer.generation == generation.manifest.id
    assert answer.model == "scripted"

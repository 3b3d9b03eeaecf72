"""A reply is replayed for exactly the messages that it was given to, and for no others."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import cast

import pytest

from eval.errors import RunRefused
from eval.recordings import Recorder
from service.draft import MAX_TOKENS, Drafter, Usage
from service.errors import ModelTimedOut
from service.prompt import Message

IDENTITY = "local/tiny@0123abcd+engine-1"
ASKED: list[Message] = [
    {"role": "system", "content": "Answer."},
    {"role": "user", "content": "Evidence.\nQuestion: Who came?"},
]
USAGE = Usage(12, 3, 0.5)


class CountingDrafter:
    """Writes a numbered reply in three pieces, or fails before the last of them."""

    model = "local/tiny"

    def __init__(self, *, fails: bool = False, extra: str = "") -> None:
        self.fails = fails
        self.extra = extra
        self.asked = 0

    async def stream(
        self, messages: list[Message], *, max_tokens: int = MAX_TOKENS
    ) -> AsyncGenerator[str | Usage]:
        assert messages
        assert max_tokens
        self.asked += 1
        yield f"Reply {self.asked}."
        yield " It goes on."
        await asyncio.sleep(0)
        if self.fails:
            raise ModelTimedOut("too slow")
        yield f" “It ends.”{self.extra}"
        yield USAGE


def recorder(
    folder: Path,
    drafter: CountingDrafter | None = None,
    *,
    identity: str = IDENTITY,
    replay: bool = True,
) -> Recorder:
    """One that may ask `drafter`, and otherwise no model at all."""

    def make() -> Drafter:
        assert drafter, "the model is asked"
        return cast("Drafter", drafter)

    return Recorder(identity, make, replay=replay, folder=folder)


async def read(
    recorder: Recorder, messages: list[Message], *, max_tokens: int = MAX_TOKENS
) -> tuple[str, Usage]:
    """The whole reply and its usage."""
    parts = [part async for part in recorder.stream(messages, max_tokens=max_tokens)]
    usage = parts.pop()
    assert isinstance(usage, Usage)
    return "".join(part for part in parts if isinstance(part, str)), usage


async def read_some(recorder: Recorder, messages: list[Message]) -> None:
    """The first two pieces only."""
    seen = 0
    async with aclosing(recorder.stream(messages)) as parts:
        async for _ in parts:
            seen += 1
            if seen == 2:
                break


def record(folder: Path, *questions: str) -> None:
    """Record replies to these questions."""
    live = recorder(folder, CountingDrafter())
    for question in questions:
        asyncio.run(read(live, asking(question)))
    assert live.save(drop_unused=True) == len(questions)


def asking(question: str) -> list[Message]:
    return [ASKED[0], {"role": "user", "content": question}]


def test_a_recorded_reply_is_replayed_without_a_model(tmp_path: Path) -> None:
    live = recorder(tmp_path / "new", CountingDrafter())
    written = asyncio.run(read(live, ASKED))
    assert written == ("Reply 1. It goes on. “It ends.”", USAGE)
    assert live.save(drop_unused=True) == 1
    assert live.path == tmp_path / "new" / "local--tiny@0123abcd+engine-1.jsonl"
    again = recorder(tmp_path / "new")
    assert again.model == "local/tiny"
    assert asyncio.run(read(again, ASKED)) == written


def test_the_file_is_for_people_too(tmp_path: Path) -> None:
    live = recorder(tmp_path, CountingDrafter())
    asyncio.run(read(live, ASKED))
    live.save(drop_unused=True)
    (line,) = live.path.read_text(encoding="utf-8").splitlines()
    assert "“It ends.”" in line
    assert json.loads(line)["question"] == "Question: Who came?"


@pytest.mark.parametrize(
    ("messages", "max_tokens", "identity"),
    [
        ([ASKED[0], {"role": "user", "content": "Question: Who came ?"}], MAX_TOKENS, IDENTITY),
        ([{"role": "system", "content": "answer."}, ASKED[1]], MAX_TOKENS, IDENTITY),
        ([{"role": "user", "content": "Answer."}, ASKED[1]], MAX_TOKENS, IDENTITY),
        (ASKED[1:], MAX_TOKENS, IDENTITY),
        ([*ASKED, ASKED[1]], MAX_TOKENS, IDENTITY),
        (ASKED, MAX_TOKENS - 1, IDENTITY),
        (ASKED, MAX_TOKENS, "local/tiny@0123abcd+engine-2"),
        (ASKED, MAX_TOKENS, "local/tiny@9123abcd+engine-1"),
        (ASKED, MAX_TOKENS, "local/tiny"),
    ],
    ids="question system role one-less one-more max_tokens engine weights name".split(),
)
def test_whatever_changes_misses(
    tmp_path: Path, messages: list[Message], max_tokens: int, identity: str
) -> None:
    live = recorder(tmp_path, CountingDrafter())
    asyncio.run(read(live, ASKED))
    live.save(drop_unused=True)
    # the file of another model's name, where somebody copied it: its keys are still another's
    other = recorder(tmp_path, identity=identity)
    other.path.write_bytes(live.path.read_bytes())
    drafter = CountingDrafter()
    asyncio.run(
        read(recorder(tmp_path, drafter, identity=identity), messages, max_tokens=max_tokens)
    )
    assert drafter.asked == 1


def test_without_replay_every_reply_is_live(tmp_path: Path) -> None:
    record(tmp_path, "One?")
    drafter = CountingDrafter()
    live = recorder(tmp_path, drafter, replay=False)
    asyncio.run(read(live, asking("One?")))
    assert drafter.asked == 1


def test_a_reader_who_stops_has_seen_enough(tmp_path: Path) -> None:
    live = recorder(tmp_path, CountingDrafter())
    asyncio.run(read_some(live, ASKED))
    assert live.save(drop_unused=True) == 1
    assert asyncio.run(read(recorder(tmp_path), ASKED)) == ("Reply 1. It goes on.", Usage())


def test_what_a_failing_model_wrote_is_not_recorded(tmp_path: Path) -> None:
    live = recorder(tmp_path, CountingDrafter(fails=True))
    with pytest.raises(ModelTimedOut):
        asyncio.run(read(live, ASKED))
    assert live.save(drop_unused=True) == 0
    assert live.live == {}


def test_what_a_cancelled_reader_saw_is_not_recorded(tmp_path: Path) -> None:
    class Waiting(CountingDrafter):
        async def stream(
            self, messages: list[Message], *, max_tokens: int = MAX_TOKENS
        ) -> AsyncGenerator[str | Usage]:
            assert messages
            assert max_tokens
            yield "Begun"
            await asyncio.sleep(60)

    live = recorder(tmp_path, Waiting())

    async def cancel() -> None:
        task = asyncio.create_task(read(live, ASKED))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert live.live == {}


def test_saving_drops_what_was_not_used(tmp_path: Path) -> None:
    record(tmp_path, "One?", "Two?", "Three?")
    some = recorder(tmp_path, CountingDrafter())
    asyncio.run(read(some, asking("Two?")))
    asyncio.run(read(some, asking("Four?")))
    assert some.save(drop_unused=True) == 2
    questions = {json.loads(line)["question"] for line in some.path.read_text().splitlines()}
    assert questions == {"Two?", "Four?"}


def test_a_run_of_a_few_questions_keeps_the_others(tmp_path: Path) -> None:
    record(tmp_path, "One?", "Two?")
    some = recorder(tmp_path, CountingDrafter())
    asyncio.run(read(some, asking("Three?")))
    assert some.save(drop_unused=False) == 3


def test_the_same_replies_are_the_same_bytes(tmp_path: Path) -> None:
    record(tmp_path, "One?", "Two?", "Three?")
    path = recorder(tmp_path).path
    before = path.read_bytes()
    again = recorder(tmp_path)
    for question in ("Three?", "One?", "Two?"):
        asyncio.run(read(again, asking(question)))
    again.save(drop_unused=True)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\x0c", "\r", "\n\n", "😀"])
def test_every_sign_comes_back(tmp_path: Path, sign: str) -> None:
    live = recorder(tmp_path, CountingDrafter(extra=sign))
    written = asyncio.run(read(live, ASKED))
    live.save(drop_unused=True)
    assert asyncio.run(read(recorder(tmp_path), ASKED)) == written


def test_a_file_without_a_reply_can_be_read(tmp_path: Path) -> None:
    assert recorder(tmp_path).save(drop_unused=True) == 0
    assert recorder(tmp_path).save(drop_unused=True) == 0


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "7",
        "",
        "{}",
        '{"key": "k"}',
        '{"key": "k", "question": "q", "reply": "r", "usage": {"tokens": 1}}',
        '{"key": "k", "question": "q", "reply": "r", "usage": null}',
        '{"key": "k", "question": "q", "reply": "r", "usage": {}, "more": 1}',
    ],
)
def test_a_damaged_file_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    record(tmp_path, "One?")
    path = recorder(tmp_path).path
    path.write_text(path.read_text() + line + "\n" + path.read_text())
    with pytest.raises(RunRefused, match=r"engine-1\.jsonl:2: this is no recording"):
        recorder(tmp_path)
    recorder(tmp_path, replay=False)


def test_each_task_is_told_how_often_it_asked(tmp_path: Path) -> None:
    record(tmp_path, "One?")
    mixed = recorder(tmp_path, CountingDrafter())

    async def count(question: str) -> int:
        before = mixed.asked
        async with aclosing(mixed.stream(asking(question))) as parts:
            async for _ in parts:
                await asyncio.sleep(0.001)
        return mixed.asked - before

    async def side_by_side() -> list[int]:
        questions = ("One?", "Two?", "One?", "Three?")
        return list(await asyncio.gather(*(count(question) for question in questions)))

    assert asyncio.run(side_by_side()) == [0, 1, 0, 1]

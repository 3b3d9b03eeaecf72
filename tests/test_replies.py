"""The replies to one question: their time together, and the second model where one fails."""

import asyncio
import time
from collections.abc import AsyncGenerator

import pytest

from service.draft import Usage
from service.errors import (
    ModelFailed,
    ModelKeyRefused,
    ModelReplyWrong,
    ModelTimedOut,
    ModelUnavailable,
    ModelUnknown,
)
from service.prompt import Message
from service.replies import Replies

Step = str | float | ModelFailed


class Script:
    """A writer that says texts, waits for seconds and fails, as it is told, each time anew."""

    def __init__(self, model: str, *steps: Step) -> None:
        self.model = model
        self.steps = steps
        self.asked = 0
        self.closed = 0

    async def stream(
        self, messages: list[Message], *, max_tokens: int = 220
    ) -> AsyncGenerator[str | Usage]:
        assert messages == []
        self.asked += 1
        try:
            for step in self.steps:
                if isinstance(step, ModelFailed):
                    raise step
                if isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    yield step
            yield Usage(1, max_tokens)
        finally:
            self.closed += 1


def read(
    *writers: Script, seconds: float = 5.0, times: int = 1
) -> tuple[list[str | Usage], str, ModelFailed | None]:
    """What came of a question's replies, the last model, and the failure that ended them."""
    first, *others = writers
    parts: list[str | Usage] = []

    async def run() -> tuple[str, ModelFailed | None]:
        replies = Replies(first, others[0] if others else None, seconds=seconds)
        try:
            for _ in range(times):
                async for part in replies.stream([], max_tokens=9):
                    parts.append(part)  # noqa: PERF401 - what came before the failure counts
        except ModelFailed as error:
            return replies.model, error
        return replies.model, None

    return parts, *asyncio.run(run())


def test_a_reply_goes_through_from_its_first_word_on() -> None:
    assert read(Script("a", "\n", " ", "One", " ", "two.")) == (
        ["One", " ", "two.", Usage(1, 9)],
        "a",
        None,
    )


def test_the_time_is_that_of_all_replies_together() -> None:
    script = Script("a", 0.2, "One.")
    started = time.monotonic()
    parts, _, error = read(script, seconds=0.5, times=5)
    assert 0.4 < time.monotonic() - started < 5
    assert parts == ["One.", Usage(1, 9)] * 2
    assert str(error) == (
        "a did not finish its reply within 0.5 s; ask again, or raise DATELINE_TIMEOUT."
    )
    assert script.asked == script.closed == 3


@pytest.mark.parametrize(
    "error", [ModelUnavailable("Gone."), ModelTimedOut("Late."), ModelReplyWrong("Odd.")]
)
def test_the_fallback_is_asked_where_the_model_fails_before_its_first_word(
    error: ModelFailed, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = Script("a", " ", error), Script("b", "Two.")
    assert read(first, second, times=2) == (["Two.", Usage(1, 9)] * 2, "b", None)
    assert (first.asked, second.asked) == (1, 2)
    assert caplog.messages == [f"{error} Asking b instead."]


@pytest.mark.parametrize("error", [ModelUnknown("What?"), ModelKeyRefused("No key.")])
def test_what_the_operator_must_mend_asks_no_fallback(error: ModelFailed) -> None:
    second = Script("b", "Two.")
    assert read(Script("a", error), second) == ([], "a", error)
    assert second.asked == 0


def test_what_fails_after_its_first_word_asks_no_fallback() -> None:
    error, second = ModelUnavailable("Gone."), Script("b", "Two.")
    assert read(Script("a", "One", error), second) == (["One"], "a", error)
    assert second.asked == 0


def test_a_silent_model_leaves_the_fallback_half_of_the_time() -> None:
    first, second = Script("a", 9.0), Script("b", 0.2, "Two.")
    started = time.monotonic()
    assert read(first, second, seconds=1.0) == (["Two.", Usage(1, 9)], "b", None)
    assert 0.6 < time.monotonic() - started < 0.95
    assert first.closed == 1


def test_once_it_has_begun_a_model_has_all_of_the_time() -> None:
    parts, model, error = read(
        Script("a", 0.1, "One", 0.5, " two."), Script("b", "Two."), seconds=1.0
    )
    assert (parts[:2], model, error) == (["One", " two."], "a", None)


def test_two_silent_models_end_in_time() -> None:
    started = time.monotonic()
    parts, model, error = read(Script("a", 30.0), Script("b", 30.0), seconds=0.6)
    assert 0.5 < time.monotonic() - started < 5
    assert (parts, model, type(error)) == ([], "b", ModelTimedOut)


def test_the_fallback_is_asked_once() -> None:
    error = ModelUnavailable("Gone too.")
    second = Script("b", error)
    assert read(Script("a", ModelUnavailable("Gone.")), second) == ([], "b", error)
    assert second.asked == 1

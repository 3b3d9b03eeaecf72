"""The drafter against a provider on loopback: replies in order, each fault by its name, in time."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from typing import Any

import pytest
from fake_provider import (
    PROMPT_TOKENS,
    Connection,
    Provider,
    Script,
    breaks_off_after,
    event,
    hangs,
    hangs_after,
    provide,
    refuses,
    sends,
    speaks,
    streams,
    unused_url,
)

from service import draft
from service.draft import Drafter, Tokens, Usage
from service.errors import (
    ModelFailed,
    ModelKeyRefused,
    ModelReplyWrong,
    ModelTimedOut,
    ModelUnavailable,
    ModelUnknown,
)
from service.prompt import Message
from service.settings import Settings

MESSAGES: list[Message] = [{"role": "user", "content": "Who sailed?"}]
WHOLE_REPLY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "fake",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}}],
}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow one another at once, and no key stands in the environment."""
    monkeypatch.setattr(draft, "FIRST_PAUSE", 0.001)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def make_drafter(url: str | None, **settings: Any) -> Drafter:
    """A drafter for a model at `url`."""
    chosen = {"model": "openai/anything", "api_base": url, "api_key": "k", "timeout": 5.0}
    return Drafter(Settings(**{**chosen, **settings}))


async def collect(parts: AsyncGenerator[str | Usage]) -> list[str | Usage]:
    """All parts of a reply."""
    return [part async for part in parts]


def ask(url: str | None, **settings: Any) -> list[str | Usage]:
    """One reply of the model at `url`."""
    return asyncio.run(collect(make_drafter(url, **settings).stream(MESSAGES)))


def fail(url: str | None, **settings: Any) -> tuple[list[str | Usage], ModelFailed]:
    """What came of a reply before it failed, and the failure."""
    parts: list[str | Usage] = []

    async def run() -> None:
        async for part in make_drafter(url, **settings).stream(MESSAGES):
            parts.append(part)  # noqa: PERF401 - what came before the failure counts

    with pytest.raises(ModelFailed) as caught:
        asyncio.run(run())
    return parts, caught.value


def is_one_sentence(error: Exception) -> bool:
    """Whether a message is one line with a full stop, that says what to do after a semicolon."""
    text = str(error)
    return text.endswith(".") and "\n" not in text and text.count("; ") >= 1 and len(text) < 240


@pytest.mark.parametrize(
    ("model", "loaded"), [("openai/fake", True), ("together_ai/fake", True), ("ollama/fake", False)]
)
def test_what_the_provider_s_client_is_made_of_is_loaded_ahead(
    model: str, *, loaded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(draft, "import_module", asked.append)
    Drafter(Settings(model=model))
    assert asked == (["openai.resources.chat.completions"] if loaded else [])


def test_pieces_come_in_order_with_the_provider_s_count() -> None:
    with provide(speaks("Kim ", "sailed [", "1", "][2", "].")) as provider:
        assert ask(provider.url) == [
            "Kim ",
            "sailed [",
            "1",
            "][2",
            "].",
            Usage(prompt_tokens=PROMPT_TOKENS, completion_tokens=5),
        ]
    [request] = provider.requests
    assert request["model"] == "anything"
    assert request["messages"] == MESSAGES
    assert (request["max_tokens"], request["temperature"], request["stream"]) == (220, 0, True)


def test_pieces_come_as_they_are_written() -> None:
    async def first_piece(provider: Provider) -> str | Usage:
        async with aclosing(make_drafter(provider.url).stream(MESSAGES)) as parts:
            return await anext(parts)

    with provide(hangs_after("At once ")) as provider:
        started = time.monotonic()
        assert asyncio.run(first_piece(provider)) == "At once "
    assert time.monotonic() - started < 2


FAULTS: list[tuple[str, Script, type[ModelFailed], str, int]] = [
    ("401", refuses(401), ModelKeyRefused, "set DATELINE_API_KEY", 1),
    ("403", refuses(403), ModelKeyRefused, "set DATELINE_API_KEY", 1),
    ("404", refuses(404), ModelUnknown, "correct DATELINE_MODEL", 1),
    ("400", refuses(400), ModelReplyWrong, "refused the request (HTTP 400)", 1),
    ("302", refuses(302), ModelReplyWrong, "refused the request (HTTP 302)", 1),
    ("422", refuses(422), ModelReplyWrong, "refused the request (HTTP 422)", 2),
    ("429", refuses(429), ModelUnavailable, "takes no more requests just now", 3),
    ("429 with a wait", refuses(429, Retry_After="60"), ModelUnavailable, "ask again later", 3),
    ("408", refuses(408), ModelUnavailable, "ask again", 3),
    ("500", refuses(500), ModelUnavailable, "cannot be reached or is failing", 3),
    ("502", refuses(502), ModelUnavailable, "cannot be reached or is failing", 3),
    ("503", refuses(503), ModelUnavailable, "cannot be reached or is failing", 3),
    ("504", refuses(504), ModelUnavailable, "cannot be reached or is failing", 3),
    ("breaks off at once", breaks_off_after(), ModelUnavailable, "ask again", 3),
    ("html", sends("text/html", "<html>Log in</html>"), ModelReplyWrong, "empty reply", 1),
    ("other json", sends("application/json", '{"a": 1}'), ModelReplyWrong, "empty reply", 1),
    ("bytes", sends("application/octet-stream", "\0\1"), ModelReplyWrong, "empty reply", 1),
    ("no body", sends("text/event-stream", ""), ModelReplyWrong, "empty reply", 1),
    ("not streamed", sends("application/json", str(WHOLE_REPLY)), ModelReplyWrong, "empty", 1),
    ("other events", streams('data: {"a": 1}\n\n'), ModelReplyWrong, "empty reply", 1),
    ("a list", streams("data: [1]\n\n"), ModelReplyWrong, "no chat completion", 1),
    ("choices", streams('data: {"choices": "x"}\n\n'), ModelReplyWrong, "no chat completion", 1),
    ("half of JSON", streams('data: {"cho\n\n'), ModelReplyWrong, "no chat completion", 1),
    ("no pieces", speaks(), ModelReplyWrong, "empty reply", 1),
    ("only its end", streams(), ModelReplyWrong, "empty reply", 1),
]


@pytest.mark.parametrize(
    ("script", "kind", "says", "requests"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_a_fault_has_its_name_and_is_tried_again_only_where_that_helps(
    script: Script, kind: type[ModelFailed], says: str, requests: int
) -> None:
    with provide(script) as provider:
        parts, error = fail(provider.url, retries=2)
    assert type(error) is kind
    assert says in str(error)
    assert is_one_sentence(error)
    assert parts == []
    assert len(provider.requests) == requests


def test_white_space_is_an_empty_reply() -> None:
    with provide(speaks(" ", "\n")) as provider:
        _, error = fail(provider.url)
    assert type(error) is ModelReplyWrong


MID_REPLY: list[tuple[str, Script, type[ModelFailed]]] = [
    ("connection", breaks_off_after("Half "), ModelUnavailable),
    ("JSON", streams(event("Half "), 'data: {"cho\n\n'), ModelReplyWrong),
    ("error", streams(event("Half "), 'data: {"error": {"message": "x"}}\n\n'), ModelUnavailable),
]


@pytest.mark.parametrize(
    ("script", "kind"), [f[1:] for f in MID_REPLY], ids=[f[0] for f in MID_REPLY]
)
def test_what_fails_after_the_first_word_is_not_tried_again(
    script: Script, kind: type[ModelFailed]
) -> None:
    with provide(script) as provider:
        parts, error = fail(provider.url, retries=2)
    assert type(error) is kind
    assert is_one_sentence(error)
    assert parts == ["Half "]
    assert len(provider.requests) == 1


def test_a_provider_that_recovers_is_heard() -> None:
    scripts = iter([refuses(503), breaks_off_after(), speaks("Here.")])

    def follow_next(connection: Connection) -> None:
        next(scripts)(connection)

    with provide(follow_next) as provider:
        assert ask(provider.url, retries=2)[0] == "Here."
    assert len(provider.requests) == 3


def test_no_pause_goes_over_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft, "FIRST_PAUSE", 30.0)
    with provide(refuses(503)) as provider:
        started = time.monotonic()
        _, error = fail(provider.url, retries=2, timeout=2.0)
    assert type(error) is ModelUnavailable
    assert time.monotonic() - started < 1
    assert len(provider.requests) == 1


@pytest.mark.parametrize("script", [hangs, hangs_after("Half ")], ids=["silent", "half"])
def test_a_reply_that_does_not_end_is_given_up_in_time(script: Script) -> None:
    with provide(script) as provider:
        started = time.monotonic()
        _, error = fail(provider.url, timeout=0.5, retries=2)
        assert 0.4 < time.monotonic() - started < 5
        assert provider.left.wait(2), "the connection stays open"
    assert type(error) is ModelTimedOut
    assert str(error) == (
        "openai/anything did not finish its reply within 0.5 s; ask again, or raise "
        "DATELINE_TIMEOUT."
    )
    assert len(provider.requests) == 1


def test_nobody_listens() -> None:
    started = time.monotonic()
    _, error = fail(unused_url(), retries=2)
    assert type(error) is ModelUnavailable
    assert "check that it runs (DATELINE_API_BASE)" in str(error)
    assert time.monotonic() - started < 2


def test_no_key_is_set_and_nothing_is_sent() -> None:
    with provide(speaks("Hi")) as provider:
        _, error = fail(provider.url, api_key=None)
    assert type(error) is ModelKeyRefused
    assert str(error).endswith("needs a key; set DATELINE_API_KEY or OPENAI_API_KEY.")
    assert provider.requests == []


async def close_after_a_piece(parts: AsyncGenerator[str | Usage]) -> None:
    await anext(parts)
    await parts.aclose()


async def cancel_after_a_piece(parts: AsyncGenerator[str | Usage]) -> None:
    begun = asyncio.Event()

    async def run() -> None:
        async for _ in parts:
            begun.set()

    task = asyncio.create_task(run())
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def cancel_before_a_piece(parts: AsyncGenerator[str | Usage]) -> None:
    task = asyncio.create_task(collect(parts))
    await asyncio.sleep(0.5)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


@pytest.mark.parametrize(
    ("script", "leave"),
    [
        (hangs_after("a"), close_after_a_piece),
        (hangs_after("a"), cancel_after_a_piece),
        (hangs, cancel_before_a_piece),
    ],
    ids=["closed", "cancelled", "cancelled before the first word"],
)
def test_who_leaves_closes_the_connection(
    script: Script, leave: Callable[[AsyncGenerator[str | Usage]], Any]
) -> None:
    async def run(provider: Provider) -> bool:
        await leave(make_drafter(provider.url, timeout=30.0).stream(MESSAGES))
        return await asyncio.to_thread(provider.left.wait, 2)

    with provide(script) as provider:
        assert asyncio.run(run(provider)), "the provider still has its client"
        assert len(provider.requests) == 1


@pytest.mark.parametrize("name", ["nonsense", "openai", "/", "nobody/knows"])
@pytest.mark.parametrize("url", [None, "http://127.0.0.1:9/v1"])
def test_a_name_that_no_provider_has_is_refused_at_once(name: str, url: str | None) -> None:
    with pytest.raises(ModelUnknown) as caught:
        make_drafter(url, model=name)
    assert repr(name) in str(caught.value)
    assert "set DATELINE_MODEL to" in str(caught.value)


class ScriptedModel:
    """A model in this process that writes `pieces`, then fails with `error` or waits."""

    def __init__(self, pieces: Iterable[str | Tokens], error: Exception | None = None) -> None:
        self.pieces = list(pieces)
        self.error = error
        self.asked: list[list[Message]] = []
        self.closed = False

    async def stream(
        self, messages: list[Message], *, max_tokens: int
    ) -> AsyncGenerator[str | Tokens]:
        self.asked.append(messages)
        assert max_tokens == draft.MAX_TOKENS
        try:
            for piece in self.pieces:
                yield piece
            if self.error:
                raise self.error
        finally:
            self.closed = True


def local_parts(model: ScriptedModel) -> AsyncGenerator[str | Usage]:
    """The reply of a model in this process."""
    return Drafter(Settings(model="local/scripted", timeout=5.0), local=model).stream(MESSAGES)


def test_a_model_in_this_process_answers_like_any_other() -> None:
    model = ScriptedModel(["Kim [1", "].", (897, 24)])
    parts = asyncio.run(collect(local_parts(model)))
    assert parts == ["Kim [1", "].", Usage(prompt_tokens=897, completion_tokens=24)]
    assert model.asked == [MESSAGES]


def test_closing_frees_the_model_in_this_process() -> None:
    model = ScriptedModel(["a", "b"])
    asyncio.run(close_after_a_piece(local_parts(model)))
    assert model.closed


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ModelUnavailable("Its own; words."), "Its own; words."),
        (
            RuntimeError("Check 'x' failed at y.cpp:1:\nout of memory\n"),
            "The embedded model failed (out of memory); start Dateline again.",
        ),
        (RuntimeError(), "The embedded model failed (RuntimeError); start Dateline again."),
    ],
    ids=["its own failure", "the engine's", "the engine's without a word"],
)
@pytest.mark.parametrize("pieces", [[], ["a"]], ids=["at once", "half-way"])
def test_a_model_in_this_process_fails_by_name(
    pieces: list[str], error: Exception, says: str
) -> None:
    model = ScriptedModel(pieces, error)
    with pytest.raises(ModelUnavailable) as caught:
        asyncio.run(collect(local_parts(model)))
    assert str(caught.value) == says


AUDITED = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        print(event, arguments, file=sys.stdout)
        raise OSError("no network in this test")

sys.addaudithook(refuse)
import service.draft, service.settings
service.draft.Drafter(service.settings.Settings(model="openai/x", api_key="k"))
print("made")
"""


def test_importing_litellm_asks_the_network_for_nothing() -> None:
    run = subprocess.run(
        [sys.executable, "-c", AUDITED],
        capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert (run.stdout, run.stderr) == ("made\n", "")


def test_no_fault_writes_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    scripts = [script for _, script, _, _, _ in FAULTS] + [script for _, script, _ in MID_REPLY]
    for script in scripts:
        with provide(script) as provider:
            fail(provider.url, retries=1)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("model", ["groq/llama-3.1-8b-instant", "openai/llama-3-70b"])
def test_counting_tokens_fetches_no_tokenizer(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a provider does not count, litellm does, with a tokenizer off the network unless told."""
    fetched: list[str] = []
    monkeypatch.setattr("tokenizers.Tokenizer.from_pretrained", fetched.append, raising=False)
    with provide(streams(event("Hi"), event(finish="stop"))) as provider:
        assert ask(provider.url, model=model)[0] == "Hi"
    assert fetched == []

"""Messages -> a draft, streamed. The only importer of litellm, when the first Drafter is made.

`local/…` models run in this process, registered with litellm as a provider like any other.
"""

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from service.errors import (
    ModelFailed,
    ModelKeyRefused,
    ModelReplyWrong,
    ModelTimedOut,
    ModelUnavailable,
    ModelUnknown,
    last_line,
)
from service.prompt import Message
from service.settings import LOCAL, Settings

if TYPE_CHECKING:
    from litellm import CustomLLM, CustomStreamWrapper
    from litellm.types.utils import GenericStreamingChunk, ModelResponseStream

MAX_TOKENS = 220
"""Of a draft: a long list answer needs some 150."""

FIRST_PAUSE = 0.5
"""Seconds before the second try of a provider that fails; each further pause is twice as long."""

_MISREAD = (ValueError, TypeError, AttributeError, KeyError, IndexError)
"""What litellm trips over in a reply that is no chat completion."""

_SERVER_TIMED_OUT, _SERVER_FAILED = 408, 500
_CHECK = "check DATELINE_MODEL and DATELINE_API_BASE"

Tokens = tuple[int, int]
"""Of a prompt, and of the reply to it."""


class TextModel(Protocol):
    """A model in this process."""

    def stream(self, messages: list[Message], *, max_tokens: int) -> AsyncGenerator[str | Tokens]:
        """The reply, piece by piece, then its Tokens; closing the iterator frees the model."""


@dataclass(frozen=True)
class Usage:
    """Tokens of one reply as the provider counts them, 0 where it does not say.

    `cost` is in dollars, None where litellm knows no price.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None

    def __add__(self, other: "Usage") -> "Usage":
        costs = [cost for cost in (self.cost, other.cost) if cost is not None]
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            sum(costs) if costs else None,
        )


class Writer(Protocol):
    """What answers are written by: a Drafter, or replies that one gave before."""

    @property
    def model(self) -> str:
        """The model's name."""

    def stream(
        self, messages: list[Message], *, max_tokens: int = MAX_TOKENS
    ) -> AsyncGenerator[str | Usage]:
        """The reply's text piece by piece, then its Usage; raises ModelFailed's kinds."""


class Drafter:
    """Asks one model; safe to share between questions."""

    def __init__(self, settings: Settings, *, local: TextModel | None = None) -> None:
        """`local` answers for local/… models; raises ModelUnknown."""
        import litellm  # noqa: PLC0415  it takes a second, in which the model can be loaded

        self._litellm = litellm
        self._failures: tuple[type[Exception], ...] = (
            *litellm.exceptions.LITELLM_EXCEPTION_TYPES,
            httpx.HTTPError,
        )
        self.model = settings.model
        self._timeout = settings.timeout
        self._pauses = [FIRST_PAUSE * 2**n for n in range(settings.retries)]
        self._options: dict[str, Any] = {
            "model": settings.model,
            "num_retries": 0,
            "max_retries": 0,
        }
        if settings.api_base:
            self._options["api_base"] = settings.api_base
        if settings.api_key:
            self._options["api_key"] = settings.api_key
        litellm.telemetry = False
        litellm.suppress_debug_info = True
        litellm.drop_params = True
        litellm.disable_hf_tokenizer_download = True
        logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
        if local is not None:
            litellm.custom_provider_map = [
                {"provider": LOCAL, "custom_handler": _local_provider(local)}
            ]
            litellm.utils.custom_llm_setup()  # type: ignore[no-untyped-call]
        self._check_name()

    async def stream(
        self, messages: list[Message], *, max_tokens: int = MAX_TOKENS
    ) -> AsyncGenerator[str | Usage]:
        """The reply's text piece by piece, then its Usage; raises ModelFailed's kinds.

        A provider that fails before its first word is asked again while the time lasts. Closing the
        iterator, or cancelling the task, ends the call to the model.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._timeout
        for pause in (*self._pauses, math.inf):
            begun = False
            try:
                async with aclosing(self._reply(messages, max_tokens, deadline)) as parts:
                    async for part in parts:
                        begun = True
                        yield part
            except ModelUnavailable:
                if begun or clock() + pause >= deadline:
                    raise
            else:
                return
            await asyncio.sleep(pause)

    async def _reply(
        self, messages: list[Message], max_tokens: int, deadline: float
    ) -> AsyncGenerator[str | Usage]:
        """One try of `stream`."""
        usage, empty = Usage(), True
        try:
            async with aclosing(await self._open(messages, max_tokens, deadline)) as chunks:
                while (chunk := await self._next(chunks, deadline)) is not None:
                    usage = self._usage(chunk) or usage
                    piece = chunk.choices[0].delta.content if chunk.choices else None
                    if piece:
                        empty = empty and piece.isspace()
                        yield piece
        except TimeoutError as error:
            raise timed_out(self.model, self._timeout) from error
        except self._failures as error:
            raise self._named(error) from error
        if empty:
            raise self._failed(ModelReplyWrong, f"sent an empty reply; ask again, or {_CHECK}")
        yield usage

    async def _open(
        self, messages: list[Message], max_tokens: int, deadline: float
    ) -> "CustomStreamWrapper":
        """The provider's chunks, once it begins to answer."""
        async with asyncio.timeout_at(deadline):
            chunks = await self._litellm.acompletion(
                messages=messages,
                max_tokens=max_tokens,
                temperature=0,
                stream=True,
                stream_options={"include_usage": True},
                timeout=self._timeout,
                **self._options,
            )
        if not isinstance(chunks, self._litellm.CustomStreamWrapper):  # None: its way with HTTP 422
            raise self._failed(*_meaning(422, misread=False))
        return chunks

    @staticmethod
    async def _next(chunks: "CustomStreamWrapper", deadline: float) -> "ModelResponseStream | None":
        """The next chunk, None at the end; the time the reader takes with it is counted too."""
        async with asyncio.timeout_at(deadline):
            return await anext(chunks, None)

    def _usage(self, chunk: "ModelResponseStream") -> Usage | None:
        counted = getattr(chunk, "usage", None)
        if counted is None:
            return None
        tokens = counted.prompt_tokens or 0, counted.completion_tokens or 0
        return Usage(*tokens, self._cost(*tokens))

    def _cost(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """Dollars; litellm raises a bare Exception for a model that is not in its list."""
        if self.model not in self._litellm.model_cost:
            return None
        costs: tuple[float, float] = self._litellm.cost_per_token(
            model=self.model, prompt_tokens=prompt_tokens, completion_tokens=completion_tokens
        )
        return sum(costs)

    def _check_name(self) -> None:
        try:
            self._litellm.get_llm_provider(self.model, api_base=self._options.get("api_base"))
        except self._litellm.BadRequestError as error:
            raise self._unknown() from error

    def _unknown(self) -> ModelUnknown:
        return ModelUnknown(
            f"No model goes by the name {self.model!r}; set DATELINE_MODEL to a litellm name such "
            "as openai/gpt-4o-mini, ollama/llama3.2 or local/qwen2.5-coder-1.5b."
        )

    def _named(self, error: Exception) -> ModelFailed:
        """The failure that a litellm exception stands for."""
        causes = list(_causes(error))
        for cause in causes:
            if isinstance(cause, ModelFailed):
                return cause
        sent = any(isinstance(cause, httpx.HTTPError) for cause in causes)
        if not sent and (missing := self._missing_keys()):
            return self._failed(
                ModelKeyRefused, f"needs a key; set DATELINE_API_KEY or {' or '.join(missing)}"
            )
        misread = isinstance(causes[-1], _MISREAD) and not sent
        return self._failed(*_meaning(getattr(error, "status_code", 500), misread=misread))

    def _missing_keys(self) -> list[str]:
        """The provider's own variables that hold its key, where no key is set at all."""
        if "api_key" in self._options:
            return []
        missing: list[str] = self._litellm.validate_environment(self.model)["missing_keys"]
        return [name for name in missing if name.endswith("_API_KEY")]

    def _failed(self, kind: type[ModelFailed], what: str) -> ModelFailed:
        return kind(f"The provider of {self.model} {what}.")


def timed_out(model: str, seconds: float) -> ModelTimedOut:
    """The failure for a reply that was not whole within the seconds set."""
    return ModelTimedOut(
        f"{model} did not finish its reply within {seconds:.3g} s; ask again, or raise "
        "DATELINE_TIMEOUT."
    )


def _meaning(status: int, *, misread: bool) -> tuple[type[ModelFailed], str]:
    """The failure that an HTTP status stands for, and what the provider did in words."""
    match status:
        case 401 | 403:
            return ModelKeyRefused, (
                "refused the key, or none is set; set DATELINE_API_KEY or the provider's own "
                "variable"
            )
        case 404:
            return ModelUnknown, (
                "has no such model, or is not at the address set; correct DATELINE_MODEL or "
                "DATELINE_API_BASE"
            )
        case 429:
            return ModelUnavailable, "takes no more requests just now; ask again later"
        case _ if status < _SERVER_FAILED and status != _SERVER_TIMED_OUT:
            return ModelReplyWrong, f"refused the request (HTTP {status}); {_CHECK}"
        case _ if misread:
            return ModelReplyWrong, f"sent a reply that is no chat completion; {_CHECK}"
    return ModelUnavailable, (
        "cannot be reached or is failing; check that it runs (DATELINE_API_BASE) and ask again"
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error`, what it came from, and so on to the root, each once: a cause may be its own."""
    found: BaseException | None = error
    seen: set[int] = set()
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = getattr(found, "original_exception", None) or found.__cause__ or found.__context__


def _local_provider(model: TextModel) -> "CustomLLM":
    """Lend litellm a model in this process, as the provider `local`."""
    import litellm  # noqa: PLC0415

    class LocalProvider(litellm.CustomLLM):
        async def astreaming(  # type: ignore[override]
            self, *, messages: list[Message], optional_params: dict[str, Any], **_: object
        ) -> "AsyncGenerator[GenericStreamingChunk]":
            """The model's pieces as litellm's chunks."""
            pieces = model.stream(messages, max_tokens=optional_params["max_tokens"])
            tokens = 0, 0
            try:
                async with aclosing(pieces):
                    async for piece in pieces:
                        if isinstance(piece, str):
                            yield _chunk(piece)
                        else:
                            tokens = piece
            except RuntimeError as error:
                raise ModelUnavailable(
                    f"The embedded model failed ({last_line(error)}); start Dateline again."
                ) from error
            yield _chunk("", tokens)

    return LocalProvider()


def _chunk(text: str, tokens: Tokens | None = None) -> "GenericStreamingChunk":
    """A piece of the reply, or its end with its tokens."""
    return {
        "text": text,
        "tool_use": None,
        "is_finished": tokens is not None,
        "finish_reason": "stop" if tokens else "",
        "usage": tokens
        and {
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
            "total_tokens": sum(tokens),
        },
        "index": 0,
    }

"""Messages -> a draft, streamed. The only importer of litellm, when the first Drafter is made.

`local/…` models run in this process, registered with litellm as a provider like any other.
"""

import asyncio
import logging
import math
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from service.errors import ModelUnavailable, last_line
from service.failures import empty_reply, name_failure, refused_request, timed_out, unknown
from service.prompt import Message
from service.settings import LOCAL, Settings

if TYPE_CHECKING:
    from litellm import CustomLLM, CustomStreamWrapper
    from litellm.types.utils import GenericStreamingChunk, ModelResponseStream

MAX_TOKENS = 220
"""Of a draft: a long list answer needs some 150."""

FIRST_PAUSE = 0.5
"""Seconds before the second try of a provider that fails; each further pause is twice as long."""

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
        if self._provider() in {"openai", *litellm.openai_compatible_providers}:
            # its client would at the first question, for a fifth of a second in which all wait
            import_module("openai.resources.chat.completions")

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
        """One try of `stream`, up to the chunk that counts its tokens.

        litellm gives that last and by itself. To ask for what follows would have it put the reply
        together once more, for its own log: a millisecond.
        """
        usage, empty = Usage(), True
        try:
            async with aclosing(await self._open(messages, max_tokens, deadline)) as chunks:
                while (chunk := await self._next(chunks, deadline)) is not None:
                    counted = self._usage(chunk)
                    usage = counted or usage
                    piece = chunk.choices[0].delta.content if chunk.choices else None
                    if piece:
                        empty = empty and piece.isspace()
                        yield piece
                    elif counted:
                        break
        except TimeoutError as error:
            raise timed_out(self.model, self._timeout) from error
        except self._failures as error:
            raise name_failure(self.model, error, missing_keys=self._missing_keys) from error
        if empty:
            raise empty_reply(self.model)
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
            raise refused_request(self.model, 422)
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

    def _provider(self) -> str:
        """Who runs the model; raises ModelUnknown."""
        try:
            _, provider, _, _ = self._litellm.get_llm_provider(
                self.model, api_base=self._options.get("api_base")
            )
        except self._litellm.BadRequestError as error:
            raise unknown(self.model) from error
        return provider

    def _missing_keys(self) -> list[str]:
        """The provider's own variables that hold its key, where no key is set at all."""
        if "api_key" in self._options:
            return []
        missing: list[str] = self._litellm.validate_environment(self.model)["missing_keys"]
        return [name for name in missing if name.endswith("_API_KEY")]


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

"""Messages -> a reply, from a model in this process.

One reply is written at a time; the others wait in order, and the part of the prompt that all
questions share stays in the engine's cache.
"""

import asyncio
import ctypes
import logging
import threading
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from weakref import WeakKeyDictionary

import openvino_genai

from service.conversion import unreadable
from service.prompt import Message

log = logging.getLogger("dateline.local_model")

CACHE_BLOCKS = 128
"""Of 32 tokens each in the engine's cache of prompts: room for the longest prompt and its reply,
and for the part that all prompts share."""

LOOKUP_TOKENS = 5
LOOKUP_NGRAM = 3
"""Prompt lookup: after three tokens that stand in the prompt, the next five are tried at once.
Answers copy their evidence, so it halves the time of writing them."""

_END: None = None
_MADV_DONTNEED = 4


class LocalModel:
    """A loaded model; replies are written one after the other, in the order of the questions."""

    def __init__(self, converted: Path, *, threads: int) -> None:
        """Load the folder that `convert` made; raises ModelUnavailable when it cannot be read."""
        scheduler = openvino_genai.SchedulerConfig()
        scheduler.enable_prefix_caching = True
        scheduler.num_kv_blocks = CACHE_BLOCKS
        try:
            self._pipeline = openvino_genai.LLMPipeline(
                str(converted),
                "CPU",
                scheduler_config=scheduler,
                prompt_lookup=True,
                INFERENCE_NUM_THREADS=threads,
                ENABLE_CPU_PINNING=False,
                PERFORMANCE_HINT="LATENCY",
            )
        except RuntimeError as error:
            raise unreadable(converted, error) from error
        self._file = converted / "openvino_model.bin"
        self._end = self._pipeline.get_tokenizer().get_eos_token_id()
        self._turns = WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock]()
        self._engine = threading.Lock()

    def warm(self, messages: list[Message]) -> None:
        """Read `messages`, which begin as all prompts do, so that the first question is as fast."""
        self._write(messages, 1, lambda _: openvino_genai.StreamingStatus.RUNNING)
        _release_file(self._file)

    async def stream(
        self, messages: list[Message], *, max_tokens: int
    ) -> AsyncGenerator[str | tuple[int, int]]:
        """The reply, piece by piece, then the tokens of the prompt and of the reply.

        Closing the iterator, or cancelling the task, ends the wait for the model at once; the model
        stops within a token, and only then is it the next one's turn.
        """
        loop = asyncio.get_running_loop()
        turn = self._turns.setdefault(loop, asyncio.Lock())  # a lock is of one loop
        await turn.acquire()
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        left = threading.Event()

        def hand_over(piece: str) -> openvino_genai.StreamingStatus:
            if left.is_set():
                return openvino_genai.StreamingStatus.CANCEL
            loop.call_soon_threadsafe(pieces.put_nowait, piece)
            return openvino_genai.StreamingStatus.RUNNING

        def end(written: asyncio.Task[tuple[int, int]]) -> None:
            turn.release()
            pieces.put_nowait(_END)
            if left.is_set() and not written.cancelled() and (error := written.exception()):
                log.warning("The embedded model failed at a reply that nobody awaits: %r.", error)

        writing = asyncio.create_task(
            asyncio.to_thread(self._write, messages, max_tokens, hand_over)
        )
        writing.add_done_callback(end)
        try:
            while (piece := await pieces.get()) is not _END:
                yield piece
            tokens = await writing
        finally:
            left.set()
        yield tokens

    def _write(
        self,
        messages: list[Message],
        max_tokens: int,
        hand_over: Callable[[str], openvino_genai.StreamingStatus],
    ) -> tuple[int, int]:
        """Write a reply; the tokens of the prompt and of the reply."""
        history = openvino_genai.ChatHistory()
        for message in messages:
            history.append(message)
        config = openvino_genai.GenerationConfig()
        config.max_new_tokens = max_tokens
        config.apply_chat_template = True
        config.set_eos_token_id(self._end)
        config.num_assistant_tokens = LOOKUP_TOKENS
        config.max_ngram_size = LOOKUP_NGRAM
        with self._engine:
            counted = self._pipeline.generate(history, config, hand_over).perf_metrics
        return counted.get_num_input_tokens(), counted.get_num_generated_tokens()


def _release_file(path: Path) -> None:
    """Give back the memory of a file that is mapped but no longer read.

    The engine packs the weights anew at its first reply and keeps the file mapped beside them, 1.1
    GB; the system would take the pages back at need, but counts them as ours until then.
    """
    maps = Path("/proc/self/maps")
    if not maps.is_file():
        return
    for line in maps.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.endswith(str(path.resolve())):
            start, end = (int(address, 16) for address in line.split()[0].split("-"))
            ctypes.CDLL(None).madvise(
                ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_DONTNEED
            )

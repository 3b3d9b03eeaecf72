"""A stand-in for a model's provider on loopback: it quotes the best evidence after a fixed time.

It speaks as much of OpenAI's protocol as the service needs, in the event loop of who asks.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_FIRST = re.compile(r"\[1\] (.+)")

NOT_FOUND = "NOT FOUND"
"""What it says of a prompt without numbered sentences."""


class StubProvider:
    """Answers every request with the first numbered sentence of its prompt, `seconds` later."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.asked = 0
        """Requests so far."""
        self.spent: list[float] = []
        """Seconds from each request, read, to its reply, sent: a little more than was asked for."""
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen meanwhile."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        try:
            yield
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection; a client that leaves ends it."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                body = await reader.readexactly(int(length.group(1)) if length else 0)
                self.asked += 1
                began = time.perf_counter()
                await asyncio.sleep(self.seconds)
                writer.write(_reply(json.loads(body)))
                await writer.drain()
                self.spent.append(time.perf_counter() - began)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()  # the client has left, or the run is over


def _reply(request: dict[str, object]) -> bytes:
    """The whole reply, sent at once, streamed or not: the time is the model's, no network's."""
    messages = request["messages"]
    prompt = messages[-1]["content"] if isinstance(messages, list) else ""
    found = _FIRST.search(prompt)
    said = f"{found.group(1)} [1]" if found else NOT_FOUND
    usage = {"prompt_tokens": 900, "completion_tokens": 30, "total_tokens": 930}
    head: dict[str, object] = {"id": "stub", "created": 1, "model": "stub"}
    if not request.get("stream"):
        message = {"role": "assistant", "content": said}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        whole = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
        return _http("application/json", json.dumps(whole))
    chunks: list[dict[str, object]] = [
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": said}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": usage},
    ]
    head["object"] = "chat.completion.chunk"
    events = "".join(f"data: {json.dumps({**head, **chunk})}\n\n" for chunk in chunks)
    return _http("text/event-stream", f"{events}data: [DONE]\n\n")


def _http(kind: str, text: str) -> bytes:
    content = text.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content

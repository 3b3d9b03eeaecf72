"""A language model's provider on loopback: real HTTP, with every fault that a script can have."""

import json
import select
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROMPT_TOKENS = 11
"""What every streamed reply says that its prompt had."""


class Connection(BaseHTTPRequestHandler):
    """One request to a Provider, and what a script may do with it."""

    protocol_version = "HTTP/1.1"
    provider: "Provider"
    body: dict[str, Any]

    def do_POST(self) -> None:
        self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.close_connection = True
        self.provider.requests.append(self.body)
        self.provider.script(self)

    def log_message(self, *_: Any) -> None:
        """Nothing on stderr."""

    def begin(self, status: int, content_type: str, **headers: str) -> None:
        """Send the head of a reply."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def write_chunk(self, text: str) -> None:
        """One piece of a reply in HTTP's chunked form; an empty one ends it."""
        content = text.encode()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))
        self.wfile.flush()

    def hang(self) -> None:
        """Say nothing more until the client leaves or the provider stops."""
        while not self.provider.stopped.is_set():
            if select.select([self.connection], [], [], 0.02)[0] and not self.connection.recv(1):
                self.provider.left.set()
                return


Script = Callable[[Connection], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that left: that is what many a script is about."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Provider:
    """An OpenAI-compatible server that does what its script says with every request."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[dict[str, Any]] = []
        """The bodies of the requests so far."""
        self.left = threading.Event()
        """Set once a client has closed its connection to a script that hangs."""
        self.stopped = threading.Event()
        bound = type("BoundConnection", (Connection,), {"provider": self})
        self._server = _Server(("127.0.0.1", 0), bound)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def serve(self) -> None:
        """Take requests until `stop`."""
        self._server.serve_forever(poll_interval=0.02)

    def stop(self) -> None:
        """End the scripts that hang, and listen no more."""
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def provide(script: Script) -> Iterator[Provider]:
    """A running provider."""
    provider = Provider(script)
    threading.Thread(target=provider.serve, daemon=True).start()
    try:
        yield provider
    finally:
        provider.stop()


def unused_url() -> str:
    """An address on loopback where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


def event(text: str | None = None, *, finish: str | None = None, **more: Any) -> str:
    """A server-sent event with one chunk of a chat completion."""
    delta = {} if text is None else {"role": "assistant", "content": text}
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "fake",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return f"data: {json.dumps({**chunk, **more})}\n\n"


def streams(*events: str) -> Script:
    """A streamed reply of these events, and its end."""

    def script(connection: Connection) -> None:
        connection.begin(200, "text/event-stream", Transfer_Encoding="chunked")
        for sent in (*events, "data: [DONE]\n\n"):
            connection.write_chunk(sent)
        connection.write_chunk("")

    return script


def speaks(*pieces: str) -> Script:
    """A whole reply of these pieces, with its usage, as OpenAI sends it."""
    usage = {
        "prompt_tokens": PROMPT_TOKENS,
        "completion_tokens": len(pieces),
        "total_tokens": PROMPT_TOKENS + len(pieces),
    }
    return streams(*map(event, pieces), event(finish="stop"), event(choices=[], usage=usage))


def sends(content_type: str, body: str, *, status: int = 200, **headers: str) -> Script:
    """One fixed reply."""

    def script(connection: Connection) -> None:
        content = body.encode()
        connection.begin(status, content_type, Content_Length=str(len(content)), **headers)
        connection.wfile.write(content)

    return script


def refuses(status: int, **headers: str) -> Script:
    """An error as OpenAI words it."""
    error = {"message": "No, says the provider", "type": "error", "code": str(status)}
    return sends("application/json", json.dumps({"error": error}), status=status, **headers)


def hangs(connection: Connection) -> None:
    """Takes the request and never answers."""
    connection.hang()


def hangs_after(*pieces: str) -> Script:
    """Begins a reply and then says nothing more."""

    def script(connection: Connection) -> None:
        connection.begin(200, "text/event-stream", Transfer_Encoding="chunked")
        for piece in pieces:
            connection.write_chunk(event(piece))
        connection.hang()

    return script


def breaks_off_after(*pieces: str) -> Script:
    """Begins a reply and closes the connection in the middle of it."""

    def script(connection: Connection) -> None:
        connection.begin(200, "text/event-stream", Transfer_Encoding="chunked")
        for piece in pieces:
            connection.write_chunk(event(piece))

    return script

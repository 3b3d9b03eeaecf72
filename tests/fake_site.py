"""A site on this machine that answers as a test says, and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Reply:
    """What the site sends for one path."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: Callable[[], Iterator[bytes]] | None = None  # pieces sent after the body


@dataclass
class Site:
    """The replies by path, several in turn, and the requests that came."""

    address: str
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    requests: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def put(self, path: str, *replies: Reply | str) -> str:
        """Answer a path with these in turn, the last of them for ever; gives the address."""
        self.replies[path] = [
            reply if isinstance(reply, Reply) else html(reply) for reply in replies
        ]
        return self.address + path

    @property
    def paths(self) -> list[str]:
        """The paths asked for, without robots.txt."""
        return [path for path, _ in self.requests if path != "/robots.txt"]


def html(body: str, **headers: str) -> Reply:
    """A web page."""
    return Reply(
        body.encode(),
        headers={"Content-Type": "text/html; charset=utf-8"}
        | {name.replace("_", "-"): value for name, value in headers.items()},
    )


@contextmanager
def running_site() -> Iterator[Site]:
    """A site on a free port of this machine, until the block ends."""
    site = Site("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append((self.path, dict(self.headers)))
            waiting = site.replies.get(self.path, [Reply(status=404)])
            reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            tag = reply.headers.get("ETag")
            if tag and self.headers.get("If-None-Match") == tag:
                reply = Reply(status=304)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.drip is None:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            try:
                self.wfile.write(reply.body)
                for piece in reply.drip() if reply.drip else ():
                    self.wfile.write(piece)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    site.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""An address -> what its server sends, politely, within limits, and from public hosts only."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx
from protego import Protego

from index.errors import ArticleRefused
from index.guard import GuardedBackend
from index.responses import FIRST_ERROR, REDIRECTS, Response, read_response
from index.seen import Mark, Seen

NAME = "Dateline"
USER_AGENT = f"{NAME}/0.1 (reads news articles into an index of its user's own)"
PORTS = frozenset({80, 443, 8000, 8080, 8443})
LOCKED = frozenset({401, 402, 403, 407, 451})
BUSY = frozenset({429, 503})
GONE = frozenset({404, 410})
NOT_MODIFIED = 304
FIRST_SERVER_ERROR = 500
MOST_REDIRECTS = 8
MOST_TRIES = 3  # where a server says that it is busy
LONGEST_WAIT = 60.0  # seconds; who asks for more is refused until then
LONGEST_CRAWL_DELAY = 30.0
OPERATION_TIMEOUT = 15.0  # seconds until a silent server is given up
LARGEST_ROBOTS = 512 * 1024


@dataclass(frozen=True)
class Fetched:
    """What came from an address: the last address after redirects, the bytes, and their type."""

    url: str
    content: bytes
    content_type: str
    charset: str | None
    mark: Mark


class Fetcher(AbstractContextManager["Fetcher", None]):
    """Reads addresses one at a time, `delay` seconds apart on one host, as robots.txt allows.

    An address may take `timeout` seconds without its waits, and hold `largest` bytes when unpacked.
    Private addresses are refused unless `allow_private`; those also get any port. `seen` lets a
    server say that nothing has changed.
    """

    def __init__(
        self,
        seen: Seen | None = None,
        *,
        allow_private: bool = False,
        delay: float = 1.0,
        timeout: float = 30.0,
        largest: int = 32 * 2**20,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._owns_seen = seen is None
        self.seen = seen or Seen()
        self._allow_private = allow_private
        self._delay = delay
        self._timeout = timeout
        self._largest = largest
        self._sleep = sleep
        self._robots: dict[str, Protego | None] = {}
        self._last: dict[str, float] = {}
        self._guard = GuardedBackend(allow_private=allow_private)
        transport = httpx.HTTPTransport(trust_env=False)
        # httpx has no argument for it: the pool that connects through the guard.
        transport._pool = httpcore.ConnectionPool(  # noqa: SLF001
            ssl_context=httpx.create_ssl_context(trust_env=False), network_backend=self._guard
        )
        self._client = httpx.Client(
            transport=transport,
            timeout=OPERATION_TIMEOUT,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
            trust_env=False,  # a proxy would connect for us, past the guard
        )

    def __exit__(self, *_error: object) -> None:
        """Close the connections; a `seen` that was given stays the caller's."""
        self._client.close()
        if self._owns_seen:
            self.seen.close()

    def fetch(self, url: str) -> Fetched | None:
        """What the address holds; None where it has not changed since it was seen.

        Raises ArticleRefused with one sentence on what stood in the way.
        """
        self._guard.deadline = time.monotonic() + self._timeout
        visited = [url]
        while True:
            here = visited[-1]
            self._check_robots(here)
            sent = self._get(here, known=self.seen.find(here), largest=self._largest)
            if sent.status == NOT_MODIFIED:
                return None
            if sent.status not in REDIRECTS:
                _check_status(url, sent.status)
                return Fetched(here, sent.content, sent.content_type, sent.charset, sent.mark)
            following = _next(here, sent.location)
            if following in visited or len(visited) > MOST_REDIRECTS:
                raise ArticleRefused(
                    f"{url} redirects in a loop, {len(visited)} times: give the page's own address."
                )
            visited.append(following)

    def _get(self, url: str, *, known: Mark, largest: int) -> Response:
        """One request, asked again within bounds where the server is busy."""
        headers = {
            name: value
            for name, value in (
                ("If-None-Match", known.etag),
                ("If-Modified-Since", known.last_modified),
            )
            if value
        }
        self._check_address(url)
        for last in [False] * (MOST_TRIES - 1) + [True]:
            self._take_turn(url)
            sent = self._send(url, headers=headers, largest=largest)
            if sent.status not in BUSY:
                break
            if last or sent.wait > LONGEST_WAIT:
                raise ArticleRefused(
                    f"{url} is busy ({sent.status}): try again in {sent.wait:.0f} seconds."
                )
            self._pause(sent.wait)
        return sent

    def _send(self, url: str, *, headers: dict[str, str], largest: int) -> Response:
        try:
            with self._client.stream("GET", url, headers=headers) as response:
                return read_response(response, url=url, largest=largest)
        except httpx.TimeoutException:
            raise ArticleRefused(
                f"{url} took longer than {self._timeout:g} seconds: try again later."
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            reason = " ".join(str(error).split())[:120] or type(error).__name__
            raise ArticleRefused(
                f"{url} cannot be reached ({reason}): check the address, or try again later."
            ) from None

    def _check_address(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise ArticleRefused(f"{url} is no address: correct it.") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ArticleRefused(f"{url} is no address of the web: give one of http or https.")
        if parts.username is not None:
            raise ArticleRefused(f"{parts.hostname} is given with a user's name: leave that out.")
        if port not in PORTS and not self._allow_private:
            raise ArticleRefused(f"{url} is at port {port}, where no news stands: correct it.")

    def _check_robots(self, url: str) -> None:
        """Raises ArticleRefused where the host's robots.txt forbids the address."""
        self._check_address(url)
        origin = _origin(url)
        if origin not in self._robots:
            self._robots[origin] = self._read_robots(origin)
        robots = self._robots[origin]
        if robots is not None and not robots.can_fetch(url, NAME):
            raise ArticleRefused(
                f"{url} may not be read by programs, says its robots.txt: save the page as a file "
                "and give that."
            )

    def _read_robots(self, origin: str) -> Protego | None:
        """The rules of a host; None where it has none."""
        address = f"{origin}/robots.txt"
        for _ in range(MOST_REDIRECTS):
            sent = self._get(address, known=Mark(), largest=LARGEST_ROBOTS)
            if sent.status not in REDIRECTS:
                break
            address = _next(address, sent.location)
        if sent.status >= FIRST_SERVER_ERROR:
            raise ArticleRefused(
                f"{origin} does not say what may be read ({sent.status} for its robots.txt): "
                "try again later."
            )
        if sent.status >= FIRST_ERROR or sent.status in REDIRECTS:
            return None
        return Protego.parse(sent.content.decode(errors="replace"))

    def _take_turn(self, url: str) -> None:
        """Wait until the host may be asked again."""
        origin = _origin(url)
        robots = self._robots.get(origin)
        asked = robots.crawl_delay(NAME) if robots is not None else None
        delay = max(self._delay, min(asked or 0.0, LONGEST_CRAWL_DELAY))
        left = self._last.get(origin, float("-inf")) + delay - time.monotonic()
        if left > 0:
            self._pause(left)
        self._last[origin] = time.monotonic()

    def _pause(self, seconds: float) -> None:
        started = time.monotonic()
        self._sleep(seconds)
        self._guard.deadline += time.monotonic() - started


def _check_status(url: str, status: int) -> None:
    if status in LOCKED:
        raise ArticleRefused(
            f"{url} is behind a login or a paywall ({status}): save the page as a file where you "
            "can read it."
        )
    if status in GONE:
        raise ArticleRefused(f"{url} is not there ({status}): check the address.")
    if status >= FIRST_ERROR:
        raise ArticleRefused(f"{url} answers with an error ({status}): try again later.")


def _next(here: str, location: str) -> str:
    try:
        return urljoin(here, location)
    except ValueError:
        raise ArticleRefused(
            f"{here} leads to what is no address: give the page's own address."
        ) from None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

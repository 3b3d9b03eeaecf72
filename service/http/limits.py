"""What one request, key or address may take: bytes, seconds, requests, questions at once."""

import asyncio
import ipaddress
import time
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.types import Message, Receive

from service.http.errors import SOON, Refused

MAX_BODY = 1_000_000
"""Bytes of a request."""

BODY_SECONDS = 20.0
"""In which a request's body has to arrive."""

SEND_SECONDS = 20.0
"""In which a client has to take each event of a stream."""

EXTRA_SECONDS = 15.0
"""What a question may take beside its model's time."""


def limit_body(receive: Receive) -> Receive:
    """`receive` that raises Refused for a body over MAX_BODY, or one that is BODY_SECONDS late."""
    taken = 0
    whole = False
    deadline = asyncio.get_running_loop().time() + BODY_SECONDS

    async def limited() -> Message:
        nonlocal taken, whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError as error:
            raise Refused(
                408, "too_slow", f"The request was not whole after {BODY_SECONDS:.0f} s; try again."
            ) from error
        taken += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if taken > MAX_BODY:
            raise Refused(
                413,
                "too_large",
                "The request is over 1 MB; leave out the oldest turns of the history.",
            )
        return message

    return limited


class Rates:
    """How often a key or an address may call."""

    def __init__(self, *, key: RateLimitItem | None, address: RateLimitItem | None) -> None:
        self._key = key
        self._address = address
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def count(self, *, key: str | None, address: str) -> None:
        """Count a request of the key with this name, else of the address; raises Refused."""
        limit, who = (self._key, key) if key else (self._address, _network(address))
        if limit is None or await self._limiter.hit(limit, "key" if key else "address", who or ""):
            return
        stats = await self._limiter.get_window_stats(limit, "key" if key else "address", who or "")
        wait = max(1, round(stats.reset_time - time.time()))
        raise Refused(
            429,
            "too_many_requests",
            f"More than {limit.amount} requests in {limit.get_expiry()} s; wait {wait} s.",
            {"Retry-After": str(wait)},
        )


class Room:
    """A bounded number of questions that are answered, or wait for the model."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.taken = 0

    def check(self) -> None:
        """Raises Refused where all places are taken."""
        if self.taken >= self.places:
            raise Refused(
                503,
                "busy",
                f"{self.taken} questions are being answered; ask again in a few seconds.",
                SOON,
            )

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for one question; raises Refused where all are taken."""
        self.check()
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


def _network(address: str) -> str:
    """The address, or for IPv6 its /64, of which one subscriber has many addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address

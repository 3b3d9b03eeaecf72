"""A host's name -> a connection to a public address only, and all of it before a deadline.

The name is resolved here, each address is checked, and the connection goes to that very address: a
name that points elsewhere a moment later gains nothing. The rest is httpcore's.
"""

import ipaddress
import socket
import time
from collections.abc import Iterable

import httpcore

from index.errors import ArticleRefused

NAT64 = ipaddress.ip_network("64:ff9b::/96")  # holds an IPv4 address in its last 32 bits
METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})  # a cloud's own, on a public address

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: Address) -> bool:
    """Whether an address, and the IPv4 address that it may hold, is one of the open internet."""
    return all(
        inner.is_global and not inner.is_multicast and inner not in METADATA
        for inner in (address, *_inside(address))
    )


def is_own(address: Address) -> bool:
    """Whether an address is this machine's or its private network's; never a link-local one."""
    address = next(iter(_inside(address)), address)
    return address.is_loopback or (
        address.is_private
        and not address.is_link_local
        and not address.is_unspecified
        and not address.is_reserved
    )


def _inside(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 address stands for: mapped, tunnelled or translated."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inside: list[Address] = [
        inner for inner in (address.ipv4_mapped, address.sixtofour) if inner is not None
    ]
    inside += list(address.teredo or ())
    if address in NAT64:
        inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return inside


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to public addresses only; `allow_private` adds those of the own machine and network.

    Everything has to be done before `deadline`, in seconds of `time.monotonic`.
    """

    def __init__(self, *, allow_private: bool = False) -> None:
        self._allow_private = allow_private
        self._connect = httpcore.SyncBackend()
        self.deadline = float("inf")

    def left(self, timeout: float | None) -> float:
        """The seconds that an operation may take; raises httpcore.ReadTimeout at the deadline."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the whole time is used up")
        return seconds if timeout is None else min(seconds, timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the host's addresses, all of which have to be allowed."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._addresses(host, port):
            try:
                stream = self._connect.connect_tcp(
                    str(address), port, self.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self)
        raise failure

    def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} is not known") from error
        addresses = [ipaddress.ip_address(str(entry[4][0]).split("%", 1)[0]) for entry in found]
        for address in addresses:
            if not (is_public(address) or (self._allow_private and is_own(address))):
                raise ArticleRefused(
                    f"{host} is at {address}, which is no public address: "
                    "save the page as a file and give that."
                )
        return list(dict.fromkeys(addresses))


class _TimedStream(httpcore.NetworkStream):
    """A connection of which every operation ends at the backend's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, backend: GuardedBackend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._backend.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._backend.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: object, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(
            ssl_context,  # type: ignore[arg-type]
            server_hostname,
            self._backend.left(timeout),
        )
        return _TimedStream(stream, self._backend)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)

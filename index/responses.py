"""A server's response -> its status, headers and bytes, unpacked and never more than a limit."""

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

import httpx

from index.errors import ArticleRefused
from index.seen import Mark

REDIRECTS = frozenset({301, 302, 303, 307, 308})
FIRST_ERROR = 400
USUAL_WAIT = 5.0  # seconds, where a busy server does not say how long
CHUNK = 64 * 1024
ANY_ZLIB = zlib.MAX_WBITS | 32  # gzip or zlib, by its header
PLAIN = ("", "identity")
PACKED = ("gzip", "x-gzip", "deflate")


@dataclass(frozen=True)
class Response:
    """One answer of a server."""

    status: int
    content: bytes
    content_type: str
    charset: str | None
    location: str
    mark: Mark
    wait: float


def read_response(response: httpx.Response, *, url: str, largest: int) -> Response:
    """The response with its body, where it is no error or redirect; raises ArticleRefused."""
    headers = response.headers
    content_type = Message()
    content_type["Content-Type"] = headers.get("Content-Type", "application/octet-stream")
    is_wanted = response.status_code < FIRST_ERROR and response.status_code not in REDIRECTS
    return Response(
        status=response.status_code,
        content=_body(response, url=url, largest=largest) if is_wanted else b"",
        content_type=content_type.get_content_type(),
        charset=content_type.get_content_charset(),
        location=headers.get("Location", ""),
        mark=Mark(headers.get("ETag"), headers.get("Last-Modified")),
        wait=_seconds(headers.get("Retry-After")),
    )


def unpacked(data: bytes, *, largest: int) -> bytes:
    """The bytes of a gzip file; raises ValueError where it is broken or unpacks to too much."""
    decoder = zlib.decompressobj(ANY_ZLIB)
    try:
        content = decoder.decompress(data, largest + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(content) > largest:
        raise ValueError(f"more than {largest} bytes")
    return content


def _body(response: httpx.Response, *, url: str, largest: int) -> bytes:
    """The unpacked body, read piece by piece and never further than the limit."""
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding not in (*PLAIN, *PACKED):
        raise ArticleRefused(
            f"{url} is sent as {encoding}, which was not asked for: save the page as a file."
        )
    too_large = ArticleRefused(
        f"{url} is larger than {largest // 2**20 or 1} MB: save what is needed as a file."
    )
    declared = response.headers.get("Content-Length", "")
    if declared.isdigit() and int(declared) > largest:
        raise too_large
    decoder = zlib.decompressobj(ANY_ZLIB) if encoding in PACKED else None
    body = bytearray()
    for chunk in response.iter_raw(CHUNK):
        try:
            body += decoder.decompress(chunk, largest + 1 - len(body)) if decoder else chunk
        except zlib.error:
            raise ArticleRefused(f"{url} is packed in a way that is broken: try again.") from None
        if len(body) > largest:
            raise too_large
    return bytes(body)


def _seconds(retry_after: str | None) -> float:
    """The seconds of a Retry-After, which is a number or a date."""
    if not retry_after:
        return USUAL_WAIT
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return USUAL_WAIT
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())

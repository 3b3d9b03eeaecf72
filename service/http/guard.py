"""Every request passes here first: its host, id, key and limits; then headers, log and metrics.

One ASGI layer around the whole application, so that nothing that is mounted later goes past it.
"""

import logging
import re
import time
import uuid
from collections.abc import Sequence
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from index.errors import DatelineError
from service.http.desk import Desk
from service.http.errors import Refused, crash, failure, refuse
from service.http.limits import limit_body
from service.keys import NOBODY, Caller

log = logging.getLogger("dateline.http")

OPEN_PATHS = frozenset(
    {
        "/",
        "/health",
        "/ready",
        "/openapi.json",
        "/slack/events",
        "/slack/install",
        "/slack/oauth_redirect",
    }
)
"""What is served without a key: the page, whether it runs, and what proves its sender itself."""

OPEN_FOLDER = "/page/"
"""The page's own files: served to everybody, and not counted."""

UNLIMITED_PATHS = frozenset({"/health", "/ready", "/slack/events"})
"""What an orchestrator asks all the time, and what all workspaces send from a few addresses."""

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""Sent with every reply that does not set them itself."""

ANY_HOST = ("*",)
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
"""Names of this machine that nobody else's page can have."""

METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS"})

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def describe_keys(described: dict[str, Any]) -> None:
    """Have the OpenAPI description say which paths take a key."""
    described.setdefault("components", {})["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "Where keys are in use"}
    }
    for path, operations in described["paths"].items():
        if path not in OPEN_PATHS:
            for operation in operations.values():
                operation["security"] = [{"key": []}]


class Guard:
    """Lets a request through to `app`, or refuses it."""

    def __init__(self, app: ASGIApp, desk: Desk, hosts: Sequence[str]) -> None:
        """`hosts` are the names that it may be called by, with * for any part of one."""
        self._app = app
        self._desk = desk
        self._hosts = [host.lower() for host in hosts]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        with bound_contextvars(request_id=request_id):
            await self._pass(scope, receive, send, request_id)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers["X-Request-ID"] = request_id
            await send(message)

        caller = None
        try:
            caller = await self._admit(scope)
            scope.setdefault("state", {})["caller"] = caller
            await self._app(scope, limit_body(receive), send_with_headers)
        except Refused as error:
            await refuse(error)(scope, receive, send_with_headers)
        except DatelineError as error:
            await failure(error)(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001  the edge: whatever it is, it is told and logged
            reply = crash(error)
            if not status:
                await reply(scope, receive, send_with_headers)
        finally:
            self._note(scope, status, time.perf_counter() - started, caller)

    async def _admit(self, scope: Scope) -> Caller:
        """Who calls; raises Refused and KeysWrong."""
        path = scope["path"]
        address = scope["client"][0] if scope["client"] else ""
        if path in UNLIMITED_PATHS:
            return NOBODY
        self._check_host(scope)
        if path.startswith(OPEN_FOLDER):
            return NOBODY
        caller = self._find_caller(scope)
        await self._desk.rates.count(key=caller.name if caller else None, address=address)
        if caller:
            return caller
        if path in OPEN_PATHS or scope["method"] == "OPTIONS":
            return NOBODY
        raise Refused(
            HTTPStatus.UNAUTHORIZED,
            "key_needed",
            "A key is needed: send it as Authorization: Bearer KEY.",
            {"WWW-Authenticate": "Bearer"},
        )

    def _check_host(self, scope: Scope) -> None:
        """Raise Refused for a name that is not the service's.

        A page of another site, whose name leads to this machine for a moment, calls it so (DNS
        rebinding); the browser takes both for one site and lets the page read what is answered.
        """
        try:
            name = urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname or ""
        except ValueError:
            name = ""
        if not any(fnmatchcase(name, host) for host in self._hosts):
            raise Refused(
                HTTPStatus.MISDIRECTED_REQUEST,
                "unknown_host",
                "The service is not called by this name; its operator can add it to "
                "DATELINE_HOSTS.",
            )

    def _find_caller(self, scope: Scope) -> Caller | None:
        """NOBODY where no keys are in use, None without a known key."""
        if not self._desk.keys.in_use:
            return NOBODY
        scheme, _, key = Headers(scope=scope).get("authorization", "").partition(" ")
        return self._desk.keys.find(key.strip()) if scheme.lower() == "bearer" else None

    def _note(self, scope: Scope, status: int, seconds: float, caller: Caller | None) -> None:
        """One line of the log, without the query: it may hold a question."""
        route = getattr(scope.get("route"), "path", "") or "other"
        metrics = self._desk.metrics
        method = scope["method"] if scope["method"] in METHODS else "other"
        metrics.requests.labels(route, method, str(status)).inc()
        metrics.request_seconds.labels(route).observe(seconds)
        if scope["path"] not in UNLIMITED_PATHS:
            log.info(
                "request",
                extra={
                    "method": scope["method"],
                    "path": scope["path"][:200],
                    "status": status,
                    "ms": round(1000 * seconds, 1),
                    "key": caller.name if caller else None,
                },
            )

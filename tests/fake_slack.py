"""A server on loopback that plays Slack: its Web API, a websocket for Socket Mode, addresses for
replies to commands. It refuses what Slack refuses and keeps all that it was told."""

import asyncio
import itertools
import json
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import WSMsgType, web
from slack_deliveries import ANN, BEN, BOT, DIRECT, GENERAL, TEAM, Json
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_shown import count, decode, show_block


@dataclass
class Call:
    """One call of the Web API, and what came of it."""

    method: str
    payload: Json
    token: str
    answered: Json = field(default_factory=dict)


@dataclass
class Said:
    """A message as it stands."""

    ts: str
    channel: str
    thread: str | None
    user: str
    text: str = ""
    streamed: str = ""
    blocks: list[Json] = field(default_factory=list)
    streaming: bool = False
    for_whom: str | None = None

    @property
    def shown(self) -> str:
        """All of its words, as a reader sees them, parts on lines of their own."""
        parts = [decode(self.streamed), *map(show_block, self.blocks)]
        return "\n".join(part for part in parts if part) or decode(self.text)


class Refused(Exception):
    """An error of the API."""


class FakeSlack:
    """The server's state; every method may be called from another thread than the server's."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[Call] = []
        self.said: list[Said] = []
        self.sessions: dict[tuple[str, str], str] = {}
        self.prompts: list[Json] = []
        self.views: list[Json] = []
        self.wrong: list[str] = []
        """Payloads that break a limit of Slack's, which nothing that we send may do."""
        self.faults: dict[int, str] = {}
        """By the number of the call, from 0: 429 (and the seconds to wait), expire, fail, drop, lost, hang, kill or killed, or
        the error that the API answers."""
        self.fault: Callable[[Call], str | None] = lambda _: None
        self.members = {GENERAL, "C2", DIRECT, ANN, BEN}
        self.pid: int | None = None
        self.acks: dict[str, Json] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        self._sockets: list[web.WebSocketResponse] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def respond(self) -> str:
        """The address for replies to a command or a button."""
        return self.url.replace("/api/", "/respond")

    def next_ts(self) -> str:
        """A new message's time."""
        return f"1700000000.{next(self._numbers):06d}"

    def ask(
        self, text: str, *, user: str = ANN, channel: str = GENERAL, thread: str | None = None
    ) -> str:
        """A person's message; its ts."""
        ts = self.next_ts()
        with self._lock:
            self.said.append(Said(ts, channel, thread, user, text))
        return ts

    def replies(self, channel: str, thread: str) -> list[Said]:
        """The bot's messages in a thread."""
        with self._lock:
            return [
                one
                for one in self.said
                if (one.channel, one.thread, one.user) == (channel, thread, BOT)
                and not one.for_whom
            ]

    def methods(self) -> list[str]:
        """The names of the calls so far."""
        return [call.method for call in list(self.calls)]

    def wait(self, until: Callable[[], object], seconds: float = 10.0) -> None:
        """Wait until something holds."""
        ended = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < ended, (
                f"waited in vain; calls: {self.methods()}, wrong: {self.wrong}"
            )
            time.sleep(0.01)

    def push(self, kind: str, payload: Json) -> str:
        """Send an envelope over Socket Mode; its id."""
        envelope = f"e{next(self._numbers)}"
        message = {
            "type": kind,
            "envelope_id": envelope,
            "payload": payload,
            "accepts_response_payload": False,
        }
        assert self._loop
        asyncio.run_coroutine_threadsafe(
            self._sockets[-1].send_str(json.dumps(message)), self._loop
        ).result(5)
        return envelope

    def end_connection(self, *, told: bool) -> None:
        """End the last websocket, as Slack does every few hours; `told` before, or all at once."""
        socket = self._sockets.pop()
        farewell = json.dumps({"type": "disconnect", "reason": "refresh_requested"})
        assert self._loop
        asyncio.run_coroutine_threadsafe(
            socket.send_str(farewell) if told else socket.close(), self._loop
        ).result(5)

    @property
    def connected(self) -> bool:
        return bool(self._sockets)

    # the server

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.path.rpartition("/")[2]
        if request.content_type == "application/json":
            payload = await request.json()
        else:
            payload = dict(parse_qsl(await request.text())) | dict(request.query)
        call = Call(
            method, payload, request.headers.get("Authorization", "").removeprefix("Bearer ")
        )
        with self._lock:
            number = len(self.calls)
            self.calls.append(call)
            fault = self.faults.get(number) or self.fault(call)
        if fault and fault.startswith("429"):
            call.answered = {"ok": False, "error": "ratelimited"}
            wait = {"Retry-After": fault.partition(" ")[2] or "0"}
            return web.json_response(call.answered, status=429, headers=wait)
        if fault == "hang":
            await asyncio.sleep(60)
        if fault and fault not in {"expire", "drop", "lost", "kill", "killed"}:
            call.answered = {"ok": False, "error": "internal_error" if fault == "fail" else fault}
            return web.json_response(call.answered)
        if fault in {"drop", "kill"}:
            self._end(request, fault)
            return web.Response(status=500)
        if fault == "expire":
            with self._lock:
                for one in self.said:
                    one.streaming = False
        try:
            with self._lock:
                call.answered = {"ok": True, **self._answer(call)}
        except Refused as error:
            call.answered = {"ok": False, "error": str(error)}
        if fault in {"lost", "killed"}:
            self._end(request, fault)
        return web.json_response(call.answered)

    def _end(self, request: web.Request, fault: str) -> None:
        if fault in {"kill", "killed"}:
            assert self.pid
            os.kill(self.pid, signal.SIGKILL)
            self.pid = None
        assert request.transport
        request.transport.abort()

    def _answer(self, call: Call) -> Json:
        name = "_" + call.method.replace(".", "_")
        found: Callable[[Json], Json] | None = getattr(self, name, None)
        if found is None:
            raise Refused("unknown_method")
        return found(call.payload)

    def _auth_test(self, _: Json) -> Json:
        return {
            "url": "https://x.slack.com/",
            "team": "X",
            "user": "dateline",
            "team_id": TEAM,
            "user_id": BOT,
            "bot_id": "B1",
        }

    def _chat_postMessage(self, payload: Json) -> Json:  # noqa: N802
        channel = payload["channel"]
        if channel not in self.members:
            raise Refused("not_in_channel")
        self._check_message(payload)
        self._require(
            payload.get("unfurl_links") is False and payload.get("unfurl_media") is False, "unfurls"
        )
        channel = "D" + channel[1:] if channel.startswith("U") else channel
        one = Said(
            self.next_ts(),
            channel,
            payload.get("thread_ts"),
            BOT,
            payload["text"],
            blocks=payload.get("blocks", []),
        )
        self.said.append(one)
        return {"channel": channel, "ts": one.ts}

    def _chat_update(self, payload: Json) -> Json:
        self._check_message(payload)
        one = self._find(payload)
        if one.streaming:
            raise Refused("cant_update_message")
        one.text, one.blocks, one.streamed = payload["text"], payload.get("blocks", []), ""
        return {"channel": one.channel, "ts": one.ts}

    def _chat_postEphemeral(self, payload: Json) -> Json:  # noqa: N802
        self._check_message(payload)
        if payload["channel"] not in self.members:
            raise Refused("not_in_channel")
        one = Said(
            self.next_ts(),
            payload["channel"],
            payload.get("thread_ts"),
            BOT,
            payload["text"],
            blocks=payload.get("blocks", []),
            for_whom=payload["user"],
        )
        self.said.append(one)
        return {"message_ts": one.ts}

    def _chat_startStream(self, payload: Json) -> Json:  # noqa: N802
        if payload["channel"] not in self.members:
            raise Refused("not_in_channel")
        if not payload["channel"].startswith("D"):
            self._require(
                payload.get("recipient_team_id") and payload.get("recipient_user_id"),
                "a stream in a channel needs its recipient",
            )
        one = Said(self.next_ts(), payload["channel"], payload["thread_ts"], BOT, streaming=True)
        self.said.append(one)
        self._stream(one, payload)
        return {"channel": one.channel, "ts": one.ts}

    def _chat_appendStream(self, payload: Json) -> Json:  # noqa: N802
        one = self._find(payload)
        if not one.streaming:
            raise Refused("message_not_in_streaming_state")
        self._stream(one, payload)
        return {"channel": one.channel, "ts": one.ts}

    def _chat_stopStream(self, payload: Json) -> Json:  # noqa: N802
        one = self._find(payload)
        if not one.streaming:
            raise Refused("message_not_in_streaming_state")
        self._check_blocks(payload.get("blocks") or [])
        self._stream(one, payload)
        one.blocks, one.streaming = payload.get("blocks") or [], False
        size = len(one.streamed) + count(one.blocks)
        self._require(size <= 13_200, f"msg_blocks_too_long: {size}")
        if status := payload.get("session_status"):
            self.sessions[one.channel, one.thread or ""] = status
        return {"channel": one.channel, "ts": one.ts}

    def _stream(self, one: Said, payload: Json) -> None:
        text = payload.get("markdown_text") or ""
        for chunk in payload.get("chunks") or []:
            self._require(chunk["type"] == "markdown_text", f"a chunk of {chunk['type']}")
            text += chunk["text"]
        self._require(len(text) <= 12_000, f"markdown_text of {len(text)}")
        one.streamed += text

    def _conversations_replies(self, payload: Json) -> Json:
        found = [
            one
            for one in self.said
            if one.channel == payload["channel"]
            and payload["ts"] in {one.thread, one.ts}
            and not one.for_whom
        ]
        oldest = payload.get("oldest", "0")
        return {
            "messages": [
                {"ts": one.ts, "user": one.user, "text": one.text}
                for one in found
                if one.ts >= oldest
            ][: int(payload.get("limit", 1000))]
        }

    def _agents_sessions_setStatus(self, payload: Json) -> Json:  # noqa: N802
        self._require(
            payload["status"] in {"active", "processing", "suspended", "closed"}, "session status"
        )
        self._require(0 < len(payload.get("title", "x")) <= 200, "a session's title")
        self.sessions[payload["channel_id"], payload["thread_ts"]] = payload["status"]
        return {"status": payload["status"]}

    def _assistant_threads_setStatus(self, payload: Json) -> Json:  # noqa: N802
        self._require(
            payload["status"]
            and payload["thread_ts"]
            and len(payload.get("loading_messages", [])) <= 10,
            "a status",
        )
        return {}

    def _assistant_threads_setSuggestedPrompts(self, payload: Json) -> Json:  # noqa: N802
        prompts = payload["prompts"]
        prompts = json.loads(prompts) if isinstance(prompts, str) else prompts
        self._require(
            1 <= len(prompts) <= 4 and all(one["title"] and one["message"] for one in prompts),
            "prompts",
        )
        self.prompts += prompts
        return {}

    def _views_open(self, payload: Json) -> Json:
        view = payload["view"]
        self._build(lambda: View(**view).to_dict(), "a view")
        self._require(
            len(view["title"]["text"]) <= 24 and len(view["private_metadata"]) <= 3000,
            "a view's title or data",
        )
        self.views.append(view)
        return {"view": {"id": f"V{len(self.views)}"}}

    def _apps_connections_open(self, _: Json) -> Json:
        return {"url": self.url.replace("http:", "ws:").replace("/api/", "/socket")}

    def _oauth_v2_access(self, payload: Json) -> Json:
        team = payload["code"].removeprefix("code-")
        return {
            "access_token": f"xoxb-{team}",
            "token_type": "bot",
            "scope": "chat:write",
            "bot_user_id": BOT,
            "app_id": "A1",
            "team": {"id": team, "name": team},
            "authed_user": {"id": ANN},
            "is_enterprise_install": False,
        }

    def _find(self, payload: Json) -> Said:
        for one in self.said:
            if (one.channel, one.ts) == (payload["channel"], payload["ts"]):
                return one
        raise Refused("message_not_found")

    def _check_message(self, payload: Json) -> None:
        self._require(bool(payload.get("text")), "a message without text for notifications")
        self._require(len(payload["text"]) <= 40_000, f"msg_too_long: {len(payload['text'])}")
        self._check_blocks(payload.get("blocks") or [])
        size = count(payload.get("blocks") or [])
        self._require(size <= 13_200, f"msg_blocks_too_long: {size}")

    def _check_blocks(self, blocks: list[Json]) -> None:
        self._require(len(blocks) <= 50, f"{len(blocks)} blocks")
        self._require(
            sum(len(block["text"]) for block in blocks if block["type"] == "markdown") <= 12_000,
            "markdown blocks",
        )
        for block in blocks:
            self._build(lambda block=block: Block.parse(block).to_dict(), block["type"])  # type: ignore[union-attr, misc]

    def _build(self, build: Callable[[], Json], what: str) -> None:
        try:
            build()
        except (SlackObjectFormationError, AttributeError, TypeError) as error:
            self._require(None, f"{what}: {error}")

    def _require(self, holds: object, fault: str) -> None:
        if not holds:
            self.wrong.append(fault)
            raise Refused("invalid_arguments")

    async def _respond(self, request: web.Request) -> web.Response:
        payload = await request.json()
        with self._lock:
            call = Call("response_url", payload, "")
            self.calls.append(call)
            fault = self.fault(call)
            if fault == "429":
                return web.Response(status=429, headers={"Retry-After": "0"})
            if fault == "drop":
                self._end(request, fault)
            if fault in {"fail", "used_url"}:
                return web.Response(status=500 if fault == "fail" else 404, text=fault)
            try:
                self._check_message(payload)
            except Refused as error:
                return web.Response(status=400, text=str(error))
            self.said.append(
                Said(
                    self.next_ts(),
                    "response_url",
                    payload.get("thread_ts"),
                    BOT,
                    payload["text"],
                    blocks=payload.get("blocks", []),
                    for_whom=ANN,
                )
            )
            if fault == "lost":
                self._end(request, fault)
        return web.Response(text="ok")

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1}))
        self._sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                answer = json.loads(message.data)
                self.acks[answer["envelope_id"]] = answer
        if socket in self._sockets:
            self._sockets.remove(socket)
        return socket

    def make_app(self) -> web.Application:
        """The server's routes."""
        app = web.Application()
        app.router.add_post("/api/{method}", self._serve)
        app.router.add_get("/api/conversations.replies", self._serve)
        app.router.add_post("/respond", self._respond)
        app.router.add_get("/socket", self._socket)
        return app


@contextmanager
def fake_slack() -> Iterator[FakeSlack]:
    """A server in a thread of its own; in the end nothing wrong may have been sent to it."""
    slack = FakeSlack()
    ready = threading.Event()
    loop = asyncio.new_event_loop()

    async def start() -> Callable[[], Awaitable[None]]:
        runner = web.AppRunner(slack.make_app(), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        slack.url = f"http://127.0.0.1:{port}/api/"
        return runner.cleanup

    def run() -> None:
        asyncio.set_event_loop(loop)
        slack._loop = loop
        cleanup = loop.run_until_complete(start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(cleanup())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield slack
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
    assert not slack.wrong

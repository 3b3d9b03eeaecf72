"""The stored questions -> replies, several at a time, each by one process.

A claim is held by renewing it. Where a process dies its claims run out, and another one, or the
same after its restart, takes them. The queue has a thread and an event loop of its own: checking a
sentence takes up to a tenth of a second, in which Slack would wait to hear that a question arrived.
"""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from slack_sdk.errors import SlackApiError

from index.errors import WriteFailed
from service.current import Current
from service.errors import trace_of
from service.slack_delivery import ClaimLost
from service.slack_failures import PASSING, UNREACHED, name_of
from service.slack_reply import Reply
from service.slack_store import Claim, SlackStore

log = logging.getLogger("dateline.slack")

AT_ONCE = 64
"""Replies that one process makes at a time."""

AT_ONCE_EACH = 10
"""And of those for one workspace, so that a busy one leaves room for the others."""

LEASE = 20.0
"""Seconds after which the claims of a process that died are taken by another one."""

POLL = 0.5
"""Seconds between looks for what other processes left, and for who pressed the stop button."""

PAUSES = (2.0, 10.0, 60.0, 300.0)
"""Seconds before a reply that Slack did not take is tried again; then it is given up."""


class Queue:
    """Makes the replies of this process."""

    def __init__(
        self,
        store: SlackStore,
        make_reply: Callable[[Claim], Awaitable[Reply]],
        *,
        current: Current,
        lease: float = LEASE,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """`make_reply` finds the workspace's client; all wait until `current` is ready."""
        self._store = store
        self._make_reply = make_reply
        self._current = current
        self._lease = lease
        self._pauses = pauses
        self._owner = uuid.uuid4().hex
        self._more = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._replies: dict[str, Reply] = {}

    @property
    def taken(self) -> int:
        """How many replies are being made here."""
        return len(self._tasks)

    def wake(self) -> None:
        """Look at once: there is a new question, or one to stop. From any thread."""
        if self._loop:
            self._loop.call_soon_threadsafe(self._more.set)

    @asynccontextmanager
    async def running(
        self, connected: Callable[[], AbstractAsyncContextManager[object]]
    ) -> AsyncIterator[None]:
        """Make replies meanwhile, in a thread; `connected` is what they need there."""
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="slack-queue") as thread:
            begun: Future[asyncio.Task[None]] = Future()
            ended = thread.submit(asyncio.run, self._run(connected, begun))
            task = await asyncio.wrap_future(begun)
            try:
                yield
            finally:
                task.get_loop().call_soon_threadsafe(task.cancel)
                await asyncio.wrap_future(ended)

    async def _run(
        self,
        connected: Callable[[], AbstractAsyncContextManager[object]],
        begun: "Future[asyncio.Task[None]]",
    ) -> None:
        async with connected():
            self._loop = asyncio.get_running_loop()
            task = asyncio.create_task(self._work())
            begun.set_result(task)
            (ended,) = await asyncio.gather(task, return_exceptions=True)
            if isinstance(ended, Exception):
                log.error("no question is answered any more: %s", trace_of(ended))
            self._loop = None

    async def _work(self) -> None:
        """Until cancelled; what is not done then is given back."""
        try:
            while True:
                try:
                    await self._renew()
                    await self._fill()
                except WriteFailed as error:
                    log.error("%s", error)  # noqa: TRY400 it says what to do
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL):  # wait_for may swallow a cancellation
                        await self._more.wait()
                self._more.clear()
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _fill(self) -> None:
        while self._current.ready and len(self._tasks) < AT_ONCE:
            claim = await self._store.claim(self._owner, seconds=self._lease, at_once=AT_ONCE_EACH)
            if claim is None:
                return
            self._tasks[claim.id] = asyncio.create_task(self._serve(claim))

    async def _renew(self) -> None:
        if not self._tasks:
            return
        renewal = await self._store.renew(self._owner, self._tasks, seconds=self._lease)
        for claim_id in renewal.lost:
            if task := self._tasks.get(claim_id):
                task.cancel()
        for claim_id in renewal.stopped:
            if reply := self._replies.get(claim_id):
                reply.stop()

    async def _serve(self, claim: Claim) -> None:
        """Send one reply, or give the claim back for a later try."""
        try:
            reply = self._replies[claim.id] = await self._make_reply(claim)
            await self._send(claim, reply)
        except asyncio.CancelledError:
            await self._store.release(claim.id, self._owner)
            raise
        except WriteFailed as error:
            log.error("%s", error)  # noqa: TRY400 it says what to do
        finally:
            self._tasks.pop(claim.id, None)
            self._replies.pop(claim.id, None)
            self.wake()

    async def _send(self, claim: Claim, reply: Reply) -> None:
        try:
            await reply.send()
        except ClaimLost:
            log.warning("question %s is another process's by now", reply.reference)
            return
        except (SlackApiError, WriteFailed, *UNREACHED) as error:
            reason = name_of(error)
            passing = not isinstance(error, SlackApiError) or reason in PASSING
            if passing and claim.takes <= len(self._pauses):
                await self._put_off(claim, reply, reason)
                return
            await self._give_up(reply, reason)
        except Exception as error:  # noqa: BLE001 one question's fault is not the others'
            await self._give_up(reply, trace_of(error))
        await self._store.finish(claim.id)

    async def _put_off(self, claim: Claim, reply: Reply, reason: str) -> None:
        pause = self._pauses[claim.takes - 1]
        log.warning("question %s waits for %.0f s: %s", reply.reference, pause, reason)
        await self._store.release(claim.id, self._owner, seconds=pause)

    async def _give_up(self, reply: Reply, reason: str) -> None:
        log.error("question %s was given up: %s", reply.reference, reason)
        await reply.apologise()

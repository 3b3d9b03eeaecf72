"""The HTTP service in a process of its own, over a stub of a model: started, asked, killed."""

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from eval.errors import TargetFailed
from service.keys import Keys
from service.settings import PREFIX

READY_SECONDS = 120.0
"""In which a service has to be ready; a busy machine may take its time."""


@dataclass
class Service:
    """A service over `folder`, which keeps its index, answers and keys from one start to the next.

    Without a `stub` the configured model writes.
    """

    folder: Path
    stub: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    process: asyncio.subprocess.Process | None = None
    url: str = ""
    key: str = ""
    ready_after: float = 0.0
    """Seconds from the start to the first good GET of `ready_path`."""
    ready_path: str = "/ready"

    async def start(self) -> None:
        """Start it and wait until it is ready; raises TargetFailed."""
        port = _unused_port()
        self.url = f"http://127.0.0.1:{port}"
        began = time.perf_counter()
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self._command(port), stdout=log, stderr=log
            )
        async with httpx.AsyncClient(base_url=self.url) as client:
            while time.perf_counter() - began < READY_SECONDS and self.process.returncode is None:
                try:
                    if (await client.get(self.ready_path)).is_success:
                        self.ready_after = time.perf_counter() - began
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.02)
        raise TargetFailed(f"the service did not get ready; {self.folder / 'log'} says why")

    def _command(self, port: int) -> Sequence[str]:
        """What starts it; where it keeps its data in the folder, with a key of its own."""
        if self.stub and not self.key:
            self.key = Keys(self.folder / "keys.json").add("load", admin=True)
        api = ("-m", "service", "api", "--port", str(port))
        return ("env", *self._settings(), sys.executable, *api)

    async def stop(self) -> int:
        """Have it end as an operator would; its exit code."""
        if self.process is None or self.process.returncode is not None:
            return -1
        self.process.terminate()
        return await self.process.wait()

    async def kill(self) -> None:
        """End it without a warning."""
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    def client(self) -> httpx.AsyncClient:
        """A client with the service's key, if it has one."""
        return httpx.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.key}"} if self.key else {},
            timeout=60.0,
            limits=httpx.Limits(max_connections=None),
        )

    @property
    def resident(self) -> int:
        """Bytes of memory that it holds."""
        if self.process is None:
            return 0
        pages = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def processor_seconds(self) -> float:
        """What it has used of all processors so far."""
        if self.process is None:
            return 0.0
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _settings(self) -> list[str]:
        """What stands in its environment beside what stands in ours."""
        own = {
            "INDEX": str(self.folder / "index"),
            "KEY_RATE": "none",
            "ADDRESS_RATE": "none",
            **self.settings,
        }
        if self.stub:
            own |= {
                "DATA": str(self.folder),
                "MODEL": "openai/stub",
                "API_BASE": self.stub,
                "API_KEY": "none",
            }
        return [f"{PREFIX}{name}={value}" for name, value in own.items()]


@asynccontextmanager
async def serving(service: Service) -> AsyncIterator[Service]:
    """The service, running meanwhile."""
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


async def ask(client: httpx.AsyncClient, question: str) -> dict[str, Any]:
    """The Answer of a streamed POST /chat; raises TargetFailed with what came instead."""
    names, last = [], {}
    body = {"question": question, "stream": True}
    try:
        async with client.stream("POST", "/chat", json=body) as response:
            if response.is_error:
                raise TargetFailed(f"HTTP {response.status_code}: {(await response.aread())!r}")
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    names.append(line.removeprefix("event: "))
                elif line.startswith("data: ") and names[-1] in {"answer", "error"}:
                    last = json.loads(line.removeprefix("data: "))
    except httpx.HTTPError as error:
        raise TargetFailed(f"the stream broke off ({error!r}) after {names}") from error
    if not names or names[0] != "passages" or names[-1] != "answer":
        raise TargetFailed(f"the stream was {names}: {last}")
    return last


def _unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port

"""The index's folder -> an answerer over its current generation, at any time.

A question keeps the generation that it began with; the next one has what has been published since.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from index.generation import Generation
from index.live import LiveIndex
from service.answerer import Answerer
from service.errors import NotReady

INTERVAL = 1.0
"""Seconds between two looks at the index."""


class Current:
    """Holds the answerer in use, and replaces it when another generation is published."""

    def __init__(self, load: Callable[[], Answerer], index: Path | None = None) -> None:
        """`load` makes the first one, in a thread; without `index` it stays the only one."""
        self._load = load
        self._index = index
        self._answerer: Answerer | None = None
        self._turn = asyncio.Lock()
        self._live: LiveIndex | None = None

    @classmethod
    def of(cls, answerer: Answerer, index: Path | None = None) -> "Current":
        """One that is loaded already."""
        current = cls(lambda: answerer, index)
        current._answerer = answerer
        return current

    @property
    def answerer(self) -> Answerer:
        """The one in use; raises NotReady."""
        if self._answerer is None:
            raise NotReady("The index and the models are being loaded; ask again in a few seconds.")
        return self._answerer

    @property
    def ready(self) -> bool:
        """Whether there is one."""
        return self._answerer is not None

    async def load(self) -> None:
        """Open the index and load the models; raises what the loading raises."""
        self._answerer = await asyncio.to_thread(self._load)

    async def follow(self) -> None:
        """Load, then look for new generations until cancelled."""
        if not self.ready:
            await self.load()
        while True:
            await asyncio.sleep(INTERVAL)
            await self.refresh()

    async def refresh(self) -> None:
        """Take up the generation that is current on disk.

        Where it cannot be opened, the log says why, and the one in use stays.
        """
        async with self._turn:
            if self._answerer is None or self._index is None:
                return
            before = self._answerer
            live = self._live = self._live or _watch(self._index, before.generation)
            generation = await asyncio.to_thread(live.current)
            if generation is not before.generation:
                self._answerer = before.over(generation)


def _watch(root: Path, opened: Generation) -> LiveIndex:
    made = opened.manifest
    return LiveIndex(
        root, embedding_model=made.embedding_model, dimension=made.dimension, opened=opened
    )

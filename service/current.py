"""The index's folder -> an answerer over its current generation, at any time.

A question keeps the generation that it began with; the next one has what has been published since.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from index.errors import DatelineError
from index.generation import Generation
from index.generations import current_name
from service.answerer import Answerer
from service.errors import NotReady

log = logging.getLogger("dateline.current")

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
        self._fault = ""

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
        """Load, then look for new generations until cancelled.

        A damaged one is told once in the log, and the one in use goes on.
        """
        if not self.ready:
            await self.load()
        while True:
            await asyncio.sleep(INTERVAL)
            try:
                await self.refresh()
            except DatelineError as error:
                if str(error) != self._fault:
                    log.warning("The index in use stays: %s", error)
                self._fault = str(error)

    async def refresh(self) -> None:
        """Take up the generation that is current on disk; raises GenerationDamaged and its kin."""
        if self._index is None or self._answerer is None:
            return
        async with self._turn:
            before = self._answerer
            generation = await asyncio.to_thread(_open_other, self._index, before)
            if generation:
                self._answerer = before.over(generation)
                self._fault = ""
                log.info("The index is now %s", generation.manifest.id)


def _open_other(index: Path, answerer: Answerer) -> Generation | None:
    """The current generation, None where the answerer has it already."""
    known = answerer.generation.manifest
    if current_name(index) == known.id:
        return None
    return Generation(
        index,
        embedding_model=known.embedding_model,
        dimension=known.dimension,
        before=answerer.generation,
    )

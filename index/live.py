"""The folder of an index -> the generation that is current now, taken up between two questions."""

import logging
import threading
from pathlib import Path

from index.errors import DatelineError
from index.generation import Generation
from index.generations import current_name

log = logging.getLogger(__name__)


class LiveIndex:
    """The current generation of an index; safe to use from several threads."""

    def __init__(
        self,
        root: Path,
        *,
        embedding_model: str,
        dimension: int,
        opened: Generation | None = None,
    ) -> None:
        """Open it, unless the current one is `opened` already; raises what Generation raises."""
        self._root = root
        self._embedding_model = embedding_model
        self._dimension = dimension
        self._refused: str | None = None
        self._turn = threading.Lock()
        self._generation = opened or Generation(
            root, embedding_model=embedding_model, dimension=dimension
        )

    def current(self) -> Generation:
        """The newest generation; who holds an earlier one goes on reading that.

        Where a new one cannot be opened, the log says why, once, and the one before stays in use.
        """
        name = current_name(self._root)
        if name in (self._generation.manifest.id, self._refused):
            return self._generation
        with self._turn:
            if name not in (self._generation.manifest.id, self._refused):
                self._take_up(name)
            return self._generation

    def _take_up(self, name: str | None) -> None:
        try:
            self._generation = Generation(
                self._root,
                embedding_model=self._embedding_model,
                dimension=self._dimension,
                before=self._generation,
            )
        except DatelineError as error:
            self._refused = name
            log.error("The new generation of the index is not taken up: %s", error)  # noqa: TRY400
        else:
            log.info("The index is now at generation %s.", self._generation.manifest.id)

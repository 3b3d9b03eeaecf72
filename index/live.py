"""The folder of an index -> the generation that is current now, taken up between two questions."""

import logging
import threading
from pathlib import Path

from index.errors import DatelineError
from index.generation import Generation
from index.generations import current_name, read_current

log = logging.getLogger(__name__)


def open_as_made(root: Path, *, before: Generation | None = None, check: bool = True) -> Generation:
    """The current generation, whatever model it was made with; raises what Generation raises."""
    made = read_current(root)
    return Generation(
        root,
        embedding_model=made.embedding_model,
        dimension=made.dimension,
        before=before,
        check=check,
    )


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
        self._turn = threading.Lock()
        self._generation = opened or Generation(
            root, embedding_model=embedding_model, dimension=dimension
        )
        self._looked_at: str | None = self._generation.manifest.id

    def current(self) -> Generation:
        """The newest generation; who holds an earlier one goes on reading that.

        Where a new one cannot be opened, the log says why, once, and the one before stays in use,
        as it does for other threads while one of them opens it.
        """
        name = current_name(self._root)
        if name != self._looked_at and self._turn.acquire(blocking=False):
            try:
                self._take_up(name)
            finally:
                self._turn.release()
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
            self._looked_at = name
            log.error("The new generation of the index is not taken up: %s", error)  # noqa: TRY400
        else:
            self._looked_at = self._generation.manifest.id
            log.info("The index is now at generation %s.", self._looked_at)

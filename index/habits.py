"""What each publisher repeats under its stories <-> a JSON file beside the index.

Learned from the articles as they come in, and kept, so that an article that comes alone is rid of
what was learned from many.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from index.articles import Found, Refusal
from index.errors import ArticleRefused, WriteFailed
from index.repetition import repeated_furniture, without_furniture

TOGETHER = 500
"""Articles that are read before what they repeat is looked for."""


class Habits:
    """The paragraphs that each publisher repeats; what is learned is kept only by `save`."""

    def __init__(self, path: Path, *, anew: bool = False) -> None:
        """Take those in the file, if there is one, unless all articles are read `anew`.

        Raises WriteFailed where the file cannot be read.
        """
        self._path = path
        self._known: dict[str, frozenset[str]] = {}
        if anew or not path.exists():
            return
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            self._known = {source: frozenset(keys) for source, keys in told.items()}
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise WriteFailed(
                f"{path} cannot be read ({error}); remove it, and what the publishers repeat is "
                "learned again from the articles that come in."
            ) from error

    def without(self, items: Iterable[Found | Refusal]) -> Iterator[Found | Refusal]:
        """The articles without what their publishers repeat; one of nothing else is refused."""
        together: list[Found | Refusal] = []
        for item in items:
            together.append(item)
            if len(together) == TOGETHER:
                yield from self._cleaned(together)
                together = []
        yield from self._cleaned(together)

    def save(self) -> None:
        """Keep what was learned; raises WriteFailed."""
        told = {source: sorted(keys) for source, keys in sorted(self._known.items())}
        aside = self._path.with_suffix(".new")
        try:
            aside.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
            aside.replace(self._path)
        except OSError as error:
            raise WriteFailed(
                f"{self._path} cannot be written ({error.strerror}); the articles are in all the "
                "same. Make room or correct its permissions."
            ) from error

    def _cleaned(self, items: Iterable[Found | Refusal]) -> Iterator[Found | Refusal]:
        found = repeated_furniture(item.article for item in items if isinstance(item, Found))
        for source, keys in found.items():
            self._known[source] = self._known.get(source, frozenset()) | keys
        for item in items:
            yield self._clean(item) if isinstance(item, Found) else item

    def _clean(self, found: Found) -> Found | Refusal:
        try:
            article = without_furniture(found.article, self._known)
        except ArticleRefused as error:
            return Refusal(found.origin, f"{found.origin}: {error}")
        return Found(article, found.origin, found.note)

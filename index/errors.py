"""The failures of reading, building and searching an index, each with a message for its user.

DatelineError
├── ArticleRefused          a source that cannot become an article: missing, binary, empty, …
├── EmbeddingModelMissing   the embedding model is not installed or not readable
├── CrossEncoderMissing     no readable cross-encoder stands where one was named
├── GenerationMissing       no index stands where one was named
├── GenerationDamaged       a file of the index is missing, cut short or changed
├── GenerationMismatch      the index was made by another format or embedding model
├── IndexLocked             another process is writing the index
└── WriteFailed             the index could not be written: no space, no permission
"""

from typing import ClassVar


class DatelineError(Exception):
    """A failure whose message is one clear sentence that says what to do."""

    code: ClassVar[str] = "unavailable"
    """Its name for programs."""


class ArticleRefused(DatelineError):
    """A source that cannot become an article."""


class EmbeddingModelMissing(DatelineError):
    """The embedding model is not installed or not readable."""


class CrossEncoderMissing(DatelineError):
    """No readable cross-encoder stands where one was named."""


class GenerationMissing(DatelineError):
    """No index stands where one was named."""


class GenerationDamaged(DatelineError):
    """A file of the index is missing, cut short or changed since it was written."""


class GenerationMismatch(DatelineError):
    """The index was made by another format or embedding model than the one in use."""


class IndexLocked(DatelineError):
    """Another process is writing the index."""


class WriteFailed(DatelineError):
    """The index could not be written, and what stood there before is unchanged."""


def one_line(text: str) -> str:
    """A message on one line that any terminal can print: a file's name may hold anything."""
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return plain.encode(errors="backslashreplace").decode()

"""Articles as they come in -> those that are new, cut, embedded and written to a segment.

What is embedded already in the generation before is taken from there: a passage is known by what
the model was shown of it.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from index.articles import Article, Found, Refusal
from index.engine import PassageText, Vectors
from index.errors import ArticleRefused
from index.generation import Generation
from index.near_copies import NearCopies, sign
from index.part import Part
from index.passages import Passage, split_passages
from index.segment import Entry, Summary
from index.segment_writer import SegmentWriter
from index.vectors import Embedder

WINDOW = 2_048
"""Passages that are embedded together: enough to sort by length, little enough to hold."""


@dataclass(frozen=True)
class Duplicate:
    """An article that was left out since `twin` has its text, from the same publisher."""

    origin: str
    twin: str


@dataclass(frozen=True)
class Note:
    """What was left out of an article that was written, in one sentence."""

    origin: str
    text: str


@dataclass
class Tally:
    """What came of the articles so far, by id where they are in the index."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    embedded: int = 0
    """Passages that were not taken from the generation before."""


@dataclass(frozen=True)
class _Cut:
    """An article with its passages, what the model is to be shown of them, and their digests."""

    found: Found
    passages: tuple[Passage, ...]
    texts: tuple[PassageText, ...]
    digests: tuple[bytes, ...]


class Intake:
    """Takes articles one by one and writes those that are to be written."""

    def __init__(
        self,
        before: Generation | None,
        writer: SegmentWriter,
        embedder: Embedder,
        *,
        anew: bool,
        advance: Callable[[Tally], None],
    ) -> None:
        """`anew` writes unchanged articles as well, for an index that holds only these."""
        self.tally = Tally()
        self._before = before
        self._writer = writer
        self._embedder = embedder
        self._anew = anew
        self._advance = advance
        self._seen: dict[str, str] = {}
        self._texts: dict[tuple[str, str], str] = {}
        self._twins: list[tuple[Found, str]] = []
        self._waiting: list[_Cut] = []
        self._waiting_passages = 0
        known = [] if anew or before is None else before.parts
        self._near_copies = NearCopies(
            [
                (
                    part.segment.signatures,
                    [
                        summary.cluster if part.counts(row) else None
                        for row, summary in enumerate(part.segment.articles)
                    ],
                )
                for part in known
            ]
        )

    def take(self, items: Iterable[Found | Refusal]) -> None:
        """Take what the sources give; raises what the writer raises.

        Raises ArticleRefused where the disk or the network fails while they are read.
        """
        for item in _as_read(items):
            if isinstance(item, Refusal):
                self.tally.refused.append(item)
            else:
                self._take(item)
            self._advance(self.tally)

    def finish(self, gone: Callable[[Summary], bool]) -> None:
        """Remove what is gone, and write what is waiting, twins of what was removed among it.

        Articles that `gone` is true of are removed, unless they came in, or their file was refused
        and the index is not made anew.
        """
        refused = {stored_origin(r.origin) for r in self.tally.refused if not self._anew}
        self.tally.removed += [
            article.id
            for article in (self._before.articles() if self._before else ())
            if gone(article) and article.id not in self._seen and article.origin not in refused
        ]
        changed = {*self.tally.removed, *self.tally.updated}
        for found, twin in self._twins:
            if twin in changed:
                self._accept(found)
            else:
                self.tally.duplicates.append(Duplicate(found.origin, twin))
        self._flush()

    def has_other_version(self, part: Part, row: int) -> bool:
        """Whether the article in this row was taken with another text."""
        article = part.segment.articles[row]
        return self._seen.get(article.id, article.version) != article.version

    def _take(self, found: Found) -> None:
        if twin := self._indexed_twin(found.article):
            self._twins.append((found, twin))
        else:
            self._accept(found)

    def _accept(self, found: Found) -> None:
        """Write it if it is new, unless these sources gave its id or its text already.

        What is in the index is brought up to date even so: its former text must not stay.
        """
        article = found.article
        known = self._before.article(article.id) if self._before else None
        twin = self._texts.get(_text_key(article))
        if self._seen.get(article.id, article.version) != article.version:
            reason = f"another article has the id {article.id}; give one of them an id of its own"
            self.tally.refused.append(Refusal(found.origin, f"{found.origin}: {reason}"))
        elif article.id in self._seen:
            self.tally.duplicates.append(Duplicate(found.origin, article.id))
        elif twin and (known is None or self._anew):
            self.tally.duplicates.append(Duplicate(found.origin, twin))
        else:
            self._seen[article.id] = article.version
            self._texts[_text_key(article)] = article.id
            self._write_if_new(found, known)

    def _write_if_new(self, found: Found, known: Article | None) -> None:
        article = found.article
        unchanged = known == article and (self._anew or not self._moved(found))
        if known is None:
            self.tally.added.append(article.id)
        elif unchanged:
            self.tally.unchanged.append(article.id)
        else:
            self.tally.updated.append(article.id)
        if not unchanged or self._anew:
            if found.note:
                self.tally.notes.append(Note(found.origin, found.note))
            cut = _cut(found, self._embedder.name)
            self._waiting.append(cut)
            self._waiting_passages += len(cut.passages)
            if self._waiting_passages >= WINDOW:
                self._flush()

    def _moved(self, found: Found) -> bool:
        """Whether the file that the article in the index came from is gone, and this is another."""
        known = self._before.articles_with_text(found.article.version) if self._before else ()
        former = next(summary.origin for summary in known if summary.id == found.article.id)
        was_file = former != stored_origin(found.origin) and os.path.isabs(former)  # noqa: PTH117
        return was_file and not os.path.exists(former)  # noqa: PTH110 - as in stored_origin

    def _indexed_twin(self, article: Article) -> str | None:
        """The id of another article that is in already, with the same text and publisher."""
        if self._before is None or self._anew or self._before.article(article.id):
            return None
        twins = self._before.articles_with_text(article.version)
        same = (twin.id for twin in twins if (twin.source or "") == (article.source or ""))
        return next((twin for twin in same if twin != article.id), None)

    def _flush(self) -> None:
        """Embed what is waiting, as far as it is not embedded yet, and write it."""
        known = {
            digest: vectors
            for cut in self._waiting
            for digest in cut.digests
            if (vectors := self._embedded(digest))
        }
        missing = {
            digest: text
            for cut in self._waiting
            for digest, text in zip(cut.digests, cut.texts, strict=True)
            if digest not in known
        }
        known |= self._embed(missing)
        for cut in self._waiting:
            self._write(cut, [known[digest] for digest in cut.digests])
        self._waiting = []
        self._waiting_passages = 0

    def _embed(self, texts: Mapping[bytes, PassageText]) -> dict[bytes, tuple[Vectors, Vectors]]:
        def advance(count: int) -> None:
            self.tally.embedded += count
            self._advance(self.tally)

        passages, sentences = self._embedder.embed_passages([*texts.values()], advance=advance)
        embedded, row = {}, 0
        for place, (digest, text) in enumerate(texts.items()):
            embedded[digest] = passages[place], sentences[row : row + len(text.sentences)]
            row += len(text.sentences)
        return embedded

    def _embedded(self, digest: bytes) -> tuple[Vectors, Vectors] | None:
        """The vectors that the generation before has for it, from files that are intact."""
        for part in self._before.parts if self._before else ():
            vectors = part.segment.vectors_of(digest)
            if vectors is not None:
                part.check()
                return vectors
        return None

    def _write(self, cut: _Cut, vectors: Sequence[tuple[Vectors, Vectors]]) -> None:
        article = cut.found.article
        signature = sign(article.text)
        cluster = self._near_copies.find(signature) or article.version
        self._near_copies.add(signature, cluster)
        self._writer.add(
            Entry(
                article=article,
                origin=stored_origin(cut.found.origin),
                cluster=cluster,
                signature=signature,
                passages=cut.passages,
                digests=cut.digests,
                passage_vectors=np.stack([passage for passage, _ in vectors]),
                sentence_vectors=np.concatenate([sentences for _, sentences in vectors]),
            )
        )


def _as_read(items: Iterable[Found | Refusal]) -> Iterator[Found | Refusal]:
    """The items; an OSError in reading them is no failure to write, and says so."""
    try:
        yield from items
    except OSError as error:
        raise ArticleRefused(
            f"The sources could not be read to their end ({error}); the index is unchanged. "
            "Check them and try again."
        ) from error


def stored_origin(origin: str) -> str:
    """An origin as it is kept: of a file the whole path, wherever the process stands."""
    if os.path.isfile(origin):  # noqa: PTH113 - Path.is_file fails on a long address
        path = Path(origin)
        origin = str(path.parent.resolve() / path.name)
    return origin.encode(errors="backslashreplace").decode()


def _cut(found: Found, model: str) -> _Cut:
    article = found.article
    passages = tuple(split_passages(article))
    day = article.published.isoformat() if article.published else ""
    header = ", ".join(part for part in (article.title, article.source or "", day) if part)
    texts = tuple(
        PassageText(
            header=header,
            text=article.text[passage.start : passage.end],
            sentences=tuple(
                (sentence.start - passage.start, sentence.end - passage.start)
                for sentence in passage.sentences
            ),
        )
        for passage in passages
    )
    digests = tuple(
        hashlib.blake2b(repr((model, text)).encode(), digest_size=16).digest() for text in texts
    )
    return _Cut(found, passages, texts, digests)


def _text_key(article: Article) -> tuple[str, str]:
    """What two articles share of which the second is left out."""
    return article.version, article.source or ""

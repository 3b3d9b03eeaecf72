"""A dataset -> articles to build from, slices and made-up ones too, and how much was read."""

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from tokenizers import Tokenizer

from eval.peers.worker import Piece, Record, record_line
from index.passages import split_sentences

MOST_WORDS = 140
"""Of a made-up article: every system keeps it as one passage."""

MOST_SENTENCES = 12
SPECIAL_TOKENS = 2


def write_records(path: Path, records: Iterable[Record]) -> None:
    """The articles as a corpus.jsonl."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(map(record_line, records))


def slices(records: Sequence[Record], *, size: int, count: int) -> list[Sequence[Record]]:
    """`count` runs of `size` articles of every length, no article twice, always the same."""
    shuffled = random.Random(0).sample(records, len(records))  # noqa: S311
    return [shuffled[first : first + size] for first in range(0, size * count, size)]


def make_records(records: Sequence[Record], count: int) -> Iterator[Record]:
    """`count` articles of one paragraph, put together from sentences of two real ones each."""
    generator = random.Random(0)  # noqa: S311
    sentences = [
        [record.text[start:end] for start, end in split_sentences(" ".join(record.text.split()))]
        for record in records
    ]
    for number in range(count):
        first, second = generator.sample(range(len(records)), 2)
        text, words = [], 0
        both = sentences[first] + sentences[second]
        for sentence in generator.sample(both, k=min(MOST_SENTENCES, len(both))):
            words += len(sentence.split())
            if words > MOST_WORDS:
                break
            text.append(sentence)
        record = records[first]
        yield Record(
            id=f"made-{number}",
            title=record.title,
            source=record.source,
            published=record.published,
            text=" ".join(text) or f"{record.title} {number}",
        )


class ReadingModel:
    """Tells what the embedding model sees of a text: its first tokens."""

    def __init__(self, model: Path, *, window: int) -> None:
        """Take the tokenizer in the model's folder, and the number of tokens that are read."""
        self._tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(window - SPECIAL_TOKENS)

    def seen(self, piece: Piece) -> str:
        """The part of the piece's own text that is read, what was put before it left out."""
        offsets = self._tokenizer.encode(
            piece.before + piece.text, add_special_tokens=False
        ).offsets
        end = offsets[-1][1] if offsets else 0
        return piece.text[: max(0, end - len(piece.before))]


def count_read(
    records: Sequence[Record], pieces: Iterable[Piece], model: ReadingModel
) -> tuple[int, int]:
    """Characters of the articles that were read at least once, and all that were read.

    White space counts as it does in the article.
    """
    by_article = {
        article: [model.seen(piece) for piece in group]
        for article, group in groupby(sorted(pieces), key=lambda piece: piece.article)
    }
    once = every = 0
    for record in records:
        seen = by_article.get(record.id, [])
        packed = _packed(record.text)
        share = len(record.text) / max(len(packed), 1)
        once += round(share * _covered(packed, [_packed(text) for text in seen]))
        every += sum(map(len, seen))
    return once, every


def _covered(text: str, parts: Iterable[str]) -> int:
    """Characters of `text` that one of `parts` holds.

    A part that is not in it word for word, as a system cleaned it, counts with its length.
    """
    covered = bytearray(len(text))
    elsewhere = 0
    for part in parts:
        start = text.find(part)
        if start < 0:
            elsewhere += len(part)
        else:
            covered[start : start + len(part)] = b"\1" * len(part)
    known = sum(covered)
    return min(len(text), known + elsewhere)


def _packed(text: str) -> str:
    return "".join(text.split())

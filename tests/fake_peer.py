"""A system of the index benchmark that needs no model: `python -m tests.fake_peer MODEL`."""

import time
from collections.abc import Sequence
from pathlib import Path

from eval.peers.worker import Embed, Piece, Record, serve


class WordPeer:
    """Keeps every article whole, and finds by the words that it shares with the question."""

    def __init__(self, model: Path) -> None:
        assert (model / "tokenizer.json").is_file()
        self._pieces: list[Piece] = []

    def build(
        self, records: Sequence[Record], store: Path, *, embed: Embed | None
    ) -> Sequence[Piece]:
        pieces = [Piece(record.id, record.text, f"{record.title}\n") for record in records]
        if embed is not None:
            assert embed([piece.text for piece in pieces]).shape == (len(pieces), 8)
        (store / "texts").write_text("\0".join("\1".join(piece) for piece in pieces))
        return pieces

    def open(self, store: Path) -> None:
        lines = (store / "texts").read_text().split("\0")
        self._pieces = [Piece(*line.split("\1")) for line in lines]

    def search(self, question: str, limit: int) -> Sequence[Piece]:
        words = set(question.lower().split())
        shared = [len(words & set(piece.text.lower().split())) for piece in self._pieces]
        order = sorted(range(len(shared)), key=lambda row: -shared[row])
        return [self._pieces[row] for row in order[:limit]]


class BlindPeer(WordPeer):
    """Finds the articles in the order they came in."""

    def search(self, question: str, limit: int) -> Sequence[Piece]:
        assert question
        return self._pieces[:limit]


class DyingPeer(WordPeer):
    """Builds, and dies at the first question."""

    def search(self, question: str, limit: int) -> Sequence[Piece]:
        raise MemoryError(f"no room for {limit} passages of {question!r}")


class SlowPeer(WordPeer):
    """Takes a minute for a question."""

    def search(self, question: str, limit: int) -> Sequence[Piece]:
        time.sleep(60)
        return super().search(question, limit)


if __name__ == "__main__":
    serve(WordPeer, blind=BlindPeer, dying=DyingPeer, slow=SlowPeer)

"""An article -> chunks of 256 tokens that share 200 with the next, as a popular splitter cuts it.

The setting that the published rows of MultiHop-RAG were almost surely made in; the product cuts
without overlap.
"""

from pathlib import Path

from tokenizers import Tokenizer

from index.articles import Article
from index.passages import Passage, Sentence, split_passages

CHUNK_TOKENS = 256
OVERLAP = 200


class OverlappingSplitter:
    """Cuts by the tokens of an embedding model, wherever they fall."""

    def __init__(self, model: Path) -> None:
        """Take the tokenizer in the model's folder."""
        self._tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def __call__(self, article: Article) -> list[Passage]:
        """The chunks in order, each with its sentences, or what of them is inside."""
        offsets = self._tokenizer.encode(article.text, add_special_tokens=False).offsets
        sentences = [one for passage in split_passages(article) for one in passage.sentences]
        chunks = []
        for first in range(0, max(1, len(offsets) - OVERLAP), CHUNK_TOKENS - OVERLAP):
            inside = offsets[first : first + CHUNK_TOKENS]
            if not inside:
                break
            start, end = inside[0][0], inside[-1][1]
            cut = tuple(
                Sentence(max(one.start, start), min(one.end, end), one.caption)
                for one in sentences
                if one.start < end and one.end > start
            )
            chunks.append(Passage(cut[0].start, cut[-1].end, cut))
        return chunks

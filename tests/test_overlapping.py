"""Chunks of 256 tokens, of which the next one has 200 again, and no word is left out."""

from itertools import pairwise

from fakes import make_article

from eval.overlapping import CHUNK_TOKENS, OVERLAP, OverlappingSplitter
from eval.peers.environments import packaged_model

TEXT = "\n\n".join(
    " ".join(f"The ferry {n} sank." for n in range(m, m + 9)) for m in range(10, 99, 9)
)


def test_chunks_overlap_and_cover_the_article() -> None:
    article = make_article(TEXT)
    chunks = OverlappingSplitter(packaged_model())(article)
    words = [f"ferry {n} " for n in range(10, 91)]
    texts = [TEXT[chunk.start : chunk.end] for chunk in chunks]
    assert all(any(word in text for text in texts) for word in words)
    each = [[word for word in words if word in text] for text in texts]
    tokens = 5  # of "The ferry 10 sank."
    for one, following in pairwise(each[:-1]):
        assert abs(len(one) - CHUNK_TOKENS / tokens) <= 2
        assert abs(len(set(one) & set(following)) - OVERLAP / tokens) <= 2
    for chunk in chunks:
        assert (chunk.start, chunk.end) == (chunk.sentences[0].start, chunk.sentences[-1].end)


def test_a_short_article_is_one_chunk() -> None:
    article = make_article("The ferry sank. Nobody was hurt.")
    [chunk] = OverlappingSplitter(packaged_model())(article)
    assert (chunk.start, chunk.end, len(chunk.sentences)) == (0, len(article.text), 2)

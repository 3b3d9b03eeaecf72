"""Words of a question + its evidence -> those that it has in no other words either.

A question says gift where an article says present. Two words are near by their own vectors.
"""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np

from index.engine import Vectors
from index.vectors import Embedder
from service.evidence import EvidenceSentence
from service.words import stem

SYNONYM = 0.65
"""Cosine of two words' vectors above which one may stand for the other: gift and present."""

WORDS_KEPT = 10_000
"""Words whose vectors are kept, 15 MB: the words of a hundred of them took 90 ms a question."""

_word_vectors: WeakKeyDictionary[Embedder, dict[str, Vectors]] = WeakKeyDictionary()


def find_unheard(
    words: Sequence[str], evidence: Sequence[EvidenceSentence], embedder: Embedder
) -> frozenset[str]:
    """Stems of those words that the evidence has not nearly either."""
    texts = [found.text for found in evidence]
    heard = _embed_words(embedder, sorted({word for text in texts for word in text.split()}))
    nearest = (_embed_words(embedder, words) @ heard.T).max(axis=1)
    return frozenset(
        stem(word) for word, cosine in zip(words, nearest, strict=True) if cosine < SYNONYM
    )


def _embed_words(embedder: Embedder, words: Sequence[str]) -> Vectors:
    """Unit vectors float32 [words, d]; most of them are known from earlier questions."""
    known = _word_vectors.setdefault(embedder, {})
    new = [word for word in dict.fromkeys(words) if word not in known]
    if len(known) + len(new) > WORDS_KEPT:
        known.clear()
        new = list(dict.fromkeys(words))
    if new:
        known.update(zip(new, embedder.embed(new), strict=True))
    return np.stack([known[word] for word in words])

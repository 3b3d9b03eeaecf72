"""Words of a question + its evidence -> those that it has in no other words either.

A question says gift where an article says present. Two words are near by their own vectors.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from weakref import WeakKeyDictionary

import numpy as np

from index.engine import Vectors
from index.vectors import Embedder
from service.evidence import EvidenceSentence
from service.words import TOKEN, stem

SYNONYM = 0.65
"""Cosine of two words' vectors above which one may stand for the other: gift and present."""

NEAR = 0.43
"""Cosine from which it may, where all else that is said of it is the same: swap and exchange."""

Unheard = Mapping[str, frozenset[str]]
"""Stems of words that the evidence has not, each with those of its words that are near."""

NOTHING_UNHEARD: Unheard = MappingProxyType({})

WORDS_KEPT = 10_000
"""Words whose vectors are kept, 15 MB: the words of a hundred of them took 90 ms a question."""

_word_vectors: WeakKeyDictionary[Embedder, dict[str, Vectors]] = WeakKeyDictionary()


def find_unheard(
    words: Sequence[str], evidence: Sequence[EvidenceSentence], embedder: Embedder
) -> Unheard:
    """Those of the words that the evidence has not in words that mean the same either."""
    heard = sorted({word for found in evidence for word in TOKEN.findall(found.text)})
    cosines = _embed_words(embedder, words) @ _embed_words(embedder, heard).T
    return {
        stem(word): frozenset(stem(heard[at]) for at in np.flatnonzero(row >= NEAR))
        for word, row in zip(words, cosines, strict=True)
        if row.max() < SYNONYM
    }


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

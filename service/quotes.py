"""Question + evidence -> the sentences that are quoted where no draft can stand (pure)."""

from collections.abc import Sequence

from service.asked import find_mismatch
from service.claims import LIGHT_WORDS, read_claim
from service.evidence import Evidence, EvidenceSentence
from service.words import holds_word

STRONG = 1.0
"""Evidence at least this near to the question is quoted when no drafted sentence could be kept."""

NEAR = 0.8
"""And this near where the model failed: nine in ten questions that have an answer find such."""

QUOTABLE = 0.75
"""Share of the question's content words that a sentence holds which is quoted in its place."""

QUOTABLE_PLAIN = 0.6
"""And of those that are no names: what is asked about them."""

QUOTED = 3
"""Sentences of such an answer."""


def find_quotable(
    question: str, shown: Sequence[Evidence], *, anyhow: bool
) -> list[EvidenceSentence]:
    """The best evidence with nearly all of the question's words that says that kind of thing.

    Where there is none, `anyhow` takes what is near and holds a name or half of the words.
    """
    asked = read_claim(question)
    words = asked.words - LIGHT_WORDS
    of_kind = [
        (found, read_claim(found.text).words)
        for evidence in shown
        for found in evidence.sentences
        if find_mismatch(question, found.text, []) is None
    ]
    best = [
        found
        for found, held in of_kind
        if all(
            sum(holds_word(held, word) for word in some) >= share * len(some)
            for some, share in ((words, QUOTABLE), (words - asked.names, QUOTABLE_PLAIN))
        )
    ]
    if anyhow and not best:
        best = [
            found
            for found, held in of_kind
            if found.score >= NEAR
            and (
                any(holds_word(held, name) for name in asked.names)
                or 2 * sum(holds_word(held, word) for word in words) >= len(words)
            )
        ]
    return best[:QUOTED]

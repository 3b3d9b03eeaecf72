"""An answer + its evidence -> what of it is read once more, and what of that belongs (pure).

A small model stops at the first part of what was asked, or at one thing of two. What it has not
cited yet is shown to it again, and a sentence of that is kept where it tells more of a list, or
speaks of what the question names and the answer does not.
"""

from collections.abc import Sequence
from dataclasses import replace

from index.engine import Vectors
from service.citations import CheckedSentence
from service.claims import LIGHT_WORDS, read_claim
from service.completion import asks_for_several
from service.evidence import Evidence, EvidenceSentence, count_tokens
from service.parts import AND_ASKS, without_asides
from service.quantities import MEASURING
from service.support.statement import publishers_of
from service.words import holds_all, holds_word, stem, unheld

MAX_SENTENCES = 8
MAX_TOKENS = 320
"""What is shown to the model once more, the best first."""

SPOKEN_OF = 0.5
"""Share of the question's words that a further sentence holds, for a list with its quotes."""

MIN_NEW = 2
"""Words, or one number, that a further part of a list has and nothing before it."""

NEAR = 0.65
NEARER = 0.05
"""Cosine of a further sentence to the question, and by how much it is above the answer's."""

SAME = 0.66
"""Cosine of two sentences above which one says what the other does."""

_KINDS_ASKED = frozenset(map(stem, "far day date year month time number reason".split()))
"""What a question asks for by its kind: the answer says which, not that it is one."""


def unread(evidence: Evidence, answered: Sequence[CheckedSentence]) -> Evidence:
    """The best evidence that no answered sentence cites, numbered from 1."""
    cited = {found.span for sentence in answered for found in sentence.evidence}
    shown = list[EvidenceSentence]()
    tokens = 0.0
    for found in sorted(evidence.at_hand, key=lambda found: -found.score):
        if found.span in cited:
            continue
        tokens += count_tokens(found.text)
        if len(shown) == MAX_SENTENCES or tokens > MAX_TOKENS:
            break
        shown.append(replace(found, number=len(shown) + 1))
    return replace(evidence, sentences=tuple(shown))


def asks_more(question: str, answered: Sequence[CheckedSentence]) -> bool:
    """Whether more may be asked than is answered: a list, or what no quote speaks of."""
    return _asks_list(question) or bool(_lacking(question, answered))


def speaks_of(question: str, text: str) -> bool:
    """Whether `text` has a word of the question, or is names and numbers alone: 40 seconds."""
    said = read_claim(f"x {text}")
    asked = read_claim(question).words
    bare = said.words - said.names - MEASURING == read_claim("x").words
    return bare or any(holds_word(said.words, word) for word in asked)


def shares(question: str, text: str) -> float:
    """The share of the question's words that `text` has."""
    return _share(read_claim(question).words - LIGHT_WORDS, read_claim(text).words)


def is_nearer(asked: Vectors, answered: Vectors, said: Vectors, further: CheckedSentence) -> bool:
    """Whether a supported sentence is nearer to the question than all before it, and none of them.

    The first answer of a small model may be beside the question, in words of it. `asked` and `said`
    are the unit vectors [d] of the question and of `further`, `answered` is those [sentences, d] of
    what stands before it.
    """
    near = float(asked @ said)
    return (
        near >= max(NEAR, NEARER + float((answered @ asked).max()))
        and float((answered @ said).max()) < SAME
        and _quotes_hold_names(further)
    )


def belongs(question: str, answered: Sequence[CheckedSentence], further: CheckedSentence) -> bool:
    """Whether a supported sentence tells more of what `question` asks than those before it."""
    if not _quotes_hold_names(further):
        return False
    said = read_claim(f"x {further.text}")
    quotes = read_claim(f"x {' '.join(found.text for found in further.evidence)}").words
    known = read_claim(f"x {question} {' '.join(sentence.text for sentence in answered)}")
    new = unheld(known.words, said.words)
    numbers = said.numbers - known.numbers
    if _asks_list(question):
        asked = _asked(question)
        spoken = said.words | quotes
        told = min(_share(words, spoken) for words in (asked, asked - read_claim(question).names))
        return told >= SPOKEN_OF and (len(new) >= MIN_NEW or bool(numbers))
    covers = any(holds_word(said.words, word) for word in _lacking(question, answered))
    return covers and _share(_asked(question), said.words) >= SPOKEN_OF and bool(new or numbers)


def _quotes_hold_names(further: CheckedSentence) -> bool:
    """Whether its names stand in its quotes, or are of their publishers: none from a title."""
    texts = [*(found.text for found in further.evidence), *publishers_of(further.evidence)]
    held = read_claim("\n".join(f"x {text}" for text in texts)).words
    return holds_all(held, read_claim(f"x {further.text}").names)


def _lacking(question: str, answered: Sequence[CheckedSentence]) -> list[str]:
    """The question's words that neither the answer nor its quotes have."""
    texts = [
        text
        for sentence in answered
        for text in (sentence.text, *(found.text for found in sentence.evidence))
    ]
    told = read_claim(f"x {' '.join(texts)}").words
    return unheld(told, _asked(question))


def _asks_list(question: str) -> bool:
    return asks_for_several(question) and not AND_ASKS.search(question)


def _asked(question: str) -> frozenset[str]:
    return read_claim(without_asides(question)).words - LIGHT_WORDS - _KINDS_ASKED


def _share(asked: frozenset[str], words: frozenset[str]) -> float:
    """The share of the words `asked` that are among the `words`, 1 of none."""
    return sum(holds_word(words, word) for word in asked) / len(asked) if asked else 1.0

"""An answer's sentences + evidence -> further evidence sentences that belong in the answer.

A small model writes one sentence where three articles each hold a part, or an account of their own.
For questions that ask for several things, or where accounts differ, the parts it left out are
quoted as they stand. Kept simple on purpose: rules on words, numbers and vectors, no second call.
"""

import re
from collections.abc import Sequence

from service.accounts import NEAR, accounts_asked, lacks_day, nearness, shared_words
from service.asked import find_unnamed
from service.citations import CheckedSentence
from service.claims import Claim, read_claim
from service.evidence import EvidenceSentence
from service.support.statement import surroundings
from service.words import holds_word, is_plural, stem

MAX_ADDED = 3
"""Sentences added to one answer."""

SAME = 0.8
"""Cosine above which two added sentences say the same."""

AGAIN = 0.8
"""Share of a shown sentence's words, the question's aside, whose return makes a repetition."""

MIN_SHARED = 2
"""Content words, names aside, that it shares with the question and the answer."""

NEAR_QUESTION = 0.6
"""Share of the best evidence's score that a part of a list has."""

MIN_NAMES = 3
"""Names that make a list of them."""

MIN_NEW = 0.4
"""Share of its words that the answer has not said yet."""

_NOUNS = re.compile(
    r"\b(?:what|which|whose)\s+((?:[\w'’-]+\s+){1,6}?)"
    r"(?:did|does|do|was|were|is|are|has|have|had|can|could|will|would|should)\b",
    re.IGNORECASE,
)
_FIRST_NOUN = re.compile(r"\b(?i:which|whose)\s+(?:[A-Z][\w'’-]*\s+)?([a-z][\w'’-]*)\b")
"""What is asked for where its own verb follows: which US states grow it."""

_DISCUSSED = re.compile(r"^what\b.*\b(?:discuss\w*|talk\w* about|agree\w*)\b", re.IGNORECASE)
_ALL_ASKED = re.compile(
    r"^(?:name|list)\b|^who (?:are|were) the\b|\b(?:everything|all the"
    r"|(?:the|different|various) (?:reports|sources|accounts|outlets|articles))\b",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"\w+(?:\s\w+)?,\s(?:\w+(?:\s\w+){0,3},\s)*(?:\w+(?:\s\w+){0,3},?\sand\s|and\s)\w+(?:\s\w+)?"
)
"""A few words at a time, between commas, up to an "and"."""


def find_further(
    question: str, answered: Sequence[CheckedSentence], evidence: Sequence[EvidenceSentence]
) -> list[EvidenceSentence]:
    """Evidence to quote after the `answered` sentences, at most MAX_ADDED.

    Parts of a list come nearest to the cited first, accounts of a number in the order given.
    """
    cited = [found for sentence in answered for found in sentence.evidence]
    if not cited:
        return []
    several, differs = asks_for_several(question), accounts_asked(question)
    if several:
        evidence = sorted(evidence, key=lambda found: -nearness(found, cited))
    known = " ".join(sentence.text for sentence in answered)
    least = NEAR_QUESTION * max(found.score for found in evidence)
    added: list[EvidenceSentence] = []
    for found in evidence:
        shown = [*(sentence.text for sentence in answered), *(other.text for other in added)]
        so_far = " ".join(shown)
        if found in cited:
            adds = several and _lists_more(found, so_far)
        else:
            part = several and found.score >= least and not _is_caption(found)
            adds = (part and _adds_part(f"{question} {known}", found, cited, so_far)) or any(
                adds_account(question, found, cited, so_far) for adds_account in differs
            )
        adds = adds or lacks_day(question, found, so_far)
        if several and found not in cited:
            adds = adds and not any(_says_again(question, found, text) for text in shown)
        if not adds or (added and nearness(found, added) >= SAME):
            continue
        if find_unnamed(question, found.text, surroundings(found)) is None:
            added.append(found)
        if len(added) == MAX_ADDED:
            break
    return added


def asks_for_several(question: str) -> bool:
    """Whether the question asks for a list: "which animals …", "what did they discuss"."""
    nouns = _NOUNS.search(question)
    listed = nouns is not None and any(is_plural(word) for word in nouns.group(1).split())
    first = _FIRST_NOUN.search(question)
    listed |= first is not None and is_plural(first[1])
    return listed or bool(_DISCUSSED.search(question) or _ALL_ASKED.search(question))


def _adds_part(
    matter: str, found: EvidenceSentence, cited: Sequence[EvidenceSentence], known: str
) -> bool:
    """Whether `found` tells more of the `matter`, than what is `known` of it."""
    claim, told = read_claim(found.text), read_claim(known)
    shared = shared_words(matter, claim)
    beside = any(_follows(found, other) for other in cited) and bool(shared)
    near = nearness(found, cited) >= NEAR and len(shared) >= MIN_SHARED
    return (beside or near) and len(_new(claim, told)) >= MIN_NEW * len(claim.words)


def _says_again(question: str, found: EvidenceSentence, text: str) -> bool:
    """Whether `found` holds nearly all that `text` answers to the question."""
    asked = read_claim(question).words
    told = [word for word in read_claim(text).words if not holds_word(asked, word)]
    held = read_claim(found.text).words
    shared = sum(holds_word(held, word) for word in told)
    return shared >= MIN_SHARED and shared >= AGAIN * len(told)


def _lists_more(found: EvidenceSentence, known: str) -> bool:
    """Whether a cited sentence lists names, or things of which `known` has two, that it lacks."""
    told = read_claim(known).words
    for listed in _LIST.findall(found.text):
        items = re.split(r",\s+(?:and\s+)?|\s+and\s+", listed)
        heads = [item.split()[-1] for item in items]
        names = [head for head in heads if head[0].isupper()]
        counted = names if len(names) >= MIN_NAMES else heads
        held = [head for head in counted if holds_word(told, stem(head))]
        if len(held) < len(counted) and (counted is names or len(held) >= MIN_SHARED):
            return True
    return False


def _new(claim: Claim, told: Claim) -> list[str]:
    return [word for word in claim.words if not holds_word(told.words, word)]


def _is_caption(found: EvidenceSentence) -> bool:
    """Whether it stands under a picture, of which it tells first of all."""
    return any(start <= found.span.start < end for start, end in found.article.captions)


def _follows(found: EvidenceSentence, other: EvidenceSentence) -> bool:
    """Whether `found` stands right after `other` in one article."""
    if found.article.id != other.article.id:
        return False
    between = found.article.text[other.span.end : found.span.start]
    return found.span.start >= other.span.end and not between.strip()

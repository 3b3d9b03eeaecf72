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
from service.claims import OFFICES, read_claim
from service.evidence import EvidenceSentence
from service.quantities import MEASURING, read_measures
from service.subjects import WISHES_ASKED, find_other_wisher
from service.support.statement import surroundings
from service.words import holds_all, holds_word, is_plural, stem, unheld

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
_WHAT_DOES = re.compile(r"\bwhat (?:did|does|do|has|have|had)\b", re.IGNORECASE)
"""A question for a deed, which may be several."""

_WORD = r"[\w-]+"
_FEW = rf"{_WORD}(?:\s{_WORD}){{0,4}}"
_LIST = re.compile(
    rf"{_WORD}(?:\s{_WORD})?,\s(?:{_FEW},\s)*(?:{_FEW},?\sand\s|and\s){_WORD}(?:\s{_WORD}){{0,2}}"
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
    several = asks_for_several(question)
    if several:
        evidence = sorted(evidence, key=lambda found: -nearness(found, cited))
    known = " ".join(sentence.text for sentence in answered)
    least = NEAR_QUESTION * max(found.score for found in evidence)
    added: list[EvidenceSentence] = []
    for found in evidence:
        shown = [*(sentence.text for sentence in answered), *(other.text for other in added)]
        so_far = " ".join(shown)
        if found in cited:
            adds = _leaves_out(question, found, so_far)
        else:
            part = several and found.score >= least and not _is_caption(found)
            adds = (part and _adds_part(f"{question} {known}", found, cited, so_far)) or any(
                adds_account(question, found, cited, so_far)
                for adds_account in accounts_asked(question)
            )
        adds = adds or lacks_day(question, found, so_far)
        again = found not in cited and any(_says_again(question, found, text) for text in shown)
        adds = adds and not find_other_wisher(question, found.text)
        if not adds or (several and again) or (added and nearness(found, added) >= SAME):
            continue
        if find_unnamed(question, found.text, surroundings(found)) is None:
            added.append(found)
        if len(added) == MAX_ADDED:
            break
    return added


def asks_for_several(question: str) -> bool:
    """Whether the question asks for a list: "which animals …", "what did they discuss"."""
    return any(map(is_plural, _nouns_asked(question))) or any(
        pattern.search(question) for pattern in (_DISCUSSED, _ALL_ASKED, WISHES_ASKED)
    )


def _nouns_asked(question: str) -> list[str]:
    """The words between what or which and the verb: of which kind what is asked for is."""
    found = (pattern.search(question) for pattern in (_NOUNS, _FIRST_NOUN))
    return [word for match in found if match for word in match[1].split()]


def _leaves_out(question: str, found: EvidenceSentence, known: str) -> bool:
    """Whether `known` leaves out of a cited sentence something that was asked for."""
    several = asks_for_several(question)
    deeds = _WHAT_DOES.search(question) is not None
    return (several and _cuts_off(question, found, known)) or (
        (several or deeds) and _lists_more(question, found, known, names=several)
    )


def _adds_part(
    matter: str, found: EvidenceSentence, cited: Sequence[EvidenceSentence], known: str
) -> bool:
    """Whether `found` tells more of the `matter`, than what is `known` of it."""
    claim, told = read_claim(found.text), read_claim(known)
    shared = shared_words(matter, claim)
    beside = any(_follows(found, other) for other in cited) and bool(shared)
    near = nearness(found, cited) >= NEAR and len(shared) >= MIN_SHARED
    return (beside or near) and len(unheld(told.words, claim.words)) >= MIN_NEW * len(claim.words)


def _says_again(question: str, found: EvidenceSentence, text: str) -> bool:
    """Whether `found` holds nearly all that `text` answers to the question."""
    asked = read_claim(question).words
    told = unheld(asked, read_claim(text).words)
    held = read_claim(found.text).words
    shared = sum(holds_word(held, word) for word in told)
    return shared >= MIN_SHARED and shared >= AGAIN * len(told)


def _lists_more(question: str, found: EvidenceSentence, known: str, *, names: bool) -> bool:
    """Whether a cited sentence lists things of which `known` has two, or `names`, that it lacks."""
    told, asked = read_claim(known).words, read_claim(question).words
    for listed in _LIST.findall(found.text):
        items = re.split(r",\s+(?:and\s+)?|\s+and\s+", listed)
        heads = [item.split()[-1] for item in items]
        capitalised = [head for head in heads if head[0].isupper()]
        if names and len(capitalised) >= MIN_NAMES:
            if not all(holds_word(told, stem(head)) for head in capitalised):
                return True
            continue
        new = [unheld(asked, read_claim(f"x {item}").words - {"x"}) for item in items]
        held = [any(holds_word(told, word) for word in item) for item in new if item]
        if sum(held) >= MIN_SHARED and not all(held):
            return True
    return False


def _cuts_off(question: str, found: EvidenceSentence, known: str) -> bool:
    """Whether `known` leaves out of a cited sentence a number in its unit, or who holds an office.

    A small model writes the second half: "the Cyberbeast costs $100,000", and no other's price.
    """
    told = read_measures(known)
    units = {unit for unit, _ in told} & MEASURING
    if any(
        unit in units and (unit, value) not in told for unit, value in read_measures(found.text)
    ):
        return True
    if not any(stem(word) in OFFICES for word in _nouns_asked(question)):
        return False
    said = read_claim(f"{question} {known}").words
    return not holds_all(said, read_claim(found.text).words & OFFICES)


def _is_caption(found: EvidenceSentence) -> bool:
    """Whether it stands under a picture, of which it tells first of all."""
    return any(start <= found.span.start < end for start, end in found.article.captions)


def _follows(found: EvidenceSentence, other: EvidenceSentence) -> bool:
    """Whether `found` stands right after `other` in one article."""
    if found.article.id != other.article.id:
        return False
    between = found.article.text[other.span.end : found.span.start]
    return found.span.start >= other.span.end and not between.strip()

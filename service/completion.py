"""An answer's sentences + evidence -> further evidence sentences that belong in the answer.

A small model writes one sentence where three articles each hold a part, or an account of their own.
For questions that ask for several things, or for a number, the parts it left out are quoted as
they stand. Kept simple on purpose: rules on words, numbers and vectors, no second call.
"""

import re
from collections.abc import Sequence

from service.asked import find_unnamed
from service.citations import CheckedSentence
from service.claims import LIGHT_WORDS, Claim, read_claim
from service.dates import MONTH, WEEKDAY
from service.evidence import EvidenceSentence
from service.quantities import read_measures
from service.support.statement import surroundings
from service.words import holds_word, is_plural, stem

MAX_ADDED = 3
"""Sentences added to one answer."""

NEAR = 0.6
"""Cosine to what the answer cites above which a sentence is about the same thing."""

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
_EITHER = re.compile(r"((?:[\w'’-]+\s+){1,4})or\s+((?:[\w'’-]+[\s?]*){1,5})", re.IGNORECASE)
"""The words on both sides of an "or"."""

_LIST = re.compile(
    r"\w+(?:\s\w+)?,\s(?:\w+(?:\s\w+){0,3},\s)*(?:\w+(?:\s\w+){0,3},?\sand\s|and\s)\w+(?:\s\w+)?"
)
"""A few words at a time, between commas, up to an "and"."""

_QUANTITY = re.compile(
    r"\b(?:how\s+(?:far|long|many|much|old|big|large|high|fast|often|wide|deep)|when"
    r"|what\s+(?:distance|date|number|price|age|year))\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"^(?:(?:and|so|from|in|at|by|on|since|until)\s)*"
    r"(?:when|(?:what|which)\s(?:day|date|month|time|year))\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"^(?:(?:and|so|from|in|at|to|by|for|on)\s)*(?:who|whom|where|which\s\w+"
    r"|what\s(?!did|do|does|was|were|is|are|has|have|had|will|would|can|could)\w+)\b",
    re.IGNORECASE,
)
"""A question for a name: of somebody, of a place, of one of a kind."""

_CAPITALISED = re.compile(r"\b(?P<word>[A-Z][^\W\d_]*(?:an|ese|ish))\b(?P<thing> [a-z])?")
"""What may be the adjective of a country, and whether a thing follows."""

ALIKE = 0.6
"""Cosine to what the answer cites above which another article tells of the same event."""

MOST = 2 / 3
"""Share of the question's words that it holds then."""

ALIKE_ALL = 0.4
"""And the cosine above which it does, where it holds all of them."""

_CAPITALS = re.compile(r"[A-Z][\w’'-]*(?:\s[A-Z][\w’'-]*)*")
_DATES = (
    re.compile(rf"\b{WEEKDAY}\b"),
    re.compile(rf"\b(?:(?:[Ee]arly|[Mm]id|[Ll]ate)[\s-])?{MONTH}\b"),
    re.compile(r"\b(?:1[5-9]|20)\d\ds?\b"),
)
"""Weekdays, months and years: of one kind, two differ."""

_UNITS_ASKED: dict[str, set[str]] = {
    "how long": {"minut", "hour", "day", "week", "month", "year"},
    "how far": {"meter", "kilomet", "mile"},
}


def find_further(
    question: str, answered: Sequence[CheckedSentence], evidence: Sequence[EvidenceSentence]
) -> list[EvidenceSentence]:
    """Evidence to quote after the `answered` sentences, at most MAX_ADDED.

    Parts of a list come nearest to the cited first, accounts of a number in the order given.
    """
    cited = [found for sentence in answered for found in sentence.evidence]
    if not cited:
        return []
    several, quantity = asks_for_several(question), bool(_QUANTITY.search(question))
    either = _EITHER.search(question)
    when = bool(_WHEN.search(question))
    name = not when and bool(_NAMED.search(question))
    if several:
        evidence = sorted(evidence, key=lambda found: -_nearness(found, cited))
    known = " ".join(sentence.text for sentence in answered)
    least = NEAR_QUESTION * max(found.score for found in evidence)
    added: list[EvidenceSentence] = []
    for found in evidence:
        shown = [*(sentence.text for sentence in answered), *(other.text for other in added)]
        so_far = " ".join(shown)
        if found in cited:
            adds = several and _lists_more(found, so_far)
        else:
            adds = (
                (
                    several
                    and found.score >= least
                    and _adds_part(f"{question} {known}", found, cited, so_far)
                )
                or (quantity and _adds_account(question, found, cited, so_far))
                or (either is not None and _adds_alternative(either, found, cited, so_far))
                or (name and _names_another(question, found, cited, so_far))
                or (when and _dates_another(question, found, cited, so_far))
            )
        if several and found not in cited:
            adds = adds and not any(_says_again(question, found, text) for text in shown)
        if not adds or (added and _nearness(found, added) >= SAME):
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
    shared = _common(matter, claim)
    beside = any(_follows(found, other) for other in cited) and bool(shared)
    near = _nearness(found, cited) >= NEAR and len(shared) >= MIN_SHARED
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


def _adds_account(
    question: str, found: EvidenceSentence, cited: Sequence[EvidenceSentence], known: str
) -> bool:
    """Whether `found` gives another number than the answer, or the number that it lacks."""
    told, given = read_measures(known), read_measures(found.text)
    units = {unit for unit, _ in told}
    elsewhere = found.article.id not in {other.article.id for other in cited}
    differs = elsewhere and any(
        unit in units and (unit, value) not in told for unit, value in given
    )
    asked = next(
        (units for words, units in _UNITS_ASKED.items() if words in question.lower()), set()
    )
    missing = (
        not asked & units
        and any(unit in asked for unit, _ in given)
        and _nearness(found, cited) >= NEAR
    )
    claim, names = read_claim(found.text), read_claim(question).names
    named = all(holds_word(claim.words, name) for name in names)
    return (differs or missing) and named and bool(names or _common(question, claim))


def _adds_alternative(
    either: re.Match[str], found: EvidenceSentence, cited: Sequence[EvidenceSentence], known: str
) -> bool:
    """Whether `found` has what an "A or B" question names and the answer leaves out."""
    told, held = read_claim(known).words, read_claim(found.text).words
    left_out = {
        word
        for side in either.groups()
        for word in read_claim(f"x {side}").words
        if not holds_word(told, word)
    }
    return any(holds_word(held, word) for word in left_out) and _nearness(found, cited) >= NEAR


def _names_another(
    question: str, found: EvidenceSentence, cited: Sequence[EvidenceSentence], known: str
) -> bool:
    """Whether `found` answers with another name, without the first that the answer has."""
    asked, claim, told = read_claim(question), read_claim(found.text), read_claim(known)
    runs = (read_claim(f"x {run}").names - asked.words for run in _CAPITALS.findall(known))
    answer = next(filter(None, runs), None)
    return (
        answer is not None
        and not all(holds_word(claim.words, name) for name in answer)
        and bool(claim.names - asked.words - told.names - _adjectives(found.text))
        and _tells_of_same(question, found, cited)
    )


def _dates_another(
    question: str, found: EvidenceSentence, cited: Sequence[EvidenceSentence], known: str
) -> bool:
    """Whether `found` answers with another weekday, month or year."""
    dates = [
        [{date.lower() for date in kind.findall(text)} for text in (known, found.text)]
        for kind in _DATES
    ]
    differs = any(told and given and not told & given for told, given in dates)
    return differs and _tells_of_same(question, found, cited)


def _tells_of_same(
    question: str, found: EvidenceSentence, cited: Sequence[EvidenceSentence]
) -> bool:
    """Whether `found` is of another article and holds most words of the question."""
    words = read_claim(question).words - LIGHT_WORDS
    held = sum(holds_word(read_claim(found.text).words, word) for word in words)
    least = ALIKE_ALL if held == len(words) else ALIKE
    return (
        found.article.id not in {other.article.id for other in cited}
        and held >= MOST * len(words)
        and _nearness(found, cited) >= least
    )


def _adjectives(text: str) -> set[str]:
    """The stems of capitalised words that only say of what kind a thing is: Russian video."""
    plain: set[str] = set()
    kinds: set[str] = set()
    for match in _CAPITALISED.finditer(text):
        (kinds if match["thing"] else plain).add(stem(match["word"].lower()))
    return kinds - plain


def _nearness(found: EvidenceSentence, cited: Sequence[EvidenceSentence]) -> float:
    """The cosine to the nearest of the cited sentences."""
    return max(float(found.vector @ other.vector) for other in cited)


def _common(question: str, claim: Claim) -> list[str]:
    """Content words of the question, names aside, that the sentence holds."""
    asked = read_claim(question)
    return [word for word in _plain_words(asked) if holds_word(claim.words, word)]


def _new(claim: Claim, told: Claim) -> list[str]:
    return [word for word in claim.words if not holds_word(told.words, word)]


def _plain_words(claim: Claim) -> list[str]:
    return sorted(claim.words - claim.names)


def _follows(found: EvidenceSentence, other: EvidenceSentence) -> bool:
    """Whether `found` stands right after `other` in one article."""
    if found.article.id != other.article.id:
        return False
    between = found.article.text[other.span.end : found.span.start]
    return found.span.start >= other.span.end and not between.strip()

"""A statement -> the words of it that its quotes have not, or not in one of them (pure)."""

import re

from service.claims import LIGHT_WORDS, WEEKDAYS, as_written, read_claim
from service.dates import MONTH, WEEKDAY
from service.support.statement import Statement, publishers_of
from service.words import holds_all, holds_word, unheld

MIN_COVERED = 0.7
"""Share of a sentence's content words that its quotes hold, by weight of one each."""

MIN_COVERED_ECHO = 0.6
"""And a single quote this, where all that is missing are words of the question: what he earns."""

MIN_PLAIN = 0.5
"""Share of its words that are no names, which its quotes hold: two names alone tell nothing."""

MIN_IN_ONE = 0.6
"""Share of a clause's words, names aside, that one of its quotes holds."""

_QUOTED = re.compile(r"[“\"]([^“”\"]*)[”\"]")

MIN_QUOTATION = 3
"""Characters between quotation marks that are looked up."""

_POINTS = re.compile(r"\b(?:this|that|it|so|them)\W*$", re.IGNORECASE)
"""An end that only points to something: Moen reported this."""

_RELATIVE = re.compile(r",\s(?:who|whom|whose|which|where|when)\b")
"""Where something is told beside what a sentence says first."""

_TELLS = re.compile(r".*?\b(?:told|asked|informed|assured|warned)\b.+?(?= that\b)")
"""Who told whom, before what he told."""

_DATED = re.compile(rf"\b(?:{WEEKDAY}|{MONTH})\b")

_JOINED = re.compile(
    r"[,;:]|\b(?:and|but|or|while|who|whom|whose|which|that|when|where|because|with)\b",
    re.IGNORECASE,
)
"""What joins two clauses, or two things that may stand in two quotes."""


def find_altered_quotation(said: Statement) -> str | None:
    """Words between quotation marks that stand in no quote like that."""
    for quotation in _QUOTED.findall(said.text):
        short = len(quotation) < MIN_QUOTATION
        if not short and not any(_plain(quotation) in _plain(found.text) for found in said.cited):
            return f"the quotation {quotation!r} is in no cited sentence"
    return None


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def find_empty(said: Statement) -> str | None:
    """Neither a word that could be looked up nor a number, or names that are told nothing of."""
    words = said.claim.words
    pointing = _POINTS.search(said.text) and words <= read_claim(f"x {said.text}").names
    if (words and not pointing) or (not words and said.claim.numbers):
        return None
    return "it says nothing that can be checked"


def find_uncovered(said: Statement) -> str | None:
    """Content words that no cited sentence holds, where there are too many of them.

    An article's title may give a name, but does not tell what somebody did.
    """
    words = said.claim.words
    if not words:
        return None
    publishers = read_claim(" . ".join(f"x {name}" for name in publishers_of(said.cited))).words
    quoted = publishers.union(*(quote.words for quote in said.quotes))
    names = read_claim(f"x {said.text}").names
    missing = [
        word for word in words if not holds_word(said.held if word in names else quoted, word)
    ]
    asked = read_claim(said.question).words
    told = unheld(asked, words - names - set(missing))
    told += _DATED.findall(said.text)
    echoed = len(said.cited) == 1 and told and holds_all(asked, missing)
    if 1 - len(missing) / len(words) < (MIN_COVERED_ECHO if echoed else MIN_COVERED):
        lacking = as_written(set(missing), said.text)
        return "too little of it is in the cited sentences: " + ", ".join(lacking)
    return None


def find_hollow(said: Statement) -> str | None:
    """Names and days alone of a sentence in its quotes, and little of what it tells of them."""
    told = _TELLS.match(said.text)
    mains = [said.text, _RELATIVE.split(said.text)[0], *([told[0]] if told else [])]
    for text in dict.fromkeys(mains):
        plain = read_claim(text).words - read_claim(f"x {text}").names - WEEKDAYS
        held = {word for word in plain if any(holds_word(q.words, word) for q in said.quotes)}
        lacking = plain - held
        if plain - LIGHT_WORDS and (not held - LIGHT_WORDS or len(held) < MIN_PLAIN * len(plain)):
            return "only its names are in the cited sentences, not " + ", ".join(
                as_written(lacking, text)
            )
    return None


def find_pieced(said: Statement) -> str | None:
    """A single clause that no quote holds by itself, not even with what names its pronoun."""
    if len(said.cited) == 1 or _JOINED.search(said.text):
        return None
    names = said.claim.names
    plain = said.claim.words - names
    share = max(
        sum(holds_word(quote.words, word) for word in plain) / max(1, len(plain))
        for quote in said.quotes
    )
    return None if share >= MIN_IN_ONE else "no cited sentence holds most of it"

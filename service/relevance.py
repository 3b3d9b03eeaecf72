"""A question + a sentence that its quotes support -> why it is no answer all the same (pure)."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from index.hints import spell_publisher
from service.asked import find_mismatch, find_unnamed
from service.capitals import stands_for
from service.citations import CheckedSentence, neighbours
from service.claims import (
    CAPITALS,
    HOME,
    LIGHT_WORDS,
    MONTHS,
    NAME_RUN,
    WEEKDAYS,
    as_written,
    read_claim,
)
from service.dates import MONTH, find_day_over, long_date
from service.evidence import EvidenceSentence
from service.quantities import MEASURING
from service.subjects import find_other_holder_of
from service.support.statement import surroundings
from service.unheard import NOTHING_UNHEARD, Unheard
from service.words import FUNCTION_WORDS, holds_word, stem

TOLD = 0.8
"""Share of a sentence in one quote that makes up for a word of the question it has from nowhere."""

REST = 0.75
"""Share of the rest of it in one quote that has a word near to that."""

LEAD = 600
"""Characters at the start of an article that tell what all of it is about."""

MATTER, MIN_MATTER = 0.75, 3
"""Share, and number, of a question's words, names aside, that a quote of its matter has."""

_SOURCE = re.compile(
    rf"\baccording to (?:the )?(?P<by>{CAPITALS})|\b(?:that|which|as) (?:the )?(?P<who>{CAPITALS})"
    r" (?:sa(?:ys?|id)|mention(?:s|ed)|names?d?|wr(?:ites|ote)|t(?:ells|old)|reports?(?:ed)?"
    r"|claims?(?:ed)?|describe[sd]|lists?(?:ed)?|cite[sd]|puts?)\b"
)
"""Whom a question has something from, whom its article may name far away from that."""

_WHAT_DOES = re.compile(
    r"^(?:and |but |so )?what (?:did|does|do|has|have|had|will|would|can|could)\b"
    r"(?: (?:[\w'’-]+ ){1,6}?(?P<does>(?!and\b|put\b|\w+s\b)[a-z]+)"
    r"(?=\?| (?:at|in|on|with|for|to|from|about|when|during)\b|(?-i:(?: [A-Z][\w-]*)+\?)))?",
    re.IGNORECASE,
)
"""A question for what somebody did, with the verb: what did they eat at the table?"""

_WHO_SAYS = re.compile(
    r"^(?:and |but |so )?what (?:did|has|have|does|do) (?P<who>.+?) "
    r"(?:say|said|tell|told|announced?)\b",
    re.IGNORECASE,
)
"""A question for what somebody says."""

_SAYS = re.compile(
    r"[“\"]|\b(?:sa(?:ys?|id)|t(?:ells?|old)|wr(?:ites?|ote)|call(?:s|ed)|add(?:s|ed)|den(?:y|ies|ied)"
    r"|spoke|speaks?|according|view|statement|quoted?"
    r"|(?:announc|express|stress|describ|warn|report|promis|pledg|confirm|thank|claim|argu|insist"
    r"|comment|respond|repl|post|tweet|believ|think|expect|predict|explain|admit|accus|prais|urg"
    r"|mention|suggest|question|ask|testif|agree|critici[sz]|vow|voic|rais)\w*)\b",
    re.IGNORECASE,
)
"""A word for saying, or a quotation mark."""

_DATE_ALONE = re.compile(rf"(?:\W|\d|\b(?:on|in|the|of|{MONTH})\b)+", re.IGNORECASE)

_WHO_DOES = re.compile(r"^(?:and |but |so )?who (?P<does>[a-z]+)\b", re.IGNORECASE)
_WORDS_BUT_NAMES = re.compile(r"\b[a-z]{4,}")


def _deed_asked(question: str, answer: str) -> str | None:
    """The verb of `question` for what `answer` tells of, whether it says so or not: eat, compose.

    It is what was done in "What did they eat?", and who did it where a bare name answers "Who …".
    """
    found = _WHAT_DOES.search(question)
    if found is None and not _WORDS_BUT_NAMES.search(answer):
        found = _WHO_DOES.search(question)
    return found["does"] if found else None


def _is_told(question: str, checked: CheckedSentence) -> bool:
    """Whether one quote has nearly all of a sentence, with a name or number not asked about.

    What somebody did to what is asked in the verb alone: "What did they eat?"
    """
    if _WHAT_DOES.search(question):
        return False
    asked, said = read_claim(question), read_claim(checked.text)
    names, numbers = said.names - asked.words, said.numbers - asked.numbers
    for found in checked.evidence:
        held = read_claim(found.text)
        share = sum(holds_word(held.words, word) for word in said.words)
        named = any(holds_word(held.words, name) for name in names)
        if share >= TOLD * len(said.words) and (named or numbers & held.numbers):
            return True
    return False


def _is_said_nearly(checked: CheckedSentence, words: AbstractSet[str], unheard: Unheard) -> bool:
    """Whether a quote has another word that is near to each of the `words`, and most of the rest.

    Kim complimented the aquarium for what he praised it for.
    """
    said = read_claim(checked.text).words
    rest = said - words
    for found in checked.evidence:
        held = read_claim(found.text).words
        share = sum(holds_word(held, word) for word in rest)
        if share >= REST * len(rest) and all(unheard[word] & (held - said) for word in words):
            return True
    return False


def _find_sources(question: str) -> list[str]:
    """A pattern of each word in the names of those whom `question` has something from."""
    names = [name for found in _SOURCE.finditer(question) for name in found.groups() if name]
    return [rf"\b{re.escape(word)}\b" for name in names for word in name.split()]


def _month_of(found: EvidenceSentence) -> str:
    """The month in which its article appeared, which that seldom says."""
    return f"x {found.article.published:%B}" if found.article.published else ""


def _names_in_full(question: str, found: EvidenceSentence) -> list[str]:
    """The names of several words in `question` of which the last stands around a quote.

    Its article has them in full, or the last word with no other name before it: Yedidia is Adam
    Yedidia, Milan is AC Milan where no Inter Milan is named.
    """
    near, text = surroundings(found), found.article.text
    held = []
    for name in NAME_RUN.findall(question):
        last = re.escape(name.split()[-1])
        befores = re.findall(rf"\b([A-Z][\w’'-]*)\s{last}\b", text)
        rivals = {word for word in befores if word.lower() not in FUNCTION_WORDS} - {*name.split()}
        if re.search(rf"\b{last}\b", near) and (name in text or not rivals):
            held.append(name)
    return held


def _lead(question: str, found: EvidenceSentence) -> list[str]:
    """The start of its article, which tells what all of it is about, for a quote of the matter.

    One that has most of the question's words, names aside, need not name again whom it is about.
    """
    asked, held = read_claim(question), read_claim(found.text).words
    words = asked.words - asked.names - LIGHT_WORDS
    shared = sum(holds_word(held, word) for word in words)
    told = shared >= max(MIN_MATTER, MATTER * len(words))
    return [found.article.text[:LEAD]] if told else []


def _find_unsaid(question: str, checked: CheckedSentence) -> str | None:
    """Why the quotes of a bare date or number, or of what somebody says, are of something else.

    Around them others may be spoken of: a date or a number alone needs the question's names beside
    it and a measure a word of it, and what somebody says his own.
    """
    speaker = _WHO_SAYS.search(question)
    said = read_claim(checked.text).words
    measure = said <= MEASURING
    bare = measure or _DATE_ALONE.fullmatch(checked.text)
    if speaker is None and not bare:
        return None
    texts = [found.text for found in checked.evidence]
    told = read_claim("\n".join(texts)).words
    words = read_claim(question).words
    if bare and not measure:
        words -= read_claim(f"x {question}").names
    if said and bare and words and not any(holds_word(told, word) for word in words):
        return "no quote of it speaks of what was asked"
    before = [one.text for found in checked.evidence for one in neighbours(found)]
    if speaker and not any(map(_SAYS.search, [*texts, *before])):
        return f"no quote of it has what {speaker['who']} said"
    held = read_claim("\n".join([f"x {checked.text}", *texts, *before])).words
    asked = read_claim(f"x {speaker['who']}" if speaker else question)
    names = sorted(asked.names - WEEKDAYS - MONTHS)
    lacking = [
        name
        for name in names
        if not holds_word(held, name) and not stands_for(name, held, text=question)
    ]
    if not lacking or (speaker and len(lacking) < len(names)):
        return None
    return f"no quote of it speaks of {as_written({lacking[0]}, question)[0]!r}"


def check_answers(
    question: str,
    checked: CheckedSentence,
    *,
    unheard: Unheard = NOTHING_UNHEARD,
    searched: Sequence[str] = (),
    reworded: bool = False,
) -> CheckedSentence:
    """`checked` with the reason why it is no answer to `question`, where it is none.

    `unheard` are words of the question that the articles do not speak of: a sentence that says
    them after the question has them from nowhere else, unless a quote has a near word for them, or
    it is `reworded` and somebody else judges what its words mean. Texts that were `searched` may
    say of whom it speaks that his office is another country's.
    """
    if checked.reason is not None:
        return checked
    words = read_claim(checked.text).words
    deed = _deed_asked(question, checked.text)
    if deed and stem(deed) in unheard and stem(deed) not in words:
        return replace(checked, reason=f"the articles do not speak of {deed!r}")
    said = set[str]() if reworded else unheard.keys() & words
    if said and not (_is_told(question, checked) or _is_said_nearly(checked, said, unheard)):
        word = as_written(said, question)[0]
        return replace(checked, reason=f"the articles do not speak of {word!r}")
    if reason := _find_unsaid(question, checked) or find_other_holder_of(
        question, checked.text, searched
    ):
        return replace(checked, reason=reason)
    published = [found.article.published for found in checked.evidence]
    if over := find_day_over(question, checked.text, published):
        return replace(checked, reason=f"{long_date(over)} was over when that was written")
    quotes = [found.text for found in checked.evidence]
    anywhere = re.compile("|".join([HOME, *_find_sources(question)]))
    around = "\n".join(
        text
        for found in checked.evidence
        for text in (
            surroundings(found),
            _month_of(found),
            *anywhere.findall(found.article.text),
            *_names_in_full(question, found),
            *_lead(question, found),
            f"x {spell_publisher(found.article.source or '', question)}",
        )
    )
    reason = find_mismatch(question, checked.text, quotes) or find_unnamed(
        question, checked.text, around
    )
    return replace(checked, reason=reason)

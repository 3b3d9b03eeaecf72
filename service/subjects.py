"""A question and a sentence -> whether it tells that of somebody else (pure).

"When will Putin travel?" is not answered by when Kim will, nor "Who is Norway's minister?" by who
Sweden's is. Kept simple on purpose: the name before a verb or a role, no parser.
"""

import re
from collections.abc import Sequence

import simplemma

from service.capitals import may_be, stands_for
from service.claims import CAPITALS, ROLES, read_claim
from service.words import FUNCTION_WORDS, holds_word, same_word, stem

_AUXILIARY = r"(?:will|would|has|had|have|also|could|can)"
_ASKED = re.compile(
    rf"\b(?:did|does|do|will|would|has|had|have|can|could)\s(?P<who>{CAPITALS}|[a-z]+)\s"
    r"(?P<does>[a-z]+)\b"
)
"""Whom a question asks about, and the verb: when will Putin travel."""

_DOER = re.compile(rf"(?<!of )(?<![\w’'-])(?P<who>{CAPITALS})\s(?:{_AUXILIARY}\s)*(?P<does>[a-z]+)")
_POSSESSIVE = ("'s", "’s")
_ROLE = "|".join(sorted(ROLES))
_BEARER = re.compile(
    rf"\b(?P<whose>{CAPITALS}?)['’]s\s(?:[\w-]+\s){{0,2}}?(?P<role>{_ROLE})\b"
    rf"|\b(?P<office>{_ROLE})\sof\s(?P<of>{CAPITALS})",
)
"""Whose minister a question asks for."""

_BEARS = re.compile(
    rf"\b(?P<whose>(?:[A-Z]\w+\s)?[A-Z]\w*(?:an|ese|ish|['’]s))\s(?:[A-Za-z-]+\s){{0,2}}(?P<role>(?i:{_ROLE}))\b"
)
"""Whose minister somebody is: South Korean defence minister, Norway's minister."""

_NAMED_BEARER = re.compile(rf"{_BEARS.pattern}\s(?P<name>{CAPITALS})")
"""And who: Russian Defence Minister Sergei Shoigu."""

_WISHES = (
    r"\b(?:wants?|wanted|needs?|seeks?|sought|(?:hop(?:es?|ing)|ask(?:s|ing)?|look(?:s|ing)) for"
    r"|(?:is|are|was|were|be) after|fears?|feared|worr(?:y|ies|ied))\b"
)
WISHES_ASKED = re.compile(
    rf"^(?:and |but |so )?what\b(?P<who>.*?){_WISHES}(?!.*{_WISHES})", re.IGNORECASE
)
"""A question for what somebody wants or fears, which is seldom one thing."""

_WISHER = re.compile(rf"^(?P<who>.*?){_WISHES}", re.IGNORECASE)

_UNLIKE = frozenset(map(stem, ("american", "british", "dutch")))
"""What begins otherwise than the country."""


def find_other(question: str, sentence: str, quotes: Sequence[str]) -> str | None:
    """Why `sentence` tells it of others than whom `question` asks about, None where it may not.

    A role that the question gives to one country, and the quotes to another alone, is another's.
    """
    return (
        _find_other_doer(question, sentence)
        or find_other_wisher(question, sentence)
        or _find_other_bearer(question, quotes)
    )


def _find_other_doer(question: str, sentence: str) -> str | None:
    asked = _ASKED.search(question)
    if (
        asked is None
        or {asked["who"], asked["does"]} & FUNCTION_WORDS
        or asked["who"].endswith(_POSSESSIVE)
    ):
        return None
    if asked["who"].islower() and simplemma.is_known(asked["who"], lang="en"):
        return None
    told = read_claim(sentence).words
    names = read_claim(asked["who"]).words
    if any(holds_word(told, name) or stands_for(name, told) for name in names):
        return None
    does = stem(asked["does"])
    for doer in _DOER.finditer(sentence):
        known = doer["who"].lower() in FUNCTION_WORDS or doer["who"].endswith(_POSSESSIVE)
        if not known and same_word(stem(doer["does"]), does):
            return f"it tells that of {doer['who']}"
    return None


def find_other_wisher(question: str, sentence: str) -> str | None:
    """Why `sentence` tells what others want than whom `question` asks about: Moscow, Pyongyang."""
    asked, told = WISHES_ASKED.search(question), _WISHER.search(sentence)
    names = read_claim(f"x {asked['who']}").names if asked else frozenset[str]()
    wishers = read_claim(f"x {told['who']}") if told else read_claim("")
    if not names or not wishers.names or may_be(names, wishers.words):
        return None
    return "it tells what somebody else wants"


def find_other_holder_of(question: str, sentence: str, texts: Sequence[str]) -> str | None:
    """Why whom `sentence` names holds the office of `question` for another country in `texts`.

    None where some text has him hold it for that one, or none says for which.
    """
    office = _office_asked(question)
    if office is None:
        return None
    whose, role = office
    asked = read_claim(question).words
    names = {name for name in read_claim(f"x {sentence}").names if not holds_word(asked, name)}
    bearers = [
        read_claim(found["whose"]).words
        for text in texts
        for found in _NAMED_BEARER.finditer(text)
        if stem(found["role"].lower()) == role and stem(found["name"].split()[-1]) in names
    ]
    if not bearers or any(_may_be_one(one, other) for other in bearers for one in whose):
        return None
    return "whom it names holds that office for another in the articles"


def _office_asked(question: str) -> tuple[frozenset[str], str] | None:
    """Whose office of which kind `question` speaks of, as stems; None where it speaks of none."""
    if asked := _BEARER.search(question):
        return read_claim(asked["whose"] or asked["of"]).words, stem(
            asked["role"] or asked["office"]
        )
    if country := _BEARS.search(question):
        return read_claim(country["whose"]).words, stem(country["role"].lower())
    return None


def _find_other_bearer(question: str, quotes: Sequence[str]) -> str | None:
    office = _office_asked(question)
    if office is None:
        return None
    whose, role = office
    bearers = [
        read_claim(found["whose"]).words
        for quote in quotes
        for found in _BEARS.finditer(quote)
        if stem(found["role"].lower()) == role
    ]
    if not bearers or any(_may_be_one(one, other) for other in bearers for one in whose):
        return None
    return f"the {role} that the cited sentences speak of is another's"


def _may_be_one(name: str, others: frozenset[str]) -> bool:
    """Whether one of the `others` may be a form of the name: Norwegian for Norway."""
    starts = {other[0] for other in others}
    return name[0] in starts or holds_word(others, name) or bool(others & _UNLIKE)

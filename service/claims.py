"""A sentence -> what of it can be checked by rule: numbers, names, words, negation (pure).

Kept simple on purpose: no parser, only what stands in the words.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

import simplemma

from service.capitals import stands_for
from service.quantities import SCALES, read_numbers, spread, word_value
from service.words import FUNCTION_WORDS, TOKEN, holds_word, plain_form, stem

_NEGATIONS = frozenset(
    "not no never none neither nor nobody nothing without cannot denied denies deny denying"
    " refused refuses refuse rejected rejects unable".split()
)

_NOTHING = re.compile(r"\b(?:nothing|nobody|none|no one)\b", re.IGNORECASE)

HEADLINE_WORDS = 3
HEADLINE_LETTERS = 3
"""That many words of that many letters, all with capitals, are a headline and not names."""

MIN_NAME = 4
"""Letters of a name that is looked for; shorter ones are mostly acronyms with many spellings."""

_ABBREVIATIONS = (
    (re.compile(r"\b(?:U\.S\.(?:A\.)?|USA?)(?!\w)"), "United States"),
    (re.compile(r"\b(?:U\.K\.|UK)(?!\w)"), "United Kingdom"),
    (re.compile(r"\b(?:U\.N\.|UN)(?!\w)"), "United Nations"),
    (re.compile(r"\b(?:E\.U\.|EU)(?!\w)"), "European Union"),
)
"""Names that news writes both ways."""

HOME = r"\b(?:U\.S\.|U\.K\.|(?:US|UK|United States|United Kingdom|American?|Britain|British)\b)"
"""A pattern of the countries that their own news seldom names."""

_OF_HOME = {
    stem(word): frozenset(map(stem, country.split()))
    for country, words in (
        ("United Kingdom", "British Britain"),
        ("United States", "American America"),
    )
    for word in words.split()
}
"""The other names of what news writes as UK and US."""

_POSSESSIVE = re.compile(r"['’]s?$")

LONG_NAMES = tuple(name for _, name in _ABBREVIATIONS)

ROLES = frozenset(
    "governor president minister leader mayor official officials hosts host chief handler captain "
    "king queen premier chairman general students student".split()
)
"""What people are called after their office."""

OFFICES = frozenset(map(stem, ROLES))
"""Their stems."""

TITLES = ROLES | frozenset(
    "mr mrs ms miss dr prof professor sir lord lady dame sen senator rep representative gov sec "
    "secretary judge justice sheriff chancellor prince princess pope bishop rabbi imam saint st "
    "gen col lt maj sgt capt admiral colonel major sergeant lieutenant coach director spokesman "
    "spokeswoman spokesperson ambassador detective inspector officer".split()
)
"""What stands before a name and is none of it."""

WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
MONTHS = frozenset(
    map(
        stem,
        "january february march april may june july august september october november"
        " december".split(),
    )
)

CAPITALS = r"[A-Z][\w’'-]*(?:\s[A-Z][\w’'-]*)*"
"""A pattern of one capitalised word or several in a row."""

NAME_RUN = re.compile(r"[A-Z][\w’']*(?:[\s-][A-Z][\w’']*)+")

MIN_INITIALS, MAX_INITIALS = 2, 5
"""Letters of a name's initials."""

SURE_INITIALS = 3
"""Letters of them that stand for the name wherever they are seen."""

MAY = re.compile(
    r"\b(?:(?i:could|might|possibl[ey]|potential(?:ly)?|perhaps|possibility|whether)|may)\b"
)
"""A word for what may be; the month has a capital."""

_PART = re.compile(r"[^-]+")
_DIGIT = re.compile(r"\d")

_OPENING = " \"'“‘(["
"""What may stand between the end of one sentence and the first word of the next."""

_CLAUSE_END = re.compile(
    r"[,;:—–()]|\b(?:but|when|because|if|while|although|though|whereas|however)\b"
)


@dataclass(frozen=True)
class Claim:
    """What a text asserts that can be looked up in another.

    `numbers` holds values as floats; `names` the stems of its capitalised words; `words` those of
    its content words, names included; `negated` those under a negation.
    """

    numbers: frozenset[float]
    names: frozenset[str]
    words: frozenset[str]
    negated: frozenset[str]


@lru_cache(maxsize=4096)
def read_claim(text: str) -> Claim:
    """The checkable parts of `text`, one or more sentences."""
    text = _spell_out(text)
    words, names = set[str](), set[str]()
    for token, start in _content_tokens(text):
        words.add(stem(token))
        if token[0].isupper() and (not _starts_sentence(text, start) or _is_name(token)):
            names.add(stem(token))
    return Claim(
        numbers=frozenset(read_numbers(text)),
        names=frozenset(names),
        words=frozenset(words),
        negated=frozenset(_negated_words(text)),
    )


def as_written(stems: AbstractSet[str], text: str) -> list[str]:
    """The words of `text` that have one of the `stems`, each once, as a reader knows them."""
    tokens = (token for token, _ in _content_tokens(_spell_out(text)) if stem(token) in stems)
    return list(dict.fromkeys(_POSSESSIVE.sub("", token) for token in tokens))


def _spell_out(text: str) -> str:
    text = spread(text)
    for abbreviation, name in _ABBREVIATIONS:
        text = abbreviation.sub(name, text)
    return text


def _content_tokens(text: str) -> Iterator[tuple[str, int]]:
    """The words that carry meaning, with their places; week-long gives two, MiG-31 one.

    A place of two names with a number, Artyom-Primorsky-1, is looked for by each of them as well.
    """
    for token, start in _split_tokens(text):
        named = [part for part in _PART.finditer(token) if part.group().isalpha()]
        names = [(part.group(), start + part.start()) for part in named]
        for word, place in [(token, start), *(names if len(names) > 1 else [])]:
            if _carries_meaning(plain_form(word)):
                yield word, place


def _carries_meaning(plain: str) -> bool:
    return (
        any(char.isalpha() for char in plain)
        and plain not in FUNCTION_WORDS
        and not _is_negation(plain)
        and plain.rstrip("s") not in SCALES
        and word_value(plain) is None
    )


_UNTIL = re.compile(r"(?:\b(?:not|never)|n['’]t)\b(?=[^.;:]*\b(?:until|till)\b)", re.IGNORECASE)
"""A negation that puts something off: they did not hear of it until October, and then they did."""


def _is_negation(plain: str) -> bool:
    return plain in _NEGATIONS or plain.endswith("n't")


def _starts_sentence(text: str, start: int) -> bool:
    while start and text[start - 1] in _OPENING:
        start -= 1
    return not start or text[start - 1] in ".!?:\n"


def _is_name(token: str) -> bool:
    """Whether a word that would have a capital anyway is no dictionary word."""
    return not simplemma.is_known(plain_form(token), lang="en")


def _split_tokens(text: str) -> Iterator[tuple[str, int]]:
    """The words of `text` with their places: not-guilty are two, MiG-31 is one."""
    for match in TOKEN.finditer(text):
        token = match.group()
        parts = re.finditer(r".+", token) if _DIGIT.search(token) else _PART.finditer(token)
        yield from ((part.group(), match.start() + part.start()) for part in parts)


def _denying_clauses(text: str) -> list[str]:
    """The clauses of `text`, without a negation that only puts something off."""
    return _CLAUSE_END.split(_UNTIL.sub("", text))


def _negated_words(text: str) -> set[str]:
    """Stems that follow a negation in the same clause, or stand in one with "nothing" at all."""
    negated: set[str] = set()
    for clause in _denying_clauses(text):
        inside = _NOTHING.search(clause) is not None
        for word, _ in _split_tokens(clause):
            plain = plain_form(word)
            if inside and _carries_meaning(plain):
                negated.add(stem(word))
            if _is_negation(plain):
                inside = True
    return negated


@lru_cache(maxsize=4096)
def read_denied(text: str) -> frozenset[str]:
    """The stems that stand right after a negation: score in "Kane didn't score but set it up"."""
    denied: set[str] = set()
    for clause in _denying_clauses(text):
        after = False
        for word, _ in _split_tokens(clause):
            plain = plain_form(word)
            if after and _carries_meaning(plain):
                denied.add(stem(word))
            if not after or plain not in FUNCTION_WORDS:
                after = _is_negation(plain)
    return frozenset(denied)


@lru_cache(maxsize=4096)
def read_supposed(text: str) -> frozenset[str]:
    """The stems that follow a word for what may be, in its clause: they might strike a deal.

    What `text` has elsewhere as well is more than supposed.
    """
    supposed, told = set[str](), set[str]()
    for clause in _CLAUSE_END.split(text):
        before, *after = MAY.split(clause, maxsplit=1)
        told |= {stem(token) for token, _ in _content_tokens(before)}
        supposed |= {stem(token) for rest in after for token, _ in _content_tokens(rest)}
    return frozenset(supposed - told)


def initials_of(name: str) -> str:
    """The first letters of the words of `name`: SBF of Sam Bankman-Fried."""
    return "".join(word[0] for word in re.split(r"[\s-]+", name))


@lru_cache(maxsize=4096)
def read_initials(text: str) -> frozenset[str]:
    """What the runs of capitalised words in `text` may be shortened to: Sam Bankman-Fried, sbf."""
    found: set[str] = set()
    for run in NAME_RUN.findall(text):
        letters = initials_of(run).lower()
        ends = range(MIN_INITIALS, MAX_INITIALS + 1)
        found |= {letters[at : at + n] for n in ends for at in range(len(letters) - n + 1)}
    return frozenset(found)


def absent_names(question: str, searched: Sequence[str]) -> list[str]:
    """The names in `question` that stand in none of the texts `searched`, in any spelling.

    A capital may be there as its country. A question written in capitals throughout, or Like A
    Headline, shows no names and has none.
    """
    words = [token for token in TOKEN.findall(question) if len(token) >= HEADLINE_LETTERS]
    if len(words) >= HEADLINE_WORDS and all(word[0].isupper() for word in words):
        return []
    held = _held(searched).union(*map(read_initials, searched))
    return sorted(
        name
        for name in read_claim(question).names - MONTHS
        if len(name) >= MIN_NAME
        and not holds_word(held, name)
        and not (name in _OF_HOME and _OF_HOME[name] <= held)
        and not stands_for(name, held, text=question)
    )


LIGHT_WORDS = frozenset(
    stem(word)
    for word in "describe mention explain answer reply comment side everything something anything "
    "whole exactly kind sort type thing part chief main word words happen list know mean "
    "think want need hope wish seek old new big great long first last".split()
)
"""What a question may say that its answer need not."""

_PASSING_WORDS = frozenset(
    map(
        stem,
        "still currently actually finally recently present stay spend remain suppose expect due sit"
        " together keep come site".split(),
    )
)
"""What a question may say that no article need say: how long did he stay?"""


def absent_words(question: str, searched: Sequence[str]) -> list[str]:
    """The content words of `question`, as they stand there, that no text `searched` has."""
    held = _held(searched)
    return [
        token
        for token, _ in _content_tokens(question)
        if stem(token) not in LIGHT_WORDS | _PASSING_WORDS and not holds_word(held, stem(token))
    ]


def _held(texts: Sequence[str]) -> frozenset[str]:
    """The content words of the texts; each is read once, whatever it is searched with."""
    return frozenset[str]().union(*(read_claim(text).words for text in texts))

"""A sentence -> what of it can be checked by rule: numbers, names, words, negation (pure).

Kept simple on purpose: no parser, only what stands in the words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import simplemma
import snowballstemmer

_stem = snowballstemmer.stemmer("english").stemWord
_stemming = Lock()  # the stemmer keeps the word in itself: two threads would mix theirs

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*(?=%|km\b|m\b|kg\b|\b)|[^\W_]+(?:['’.-][^\W_]+)*", re.UNICODE)
_SMALL = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_SCALES = {
    "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
}  # fmt: skip
_SHORT_SCALES = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion", "b": "billion",
                 "tn": "trillion"}  # fmt: skip
_GLUED = re.compile(
    rf"(?<![\w-])([$€£¥]?)(\d[\d.,]*)(?:({'|'.join(_SCALES)})|({'|'.join(_SHORT_SCALES)}))\b",
    re.IGNORECASE,
)
"""A number written together with its scale: £1.3billion, $278m, 100k."""

_SCALE_AND = re.compile(
    rf"\b({'|'.join(_SCALES)})\s+and\s+(?=(?:{'|'.join((*_SMALL, *_TENS))})\b)", re.IGNORECASE
)
_ORDINALS = {
    "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10,
}  # fmt: skip
_EXTRA_NUMBERS = {"dozen": 12, "pair": 2, "twice": 2, "couple": 2, "duo": 2, "both": 2}
_NEGATIONS = frozenset(
    "not no never none neither nor nobody nothing without cannot denied denies deny denying"
    " refused refuses refuse rejected rejects unable".split()
)
FUNCTION_WORDS = frozenset(
    "a about above across after again against ago all also although am among amid an and another"
    " any are around as at away be became because been before being below between both but by came"
    " can could did do does doing down during each either else even ever every for from further get"
    " gets getting go goes going got had has have having he her here hers herself him himself his"
    " how however i if in including included include includes into is it its itself just like"
    " least less fewer made make makes many may me might more most much must my namely near of off"
    " on once one only onto"
    " or other others our out over own per quite rather s said same say saying says shall she"
    " should since so some such t than that the their them themselves then there these they this"
    " those though through thus to too toward towards under until up upon us use used very via was"
    " we were what when where whether which while who whom whose why will with within would yes yet"
    " you your named name called call about around roughly nearly almost approximately some"
    " mr mrs ms dr according reported reports report told tell told stated state".split()
)
_NOTHING = re.compile(r"\b(?:nothing|nobody|none|no one)\b", re.IGNORECASE)
_SPELLED = rf"\b(?:(?:{'|'.join(_TENS)})(?:-(?:{'|'.join(_SMALL)}))?|{'|'.join(_SMALL)})\b"
_DIGITS = r"(?<!\w)(?<![^\W\d_]-)\d+(?:[.,]\d+)*"
_MEASURE = re.compile(
    rf"((?:{_DIGITS}|{_SPELLED})(?:[\s-]+(?:{'|'.join(_SCALES)}|{_SPELLED}))*)[\s-]*([^\W\d_]+)",
    re.IGNORECASE,
)
_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yen"}
_CURRENCY = re.compile(
    rf"([$€£¥])\s?(\d+(?:[.,]\d+)*(?:\s(?:{'|'.join(_SCALES)}))?)", re.IGNORECASE
)
_ONE_LONG = re.compile(r"\b(day|week|month|year)(?=-?long\b)", re.IGNORECASE)
_UNITS = {
    "km": "kilomet", "kms": "kilomet", "kilometre": "kilomet", "kilometres": "kilomet",
    "kilometer": "kilomet", "kilometers": "kilomet", "mile": "mile", "miles": "mile",
    "metre": "meter", "metres": "meter", "m": "meter", "kg": "kilogram", "kilos": "kilogram",
}  # fmt: skip
MEASURING = frozenset(
    {*_UNITS.values(), *"second minut hour day night week month year dollar euro pound yen".split()}
)
"""Units, as read_measures gives them, that make two numbers different."""

_IRREGULAR_PLURALS = frozenset("people men women children mice feet teeth geese media data".split())

SAME_START = 4
LONGEST_ENDING = 4
"""Letters that two spellings of one word share at the start, and may differ by at the end."""

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

ROLES = frozenset(
    "governor president minister leader mayor official officials hosts host chief handler captain "
    "king queen premier chairman general students student".split()
)
"""What people are called after their office."""

WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())

_NAME_RUN = re.compile(r"[A-Z][\w’']*(?:[\s-][A-Z][\w’']*)+")
MIN_INITIALS, MAX_INITIALS = 2, 5
"""Letters of a name's initials."""

_OPENING = " \"'“‘(["
"""What may stand between the end of one sentence and the first word of the next."""

_CLAUSE_END = re.compile(
    r"[,;:—–()]|\b(?:but|when|because|if|while|although|though|whereas|however)\b"
)


@dataclass(frozen=True)
class Claim:
    """What a text asserts that can be looked up in another.

    `numbers` holds values as floats; `names` the capitalised words with their stems' first forms;
    `words` the stems of its content words, names included; `negated` the stems under a negation.
    """

    numbers: frozenset[float]
    names: frozenset[str]
    words: frozenset[str]
    negated: frozenset[str]


@lru_cache(maxsize=4096)
def read_claim(text: str) -> Claim:
    """The checkable parts of `text`, one or more sentences."""
    text = _spread(text)
    for abbreviation, name in _ABBREVIATIONS:
        text = abbreviation.sub(name, text)
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


@lru_cache(maxsize=65536)
def stem(token: str) -> str:
    """The stem of one word's dictionary form: began and begins are one, a possessive s is gone."""
    form = simplemma.lemmatize(_plain(token), lang="en").lower()
    with _stemming:
        return str(_stem(form))


def read_numbers(text: str) -> set[float]:
    """The numbers of `text` by value, from digits and from words: "five", "5" and "5.0" are one.

    Digits inside a name such as MiG-31 belong to the name and are not numbers.
    """
    numbers: set[float] = set()
    whole: float | None = None
    """What is complete of the number being read: 40,000 of "forty thousand two hundred"."""
    part: float | None = None
    scale_before: int | None = None
    for match in _TOKEN.finditer(_spread(text)):
        token = match.group().lower()
        scale = _SCALES.get(token.rstrip("s"))
        spelled = _word_value(token)
        value = spelled if spelled is not None else _digits_value(token)
        if scale == _SCALES["hundred"]:
            part = (1.0 if part is None else part) * scale
        elif scale is not None:
            whole, part = (whole or 0) + (1.0 if part is None else part) * scale, None
        elif spelled is not None and scale_before is not None and spelled < scale_before:
            part = (part or 0) + spelled
        else:
            numbers |= {(whole or 0) + (part or 0)} if (whole, part) != (None, None) else set()
            whole, part = None, value
        scale_before = scale
    if (whole, part) != (None, None):
        numbers.add((whole or 0) + (part or 0))
    return numbers


def read_ordinals(text: str) -> frozenset[float]:
    """The values of the ordinals in `text`, from the third to the tenth."""
    words = (match.group().lower() for match in _TOKEN.finditer(text))
    return frozenset(float(_ORDINALS[word]) for word in words if word in _ORDINALS)


def _spread(text: str) -> str:
    """`text` with numbers apart from their scales, and "two hundred and five" without the "and"."""

    def scaled(match: re.Match[str]) -> str:
        currency, number, whole, short = match.groups()
        if short and short.lower() == "m" and not currency:
            return match.group()  # metres
        return f"{currency}{number} {whole or _SHORT_SCALES[short.lower()]}"

    return _SCALE_AND.sub(r"\1 ", _GLUED.sub(scaled, text))


def read_measures(text: str) -> list[tuple[str, float]]:
    """Each number with the word after it, in order: "over 200km" gives ("km", 200).

    Spellings of one unit are one; a number in brackets after another is a conversion and left out,
    and so are digits inside a name.
    """
    bare = _CURRENCY.sub(_currency_last, re.sub(r"\([^()]*\)", " ", _spread(text)))
    measures = [
        (_UNITS.get(unit.lower(), stem(unit)), value)
        for number, unit in _MEASURE.findall(bare)
        for value in read_numbers(number)
    ]
    return measures + [(unit.lower(), 1.0) for unit in _ONE_LONG.findall(bare)]


def _currency_last(match: re.Match[str]) -> str:
    return f"{match[2]} {_CURRENCIES[match[1]]} "


def is_plural(word: str) -> bool:
    """Whether a noun is in its plural: an irregular one, or an s that its dictionary form lacks."""
    plain = _plain(word)
    return plain in _IRREGULAR_PLURALS or (
        plain not in FUNCTION_WORDS
        and plain.endswith("s")
        and simplemma.lemmatize(plain, lang="en") != plain
    )


def same_word(left: str, right: str) -> bool:
    """Whether two stems are one word or one name's spellings: primorski, primory; korea, korean."""
    if left == right:
        return True
    left, right = _fold(left), _fold(right)
    shorter = min(len(left), len(right))
    shared = next((i for i in range(shorter) if left[i] != right[i]), shorter)
    alike = shared >= SAME_START and shared >= shorter - 1
    return alike and abs(len(left) - len(right)) <= LONGEST_ENDING


@lru_cache(maxsize=65536)
def _fold(word: str) -> str:
    """One spelling for what scripts are written over in several: Slavyanka, Aleksandr."""
    return word.replace("ks", "x").replace("y", "i").replace("ii", "i")


def holds_word(words: frozenset[str], word: str) -> bool:
    """Whether `word` or a spelling of it is one of `words`."""
    return word in words or any(
        same_word(word, other) for other in _by_start(words).get(_start(word), ())
    )


@lru_cache(maxsize=4096)
def _by_start(words: frozenset[str]) -> dict[str, list[str]]:
    """The words by what all spellings of one share: a long text's are too many to try them all."""
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(_start(word), []).append(word)
    return found


def _start(word: str) -> str:
    return _fold(word)[:SAME_START]


def _content_tokens(text: str) -> Iterator[tuple[str, int]]:
    """The words that carry meaning, with their places; week-long gives two, MiG-31 one."""
    for match in _TOKEN.finditer(text):
        token = match.group()
        whole = any(char.isdigit() for char in token)
        for part in re.finditer(r".+" if whole else r"[^-]+", token):
            plain = _plain(part.group())
            if _carries_meaning(plain):
                yield part.group(), match.start() + part.start()


def _carries_meaning(plain: str) -> bool:
    return (
        any(char.isalpha() for char in plain)
        and plain not in FUNCTION_WORDS
        and not _is_negation(plain)
        and plain.rstrip("s") not in _SCALES
        and _word_value(plain) is None
    )


def _is_negation(plain: str) -> bool:
    return plain in _NEGATIONS or plain.endswith("n't")


def _plain(token: str) -> str:
    lowered = token.lower().replace("’", "'")
    return lowered.removesuffix("'s").removesuffix("'").replace(".", "")


def _starts_sentence(text: str, start: int) -> bool:
    while start and text[start - 1] in _OPENING:
        start -= 1
    return not start or text[start - 1] in ".!?:\n"


def _is_name(token: str) -> bool:
    """Whether a word that would have a capital anyway is no dictionary word."""
    return not simplemma.is_known(_plain(token), lang="en")


def _digits_value(token: str) -> float | None:
    if not re.fullmatch(r"\d+(?:[.,]\d+)*", token):
        return None
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", token).replace(",", ".")
    return float(plain) if plain.count(".") <= 1 else None


def _word_value(word: str) -> float | None:
    if "-" in word:
        tens, _, small = word.partition("-")
        if tens in _TENS and small in _SMALL:
            return float(_TENS[tens] + _SMALL[small])
        return _word_value(tens) if tens in _SMALL | _TENS else None
    if word == "one":
        return None
    for table in (_SMALL, _TENS, _ORDINALS, _EXTRA_NUMBERS):
        if word in table:
            return float(table[word])
    return None


def _negated_words(text: str) -> set[str]:
    """Stems that follow a negation in the same clause, or stand in one with "nothing" at all."""
    negated: set[str] = set()
    for clause in _CLAUSE_END.split(text):
        inside = _NOTHING.search(clause) is not None
        for match in _TOKEN.finditer(clause):
            plain = _plain(match.group())
            if inside and _carries_meaning(plain):
                negated.add(stem(match.group()))
            if _is_negation(plain):
                inside = True
    return negated


def read_initials(text: str) -> frozenset[str]:
    """What the runs of capitalised words in `text` may be shortened to: Sam Bankman-Fried, sbf."""
    found: set[str] = set()
    for run in _NAME_RUN.findall(text):
        letters = "".join(word[0] for word in re.split(r"[\s-]+", run)).lower()
        ends = range(MIN_INITIALS, MAX_INITIALS + 1)
        found |= {letters[at : at + n] for n in ends for at in range(len(letters) - n + 1)}
    return frozenset(found)


def absent_names(question: str, searched: str) -> list[str]:
    """The names in `question` that stand nowhere in `searched`, in any spelling.

    A question written in capitals throughout, or Like A Headline, shows no names and has none.
    """
    words = [token for token in _TOKEN.findall(question) if len(token) >= HEADLINE_LETTERS]
    if len(words) >= HEADLINE_WORDS and all(word[0].isupper() for word in words):
        return []
    held = read_claim(searched).words | read_initials(searched)
    return sorted(
        name
        for name in read_claim(question).names
        if len(name) >= MIN_NAME and not holds_word(held, name)
    )


LIGHT_WORDS = frozenset(
    stem(word)
    for word in "describe mention explain answer reply comment side everything something anything "
    "whole exactly kind sort type thing part chief main word words happen list know mean "
    "think want need old new big great long first last".split()
)
"""What a question may say that its answer need not."""


def absent_words(question: str, searched: str) -> list[str]:
    """The content words of `question`, as they stand there, that are nowhere in `searched`."""
    held = read_claim(searched).words
    return [
        token
        for token, _ in _content_tokens(question)
        if stem(token) not in LIGHT_WORDS and not holds_word(held, stem(token))
    ]

"""A text -> its numbers, ordinals and measures by value (pure)."""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from service.words import TOKEN, stem

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

SCALES = {
    "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
}  # fmt: skip

_SHORT_SCALES = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion", "b": "billion",
                 "tn": "trillion"}  # fmt: skip

_GLUED = re.compile(
    rf"(?<![\w-])([$€£¥]?)(\d[\d.,]*)(?:({'|'.join(SCALES)})|({'|'.join(_SHORT_SCALES)}))\b",
    re.IGNORECASE,
)
"""A number written together with its scale: £1.3billion, $278m, 100k."""

_ORDINAL_END = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")

_SCALE_AND = re.compile(
    rf"\b({'|'.join(SCALES)})\s+and\s+(?=(?:{'|'.join((*_SMALL, *_TENS))})\b)", re.IGNORECASE
)

_ORDINALS = {
    "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10,
}  # fmt: skip

_EXTRA_NUMBERS = {"dozen": 12, "pair": 2, "twice": 2, "couple": 2, "duo": 2}

_SPELLED = rf"\b(?:(?:{'|'.join(_TENS)})(?:-(?:{'|'.join(_SMALL)}))?|{'|'.join(_SMALL)})\b"

_DIGITS = r"(?<!\w)(?<![^\W\d_]-)\d+(?:[.,]\d+)*"

_MEASURE = re.compile(
    rf"((?:{_DIGITS}|{_SPELLED})(?:[\s-]+(?:{'|'.join(SCALES)}|{_SPELLED}))*)[\s-]*([^\W\d_]+)",
    re.IGNORECASE,
)

_WHOSE_DOLLAR = re.compile(r"\b(?:US|AU?|CA?|NZ|HK|S)\$(?=\s?\d)|\$(?:US|AU?|CA?|NZ|HK|S)(?=\d)")
"""US$5 and $US5: a dollar sign with its country."""

_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yen"}

_CURRENCY = re.compile(rf"([$€£¥])\s?(\d+(?:[.,]\d+)*(?:\s(?:{'|'.join(SCALES)}))?)", re.IGNORECASE)

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


_WORD = re.compile(r"\w[\w'’.,-]*")

_UNCOUNTED = re.compile(
    r"\b(?:dozens|half|none|no one|nobody)\b|\bno (?=\w+s\b)"
    r"|(?<!\bthe )(?<!\bno )\bone "
    r"(?!(?:of|that|which|who|is|was|in|at|on|with|day|another)\b)(?=[a-z])",
    re.IGNORECASE,
)
"""A quantity without a number: one person, dozens of people, half of it."""


def says_quantity(text: str) -> bool:
    """Whether `text` has a number, or says how many without one: one person, dozens, none."""
    return bool(read_numbers(text)) or _UNCOUNTED.search(text) is not None


def read_words(text: str) -> list[str]:
    """The words and numbers of `text` without the signs behind them."""
    return [word.rstrip(".,") for word in _WORD.findall(spread(text))]


def numbers_among(words: Sequence[str]) -> Iterator[tuple[set[float], int, int]]:
    """Each number among the `words` with its scales, where it begins and where it ends.

    What `read_words` gives of "two thousand workers" has {2000.0} from 0 to 2.
    """
    end = 0
    for start, word in enumerate(words):
        if start < end or not read_numbers(word):
            continue
        scales = takewhile(lambda after: after.lower() in SCALES, words[start + 1 :])
        end = start + 1 + len(list(scales))
        yield read_numbers(" ".join(words[start:end])), start, end


def read_numbers(text: str) -> set[float]:
    """The numbers of `text` by value, from digits and from words: "five", "5" and "5.0" are one.

    Digits inside a name such as MiG-31 belong to the name and are not numbers.
    """
    numbers: set[float] = set()
    whole: float | None = None
    """What is complete of the number being read: 40,000 of "forty thousand two hundred"."""
    part: float | None = None
    scale_before: int | None = None
    for match in TOKEN.finditer(spread(text)):
        token = match.group().lower()
        scale = SCALES.get(token.rstrip("s"))
        spelled = word_value(token)
        value = spelled if spelled is not None else _digits_value(token)
        if scale == SCALES["hundred"]:
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
    words = (match.group().lower() for match in TOKEN.finditer(text))
    return frozenset(float(_ORDINALS[word]) for word in words if word in _ORDINALS)


def spread(text: str) -> str:
    """`text` with numbers apart from their scales, "two hundred and five" without the "and".

    An ordinal in digits is its number: the 71st minute is minute 71. All dollars are dollars.
    """

    def scaled(match: re.Match[str]) -> str:
        currency, number, whole, short = match.groups()
        if short and short.lower() == "m" and not currency:
            return match.group()  # metres
        return f"{currency}{number} {whole or _SHORT_SCALES[short.lower()]}"

    text = _WHOSE_DOLLAR.sub("$", _ORDINAL_END.sub("", text))
    return _SCALE_AND.sub(r"\1 ", _GLUED.sub(scaled, text))


def read_measures(text: str) -> list[tuple[str, float]]:
    """Each number with the word after it, in order: "over 200km" gives ("km", 200).

    Spellings of one unit are one; a number in brackets after another is a conversion and left out,
    and so are digits inside a name.
    """
    bare = _CURRENCY.sub(_currency_last, re.sub(r"\([^()]*\)", " ", spread(text)))
    measures = [
        (_UNITS.get(unit.lower(), stem(unit)), value)
        for number, unit in _MEASURE.findall(bare)
        for value in read_numbers(number)
    ]
    return measures + [(unit.lower(), 1.0) for unit in _ONE_LONG.findall(bare)]


def _currency_last(match: re.Match[str]) -> str:
    return f"{match[2]} {_CURRENCIES[match[1]]} "


def _digits_value(token: str) -> float | None:
    if not re.fullmatch(r"\d+(?:[.,]\d+)*", token):
        return None
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", token).replace(",", ".")
    return float(plain) if plain.count(".") <= 1 else None


def word_value(word: str) -> float | None:
    """The number that a word in small letters says: seven, sixty-four, fifth, dozen; not one."""
    if "-" in word:
        tens, _, small = word.partition("-")
        if tens in _TENS and small in _SMALL:
            return float(_TENS[tens] + _SMALL[small])
        return word_value(tens) if tens in _SMALL | _TENS else None
    if word == "one":
        return None
    for table in (_SMALL, _TENS, _ORDINALS, _EXTRA_NUMBERS):
        if word in table:
            return float(table[word])
    return None

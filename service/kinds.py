"""A question -> the kind of thing it asks for, and whether a sentence says such a thing (pure).

By table, on the question's words: how far asks for a length, in which year for a year.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from service.quantities import read_measures, read_numbers, says_quantity

_TIME_UNITS = {
    "second",
    "minut",
    "hour",
    "day",
    "night",
    "week",
    "month",
    "year",
    "decad",
    "centuri",
}
_LENGTH_UNITS = set(
    "kilomet mile meter foot feet inch centimet millimet yard nautic block storey stori"
    " floor".split()
)
_WEIGHT_UNITS = {"kilogram", "gram", "tonn", "ton", "pound", "ounc", "kg", "lb", "lbs"}
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
_DAYS = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|(?-i:May)|june|july|"
    r"august|september|october|november|december|(?:jan|feb|mar|apr|aug|sept?|oct|nov|dec)\.?|"
    r"(?:1[0-9]|20)\d\ds?|yesterday|today|tomorrow|tonight|christmas|"
    r"easter|ramadan|thanksgiving|halloween"
)
_DATE = re.compile(rf"\b(?:{_DAYS})(?!\w)|\b\d{{1,2}}(?:st|nd|rd|th)\b", re.IGNORECASE)
_WHEN = re.compile(
    rf"\b(?:{_DAYS}|morning|dawn|dusk|overnight|decades?|century|centuries|"
    r"noon|afternoon|evening|night|midnight|day|days|week|weeks|weekend|month|months|year|years|ago|"
    r"last|next|before|after|earlier|later|until|since|during|when|while|early|late|spring|summer|"
    r"autumn|winter|\d{1,2}(?::\d\d| ?[ap]\.?m))(?!\w)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|decades?|fortnight)\b",
    re.IGNORECASE,
)
_LASTS = re.compile(
    r"\b(?:(?:second|minute|hour|day|night|week|month|year|decade)s?(?:-?long)?|fortnight|overnight"
    r"|centur(?:y|ies)|since|until)\b",
    re.IGNORECASE,
)
_SPEED = re.compile(r"\b(?:per|an) hour\b|\b(?:km/h|kph|kmh|mph|knots?|mach)\b", re.IGNORECASE)
_MONEY = re.compile(
    r"[$€£¥₽₹₩₴₪]|\b(?:dollars?|euros?|pounds?|rou?bles?|won|yuan|yen|rupees?|(?<!per )cents?|"
    r"pence|francs?|kron(?:a|e|or|er)|pesos?|rand|liras?|zloty|dirhams?|ri[ya]ls?|shekels?|"
    r"hryvnias?|rupiah|bitcoins?|USD|EUR|GBP|free)\b",
    re.IGNORECASE,
)
_MAKES = re.compile(
    r"\b(?:ma[dk]e[sr]?|making|produc\w+|buil[dt]\w*|manufactur\w+|assembl\w+)\b", re.IGNORECASE
)
_RATES = r"(?:rates?|tax(?:es)?|prices?|wages|tariffs?)\b"
"""What is raised and is no money."""

_CHANGE = re.compile(r"[%°]|\b(?:per ?cent|points?|degrees?)\b", re.IGNORECASE)
"""How far prices, or a temperature, rose."""

_SHARE = re.compile(r"\b(?:half|quarter|all|none|majority|most)\b", re.IGNORECASE)
_PEOPLE = re.compile(
    r"\b(?:people|inhabitants|residents|citizens|population|souls)\b", re.IGNORECASE
)
_FOR = re.compile(r"\b(?:for|because|over|after|with|as)\b", re.IGNORECASE)

SHORT = 6
"""Words of an answer that says nothing but what was asked for: its research."""

_WEATHER = re.compile(
    r"\b(?:rain\w*|snow\w*|sun\b|sunny|cloud\w*|wind\w*|fog\w*|storm\w*|degrees?|cold|warm|hot|cool|"
    r"clear|dry|wet|weather)\b|°",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Kind:
    """`asks` finds the kind in a question; `says` tells whether a sentence says such a thing."""

    asks: re.Pattern[str]
    says: Callable[[str], bool]
    reason: str
    quoted: bool
    """Whether the quotes have to say it too: a model gives any number the question's word."""


def _kind(asks: str, says: Callable[[str], bool], reason: str, *, quoted: bool = False) -> Kind:
    return Kind(re.compile(asks, re.IGNORECASE), says, f"it does not say {reason}", quoted)


def _measures(units: set[str]) -> Callable[[str], bool]:
    return lambda text: any(unit in units for unit, _ in read_measures(text))


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


def _lasts(text: str) -> bool:
    return _measures(_TIME_UNITS)(text) or _LASTS.search(text) is not None


def _is_long(text: str) -> bool:
    return _lasts(text) or _measures(_LENGTH_UNITS)(text)


def _or_changes(says: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: says(text) or _CHANGE.search(text) is not None


def _is_aged(text: str) -> bool:
    digits = r"(?<![$€£¥\d.,])\b\d+(?:s\b|\b(?![.,%]?\d|%))"
    words = r"\b(?:aged?|born|old|outdated|ancient|new)\b"
    spelled = read_numbers(re.sub(r"\d[\d.,]*", " ", text))
    return bool(spelled) or bool(re.search(f"{digits}|{words}", text, re.IGNORECASE))


_KINDS = (
    _kind(
        r"\bhow fast\b|\b(?:what|which) (?:\w+ )?speed\b", _or_changes(_matches(_SPEED)), "how fast"
    ),
    _kind(r"\bhow old\b|\bwhat age\b", _is_aged, "how old"),
    _kind(r"\b(?:what|which) year\b", _matches(_YEAR), "the year"),
    _kind(
        r"^(?:(?!why\b|who\b|where\b|when\b).)*\bpopulation of\b"
        r"|\bhow many (?:people|inhabitants|residents) (?:live|are there)\b",
        lambda text: bool(read_numbers(text)) and _matches(_PEOPLE)(text),
        "how many people",
        quoted=True,
    ),
    _kind(
        r"\bhow much (?:did|do|does|was|is|were|are|will|has|have|had|could|would)\b.*"
        r"\b(?:cost|earn(?:ed)?|paid?|pay|worth|offer(?:ed)?|bid|invest(?:ed)?|spen[dt]|owed?"
        rf"|raised?(?! (?:[\w-]+ ){{0,3}}{_RATES}))\b"
        r"|\bwhat (?:did|does|do|will|would)\b.*"
        r"\b(?:cost(?! (?:him|her|them|(?-i:[A-Z])))|earn|pay for)\b"
        r"|\bwhat (?:is|was) the price\b"
        r"|\bwhat(?:['’]s| is| was| are| were)\b.*\bworth\b|\bhow much money\b",
        _matches(_MONEY),
        "how much money",
    ),
    _kind(r"\bhow far in(?:to)?\b", _is_long, "how far into it"),
    _kind(
        r"\bhow far\b|\bwhat distance\b"
        r"|\bwhat (?:is|was) the (?:\w+ )?(?:distance|range) (?:of|from)\b",
        _or_changes(_measures(_LENGTH_UNITS)),
        "how far",
    ),
    _kind(
        r"\bhow (?:tall|high(?! up\b|.*\b(?:rank|rate|list|value|priority)\b)|deep|wide)\b"
        r"|\bwhat (?:is|was) the (?:height|depth|width) of\b",
        _or_changes(_measures(_LENGTH_UNITS)),
        "how high, deep or wide",
    ),
    _kind(
        r"\bhow heavy\b|\bhow much (?:do|does|did) .*\bweigh\b|\bwhat (?:is|was) the weight of\b",
        _measures(_WEIGHT_UNITS),
        "how heavy",
    ),
    _kind(
        r"\bhow many (?:minutes|hours|seconds)\b",
        _measures({"second", "minut", "hour"}),
        "how much time",
    ),
    _kind(r"\bhow long (?:did|do|does|has|have|had|will|would)\b", _lasts, "how long"),
    _kind(r"\bhow long\b", _is_long, "how long"),
    _kind(
        r"\b(?:what|which) (?:percentage|proportion|share|fraction)\b",
        lambda text: bool(read_numbers(text)) or _matches(_SHARE)(text),
        "what share",
    ),
    _kind(
        r"\bhow much (?:\w+ )?(?:time|notice|warning|longer|earlier|later)\b",
        _matches(_TIME),
        "how much time",
    ),
    _kind(r"\bhow (?:many|much)\b", says_quantity, "how many"),
    _kind(
        r"^which (?:factory|plant|company|firm|maker|manufacturer|workshop|brand)\b.*\bmakes?\b"
        r"|^which (?:factory|plant|company|firm|maker|manufacturer|workshop|brand) made\b",
        _matches(_MAKES),
        "who makes it",
        quoted=True,
    ),
    _kind(
        r"^for what\b|^what\b[^?]*\bfor\?$",
        lambda text: _matches(_FOR)(text) or len(text.split()) < SHORT,
        "for what",
    ),
    _kind(
        r"\b(?:what|how)(?:['’]s)? (?:\w+ ){0,5}?(?:weather|temperature)\b"
        r"(?! (?:service|bureau|office|agency|station)\b)",
        _matches(_WEATHER),
        "what the weather was",
    ),
    _kind(
        r"^(?:and )?(?:(?:on|by|until|since) )?(?:what|which) date\b", _matches(_DATE), "the date"
    ),
    _kind(
        r"^(?:and )?(?:(?:on|at|in|until|since|by) )?"
        r"(?:when|(?:what|which) (?:day|date|month|time))\b",
        _matches(_WHEN),
        "when",
    ),
)


def find_kind(question: str) -> Kind | None:
    """The first kind that `question` asks for, None where it asks for none of the table."""
    return next((kind for kind in _KINDS if kind.asks.search(question)), None)

"""A question and a sentence with its quotes -> whether that kind of thing was asked for (pure).

A small model answers the near miss: a distance for a population, a weekday for a year, what Kim was
given for what Kim gave. The sentence is true and cited, and still no answer. Kept simple on
purpose: what the question's words ask for, by table.
"""

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import simplemma

from service.capitals import stands_for
from service.claims import (
    LIGHT_WORDS,
    NAME_RUN,
    ROLES,
    WEEKDAYS,
    read_claim,
    read_initials,
)
from service.parts import AND_ASKS
from service.quantities import read_measures, read_numbers, read_ordinals, spread
from service.subjects import find_other
from service.transfers import find_turned
from service.words import holds_word, is_plural, same_word, stem

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
_LENGTH_UNITS = {"kilomet", "mile", "meter", "foot", "feet", "inch", "centimet"}
_WEIGHT_UNITS = {"kilogram", "gram", "tonn", "ton", "pound", "ounc", "kg", "lb", "lbs"}
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
_WHEN = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|"
    r"september|october|november|december|(?:jan|feb|mar|apr|aug|sept?|oct|nov|dec)\.|"
    r"(?:1[0-9]|20)\d\d|yesterday|today|tomorrow|tonight|morning|"
    r"noon|afternoon|evening|night|midnight|day|days|week|weeks|weekend|month|months|year|years|ago|"
    r"last|next|before|after|earlier|later|until|since|during|when|while|early|late|spring|summer|"
    r"autumn|winter|\d{1,2}(?::\d\d| ?[ap]\.?m))(?!\w)",
    re.IGNORECASE,
)
_SPEED = re.compile(r"\b(?:per|an) hour\b|\b(?:km/h|kph|kmh|mph|knots?|mach)\b", re.IGNORECASE)
_MONEY = re.compile(
    r"[$€£¥₽]|\b(?:dollars?|euros?|pounds?|rou?bles?|won|yuan|yen|rupees?|(?<!per )cents?|"
    r"free)\b",
    re.IGNORECASE,
)
_SHARE = re.compile(r"\b(?:half|quarter|all|none|majority|most)\b", re.IGNORECASE)
_PEOPLE = re.compile(
    r"\b(?:people|inhabitants|residents|citizens|population|souls)\b", re.IGNORECASE
)
_PERSONS = re.compile(r"\w{2,}(?:er|or|ee|ant|ist|fan|student|resident)|men|women", re.IGNORECASE)
"""The stem of a word for persons by what they do: viewers, employees."""

_WEATHER = re.compile(
    r"\b(?:rain\w*|snow\w*|sun\b|sunny|cloud\w*|wind\w*|fog\w*|storm\w*|degrees?|cold|warm|hot|cool|"
    r"clear|dry|wet|weather)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Kind:
    """`asks` finds the kind in a question; `says` tells whether a sentence says such a thing."""

    asks: re.Pattern[str]
    says: Callable[[str], bool]
    reason: str
    quoted: bool
    """Whether the quotes have to say it too: a model gives any number the question's word."""


def _kind(asks: str, says: Callable[[str], bool], reason: str, *, quoted: bool = False) -> _Kind:
    return _Kind(re.compile(asks, re.IGNORECASE), says, f"it does not say {reason}", quoted)


def _measures(units: set[str]) -> Callable[[str], bool]:
    return lambda text: any(unit in units for unit, _ in read_measures(text))


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


def _lasts(text: str) -> bool:
    return _measures(_TIME_UNITS | _LENGTH_UNITS)(text) or bool(
        re.search(
            r"\b(?:week|month|year|day|hour)(?:-?long)?\b|\bsince\b|\buntil\b", text, re.IGNORECASE
        )
    )


def _is_aged(text: str) -> bool:
    words = r"\d|\b(?:aged?|born|old|outdated|ancient|new)\b"
    return bool(re.search(words, text, re.IGNORECASE)) or bool(read_numbers(text))


_KINDS = (
    _kind(r"\bhow fast\b|\b(?:what|which) (?:\w+ )?speed\b", _matches(_SPEED), "how fast"),
    _kind(r"\bhow old\b|\bwhat age\b", _is_aged, "how old"),
    _kind(r"\b(?:what|which) year\b", _matches(_YEAR), "the year"),
    _kind(
        r"\bpopulation of\b|\bhow many (?:people|inhabitants|residents) (?:live|are there)\b",
        lambda text: bool(read_numbers(text)) and _matches(_PEOPLE)(text),
        "how many people",
        quoted=True,
    ),
    _kind(
        r"\bhow much (?:did|do|does|was|is|were|are|will|has|have|had|could|would)\b.*"
        r"\b(?:cost|earn(?:ed)?|paid?|pay|worth|offer(?:ed)?|bid|raised?|invest(?:ed)?|spen[dt]|owed?)\b"
        r"|\bwhat (?:did|does|do|will|would)\b.*\b(?:cost|earn)\b|\bwhat (?:is|was) the price\b"
        r"|\bwhat(?:['’]s| is| was| are| were)\b.*\bworth\b|\bhow much money\b",
        _matches(_MONEY),
        "how much money",
    ),
    _kind(r"\bhow far in(?:to)?\b", _lasts, "how far into it"),
    _kind(
        r"\bhow far\b|\bwhat distance\b"
        r"|\bwhat (?:is|was) the (?:\w+ )?(?:distance|range) (?:of|from)\b",
        _measures(_LENGTH_UNITS),
        "how far",
    ),
    _kind(
        r"\bhow (?:tall|high|deep|wide)\b|\bwhat (?:is|was) the (?:height|depth|width) of\b",
        _measures(_LENGTH_UNITS),
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
    _kind(r"\bhow long\b", _lasts, "how long"),
    _kind(
        r"\b(?:what|which) (?:percentage|proportion|share|fraction)\b",
        lambda text: bool(read_numbers(text)) or _matches(_SHARE)(text),
        "what share",
    ),
    _kind(r"\bhow (?:many|much)\b", lambda text: bool(read_numbers(text)), "how many"),
    _kind(r"\bweather\b|\btemperature\b", _matches(_WEATHER), "what the weather was"),
    _kind(
        r"^(?:and )?(?:(?:on|at|in|until|since|by) )?"
        r"(?:when|(?:what|which) (?:day|date|month|time))\b",
        _matches(_WHEN),
        "when",
    ),
)

_ELSE = re.compile(r"(?:^|[.?!,;]\s|\band\s)who else\b", re.IGNORECASE)
_NAME_OF = re.compile(
    r"\bname of (?:the |a |an )?(?:[\w'’-]+ ){0,3}?([\w-]+)"
    r"(?=\?| (?:that|who|which|whom|he|she|they|on|in|at|near)\b)"
    r"|^what (?:is|was) (?:the |a |an )?(?:[\w'’-]+ ){0,3}?([\w-]+)"
    r"(?: (?:that|which|who|where|on|in|at|with)\b[^?]*)? (?:called|named)\?",
    re.IGNORECASE,
)
"""What bears the name that is asked for."""

_COUNTED = re.compile(
    r"^(?:and )?how many (?:[\w'’-]+ ){0,3}?([\w'’-]+) "
    r"(?:did|do|does|was|were|is|are|has|have|had|will|would)\b",
    re.IGNORECASE,
)

_COUNTED_FIRST = re.compile(
    r"^(?:and )?how many (?!people (?:live|are there)\b)([\w'’-]+)\b", re.IGNORECASE
)

NAME_WITHIN = 8
"""Words between a name and what bears it: Kozlov, Russia's minister of the environment."""

_EACH = re.compile(r"\b(?:each|or|respectively)\b|\bwhich of\b", re.IGNORECASE)
"""What lets a sentence speak of one of those whom the question names."""

COUNTED_BEFORE, COUNTED_AFTER = 3, 3
"""Words around a number in which the thing that it counts is looked for."""


_ASKS_FOR = re.compile(
    r"^(?:(?:and|so|but|from|in|at|to|by|for|on|with|of)\s)*"
    r"(?:who|whom|whose|what|which|where|when|why|how)\b",
    re.IGNORECASE,
)
"""A question that a yes or a no does not answer."""


def find_mismatch(question: str, sentence: str, quotes: Sequence[str]) -> str | None:
    """Why `sentence` with its `quotes` is no answer to `question`, None where it may be one."""
    kind = next((kind for kind in _KINDS if kind.asks.search(question)), None)
    if kind and not AND_ASKS.search(question):
        texts = [f"x {sentence}", " ".join(quotes)][: 1 + kind.quoted]
        if not all(map(kind.says, texts)):
            return kind.reason
    counted = None if AND_ASKS.search(question) else _find_counted(question)
    if counted and _counts_people(counted, sentence):
        counted = None
    told = read_claim(" ".join([sentence, *quotes])).words
    if counted and not holds_word(told, stem(counted)):
        return f"it does not say how many {counted.lower()}"
    names = read_claim(f"x {sentence}").names
    if _ELSE.search(question) and all(holds_word(read_claim(question).words, n) for n in names):
        return "it names nobody else"
    numbers = read_numbers(sentence) - read_ordinals(sentence)
    if counted and not _counts(stem(counted), [sentence, *quotes], numbers):
        return f"its number counts no {counted.lower()}"
    return (
        _find_nameless(question, sentence, quotes)
        or _find_repetition(question, sentence, quotes)
        or find_turned(question, [sentence, *quotes])
        or find_other(question, sentence, quotes)
    )


def _find_counted(question: str) -> str | None:
    """What is counted: the noun before the verb, or the plural right after "how many"."""
    found = _COUNTED.search(question)
    if found is None:
        found = _COUNTED_FIRST.search(question)
        return found[1] if found and is_plural(found[1]) else None
    return None if found[1][0].isupper() else found[1]


def _counts_people(thing: str, sentence: str) -> bool:
    """Whether people are asked for and the sentence counts viewers, workers or the like."""
    return thing.lower() == "people" and any(
        _PERSONS.fullmatch(unit) for unit, _ in read_measures(sentence)
    )


def _counts(thing: str, texts: Sequence[str], numbers: AbstractSet[float]) -> bool:
    """Whether one of `numbers` stands near `thing` in `texts`, or near no other thing in plural."""
    for text in texts:
        words = re.findall(r"\w[\w'’.,-]*", spread(text))
        for place, word in enumerate(words):
            if not numbers & read_numbers(word):
                continue
            after = words[place + 1 : place + 1 + COUNTED_AFTER]
            near = frozenset(map(stem, [*words[max(0, place - COUNTED_BEFORE) : place], *after]))
            if holds_word(near, thing) or not any(map(is_plural, after)):
                return True
    return False


def _find_repetition(question: str, sentence: str, quotes: Sequence[str]) -> str | None:
    """That `sentence` has no word or number but the question's and the rest of their names."""
    asked, said = read_claim(question), read_claim(sentence)
    runs = [run for text in (sentence, *quotes) for run in NAME_RUN.findall(text)]
    names = [read_claim(run).words for run in runs]
    written = asked.words if question.islower() else asked.names
    partners = frozenset[str]().union(*(run for run in names if run & written))
    known = asked.words | partners | LIGHT_WORDS
    new = [word for word in said.words if not holds_word(known, word)]
    if not _ASKS_FOR.search(question) or not said.words or new or said.numbers - asked.numbers:
        return None
    return "it only repeats the question"


def _find_nameless(question: str, sentence: str, quotes: Sequence[str]) -> str | None:
    """Where a name is asked for: that there is none, or that no quote has it with what bears it."""
    found = _NAME_OF.search(question)
    if found is None:
        return None
    bearer = found[1] or found[2]
    asked = read_claim(question).words
    named = {name for name in read_claim(f"x {sentence}").names if not holds_word(asked, name)}
    if not named:
        return "it does not say the name"
    told = [read_claim(quote).words for quote in quotes]
    holders = [words for words in told if any(holds_word(words, name) for name in named)]
    if not any(holds_word(words, stem(bearer.lower())) for words in holders):
        return f"no cited sentence has the name with the {bearer.lower()}"
    if not any(
        _stands_beside(named, stem(bearer.lower()), quote)
        and not _bears_another(named | asked, bearer.lower(), quote)
        for quote in quotes
    ):
        return f"no cited sentence has the name beside the {bearer.lower()}"
    return None


def _bears_another(names: AbstractSet[str], bearer: str, quote: str) -> bool:
    """Whether a name that is none of those stands right before what bears it: Khasan station."""
    befores = re.findall(rf"\b([A-Z][\w-]*)\s{re.escape(bearer)}\b", quote)
    others = [one for one in befores if not simplemma.is_known(one.lower(), lang="en")]
    return bool(others) and not any(holds_word(frozenset(names), stem(one)) for one in others)


def _stands_beside(names: AbstractSet[str], bearer: str, quote: str) -> bool:
    """Whether one of the names is within NAME_WITHIN words of what bears it."""
    words = [stem(word) for word in re.findall(r"[^\W\d_]+", quote)]
    bearers = [place for place, word in enumerate(words) if same_word(word, bearer)]
    named = [place for place, word in enumerate(words) if holds_word(frozenset(names), word)]
    return any(abs(one - other) <= NAME_WITHIN for one in bearers for other in named)


def find_unnamed(question: str, sentence: str, around: str) -> str | None:
    """The name of `question` that neither `sentence` nor the text `around` its quotes has.

    A weekday counts only where another one stands there: news often leaves it out.
    """
    if AND_ASKS.search(question):
        return None
    held = read_claim(f"x {sentence}\n{around}").words | read_initials(around)
    names = sorted(read_claim(question).names - frozenset(map(stem, ROLES)))
    missing = [
        name
        for name in names
        if not (holds_word(held, name) or stands_for(name, held, text=question))
        and not (name in WEEKDAYS and not held & WEEKDAYS)
    ]
    if not missing or (_EACH.search(question) and any(holds_word(held, name) for name in names)):
        return None
    return f"what it rests on does not speak of {missing[0]!r}"

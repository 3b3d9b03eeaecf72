"""A question and a sentence with its quotes -> whether that kind of thing was asked for (pure).

A small model answers the near miss: a distance for a population, a weekday for a year, what Kim was
given for what Kim gave. The sentence is true and cited, and still no answer. Kept simple on
purpose: what the question's words ask for, by table, and who gives to whom around a few verbs.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.claims import holds_word, read_claim, read_measures, read_numbers, stem

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
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
_WHEN = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|"
    r"september|october|november|december|(?:1[0-9]|20)\d\d|yesterday|today|tomorrow|tonight|morning|"
    r"noon|afternoon|evening|night|midnight|day|days|week|weeks|weekend|month|months|year|years|ago|"
    r"last|next|before|after|earlier|later|until|since|during|when|while|early|late|spring|summer|"
    r"autumn|winter|\d{1,2}(?::\d\d| ?[ap]\.?m))\b",
    re.IGNORECASE,
)
_SPEED = re.compile(r"\b(?:per|an) hour\b|\b(?:km/h|kph|kmh|mph|knots?|mach)\b", re.IGNORECASE)
_MONEY = re.compile(
    r"[$€£¥₽]|\b(?:dollars?|euros?|pounds?|rou?bles?|won|yuan|yen|rupees?|cents?|free)\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"\b(?:people|inhabitants|residents|citizens|population|souls)\b", re.IGNORECASE
)
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


def _kind(asks: str, says: Callable[[str], bool], reason: str) -> _Kind:
    return _Kind(re.compile(asks, re.IGNORECASE), says, f"it does not say {reason}")


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
    ),
    _kind(
        r"\bhow much (?:did|do|does|was|is|were|are|will)\b.*\b(?:cost|earn|paid?|pay|worth)\b"
        r"|\bwhat (?:did|does|do|will|would)\b.*\bcost\b|\bwhat (?:is|was) the price\b",
        _matches(_MONEY),
        "how much money",
    ),
    _kind(r"\bhow far\b|\bwhat distance\b", _measures(_LENGTH_UNITS), "how far"),
    _kind(
        r"\bhow many (?:minutes|hours|seconds)\b",
        _measures({"second", "minut", "hour"}),
        "how much time",
    ),
    _kind(r"\bhow long\b", _lasts, "how long"),
    _kind(r"\bhow (?:many|much)\b", lambda text: bool(read_numbers(text)), "how many"),
    _kind(r"\bweather\b|\btemperature\b", _matches(_WEATHER), "what the weather was"),
    _kind(
        r"^(?:and )?(?:(?:on|at|in|until|since|by) )?"
        r"(?:when|(?:what|which) (?:day|date|month|time))\b",
        _matches(_WHEN),
        "when",
    ),
)

_GIVING = frozenset(
    "give gave gives given giving present presents presented presenting hand hands handed handing "
    "offer offers offered offering award awarded show shows showed shown showing send sends sent "
    "donate donated lend lent sell sold bring brought".split()
)
_GETTING = frozenset(
    "receive receives received receiving get gets got accept accepts accepted take takes took "
    "obtain obtained".split()
)
_PARTICIPLES = frozenset(
    "given presented handed offered awarded shown sent donated lent sold brought".split()
)
_PREPOSITIONS = frozenset("in at on near during of for with before after from by to".split())
_BE = frozenset("is are was were be been being".split())
_COUNTED = re.compile(
    r"^how many (?:[\w'’-]+ ){0,3}?([\w'’-]+) "
    r"(?:did|do|does|was|were|is|are|has|have|had|will|would)\b",
    re.IGNORECASE,
)
_PRESENTS = frozenset("present presents gift gifts".split())
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ROLES = frozenset(
    "governor president minister leader mayor official officials hosts host chief handler captain "
    "king queen premier chairman general students student".split()
)
_BEFORE_NOUNS = frozenset("a an the what which several his her their its some many two".split())

_BEFORE, _AFTER = 4, 9
"""Words on each side of a verb in which its giver and receiver are looked for."""


@dataclass(frozen=True)
class Transfer:
    """Who gives to whom, as stems of the words that name them; empty where it is not said."""

    givers: frozenset[str]
    receivers: frozenset[str]


def find_mismatch(question: str, sentence: str, quotes: Sequence[str]) -> str | None:
    """Why `sentence` with its `quotes` is no answer to `question`, None where it may be one."""
    kind = next((kind for kind in _KINDS if kind.asks.search(question)), None)
    if kind and not _AND_ASKS.search(question) and not kind.says(f"x {sentence}"):
        return kind.reason
    counted = _COUNTED.search(question)
    told = read_claim(" ".join([sentence, *quotes])).words
    if counted and not holds_word(told, stem(counted[1])):
        return f"it does not say how many {counted[1].lower()}"
    return _find_turned(question, [sentence, *quotes])


def find_turned_transfer(sentence: str, quotes: Sequence[str]) -> str | None:
    """Why `sentence` has giver and receiver the other way round than `quotes`, None if not."""
    return _find_turned(sentence, quotes)


def _find_turned(asked: str, texts: Sequence[str]) -> str | None:
    """A giver of `asked` that only receives in `texts`, or a receiver that only gives."""
    said = [transfer for text in texts for transfer in read_transfers(text)]
    for transfer in read_transfers(asked):
        for name in transfer.givers:
            if _stands_only(name, [one.receivers for one in said], [one.givers for one in said]):
                return f"who gave to whom is turned round: {name} received"
        for name in transfer.receivers:
            if _stands_only(name, [one.givers for one in said], [one.receivers for one in said]):
                return f"who gave to whom is turned round: {name} gave"
    return None


def _stands_only(
    name: str, here: Sequence[frozenset[str]], there: Sequence[frozenset[str]]
) -> bool:
    held = any(holds_word(names, name) for names in here)
    return held and not any(holds_word(names, name) for names in there)


def read_transfers(text: str) -> list[Transfer]:
    """The givings and receivings that `text` tells of."""
    found = []
    for clause in re.split(r"[;:]|,(?=\s(?:and|but|who|which|where|while)\b)", text):
        words = _WORD.findall(clause)
        for place, word in enumerate(words):
            plain = word.lower()
            if _gives(words, place):
                found.append(_read_giving(words, place))
            elif plain in _GETTING:
                givers = _names(_after(words[place + 1 : place + 1 + _AFTER], "from"))
                found.append(Transfer(givers, _names(_subject(words, place))))
    return [one for one in found if one.givers or one.receivers]


def _read_giving(words: Sequence[str], place: int) -> Transfer:
    before, after = _subject(words, place), words[place + 1 : place + 1 + _AFTER]
    to = _names(_after(after, "to"))
    if any(word.lower() in _BE for word in before[-3:]) and words[place].lower() in _PARTICIPLES:
        return Transfer(_names(_after(after, "by")), to or _names(before))
    return Transfer(_names(before), to or _names(_until_preposition(after)[:3]))


def _subject(words: Sequence[str], place: int) -> Sequence[str]:
    """The few words before the verb, back to an "and"."""
    before = words[max(0, place - _BEFORE) : place]
    joins = [at for at, word in enumerate(before) if word.lower() == "and"]
    return before[joins[-1] + 1 :] if joins else before


def _gives(words: Sequence[str], place: int) -> bool:
    """Whether the word there is a giving: not "a present" or "the hand", but "made a present"."""
    plain = words[place].lower()
    if plain in {"made", "make", "makes"}:
        return bool(_PRESENTS & {word.lower() for word in words[place : place + 6]})
    if plain in {"present", "presents", "hand", "hands", "show", "shows", "offer", "offers"}:
        return place > 0 and words[place - 1].lower() not in _BEFORE_NOUNS
    return plain in _GIVING


def _after(words: Sequence[str], preposition: str) -> Sequence[str]:
    lowered = [word.lower() for word in words]
    if preposition not in lowered:
        return ()
    start = lowered.index(preposition) + 1
    return _until_preposition(words[start : start + 4])


def _until_preposition(words: Sequence[str]) -> Sequence[str]:
    ends = (place for place, word in enumerate(words) if word.lower() in _PREPOSITIONS)
    return words[: next(ends, len(words))]


def _names(words: Sequence[str]) -> frozenset[str]:
    """The stems of the capitalised words and the roles among `words`."""
    claim = read_claim("x " + " ".join(words)) if words else None
    roles = {stem(word) for word in words if word.lower() in _ROLES}
    return frozenset((claim.names if claim else frozenset()) | roles)


_AND_ASKS = re.compile(
    r",?\s+and\s+(?=(?:(?:in|on|at|from|to|by|for|with)\s+)?(?:how|what|which|who|whom|whose|when|where|why)\b)",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|he|him|his|she|her|that|this|these|those|there|then|else|one|ones)\b",
    re.IGNORECASE,
)
_HAS_VERB = re.compile(
    r"^(?:who|what)\b|\b(?:did|does|do|was|were|is|are|has|had|have|would|will|can|could|should)\b",
    re.IGNORECASE,
)
MIN_PART = 3
"""Words of a part that can be asked alone."""


def split_parts(question: str) -> list[str]:
    """The questions that `question` joins by "and", each clear alone; else `question` itself."""
    parts = [part.strip(" ,?") for part in _AND_ASKS.split(question)]
    whole = all(len(part.split()) >= MIN_PART and _HAS_VERB.search(part) for part in parts)
    if len(parts) == 1 or not whole or any(_POINTS_BACK.search(part) for part in parts[1:]):
        return [question]
    return [f"{part[0].upper()}{part[1:]}?" for part in parts]

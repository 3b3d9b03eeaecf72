"""An answer + one more sentence -> whether it gives another account of what was asked (pure).

Two articles differ on a number, a name or a day; the model tells one of them. Kept simple on
purpose: rules on words, numbers and vectors.
"""

import re
from collections.abc import Callable, Sequence

from service.claims import CAPITALS, LIGHT_WORDS, Claim, as_written, read_claim
from service.dates import MONTH, WEEKDAY
from service.evidence import EvidenceSentence
from service.parts import EITHER
from service.quantities import MEASURING, read_measures
from service.support.statement import surroundings
from service.words import holds_all, holds_word, stem

NEAR = 0.6
"""Cosine to what the answer cites above which a sentence is about the same thing."""

MIN_COMMON = 2
"""Words of two names that differ in one: Far Eastern State, Far Eastern Federal."""

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
_WHETHER = re.compile(
    r"^(?:and |but |so )?(?:is|are|was|were|did|does|do|has|have|had)\b", re.IGNORECASE
)
_DATE_ASKED = re.compile(r"\b(?:what|which) date\b", re.IGNORECASE)
_DATE = re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{MONTH}|\b{MONTH}\.? \d{{1,2}}\b")
"""A day of a month."""

_NAMED = re.compile(
    r"^(?:(?:and|so|from|in|at|to|by|for|on)\s)*(?:who|whom|where|which\s\w+"
    r"|what\s(?!did|do|does|was|were|is|are|has|have|had|will|would|can|could)\w+)\b",
    re.IGNORECASE,
)
"""A question for a name: of somebody, of a place, of one of a kind."""

_WHICH_KIND = re.compile(
    r"^(?:(?:and|so|from|in|at|to|by|for|on)\s)*(?:which|what)\s([a-z]+)\s"
    r"(?:did|do|does|was|were|is|are|has|have|had|will|would|can|could)\b",
    re.IGNORECASE,
)
"""What bears the name that is asked for: which city did he leave?"""

_NAME_OF = re.compile(r"\bname of\b|\b(?:called|named)\?$", re.IGNORECASE)
_CAPITALISED = re.compile(r"\b(?P<word>[A-Z][^\W\d_]*(?:an|ese|ish))\b(?P<thing> [a-z])?")
"""What may be the adjective of a country, and whether a thing follows."""

ALIKE = 0.6
"""Cosine to what the answer cites above which another article tells of the same event."""

MOST = 2 / 3
"""Share of the question's words that it holds then."""

ALIKE_ALL = 0.4
"""And the cosine above which it does, where it holds all of them."""

_CAPITALS = re.compile(CAPITALS)
_DATES = (
    re.compile(rf"\b{WEEKDAY}\b"),
    re.compile(rf"\b(?:(?:[Ee]arly|[Mm]id|[Ll]ate)[\s-])?{MONTH}\b"),
    re.compile(r"\b(?:1[5-9]|20)\d\ds?\b"),
)
"""Weekdays, months and years: of one kind, two differ."""

_DAY_TOO = re.compile(r"(?<=\band )(?:on )?(?:when|(?:what|which) (?:day|date))\b", re.IGNORECASE)
_DAY_WORDS = frozenset(map(stem, ("day", "date", "week")))

_UNITS_ASKED: dict[str, set[str]] = {
    "how long": {"minut", "hour", "day", "week", "month", "year"},
    "how far": {"meter", "kilomet", "mile"},
}

Account = Callable[[str, EvidenceSentence, Sequence[EvidenceSentence], str], bool]
"""(question, sentence, what is cited, what is told) -> whether the sentence has another account."""


def accounts_asked(question: str) -> list[Account]:
    """The kinds of account that `question` asks for: of a number, an "or", a name, a day."""
    when = _WHEN.search(question)
    asked: list[tuple[object, Account]] = [
        (_QUANTITY.search(question), _counts_otherwise),
        (EITHER.search(question), _adds_alternative),
        (not when and _NAMED.search(question), _names_another),
        (_NAME_OF.search(question), _names_rival),
        (when, _dates_another),
    ]
    return [account for does, account in asked if does]


def _counts_otherwise(
    question: str, found: EvidenceSentence, cited: Sequence[EvidenceSentence], known: str
) -> bool:
    """Whether `found` gives another number than the answer, or the number that it lacks."""
    told, given = read_measures(known), read_measures(found.text)
    units = {unit for unit, _ in told}
    differs = _is_elsewhere(found, cited) and any(
        unit in units and (unit, value) not in told for unit, value in given
    )
    asked = next(
        (units for words, units in _UNITS_ASKED.items() if words in question.lower()), set()
    )
    missing = (
        not {*asked, "second"} & units
        and any(unit in asked for unit, _ in given)
        and nearness(found, cited) >= NEAR
    )
    claim, names = read_claim(found.text), read_claim(question).names
    shares = any(word not in MEASURING for word in shared_words(question, claim))
    near = read_claim(surroundings(found)).words if shares else claim.words
    named = holds_all(near, names)
    return (differs or missing) and named and (bool(names) or shares)


def _adds_alternative(
    question: str, found: EvidenceSentence, cited: Sequence[EvidenceSentence], known: str
) -> bool:
    """Whether `found` has what an "A or B" question names and the answer leaves out.

    Where the answer has both sides, another article may have one alone: was it dolphins or whales?
    """
    told, held = read_claim(known).words, read_claim(found.text).words
    sides = [as_written(read_claim(f"x {one}").words, one) for one in EITHER.findall(question)[0]]
    left_out = [word for side in sides for word in side if not holds_word(told, stem(word))]
    if any(holds_word(held, stem(word)) for word in left_out):
        return nearness(found, cited) >= NEAR
    ends = [stem(word) for word in (*sides[0][-1:], *sides[1][:1])]
    both = _WHETHER.search(question) and holds_all(told, ends)
    alone = both and len({holds_word(held, word) for word in ends}) > 1
    return bool(alone) and _is_elsewhere(found, cited) and nearness(found, cited) >= NEAR


def _names_another(
    question: str, found: EvidenceSentence, cited: Sequence[EvidenceSentence], known: str
) -> bool:
    """Whether `found` answers with another name, without the first that the answer has."""
    asked, claim, told = read_claim(question), read_claim(found.text), read_claim(known)
    kind = _WHICH_KIND.search(question)
    if kind and not holds_word(claim.words, stem(kind[1])):
        return False
    runs = (read_claim(f"x {run}").names - asked.words for run in _CAPITALS.findall(known))
    answer = next(filter(None, runs), None)
    return (
        answer is not None
        and not holds_all(claim.words, answer)
        and bool(claim.names - asked.words - told.names - _adjectives(found.text))
        and _tells_of_same(question, found, cited)
    )


def _names_rival(
    question: str, found: EvidenceSentence, cited: Sequence[EvidenceSentence], known: str
) -> bool:
    """Whether `found` answers with a name that is the answer's but for a word: State, Federal."""
    names, others = (
        [frozenset(run.split()) - {"The"} for run in _CAPITALS.findall(one)]
        for one in (known, found.text)
    )
    differs = any(
        len(name & other) >= MIN_COMMON and len(name - other) == len(other - name) == 1
        for name in names
        for other in others
    )
    return differs and _tells_of_same(question, found, cited, surroundings(found))


def _dates_another(
    question: str, found: EvidenceSentence, cited: Sequence[EvidenceSentence], known: str
) -> bool:
    """Whether `found` answers with another weekday, month or year."""
    dates = [
        [{date.lower() for date in kind.findall(text)} for text in (known, found.text)]
        for kind in _DATES
    ]
    differs = any(told and given and not told & given for told, given in dates)
    date_lacks = _DATE_ASKED.search(question) and not _DATE.search(known)
    if date_lacks and _DATE.search(found.text):
        return _tells_of_same(_DATE_ASKED.sub("", question), found, cited)
    return differs and _tells_of_same(question, found, cited)


def lacks_day(question: str, found: EvidenceSentence, known: str) -> bool:
    """Whether the question asks for a day too, the answer has none, and `found` has one of that."""
    asks = _DAY_TOO.search(question)
    if asks is None or any(kind.search(known) for kind in _DATES):
        return False
    whole = read_claim(question)
    part = read_claim(question[asks.start() :]).words - LIGHT_WORDS - _DAY_WORDS
    held = read_claim(found.text).words
    around = read_claim(surroundings(found)).words
    return (
        any(kind.search(found.text) for kind in _DATES)
        and holds_all(held, part or whole.words - whole.names - _DAY_WORDS)
        and holds_all(around, whole.names)
    )


def _tells_of_same(
    question: str, found: EvidenceSentence, cited: Sequence[EvidenceSentence], around: str = ""
) -> bool:
    """Whether `found` is of another article and holds, or has `around` it, most of the question."""
    words = read_claim(question).words - LIGHT_WORDS
    told = read_claim(f"{found.text}\n{around}").words
    held = sum(holds_word(told, word) for word in words)
    least = ALIKE_ALL if held == len(words) else ALIKE
    return (
        _is_elsewhere(found, cited)
        and held >= MOST * len(words)
        and nearness(found, cited) >= least
    )


def _is_elsewhere(found: EvidenceSentence, cited: Sequence[EvidenceSentence]) -> bool:
    """Whether it is of another article than all that is cited."""
    return found.article.id not in {other.article.id for other in cited}


def _adjectives(text: str) -> set[str]:
    """The stems of capitalised words that only say of what kind a thing is: Russian video."""
    plain: set[str] = set()
    kinds: set[str] = set()
    for match in _CAPITALISED.finditer(text):
        (kinds if match["thing"] else plain).add(stem(match["word"].lower()))
    return kinds - plain


def nearness(found: EvidenceSentence, cited: Sequence[EvidenceSentence]) -> float:
    """The cosine to the nearest of the cited sentences."""
    return max(float(found.vector @ other.vector) for other in cited)


def shared_words(question: str, claim: Claim) -> list[str]:
    """Content words of the question, names aside, that the sentence holds."""
    asked = read_claim(question)
    return [word for word in sorted(asked.words - asked.names) if holds_word(claim.words, word)]

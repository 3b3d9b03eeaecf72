"""A question and a sentence with its quotes -> whether that kind of thing was asked for (pure).

A small model answers the near miss: a distance for a population, a weekday for a year, what Kim was
given for what Kim gave. The sentence is true and cited, and still no answer. Kept simple on
purpose: the question's words, and the names and words of the answer.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import simplemma

from service.capitals import stands_for
from service.claims import (
    CAPITALS,
    LIGHT_WORDS,
    NAME_RUN,
    OFFICES,
    ROLES,
    WEEKDAYS,
    as_written,
    read_claim,
    read_initials,
)
from service.counted import find_miscount
from service.kinds import find_kind
from service.parts import AND_ASKS, EITHER, without_asides
from service.quantities import says_quantity
from service.subjects import find_other
from service.transfers import find_other_receiver, find_turned
from service.words import holds_word, is_person, is_plural, same_word, stem, unheld

_ELSE = re.compile(r"(?:^|[.?!,;]\s|\band\s)who else\b", re.IGNORECASE)
_NAME_OF = re.compile(
    r"\bname of (?:the |a |an )?(?:[\w'’-]+ ){0,3}?(?!(?:the|an?|of)\b)([\w-]+)"
    r"(?=\?| (?:that|who|which|whom|he|she|they|on|in|at|near)\b| (?-i:[A-Z]))"
    r"|^what (?:is|was) (?:the |a |an )?(?:[\w'’-]+ ){0,3}?([\w-]+)"
    r"(?: (?:that|which|who|where|on|in|at|with)\b[^?]*)? (?:called|named)\?",
    re.IGNORECASE,
)
"""What bears the name that is asked for."""

ASKS_WHO = re.compile(r"^(?:(?:and|so|but|by|from|to|with|for)\s)*who(?:m|se)?\b", re.IGNORECASE)
_WHO_IS = re.compile(
    rf"^(?:and )?who(?:['’]s| is| was) (?:the )?(?:[\w-]+ )?(?:{'|'.join(sorted(ROLES))})\b",
    re.IGNORECASE,
)
_WHO_RUNS = re.compile(
    r"^(?:and )?who (?:runs?|ran|governs?|governed|heads?|rules?)\b", re.IGNORECASE
)
_OF_NAME = re.compile(rf"\b(?:of|in|for)\s(?:the\s)?{CAPITALS}")
"""What an office is of, which does not say who holds it: the governor of Primorye."""

_BESIDE = re.compile(r",\s(?:which|where)\b[^,.]*,?")
"""What is told beside: Primorye, which borders China."""

_INSTITUTIONS = (
    "hospital clinic university college school airport station bank hotel restaurant museum court "
    "prison".split()
)
_NAMED_AFTER_KIND = frozenset(map(stem, (*_INSTITUTIONS, "aquarium", "theatre", "stadium")))
"""Their stems: what such a place is called says which kind it is."""

_WHICH_ONE = re.compile(
    r"^(?:(?:and|so|but|from|in|at|to|by|for|on|with|of)\s)*which (?:[\w-]+ ){0,2}?"
    rf"(?:{'|'.join(_INSTITUTIONS)}|company|firm|city|town"
    r"|village|country|island|newspaper|airline|club|street"
    r"|(?-i:[A-Z]\w+(?:an|ish|ese)))"
    r"(?=\W*$|,| (?:is|was|did|does|do|has|had|can|could|will|would|should|that|which|who|in|on|at"
    r"|of|for|from|to|with|near|by|\w+ed)\b)",
    re.IGNORECASE,
)
"""A question for one of those that bear names: which hospital was she in, which Russian?"""

_HOW_MANY = re.compile(r"\bhow (?:many|much)\b", re.IGNORECASE)

_PRONOUNS = frozenset("he she they him her them nobody none everyone everybody no".split())

NAME_WITHIN = 8
"""Words between a name and what bears it: Kozlov, Russia's minister of the environment."""

_EACH = re.compile(r"\b(?:each|or|respectively)\b|\bwhich of\b", re.IGNORECASE)
"""What lets a sentence speak of one of those whom the question names."""

_GOES_ON = re.compile(r"\?\s+(?=(?:and|but|so|what about|how about)\b)", re.IGNORECASE)
"""Where a question ends and the one begins that goes on from it: who won? And in Lund?"""

_ASKS_FOR = re.compile(
    r"^(?:(?:and|so|but|from|in|at|to|by|for|on|with|of)\s)*"
    r"(?:who|whom|whose|what|which|where|when|why|how)\b",
    re.IGNORECASE,
)
"""A question that a yes or a no does not answer."""


def find_mismatch(question: str, sentence: str, quotes: Sequence[str]) -> str | None:
    """Why `sentence` with its `quotes` is no answer to `question`, None where it may be one."""
    several = AND_ASKS.search(question)
    kind = None if several else find_kind(question)
    if kind:
        texts = [f"x {sentence}", " ".join(quotes)][: 1 + kind.quoted]
        if not all(map(kind.says, texts)):
            return kind.reason
    if _ELSE.search(question) and not (
        _names_another(question, sentence) or _new_persons(question, sentence)
    ):
        return "it names nobody else"
    if ASKS_WHO.search(question) and not _names_somebody(question, sentence):
        return "it names nobody"
    if _WHICH_ONE.search(question) and not _names_another(question, sentence):
        return "it names none"
    if not several and (miscount := find_miscount(question, sentence, quotes)):
        return miscount
    return (
        _find_nameless(question, sentence, quotes)
        or _find_repetition(question, sentence, quotes)
        or find_turned(question, [sentence, *quotes])
        or find_other_receiver(question, sentence)
        or find_other(question, sentence, quotes)
    )


def _names_somebody(question: str, sentence: str) -> bool:
    """Whether `sentence` has a name that the question has not, a number, a role or a pronoun.

    Who holds an office is not said by what that is of, nor by what is told of that place.
    """
    if _WHO_IS.search(question) or _WHO_RUNS.search(question):
        sentence = _OF_NAME.sub("", _BESIDE.sub("", sentence))
    asked = read_claim(question)
    if read_claim(sentence).numbers or _names_another(question, sentence):
        return True
    if _WHO_RUNS.search(question):
        return False
    words = re.findall(r"[^\W\d_]+", sentence)
    return bool(_new_persons(question, sentence)) or any(
        word.lower() in _PRONOUNS or is_plural(word)
        for word in words
        if not holds_word(asked.words, stem(word))
    )


def _new_persons(question: str, sentence: str) -> list[str]:
    """The words of `sentence` for persons that the question has not: a minister, passengers."""
    asked = read_claim(question).words
    return [
        word
        for word in re.findall(r"[^\W\d_]+", sentence)
        if (word.lower() in ROLES or is_person(word)) and not holds_word(asked, stem(word))
    ]


def _names_another(question: str, sentence: str) -> bool:
    """Whether `sentence` has a name that neither is the question's nor the rest of one of those."""
    asked = read_claim(question)
    known = asked.words | _partners(asked.names, [sentence])
    return any(not holds_word(known, name) for name in read_claim(f"x {sentence}").names)


def _find_repetition(question: str, sentence: str, quotes: Sequence[str]) -> str | None:
    """That `sentence` has no word or number but the question's and the rest of their names.

    A denial of what is asked about is an answer.
    """
    asked, said = read_claim(question), read_claim(sentence)
    known = asked.words | _partners(asked.names, [sentence, *quotes]) | LIGHT_WORDS
    new = unheld(known, said.words)
    counts = said.numbers - asked.numbers or (
        _HOW_MANY.search(question) and says_quantity(sentence)
    )
    denies = said.negated and not asked.negated
    if not _ASKS_FOR.search(question) or not said.words or new or counts or denies:
        return None
    return None if _takes_a_side(question, sentence) else "it only repeats the question"


def _partners(names: AbstractSet[str], texts: Sequence[str]) -> frozenset[str]:
    """The words of the full names in `texts` that have one of the `names`: Kim's Jong and Un."""
    runs = [read_claim(run).words for text in texts for run in NAME_RUN.findall(text)]
    return frozenset[str]().union(*(run for run in runs if run & names))


def _takes_a_side(question: str, sentence: str) -> bool:
    """Whether `sentence` has words of one side of an "or" in `question`, and none of the other."""
    said = read_claim(sentence).words
    for sides in EITHER.findall(question):
        left, right = (read_claim(f"x {side}").words - LIGHT_WORDS for side in sides)
        left, right = left - right, right - left
        if any(holds_word(said, w) for w in left) != any(holds_word(said, w) for w in right):
            return True
    return False


def _find_nameless(question: str, sentence: str, quotes: Sequence[str]) -> str | None:
    """Where a name is asked for: that there is none, or that no quote has it with what bears it."""
    found = None if AND_ASKS.search(question) else _NAME_OF.search(question)
    if found is None:
        return None
    bearer = found[1] or found[2]
    asked = read_claim(question).words
    named = {name for name in read_claim(f"x {sentence}").names if not holds_word(asked, name)}
    if not named:
        return "it does not say the name"
    kinds = _NAMED_AFTER_KIND & read_claim(sentence).words
    if kinds and stem(bearer) in _NAMED_AFTER_KIND - kinds:
        return f"it names another thing than the {bearer.lower()}"
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

    A weekday counts only where another one stands there: news often leaves it out. What the
    question names only to leave it out need not be there, nor what only the question names that it
    goes on from, and a long name may be as its initials.
    """
    if AND_ASKS.search(question):
        return None
    *_, last = _GOES_ON.split(question)
    question = without_asides(last if read_claim(f"x {last}").names else question)
    held = read_claim(f"x {sentence}\n{around}").words | read_initials(around)
    for run in NAME_RUN.findall(question):
        if held & read_initials(run):
            held |= read_claim(f"x {run}").words
    names = sorted(read_claim(question).names - OFFICES)
    missing = [
        name
        for name in names
        if not (holds_word(held, name) or stands_for(name, held, text=question))
        and not (name in WEEKDAYS and not held & WEEKDAYS)
    ]
    if not missing or (_EACH.search(question) and any(holds_word(held, name) for name in names)):
        return None
    return f"what it rests on does not speak of {as_written({missing[0]}, question)[0]!r}"

"""A sentence and the quotes it cites -> why they do not hold it, None where they do (pure).

Numbers, units, days, names, quotations, negation and content words, each by a rule of its own that
gives its reason. Kept simple on purpose: no parser, only what stands in the words.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from index.hints import named_days
from service.claims import LONG_NAMES, ROLES, Claim, read_claim, read_denied
from service.dates import long_date, read_dates
from service.evidence import EvidenceSentence
from service.opposites import find_opposite
from service.quantities import MEASURING, read_measures, read_numbers, read_ordinals
from service.transfers import find_turned, read_transfers
from service.words import holds_word, stem

MIN_COVERED = 0.7
"""Share of a sentence's content words that its quotes hold, by weight of one each."""

MIN_COVERED_ECHO = 0.6
"""And a single quote this, where all that is missing are words of the question: what he earns."""

MIN_IN_ONE = 0.6
"""Share of a clause's words, names aside, that one of its quotes holds."""

BEFORE, AFTER = 400, 200
"""Characters around a quote that say what it is about: some three sentences, and one."""

LONGEST_NAME = 3
"""Words of a person's full name."""

SHORTEST_PART = 3
"""Letters of a name that was cut off."""

_ENDINGS = ("n", "an", "ian", "s", "i")
"""What makes another word of a name: Russia, Russian."""

DAY_SHARE = 1 / 3
"""Share of a clause's words that a quote holds which its weekday may come from."""

DAY_MARGIN = 2
"""Words more that another quote shares, with another weekday, for the day to be that one's."""

CONTRADICTED = "the cited sentence that it is nearest to has"
"""How a reason begins for which no other evidence is looked for."""

_HOLDER = re.compile(
    r"^(?P<office>[^,;:]+?) (?:is|was) (?P<name>[A-Z][^\W\d_]+(?: [A-Z][^\W\d_]+)*)\.?$"
)
_WEEKDAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
_QUOTED = re.compile(r"[“\"]([^“”\"]{3,})[”\"]")
_CLAUSES = re.compile(r"[,;:]\s|\band\b")
_BETWEEN = re.compile(r"\b(between [^,;:]*?) and\b")
"""The two ends of a distance belong to one clause."""

_DATED = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_JOINED = re.compile(
    r"[,;:]|\b(?:and|but|or|while|who|whom|whose|which|that|when|where|because|with)\b",
    re.IGNORECASE,
)
"""What joins two clauses, or two things that may stand in two quotes."""

_ORDER = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last)\b", re.IGNORECASE
)
_ALL = re.compile(r"\b(?:all|every|everyone|everything|whole|entire|only|always)\b", re.IGNORECASE)
_SOME = re.compile(
    r"\b(?:many|much|most|mostly|mainly|some|several|partly|part|often|a number of|half|few)\b",
    re.IGNORECASE,
)
_MAY = re.compile(r"\b(?:(?i:could|might|possibly|perhaps|would|possibility)|may)\b")
_WILL = re.compile(r"\b(?:will|is going to|are going to)\b|['’]ll\b", re.IGNORECASE)
_RUN = re.compile(r"\b[A-Z][^\W\d_]+(?:\s[A-Z][^\W\d_]+)+\b")


@dataclass(frozen=True)
class _Statement:
    """What is checked, and what it rests on."""

    text: str
    cited: Sequence[EvidenceSentence]
    question: str = ""

    @cached_property
    def claim(self) -> Claim:
        return read_claim(self.text)

    @cached_property
    def quotes(self) -> list[Claim]:
        return [read_claim(found.text) for found in self.cited]

    @cached_property
    def origin(self) -> Claim:
        """What may be said without standing in a quote: publisher, title, a day in other words."""
        days = _shared_days(self.text, self.cited)
        return read_claim(" ".join([*map(_origin, self.cited), *days]))

    @cached_property
    def held(self) -> frozenset[str]:
        return frozenset().union(self.origin.words, *(quote.words for quote in self.quotes))


def find_fault(text: str, cited: Sequence[EvidenceSentence], question: str = "") -> str | None:
    """Why the cited sentences do not hold what `text` says, or None when they do.

    Some more of its words may be missing there where it has them from the `question`.
    """
    statement = _Statement(text, cited, question)
    return next((fault for rule in _RULES if (fault := rule(statement))), None)


def unquoted_name(name: str) -> str:
    """The reason for a name, in lower case, that no quote has."""
    return f"name {name!r} is in no cited sentence"


def surroundings(found: EvidenceSentence) -> str:
    """What a reader takes the quote to be about: its article's title and the text around it."""
    text, span = found.article.text, found.span
    around = text[max(0, span.start - BEFORE) : span.end + AFTER]
    return "\n".join([_origin(found), around, *_full_names(found)])


def _find_new_number(said: _Statement) -> str | None:
    numbers = said.origin.numbers.union(*(quote.numbers for quote in said.quotes))
    numbers |= read_ordinals(said.text) & read_ordinals(" ".join(map(surroundings, said.cited)))
    for number in sorted(said.claim.numbers - numbers):
        return f"number {number:g} is in no cited sentence"
    return None


def _find_broken_off(said: _Statement) -> str | None:
    """A last word of which a quote has more: what the model was cut off in."""
    words = re.findall(r"[^\W\d_]+", said.text)
    quoted = re.findall(r"[^\W\d_]+", " ".join(found.text for found in said.cited))
    if words and words[-1] not in quoted and len(words[-1]) >= SHORTEST_PART:
        whole = [
            word
            for word in quoted
            if word.startswith(words[-1])
            and word[0].isupper()
            and not word[len(words[-1]) :].startswith(_ENDINGS)
        ]
        if whole and not any(word.lower() == words[-1].lower() for word in quoted):
            return f"it breaks off in {whole[0]!r}"
    return None


def _find_new_name(said: _Statement) -> str | None:
    """A name that no quote has, or that they have only as its initials: US, United States."""
    for name in sorted(said.claim.names):
        if not holds_word(said.held | said.origin.names, name):
            return unquoted_name(name)
    return next(
        (
            unquoted_name(name.lower())
            for name in LONG_NAMES
            if name in said.text and not any(name in found.text for found in said.cited)
        ),
        None,
    )


def _find_misplaced_number(said: _Statement) -> str | None:
    """A number whose clause names what no cited sentence with that number names.

    "200 km from Moscow" is not supported by one sentence with 200 km and another with Moscow.
    """
    for clause in _CLAUSES.split(_BETWEEN.sub(r"\1 as well as", said.text)):
        claim = read_claim(f"x {clause}")
        for number in claim.numbers:
            holders = [found for found in said.cited if number in read_claim(found.text).numbers]
            words = [read_claim(f"{found.text} {_origin(found)}").words for found in holders]
            if words and not any(all(holds_word(w, name) for name in claim.names) for w in words):
                return f"number {number:g} stands in no cited sentence with what it is about"
    return None


def _find_misplaced_order(said: _Statement) -> str | None:
    """A number with first, second or last, which no quote with the number has."""
    for clause in _CLAUSES.split(said.text):
        order = {word.lower() for word in _ORDER.findall(clause)}
        for number in read_numbers(_ORDER.sub(" ", clause)) if order else ():
            holders = [found for found in said.cited if number in read_numbers(found.text)]
            told = [{word.lower() for word in _ORDER.findall(found.text)} for found in holders]
            if holders and not any(order <= words for words in told):
                return f"number {number:g} stands in no cited sentence with {min(order)!r}"
    return None


def _find_changed_unit(said: _Statement) -> str | None:
    """A number with a unit that it has in no quote, where quotes have it with another unit."""
    bare = [re.sub(r"[()]", " , ", found.text) for found in said.cited]
    measured = [measure for text in bare for measure in read_measures(text)]
    for unit, value in read_measures(said.text):
        units = {other for other, number in measured if number == value and other in MEASURING}
        if unit in MEASURING and units and unit not in units:
            return f"{value:g} has another unit in the cited sentences"
    return None


def _find_new_day(said: _Statement) -> str | None:
    """A day of a month that no quote writes, nor means by another word for it."""
    quoted = " ".join(found.text for found in said.cited)
    for named in named_days(said.text):
        if named.day is None or re.search(rf"\b0?{named.day}(?:st|nd|rd|th)?\b", quoted):
            continue
        if not any(_shared_days(said.text, said.cited)):
            return f"day {named.day} of a month is in no cited sentence"
    return None


def _find_misplaced_day(said: _Statement) -> str | None:
    """A weekday that only a quote about something else has."""
    for clause in _CLAUSES.split(said.text):
        for day in set(_WEEKDAY.findall(clause)):
            words = read_claim(clause).words - {stem(day)}
            holders = [quote.words for quote in said.quotes if holds_word(quote.words, stem(day))]
            shared = [sum(holds_word(held, word) for word in words) for held in holders]
            if holders and max(shared) < DAY_SHARE * len(words):
                return f"{day} stands in no cited sentence with what it is about"
            if holders and max(shared) + DAY_MARGIN <= _shared_with_other_day(said, words):
                return f"{CONTRADICTED} another day than {day}"
    return None


def _shared_with_other_day(said: _Statement, words: frozenset[str]) -> int:
    """How many of the words the nearest of the quotes has that name a weekday."""
    return max(
        (
            sum(holds_word(quote.words, word) for word in words)
            for found, quote in zip(said.cited, said.quotes, strict=True)
            if _WEEKDAY.search(found.text)
        ),
        default=0,
    )


def _find_other_holder(said: _Statement) -> str | None:
    """Somebody who holds an office that every quote with the office gives to somebody else."""
    match = _HOLDER.search(said.text)
    if not match:
        return None
    for role in sorted(ROLES & set(re.findall(r"\w+", match["office"].lower()))):
        nearest = [
            name for found in said.cited if (name := _name_beside(found.text, stem(role)[:6]))
        ]
        if nearest and not set(match["name"].split()) & set(nearest):
            return f"the cited sentences name {nearest[0]} as the {role}"
    return None


def _name_beside(text: str, role: str) -> str | None:
    """The capitalised word that stands nearest to a word that begins with `role`."""
    words = re.findall(r"[^\W\d_]+", text)
    places = [place for place, word in enumerate(words) if word.lower().startswith(role)]
    names = [place for place, word in enumerate(words) if word[0].isupper() and place]
    beside = [(abs(name - place), words[name]) for place in places for name in names]
    return min(beside)[1] if beside else None


def _find_altered_quotation(said: _Statement) -> str | None:
    for quotation in _QUOTED.findall(said.text):
        if not any(_plain(quotation) in _plain(found.text) for found in said.cited):
            return f"the quotation {quotation!r} is in no cited sentence"
    return None


def _find_uncovered(said: _Statement) -> str | None:
    """Content words that no cited sentence holds, where there are too many of them.

    An article's title may give a name, but does not tell what somebody did.
    """
    words = said.claim.words
    if not words:
        return "it says nothing that can be checked"
    publishers = read_claim(" . ".join(f"x {name}" for name in _publishers(said.cited))).words
    quoted = publishers.union(*(quote.words for quote in said.quotes))
    names = read_claim(f"x {said.text}").names
    missing = [
        word for word in words if not holds_word(said.held if word in names else quoted, word)
    ]
    asked = read_claim(said.question).words
    told = [word for word in words - names - set(missing) if not holds_word(asked, word)]
    told += _DATED.findall(said.text)
    echoed = len(said.cited) == 1 and told and all(holds_word(asked, word) for word in missing)
    if 1 - len(missing) / len(words) < (MIN_COVERED_ECHO if echoed else MIN_COVERED):
        return "too little of it is in the cited sentences: " + ", ".join(sorted(missing))
    return None


def _find_pieced(said: _Statement) -> str | None:
    """A single clause that no quote holds by itself, not even with what names its pronoun."""
    if len(said.cited) == 1 or _JOINED.search(said.text):
        return None
    names = said.claim.names
    plain = said.claim.words - names
    share = max(
        sum(holds_word(quote.words, word) for word in plain) / max(1, len(plain))
        for quote in said.quotes
    )
    return None if share >= MIN_IN_ONE else "no cited sentence holds most of it"


def _find_scattered(said: _Statement) -> str | None:
    """Names that stand together around no quote: two articles' facts that were made one."""
    if len(said.cited) == 1 or not said.claim.names:
        return None
    around = [read_claim(surroundings(found)).words for found in said.cited]
    if any(all(holds_word(words, name) for name in said.claim.names) for words in around):
        return None
    return "its names stand together around no cited sentence"


def _find_mixed_name(said: _Statement) -> str | None:
    """A first name with somebody else's last name, each of which a quote has with another."""
    quoted = " ".join(found.text for found in said.cited)
    for run in _RUN.findall(said.text):
        for first, last in zip(run.split(), run.split()[1:], strict=False):
            if f"{first} {last}" in quoted:
                continue
            others = set(re.findall(rf"\b{first}\s([A-Z][^\W\d_]+)", quoted))
            if others and re.search(rf"\b[A-Z][^\W\d_]+\s{last}\b", quoted) and last not in others:
                return f"the name {first} {last!r} is in no cited sentence"
    return None


def _find_opposite(said: _Statement) -> str | None:
    opposite = find_opposite(said.text, [found.text for found in said.cited])
    if opposite is None or opposite[0] in said.claim.negated:
        return None
    if any(opposite[1] in quote.negated for quote in said.quotes):
        return None
    return f"it says {opposite[0]!r} where the cited sentences say {opposite[1]!r}"


def _find_widened(said: _Statement) -> str | None:
    """All where the quotes say many, will where they say could."""
    quoted = " ".join(found.text for found in said.cited)
    word = _ALL.search(said.text)
    if word and not _ALL.search(quoted) and _SOME.search(quoted) and not _SOME.search(said.text):
        return f"it says {word[0]!r} where the cited sentences say {_SOME.findall(quoted)[0]!r}"
    word = _WILL.search(said.text)
    if word and not _WILL.search(quoted) and _MAY.search(quoted) and not _MAY.search(said.text):
        return f"it says {word[0]!r} where the cited sentences say {_MAY.findall(quoted)[0]!r}"
    return None


def _find_turned_negation(said: _Statement) -> str | None:
    """A negation that one side has and the other has not, on the words that both share."""
    claim, quotes = said.claim, said.quotes
    plain = frozenset[str]().union(*(quote.words - quote.negated for quote in quotes))
    negated = frozenset[str]().union(*(quote.negated for quote in quotes))
    if claim.negated and not negated:
        return "the cited sentences do not deny it"
    asserted = claim.words - claim.negated
    denied = frozenset[str]().union(*(read_denied(found.text) for found in said.cited))
    if not claim.negated and any(
        holds_word(denied, word) and not holds_word(plain, word) for word in asserted
    ):
        return "the cited sentences deny it"
    only_negated = [
        word for word in asserted if holds_word(negated, word) and not holds_word(plain, word)
    ]
    if only_negated and not claim.negated and len(only_negated) * 2 >= len(asserted):
        return "the cited sentences deny it"
    return None


def _find_turned_transfer(said: _Statement) -> str | None:
    return find_turned(said.text, [found.text for found in said.cited])


def _find_new_giver(said: _Statement) -> str | None:
    """A giver by name whom no cited sentence that tells of a giving has."""
    tell = [
        quote.words
        for found, quote in zip(said.cited, said.quotes, strict=True)
        if read_transfers(found.text)
    ]
    for transfer in read_transfers(said.text):
        for name in sorted(transfer.givers & said.claim.names):
            if tell and not any(holds_word(words, name) for words in tell):
                return f"no cited sentence says that {name} gave"
    return None


_RULES: tuple[Callable[[_Statement], str | None], ...] = (
    _find_new_number,
    _find_broken_off,
    _find_new_name,
    _find_misplaced_number,
    _find_misplaced_order,
    _find_changed_unit,
    _find_new_day,
    _find_misplaced_day,
    _find_altered_quotation,
    _find_uncovered,
    _find_pieced,
    _find_scattered,
    _find_mixed_name,
    _find_other_holder,
    _find_opposite,
    _find_widened,
    _find_turned_negation,
    _find_turned_transfer,
    _find_new_giver,
)


def _shared_days(text: str, cited: Sequence[EvidenceSentence]) -> Iterator[str]:
    """Each day that `text` may name, in all words for it: Saturday is 16 September.

    A quote names it, or it is the day on which the publisher that `text` names reported.
    """
    for found in cited:
        source, published = found.article.source, found.article.published
        if published:
            reported = {published} if source and source in text else set()
            for day in read_dates(text, published) & (read_dates(found.text, published) | reported):
                yield f"x {day:%A} {long_date(day)}."


def _origin(found: EvidenceSentence) -> str:
    """What the answer may say of where a quote is from: publisher and title."""
    return " . ".join(f"x {name}" for name in [*_publishers([found]), found.article.title])


def _publishers(cited: Sequence[EvidenceSentence]) -> list[str]:
    spans = [span for found in cited for span in (found.span, *found.also_in)]
    return sorted({span.article.source for span in spans if span.article.source})


def _full_names(found: EvidenceSentence) -> list[str]:
    """The names of several words in its article of which the quote has the last: John Murtough."""
    runs = _read_runs(found.article.text)
    words = set(re.findall(r"[^\W\d_]+", found.text))
    return [run for run in runs if run.split()[-1] in words]


@lru_cache(maxsize=256)
def _read_runs(text: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(run for run in _RUN.findall(text) if len(run.split()) <= LONGEST_NAME)
    )


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.lower()).strip()

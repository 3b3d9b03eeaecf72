"""A statement -> who holds an office or gives something, where the quotes say another (pure)."""

import re

import simplemma

from service.capitals import may_be
from service.claims import CAPITALS, ROLES, SURE_INITIALS, initials_of, read_claim
from service.evidence import EvidenceSentence
from service.support.statement import Statement
from service.transfers import find_turned, read_transfers
from service.words import holds_word, stem

_SAYS = r"(?:sa(?:id|ys)|t(?:old|ells)|(?:add|note|report|explain|warn|claim|announce)e?[sd])\s"
_FINITE = (
    r"(?:[a-z]+ed|fell|rose|grew|went|were|are|have|had|will|would|could|can|may|might|did|do)\s"
)
_SUBJECT = re.compile(
    rf"(?:The\s)?(?P<who>{CAPITALS})(?:\s(?!{_SAYS})[a-z]+)??\s"
    rf"(?!{_SAYS})(?P<does>(?:is|was|has|does)(?=\s)|[a-z]+(?:s|ed)(?=\s(?!{_FINITE})))\s"
)
"""A sentence that begins with a name and a verb, but for those that news turns round: says Moen.

What stands before another verb is a noun: Apple shares fell.
"""

_AUXILIARIES = frozenset(("is", "was", "has", "does"))
_BEFORE_WORD = re.compile(
    rf"(?P<who>(?:{CAPITALS}(?:,|,?\sand)\s)*{CAPITALS}|\S+)\s(?=(?P<does>[a-z]+)\b)"
)
"""A word with the names right before it: Lund and Holm want."""

_VISIT = re.compile(rf"\b[Vv]isit(?:s|ed|ing)?\s(?:to\s)?(?:the\s)?(?P<where>{CAPITALS})")

_PRONOUN = re.compile(r"\b(?:he|she|it|they)\b", re.IGNORECASE)

_EACH_FOR = re.compile(rf"({CAPITALS})\s(?:for|over|because of)\s((?:(?!\sand\s[A-Z])[^,;.:—–])+)")
_EACHS = re.compile(rf"({CAPITALS})['’]s\s([^,;.:—–]+?)\sand\s({CAPITALS})['’]s\s([^,;.:—–]+)")
"""What is told of each of several: Moscow for its raids, Seoul for its tests."""

_HOLDER = re.compile(
    r"^(?P<office>[^,;:]+?) (?:is|was) (?P<name>[A-Z][^\W\d_]+(?: [A-Z][^\W\d_]+)*)\.?$"
)


def find_other_holder(said: Statement) -> str | None:
    """Somebody who holds an office that every quote with the office gives to somebody else."""
    match = _HOLDER.search(said.text)
    if not match:
        return None
    office = read_claim(match["office"]).words
    for role in sorted(ROLES & set(re.findall(r"\w+", match["office"].lower()))):
        nearest = [
            name
            for found in said.cited
            if (name := _name_beside(found.text, stem(role)[:6], office))
        ]
        held = {word for name in nearest for word in name}
        if nearest and not held & set(match["name"].split()):
            return f"the cited sentences name {' '.join(nearest[0])} as the {role}"
    return None


def _name_beside(text: str, role: str, office: frozenset[str]) -> list[str]:
    """The name, none of the `office`, that stands nearest to a word that begins with `role`.

    The first word of a text is one where no dictionary has it.
    """
    words = re.findall(r"[^\W\d_]+|[,;:(]", text)
    places = [place for place, word in enumerate(words) if word.lower().startswith(role)]
    names = [
        word[0].isupper()
        and not holds_word(office, stem(word))
        and (place > 0 or not simplemma.is_known(word.lower(), lang="en"))
        for place, word in enumerate(words)
    ]
    beside = [
        (abs(name - place), name) for place in places for name, is_one in enumerate(names) if is_one
    ]
    if not beside:
        return []
    _, nearest = min(beside)
    return [
        word
        for one, (word, is_one) in enumerate(zip(words, names, strict=True))
        if is_one and all(names[min(one, nearest) : max(one, nearest)])
    ]


def find_other_subject(said: Statement) -> str | None:
    """Somebody of whom a verb is told that the quotes have right after other names alone."""
    match = _SUBJECT.match(said.text)
    if not match or match["does"].removesuffix("s") in ROLES:
        return None
    who = read_claim(f"x {match['who']}").names
    does = match["does"]
    forms = {does} if does in _AUXILIARIES else {does, stem(does)}
    told = [
        found["who"]
        for one in _nearest(said, said.claim.words - who)
        for found in _BEFORE_WORD.finditer(one.text)
        if forms & {found["does"], stem(found["does"])}
    ]
    others = [_names_of(words) for words in told]
    initials = initials_of(match["who"])
    short = any(
        len(word) >= SURE_INITIALS and initials.endswith(word)
        for words in told
        for word in words.split()
    )
    if not who or not told or not all(others) or short:
        return None
    if any(may_be(who, other) for other in others):
        return None
    return f"the cited sentences tell that of {told[0]}"


def _nearest(said: Statement, words: frozenset[str]) -> list[EvidenceSentence]:
    """The cited sentences that hold most of the words, all that hold as many."""
    shares = [sum(holds_word(quote.words, word) for word in words) for quote in said.quotes]
    return [found for found, share in zip(said.cited, shares, strict=True) if share == max(shares)]


def _names_of(words: str) -> frozenset[str]:
    """Their names; none where a comma parts them from the verb."""
    return read_claim(f"x {words}").names if words[-1].isalpha() else frozenset()


def find_other_visit(said: Statement) -> str | None:
    """A visit to one whom no quote names but as an owner, where they tell of visits to others."""
    told = [found["where"] for found in _VISIT.finditer(said.quoted)]
    for visit in _VISIT.finditer(said.text):
        where = read_claim(f"x {visit['where']}").names
        named = re.search(rf"\b{re.escape(visit['where'])}\b(?!['’]s)", said.quoted)
        if told and not named and not any(may_be(where, _names_of(one)) for one in told):
            return f"the cited sentences tell of a visit to {told[0]}"
    return None


def find_crossed(said: Statement) -> str | None:
    """Of one what a quote says of the other: Moscow for its offensive, Pyongyang for its tests."""
    names = read_claim(f"x {said.text}").names
    for found in said.cited:
        pairs = _EACH_FOR.findall(found.text)
        for one, its, other, others_own in _EACHS.findall(found.text):
            pairs += [(one, its), (other, others_own)]
        parts = [(read_claim(f"x {who}").names, what) for who, what in pairs]
        spoken = [(who, what) for who, what in parts if may_be(who, names)]
        others = [(who, what) for who, what in parts if not may_be(who, names)]
        if len(spoken) == 1 and others and not _told(said, spoken[0][1]):
            for _, what in others:
                if told := _told(said, what):
                    return f"a cited sentence says {told[0]!r} of another"
    return None


def _told(said: Statement, what: str) -> list[str]:
    """The words of a part of a quote that are the statement's too."""
    words = said.claim.words
    return [word for word in sorted(read_claim(f"x {what}").words) if holds_word(words, word)]


def find_turned_transfer(said: Statement) -> str | None:
    """Something given by whom the quotes have receive it."""
    return find_turned(said.text, [found.text for found in said.cited])


def find_new_giver(said: Statement) -> str | None:
    """A giver by name whom no cited sentence that tells of a giving has, nor one beside a "he"."""
    beside = frozenset[str]().union(*(quote.words for quote in said.quotes))
    tell = [
        beside if _PRONOUN.search(found.text) else quote.words
        for found, quote in zip(said.cited, said.quotes, strict=True)
        if read_transfers(found.text)
    ]
    for transfer in read_transfers(said.text):
        for name in sorted(transfer.givers & said.claim.names):
            if tell and not any(holds_word(words, name) for words in tell):
                return f"no cited sentence says that {name} gave"
    return None

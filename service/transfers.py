"""A sentence -> who gives to whom in it; two of them -> whether one turns the other round (pure).

Kept simple on purpose: no parser, only names and roles around a few verbs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from service.claims import CAPITALS, ROLES, read_claim
from service.words import holds_word, stem

_GIVING = frozenset(
    "give gave gives given giving present presents presented presenting hand hands handed handing "
    "offer offers offered offering award awarded show shows showed shown showing send sends sent "
    "donate donated lend lent sell sold bring brought".split()
)
_GETTING = frozenset(
    "receive receives received receiving get gets got accept accepts accepted take takes took "
    "obtain obtained".split()
)
GIVING = frozenset(map(stem, _GIVING | _GETTING))
"""The stems of the verbs that tell of a transfer."""

_TO = re.compile(
    rf"\b(?:{'|'.join(sorted(_GIVING))}|pay|pays|paid|paying)\b[^.;:?]*?\sto (?:the )?"
    rf"(?P<to>{CAPITALS})"
)
"""A giving to somebody by name: paid a sum to Apple."""

_PARTICIPLES = frozenset(
    "given presented handed offered awarded shown sent donated lent sold brought".split()
)
_PASSIVE = frozenset(("given", "shown"))
"""Those that tell of a giver only after have: the planes shown to the guest."""

_PREPOSITIONS = frozenset("in at on near during of for with before after from by to".split())
_BE = frozenset("is are was were be been being".split())
_HAVE = frozenset("have has had having".split())
_PRESENTS = frozenset("present presents gift gifts".split())
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_BEFORE_NOUNS = frozenset("a an the what which several his her their its some many two".split())

_APPOSITION = re.compile(
    rf",\s([a-z][^,;:.]*),(?=\s[“\"]?(?:{'|'.join(sorted(_GIVING | _GETTING))})\b)"
)
"""What stands between commas before the verb: the governor, a man of the north, gave."""

_LET_SEE = re.compile(r"\b[Ll]et(?:s|ting)?\s((?:[\w.’'-]+\s){1,4}?)see\b")
"""Another word for showing: he let the visitor see the missile."""

_BEFORE, _AFTER = 4, 9
"""Words on each side of a verb in which its giver and receiver are looked for."""


@dataclass(frozen=True)
class Transfer:
    """Who gives to whom, as stems of the words that name them; empty where it is not said."""

    givers: frozenset[str]
    receivers: frozenset[str]


def find_turned(asked: str, texts: Sequence[str]) -> str | None:
    """Why a giver of `asked` only receives in `texts`, or a receiver only gives; None if not."""
    said = [transfer for text in texts for transfer in read_transfers(text)]
    for transfer in read_transfers(asked):
        for name in sorted(transfer.givers):
            if _stands_only(name, [one.receivers for one in said], [one.givers for one in said]):
                return f"who gave to whom is turned round: {name} received"
        for name in sorted(transfer.receivers):
            if _stands_only(name, [one.givers for one in said], [one.receivers for one in said]):
                return f"who gave to whom is turned round: {name} gave"
    return None


def find_other_receiver(question: str, sentence: str) -> str | None:
    """Why `sentence` tells what went to another than `question` names, None where it may not."""
    asked, told = _TO.search(question), _TO.findall(sentence)
    if asked is None or not told:
        return None
    whom = read_claim(f"x {asked['to']}").names
    words = read_claim(f"x {sentence}").words
    if any(holds_word(words, name) for name in whom) or not whom:
        return None
    return f"it tells what went to {told[0]}"


def _stands_only(
    name: str, here: Sequence[frozenset[str]], there: Sequence[frozenset[str]]
) -> bool:
    held = any(holds_word(names, name) for names in here)
    return held and not any(holds_word(names, name) for names in there)


def read_transfers(text: str) -> list[Transfer]:
    """The givings and receivings that `text` tells of."""
    found = []
    text = _LET_SEE.sub(r"showed \1", _APPOSITION.sub(_roles, text))
    for clause in re.split(r"[;:]|,(?=\s(?:and|but|who|which|where|while)\b)", text):
        words = _WORD.findall(clause)
        subject: Sequence[str] = ()
        for place in range(len(words)):
            gives = _gives(words, place)
            if not gives and not _gets(words, place):
                continue
            subject = _subject(words, place) or subject
            if gives:
                found.append(_read_giving(words, place, subject))
            else:
                givers = _names(_after(words[place + 1 : place + 1 + _AFTER], "from"))
                found.append(Transfer(givers, _names(subject)))
    return [one for one in found if one.givers or one.receivers]


def _roles(apposition: re.Match[str]) -> str:
    """The roles that it names, in its place."""
    return "".join(f" {word}" for word in _WORD.findall(apposition[1]) if word in ROLES)


def _read_giving(words: Sequence[str], place: int, before: Sequence[str]) -> Transfer:
    after = words[place + 1 : place + 1 + _AFTER]
    to = _names(_after(after, "to"))
    helpers = {word.lower() for word in before[-3:]}
    plain = words[place].lower()
    if (helpers & _BE and plain in _PARTICIPLES) or (plain in _PASSIVE and not helpers & _HAVE):
        givers = _after(after, "by") or _after(_gift(words[place:]), "from")
        return Transfer(_names(givers), to or _names(before))
    return Transfer(_names(before), to or _names(_until_preposition(after)[:3]))


def _gift(words: Sequence[str]) -> Sequence[str]:
    """What follows on the word for a present: given a vest and a drone as gifts from the mayor."""
    places = (place for place, word in enumerate(words) if word.lower() in _PRESENTS)
    return words[next(places, len(words)) :]


def _subject(words: Sequence[str], place: int) -> Sequence[str]:
    """The few words before the verb, back to an "and"; none where it comes right after that."""
    before = words[max(0, place - _BEFORE) : place]
    joins = [at for at, word in enumerate(before) if word.lower() == "and"]
    return before[joins[-1] + 1 :] if joins else before


def _gives(words: Sequence[str], place: int) -> bool:
    """Whether the word there is a giving: not "a present" or "the hand", but "made a present".

    A visit is paid by one to another as a thing is given.
    """
    plain = words[place].lower()
    if plain in {"paid", "pay", "pays"}:
        return "visit" in {word.lower() for word in words[place : place + 5]}
    if plain in {"made", "make", "makes"}:
        return bool(_PRESENTS & {word.lower() for word in words[place : place + 6]})
    if plain in {"present", "presents", "hand", "hands", "show", "shows", "offer", "offers"}:
        return place > 0 and words[place - 1].lower() not in _BEFORE_NOUNS
    return plain in _GIVING


def _gets(words: Sequence[str], place: int) -> bool:
    """Whether the word there is a receiving: not in "they got to see it"."""
    return words[place].lower() in _GETTING and words[place + 1 : place + 2] != ["to"]


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
    roles = {stem(word) for word in words if word.lower() in ROLES}
    return frozenset((claim.names if claim else frozenset()) | roles)

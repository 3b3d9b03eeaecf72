"""A word -> its stem, and whether two are one word or one name's spellings (pure)."""

import re
from collections.abc import Iterable
from functools import lru_cache
from threading import Lock

import simplemma
import snowballstemmer

_stem = snowballstemmer.stemmer("english").stemWord
_stemming = Lock()  # the stemmer keeps the word in itself: two threads would mix theirs

TOKEN = re.compile(r"\d+(?:[.,]\d+)*(?=%|km\b|m\b|kg\b|\b)|[^\W_]+(?:['’.-][^\W_]+)*", re.UNICODE)
"""A word or a number in digits; MiG-31, week-long and U.S are one each."""

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
    " lasted lasts mr mrs ms dr according reported reports report told tell told stated"
    " state".split()
)

_IRREGULAR_PLURALS = frozenset("people men women children mice feet teeth geese media data".split())

_PERSON = re.compile(
    r"\w{2,}(?:er|or|ee|ant|ist|ian|man|woman)|boy|child|fan|girl|guest|host|hostage|king|man"
    r"|patient|people|person|pilot|queen|recruit|relative|resident|student|victim|woman"
)
"""What the dictionary form of a word for persons is like: viewer, employee."""

SAME_START = 4
LONGEST_ENDING = 4
"""Letters that two spellings of one word share at the start, and may differ by at the end."""


_CLIPPED = {
    "ad": "advertisement", "ammo": "ammunition", "bike": "bicycle", "chopper": "helicopter",
    "copter": "helicopter", "dad": "father", "exec": "executive", "intel": "intelligence",
    "kid": "child", "lab": "laboratory", "mum": "mother", "mom": "mother", "pic": "picture",
    "prof": "professor", "tv": "television", "uni": "university", "vid": "video",
}  # fmt: skip
"""What people write for a word that news writes out."""


@lru_cache(maxsize=65536)
def stem(token: str) -> str:
    """The stem of one word's dictionary form: began and begins are one, a possessive s is gone.

    What is clipped is its whole word: uni and universities.
    """
    plain = plain_form(token)
    whole = _CLIPPED.get(plain) or _CLIPPED.get(plain.removesuffix("s")) or plain
    form = simplemma.lemmatize(whole, lang="en").lower()
    with _stemming:
        return str(_stem(form))


def is_plural(word: str) -> bool:
    """Whether a noun is in its plural: an irregular one, or an s that its dictionary form lacks."""
    plain = plain_form(word)
    return plain in _IRREGULAR_PLURALS or (
        plain not in FUNCTION_WORDS
        and plain.endswith("s")
        and simplemma.lemmatize(plain, lang="en") != plain
    )


def is_person(word: str) -> bool:
    """Whether a word, in any form, may be one for persons: passengers, a woman. A river may too."""
    return _PERSON.fullmatch(simplemma.lemmatize(plain_form(word), lang="en").lower()) is not None


def same_word(left: str, right: str) -> bool:
    """Whether two stems are one word or one name's spellings: primorski, primory; korea, korean."""
    if left == right:
        return True
    left, right = _fold(left), _fold(right)
    shorter = min(len(left), len(right))
    shared = next((i for i in range(shorter) if left[i] != right[i]), shorter)
    alike = shared >= SAME_START and shared >= shorter - 1
    if not alike or abs(len(left) - len(right)) > LONGEST_ENDING:
        return False
    # plane and plant, both in the dictionary, are two words; defens and defenc are not
    both_known = all(simplemma.is_known(word, lang="en") for word in (left, right))
    return not (len(left) == len(right) and both_known)


@lru_cache(maxsize=65536)
def _fold(word: str) -> str:
    """One spelling for what scripts are written over in several: Slavyanka, Aleksandr."""
    return word.replace("ks", "x").replace("y", "i").replace("ii", "i")


def holds_word(words: frozenset[str], word: str) -> bool:
    """Whether `word` or a spelling of it is one of `words`."""
    if word in words:
        return True
    alike = _by_start(words).get(_start(word))
    return alike is not None and any(same_word(word, other) for other in alike)


def holds_all(words: frozenset[str], others: Iterable[str]) -> bool:
    """Whether all of the `others`, or spellings of them, are among `words`."""
    return all(holds_word(words, other) for other in others)


def unheld(words: frozenset[str], others: Iterable[str]) -> list[str]:
    """Those of the `others` of which no spelling is among `words`, in their order."""
    return [other for other in others if not holds_word(words, other)]


@lru_cache(maxsize=4096)
def _by_start(words: frozenset[str]) -> dict[str, list[str]]:
    """The words by what all spellings of one share: a long text's are too many to try them all."""
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(_start(word), []).append(word)
    return found


@lru_cache(maxsize=65536)
def _start(word: str) -> str:
    return _fold(word)[:SAME_START]


def plain_form(token: str) -> str:
    """The word in small letters without its possessive and without dots: u.s is us."""
    lowered = token.lower().replace("’", "'")
    return lowered.removesuffix("'s").removesuffix("'").replace(".", "")

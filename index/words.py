"""A text -> the terms that are looked up, the same for passages and questions (pure)."""

import re
import threading
import unicodedata

import snowballstemmer

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|\d+(?:[.,]\d+)*|[^\W_]+(?:['’][^\W_]+)*")
"""An acronym with points, a number, or a run of letters and digits; a hyphen parts words."""

_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")
_KEPT = 500_000
"""Tokens whose term is kept."""

_SHORT_FORMS = frozenset("US UK UN EU USA AI".split())
"""Acronyms that are other words in small letters; they become what they are with points."""

STOP_WORDS = frozenset(
    "a about after all also am an and any are as at be because been before being but by can could"
    " did do does doing during each for from further had has have having he her here hers him his"
    " how i if in into is it its me more most my no nor not of off on once only or other our out"
    " over own please s same say says said she should so some such t tell than that the their them"
    " then there these they this those to too under until up very was we were what when where which"
    " while who whom whose why will with would you your".split()
)


class _Terms(dict[str, str]):
    """The term of each token, kept; the stemmer keeps its word in itself: one thread at a time."""

    def __init__(self) -> None:
        self._stemmer = snowballstemmer.stemmer("english")
        self._turn = threading.Lock()

    def __missing__(self, token: str) -> str:
        with self._turn:
            if len(self) >= _KEPT:
                self.clear()
            term = self[token] = self._make(token)
        return term

    def _make(self, token: str) -> str:
        if token[0].isdigit():
            return _THOUSANDS.sub("", token)
        if token in _SHORT_FORMS or (token[1:2] == "." and len(token) > len("U.")):
            return token.replace(".", "").lower() + "."
        plain = token.casefold().replace("’", "'").removesuffix("'s").replace("'", "")
        return str(self._stemmer.stemWord(plain))


_TERMS = _Terms()


def terms(text: str) -> list[str]:
    """The terms of a text in order, stop words included: they keep lengths true."""
    return [term for token in _TOKEN.findall(_fold(text)) if (term := _TERMS[token])]


def query_terms(question: str) -> list[str]:
    """The question's terms, each once, without stop words unless nothing else is there."""
    tokens = _TOKEN.findall(_fold(question))
    kept = [token for token in tokens if token.lower() not in STOP_WORDS or token in _SHORT_FORMS]
    return list(dict.fromkeys(term for token in kept or tokens if (term := _TERMS[token])))


def _fold(text: str) -> str:
    """`text` without accents: Zürich, Zurich."""
    if text.isascii():
        return text
    parted = unicodedata.normalize("NFKD", text)
    marks = {ord(c): None for c in set(parted) if unicodedata.combining(c)}
    return parted.translate(marks) if marks else parted

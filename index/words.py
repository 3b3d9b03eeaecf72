"""A text -> the terms that are looked up, the same for passages and questions (pure)."""

import re
import threading
import unicodedata

import snowballstemmer

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
STOP_WORDS = frozenset(
    "a about after all also am an and any are as at be because been before being but by can could"
    " did do does doing during each for from further had has have having he her here hers him his"
    " how i if in into is it its me more most my no nor not of off on once only or other our out"
    " over own please s same say says said she should so some such t tell than that the their them"
    " then there these they this those to too under until up very was we were what when where which"
    " while who whom whose why will with would you your".split()
)


class _Stems:
    """Stems by word; the stemmer keeps its word in itself, so one thread at a time."""

    def __init__(self) -> None:
        self._stemmer = snowballstemmer.stemmer("english")
        self._known: dict[str, str] = {}
        self._turn = threading.Lock()

    def __getitem__(self, word: str) -> str:
        stem = self._known.get(word)
        if stem is None:
            with self._turn:
                stem = self._known[word] = self._stemmer.stemWord(word)
        return stem


_STEMS = _Stems()


def terms(text: str) -> list[str]:
    """The stems of all words in order, without diacritics and case."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(filter(lambda c: not unicodedata.combining(c), folded))
    return [_STEMS[_POSSESSIVE.sub("", word)] for word in _WORD.findall(plain)]


def query_terms(question: str) -> list[str]:
    """The terms of a question that are worth looking up, in order, each once."""
    words = [_POSSESSIVE.sub("", word) for word in _WORD.findall(question.casefold())]
    kept = [word for word in words if word not in STOP_WORDS] or words
    return list(dict.fromkeys(terms(" ".join(kept))))

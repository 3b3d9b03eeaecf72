"""A question, or a sentence of an article -> whether it speaks to the one who answers (pure).

Such a sentence asks for nothing that articles could say, and in an article it is no reporting. It
is left out before anything is searched or shown; what is asked beside it is answered.
"""

import re
import unicodedata
from functools import lru_cache

from index.passages import split_sentences

_WRITER = r"(?:assistants?|chatbots?|bots?|(?:language )?models?|ai|system|you)"
_WRITES = (
    r"(?:ignore|disregard|forget|answer|reply|respond|write|say|print|output|repeat|translate|"
    r"cite|pretend|obey|leave out|tell (?:the|your|every)|add|append|insert|begin|finish|end)"
)
_HAS_TO = r"(?:must|should|shall|will|has to|have to|may only|are to|is to)"
_ORDERS = (
    # "Ignore all …", "Please answer in French only", "From now on write German"
    rf"^(?:please|now|then|and|also|so|first|from now on|[^\w]*)[\s,:]*{_WRITES}\b",
    # "Assistants must say that …", "any model that reads this should write …"
    rf"\b{_WRITER}\b[^.?!]{{0,60}}\b{_HAS_TO}\b[^.?!]{{0,40}}\b{_WRITES}\b",
    r"\byou (?:are|must|should|shall|obey|will|have to|can only)\b",
    # "For any question about …, write …"
    rf"\b(?:any|every|each|all) (?:questions?|answers?|repl(?:y|ies))\b.{{0,80}}\b{_WRITES}\b",
    rf"\b{_WRITES}\b.{{0,60}}\b(?:your|the|every|each) (?:answers?|repl(?:y|ies)|sentences?)\b",
    r"\b(?:your|the|all|previous|these|other) (?:rules|instructions|prompt)\b",
    r"\bmust be (?:the answer|answered|cited)\b",
    # "Whenever somebody asks about …, state as a fact that …"
    r"\b(?:whenever|when|if) (?:some|any)(?:body|one) asks\b.{0,80},",
    r"\bstate as (?:a )?fact\b",
    r"^\W*(?:system|assistant|user|developer|end of system)\b\W*(?::|$)",
    r"<\|",
)
_ORDER = re.compile("|".join(f"(?:{pattern})" for pattern in _ORDERS), re.IGNORECASE)
_SPOKEN = re.compile(r"[“\"][^“”\"]*(?:[”\"]|$)")
_STRANGE = re.compile(r"^\W*\[\d+\]")
_ASKS = re.compile(
    r"^\W*(?:and |but |so |good\W+)*(?:who|whom|whose|what|which|when|where|why|how|did|does|do|is|"
    r"was|were|are|has|had|have|can|could|will|would|(?:in|on|from|at|for) which|name|list|tell me|"
    r"describe|summari[sz]e|explain|give me)\b",
    re.IGNORECASE,
)
_GLUED = re.compile(r"([?!])(?=[^\s?!\"'”’)\]])")


@lru_cache(maxsize=4096)
def is_order(sentence: str, *, reported: bool = False) -> bool:
    """Whether `sentence` tells the one who answers what to do.

    In a `reported` one, words in quotation marks are somebody else's, to somebody else.
    """
    return _ORDER.search(_SPOKEN.sub("", sentence) if reported else sentence) is not None


def without_orders(question: str) -> str:
    """`question` without its sentences that are orders, unless nothing is asked beside them.

    Invisible characters go, wide and decorated letters become plain ones.
    """
    shown = "".join(sign for sign in question if unicodedata.category(sign) not in {"Cf", "Cc"})
    plain = _GLUED.sub(r"\1 ", unicodedata.normalize("NFKC", shown))
    sentences = [plain[start:end] for start, end in split_sentences(plain)]
    asked = [one for one in sentences if _asks(one)]
    if not asked:
        return plain
    kept = [one for one in sentences if one in asked or not _is_noise(one)]
    return " ".join(kept)


def _asks(sentence: str) -> bool:
    return (sentence.rstrip("\"'”’) ").endswith("?") or bool(_ASKS.match(sentence))) and not (
        _is_noise(sentence) and "?" not in sentence
    )


def _is_noise(sentence: str) -> bool:
    letters = [sign for sign in sentence if sign.isalpha()]
    foreign = sum(not sign.isascii() for sign in letters) * 2 > len(letters)
    return is_order(sentence) or foreign or _STRANGE.match(sentence) is not None

"""A question -> the questions that it joins by "and" (pure)."""

import re
from dataclasses import dataclass

from service.claims import CAPITALS

AND_ASKS = re.compile(
    r",?\s+and\s+(?=(?:(?:in|on|at|from|to|by|for|with|under|into|of|about|against|after|before|since"
    r"|until)\s+)?(?:how|what|which|who|whom|whose|when|where|why)\b)",
    re.IGNORECASE,
)
_COMMA_ASKS = re.compile(
    r",\s+(?=(?:who|what|when|where|which|how|why)"
    r"(?:['’]s|\s+(?:is|was|are|were|did|does|do|has|have|will|much|many|far|long|old)\b))",
    re.IGNORECASE,
)
"""Where one of three questions ends that are joined: who won, who lost and who came?"""

_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|he|him|his|she|her|that|this|these|those|there|then|else|one|ones)\b",
    re.IGNORECASE,
)
_HAS_VERB = re.compile(
    r"^(?:who|what)\b|\b(?:did|does|do|was|were|is|are|has|had|have|would|will|can|could|should)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.:?!>]\s")
_NAME = re.compile(rf"\b{CAPITALS}")

_BESIDES = r"(?:besides|except(?: for)?|apart from|aside from|other than|in addition to)\b"
_ASIDE = re.compile(
    rf"^{_BESIDES}[^,?]*,\s*"
    rf"|,?\s\b(?:{_BESIDES}|(?:before|after|while|when) (?:he|she|it|they)\b)[^,?]*",
    re.IGNORECASE,
)
"""What a question names and does not ask for: what did he get besides the drones?"""

EITHER = re.compile(r"((?:[\w'’-]+\s+){1,4})or\s+((?:[\w'’-]+[\s?]*){1,5})", re.IGNORECASE)
"""The words on both sides of an "or"."""

MIN_PART = 3
"""Words of a part that can be asked alone."""


@dataclass(frozen=True)
class Part:
    """One question of those that a question joins, and the `names` it goes without."""

    question: str
    names: str = ""

    @property
    def searched(self) -> str:
        """What is searched for it."""
        return f"{self.question} {self.names}".strip()


def split_parts(question: str) -> list[Part]:
    """The questions that `question` joins by "and", each clear alone; else `question` itself.

    One that names nobody and nothing mostly speaks of what the first one names, and is searched for
    with its names: who scored for United, and who made the pass?
    """
    joined = AND_ASKS.split(question)
    several = joined if len(joined) == 1 else [p for j in joined for p in _COMMA_ASKS.split(j)]
    parts = [part.strip(" ,?") for part in several]
    whole = all(len(part.split()) >= MIN_PART and _HAS_VERB.search(part) for part in parts)
    if len(parts) == 1 or not whole or any(_POINTS_BACK.search(part) for part in parts[1:]):
        return [Part(question)]
    asked = [f"{part[0].upper()}{part[1:]}?" for part in parts]
    names = " ".join(dict.fromkeys(_NAME.findall(_SENTENCE_END.split(asked[0])[-1][1:])))
    return [Part(one, "" if _NAME.search(one[1:]) else names) for one in asked]


def without_asides(question: str) -> str:
    """`question` without what it names only to leave it out, or to say when."""
    return _ASIDE.sub("", question)

"""Two texts -> the words by which one says the opposite of the other: accept, decline (pure).

Kept simple on purpose: a table of what news tells most, by stem.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from service.words import stem

_PAIRS = (
    ("accept agree approve", "refuse reject decline oppose deny veto"),
    ("arrive enter", "leave left depart"),
    ("win won victory beat", "lose lost defeat loss"),
    (
        "rise rose risen increase grow grew gain climb raise",
        "fall fell decrease drop decline shrink shrank cut reduce",
    ),
    ("buy bought acquire", "sell sold"),
    ("open begin launch", "close shut finish"),
    ("survive alive", "die kill dead death"),
    ("allow permit legalize", "ban forbid prohibit"),
    ("arrest jail detain imprison", "release free acquit clear"),
    ("hire appoint elect", "fire dismiss sack resign oust quit"),
    ("keep kept stay remain", "quit resign abandon"),
    ("praise welcome commend", "criticize condemn attack"),
    ("obey respect honor", "breach violate break broke defy"),
    ("delight please enjoy", "bore annoy anger"),
    ("keen eager willing", "reluctant unwilling"),
    ("before", "after"),
    ("morethan", "lessthan"),
    ("support", "oppose"),
    ("guilty convict", "innocent acquit"),
    ("strengthen deepen improve", "weaken worsen"),
    ("succeed", "fail"),
    ("remember", "forget"),
    ("male man men", "female woman women"),
)

OPPOSITES = tuple(
    (frozenset(map(stem, here.split())), frozenset(map(stem, there.split())))
    for pair in _PAIRS
    for here, there in (pair, pair[::-1])
)
"""Each word's side and the one against it, both ways round."""

_PHRASES = (
    (
        re.compile(r"\bback(?:s|ed|ing|(?= (?:the|an?|his|her|its|their)\b))", re.IGNORECASE),
        "approve",
    ),
    (re.compile(r"\b(turn(?:s|ed|ing)? down)\b", re.IGNORECASE), "decline"),
    (re.compile(r"\b(step(?:s|ped|ping)? down|gave up)\b", re.IGNORECASE), "resign"),
    (re.compile(r"\b(said yes|sa(?:y|ys|ying) yes)\b", re.IGNORECASE), "accept"),
    (
        re.compile(
            r"\b(said no|sa(?:y|ys|ying) no)(?= (?:to|when|after)\b|[?.,]|$)", re.IGNORECASE
        ),
        "decline",
    ),
    (re.compile(r"\bmore than\b|\bover(?= \d)", re.IGNORECASE), "morethan"),
    (re.compile(r"\b(?:less|fewer) than\b|\b(?:under|below)(?= \d)", re.IGNORECASE), "lessthan"),
    (re.compile(r"\bwin(?:s|ning)? over|won over\b", re.IGNORECASE), "win"),
)
"""Words that mean one thing together, by one word."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def find_opposite(text: str, others: Sequence[str]) -> tuple[str, str] | None:
    """A word of `text` and its opposite in `others`, where these do not have the word as well."""
    said = read_stems(text)
    held = frozenset[str]().union(*map(read_stems, others))
    for here, there in OPPOSITES:
        if said & here and held & there and not said & there and not held & here:
            return min(said & here), min(held & there)
    return None


@lru_cache(maxsize=4096)
def read_stems(text: str) -> frozenset[str]:
    """The stems of all words in `text`, those that mean one thing together as one."""
    for phrase, verb in _PHRASES:
        text = phrase.sub(verb, text)
    return frozenset(map(stem, _WORD.findall(text)))

"""A statement -> the name that its quotes have not, or not together (pure)."""

import re

from service.claims import LONG_NAMES, TITLES, as_written, read_claim
from service.support.statement import RUN, Statement, surroundings
from service.words import holds_all, holds_word

SHORTEST_PART = 3
"""Letters of a name that was cut off."""

_ENDINGS = ("n", "an", "ian", "s", "i")
"""What makes another word of a name: Russia, Russian."""


def unquoted_name(name: str) -> str:
    """The reason for a name, as it is written, that no quote has."""
    return f"name {name!r} is in no cited sentence"


def find_new_name(said: Statement) -> str | None:
    """A name that no quote has, or that they have only as its initials: US, United States."""
    for name in sorted(said.claim.names):
        if not holds_word(said.held | said.origin.names, name):
            return unquoted_name(as_written({name}, said.text)[0])
    return next(
        (
            unquoted_name(name)
            for name in LONG_NAMES
            if name in said.text and not any(name in found.text for found in said.cited)
        ),
        None,
    )


def find_broken_off(said: Statement) -> str | None:
    """A last word of which a quote has more: what the model was cut off in."""
    words = re.findall(r"[^\W\d_]+", said.text)
    quoted = re.findall(r"[^\W\d_]+", said.quoted)
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


def find_mixed_name(said: Statement) -> str | None:
    """A first name with somebody else's last name, each of which a quote has with another.

    A title is no first name: President Putin is President Vladimir Putin.
    """
    for run in RUN.findall(said.text):
        for first, last in zip(run.split(), run.split()[1:], strict=False):
            if f"{first} {last}" in said.quoted or first.lower() in TITLES:
                continue
            others = set(re.findall(rf"\b{first}\s([A-Z][^\W\d_]+)", said.quoted))
            lasts = re.search(rf"\b[A-Z][^\W\d_]+\s{last}\b", said.quoted)
            if others and lasts and last not in others:
                return f"the name {first} {last!r} is in no cited sentence"
    return None


def find_scattered(said: Statement) -> str | None:
    """Names that stand together around no quote: two articles' facts that were made one."""
    if len(said.cited) == 1 or not said.claim.names:
        return None
    around = [read_claim(surroundings(found)).words for found in said.cited]
    if any(holds_all(words, said.claim.names) for words in around):
        return None
    return "its names stand together around no cited sentence"

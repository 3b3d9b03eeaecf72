"""A statement -> the number, rank or unit that its quotes have not, or not there (pure)."""

import re

from service.claims import read_claim
from service.quantities import MEASURING, read_measures, read_numbers, read_ordinals
from service.support.statement import CLAUSES, Statement, origin_of, surroundings
from service.words import holds_all

_BETWEEN = re.compile(r"\b(between [^,;:]*?) and\b")
"""The two ends of a distance belong to one clause."""

_ORDER = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last)\b", re.IGNORECASE
)


def unquoted_number(number: float) -> str:
    """The reason for a number that no quote has."""
    return f"number {number:.15g} is in no cited sentence"


def find_new_number(said: Statement) -> str | None:
    """A number that no quote has, nor what may be said beside them."""
    quoted = (quote.numbers for quote in said.quotes)
    numbers = said.origin.numbers.union(said.meant.numbers, *quoted)
    numbers |= read_ordinals(said.text) & read_ordinals(" ".join(map(surroundings, said.cited)))
    for number in sorted(said.claim.numbers - numbers):
        return unquoted_number(number)
    return None


def find_misplaced_number(said: Statement) -> str | None:
    """A number whose clause names what no cited sentence with that number names.

    "200 km from Moscow" is not supported by one sentence with 200 km and another with Moscow.
    """
    for clause in CLAUSES.split(_BETWEEN.sub(r"\1 as well as", said.text)):
        claim = read_claim(f"x {clause}")
        for number in claim.numbers:
            holders = [found for found in said.cited if number in read_claim(found.text).numbers]
            words = [
                read_claim(f"{found.text} {origin_of(found)}").words | said.meant.words
                for found in holders
            ]
            if words and not any(holds_all(w, claim.names) for w in words):
                return f"number {number:.15g} stands in no cited sentence with what it is about"
    return None


def find_misplaced_order(said: Statement) -> str | None:
    """A number with first, second or last, which no quote with the number has."""
    for clause in CLAUSES.split(said.text):
        order = {word.lower() for word in _ORDER.findall(clause)}
        for number in read_numbers(_ORDER.sub(" ", clause)) if order else ():
            holders = [found for found in said.cited if number in read_numbers(found.text)]
            told = [{word.lower() for word in _ORDER.findall(found.text)} for found in holders]
            if holders and not any(order <= words for words in told):
                return f"number {number:.15g} stands in no cited sentence with {min(order)!r}"
    return None


def find_changed_unit(said: Statement) -> str | None:
    """A number with a unit that it has in no quote, where quotes have it with another unit."""
    bare = [re.sub(r"[()]", " , ", found.text) for found in said.cited]
    measured = [measure for text in bare for measure in read_measures(text)]
    for unit, value in read_measures(said.text):
        units = {other for other, number in measured if number == value and other in MEASURING}
        if unit in MEASURING and units and unit not in units:
            return f"{value:.15g} has another unit in the cited sentences"
    return None

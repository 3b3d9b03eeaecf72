"""A capital -> the country whose government news means by it (pure).

"Seoul and Washington warned of consequences", one article writes; another names the countries.
"""

import re

from service.words import holds_all, holds_word, stem

_SEATS = {
    "Argentina": "Buenos", "Australia": "Canberra", "Austria": "Vienna", "Belarus": "Minsk",
    "Brazil": "Brasilia", "Britain": "London", "Canada": "Ottawa", "Chile": "Santiago",
    "China": "Beijing", "Colombia": "Bogota", "Cuba": "Havana", "Denmark": "Copenhagen",
    "Egypt": "Cairo", "Ethiopia": "Addis", "European Union": "Brussels", "Finland": "Helsinki",
    "France": "Paris", "Germany": "Berlin", "Greece": "Athens", "Hungary": "Budapest",
    "India": "Delhi", "Indonesia": "Jakarta", "Iran": "Tehran", "Iraq": "Baghdad",
    "Ireland": "Dublin", "Israel": "Jerusalem", "Italy": "Rome", "Japan": "Tokyo",
    "Kazakhstan": "Astana", "Kenya": "Nairobi", "Lebanon": "Beirut", "Netherlands": "Hague",
    "Nigeria": "Abuja", "North Korea": "Pyongyang", "Norway": "Oslo", "Pakistan": "Islamabad",
    "Philippines": "Manila", "Poland": "Warsaw", "Portugal": "Lisbon", "Romania": "Bucharest",
    "Russia": "Moscow Kremlin", "Saudi Arabia": "Riyadh", "Serbia": "Belgrade",
    "South Korea": "Seoul", "Spain": "Madrid", "Sweden": "Stockholm", "Switzerland": "Bern",
    "Syria": "Damascus", "Taiwan": "Taipei", "Thailand": "Bangkok", "Turkey": "Ankara",
    "Ukraine": "Kyiv", "United Kingdom": "London", "United States": "Washington",
    "Venezuela": "Caracas", "Vietnam": "Hanoi",
}  # fmt: skip
"""Where governments sit, one word each, by the countries' names in claims."""

_COUNTRIES: dict[str, list[frozenset[str]]] = {}
for _country, _names in _SEATS.items():
    for _seat in _names.split():
        _COUNTRIES.setdefault(stem(_seat), []).append(frozenset(map(stem, _country.split())))


_PLACE = re.compile(r"\b(?:in|at|near|to|from|around|outside|visit\w*)\s([A-Z]\w+)")


def stands_for(name: str, held: frozenset[str], *, text: str = "") -> bool:
    """Whether `name`, a stem, is the capital of a country whose whole name is in `held`.

    Not where `text`, which names it, means the town: in Moscow.
    """
    if name in map(stem, _PLACE.findall(text)):
        return False
    return any(holds_all(held, country) for country in _COUNTRIES.get(name, ()))


def may_be(name: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two names, as stems, may be one: a part of it, a spelling, a country's capital."""
    return any(holds_word(other, word) or stands_for(word, other) for word in name) or any(
        stands_for(word, name) for word in other
    )

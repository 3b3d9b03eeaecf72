"""A sentence that the model wrote, the evidence -> why it is no plain sentence, if so (pure).

A model that is out of order repeats itself, speaks of itself, or writes in another format or in
other letters. What the evidence has itself may be said.
"""

import re
import unicodedata

MAX_CHARACTERS = 600
"""Of one sentence; the longest in the news have some 400."""

LONGEST_LOOP = 10
"""Words that are found out when they stand there three times in a row."""

_WORD = re.compile(r"[^\W_]+")
_FORMAT = re.compile(
    r"^#{1,6}\s|`+|</?[A-Za-z][^<>]*>|[{}]|\"\w+\"\s*:|\",(?=\W*$)|^\W*\"[^\"]*\"(?=\W*$)|^\||\]\("
)
"""Signs of Markdown, HTML and JSON, a whole sentence in straight quotes among them."""

_OF_ITSELF = re.compile(r"\bI\b|\b[Aa]s an AI\b")


def find_disorder(text: str, told: str) -> str | None:
    """Why `text` is no plain sentence in the way of the evidence `told`, or None when it is one."""
    if len(text) > MAX_CHARACTERS:
        return "it is too long for one sentence"
    if _repeats(text):
        return "it repeats itself"
    for sign in _FORMAT.findall(text):
        if sign not in told:
            return f"{sign.strip()!r} belongs to another format"
    for script in sorted(_scripts(text) - _scripts(told)):
        return f"it has {script.lower()} letters, which the evidence has not"
    if _OF_ITSELF.search(text) and not _OF_ITSELF.search(told):
        return "the model speaks of itself"
    return None


def _repeats(text: str) -> bool:
    """Whether some words stand there three times in a row; digits alone are a large number."""
    words = [word.lower() for word in _WORD.findall(text)]
    for length in range(1, LONGEST_LOOP + 1):
        for start in range(len(words) - 3 * length + 1):
            once, twice, thrice = (
                words[at : at + length] for at in range(start, start + 3 * length, length)
            )
            if once == twice == thrice and not all(word.isdigit() for word in once):
                return True
    return False


def _scripts(text: str) -> set[str]:
    """The first words of its letters' names: LATIN, CYRILLIC, CJK and so on."""
    letters = {char for char in text if char.isalpha()}
    return {unicodedata.name(char, "UNKNOWN").split(maxsplit=1)[0] for char in letters}

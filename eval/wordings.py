"""An expected wording -> whether a text holds it.

Case, white space, the shape of quotation marks and dashes, thousands separators and "five" for "5"
make no difference. `...` stands for up to six words; a wording between slashes is a regular
expression over the levelled text.
"""

import re
import unicodedata
from functools import cache

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen".split()
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ONES = range(1, 10)

NUMBER_WORDS = (
    {word: str(number) for number, word in enumerate(_SMALL)}
    | {word: str(10 * number) for number, word in enumerate(_TENS, start=2)}
    | {f"{ten} {_SMALL[n]}": f"{number}{n}" for number, ten in enumerate(_TENS, 2) for n in _ONES}
    | {f"{_SMALL[n]} hundred": f"{n}00" for n in _ONES}
    | {"hundred": "100"}
)

_SIGNS = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'"})
_DASHES = re.compile(r"[‐‑‒–—−-]")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:[, ]\d{3})+(?!\d)")
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})\b")
_GAP = r"\W+(?:\S+\s+){0,6}?\W*"


def level(text: str) -> str:
    """`text` without the differences that no reader would count."""
    plain = unicodedata.normalize("NFKC", text).translate(_SIGNS).lower()
    plain = _THOUSANDS.sub(lambda found: re.sub("[, ]", "", found[0]), plain)
    plain = " ".join(_DASHES.sub(" ", plain).split())
    return _NUMBER_WORD.sub(lambda found: NUMBER_WORDS[found[0]], plain)


def holds(text: str, wording: str) -> bool:
    """Whether `wording` stands in `text`, as whole words."""
    return _pattern(wording).search(level(text)) is not None


def holds_any(text: str, wordings: tuple[str, ...]) -> bool:
    """Whether one of `wordings` stands in `text`."""
    return any(holds(text, wording) for wording in wordings)


@cache
def _pattern(wording: str) -> re.Pattern[str]:
    """Raises re.error for what is no regular expression, ValueError for what any text holds."""
    if len(wording) > 1 and wording[0] == wording[-1] == "/":
        expression = re.compile(wording[1:-1], re.IGNORECASE)
        if expression.search(""):
            raise ValueError("every text holds it")
        return expression
    parts = [re.escape(level(part)) for part in wording.split("...")]
    if not all(parts):
        raise ValueError("there are no words on one side of it")
    return re.compile(rf"(?<!\w){_GAP.join(parts)}(?!\w)")


check_wording = _pattern

"""languages.toml -> the words of page furniture in other languages; a text -> its language.

They are single words by their stems; no sentence of any publisher stands there.
"""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import justext
from dateparser.languages.loader import default_loader

from index.cleaning.vocabulary import word_set

WORDS = Path(__file__).with_name("languages.toml")
WORD = re.compile(r"[^\W\d_]+")
LONGEST_READ = 400  # words of an article that its language is told by
FEWEST_COMMON = 6
COMMON_SHARE = 0.04  # of the words
DATE_NAMES = (
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday"
).split()
EVERYWHERE = word_set(
    "newsletter whatsapp telegram google news facebook instagram twitter x youtube tiktok linkedin "
    "threads bluesky viber vk podcast rss app cookies e mail email login min h uhr am pm a m p"
)


@dataclass(frozen=True)
class Language:
    """One language's words and stems, without accents."""

    code: str
    stop_list: str
    common: frozenset[str]
    orders: tuple[str, ...]
    things: tuple[str, ...]
    labels: tuple[str, ...]
    also: tuple[str, ...]  # labels that announce another story
    own: tuple[str, ...]
    reader: tuple[str, ...]
    bylines: tuple[str, ...]
    newsroom: tuple[str, ...]
    said: tuple[str, ...]
    rights: tuple[str, ...]

    @property
    def page(self) -> tuple[str, ...]:
        """All the stems that a page's labels and buttons are made of."""
        return (*self.orders, *self.things, *self.labels, *self.also)


def fold(text: str) -> str:
    """The text in lower case without accents."""
    plain = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _read_languages() -> dict[str, Language]:
    table = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return {
        code: Language(
            code,
            words.pop("stop_list"),
            frozenset(fold(words.pop("common")).split()),
            **{kind: tuple(fold(text).split()) for kind, text in words.items()},
        )
        for code, words in table.items()
    }


LANGUAGES: Mapping[str, Language] = _read_languages()
ENGLISH = frozenset(
    "the of and to in a is that for it was on with as he be at by this had not are but from or "
    "have an they which one were all his has said".split()
)


def language_of(texts: Iterable[str]) -> Language | None:
    """The language of an article by its small words; None for English and what is not told."""
    words: list[str] = []
    for text in texts:
        words += WORD.findall(fold(text[:2000]))
        if len(words) >= LONGEST_READ:
            break
    counts = Counter(words)
    held = {
        code: sum(counts[word] for word in language.common) for code, language in LANGUAGES.items()
    }
    best = max(held, key=lambda code: held[code])
    is_told = held[best] >= max(FEWEST_COMMON, COMMON_SHARE * len(words))
    is_english = sum(counts[word] for word in ENGLISH) >= held[best]
    return LANGUAGES[best] if is_told and not is_english else None


@lru_cache(maxsize=32)
def small_words(code: str) -> frozenset[str]:
    """The words that say little in a language: jusText's list of them, and our own."""
    language = LANGUAGES[code]
    listed = justext.get_stoplist(language.stop_list)
    return language.common | {fold(word) for word in listed}


@lru_cache(maxsize=32)
def date_words(code: str) -> frozenset[str]:
    """The names of months and weekdays in a language, and what stands around them."""
    info = default_loader.get_locale(code).info
    names = [name for key in DATE_NAMES for name in info.get(key, ())]
    return frozenset(word for name in names for word in WORD.findall(fold(name)))

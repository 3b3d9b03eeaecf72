"""A line or paragraph in another language than English -> its cues of furniture, by word stems."""

import re
from collections.abc import Sequence

from index.cleaning.cues import masked, sentences
from index.cleaning.dates import find_date
from index.cleaning.furniture import is_complete_sentence
from index.cleaning.languages import EVERYWHERE, WORD, Language, date_words, fold, small_words
from index.cleaning.metadata import DATE_COMPANIONS

SHORTEST_STEM = 4  # letters; a shorter word has to stand as it is
LONGEST_LINE = 9  # words of a line of labels or buttons
LONGEST_LABEL = 6  # words before the colon
LONGEST_DATED = 16
PAGE_SHARE = 0.75
REACH = 10  # words from an order to what it is about
NEAR = 4  # words from "our" to what is the newsroom's
FEWEST_RIGHTS = 2  # stems
PLACE_FIRST = re.compile(r"^[^\W\d_][\w .-]{1,30}, (?=\d)")  # Mendoza, 12 de septiembre
LABEL_END = re.compile(r"\s*[:|»>→–—]\s*")
BRACKETED = re.compile(r"[(\[][^()\[\]]*[)\]]")


def is_page_line(text: str, *, language: Language) -> bool:
    """Whether a short line is a label, a button or a counter of the page."""
    if text.count(" ") >= LONGEST_LINE:
        return False
    words = WORD.findall(fold(text))
    telling = [word for word in words if word not in small_words(language.code)]
    stems = language.page
    named = [word for word in telling if _is_any(word, stems) or word in EVERYWHERE]
    if not named:
        return bool(words) and not telling and _is_any(words[0], language.also)
    is_abbreviated = words[-1] in EVERYWHERE  # 2 min.
    is_stopped = text.endswith((".", "!", "?")) and not is_abbreviated
    if is_stopped and not _is_any(words[0], language.orders):
        return False
    return len(named) >= PAGE_SHARE * len(telling)


def is_other_story(text: str, *, language: Language) -> bool:
    """Whether a line is another story's headline behind a label (Lire aussi : …)."""
    parts = LABEL_END.split(text, maxsplit=1)
    if len(parts) == 1:
        return False
    words = WORD.findall(fold(parts[0]))
    known = [
        word for word in words if _is_any(word, language.page) or word in small_words(language.code)
    ]
    return (
        0 < len(words) <= LONGEST_LABEL
        and any(_is_any(word, language.also) for word in words)
        and 2 * len(known) >= len(words)
        and not is_complete_sentence(text)
    )


def foreign_cues(text: str, *, language: Language) -> frozenset[str]:
    """The names of the cues in a paragraph, as `find_cues` names those of English."""
    found: set[str] = set()
    words = WORD.findall(fold(masked(text)))
    if _any_of(words, language.said):
        return frozenset()
    for sentence in sentences(masked(text)):
        told = WORD.findall(fold(sentence))
        telling = next(
            (n for n, word in enumerate(told) if word not in small_words(language.code)), None
        )
        if telling is not None and _is_any(told[telling], language.orders):
            found.add("orders the reader")
            if _any_of(told[telling + 1 : telling + 1 + REACH], (*language.things, *language.own)):
                found.add("orders to a page")
        for place, word in enumerate(told):
            near = told[place + 1 : place + 1 + NEAR]
            if _is_any(word, language.own) and _any_of(near, language.things):
                found.add("newsroom's part")
            if _is_any(word, language.reader) and _any_of(near, language.things):
                found.add("reader's part")
    if len({stem for stem in language.rights if _any_of(words, (stem,))}) >= FEWEST_RIGHTS:
        found.add("rights")
    return frozenset(found)


def is_date_line(text: str, *, language: Language) -> bool:
    """Whether a short line holds a date and no word but those that stand beside one."""
    words = WORD.findall(fold(PLACE_FIRST.sub("", text)))
    names = date_words(language.code)
    return (
        len(words) <= LONGEST_DATED
        and (any(word in names for word in words) or find_date(text) is not None)
        and all(
            word in names
            or word in language.common
            or word in EVERYWHERE
            or word in DATE_COMPANIONS
            or _is_any(word, language.labels)
            for word in words
        )
    )


def name_after_label(text: str, *, language: Language) -> str | None:
    """The name on a byline (Par Anne Roy), "" where it is only the newsroom; else None."""
    match = WORD.match(text)
    if match is None or fold(match.group()) not in language.bylines:
        return None
    rest = BRACKETED.sub("", text[match.end() :]).strip(" :.,")
    words = rest.split()
    is_name = 1 < len(words) <= LONGEST_LABEL and all(
        word[0].isupper() or fold(word) in language.common for word in words
    )
    if not is_name and not (words and _is_any(fold(words[0]), language.newsroom)):
        return None
    if _is_any(fold(words[0]), language.newsroom):
        return ""
    return rest if words[0][0].isupper() and words[-1][0].isupper() else None


def _is_any(word: str, stems: Sequence[str]) -> bool:
    return any(
        word == stem or (len(stem) >= SHORTEST_STEM and word.startswith(stem)) for stem in stems
    )


def _any_of(words: Sequence[str], stems: Sequence[str]) -> bool:
    return any(_is_any(word, stems) for word in words)

"""Judged paragraphs -> the same without what stands twice in one article.

A line's second copy, the head that comes again on each printed page, a quotation pulled out of a
paragraph.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from index.cleaning.captions import without_credit
from index.cleaning.furniture import is_complete_sentence
from index.cleaning.judging import Judged, Kind
from index.cleaning.printed import PAGE

SHORTEST_REPEAT = 6  # words; a shorter line may be said twice
FEWEST_PAGES = 3
SHORTEST_QUOTATION, SHORTEST_SENTENCE, LONGEST_PULLED = 6, 4, 60  # words
OPENING_MARKS = "\"'“‘«"
MARKS_AROUND = " .,;:!?…\"'“”‘«»—–-"
LONGEST_SEARCHED = 200_000  # characters in which pulled quotations are looked for
LAST_NUMBER = re.compile(r"(\S+(?: \S+){2,12}?)\W+(\d{1,3})\W*")
PAGE_PARTS = re.compile(r" [|·•] ")
PAGE_NUMBER = re.compile(rf"\b{PAGE} ?\d{{1,3}}\b")
PAGE_HEAD = re.compile(rf" [|·•] |{PAGE_NUMBER.pattern}")
PAGE_MARK = re.compile(
    r"\W*(?:\bpage \d{1,3}(?: of \d{1,3})?|\b\d{1,3} of \d{1,3}|[|·•] ?\d{1,3})$", re.IGNORECASE
)


def without_repeats(judged: Sequence[Judged]) -> list[Judged]:
    """The paragraphs, with those that only repeat others made furniture."""
    return _drop_pulled(_drop_repeats(judged))


def _drop_repeats(judged: Sequence[Judged]) -> list[Judged]:
    """A line's second copy is furniture; of two copies of a caption the credited one stays."""
    result = list(judged)
    seen: dict[str, int] = {}
    for place, item in enumerate(judged):
        if item.kind not in (Kind.REPORTING, Kind.CAPTION):
            continue
        key = without_credit(item.text)
        if len(item.text.split()) < SHORTEST_REPEAT and place - seen.get(key, place) != 1:
            continue
        if key not in seen:
            seen[key] = place
            continue
        first = result[seen[key]]
        kind = Kind.CAPTION if Kind.CAPTION in (first.kind, item.kind) else first.kind
        longer = max(first.text, item.text, key=len)
        result[seen[key]] = replace(first, kind=kind, text=longer)
        result[place] = replace(item, kind=Kind.FURNITURE)
    return result


def without_running_heads(judged: Sequence[Judged]) -> list[Judged]:
    """The paragraphs without the head or foot of printed pages: it comes again but for a number.

    Its parts, as they stand on the first page, go with it.
    """
    keys = [_page_key(item.text) if _may_run(item) else "" for item in judged]
    keys = _numbered(judged, keys)
    often = {key for key, count in Counter(keys).items() if key and count >= FEWEST_PAGES}
    parts = {part.strip() for key in often for part in PAGE_PARTS.split(key)}
    return [
        replace(item, kind=Kind.FURNITURE) if key in often or item.text in parts else item
        for key, item in zip(keys, judged, strict=True)
    ]


def _page_key(text: str) -> str:
    """A head without its page's number; left and right pages have its parts in another order."""
    parts = [
        part.strip() for part in PAGE_PARTS.split(PAGE_NUMBER.sub("", PAGE_MARK.sub("", text)))
    ]
    return " | ".join(sorted(part for part in parts if not part.isdigit()))


def _numbered(judged: Sequence[Judged], keys: Sequence[str]) -> list[str]:
    """The keys, and those of lines that end with 1, 2, 3: a head or foot with its page's number."""
    ends = [
        LAST_NUMBER.fullmatch(item.text)
        if item.kind is not Kind.METADATA and not item.is_heading and not item.is_row
        else None
        for item in judged
    ]
    counted: dict[str, list[int]] = defaultdict(list)
    for end in ends:
        if end:
            counted[end.group(1)].append(int(end.group(2)))
    running = {
        line
        for line, numbers in counted.items()
        if len(numbers) >= FEWEST_PAGES and numbers == list(range(1, len(numbers) + 1))
    }
    return [
        end.group(1)
        if end and end.group(1) in running
        else item.text
        if item.text in running
        else key
        for end, item, key in zip(ends, judged, keys, strict=True)
    ]


def _may_run(item: Judged) -> bool:
    """Whether a line is made as those are: parts with bars between them, or a page's number."""
    is_label = not is_complete_sentence(item.text) and not item.is_row
    return is_label and PAGE_HEAD.search(item.text) is not None


def _drop_pulled(judged: Sequence[Judged]) -> list[Judged]:
    """A short paragraph that stands in a longer one word for word was pulled out of it."""
    whole = "\n".join(_plain(item.text) for item in judged)
    if len(whole) > LONGEST_SEARCHED:
        return list(judged)
    same = Counter(_bare(item.text) for item in judged)
    return [
        replace(item, kind=Kind.METADATA)  # not FURNITURE, for its neighbours are none
        if item.kind is Kind.REPORTING
        and not item.is_heading
        and (pulled := _pulled(item.text))
        and whole.count(pulled) > same[_bare(item.text)]
        else item
        for item in judged
    ]


def _pulled(text: str) -> str:
    """What a paragraph could have been pulled from: a quotation's words, a sentence as it is."""
    plain = _plain(text)
    length = text.count(" ") + 1
    if text[0] in OPENING_MARKS and SHORTEST_QUOTATION <= length <= LONGEST_PULLED:
        return _bare(text)
    is_sentence = is_complete_sentence(text) and SHORTEST_SENTENCE <= length <= LONGEST_PULLED
    return plain if is_sentence else ""


def _plain(text: str) -> str:
    return text.lower().replace("’", "'")


def _bare(text: str) -> str:
    return _plain(text).strip(MARKS_AROUND)

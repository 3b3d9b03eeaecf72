"""The lines above the body -> which of them is the title; the paragraphs without it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from index.cleaning.furniture import is_complete_sentence, word_count
from index.cleaning.judging import Judged, Kind
from index.cleaning.metadata import is_publisher_name, is_section_label, read_byline
from index.cleaning.paragraphs import Paragraph
from index.cleaning.topic import OWN_TOPIC, topic_words

LONGEST_TITLE = 35
STEM = 5  # letters of a word without its ending
FEWEST_SHARED = 2  # words
ADDRESS = re.compile(r"https?://|www\.|@\w")
SHORTEST_HEADLINE = 4  # words
LONGEST_RUBRIC = 5  # words
LONGEST_SECTION = 2  # words


def find_title(
    header: Sequence[Judged], paragraphs: Sequence[Paragraph], *, body: Sequence[Judged]
) -> str | None:
    candidates = [
        place
        for place, item in enumerate(header)
        if item.kind is Kind.REPORTING
        and word_count(item.text) <= LONGEST_TITLE
        and not is_section_label(item.text)
        and not read_byline(item.text)
        and not ADDRESS.search(item.text)
    ]
    above = [place for place in candidates if place < _header_end(header)]
    candidates = above or candidates
    marked = [place for place in candidates if paragraphs[place].role == "heading"]
    if marked:
        long = [place for place in marked if word_count(header[place].text) >= SHORTEST_HEADLINE]
        return header[(long or marked)[0]].text
    if len(candidates) > 1 and _names_no_story(header[candidates[0]].text):
        del candidates[0]
    plain = [place for place in candidates if not header[place].text.isupper()]
    if len(plain) == 1 and len(candidates) > 1:
        return header[plain[0]].text
    if _is_below_masthead(header, candidates):
        return header[candidates[-1]].text
    shares = {place: _shared(header[place].text, body) for place in candidates}
    strong = [place for place in candidates if shares[place]]
    if strong and word_count(header[candidates[0]].text) <= LONGEST_RUBRIC:
        return header[max(strong, key=lambda place: shares[place])].text
    long = [place for place in candidates if word_count(header[place].text) >= SHORTEST_HEADLINE]
    is_rubric = bool(candidates) and _is_rubric(header[candidates[0]].text)
    candidates = long if is_rubric and long else candidates
    return header[candidates[0]].text if candidates else None


def _is_rubric(line: str) -> bool:
    """Whether a first line is as short as a section's name, or one in capitals."""
    length = word_count(line)
    return length <= LONGEST_SECTION or (length < SHORTEST_HEADLINE and line.isupper())


def _header_end(header: Sequence[Judged]) -> int:
    """The place of the first byline, date or prose: the title stands above it."""
    for place, item in enumerate(header):
        if item.is_prose or item.kind is Kind.METADATA or read_byline(item.text):
            return place
    return len(header)


def _shared(line: str, body: Sequence[Judged]) -> int:
    """How many words a line as long as a headline shares with the body, but for their endings."""
    own = {word[:STEM] for word in topic_words(line)}
    told = {word[:STEM] for item in body if item.is_prose for word in topic_words(item.text)}
    shared = len(own & told)
    is_headline = word_count(line) >= SHORTEST_HEADLINE and not is_complete_sentence(line)
    is_own = shared >= min(FEWEST_SHARED, OWN_TOPIC * len(own))
    return shared if is_headline and is_own else 0


def _is_below_masthead(header: Sequence[Judged], candidates: Sequence[int]) -> bool:
    """Whether a line alone, right above the body, stands under a block of other lines."""
    if len(candidates) <= 1 or candidates[-1] != len(header) - 1:
        return False
    boxes = Counter(item.box for item in header)
    first, last = header[candidates[0]], header[candidates[-1]]
    is_alone = boxes[last.box] == 1 and word_count(last.text) >= SHORTEST_HEADLINE
    return (
        is_alone
        and boxes[first.box] > 1
        and not any(read_byline(item.text) for item in header if item.box == first.box)
    )


def _names_no_story(line: str) -> bool:
    """Whether a first line is a publisher's name, or one word: a rubric."""
    return is_publisher_name(line) or word_count(line) == 1


def drop_title(judged: Sequence[Judged], *, title: str | None) -> list[Judged]:
    if not title:
        return list(judged)
    same = bare(title)
    result = [
        replace(item, kind=Kind.METADATA) if _is_title(item, same) else item for item in judged
    ]
    for place, item in enumerate(result):
        if item.kind is Kind.REPORTING:
            rest = item.text.removeprefix(title + " ").lstrip(" :|-–—")
            if rest != item.text and not rest[:1].islower():
                result[place] = replace(item, text=rest)
            break
    return result


def _is_title(item: Judged, title: str) -> bool:
    """Whether a line is the title, or a heading that is the title below a kicker."""
    own = bare(item.text)
    kicker = own.removesuffix(title)
    return own == title or (
        item.is_heading and kicker != own and kicker.count(" ") <= LONGEST_RUBRIC
    )


def bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))

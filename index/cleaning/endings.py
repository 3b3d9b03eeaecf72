"""Judged paragraphs -> the same without what stands below the end of the article."""

import re
from collections.abc import Sequence
from dataclasses import replace

from index.cleaning.evident import is_answer, is_evident, is_sentence, reports
from index.cleaning.furniture import WEAK, is_complete_sentence, word_count
from index.cleaning.judging import Judged, Kind

FEWEST_MIXED, SHORTEST_MIXED = 4, 2
SHORTEST_HEADLINE = 5  # words; a shorter line may be a crosshead
LIST_ITEM = re.compile(r"[\d:|]")
END_MARK = re.compile(r"\W*ends\W*|#{2,3}|-30-", re.IGNORECASE)
# Of a press release, in several languages.
ABOUT = re.compile(
    r"(?:About|Über|À propos d[eu]|Acerca de|Sobre|Informazioni su|Over|Om) (?:the |la |l['’])?"
    r"((?:[A-Z][\w&.-]*|of|and|de|du)(?: (?:[A-Z][\w&.-]*|of|and|de|du|für)){0,6}):?"
)
LATEST_NAME = 4  # words in which a portrait names whom it is about


def drop_boilerplate(result: list[Judged]) -> None:
    """Below the mark that ends a press release, or who edited a report, stands nothing of it."""
    ends = [
        place
        for place, item in enumerate(result)
        if END_MARK.fullmatch(item.text)
        or (
            (
                _is_self_portrait(result, place)
                or ("credits" in item.cues and item.kind is Kind.FURNITURE)
            )
            and not any(is_evident(other) and reports(other) for other in result[place:])
        )
    ]
    ends = [place for place in ends if 2 * place >= len(result)]
    if ends:
        for place in range(ends[0], len(result)):
            result[place] = replace(result[place], kind=Kind.FURNITURE)


def drop_tail(result: list[Judged]) -> None:
    """After the last evident reporting, everything from the first furniture on is furniture."""
    evident = [
        place
        for place, item in enumerate(result)
        if is_evident(item) or (is_sentence(item) and item.box == 0) or is_answer(result, place)
    ]
    last = evident[-1] if evident else 0
    below = bool(evident) and _are_mixed(result[last + 1 :])
    for place in range(last + 1, len(result)):
        item = result[place]
        below = below or item.kind is Kind.FURNITURE or item.score >= WEAK
        if below and item.kind is Kind.REPORTING:
            result[place] = replace(item, kind=Kind.FURNITURE)


def _are_mixed(lines: Sequence[Judged]) -> bool:
    """Whether the lines below the last prose are labels and headlines: a list is of one length."""
    left = [item for item in lines if item.kind is Kind.REPORTING]
    lengths = [word_count(item.text) for item in left]
    return (
        len(left) >= FEWEST_MIXED
        and all(item.box and not item.is_heading and not item.is_row for item in left)
        and not any(item.is_prose or is_complete_sentence(item.text) for item in left)
        and not any(LIST_ITEM.search(item.text) for item in left)
        and min(lengths) <= SHORTEST_MIXED
        and max(lengths) >= SHORTEST_HEADLINE
    )


def _is_self_portrait(result: Sequence[Judged], place: int) -> bool:
    """Whether a line says About somebody, who then opens the paragraph below: no more is news."""
    about = ABOUT.fullmatch(result[place].text)
    if about is None or place + 1 == len(result):
        return False
    below = result[place + 1]
    first = about.group(1).split()[0]
    return below.is_prose and first in below.text.split()[:LATEST_NAME]

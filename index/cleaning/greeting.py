"""The first paragraphs of a letter to readers -> how many of them stand above its first story.

An e-mail greets its readers before the headline, often in whole sentences that would otherwise
open the body. It opens with a salutation, as letters do in every language.
"""

import re
from collections import Counter
from collections.abc import Sequence

from index.cleaning.evident import is_evident, reports
from index.cleaning.furniture import PERSONAL, is_complete_sentence, word_count
from index.cleaning.judging import Judged, Kind
from index.cleaning.titles import bare

SALUTATION = re.compile(
    r"\W*(?:(?:a very )?good (?:morning|afternoon|evening|day)|happy \w+day|hi|hello|hey|dear"
    r"|welcome(?: back)?(?: to)?|greetings|guten (?:morgen|tag|abend)|hallo|liebe[rs]?|moin|bonjour"
    r"|bonsoir|ch[eè](?:r|re|rs|res)|salut|buenos d[ií]as|buenas (?:tardes|noches)|hola"
    r"|querid[oa]s?|bom dia|boa (?:tarde|noite)|olá|buongiorno|buonasera|ciao"
    r"|car[ieo] (?:amic|lettor)\w+|goede(?:morgen|middag|navond)|beste lezers?|god (?:morgon|morgen"
    r"|kväll|aften)|hej|hei|kære|kära|dzień dobry|cześć|drodzy|dobr[ýé] (?:den|ráno)|доброе утро"
    r"|добрый (?:день|вечер)|здравствуйте|привет|дорогие|добрий (?:день|ранок)|доброго ранку"
    r"|вітаємо|günaydın|merhaba|iyi günler|sevgili|selamat pagi|bună (?:ziua|dimineața)|salutare)"
    r"(?:(?: [\w'’&]+){0,6}[,!.:–—-]|(?: [\w'’&]+){0,4}$)",
    re.IGNORECASE,
)
FIRST_LINES = 10  # in which a letter opens
MOST_GREETING = 14  # paragraphs from there to the headline
SHORTEST_HEADLINE, LONGEST_HEADLINE = 4, 20  # words


def greeting_end(judged: Sequence[Judged], *, title: str | None) -> int:
    """The place of the headline below a letter's greeting; 0 where there is no greeting."""
    opening = next(
        (
            place
            for place, item in enumerate(judged[:FIRST_LINES])
            if SALUTATION.match(item.text) and not item.is_heading
        ),
        None,
    )
    if opening is None:
        return 0
    boxes = Counter(item.box for item in judged)
    for place in range(opening + 1, min(len(judged) - 1, opening + 1 + MOST_GREETING)):
        item = judged[place]
        if is_evident(item) and reports(item):
            return 0  # this letter tells its first story without a headline
        if title is not None:
            if bare(item.text) == bare(title):
                return place
            continue
        is_alone = item.is_heading or (item.box > 0 and boxes[item.box] == 1)
        if is_alone and _is_headline(item) and _opens(judged[place + 1 : place + 3]):
            return place
    return 0


def _is_headline(item: Judged) -> bool:
    length = word_count(item.text)
    return (
        item.kind is Kind.REPORTING
        and SHORTEST_HEADLINE <= length <= LONGEST_HEADLINE
        and not is_complete_sentence(item.text)
        and item.text[-1] not in ":,;"
    )


def _opens(below: Sequence[Judged]) -> bool:
    """Whether the prose right below a line speaks neither as the newsroom nor to the reader."""
    told = [item for item in below if item.kind is not Kind.FURNITURE]
    return bool(told) and told[0].is_prose and told[0].cues.isdisjoint(PERSONAL)

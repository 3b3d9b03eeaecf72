"""Header lines of a page -> title, author, publication date, url; pure functions over lines."""

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from index.cleaning.captions import AGENCY
from index.cleaning.dates import ANY_DATE, TIME, find_date
from index.cleaning.vocabulary import word_set

LONGEST_NAME_LINE = 8  # words
LONGEST_URL_LABEL = 40  # characters
PAGE_IN_NAME = re.compile(r"(?i:\bpage\b)|\b[A-Z]{1,2}\d{1,3}\b")
LONGEST_NAME = 6  # words
WORD = re.compile(r"[^\W\d_]+")
# What may stand beside a date without making the line a sentence.
DATE_COMPANIONS = word_set(
    "published updated update posted last modified first issued created date dated time on at "
    "from of and the am pm gmt bst utc est edt cst cdt mst mdt pst pdt cet cest eet eest ist "
    "sgt hkt jst kst aest aedt acst awst nzst nzdt msk wib wat eat sast pkt et pt ct mt local "
    "mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday "
    "saturday sunday min mins minute minutes hour hours read edit comment comments share shares "
    "h s t z n a p m st nd rd th uhr uur kl klo hs hrs ore godz ч г"
)
BYLINE = re.compile(
    r"^(?:by|written by|words by|words|story by|reported by|author|authors|reporter|text by"
    r"|text)\b[ :]+(?=\S)",
    re.IGNORECASE,
)
CAPITAL = "[A-ZÀ-ÖØ-ÞŚŠŽĆČŁŞİА-ЯЁІЇЄҐΑ-Ω]"
NAME_WORD = rf"(?:{CAPITAL}[\w'’.-]*|de|da|di|del|der|den|van|von|bin|binti|al|el|la|le|ul|and|&)"
NAMES = re.compile(rf"[A-ZÀ-ÖØ-Þ][\w'’.-]*(?:,? {NAME_WORD}){{0,9}}")
NAME_LINE = re.compile(
    rf"({CAPITAL}[\w'’.-]+(?: {NAME_WORD}){{1,6}}?)(?:,? (?:in|at) [A-Z][\w ,]{{2,40}})?"
    r"(?:, (?:[A-Z]\w+ ){0,3}(?:Correspondent|Editor|Reporter|Writer))?"
)
PUBLISHER_ENDINGS = (
    "News",
    "Post",
    "Times",
    "Media",
    "Daily",
    "Herald",
    "Press",
    "Tribune",
    "Journal",
    "Gazette",
    "Online",
    "Network",
)
AUTHOR_END = re.compile(r"\s*(?:[|•·/(]|\s[-–—]\s|, |\b(?i:for|in|at)\b|\d|@|https?:)")
NAME_ENDINGS = (" and", " &", " in", " for")
URL = re.compile(r"https?://\S{4,2000}")
URL_LABEL = re.compile(
    r"^\W*(?:(?:original|source|article|full|canonical|short|read (?:at|on))\W+)*"
    r"(?:url|link|source|from|permalink|address|web|online|at|story|article|published at)\s*:?\s*$",
    re.IGNORECASE,
)
SECTION_NAMES = word_set(
    "news world home politics business economy markets finance sport sports opinion culture "
    "arts asia europe africa americas us uk usa national local international global regional "
    "technology tech science health lifestyle life entertainment environment climate education "
    "society weather travel food money middle east pacific latest breaking live video analysis "
    "explainer explained feature features investigation exclusive russia ukraine china india "
    "japan korea canada australia france germany israel britain south north region war crime "
    "law justice media defence defense security energy transport football cricket tv film music "
    "books style insight focus special report top stories story and"
)
CRUMBS = re.compile(r"\s+[>›»/|·•]\s+|\s*[>›»]\s*")
LONGEST_CRUMB = 4
FEWEST_NAMES = 2  # words of a person's name
PARTS = re.compile(r" [|/•·] ")
LONGEST_PAIR = 2
LONGEST_HEADER_LINE = 24
LONGEST_URL_NUMBER = 12  # digits


@dataclass(frozen=True)
class Byline:
    """What one header line says of the article; all absent when it is no such line."""

    author: str | None = None
    published: date | None = None


PLACE_AFTER_DATE = re.compile(r"\d\W+(?:[^\W\d_]{1,4}\W+)*[^\W\d_]+(?: [^\W\d_]+)?\W*$")
PUBLICATION_NOTE = re.compile(
    r"\W*(?:this (?:article|story|report|content|page|post)[^.]{0,60} (?:was )?)?(?:first "
    r"|originally )?(?:published|printed|appeared)\b.{0,120}$",
    re.IGNORECASE,
)


def read_byline(line: str) -> Byline | None:
    """The author and date of a line that holds nothing else; None for any other line."""
    if len(line.split()) > LONGEST_HEADER_LINE:
        return None
    published = find_date(line)
    if (byline := BYLINE.match(line)) and not FINAL_PUNCTUATION.search(line):
        author = _author(line[byline.end() :])
        return Byline(author, published) if author else None
    words = _words_beside_date(line)
    if (published or TIME.search(line) or ANY_DATE.search(line)) and words is not None:
        return Byline((words if published else None) or None, published)
    return None


def read_name(line: str) -> str | None:
    """The name on a line that could be an author's name and place and nothing else."""
    words = line.split()
    match = NAME_LINE.fullmatch(line.rstrip(",")) if 1 < len(words) <= LONGEST_NAME_LINE else None
    if match is None or all(word.lower() in SECTION_NAMES for word in words):
        return None
    name = match.group(1)
    return name.title() if name.isupper() else name


def read_publication_note(line: str) -> date | None:
    """The date of a note such as: First published on 3 May 2020."""
    return find_date(line) if PUBLICATION_NOTE.match(line) else None


def is_publisher_name(line: str) -> bool:
    """Whether a short line is only a publisher's name (Fox Hollow News)."""
    name = line.split(",", 1)[0]
    words = name.split()
    capitalised = all(word[0].isupper() for word in words)
    return 0 < len(words) <= LONGEST_CRUMB and capitalised and name.endswith(PUBLISHER_ENDINGS)


def is_section_label(line: str) -> bool:
    """Whether a line is a section name or a trail of them (Home > World > Asia)."""
    crumbs = [crumb.strip() for crumb in CRUMBS.split(line) if crumb.strip()]
    short = [len(crumb.split()) <= LONGEST_CRUMB for crumb in crumbs]
    # The last part of a trail may be the title itself.
    if len(crumbs) > 1 and (all(short) or (len(crumbs) > LONGEST_PAIR and all(short[:-1]))):
        return not FINAL_PUNCTUATION.search(line)
    words = [word.lower() for word in WORD.findall(line)]
    return 0 < len(words) < LONGEST_CRUMB and all(word in SECTION_NAMES for word in words)


FINAL_PUNCTUATION = re.compile(r"[.!?]['\"”’)]*$")


def read_url(line: str) -> str | None:
    """The address on a line that holds only an address, healed where a space broke its end."""
    match = URL.search(line)
    if match is None or not (match.start() == 0 or URL_LABEL.match(line[: match.start()])):
        return None
    rest = line[match.end() :].strip()
    if rest and not (rest.isdigit() and len(rest) <= LONGEST_URL_NUMBER):
        return None
    return match.group() + rest


def is_url_label(line: str) -> bool:
    """Whether a line only announces an address (Original url:)."""
    return len(line) < LONGEST_URL_LABEL and URL_LABEL.match(line) is not None


def source_from_url(url: str, text: str) -> str | None:
    """The publisher as the page itself writes it when that spells the host, else the host."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    label = max(host.split(".")[:-1], key=len, default="")
    for match in re.finditer(
        r"\b[A-Z][\w'&]*(?: (?:of|and|the|[A-Z][\w'&]*)){0,5}", text[:100_000]
    ):
        words = match.group().split()
        for first in range(len(words)):
            for last in range(first + 1, len(words) + 1):
                name = " ".join(words[first:last])
                if name[0].isupper() and "".join(filter(str.isalnum, name)).lower() == label:
                    return name
    return host or None


def _author(text: str) -> str | None:
    end = AUTHOR_END.search(text)
    names = text[: end.start()] if end else text
    if dated := ANY_DATE.search(names):
        names = names[: dated.start()]
    names = names.strip(" ,;:-–—")
    for ending in NAME_ENDINGS:
        names = names.removesuffix(ending)
    if names.isupper() and " " in names:
        names = names.title()
    return names if NAMES.fullmatch(names) else None


def _names_in(part: str) -> str:
    tokens = [token.strip("|•·,:;()–—-/@.") for token in part.split()]
    named = [token for token in tokens if WORD.search(token)]
    return " ".join(token for token in named if token.lower() not in DATE_COMPANIONS)


def _words_beside_date(line: str) -> str | None:
    """The name left on a line when its dates and times are taken out; None when more is left."""
    rest = TIME.sub(" ", ANY_DATE.sub(" ", line))
    tokens = [token.strip("|•·,:;()–—-/@.") for token in rest.split()]
    words = [
        token for token in tokens if WORD.search(token) and token.lower() not in DATE_COMPANIONS
    ]
    whole = " ".join(words)
    # Of several parts the first is the name (Ann Poole / AFP / Updated: …).
    first = next(filter(None, (_names_in(part) for part in PARTS.split(rest))), "")
    name = (
        (first if len(words) > len(first.split()) >= FEWEST_NAMES else whole)
        .removeprefix("By ")
        .removeprefix("by ")
    )
    if name.isupper() and line.rstrip().endswith(name) and not AGENCY.search(name):
        return "" if PLACE_AFTER_DATE.search(line) else name  # a dateline
    if not name or (len(words) <= LONGEST_NAME and NAMES.fullmatch(name)):
        return "" if PAGE_IN_NAME.search(name) else name  # or the head of a printed page
    return None

"""A PDF's bytes -> its paragraphs and what its metadata says of it; by pypdf.

Lines become paragraphs by their length and their stops. Lines that stand at the head or foot of
most pages, but for a number, are the pages' own and are left out.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pypdf
from pypdf.errors import PyPdfError

from index.cleaning.paragraphs import Paragraph, normalised
from index.errors import ArticleRefused

MOST_PAGES = 500
EDGE_LINES = 3  # at the head and at the foot of a page
FEWEST_LETTERS = 20  # a page; with fewer the file is made of pictures
SHORT_LINE = 0.8  # of the usual length; a shorter line with a stop ends its paragraph
STOP = re.compile(r"[.!?…:][\"”’»)\]]{0,2}$")
CUT_WORD = re.compile(r"(?<=[^\W\d_])-\n(?=[a-zß-ÿ])")
DIGITS = re.compile(r"\d+")
PAGE_NUMBER = re.compile(r"\W*(?:page |p\. ?)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?\W*$", re.IGNORECASE)
PDF_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
UNTITLED = re.compile(r"untitled|microsoft \w+ - |.*\.(?:docx?|pdf|indd|qxd|tex)$", re.IGNORECASE)


@dataclass(frozen=True)
class Pdf:
    """The paragraphs of a document and the fields of its metadata."""

    paragraphs: Sequence[Paragraph]
    fields: Mapping[str, str]


def read_pdf(data: bytes, *, origin: str) -> Pdf:
    """The document's text; raises ArticleRefused for one that is locked, broken or of pictures."""
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ArticleRefused(f"{origin} is encrypted: save it without a password.")
        count = len(reader.pages)
        if count > MOST_PAGES:
            raise ArticleRefused(f"{origin} has {count} pages: give at most {MOST_PAGES}.")
        pages = [_lines(page.extract_text()) for page in reader.pages]
        fields = _fields(reader)
    # pypdf lets through what a damaged file makes of Python's own operations.
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise ArticleRefused(f"{origin} is a damaged PDF ({reason}): save it again.") from None
    except RecursionError:
        raise ArticleRefused(f"{origin} is a PDF nested too deep: save it again.") from None
    letters = sum(character.isalpha() for page in pages for line in page for character in line)
    if letters < FEWEST_LETTERS * max(count, 1):
        raise ArticleRefused(
            f"{origin} is a PDF of pictures without text: put it through text recognition first."
        )
    return Pdf(tuple(_paragraphs(_without_edges(pages))), fields)


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in normalised(text).split("\n")]


def _without_edges(pages: Sequence[list[str]]) -> list[list[str]]:
    """The pages without page numbers and the lines that most of them share at an edge."""
    filled = [[line for line in page if line] for page in pages]
    edges = Counter(
        key
        for page in filled
        for key in {_edge_key(line) for line in (*page[:EDGE_LINES], *page[-EDGE_LINES:])}
    )
    often = {key for key, count in edges.items() if count > 1 and 2 * count > len(pages)}
    kept = []
    for page in pages:
        places = [place for place, line in enumerate(page) if line]
        near = {*places[:EDGE_LINES], *places[-EDGE_LINES:]}
        kept.append(
            [
                line
                for place, line in enumerate(page)
                if place not in near
                or not (_edge_key(line) in often or PAGE_NUMBER.fullmatch(line))
            ]
        )
    return kept


def _edge_key(line: str) -> str:
    return DIGITS.sub("0", line.lower())


def _paragraphs(pages: Sequence[list[str]]) -> Iterator[Paragraph]:
    """The lines as paragraphs; one that the end of a page cuts goes on at the head of the next."""
    lengths = sorted(len(line) for page in pages for line in page if line)
    usual = lengths[len(lengths) * 3 // 4] if lengths else 0
    lines: list[str] = []
    for page in pages:
        for line in "\n".join(page).strip().split("\n"):
            if lines and (not line or _is_last(lines, usual=usual)):
                yield Paragraph(_joined(lines))
                lines = []
            lines += [line] if line else []
        if lines and STOP.search(lines[-1]):
            yield Paragraph(_joined(lines))
            lines = []
    if lines:
        yield Paragraph(_joined(lines))


def _is_last(lines: Sequence[str], *, usual: int) -> bool:
    """Whether a paragraph ends here: with a short line that is a heading or closes a sentence."""
    is_short = len(lines[-1]) < SHORT_LINE * usual
    return is_short and (len(lines) == 1 or STOP.search(lines[-1]) is not None)


def _joined(lines: Sequence[str]) -> str:
    """The lines as one; a word that was cut at the end of a line is whole again."""
    return CUT_WORD.sub("", "\n".join(lines)).replace("\n", " ")


def _fields(reader: pypdf.PdfReader) -> dict[str, str]:
    metadata = reader.metadata
    if metadata is None:
        return {}
    title = str(metadata.title or "").strip()
    created = PDF_DATE.match(str(metadata.get("/CreationDate") or ""))
    found = {
        "title": "" if UNTITLED.match(title) else title,
        "author": str(metadata.author or "").strip(),
        "published": "-".join(created.groups()) if created else "",
        "language": str(reader.root_object.get("/Lang") or "").strip(),
    }
    return {name: value for name, value in found.items() if value}

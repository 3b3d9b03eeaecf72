"""The text of a file -> its raw paragraphs, normalised and free of markup, nothing judged yet.

Plain text, Markdown and HTML all become one plain text with blank lines between blocks, where a
mark tells the headings and captions that the markup named. Hidden elements never come along.
"""

import html
import re
import unicodedata
from dataclasses import dataclass

import markdown_it

from index.cleaning.structure import prune
from index.cleaning.tree import MARKS, Role, load_tree, mark_tree

MARKUP = re.compile(r"</?(?:p|div|br|h[1-6]|script|style|span|a|figure|ul|li)\b[^<>]{0,2000}>|<!--")
BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
SPACES = re.compile(r"[^\S\n]+")
LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\ufffd\ue000-\uf8ff]")
FINAL_STOP = re.compile(r"[.!?…;:]['\"”’»)\]]{0,3}$")
WRAP_WIDTHS = range(40, 111)


@dataclass(frozen=True)
class Paragraph:
    """One paragraph on one line, with the role that its markup gave it."""

    text: str
    role: Role = "text"


def normalised(text: str) -> str:
    """NFC text with Unix line ends, plain spaces and no invisible or control characters."""
    text = INVISIBLE.sub("", LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text)))
    kept = text.translate(CONTROL_CHARACTERS)
    return SPACES.sub(" ", kept)


CONTROL_CHARACTERS = {
    code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"
}


def plain_paragraphs(text: str) -> list[Paragraph]:
    """Blocks between blank lines; the lines of a wrapped paragraph are joined."""
    if MARKUP.search(text):
        return html_paragraphs(text)
    return marked_paragraphs(normalised(html.unescape(text)))


def markdown_paragraphs(text: str) -> list[Paragraph]:
    """The rendered blocks of CommonMark; an image's alt text is a caption."""
    rendered = markdown_it.MarkdownIt("commonmark", {"html": True}).render(text)
    return marked_paragraphs(_marked_text(rendered, keep_lines=True))


def html_paragraphs(text: str) -> list[Paragraph]:
    """Every visible block of an HTML fragment, in order."""
    return marked_paragraphs(_marked_text(text, keep_lines=False))


def _marked_text(source: str, *, keep_lines: bool) -> str:
    tree = load_tree(source)
    if tree is None:
        return ""
    prune(tree)
    return normalised(mark_tree(tree, keep_lines=keep_lines))


def marked_paragraphs(text: str) -> list[Paragraph]:
    """The paragraphs of a text whose headings and captions bear marks."""
    paragraphs: list[Paragraph] = []
    for block in BLANK_LINES.split(text):
        lines = [line for line in map(str.strip, block.split("\n")) if line]
        whole = [" ".join(lines)] if _is_wrapped(lines) else lines
        paragraphs.extend(map(_paragraph, whole))
    return [paragraph for paragraph in paragraphs if paragraph.text]


def _paragraph(line: str) -> Paragraph:
    roles = [role for mark, role in MARKS.items() if line.startswith(mark)]
    for mark in MARKS:
        line = line.replace(mark, "")
    return Paragraph(line.strip(), roles[0] if roles else "text")


def _is_wrapped(lines: list[str]) -> bool:
    """Whether a block is one paragraph, broken at a column, rather than one paragraph a line."""
    if len(lines) <= 1:
        return False
    broken_inside = [line for line in lines[:-1] if not FINAL_STOP.search(line)]
    goes_on = [line for line in lines[1:] if line[0].islower() or line[0] in "“\"‘'(—–"]
    if len(lines[1:]) == 1:
        return bool(broken_inside and goes_on and len(lines[0]) in WRAP_WIDTHS)
    widths_agree = all(len(line) in WRAP_WIDTHS for line in lines[:-1])
    return widths_agree and bool(broken_inside) and bool(goes_on)

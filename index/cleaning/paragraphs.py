"""The text of a file -> its raw paragraphs, normalised and free of markup, nothing judged yet.

Plain text, Markdown and HTML all become one plain text with blank lines between blocks, where a
mark tells the headings and captions that the markup named. Hidden elements never come along.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import markdown_it
import trafilatura

from index.cleaning.vocabulary import word_set

Element: TypeAlias = Any  # lxml ships no types
Role = Literal["text", "heading", "caption"]

HEADING_MARK = "⟦heading⟧"
CAPTION_MARK = "⟦caption⟧"
HIDDEN_TAGS = word_set("script style noscript template svg button select form")
HEADING_TAGS = word_set("h1 h2 h3 h4 h5 h6 head")
BLOCK_TAGS = HEADING_TAGS | word_set(
    "p div li item section article header footer aside blockquote quote figure figcaption table tr "
    "td th ul ol list dl dt dd pre hr main nav address row cell"
)
LINE_TAGS = frozenset({"br", "lb"})
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
MARKUP = re.compile(r"</?(?:p|div|br|h[1-6]|script|style|span|a|figure|ul|li)\b[^<>]{0,2000}>|<!--")
BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
SPACES = re.compile(r"[^\S\n]+")
LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\ufffd\ue000-\uf8ff]")
FINAL_STOP = re.compile(r"[.!?…;:]['\"”’»)\]]{0,3}$")
SHORTEST_ALT_TEXT = 4  # words; shorter ones name the file or the person, not what is seen
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


def mark_tree(tree: Element, *, keep_lines: bool) -> str:
    """The visible text of an element tree, a blank line between blocks, roles marked."""
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or is_hidden(element):
            drop_element(element)
        elif not keep_lines:
            element.text = " ".join(element.text.split("\n")) if element.text else None
            element.tail = " ".join(element.tail.split("\n")) if element.tail else None
    for element in list(tree.iter()):
        _separate(element)
    return normalised("".join(tree.itertext()))


def load_tree(source: str) -> Element:
    """The element tree of a page or of a fragment of one; None when there is nothing in it."""
    tree = trafilatura.load_html(source)
    if tree is None:
        tree = trafilatura.load_html(f"<html><body>{source}</body></html>")
    return tree


def _marked_text(source: str, *, keep_lines: bool) -> str:
    tree = load_tree(source)
    return "" if tree is None else mark_tree(tree, keep_lines=keep_lines)


def is_hidden(element: Element) -> bool:
    """Whether a browser would not show the element as text."""
    return (
        element.tag in HIDDEN_TAGS
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or HIDDEN_STYLE.search(element.get("style") or "") is not None
    )


def drop_element(element: Element) -> None:
    """Take an element out of its tree and leave the text behind it where it was."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def _separate(element: Element) -> None:
    if element.tag in LINE_TAGS:
        element.tail = "\n" + (element.tail or "")
    elif element.tag in BLOCK_TAGS:
        mark = CAPTION_MARK if element.tag == "figcaption" else ""
        mark = HEADING_MARK if element.tag in HEADING_TAGS else mark
        element.text = f"\n\n{mark}{element.text or ''}"
        element.tail = f"\n\n{element.tail or ''}"
    elif element.tag == "img" and len((element.get("alt") or "").split()) >= SHORTEST_ALT_TEXT:
        element.tail = f"\n\n{CAPTION_MARK}{element.get('alt')}\n\n{element.tail or ''}"


def marked_paragraphs(text: str) -> list[Paragraph]:
    """The paragraphs of a text whose headings and captions bear marks."""
    paragraphs: list[Paragraph] = []
    for block in BLANK_LINES.split(text):
        lines = [line for line in map(str.strip, block.split("\n")) if line]
        whole = [" ".join(lines)] if _is_wrapped(lines) else lines
        paragraphs.extend(map(_paragraph, whole))
    return [paragraph for paragraph in paragraphs if paragraph.text]


def _paragraph(line: str) -> Paragraph:
    if line.startswith(HEADING_MARK):
        return Paragraph(line.removeprefix(HEADING_MARK).strip(), "heading")
    if line.startswith(CAPTION_MARK):
        return Paragraph(line.removeprefix(CAPTION_MARK).strip(), "caption")
    return Paragraph(line.replace(HEADING_MARK, "").replace(CAPTION_MARK, ""))


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

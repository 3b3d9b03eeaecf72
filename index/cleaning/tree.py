"""HTML -> an element tree; the tree -> its visible blocks of text, with what holds each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import trafilatura
from lxml import etree

from index.cleaning.vocabulary import word_set

Element: TypeAlias = Any  # lxml ships no types
Role = Literal["text", "heading", "caption", "links", "row"]

HIDDEN_TAGS = word_set("head script style noscript template svg button select form")
HEADING_TAGS = word_set("h1 h2 h3 h4 h5 h6")
BLOCK_TAGS = HEADING_TAGS | word_set(
    "p div li item section article header footer aside blockquote figure figcaption table tr "
    "td th ul ol dl dt dd pre hr main nav address body"
)
CELL_TAGS = word_set("td th")
BOX_TAGS = word_set("div section article aside main body header details fieldset td")
UNLINKED = HEADING_TAGS | CELL_TAGS | word_set("tr table figcaption figure blockquote")
LONGEST_LINE = 10  # words
LINK_SHARE_OF_LINE = 0.35
LINK_SHARE = 0.5  # of a block's characters
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
SHORTEST_ALT_TEXT = 4  # words; shorter ones name the file or the person, not what is seen
PICTURE_TAGS = word_set("img amp-img picture")


@dataclass(frozen=True)
class Block:
    """The text of one block, line breaks in it, its element and the nearest box around it."""

    text: str
    role: Role
    element: Element
    box: Element


def load_tree(source: str) -> Element:
    """The element tree of a page or of a fragment of one; None when there is nothing in it."""
    tree = trafilatura.load_html(source)
    if tree is None:
        tree = trafilatura.load_html(f"<html><body>{source}</body></html>")
    return tree


def is_hidden(element: Element) -> bool:
    """Whether a browser would not show the element as text."""
    return (
        element.tag in HIDDEN_TAGS
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or HIDDEN_STYLE.search(element.get("style") or "") is not None
    )


def letters(text: str) -> str:
    """The letters and digits of a text in lower case, by which two copies of it are one."""
    return "".join(filter(str.isalnum, text.lower()))


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


def blocks(tree: Element, *, keep_lines: bool) -> Iterator[Block]:
    """The visible blocks of an element tree in their order; the tree stays as it is.

    `keep_lines` where a line's end in the source is one in the text.
    """
    reader = _Reader(keep_lines=keep_lines)
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event != "start":
            found = reader.close(element, is_element=event == "end")
        elif is_hidden(element):
            walk.skip_subtree()
            continue
        else:
            found = reader.open(element)
            if element.tag == "figcaption":
                walk.skip_subtree()
        yield from found
    yield from reader.flush()


class _Reader:
    """Gathers the inline text between the edges of blocks."""

    def __init__(self, *, keep_lines: bool) -> None:
        self._keep_lines = keep_lines
        self._open: list[Element] = []
        self._texts: list[str] = []
        self._linked = 0

    def open(self, element: Element) -> list[Block]:
        found = []
        if element.tag in BLOCK_TAGS and not _is_cell_of_data(element):
            found = self.flush()
        if element.tag in PICTURE_TAGS:
            alt = element.get("alt") or ""
            if len(alt.split()) >= SHORTEST_ALT_TEXT:
                found = [*self.flush(), *self._block(alt, "caption")]
        elif element.tag == "br":
            self._texts.append("\n")
        elif _is_cell_of_data(element) and element.getprevious() is not None:
            self._texts.append(" | ")
        self._open.append(element)
        if element.tag == "figcaption":
            words = " ".join("".join(element.itertext()).split())
            return [*found, *self._block(words, "caption")]
        self._add(element.text)
        return found

    def close(self, element: Element, *, is_element: bool) -> list[Block]:
        found = []
        if is_element and self._open and self._open[-1] is element:
            if element.tag in BLOCK_TAGS and not _is_cell_of_data(element):
                found = self.flush()
            self._open.pop()
        if self._open:
            self._add(element.tail)
        return found

    def flush(self) -> list[Block]:
        text, linked = "".join(self._texts), self._linked
        self._texts, self._linked = [], 0
        return self._block(text, self._role(text, linked=linked))

    def _add(self, text: str | None) -> None:
        if text:
            self._texts.append(text if self._keep_lines else " ".join(text.split("\n")))
            if any(element.tag == "a" for element in self._open):
                self._linked += len(text.strip())

    def _block(self, text: str, role: Role) -> list[Block]:
        if not text.strip() or not self._open:
            return []
        outer = [element for element in self._open if element.tag in BOX_TAGS]
        return [Block(text, role, self._open[-1], outer[-1] if outer else self._open[0])]

    def _role(self, text: str, *, linked: int) -> Role:
        tags = {element.tag for element in self._open}
        if tags & HEADING_TAGS:
            return "heading"
        if any(map(_is_row_of_data, self._open)):
            return "row"
        least = LINK_SHARE if len(text.split()) > LONGEST_LINE else LINK_SHARE_OF_LINE
        is_linked = linked > 0 and linked >= least * len(" ".join(text.split()))
        return "links" if is_linked and not tags & UNLINKED else "text"


def _is_cell_of_data(element: Element) -> bool:
    return element.tag in CELL_TAGS and _is_row_of_data(element.getparent())


def _is_row_of_data(row: Element) -> bool:
    """Whether a row of a table has several cells of plain text, rather than a page's columns."""
    return (
        row is not None
        and row.tag == "tr"
        and len(row) > 1
        and all(cell.tag in CELL_TAGS for cell in row)
        and not any(inner.tag in BLOCK_TAGS for cell in row for inner in cell.iterdescendants())
    )

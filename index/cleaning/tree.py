"""HTML -> an element tree; the tree -> its visible text, with blank lines and marks for roles."""

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import trafilatura

from index.cleaning.vocabulary import word_set

Element: TypeAlias = Any  # lxml ships no types
Role = Literal["text", "heading", "caption", "links", "row"]

HEADING_MARK = "⟦heading⟧"
CAPTION_MARK = "⟦caption⟧"
LINK_MARK = "⟦links⟧"
ROW_MARK = "⟦row⟧"
MARKS: Mapping[str, Role] = {
    HEADING_MARK: "heading",
    CAPTION_MARK: "caption",
    LINK_MARK: "links",
    ROW_MARK: "row",
}
HIDDEN_TAGS = word_set("script style noscript template svg button select form")
HEADING_TAGS = word_set("h1 h2 h3 h4 h5 h6 head")
BLOCK_TAGS = HEADING_TAGS | word_set(
    "p div li item section article header footer aside blockquote quote figure figcaption table tr "
    "td th ul ol list dl dt dd pre hr main nav address row cell"
)
ROW_TAGS = word_set("tr row")
CELL_TAGS = word_set("td th cell")
LINE_TAGS = frozenset({"br", "lb"})
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
SHORTEST_ALT_TEXT = 4  # words; shorter ones name the file or the person, not what is seen


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
    return "".join(tree.itertext())


def _separate(element: Element) -> None:
    if element.tag in LINE_TAGS:
        element.tail = "\n" + (element.tail or "")
    elif element.tag in CELL_TAGS and _is_data(element.getparent()):
        if element.getprevious() is not None:
            element.text = f" | {element.text or ''}"
    elif element.tag in ROW_TAGS and _is_data(element):
        element.text = f"\n\n{ROW_MARK}{(element.text or '').strip()}"
        element.tail = f"\n\n{element.tail or ''}"
    elif element.tag in BLOCK_TAGS:
        mark = CAPTION_MARK if element.tag == "figcaption" else ""
        mark = HEADING_MARK if element.tag in HEADING_TAGS else mark
        element.text = f"\n\n{mark}{element.text or ''}"
        element.tail = f"\n\n{element.tail or ''}"
    elif element.tag == "img" and len((element.get("alt") or "").split()) >= SHORTEST_ALT_TEXT:
        element.tail = f"\n\n{CAPTION_MARK}{element.get('alt')}\n\n{element.tail or ''}"


def _is_data(row: Element) -> bool:
    """Whether a row of a table has several cells of plain text, rather than a page's columns."""
    return (
        row is not None
        and row.tag in ROW_TAGS
        and len(row) > 1
        and all(cell.tag in CELL_TAGS for cell in row)
        and not any(inner.tag in BLOCK_TAGS for cell in row for inner in cell.iterdescendants())
    )

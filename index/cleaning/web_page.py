"""A web page's HTML -> its main paragraphs and what its meta elements say of the article."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

import trafilatura

from index.cleaning.page_metadata import read_page_metadata
from index.cleaning.paragraphs import Paragraph, marked_paragraphs, normalised
from index.cleaning.structure import prune
from index.cleaning.tree import (
    CAPTION_MARK,
    Element,
    drop_element,
    is_hidden,
    load_tree,
    mark_tree,
)

SHORTEST_PROSE = 60  # characters
SMALLEST_SHARE = 0.5  # of the page's prose that the extraction has to hold to be trusted


@dataclass(frozen=True)
class WebPage:
    """The paragraphs of a page's main text and the fields of its metadata."""

    paragraphs: Sequence[Paragraph]
    fields: Mapping[str, str]


def read_web_page(html: str) -> WebPage:
    """The main text by trafilatura; the whole visible article where that lost most of it."""
    tree = load_tree(html)
    if tree is None:
        return WebPage((), {})
    fields = read_page_metadata(tree)
    _prepare(tree)
    whole = _article_paragraphs(tree)
    document = trafilatura.bare_extraction(tree, include_comments=False, favor_recall=True)
    body = getattr(document, "body", None)
    main = _paragraphs(body) if body is not None else []
    if _prose_length(main) < SMALLEST_SHARE * _prose_length(whole):
        main = whole
    return WebPage(main, fields)


def _prepare(tree: Element) -> None:
    """Drop what is hidden, and put each figure's caption in a marked paragraph of its own."""
    for element in list(tree.iter()):
        if isinstance(element.tag, str) and element.tag != "head" and is_hidden(element):
            drop_element(element)
    for caption in list(tree.iter("figcaption")):
        words = " ".join("".join(caption.itertext()).split())
        for child in list(caption):
            caption.remove(child)
        caption.tag = "p"
        caption.text = f"{CAPTION_MARK}{words}" if words else ""
    prune(tree)
    for figure in list(tree.iter("figure")):
        figure.tag = "div"


def _article_paragraphs(tree: Element) -> list[Paragraph]:
    articles = list(tree.iter("article")) or list(tree.iter("main")) or list(tree.iter("body"))
    if not articles:
        return []
    longest = max(articles, key=lambda element: len("".join(element.itertext())))
    copy = deepcopy(longest)
    return _paragraphs(copy)


def _paragraphs(tree: Element) -> list[Paragraph]:
    return marked_paragraphs(normalised(mark_tree(tree, keep_lines=False)))


def _prose_length(paragraphs: Sequence[Paragraph]) -> int:
    return sum(
        len(paragraph.text) for paragraph in paragraphs if len(paragraph.text) >= SHORTEST_PROSE
    )

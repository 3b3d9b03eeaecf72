"""An HTML tree -> the same without what its markup says is no part of the article.

That are the landmarks of a page (navigation, footers, forms), the small boxes that are named for
what they are (related, newsletter, comments), and blocks of links, which are marked as such.
"""

import re

from index.cleaning.tree import BLOCK_TAGS, HEADING_TAGS, LINK_MARK, Element, drop_element
from index.cleaning.vocabulary import word_set

LANDMARKS = word_set("nav footer aside form menu dialog")
LANDMARK_ROLES = word_set(
    "navigation banner contentinfo complementary dialog alertdialog search form menu toolbar"
)
# What designers call the boxes that they put around articles, in class names and ids.
BOX_NAMES = word_set(
    "abo ad ads advert advertisement advertising affiliate banner bio breadcrumb breadcrumbs "
    "comments commentaires comentarios kommentare consent contact cookie cookies disclaimer "
    "disqus donate donation gdpr legal newsletter outbrain paywall poll popular promo "
    "promoted pull pullquote quiz recirc recommended related share sharedaddy sharing signup "
    "social sponsor sponsored subscribe subscription taboola tags teaser trending upsell"
)
LARGEST_BOX = 0.2  # of the page's text; what holds more is named for something else
BOX_TAGS = word_set("div section fieldset")
LONGEST_LINE = 10  # words
LINK_SHARE_OF_LINE = 0.35
LINK_SHARE = 0.5  # of a block's characters
TABLE_TAGS = word_set("td th cell table tr row")
UNMARKED = HEADING_TAGS | TABLE_TAGS | word_set("figcaption figure blockquote quote")
NAME_PARTS = re.compile(r"[\s_-]+|(?<=[a-z])(?=[A-Z])")


def prune(tree: Element) -> None:
    """Drop landmarks and boxes, and mark each block that is mostly links."""
    whole = _length(tree)
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.getparent() is None:
            continue
        if _is_landmark(element) or (
            _is_box(element)
            and _length(element) <= LARGEST_BOX * whole
            and next(element.iter("h1"), None) is None
        ):
            drop_element(element)
    for field in [*tree.iter("input"), *tree.iter("textarea")]:
        _drop_box_of(field, largest=LARGEST_BOX * whole)
    for element in list(tree.iter()):
        if element.tag in BLOCK_TAGS and element.tag not in UNMARKED and _is_linked(element):
            element.text = f"{LINK_MARK}{element.text or ''}"


def _is_landmark(element: Element) -> bool:
    return element.tag in LANDMARKS or (element.get("role") or "").lower() in LANDMARK_ROLES


def _is_box(element: Element) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return not BOX_NAMES.isdisjoint(part.lower() for part in NAME_PARTS.split(names))


def _drop_box_of(field: Element, *, largest: float) -> None:
    """Drop the box around a field that the reader is to fill in: it asks, and reports nothing."""
    box = next((outer for outer in field.iterancestors() if outer.tag in BOX_TAGS), None)
    if box is not None and box.getparent() is not None and _length(box) <= largest:
        drop_element(box)


def _is_linked(element: Element) -> bool:
    """Whether a block without blocks in it, in no table or quotation, is mostly links."""
    if any(inner is not element and inner.tag in BLOCK_TAGS for inner in element.iter()):
        return False
    if any(outer.tag in UNMARKED for outer in element.iterancestors()):
        return False
    linked = sum(_length(link) for link in element.iter("a"))
    words = len("".join(element.itertext()).split())
    least = LINK_SHARE if words > LONGEST_LINE else LINK_SHARE_OF_LINE
    return linked > 0 and linked >= least * _length(element)


def _length(element: Element) -> int:
    return sum(len(text.strip()) for text in element.itertext())

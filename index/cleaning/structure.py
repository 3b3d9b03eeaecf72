"""An HTML tree -> the same without what its markup says is no part of the article; its boxes.

Dropped are the landmarks of a page (navigation, footers, forms) and the small boxes that are named
for what they are (related, newsletter, comments). A box that may or may not belong is doubted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from index.cleaning.box_names import BoxKind, kind_by_name, name_parts
from index.cleaning.furniture import is_labelled
from index.cleaning.tree import (
    BLOCK_TAGS,
    BOX_TAGS,
    PICTURE_TAGS,
    Block,
    Element,
    drop_element,
    letters,
)
from index.cleaning.vocabulary import word_set

LANDMARKS = word_set("nav footer aside form menu dialog amp-sidebar amp-consent amp-ad")
LANDMARK_ROLES = word_set(
    "navigation banner contentinfo complementary dialog alertdialog search form menu menubar "
    "toolbar tablist status alert note doc-pullquote"
)
INLINE_TAGS = word_set("a abbr b cite em font i mark q small span strong sub sup time u")
TEXT_TAGS = word_set("p li h1 h2 h3 h4 h5 h6 td th dd dt figcaption blockquote")
LARGEST_BOX = 0.2  # of the page's text; what holds more is named for something else
ASKING_TAGS = word_set("div section fieldset")
LIST_TAGS = word_set("ul ol blockquote")
SHORTEST_PROSE = 60  # characters
SHORTEST_CARD = 6  # words of a link that is a box; a shorter one may be a name
SHORTEST_ANNOUNCEMENT = 5  # words of a sentence that ends with a colon
FEWEST_BESIDE = 2  # paragraphs of prose beside an aside that stands in the body
LINKED_SHARE = 0.5  # of an aside's text
COMMON_SHARE = 0.4  # of the page's prose that stands in boxes of one kind: those of the body
COMMON_PROSE = 3  # paragraphs
OWN = -1  # a box that is named as a part of the story, such as its facts
ANNOUNCED = -2  # the list that a sentence announces, whatever it says
INSET = 1  # doubts: a box unlike those of the body
SUSPECT = 2  # a box with a name that furniture often has


def prune(tree: Element, *, told: str = "") -> None:
    """Drop landmarks, links that are boxes, and boxes that are named for what they are.

    `told` are the letters of the article as the page's metadata has it: what stands there stays.
    """
    whole = _length(tree)
    spared = _names_of_body(tree)
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.getparent() is None:
            continue
        if _is_landmark(element) or (
            (_is_card(element) or (_is_named(element) and _signature(element) not in spared))
            and _length(element) <= LARGEST_BOX * whole
            and next(element.iter("h1"), None) is None
            and not (told and _length(element) >= SHORTEST_PROSE and _is_told(element, told))
        ):
            drop_element(element)
    for row in list(tree.iter("tr")):
        _drop_columns(row, whole=whole)
    for asking in [*tree.iter("input"), *tree.iter("textarea")]:
        _drop_box_of(asking, largest=LARGEST_BOX * whole)


@dataclass
class Boxes:
    """What the boxes of a page say of the blocks in them."""

    tree: Element
    body: frozenset[tuple[str, ...]]  # how the boxes of the body are named
    _doubts: dict[Element, int] = field(default_factory=dict)
    _lengths: dict[Element, int] = field(default_factory=dict)

    def doubt(self, block: Block) -> int:
        """How much the boxes around a block speak against it; OWN where one speaks for it."""
        kind = self.kind(block)
        if kind in (BoxKind.OWN, BoxKind.STANDFIRST):
            return OWN
        if kind is BoxKind.SUSPECT and _signature(block.element) not in self.body:
            return SUSPECT
        if block.box not in self._doubts:
            self._doubts[block.box] = self._doubt_of_box(block.box)
        return self._doubts[block.box]

    def kind(self, block: Block) -> BoxKind:
        """What the names of a block, or else of its small box, say of it."""
        for element in (block.element, *block.element.iterancestors()):
            if element is block.box and not self._is_small(element):
                break
            if (kind := kind_by_name(element)) is not BoxKind.UNKNOWN:
                return kind
            if element is block.box:
                break
        return BoxKind.UNKNOWN

    def is_under_picture(self, block: Block) -> bool:
        """Whether a block is all the text that stands in one small box with a picture."""
        length = len("".join(block.text.split()))
        return any(
            element.tag in BOX_TAGS
            and self._is_small(element)
            and length == len("".join("".join(element.itertext()).split()))
            and next(element.iter(*PICTURE_TAGS), None) is not None
            for element in (block.element, block.box, *islice(block.box.iterancestors(), 1))
        )

    def _doubt_of_box(self, box: Element) -> int:
        doubt = 0
        for element in (box, *box.iterancestors()):
            if not self._is_small(element) or _signature(element) in self.body:
                break
            kind = kind_by_name(element)
            if kind in (BoxKind.OWN, BoxKind.STANDFIRST):
                return OWN
            if element.tag in BOX_TAGS:
                is_suspect = kind is BoxKind.SUSPECT or element.tag == "aside"
                doubt = max(doubt, SUSPECT if is_suspect else INSET)
        return doubt

    def _is_small(self, element: Element) -> bool:
        if element not in self._lengths:
            self._lengths[element] = _length(element)
        if self.tree not in self._lengths:
            self._lengths[self.tree] = _length(self.tree)
        return self._lengths[element] <= LARGEST_BOX * self._lengths[self.tree]


def read_boxes(tree: Element, prose: Sequence[Block]) -> Boxes:
    """The boxes of a page; those with much of its prose, or several paragraphs, are the body."""
    length = sum(len(block.text) for block in prose)
    held: Counter[tuple[str, ...]] = Counter()
    paragraphs: Counter[tuple[str, ...]] = Counter()
    for block in prose:
        for signature in {_signature(block.box), _signature(block.element)}:
            held[signature] += len(block.text)
            paragraphs[signature] += 1
    body = {
        signature
        for signature, share in held.items()
        if share >= COMMON_SHARE * length or paragraphs[signature] >= COMMON_PROSE
    }
    return Boxes(tree, frozenset(body))


def _signature(box: Element) -> tuple[str, ...]:
    """How a box is named, without what numbers it."""
    names = (part for part in name_parts(box) if not any(map(str.isdigit, part)))
    return (box.tag, *sorted(set(names)))


def is_announced(block: Block) -> bool:
    """Whether a block stands in a list or quotation below a sentence that ends with a colon."""
    for element in (block.element, *block.element.iterancestors()):
        if element is block.box:
            return False
        if element.tag in LIST_TAGS:
            above = element.getprevious()
            if above is None or not isinstance(above.tag, str):
                return False
            text = " ".join("".join(above.itertext()).split())
            is_sentence = len(text.split()) >= SHORTEST_ANNOUNCEMENT and not is_labelled(text)
            return text.endswith((":", "：")) and is_sentence
    return False


def _is_landmark(element: Element) -> bool:
    role = (element.get("role") or "").lower()
    if element.tag == "aside" or role == "note":
        return not _is_inset(element)
    return element.tag in LANDMARKS or role in LANDMARK_ROLES


def _is_inset(aside: Element) -> bool:
    """Whether an aside may be the article's own: named so, or prose among the body's paragraphs."""
    kind = kind_by_name(aside)
    if kind is BoxKind.OWN:
        return True
    beside = sum(
        element.tag == "p" and _length(element) >= SHORTEST_PROSE for element in aside.getparent()
    )
    linked = sum(_length(link) for link in aside.iter("a"))
    is_asking = next(aside.iter("input", "form", "button"), None) is not None
    return (
        kind is BoxKind.UNKNOWN
        and beside >= FEWEST_BESIDE
        and not is_asking
        and linked < LINKED_SHARE * _length(aside)
    )


def _is_card(element: Element) -> bool:
    """Whether a link holds blocks of text: the picture, headline and teaser of another story."""
    is_anchor = element.get("name") or element.get("id")  # often left open
    if element.tag != "a" or (is_anchor and not element.get("href")):
        return False
    inner = [child for child in element.iterdescendants() if isinstance(child.tag, str)]
    return (
        any(child.tag in BLOCK_TAGS and _length(child) for child in inner)
        and not any(
            child.tag == "figcaption" or kind_by_name(child) is BoxKind.CAPTION for child in inner
        )
        and len("".join(element.itertext()).split()) >= SHORTEST_CARD
    )


def _names_of_body(tree: Element) -> frozenset[tuple[str, ...]]:
    """How paragraphs are named that hold much of the page: no furniture, whatever the name."""
    held: Counter[tuple[str, ...]] = Counter()
    whole = 0
    for element in tree.iter("p"):
        length = _length(element)
        whole += length
        if length and kind_by_name(element) is BoxKind.FURNITURE:
            held[_signature(element)] += length
    return frozenset(name for name, length in held.items() if length >= COMMON_SHARE * whole)


def _is_told(element: Element, told: str) -> bool:
    return letters("".join(element.itertext())) in told


def _is_named(element: Element) -> bool:
    """Whether a box is named as furniture; no word within a line of text."""
    parent = element.getparent()
    if (
        element.tag in INLINE_TAGS
        and parent.tag in TEXT_TAGS
        and _length(parent) > _length(element)
    ):
        return False
    return kind_by_name(element) is BoxKind.FURNITURE


def _drop_box_of(field: Element, *, largest: float) -> None:
    """Drop the box around a field that the reader is to fill in: it asks, and reports nothing."""
    box = next((outer for outer in field.iterancestors() if outer.tag in ASKING_TAGS), None)
    if box is not None and box.getparent() is not None and _length(box) <= largest:
        drop_element(box)


def _drop_columns(row: Element, *, whole: int) -> None:
    """Of a table that lays a page out, drop the small columns beside the one with the text."""
    cells = [(cell, _length(cell)) for cell in row if cell.tag == "td"]
    if len(cells) > 1 and max(length for _, length in cells) >= COMMON_SHARE * whole:
        for cell, length in cells:
            if length <= LARGEST_BOX * whole and next(cell.iter("h1"), None) is None:
                drop_element(cell)


def _length(element: Element) -> int:
    return sum(len(text.strip()) for text in element.itertext())

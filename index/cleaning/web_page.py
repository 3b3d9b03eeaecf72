"""A web page's HTML -> its main paragraphs and what its meta elements say of the article.

All blocks of the page are read in their order. trafilatura is a witness of what is the main text:
the article reaches from its headline to the last paragraph that trafilatura found; what stands
between and was not found is kept with a doubt, to be judged by its words.
"""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

import trafilatura

from index.cleaning.box_names import BoxKind
from index.cleaning.dates import ANY_DATE, TIME
from index.cleaning.furniture import UNSPACED, is_complete_sentence, word_count
from index.cleaning.page_metadata import read_article_body, read_page_metadata
from index.cleaning.paragraphs import Paragraph, block_paragraphs
from index.cleaning.structure import (
    ANNOUNCED,
    INSET,
    OWN,
    SUSPECT,
    Boxes,
    is_announced,
    prune,
    read_boxes,
)
from index.cleaning.tree import (
    Block,
    Element,
    blocks,
    drop_element,
    is_hidden,
    letters,
    load_tree,
)

SHORTEST_PROSE = 60  # characters
LONG_PROSE = 120  # characters; a shorter line of prose ends with a stop
SMALLEST_SHARE = 0.5  # of the page's prose that the extraction has to hold to be trusted
SHORTEST_LINE = 6  # words
SHORTEST_BULLET = 4  # words
FEW_ABOVE = 2  # lines above a headline where a standfirst may be
MOST_BETWEEN = 4  # lines between a headline and its standfirst
LONGEST_CAPTION = 60  # words
WINDOW_PARTS = re.compile(r" [|–—-] | » | :: ")
UNSEEN = 3  # the doubt of what the witness did not find
SHORTEST_TOLD = 300  # letters of an article in the metadata; a shorter one is a summary
SHORTEST_KEY = 16  # letters of a paragraph that is looked for there
LARGE_SHARE = 0.8  # of the prose that the metadata has where it passes nothing over

Pair = tuple[Block, Paragraph]


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
    if "title" in fields:
        fields["title"] = _title_of_window(fields["title"], tree)
    told = letters(read_article_body(tree))
    told = told if len(told) >= SHORTEST_TOLD else ""
    for element in list(tree.iter()):
        if isinstance(element.tag, str) and element.tag != "head" and is_hidden(element):
            drop_element(element)
    prune(tree, told=told)
    pairs = block_paragraphs(blocks(tree, keep_lines=False))
    testimony = _testimony(pairs, told)
    seen = [
        found or word is True for found, word in zip(_seen(tree, pairs), testimony, strict=True)
    ]
    if not any(seen):
        return WebPage((), fields)
    prose = [block for (block, p), found in zip(pairs, seen, strict=True) if found and _is_prose(p)]
    boxes = read_boxes(tree, prose)
    main = _main(pairs, seen, boxes=boxes, testimony=testimony)
    return WebPage(main, fields)


def _title_of_window(title: str, tree: Element) -> str:
    """The title, or the heading that a window's title joins to a name (Courier - Mill burns)."""
    window = " ".join("".join(next(tree.iter("title"), tree).itertext()).split())
    parts = [part.strip() for part in WINDOW_PARTS.split(window)]
    headings = [" ".join("".join(heading.itertext()).split()) for heading in tree.iter("h1", "h2")]
    if title in headings or title not in (window, *parts):
        return title
    return next((text for text in headings if text in parts), title)


def _seen(tree: Element, pairs: Sequence[Pair]) -> list[bool]:
    """For each paragraph whether the witness has it: trafilatura, or else the longest article."""
    document = trafilatura.bare_extraction(
        deepcopy(tree), include_comments=False, favor_recall=True
    )
    body = getattr(document, "body", None)
    text = "".join(body.itertext()) if body is not None else ""
    whole = letters("".join(_longest_article(tree).itertext()))
    found, article = (
        [bool(key := letters(p.text)) and key in witness for _, p in pairs]
        for witness in (letters(text), whole)
    )
    lengths = [
        sum(
            len(p.text)
            for (_, p), is_in in zip(pairs, inside, strict=True)
            if is_in and _is_prose(p)
        )
        for inside in (found, article)
    ]
    return article if lengths[0] < SMALLEST_SHARE * lengths[1] else found


def _longest_article(tree: Element) -> Element:
    articles = list(tree.iter("article")) or list(tree.iter("main")) or list(tree.iter("body"))
    return max(articles or [tree], key=lambda element: len("".join(element.itertext())))


def _testimony(pairs: Sequence[Pair], told: str) -> list[bool | None]:
    """For each paragraph whether the page's metadata has it, None where that says nothing.

    It is often cut off, so that silence counts only between the first and the last one it has, and
    only where it has most of the prose there.
    """
    if not told:
        return [None] * len(pairs)
    keys = [letters(paragraph.text) for _, paragraph in pairs]
    found = [len(key) >= SHORTEST_KEY and key in told for key in keys]
    places = [place for place, is_told in enumerate(found) if is_told]
    if not places:
        return [None] * len(pairs)
    within = range(places[0], places[-1] + 1)
    prose = [place for place in within if _is_prose(pairs[place][1])]
    held = sum(len(keys[place]) for place in prose if found[place])
    is_whole = held >= LARGE_SHARE * sum(len(keys[place]) for place in prose)

    def says(place: int) -> bool | None:
        if found[place]:
            return True
        is_left_out = is_whole and place in within and len(keys[place]) >= SHORTEST_KEY
        return False if is_left_out else None

    return [says(place) for place in range(len(pairs))]


def _main(
    pairs: Sequence[Pair],
    seen: Sequence[bool],
    *,
    boxes: Boxes,
    testimony: Sequence[bool | None],
) -> list[Paragraph]:
    """The paragraphs from the headline to the end of the body, with boxes and doubts."""
    places = [place for place, found in enumerate(seen) if found]
    prose = [place for place in places if _is_prose(pairs[place][1])] or places
    titles = [
        place
        for place in range(prose[0])
        if pairs[place][1].role == "heading" and pairs[place][0].element.tag == "h1"
    ]
    first = titles[-1] if titles else places[0]
    first = min(_above_title(pairs, first, boxes=boxes), first) if titles else first
    last_box = pairs[prose[-1]][0].box
    last = max(
        place for place, (block, _) in enumerate(pairs) if block.box is last_box or seen[place]
    )
    numbers: dict[Element, int] = {}
    result = []
    for place in range(first, last + 1):
        block, paragraph = pairs[place]
        is_standfirst = bool(titles) and place in _standfirst(pairs, first, prose[0])
        told = _told(
            block,
            paragraph,
            boxes=boxes,
            is_seen=seen[place] or is_standfirst,
            is_above=place < prose[0],
        )
        if testimony[place] is not None:
            told = _weighed(told, is_told=testimony[place] is True)
        if is_standfirst and told.doubt < SUSPECT:
            told = replace(told, doubt=min(told.doubt, 0))
        # What the metadata passes over in the body stands for itself.
        box = block.element if testimony[place] is False else block.box
        number = numbers.setdefault(box, len(numbers) + 1)
        result.append(replace(told, box=number if told.doubt > 0 else 0))
    return _with_headings(result)


def _above_title(pairs: Sequence[Pair], title: int, *, boxes: Boxes) -> int:
    """The place of a standfirst that is named so right above the title, else the title's."""
    for place in range(max(0, title - FEW_ABOVE), title):
        block, paragraph = pairs[place]
        if boxes.kind(block) is BoxKind.STANDFIRST and _is_line(paragraph):
            return place
    return title


def _with_headings(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """A heading above what is beyond doubt the article's own belongs to it."""
    return [
        replace(paragraph, doubt=0)
        if paragraph.role == "heading" and paragraph.doubt > 0 and below.doubt < 0
        else paragraph
        for paragraph, below in zip(paragraphs, [*paragraphs[1:], Paragraph("")], strict=True)
    ]


def _standfirst(pairs: Sequence[Pair], title: int, body: int) -> range:
    """Where a standfirst may be below the headline: the next line, or the first sentence."""
    if title + 1 < body and _is_line(pairs[title + 1][1]):
        return range(title + 1, title + 2)
    for place in range(title + 1, min(body, title + 1 + MOST_BETWEEN)):
        text = pairs[place][1].text
        if is_complete_sentence(text) and _is_line(pairs[place][1]):
            return range(place, place + 1)
    return range(0)


def _is_bullet(block: Block, paragraph: Paragraph) -> bool:
    """Whether a line is an item of a list that sums a story up."""
    is_item = any(
        element.tag == "li" for element in (block.element, *block.element.iterancestors())
    )
    return is_item and paragraph.role == "text" and word_count(paragraph.text) >= SHORTEST_BULLET


def _is_line(paragraph: Paragraph) -> bool:
    """Whether a line is long enough to sum a story up, and holds no date or time."""
    is_dated = TIME.search(paragraph.text) or ANY_DATE.search(paragraph.text)
    return (
        not is_dated
        and paragraph.role in ("text", "heading")
        and word_count(paragraph.text) >= SHORTEST_LINE
    )


def _told(
    block: Block, paragraph: Paragraph, *, boxes: Boxes, is_seen: bool, is_above: bool
) -> Paragraph:
    """A paragraph with the role and the doubt that its boxes and the witness give it."""
    kind = boxes.kind(block)
    is_short = word_count(paragraph.text) <= LONGEST_CAPTION
    if is_short and (kind is BoxKind.CAPTION or boxes.is_under_picture(block)):
        return replace(paragraph, role="caption")
    if paragraph.role == "caption":
        return paragraph
    if is_announced(block):
        return replace(paragraph, doubt=ANNOUNCED)
    doubt = boxes.doubt(block)
    if is_above and _is_bullet(block, paragraph) and doubt <= INSET:
        return replace(paragraph, doubt=OWN)
    if not is_seen and doubt >= 0 and paragraph.role != "heading":
        doubt = UNSEEN if is_above else doubt + 1
    return replace(paragraph, doubt=doubt)


def _weighed(paragraph: Paragraph, *, is_told: bool) -> Paragraph:
    """A paragraph with less doubt where the metadata has it, with more where it passes it over."""
    if paragraph.role in ("caption", "row"):
        return paragraph
    if is_told:
        return replace(paragraph, doubt=min(paragraph.doubt, OWN))
    is_named = paragraph.doubt < 0 or paragraph.role == "heading"
    return paragraph if is_named else replace(paragraph, doubt=max(paragraph.doubt, UNSEEN))


def _is_prose(paragraph: Paragraph) -> bool:
    length = len(paragraph.text) + len(UNSPACED.findall(paragraph.text))
    is_whole = is_complete_sentence(paragraph.text) or length >= LONG_PROSE
    return length >= SHORTEST_PROSE and is_whole and paragraph.role in ("text", "row")

"""The text of a file -> its raw paragraphs, normalised and free of markup, nothing judged yet.

Plain text, Markdown and HTML all become paragraphs, each with the role that markup gave it and the
number of the box, or of the block between blank lines, that it stands in. Hidden elements never
come along.
"""

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import markdown_it

from index.cleaning.structure import prune
from index.cleaning.tree import Block, Role, blocks, load_tree

MARKUP = re.compile(r"</?(?:p|div|br|h[1-6]|script|style|span|a|figure|ul|li)\b[^<>]{0,2000}>|<!--")
BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
SPACES = re.compile(r"[^\S\n]+")
LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\ufffd\ue000-\uf8ff]")
FINAL_STOP = re.compile(r"[.!?…;:。！？।؟۔]['\"”’»)\]]{0,3}$")
ADDRESS_LAST = re.compile(r"(?:https?://|www\.)\S+$")
HEADLINE_END = re.compile(r"[^\W\d_A-Z][^@/:]* [^@/:]*")  # goes on in small letters
WRAP_WIDTHS = range(40, 111)
NARROW_WIDTHS = range(24, 56)
FEWEST_NARROW = 3  # lines
PAIR = 2
SLACK = 4  # letters that a justified column leaves
FEWEST_COLUMN = 6  # lines of a text that nothing parts into paragraphs
RAGGED = 14  # letters that a full line may be shorter or longer
FEWEST_GOING_ON = 5  # one line in so many goes on in the midst of a sentence


@dataclass(frozen=True)
class Paragraph:
    """One paragraph on one line, with the role that its markup gave it.

    `box` numbers the box, or the block between blank lines, that it stands in; 0 is the body of a
    page with markup. `doubt` says how much the markup speaks against it: -1 it speaks for it, 0
    nothing, 1 a box unlike those of the body, 2 one with a suspect name, 3 nothing speaks for it.
    """

    text: str
    role: Role = "text"
    box: int = 0
    doubt: int = 0


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
    whole = normalised(html.unescape(text))
    widest = max(map(len, whole.split("\n")))
    width = widest if widest in WRAP_WIDTHS else 0
    return [
        Paragraph(line, box=number)
        for number, block in enumerate(BLANK_LINES.split(whole), 1)
        for line in _lines(block, width=width)
    ]


def markdown_paragraphs(text: str) -> list[Paragraph]:
    """The rendered blocks of CommonMark; an image's alt text is a caption."""
    rendered = markdown_it.MarkdownIt("commonmark", {"html": True}).render(text)
    return _tree_paragraphs(rendered, keep_lines=True)


def html_paragraphs(text: str) -> list[Paragraph]:
    """Every visible block of an HTML fragment, in order."""
    return _tree_paragraphs(text, keep_lines=False)


def block_paragraphs(found: Iterable[Block]) -> list[tuple[Block, Paragraph]]:
    """The paragraphs of blocks, each with the block that it stands in."""
    return [
        (block, Paragraph(line, block.role))
        for block in found
        for part in BLANK_LINES.split(normalised(block.text))
        for line in _lines(part)
    ]


def _tree_paragraphs(source: str, *, keep_lines: bool) -> list[Paragraph]:
    tree = load_tree(source)
    if tree is None:
        return []
    prune(tree)
    return [paragraph for _, paragraph in block_paragraphs(blocks(tree, keep_lines=keep_lines))]


def _stripped(line: str) -> str:
    return line.strip().removeprefix("^")  # as wires mark a headline or a byline


def _lines(block: str, *, width: int = 0) -> list[str]:
    """The paragraphs of a block: its lines, or all of them as one where they were wrapped.

    `width` is that of a text of which no line is wider than a typewriter's, else 0.
    """
    lines = [line for line in map(_stripped, block.split("\n")) if line]
    if _is_wrapped(lines) or (width and _is_cut(lines, width=width)):
        return [" ".join(lines)]
    lines = _with_broken_headlines(lines) if width else lines
    usual = sorted(map(len, lines))[len(lines) * 3 // 4] if len(lines) >= FEWEST_COLUMN else 0
    return _unwrapped(lines, usual=usual) if usual in WRAP_WIDTHS else lines


def _with_broken_headlines(lines: list[str]) -> list[str]:
    """The lines, of which one that goes on in small letters below a capital is one with it."""
    whole: list[str] = []
    for place, line in enumerate(lines):
        below = lines[place + 1] if place + 1 < len(lines) else ""
        if (
            place == 1
            and HEADLINE_END.fullmatch(line)
            and whole[0][0].isupper()
            and not FINAL_STOP.search(whole[0])
            and not below[:1].islower()
        ):
            whole[0] += f" {line}"
        else:
            whole.append(line)
    return whole


def _unwrapped(lines: list[str], *, usual: int) -> list[str]:
    """The paragraphs of a column that nothing parts: a full line without a stop goes on.

    `usual` is the length of its full lines; the lines are as they were where few are as long.
    """
    is_full = [usual - RAGGED <= len(line) <= usual + RAGGED for line in lines]
    goes_on = [
        full and not FINAL_STOP.search(line) and below[0].islower()
        for full, line, below in zip(is_full, lines, lines[1:], strict=False)
    ]
    if 2 * sum(is_full) < len(lines) or FEWEST_GOING_ON * sum(goes_on) < len(lines):
        return lines
    paragraphs = [lines[0]]
    for full, line, below in zip(is_full, lines, lines[1:], strict=False):
        if full and not FINAL_STOP.search(line):
            paragraphs[-1] += f" {below}"
        else:
            paragraphs.append(below)
    return paragraphs


def _is_wrapped(lines: list[str]) -> bool:
    """Whether a block is one paragraph, broken at a column, rather than one paragraph a line."""
    if len(lines) <= 1:
        return False
    broken_inside = [line for line in lines[:-1] if not FINAL_STOP.search(line)]
    goes_on = [line for line in lines[1:] if line[0].islower() or line[0] in "“\"‘'(—–"]
    if len(lines[1:]) == 1:
        return bool(broken_inside and goes_on and len(lines[0]) in WRAP_WIDTHS)
    widths_agree = all(len(line) in WRAP_WIDTHS for line in lines[:-1])
    return bool(broken_inside and goes_on) and (widths_agree or _is_narrow(lines))


def _is_cut(lines: list[str], *, width: int) -> bool:
    """Whether the first of two lines is cut where the text's width ends, within a sentence."""
    if len(lines) != PAIR or FINAL_STOP.search(lines[0]) or ADDRESS_LAST.search(lines[0]):
        return False
    return len(lines[0]) + 1 + len(lines[1].split(" ", 1)[0]) > width - SLACK


def _is_narrow(lines: list[str]) -> bool:
    """Whether a block is a newspaper's column, of which each word that fits stands on its line."""
    widest = max(map(len, lines))
    return (
        len(lines) >= FEWEST_NARROW
        and widest in NARROW_WIDTHS
        and all(
            len(line) + 1 + len(below.split(" ", 1)[0]) > widest - SLACK
            for line, below in pairwise(lines)
        )
    )

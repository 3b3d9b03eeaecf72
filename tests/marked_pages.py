"""Pages whose lines are marked as reporting or furniture; how much of either stands in a text."""

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path

from index.articles import Article, read_articles

PAGES = Path(__file__).parent / "data" / "pages"


@dataclass(frozen=True)
class Page:
    """A page whose lines are marked: + reporting, c caption, - furniture, blank for structure."""

    path: Path
    expected: dict[str, str | None]
    body: str
    lines: dict[str, list[str]]


def load_page(path: Path) -> Page:
    """The page without its marks, and what the marks say."""
    first, *lines = path.read_text().split("\n")
    marked: dict[str, list[str]] = {"+": [], "c": [], "-": []}
    for line in lines:
        if line[:1] in marked and (words := visible_words(line[2:])):
            marked[line[0]].append(words)
    return Page(path, json.loads(first), "\n".join(line[2:] for line in lines), marked)


def visible_words(line: str) -> str:
    """A line of text, Markdown or HTML as a reader sees it."""
    line = html.unescape(re.sub(r"<[^>]+>", " ", line))
    line = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", line).replace("**", "")
    return " ".join(line.lstrip("#>-* ").rstrip("* ").split())


def read_page(page: Page, folder: Path) -> Article:
    """The article that the page's file becomes."""
    file = folder / page.path.name
    file.write_text(page.body)
    return read_articles(file)[0]


def found_share(lines: list[str], text: str, *, alone: bool) -> tuple[int, int]:
    """Characters of the lines' sentences that stand in the text, and all of them."""
    sentences = [part for line in lines for part in re.split(r"(?<=[.!?]) ", line)]
    inside = [sentence for sentence in sentences if stands_in(sentence, text, alone=alone)]
    return sum(map(len, inside)), sum(map(len, sentences))


def stands_in(sentence: str, text: str, *, alone: bool) -> bool:
    """Whether a sentence is in the text; a short one (Share) `alone`, as a whole paragraph."""
    if alone and len(sentence) <= 30:
        return sentence in text.split("\n\n")
    return without_bars(sentence) in without_bars(text)


def without_bars(text: str) -> str:
    """The words of a text with one space between them, and none of the bars of a table's row."""
    return " ".join(text.replace("|", " ").split())

"""Article -> Passages and Sentences, every one an exact span of the article's text.

Kept simple on purpose: paragraphs are never cut unless one alone is over the limit, sentences are
never cut at all, and passages do not overlap (near-copies would fill the ranked list).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sentencex import get_sentence_boundaries

from index.articles import Article

MAX_WORDS = 160
"""Words in a passage: about 210 tokens, which with its header fits the embedding model's 256."""

_BETWEEN_PARAGRAPHS = re.compile(r"\n\s*\n|\Z")
_ABBREVIATED_TITLE = re.compile(
    r"(?:^|[\s(“\"‘])(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Sgt|Maj|Capt|Adm|Sen|Rep|Gov|Pres|St|Hon|Rev)\.$"
)
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*")
"""A credit or another remark in brackets belongs to the sentence before it."""


@dataclass(frozen=True)
class Sentence:
    """The span [start, end) of an article's text; `caption` says it stands under a picture."""

    start: int
    end: int
    caption: bool = False


@dataclass(frozen=True)
class Passage:
    """A run of whole paragraphs, the span [start, end) of an article's text, with its sentences."""

    start: int
    end: int
    sentences: tuple[Sentence, ...]


def split_passages(article: Article) -> list[Passage]:
    """Cut an article into passages in order; one longer than MAX_WORDS is a single sentence."""
    passages: list[Passage] = []
    run: list[Sentence] = []
    words = 0
    for block in _blocks(article):
        size = sum(_count_words(article.text, sentence) for sentence in block)
        if run and words + size > MAX_WORDS:
            passages.append(_passage(run))
            run, words = [], 0
        run.extend(block)
        words += size
    if run:
        passages.append(_passage(run))
    return passages


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Cut one paragraph into sentence spans [start, end) without surrounding white space."""
    spans: list[tuple[int, int]] = []
    open_start: int | None = None
    for boundary in get_sentence_boundaries("en", text):
        start = boundary["start_index"] if open_start is None else open_start
        piece = text[start : boundary["end_index"]]
        if _ABBREVIATED_TITLE.search(piece.rstrip()):
            open_start = start
            continue
        open_start = None
        if spans and _ASIDE.fullmatch(piece):
            spans[-1] = _trim(text, spans[-1][0], boundary["end_index"])
        elif piece.strip():
            spans.append(_trim(text, start, boundary["end_index"]))
    if open_start is not None:
        spans.append(_trim(text, open_start, len(text)))
    return spans


def _blocks(article: Article) -> Iterator[list[Sentence]]:
    """The paragraphs as lists of sentences; one over the limit comes in several blocks."""
    for begin, paragraph in _paragraphs(article.text):
        caption = any(start <= begin < end for start, end in article.captions)
        block: list[Sentence] = []
        words = 0
        for start, end in split_sentences(paragraph):
            sentence = Sentence(begin + start, begin + end, caption)
            size = _count_words(article.text, sentence)
            if block and words + size > MAX_WORDS:
                yield block
                block, words = [], 0
            block.append(sentence)
            words += size
        if block:
            yield block


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Where each begins, and what it says, without the white space around it."""
    begin = 0
    for between in _BETWEEN_PARAGRAPHS.finditer(text):
        paragraph = text[begin : between.start()]
        stripped = paragraph.lstrip()
        if stripped:
            yield begin + len(paragraph) - len(stripped), stripped.rstrip()
        begin = between.end()


def _passage(sentences: list[Sentence]) -> Passage:
    return Passage(sentences[0].start, sentences[-1].end, tuple(sentences))


def _count_words(text: str, sentence: Sentence) -> int:
    return len(text[sentence.start : sentence.end].split())


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while text[start].isspace():
        start += 1
    while text[end - 1].isspace():
        end -= 1
    return start, end

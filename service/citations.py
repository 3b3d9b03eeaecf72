"""Draft + evidence -> checked sentences, each with the evidence it rests on (pure).

The model writes sentences that end in marks such as [1][3]. A sentence is kept when its numbers,
names, negation and content words stand in the sentences it cites; where the marks are wrong but
another piece of evidence holds the sentence by the same rules, that one is cited instead.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.passages import split_sentences
from service.claims import Claim, holds_word, read_claim, stem
from service.evidence import EvidenceSentence
from service.prose import MAX_CHARACTERS, find_disorder
from service.transfers import find_turned

MIN_COVERED = 0.7
"""Share of a sentence's content words that its quotes hold, by weight of one each."""

HALF = 0.5
"""A citation that holds less of the sentence than this goes, where the others hold all of it."""

MAX_CITED = 3
"""Evidence sentences that one answer sentence may rest on."""

MAX_DRAFT = 4000
"""Characters of a draft that are read; a long list answer has some 700."""

_MARK = re.compile(r"\[(\d{1,3}(?:\s?,\s?\d{1,3})*)\]")
_MARK_RUN = re.compile(
    r"\[\d{1,3}(?:\s?,\s?\d{1,3})*\](?:(?:\s|,|and)*+\[\d{1,3}(?:\s?,\s?\d{1,3})*\])*+"
)
"""Marks with what stands between them: [1][2], or [1], [2] and [3]."""

_SENTENCE_END = re.compile(r"\s*[.!?]?(?=\s+[A-Z“\"'‘\d]|\s*$)")
"""What follows the marks of a sentence that ends with them."""

_WEEKDAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
_BULLET = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")
_QUOTED = re.compile(r"[“\"]([^“”\"]{3,})[”\"]")


@dataclass(frozen=True)
class DraftSentence:
    """One sentence that the model wrote, without its marks, and the numbers in them."""

    text: str
    marks: tuple[int, ...]


@dataclass(frozen=True)
class CheckedSentence:
    """A draft sentence with the evidence that supports it, or the reason why it is removed."""

    text: str
    evidence: tuple[EvidenceSentence, ...]
    reason: str | None

    @property
    def supported(self) -> bool:
        return self.reason is None


class DraftReader:
    """Collects a streamed draft and gives out each sentence once its marks are complete."""

    def __init__(self) -> None:
        self._waiting = ""
        self._taken = 0

    @property
    def rambles(self) -> bool:
        """Whether the draft is too long, or its last line without an end or a mark."""
        unmarked = self._waiting.rpartition("]")[2]
        return self._taken > MAX_DRAFT or len(unmarked) > MAX_CHARACTERS

    def feed(self, piece: str) -> list[DraftSentence]:
        """The sentences that `piece` completes: those followed by the start of a new line."""
        self._taken += len(piece)
        *lines, self._waiting = (self._waiting + piece).split("\n")
        return [sentence for line in lines for sentence in _read_line(line)]

    def finish(self) -> list[DraftSentence]:
        """The sentences of what is left at the end of the draft."""
        rest, self._waiting = self._waiting, ""
        return list(_read_line(rest))


def check(sentence: DraftSentence, evidence: Sequence[EvidenceSentence]) -> CheckedSentence:
    """Keep `sentence` with the evidence that supports it, or say why it is removed."""
    if disorder := find_disorder(sentence.text, "\n".join(found.text for found in evidence)):
        return CheckedSentence(sentence.text, (), disorder)
    by_number = {found.number: found for found in evidence}
    unknown = [mark for mark in sentence.marks if mark not in by_number]
    cited = [by_number[mark] for mark in sentence.marks if mark in by_number]
    reason = find_fault(sentence.text, cited) if cited else _no_citation(unknown)
    if reason is None:
        return CheckedSentence(sentence.text, _needed(sentence.text, cited), None)
    for support in _other_support(cited, evidence):
        if find_fault(sentence.text, support) is None:
            return CheckedSentence(sentence.text, _needed(sentence.text, support), None)
    return CheckedSentence(sentence.text, (), reason)


def find_fault(text: str, cited: Sequence[EvidenceSentence]) -> str | None:
    """Why the cited sentences do not hold what `text` says, or None when they do."""
    claim = read_claim(text)
    quotes = [read_claim(found.text) for found in cited]
    held = frozenset().union(*(quote.words for quote in quotes))
    context = read_claim(" ".join(_origin(found) for found in cited))
    numbers = frozenset().union(*(quote.numbers for quote in quotes)) | context.numbers
    for number in sorted(claim.numbers - numbers):
        return f"number {number:g} is in no cited sentence"
    for name in sorted(claim.names):
        if not holds_word(held | context.words | context.names, name):
            return f"name {name!r} is in no cited sentence"
    if misplaced := _find_misplaced_number(text, cited):
        return misplaced
    if misplaced := _find_misplaced_day(text, cited):
        return misplaced
    for quotation in _QUOTED.findall(text):
        if not any(_plain(quotation) in _plain(found.text) for found in cited):
            return f"the quotation {quotation!r} is in no cited sentence"
    return (
        _find_uncovered(claim, held | context.words)
        or _find_turned(claim, quotes)
        or find_turned(text, [found.text for found in cited])
    )


def _find_uncovered(claim: Claim, held: frozenset[str]) -> str | None:
    """Content words that no cited sentence holds, where there are too many of them."""
    if not claim.words:
        return "it says nothing that can be checked"
    missing = [word for word in claim.words if not holds_word(held, word)]
    if 1 - len(missing) / len(claim.words) < MIN_COVERED:
        return "too little of it is in the cited sentences: " + ", ".join(sorted(missing))
    return None


def _find_misplaced_number(text: str, cited: Sequence[EvidenceSentence]) -> str | None:
    """A number whose clause names what no cited sentence with that number names.

    "200 km from Moscow" is not supported by one sentence with 200 km and another with Moscow.
    """
    for clause in re.split(r"[,;:]\s|\band\b", text):
        claim = read_claim(f"x {clause}")
        for number in claim.numbers:
            holders = [found for found in cited if number in read_claim(found.text).numbers]
            words = [read_claim(f"{found.text} {_origin(found)}").words for found in holders]
            if words and not any(all(holds_word(w, name) for name in claim.names) for w in words):
                return f"number {number:g} stands in no cited sentence with what it is about"
    return None


def _find_misplaced_day(text: str, cited: Sequence[EvidenceSentence]) -> str | None:
    """A weekday that only a quote about something else has."""
    for day in _WEEKDAY.findall(text):
        words = read_claim(text).words - {stem(day)}
        holders = [
            read_claim(f.text).words
            for f in cited
            if holds_word(read_claim(f.text).words, stem(day))
        ]
        if holders and not any(
            2 * sum(holds_word(held, word) for word in words) >= len(words) for held in holders
        ):
            return f"{day} stands in no cited sentence with what it is about"
    return None


def _find_turned(claim: Claim, quotes: Sequence[Claim]) -> str | None:
    """A negation that one side has and the other has not, on the words that both share."""
    plain = frozenset().union(*(quote.words - quote.negated for quote in quotes))
    negated = frozenset().union(*(quote.negated for quote in quotes))
    if claim.negated and not any(quote.negated for quote in quotes):
        return "the cited sentences do not deny it"
    asserted = claim.words - claim.negated
    only_negated = [
        word for word in asserted if holds_word(negated, word) and not holds_word(plain, word)
    ]
    if only_negated and not claim.negated and len(only_negated) * 2 >= len(asserted):
        return "the cited sentences deny it"
    return None


def _other_support(
    cited: Sequence[EvidenceSentence], evidence: Sequence[EvidenceSentence]
) -> Iterator[list[EvidenceSentence]]:
    """Other sets of evidence to try: the cited ones with one more, then each one alone."""
    others = [found for found in evidence if found not in cited]
    if cited and len(cited) < MAX_CITED:
        yield from ([*cited, other] for other in others)
    yield from ([other] for other in others)


def _needed(text: str, cited: Sequence[EvidenceSentence]) -> tuple[EvidenceSentence, ...]:
    """The cited sentences without those that add nothing the better ones do not hold already."""
    claim = read_claim(text)
    kept = list(dict.fromkeys(cited))
    for found in sorted(kept, key=lambda found: _share(claim, found)):
        rest = [other for other in kept if other is not found]
        if rest and find_fault(text, rest) is None and _share(claim, found) < HALF:
            kept = rest
    return tuple(kept[:MAX_CITED] if find_fault(text, kept[:MAX_CITED]) is None else kept)


def _share(claim: Claim, found: EvidenceSentence) -> float:
    held = read_claim(found.text)
    words = sum(holds_word(held.words, word) for word in claim.words)
    total = len(claim.words) + len(claim.numbers)
    return (words + len(claim.numbers & held.numbers)) / total if total else 0.0


def _read_line(line: str) -> Iterator[DraftSentence]:
    """The sentences of one line; one ends with its marks or, without any, with its full stop."""
    line = _BULLET.sub("", " ".join(line.replace("**", "").split()))
    ends = (_SENTENCE_END.match(line, run.end()) for run in _MARK_RUN.finditer(line))
    start = 0
    for end in [*(match.end() for match in ends if match), len(line)]:
        yield from _read_unit(line[start:end].strip())
        start = end


def _read_unit(unit: str) -> Iterator[DraftSentence]:
    """The sentences of a run of text that ends in marks; those before the last carry their own."""
    spans = split_sentences(unit) if unit else []
    pieces = [unit[start:end] for start, end in spans]
    while len(pieces) > 1 and not _MARK_RUN.sub("", pieces[-1]).strip(" .!?,"):
        pieces[-2:] = [" ".join(pieces[-2:])]
    for piece in pieces:
        marks = [int(n) for group in _MARK.findall(piece) for n in group.split(",")]
        text = _tidy(_MARK_RUN.sub("", piece))
        if text:
            yield DraftSentence(text, tuple(dict.fromkeys(marks)))


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\s+([,.;:!?])", r"\1", text)
    text = re.sub(r"([.!?])\.+$", r"\1", text)
    if text and text[-1] not in '.!?”"':
        text += "."
    return text if any(char.isalnum() for char in text) else ""


def _no_citation(unknown: Sequence[int]) -> str:
    if unknown:
        return f"it cites [{unknown[0]}], which is not among the evidence"
    return "it cites nothing"


def _origin(found: EvidenceSentence) -> str:
    """What the answer may say of where a quote is from: publisher, title and date."""
    articles = [found.article, *(span.article for span in found.also_in)]
    days = [
        f"{article.published.day} {article.published:%B %Y}"
        for article in articles
        if article.published
    ]
    return " . ".join([*(f"x {a.source or ''} . x {a.title}" for a in articles), *days])


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.lower()).strip()

"""Draft + evidence -> checked sentences, each with the evidence it rests on (pure).

The model writes sentences that end in marks such as [1][3]. A sentence is kept when its numbers,
names, negation and content words stand in the sentences it cites; where the marks are wrong but
another piece of evidence holds the sentence by the same rules, that one is cited instead.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from index.articles import Article
from index.passages import split_passages, split_sentences
from service.claims import Claim, read_claim, read_denied
from service.evidence import EvidenceSentence, Span
from service.prose import MAX_CHARACTERS, find_disorder
from service.repairs import retell_day, shorten
from service.support.days import CONTRADICTED
from service.support.faults import find_fault
from service.words import holds_all, holds_word, unheld

HALF = 0.5
"""A citation that holds less of the sentence than this goes, where the others hold all of it."""

DENIED = 0.7
"""Share of a sentence that another one holds which denies it at a word."""

MAX_CITED = 3
"""Evidence sentences that one answer sentence may rest on."""

MAX_DRAFT = 4000
"""Characters of a draft that are read; a long list answer has some 700."""

_MARK = re.compile(r"\[(\d{1,3}(?:\s?,\s?\d{1,3})*)\]")
_MARK_RUN = re.compile(
    r"\[\d{1,3}(?:\s?,\s?\d{1,3})*\](?:(?:\s|,|and)*+\[\d{1,3}(?:\s?,\s?\d{1,3})*\])*+"
)
"""Marks with what stands between them: [1][2], or [1], [2] and [3]."""

_FIRST_MARKS = re.compile(rf"{_MARK_RUN.pattern}[\s:–-]*(?=\S)")
"""Marks before what rests on them, where another model puts them."""

_SENTENCE_END = re.compile(r"\s*[.!?]?(?=\s+[A-Z“\"'‘\d]|\s*$)")
"""What follows the marks of a sentence that ends with them."""

_SENTENCE_ENDS = (".", "!", "?", "”", '"', "’", ")")
"""What a crosshead does not end with."""

_PRONOUN = re.compile(
    r"\b(?:he|him|his|she|her|hers|they|them|their|it|its|this|that|these|those|there)\b",
    re.IGNORECASE,
)
_HE = re.compile(r"\b(?:he|she|they)\b", re.IGNORECASE)
NEIGHBOURS = 2
"""Sentences before a quote in which the name that its pronoun stands for is looked for."""

_ANAPHOR = re.compile(rf"{_PRONOUN.pattern}|\bthe\s[a-z]", re.IGNORECASE)
"""What may mean something that the question names: it, the club."""

MEANT_WITHIN = 3
"""Sentences before a quote that say what of the question it means."""

_COUNTRY = re.compile(r"\bU\. (?=[KNS]\.)")
"""The start of U. S., as a small model writes what it reads as U.S."""

_BULLET = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")


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


def check(
    sentence: DraftSentence, evidence: Sequence[EvidenceSentence], *, question: str = ""
) -> CheckedSentence:
    """Keep `sentence` with the evidence that supports it, or say why it is removed.

    A name of the question may stand shortly before a quote that has another word for it. Where only
    a name is too much, the sentence is kept without it.
    """
    checked = _find_support(sentence, evidence, question)
    denied = checked.supported and _find_denied(checked.text, checked.evidence, evidence)
    return CheckedSentence(checked.text, (), denied) if denied else checked


def check_reworded(
    sentence: DraftSentence, evidence: Sequence[EvidenceSentence], *, question: str = ""
) -> CheckedSentence:
    """As `check` of what the sentence's own marks cite, however few of its words they have.

    Whether they mean the same is left to somebody else. Numbers, names, days and negations are not.
    """
    cited, disorder = _read_cited(sentence, evidence)
    cited = cited[:MAX_CITED]
    reason = disorder or (
        find_fault(sentence.text, cited, question, reworded=True)
        or _find_denied(sentence.text, cited, evidence)
        if cited
        else _no_citation(sentence.marks)
    )
    return CheckedSentence(sentence.text, () if reason else tuple(cited), reason)


def _read_cited(
    sentence: DraftSentence, evidence: Sequence[EvidenceSentence]
) -> tuple[list[EvidenceSentence], str | None]:
    """What its marks cite, and why it is no plain sentence, if so."""
    by_number = {found.number: found for found in evidence}
    cited = [by_number[mark] for mark in sentence.marks if mark in by_number]
    return cited, find_disorder(sentence.text, "\n".join(found.text for found in evidence))


def _find_support(
    sentence: DraftSentence, evidence: Sequence[EvidenceSentence], question: str
) -> CheckedSentence:
    """`sentence` with what it cites or, where that does not hold it, with other evidence."""
    text = sentence.text
    cited, disorder = _read_cited(sentence, evidence)
    if disorder:
        return CheckedSentence(text, (), disorder)
    reason = find_fault(text, cited, question) if cited else _no_citation(sentence.marks)
    if reason is None:
        return CheckedSentence(text, _needed(text, cited, question), None)
    others = [found for found in evidence if found not in cited]
    contradicted = reason.startswith(CONTRADICTED)
    for support in [] if contradicted else _other_support(cited, others):
        if find_fault(text, support, question) is None:
            return CheckedSentence(text, _needed(text, support, question), None)
    for found in [] if contradicted else [*cited, *others]:
        for before in _before(found, _ANAPHOR, MEANT_WITHIN):
            meant = _means(question, before)
            if meant.words and find_fault(text, [found], question, meant=meant) is None:
                return CheckedSentence(text, (found, before), None)
    return _repair(sentence, cited, evidence, question, reason)


def _repair(
    sentence: DraftSentence,
    cited: Sequence[EvidenceSentence],
    evidence: Sequence[EvidenceSentence],
    question: str,
    reason: str,
) -> CheckedSentence:
    """`sentence` with its day as a quote has it, or without a name; else the reason why it goes."""
    others = [found for found in evidence if found not in cited]
    for support in (list(cited), *_other_support(cited, others)):
        for retold in retell_day(sentence.text, support):
            if find_fault(retold, support, question) is None:
                return CheckedSentence(retold, _needed(retold, support, question), None)
    quoted = " ".join(found.text for found in evidence)
    for shorter in shorten(sentence.text, reason, question=question, quoted=quoted):
        repaired = check(replace(sentence, text=shorter), evidence, question=question)
        if repaired.supported:
            return repaired
    return CheckedSentence(sentence.text, (), reason)


def _find_denied(
    text: str, cited: Sequence[EvidenceSentence], evidence: Sequence[EvidenceSentence]
) -> str | None:
    """Why another sentence that tells of the same denies `text`; None where none does.

    It has as much of it as what is cited, or what that lacks: he was found guilty, and pleaded not
    guilty, so that he pleaded guilty is told by neither.
    """
    claim = read_claim(text)
    if claim.negated:
        return None
    names = read_claim(f"x {text}").names
    held = read_claim("\n".join(found.text for found in cited)).words
    lacking = unheld(held, claim.words)
    best = max(_share(claim, found) for found in cited)
    for found in evidence:
        told = read_claim(found.text).words
        denied = [word for word in claim.words - names if word in read_denied(found.text)]
        fills = lacking and holds_all(told, lacking)
        least = HALF if fills else max(best, DENIED)
        if denied and found not in cited and _share(claim, found) >= least:
            return f"another sentence denies it: {found.text}"
    return None


def _other_support(
    cited: Sequence[EvidenceSentence], others: Sequence[EvidenceSentence]
) -> Iterator[list[EvidenceSentence]]:
    """Other sets of evidence to try: the cited ones with one more, then each one alone.

    First comes what stands before a cited sentence and names whom its pronoun means.
    """
    if len(cited) < MAX_CITED:
        yield from ([*cited, before] for found in cited for before in neighbours(found))
    if cited and len(cited) < MAX_CITED:
        yield from ([*cited, other] for other in others)
    yield from ([other] for other in others)


def neighbours(found: EvidenceSentence) -> list[EvidenceSentence]:
    """The sentences before one with a pronoun, in its article, the nearest first."""
    return _before(found, _PRONOUN, NEIGHBOURS)


def _before(found: EvidenceSentence, sign: re.Pattern[str], most: int) -> list[EvidenceSentence]:
    """At most that many sentences before one that bears the `sign`, the nearest first."""
    if not sign.search(found.text):
        return []
    before = [
        span
        for span in _sentences(found.article)
        if span.end <= found.span.start and span.text.endswith(_SENTENCE_ENDS)
    ]
    return [replace(found, number=0, span=span, also_in=()) for span in before[: -most - 1 : -1]]


def _means(question: str, before: EvidenceSentence) -> Claim:
    """The names of the question, with its numbers, that the sentence `before` a quote has."""
    asked, told = read_claim(question), read_claim(f"x {before.text}")
    names = told.names & asked.words
    return Claim(told.numbers & asked.numbers, names, names, frozenset())


@lru_cache(maxsize=256)
def _sentences(article: Article) -> tuple[Span, ...]:
    return tuple(
        Span(article, one.start, one.end)
        for passage in split_passages(article)
        for one in passage.sentences
    )


def _needed(
    text: str, cited: Sequence[EvidenceSentence], question: str
) -> tuple[EvidenceSentence, ...]:
    """The cited sentences without those that add nothing the better ones do not hold already."""
    claim = read_claim(text)
    kept = list(dict.fromkeys(cited))
    for found in sorted(kept, key=lambda found: _share(claim, found)):
        rest = [other for other in kept if other is not found]
        if rest and find_fault(text, rest, question) is None and _share(claim, found) < HALF:
            kept = rest
    fewer = kept[:MAX_CITED]
    return _with_named(text, fewer if find_fault(text, fewer, question) is None else kept)


def _with_named(text: str, cited: Sequence[EvidenceSentence]) -> tuple[EvidenceSentence, ...]:
    """What is cited, with the sentence that says who "he" is where no quote has a name of `text`.

    Such a name would rest on the title of the article alone.
    """
    names = read_claim(f"x {text}").names
    held = read_claim("\n".join(found.text for found in cited)).words
    if len(cited) == MAX_CITED or any(holds_word(held, name) for name in names):
        return tuple(cited)
    named = [
        before
        for found in cited
        if _HE.search(found.text)
        for before in neighbours(found)
        if any(holds_word(read_claim(before.text).words, name) for name in names)
    ]
    return (*cited, *named[:1])


def _share(claim: Claim, found: EvidenceSentence) -> float:
    held = read_claim(found.text)
    words = sum(holds_word(held.words, word) for word in claim.words)
    total = len(claim.words) + len(claim.numbers)
    return (words + len(claim.numbers & held.numbers)) / total if total else 0.0


def _read_line(line: str) -> Iterator[DraftSentence]:
    """The sentences of one line; one ends with its marks or, without any, with its full stop.

    Marks that only begin the line are those of all its sentences.
    """
    line = _BULLET.sub("", _COUNTRY.sub("U.", " ".join(line.replace("**", "").split())))
    first = _FIRST_MARKS.match(line)
    if first and not _MARK.search(line, first.end()):
        marks = _read_marks(first[0])
        yield from (replace(one, marks=marks) for one in _read_unit(line[first.end() :]))
        return
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
        text = _tidy(_MARK_RUN.sub("", piece))
        if text:
            yield DraftSentence(text, _read_marks(piece))


def _read_marks(text: str) -> tuple[int, ...]:
    """The numbers in the marks of `text`, each once."""
    numbers = [int(n) for group in _MARK.findall(text) for n in group.split(",")]
    return tuple(dict.fromkeys(numbers))


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

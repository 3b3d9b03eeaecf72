"""A question and its ranked passages -> numbered sentences within a token budget.

A sentence's score joins how near its own vector is to the question, how many of the question's
words it holds, and how well its passage ranked. Sentences that say the same in the same words
count once, with all their articles remembered.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np

from index.articles import Article
from index.engine import Vectors
from index.generation import StoredPassage
from index.hints import spell_publisher
from index.ranking import RankedPassage, Ranking
from service.claims import Claim, read_claim
from service.dates import read_dates
from service.orders import is_order
from service.words import holds_word

MAX_SENTENCES = 10
MAX_TOKENS = 420
"""What the model is shown at most; more costs seconds on a processor and answers no better."""

PASSAGES_READ = 12
"""Ranked passages whose sentences are weighed."""

CHARACTERS_PER_TOKEN = 4.2
"""Of English news in the embedded model's vocabulary."""

WORD_WEIGHT = 0.6
PASSAGE_WEIGHT = 0.25
"""What a sentence's share of the question's words, and its passage's cosine, add to its cosine."""

RESERVE = 40
"""Further sentences that are kept at hand without being shown to the model."""

SURE_SENTENCES = 7
"""Those chosen by score alone; the rest may be chosen for what the first ones lack."""

COVER_WEIGHT = 1.0
FEEDBACK_WEIGHT = 0.3
FEEDBACK_SENTENCES = 3
"""What holding a missing word of the question, and nearness to the best few sentences, add then."""

DAY_WEIGHT = 0.3
"""What it adds that a sentence tells of a day that the question names."""

NEIGHBOUR_WEIGHT = 0.5
"""The part of the way that a sentence rises towards the better one beside it."""

MIN_WORDS = 4
"""A crosshead or a label is no evidence."""

SAME_WORDS = 0.8
"""Share of common words above which two sentences with the same numbers are one."""


@dataclass(frozen=True)
class Span:
    """The place [start, end) of an article's text."""

    article: Article
    start: int
    end: int

    @cached_property
    def text(self) -> str:
        return self.article.text[self.start : self.end]


@dataclass(frozen=True)
class EvidenceSentence:
    """One sentence that the model may cite as `number`; `also_in` are its near-copies elsewhere."""

    number: int
    span: Span
    score: float
    vector: Vectors = field(repr=False, compare=False)
    """Unit vector [dimension]."""
    also_in: tuple[Span, ...] = ()

    @property
    def text(self) -> str:
        return self.span.text

    @property
    def article(self) -> Article:
        return self.span.article


@dataclass(frozen=True)
class Evidence:
    """Sentences numbered from 1, best first.

    The model is shown `sentences`; those in `reserve` come next and can be quoted all the same.
    """

    sentences: tuple[EvidenceSentence, ...]
    reserve: tuple[EvidenceSentence, ...]
    searched: tuple[str, ...] = field(repr=False)
    """The articles of the passages read: title, publisher and text."""

    @property
    def at_hand(self) -> tuple[EvidenceSentence, ...]:
        """All that can be quoted, what the model is shown first."""
        return (*self.sentences, *self.reserve)

    @property
    def strength(self) -> float:
        """The best sentence's score, 0 without any."""
        return self.sentences[0].score if self.sentences else 0.0


def select(question: str, ranking: Ranking) -> Evidence:
    """The sentences that speak to `question` best, at most MAX_SENTENCES and MAX_TOKENS tokens."""
    passages = ranking.passages[:PASSAGES_READ]
    weights = _word_weights(question, passages)
    days = _days_asked(question, passages)
    scored = _score(weights, days, passages, ranking.question_vector)
    chosen = _choose(scored, [], limit=SURE_SENTENCES)
    again = _look_again(scored, chosen, weights)
    chosen = _choose(again, chosen, limit=MAX_SENTENCES)
    wider = _choose(again, chosen, limit=MAX_SENTENCES + RESERVE, max_tokens=math.inf)
    copies = _sentences_of([copy for ranked in passages for copy in ranked.copies])
    numbered = [
        replace(_with_copies(found, copies), number=n) for n, found in enumerate(wider, start=1)
    ]
    articles = {ranked.passage.article.id: ranked.passage.article for ranked in ranking.passages}
    return Evidence(
        sentences=tuple(numbered[: len(chosen)]),
        reserve=tuple(numbered[len(chosen) :]),
        searched=tuple(
            f"{article.title}\n{_publisher(article, question)}\n{article.text}"
            for article in articles.values()
        ),
    )


def _publisher(article: Article, question: str) -> str:
    """The words by which `question` may name the publisher."""
    return spell_publisher(article.source or "", question).replace(".", " ")


def _choose(
    scored: Sequence[EvidenceSentence],
    chosen: list[EvidenceSentence],
    *,
    limit: int,
    max_tokens: float = MAX_TOKENS,
) -> list[EvidenceSentence]:
    """`chosen` with the next of `scored` up to `limit`, near-copies remembered, not repeated."""
    kept = _Distinct(chosen)
    tokens = sum(count_tokens(found.text) for found in chosen)
    for sentence in scored:
        claim = read_claim(sentence.text)
        twin = kept.find_twin(sentence, claim)
        if twin is not None:
            kept.sentences[twin] = _with_copy(kept.sentences[twin], sentence)
        elif len(kept.sentences) < limit and tokens + count_tokens(sentence.text) <= max_tokens:
            kept.add(sentence, claim)
            tokens += count_tokens(sentence.text)
    return kept.sentences


class _Distinct:
    """Sentences of which none says what another one does."""

    def __init__(self, sentences: Iterable[EvidenceSentence]) -> None:
        self.sentences: list[EvidenceSentence] = []
        self._places: dict[Span, int] = {}
        self._words: dict[frozenset[float], list[tuple[int, frozenset[str]]]] = {}
        """The sentences' places and words, by their numbers."""
        for sentence in sentences:
            self.add(sentence, read_claim(sentence.text))

    def add(self, sentence: EvidenceSentence, claim: Claim) -> None:
        """Take one more, with what is read from it."""
        place = len(self.sentences)
        self.sentences.append(sentence)
        self._places.setdefault(sentence.span, place)
        self._words.setdefault(claim.numbers, []).append((place, claim.words))

    def find_twin(self, sentence: EvidenceSentence, claim: Claim) -> int | None:
        """The first place of the sentence, or of one with its numbers and nearly its words."""
        same = self._places.get(sentence.span)
        words, count = claim.words, len(claim.words)
        least = SAME_WORDS * count
        for place, others in self._words.get(claim.numbers, ()):
            # many more words on one side cannot be common
            if least <= len(others) and SAME_WORDS * len(others) <= count:
                if same is not None and place >= same:
                    break
                common = len(words & others)
                if common / max(1, count + len(others) - common) >= SAME_WORDS:
                    return place
        return same


def _look_again(
    scored: Sequence[EvidenceSentence],
    chosen: Sequence[EvidenceSentence],
    weights: Mapping[str, float],
) -> list[EvidenceSentence]:
    """`scored` anew: first what `chosen` lacks of the question, and what is near to its best.

    The second is pseudo-relevance feedback (Rocchio 1971): a question that asks for a list is near
    to one of its parts, and that one is near to the others.
    """
    if not chosen:
        return []
    held = read_claim("\n".join(found.text for found in chosen)).words
    lacking = {word: weight for word, weight in weights.items() if not holds_word(held, word)}
    centre = np.mean([found.vector for found in chosen[:FEEDBACK_SENTENCES]], axis=0)

    def gain(found: EvidenceSentence) -> float:
        near = FEEDBACK_WEIGHT * float(found.vector @ centre)
        return found.score + near + COVER_WEIGHT * _overlap(lacking, found.text)

    return sorted(scored, key=lambda found: -gain(found))


def _score(
    weights: Mapping[str, float],
    days: frozenset[date],
    passages: Sequence[RankedPassage],
    question_vector: Vectors,
) -> list[EvidenceSentence]:
    """Every sentence of the passages, best first, not yet numbered."""
    found: list[EvidenceSentence] = []
    for ranked in passages:
        stored = ranked.passage
        spans = [Span(stored.article, part.start, part.end) for part in stored.passage.sentences]
        cosines = (stored.sentence_vectors @ question_vector).tolist()
        scores = [
            cosine
            + WORD_WEIGHT * _overlap(weights, span.text)
            + PASSAGE_WEIGHT * ranked.cosine
            + DAY_WEIGHT * bool(days & read_dates(span.text, stored.article.published))
            for cosine, span in zip(cosines, spans, strict=True)
        ]
        for place, span in enumerate(spans):
            if len(span.text.split()) >= MIN_WORDS and not is_order(span.text, reported=True):
                beside = max(scores[max(0, place - 1) : place + 2])
                score = scores[place] + NEIGHBOUR_WEIGHT * (beside - scores[place])
                vector = stored.sentence_vectors[place]
                found.append(EvidenceSentence(0, span, score, vector))
    return sorted(found, key=lambda sentence: -sentence.score)


def _days_asked(question: str, passages: Sequence[RankedPassage]) -> frozenset[date]:
    """The days that the question names, read on the day of the newest article."""
    days = [found.passage.article.published for found in passages]
    return read_dates(question, max((day for day in days if day), default=None))


def _word_weights(question: str, passages: Sequence[RankedPassage]) -> dict[str, float]:
    """What each content word of the question counts, rarer ones more, 1 in all."""
    held = [read_claim(ranked.passage.text).words for ranked in passages]
    weights = {
        word: math.log1p(len(held) / (1 + sum(holds_word(words, word) for words in held)))
        for word in read_claim(question).words
    }
    total = sum(weights.values()) or 1.0  # without passages no word counts
    return {word: weight / total for word, weight in weights.items()}


def _overlap(weights: Mapping[str, float], text: str) -> float:
    """The share of the question's content words that `text` holds, by weight."""
    held = read_claim(text).words
    return sum(weight for word, weight in weights.items() if holds_word(held, word))


def _sentences_of(passages: Sequence[StoredPassage]) -> list[EvidenceSentence]:
    """The sentences of the passages, without a score."""
    return [
        EvidenceSentence(0, Span(stored.article, part.start, part.end), 0.0, vector)
        for stored in passages
        for part, vector in zip(stored.passage.sentences, stored.sentence_vectors, strict=True)
    ]


def _with_copies(kept: EvidenceSentence, sentences: Sequence[EvidenceSentence]) -> EvidenceSentence:
    """`kept` with those of the sentences, from near-copies of its passage, that say the same."""
    one = _Distinct([kept])
    for sentence in sentences:
        if one.find_twin(sentence, read_claim(sentence.text)) is not None:
            kept = _with_copy(kept, sentence)
    return kept


def _with_copy(kept: EvidenceSentence, copy: EvidenceSentence) -> EvidenceSentence:
    known = {span.article.id for span in (kept.span, *kept.also_in)}
    if copy.article.id in known:
        return kept
    return replace(kept, also_in=(*kept.also_in, copy.span))


def count_tokens(text: str) -> float:
    """About how many tokens a text takes in the prompt."""
    return len(text) / CHARACTERS_PER_TOKEN

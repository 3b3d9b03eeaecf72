"""Sentences with their quotes -> how well the check tells which quotes hold what is said (pure).

The pairs in eval/verification are written by hand over the sample articles, a file a kind. What
decides is the service's own check of a sentence against what it cites, without a second try, and
the second opinion on what that keeps where one is asked.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from eval.benchmarks import Detection, all_evidence, detect
from eval.entries import Half, Strict, half_of, read_folder
from index.articles import Article
from service.draft import Writer
from service.evidence import EvidenceSentence
from service.second_opinion import SecondOpinion
from service.support.faults import find_fault

PAIRS = Path(__file__).parent / "verification"

Sentences = Mapping[str, Sequence[EvidenceSentence]]
"""Every sentence of each article, by the article's id."""


class PairKind(StrEnum):
    """How a sentence keeps to its quotes, or departs from them."""

    NEAR_VERBATIM = "near-verbatim"
    PARAPHRASE = "paraphrase"
    NUMBER_FORM = "number-form"
    MERGED = "merged"
    SPELLING = "spelling"
    PRONOUN = "pronoun"
    PART = "part"
    ATTRIBUTION = "attribution"
    NEGATION_KEPT = "negation-kept"
    CHANGED_NUMBER = "changed-number"
    CHANGED_DATE = "changed-date"
    CHANGED_NAME = "changed-name"
    SWAPPED_ROLES = "swapped-roles"
    DROPPED_NEGATION = "dropped-negation"
    ADDED_NEGATION = "added-negation"
    WRONG_OUTLET = "wrong-outlet"
    WRONG_ARTICLE = "wrong-article"
    UNCITED = "uncited"
    EXTRA_DETAIL = "extra-detail"
    ALTERED_QUOTATION = "altered-quotation"
    CHANGED_MEANING = "changed-meaning"
    OVERGENERALISED = "overgeneralised"

    @property
    def supported(self) -> bool:
        """Whether the quotes hold a sentence of this kind."""
        return self in _SUPPORTED


_SUPPORTED = frozenset(
    {
        PairKind.NEAR_VERBATIM,
        PairKind.PARAPHRASE,
        PairKind.NUMBER_FORM,
        PairKind.MERGED,
        PairKind.SPELLING,
        PairKind.PRONOUN,
        PairKind.PART,
        PairKind.ATTRIBUTION,
        PairKind.NEGATION_KEPT,
    }
)


class Cite(Strict):
    """The one sentence of `article` that has `phrase` in it; written `article: phrase`."""

    article: str
    phrase: Annotated[str, Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _one_article(cls, value: object) -> object:
        if not (isinstance(value, dict) and len(value) == 1):
            raise PydanticCustomError("cite", "a citation is one article's id and a phrase of it")
        [(article, phrase)] = value.items()
        return {"article": article, "phrase": phrase}

    @model_validator(mode="after")
    def _stands_once(self, info: ValidationInfo) -> "Cite":
        sentences: Sentences = info.context or {}
        if self.article not in sentences:
            raise PydanticCustomError(
                "article", "there is no article {article}", {"article": self.article}
            )
        count = len(_holders(self, sentences))
        if count != 1:
            raise PydanticCustomError(
                "phrase",
                "{phrase} stands in {count} sentences of {article} and not in one",
                {"phrase": repr(self.phrase), "count": count, "article": self.article},
            )
        return self


class Pair(Strict):
    """A sentence, what it cites, and whether that supports it; `says` is what stands there."""

    sentence: Annotated[str, Field(min_length=1)]
    cites: Annotated[tuple[Cite, ...], Field(min_length=1, max_length=2)]
    supported: bool
    kind: PairKind
    says: str | None = None

    @property
    def half(self) -> Half:
        """The half that the pair belongs to for good: only `development` may be tuned on."""
        return half_of(self.sentence)

    @model_validator(mode="after")
    def _fits_together(self) -> "Pair":
        if self.supported != self.kind.supported:
            verdict = "supported" if self.kind.supported else "not supported"
            raise PydanticCustomError(
                "pair",
                "a sentence that is {kind} is {verdict}",
                {"kind": self.kind, "verdict": verdict},
            )
        return self


@dataclass(frozen=True)
class Decision:
    """What the check says of a pair: the reason why it is not supported, or None."""

    pair: Pair
    reason: str | None

    @property
    def right(self) -> bool:
        return (self.reason is None) == self.pair.supported


@dataclass(frozen=True)
class Share:
    """How many of `count` pairs were decided right."""

    right: int
    count: int

    @property
    def value(self) -> float | None:
        """From 0 to 1; None of no pairs."""
        return self.right / self.count if self.count else None


def read_sentences(articles: Iterable[Article]) -> Sentences:
    """Every sentence of the articles, as what a pair may cite."""
    return {article.id: all_evidence(article) for article in articles}


def read_pairs(sentences: Sentences, folder: Path = PAIRS) -> tuple[Pair, ...]:
    """Every pair of every .yaml file under `folder`, in the order of kinds, names and lines.

    Raises CaseRefused, which names file and line, for the first thing that is wrong: a citation
    that does not stand in just one of `sentences` is.
    """
    pairs = read_folder(folder, Pair, key=lambda pair: pair.sentence, context=sentences)
    order = list(PairKind)
    return tuple(sorted(pairs, key=lambda pair: order.index(pair.kind)))


def decide(pairs: Iterable[Pair], sentences: Sentences) -> tuple[Decision, ...]:
    """The check's word on each pair, in their order."""
    return tuple(
        Decision(pair, find_fault(pair.sentence, _quotes(pair, sentences))) for pair in pairs
    )


async def ask_again(
    decisions: Sequence[Decision],
    sentences: Sentences,
    opinion: SecondOpinion,
    writer: Writer,
    *,
    advance: Callable[[], None],
) -> tuple[Decision, ...]:
    """The decisions with the second opinion on what the check keeps, or removes for its wording.

    They keep their order, and `advance` hears of each. Raises ModelFailed's kinds.
    """
    asked = list[Decision]()
    for one in decisions:
        said, quotes = one.pair.sentence, _quotes(one.pair, sentences)
        reason = one.reason
        if find_fault(said, quotes, reworded=True) is None:
            doubt, _ = await opinion.find_doubt(said, [found.text for found in quotes], writer)
            reason = doubt and (reason or doubt)
        asked.append(replace(one, reason=reason))
        advance()
    return tuple(asked)


def shares_right(decisions: Iterable[Decision]) -> dict[tuple[PairKind, Half], Share]:
    """The share decided right of every kind in each half that has any of it."""
    decisions = tuple(decisions)
    counts = Counter((one.pair.kind, one.pair.half) for one in decisions)
    right = Counter((one.pair.kind, one.pair.half) for one in decisions if one.right)
    return {key: Share(right[key], count) for key, count in counts.items()}


def share_kept(decisions: Iterable[Decision]) -> Share:
    """The share of the supported sentences that the check keeps."""
    kept = [one.right for one in decisions if one.pair.supported]
    return Share(sum(kept), len(kept))


def find_unsupported(decisions: Sequence[Decision]) -> Detection:
    """How well the check finds the unsupported sentences, of which there have to be some."""
    truth = np.asarray([not one.pair.supported for one in decisions])
    return detect(truth, np.asarray([float(one.reason is not None) for one in decisions]))


def _quotes(pair: Pair, sentences: Sentences) -> list[EvidenceSentence]:
    return [found for cite in pair.cites for found in _holders(cite, sentences)]


def _holders(cite: Cite, sentences: Sentences) -> list[EvidenceSentence]:
    """The sentences of its article that a citation may mean."""
    return [found for found in sentences[cite.article] if cite.phrase in found.text]

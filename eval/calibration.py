"""A run's answers -> what a least strength of evidence would cost and gain (pure).

The strength of an answer's evidence is its best sentence's score. Below a threshold the service
would abstain, whatever the model wrote: the curve says whether any threshold is worth it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.runs import Result

STEPS = tuple(step / 10 for step in range(16))
"""Thresholds: 0, which is none, to 1.5."""


@dataclass(frozen=True)
class Point:
    """The shares at one threshold, None where no question is of that kind.

    Of the answerable questions those answered and those answered right, of the others those
    abstained from.
    """

    threshold: float
    answered: float | None
    right: float | None
    abstained: float | None


def calibrate(results: Iterable[Result], *, steps: Sequence[float] = STEPS) -> list[Point]:
    """A point for each threshold; questions that may be answered either way are left out."""
    known = [result for result in results if result.answer and result.case.expect != "either"]
    answerable = [result for result in known if result.case.expect == "answer"]
    others = [result for result in known if result.case.expect == "abstain"]
    return [
        Point(
            step,
            _share([_answers(result, step) for result in answerable]),
            _share([_answers(result, step) and result.right for result in answerable]),
            _share([not _answers(result, step) for result in others]),
        )
        for step in steps
    ]


def _answers(result: Result, threshold: float) -> bool:
    strength = max((shown.score for shown in result.evidence), default=0.0)
    answered = result.answer is not None and result.answer.status != "abstained"
    return answered and strength >= threshold


def _share(said: Sequence[bool]) -> float | None:
    return sum(said) / len(said) if said else None

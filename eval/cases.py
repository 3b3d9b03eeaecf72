"""The files in eval/questions -> Cases: what is asked, what a right answer holds, and why."""

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from eval.entries import Half, Strict, half_of, read_folder
from eval.errors import CaseRefused
from eval.wordings import check_wording
from service.conversation import Turn

QUESTIONS = Path(__file__).parent / "questions"
PLANTED = Path(__file__).parent / "planted"
"""Articles with hidden instructions; they are indexed only for the cases that say `planted`."""


class Kind(StrEnum):
    """What makes the question hard."""

    LIST = "list"
    FACT = "fact"
    SEVERAL = "several"
    DISAGREEMENT = "disagreement"
    TIME = "time"
    PREMISE = "premise"
    ABSENT = "absent"
    FOLLOW_UP = "follow-up"
    ATTACK = "attack"


def _check_wording(wording: str) -> str:
    try:
        check_wording(wording)
    except (re.error, ValueError) as error:
        raise PydanticCustomError(
            "wording",
            "the wording {wording} cannot be read: {why}",
            {"wording": wording, "why": str(error)},
        ) from error
    return wording


Wording = Annotated[str, Field(min_length=1), AfterValidator(_check_wording)]
Wordings = Annotated[tuple[Wording, ...], Field(min_length=1)]


class Source(Strict):
    """What a citation has to reach: a quote with `phrase`, from one of the sample articles."""

    phrase: Wording
    articles: Annotated[tuple[str, ...], Field(min_length=1)]


class Exchange(Strict):
    """An earlier question and what was answered."""

    user: str
    assistant: str


class Case(Strict):
    """One question with all that its answer is measured by."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    kind: Kind
    question: Annotated[str, Field(min_length=1)]
    why: Annotated[str, Field(min_length=1)]
    history: tuple[Exchange, ...] = ()
    expect: Literal["answer", "abstain", "either"] = "answer"
    facts: tuple[Wordings, ...] = ()
    never: tuple[Wording, ...] = ()
    cite: tuple[Source, ...] = ()
    only: Literal["sample"] | None = None
    planted: bool = False

    @property
    def half(self) -> Half:
        """The half that the case belongs to for good: only `development` may be tuned on."""
        return half_of(self.id)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The history as the service takes it."""
        return tuple(
            turn
            for exchange in self.history
            for turn in (Turn("user", exchange.user), Turn("assistant", exchange.assistant))
        )

    @model_validator(mode="after")
    def _fits_together(self) -> "Case":
        wrong = None
        if self.expect == "answer" and not (self.facts and self.cite):
            wrong = "a case that expects an answer names its facts and what to cite"
        elif self.expect == "abstain" and (self.facts or self.cite):
            wrong = "a case that expects no answer has neither facts nor citations"
        elif self.kind == Kind.FOLLOW_UP and not self.history:
            wrong = "a follow-up has a history"
        elif self.kind == Kind.DISAGREEMENT and len(self.facts) < 2:  # noqa: PLR2004
            wrong = "a disagreement has a fact for each account"
        if wrong:
            raise PydanticCustomError("case", wrong)
        return self


def read_cases(folder: Path = QUESTIONS) -> tuple[Case, ...]:
    """Every case of every .yaml file under `folder`, in the order of kinds, names and lines.

    Raises CaseRefused, which names file and line, for the first thing that is wrong.
    """
    cases = read_folder(folder, Case, key=lambda case: case.id)
    order = list(Kind)
    return tuple(sorted(cases, key=lambda case: order.index(case.kind)))


def choose(cases: Iterable[Case], *, kinds: Iterable[str], ids: Iterable[str]) -> tuple[Case, ...]:
    """The cases of one of `kinds` or with one of `ids`; all where neither is given.

    Raises CaseRefused for a kind or an id that there is not.
    """
    cases, kinds, ids = tuple(cases), set(kinds), set(ids)
    unknown = sorted((kinds - set(Kind)) | (ids - {case.id for case in cases}))
    if unknown:
        raise CaseRefused(
            f"There is no {unknown[0]!r}; the kinds are {', '.join(Kind)}, and an id is one of "
            f"those in {QUESTIONS}."
        )
    if not kinds and not ids:
        return cases
    return tuple(case for case in cases if case.kind in kinds or case.id in ids)

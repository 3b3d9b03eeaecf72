"""The files in eval/questions -> Cases: what is asked, what a right answer holds, and why."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

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


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Strict):
    """What a citation has to reach: a quote with `phrase`, from one of the sample articles."""

    phrase: Wording
    articles: Annotated[tuple[str, ...], Field(min_length=1)]


class Exchange(_Strict):
    """An earlier question and what was answered."""

    user: str
    assistant: str


class Case(_Strict):
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
    def half(self) -> Literal["development", "held-out"]:
        """The half that the case belongs to for good: only `development` may be tuned on."""
        odd = hashlib.sha256(self.id.encode()).digest()[0] % 2
        return "held-out" if odd else "development"

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
    cases: dict[str, Case] = {}
    for path in sorted(folder.glob("*.yaml")):
        for case, line in _read_file(path):
            if case.id in cases:
                raise CaseRefused(f"{path}:{line}: the id {case.id} is taken already.")
            cases[case.id] = case
    if not cases:
        raise CaseRefused(f"{folder} holds no question; write one into a .yaml file there.")
    order = list(Kind)
    return tuple(sorted(cases.values(), key=lambda case: order.index(case.kind)))


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


def _read_file(path: Path) -> Iterator[tuple[Case, int]]:
    """The file's cases, each with the line that it begins in."""
    try:
        tree = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        what = getattr(error, "problem", None) or "it is no text in UTF-8"
        raise CaseRefused(f"{path}:{line}: this is no YAML: {what}.") from error
    if not isinstance(tree, yaml.SequenceNode):
        raise CaseRefused(f"{path}:1: a file of questions is a list of cases, each with a `- id:`.")
    for node in tree.value:
        line = node.start_mark.line + 1
        record = _construct(node)
        try:
            yield Case.model_validate(record), line
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the case"
            raise CaseRefused(
                f"{path}:{_line(node, first['loc'])}: {place}: {first['msg']}."
            ) from error


def _construct(node: yaml.Node) -> object:
    """The node's plain value; dates and numbers stay as they are written."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: _construct(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item) for item in node.value]
    if node.tag == "tag:yaml.org,2002:bool":
        return node.value.lower() in {"true", "yes", "on"}
    return node.value


def _line(node: yaml.Node, place: tuple[int | str, ...]) -> int:
    """The line of the innermost part of `place` that stands in the file."""
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = [value for key, value in node.value if key.value == step]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            found = node.value[step : step + 1]
        else:
            found = []
        if not found:
            break
        node = found[0]
    return node.start_mark.line + 1

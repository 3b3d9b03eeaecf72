"""A run, the floors and the baseline -> what is worse than it may be, and which questions fell."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from eval.errors import RunRefused
from eval.runs import Run
from eval.scores import Scores
from eval.summary import Summary, chance_of_fall

FOLDER = Path(__file__).parent
THRESHOLDS = FOLDER / "thresholds.toml"
BASELINE = FOLDER / "baseline.json"

CHANCE = 0.05
"""A fall that chance alone makes less often than this is one."""


@dataclass(frozen=True)
class Known:
    """A case as the baseline has it."""

    text: str
    scores: Scores


Baseline = Mapping[str, Known]

_FLOORS = TypeAdapter(dict[str, float])
_BASELINE = TypeAdapter(dict[str, Known])


@dataclass(frozen=True)
class Turned:
    """A question whose answer was right and is wrong, or the other way round."""

    case_id: str
    question: str
    before: str
    after: str


@dataclass(frozen=True)
class Finding:
    """The gate's word on a run: it passes when there are no faults."""

    faults: tuple[str, ...]
    to_wrong: tuple[Turned, ...]
    to_right: tuple[Turned, ...]
    changes: Mapping[str, float]
    """Mean change of each score over the cases that both have."""

    @property
    def passed(self) -> bool:
        return not self.faults


def weigh(run: Run, summary: Summary, floors: Mapping[str, float], baseline: Baseline) -> Finding:
    """Compare a run with the floors and, over the same questions, with the baseline."""
    faults = []
    for name, floor in floors.items():
        if name not in summary.scores:
            faults.append(f"{name} was not measured; its floor is {floor:.3f}")
        elif summary.scores[name].mean < floor - 1e-9:
            faults.append(f"{name} is {summary.scores[name].mean:.3f}, its floor is {floor:.3f}")
    faults += _failures(run)
    changes = {}
    for name in summary.scores:
        pairs = _pairs(run, baseline, name)
        if not pairs:
            continue
        before, after = zip(*pairs, strict=True)
        changes[name] = sum(after) / len(after) - sum(before) / len(before)
        chance = chance_of_fall(before, after)
        if changes[name] < 0 and chance < CHANCE:
            faults.append(
                f"{name} fell by {-changes[name]:.3f} over {len(pairs)} questions, "
                f"by chance {chance:.1%} of the time"
            )
    return Finding(
        tuple(faults),
        _turned(run, baseline, right=False),
        _turned(run, baseline, right=True),
        changes,
    )


def read_floors(path: Path = THRESHOLDS) -> dict[str, float]:
    """The least that each score may be; raises RunRefused."""
    try:
        return _FLOORS.validate_python(tomllib.loads(path.read_text(encoding="utf-8"))["floors"])
    except (OSError, KeyError, ValueError) as error:
        raise RunRefused(f"{path} holds no [floors] ({error}).") from error


def read_baseline(path: Path = BASELINE) -> dict[str, Known]:
    """The cases as they were when the baseline was made; raises RunRefused."""
    try:
        return _BASELINE.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise RunRefused(f"{path} is no baseline ({error}); make one with `baseline`.") from error


def baseline_of(run: Run) -> dict[str, Known]:
    """A run as a baseline: the first attempt of each case."""
    return {
        result.case.id: Known(result.answer.text if result.answer else "", result.scores)
        for result in run.results
        if result.attempt == 0
    }


def write_baseline(baseline: Baseline, path: Path = BASELINE) -> None:
    """Replace the committed baseline, a case a line so that a review sees what changed."""
    lines = [
        f"{json.dumps(case_id)}: {json.dumps(asdict(known), ensure_ascii=False)}"
        for case_id, known in sorted(baseline.items())
    ]
    aside = path.with_suffix(".part")
    aside.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    aside.replace(path)


def _failures(run: Run) -> list[str]:
    """What kept questions from being asked, each with the questions that it kept."""
    failed: dict[str, list[str]] = {}
    for result in run.results:
        if result.error is not None:
            failed.setdefault(result.error, []).append(result.case.id)
    return [f"{', '.join(ids)} could not be asked: {error}" for error, ids in failed.items()]


def _pairs(run: Run, baseline: Baseline, name: str) -> Sequence[tuple[float, float]]:
    """Before and after of one score for each case that has both.

    Attempts are averaged, for they are no questions of their own: five falls of one are one fall.
    """
    attempts: dict[str, list[float]] = {}
    for result in run.results:
        value = result.scores.get(name)
        if value is not None:
            attempts.setdefault(result.case.id, []).append(value)
    known = {case_id: baseline[case_id].scores.get(name) for case_id in attempts & baseline.keys()}
    return [
        (before, sum(attempts[case_id]) / len(attempts[case_id]))
        for case_id, before in sorted(known.items())
        if before is not None
    ]


def _turned(run: Run, baseline: Baseline, *, right: bool) -> tuple[Turned, ...]:
    return tuple(
        Turned(
            result.case.id,
            result.case.question,
            known.text,
            result.answer.text if result.answer else f"(failed: {result.error})",
        )
        for result in run.results
        if (known := baseline.get(result.case.id))
        and result.right is right
        and (known.scores.get("right") == 1) is not right
    )

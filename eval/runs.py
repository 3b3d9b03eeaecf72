"""A run's folder: what was asked and how (run.json), and a line for each answer (results.jsonl).

Results are added as they come, so that an interrupted run goes on where it stopped.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from eval.cases import Case
from eval.errors import RunRefused
from eval.scores import Scores
from eval.targets import Shown
from service.answer import Answer

VERSION = 1
"""Of the folder's layout; another is refused."""


@dataclass(frozen=True)
class RunInfo:
    """What was asked, of what and when."""

    version: int
    started: str
    commit: str
    corpus: str
    sample: bool
    target: str
    questions: str
    """A hash of the cases that were chosen."""
    repeat: int = 1
    judge: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What a judge said of an answer; it is never mixed with the scores."""

    judge: str
    verdict: str
    reason: str


@dataclass(frozen=True)
class Result:
    """One case, asked once."""

    case: Case
    attempt: int
    scores: Scores
    answer: Answer | None
    evidence: tuple[Shown, ...] = ()
    draft: str = ""
    live: bool = True
    error: str | None = None
    verdict: Verdict | None = None

    @property
    def key(self) -> tuple[str, int]:
        return self.case.id, self.attempt

    @property
    def right(self) -> bool:
        return self.scores.get("right") == 1


@dataclass(frozen=True)
class Run:
    """A run that was read, its results in the order of the questions' ids and attempts."""

    info: RunInfo
    results: tuple[Result, ...] = field(repr=False)

    def by_case(self) -> dict[tuple[str, int], Result]:
        """The results by id and attempt."""
        return {result.key: result for result in self.results}


_INFO = TypeAdapter(RunInfo)
_RESULT = TypeAdapter(Result)


class RunFolder:
    """Writes a run as it goes on."""

    def __init__(self, path: Path, info: RunInfo, *, resume: bool) -> None:
        """Make the folder, or go on in it; raises RunRefused where that cannot be."""
        self.path = path
        self.done: dict[tuple[str, int], Result] = {}
        if resume:
            earlier = read_run(path)
            differing = [
                name
                for name in ("commit", "corpus", "sample", "target", "questions", "repeat", "judge")
                if getattr(earlier.info, name) != getattr(info, name)
            ]
            if differing:
                raise RunRefused(
                    f"{path} was begun with another {differing[0]} "
                    f"({getattr(earlier.info, differing[0])}); start a new run."
                )
            self.done = {r.key: r for r in earlier.results if r.error is None}
            self._rewrite()
            return
        if (path / "run.json").exists():
            raise RunRefused(f"{path} holds a run already; name another folder, or --resume it.")
        path.mkdir(parents=True, exist_ok=True)
        (path / "results.jsonl").touch()
        (path / "run.json").write_text(json.dumps(asdict(info), indent=2) + "\n", encoding="utf-8")

    def add(self, result: Result) -> None:
        """Append one result."""
        self.done[result.key] = result
        with (self.path / "results.jsonl").open("a", encoding="utf-8") as file:
            file.write(_line(result))

    def _rewrite(self) -> None:
        """Without failed results and a last line that was cut off."""
        aside = self.path / "results.part"
        aside.write_text("".join(map(_line, self.done.values())), encoding="utf-8")
        aside.replace(self.path / "results.jsonl")


def read_run(path: Path) -> Run:
    """The run in `path`; a last line that was cut off is left out. Raises RunRefused."""
    try:
        record = json.loads((path / "run.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise RunRefused(f"{path} holds no run ({error.strerror}).") from error
    except ValueError as error:
        raise RunRefused(f"{path}/run.json is damaged ({error}).") from error
    version = record.get("version") if isinstance(record, dict) else None
    if version != VERSION:
        raise RunRefused(
            f"{path} is of version {version}, this is version {VERSION}: run the questions again."
        )
    try:
        info = _INFO.validate_python(record)
    except ValidationError as error:
        raise RunRefused(f"{path}/run.json is damaged ({error.errors()[0]['msg']}).") from error
    results = sorted(_read_results(path / "results.jsonl"), key=lambda result: result.key)
    return Run(info, tuple(results))


def _read_results(path: Path) -> Iterator[Result]:
    lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
    for number, line in enumerate(lines, start=1):
        if number == len(lines) and not line.endswith(b"\n"):
            return
        try:
            yield _RESULT.validate_json(line)
        except ValidationError as error:
            raise RunRefused(
                f"{path}:{number}: this is no result ({error.errors()[0]['msg']})."
            ) from error


def _line(result: Result) -> str:
    return _RESULT.dump_json(result).decode() + "\n"

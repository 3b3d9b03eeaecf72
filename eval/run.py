"""Cases and a target -> a run: every case asked, scored and written down as it comes."""

import asyncio
import hashlib
import subprocess
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from shutil import which

from eval.cases import Case
from eval.judge import Judge
from eval.runs import VERSION, Result, Run, RunFolder, RunInfo, read_run
from eval.scores import Place, score_answer, score_retrieval
from eval.targets import Target
from index.errors import DatelineError

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "articles"


def is_sample(corpus: Sequence[Path]) -> bool:
    """Whether these are the articles that the questions are written for."""
    return [path.resolve() for path in corpus] == [SAMPLE]


def describe(
    cases: Iterable[Case], target: str, corpus: Sequence[Path], *, repeat: int, judge: str | None
) -> RunInfo:
    """What a run of `cases` is going to be."""
    dumped = "".join(case.model_dump_json() for case in cases)
    return RunInfo(
        version=VERSION,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=_commit(),
        corpus=", ".join(path.name for path in corpus),
        sample=is_sample(corpus),
        target=target,
        questions=hashlib.sha256(dumped.encode()).hexdigest()[:16],
        repeat=repeat,
        judge=judge,
    )


async def run_cases(
    cases: Sequence[Case],
    target: Target,
    folder: RunFolder,
    *,
    sample: bool,
    repeat: int,
    concurrency: int,
    judge: Judge | None,
    advance: Callable[[Result], None],
) -> Run:
    """Ask what `folder` does not hold yet; a case that fails is a result with its error."""
    places = asyncio.Semaphore(concurrency)

    async def ask(case: Case, attempt: int) -> None:
        async with places:
            result = await ask_case(case, target, sample=sample, attempt=attempt, judge=judge)
        folder.add(result)
        advance(result)

    async with asyncio.TaskGroup() as group:
        for attempt in range(repeat):
            for case in cases:
                if (case.id, attempt) not in folder.done:
                    group.create_task(ask(case, attempt))
    return read_run(folder.path)


async def ask_case(
    case: Case, target: Target, *, sample: bool, attempt: int = 0, judge: Judge | None = None
) -> Result:
    """One case's result; whatever goes wrong with the case is written into it."""
    try:
        reply = await target.ask(case)
        verdict = await judge.judge(case, reply.answer) if judge else None
    except DatelineError as error:
        return Result(case, attempt, scores={"right": 0.0}, answer=None, error=str(error))
    except Exception as error:  # noqa: BLE001  one broken case must not end the others
        failure = f"{type(error).__name__}: {error}"
        return Result(case, attempt, scores={"right": 0.0}, answer=None, error=failure)
    shown = [Place(one.article_id, one.text) for one in reply.evidence]
    retrieval = (
        score_retrieval(case, reply.passages, shown, sample=sample) if reply.passages else {}
    )
    return Result(
        case,
        attempt,
        scores={**retrieval, **score_answer(case, reply.answer, sample=sample)},
        answer=reply.answer,
        evidence=reply.evidence,
        draft=reply.draft,
        live=reply.live,
        verdict=verdict,
    )


def _commit() -> str:
    """The commit that runs, with a + where files differ from it; "unknown" outside a repository."""
    try:
        head = subprocess.run(  # noqa: S603
            [which("git") or "git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip()

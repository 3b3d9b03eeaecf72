"""Questions are asked side by side within bounds, and one that fails does not end the others."""

import asyncio
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fake_answers import INFO, make_answer, make_case

import eval.run
from eval.cases import Case
from eval.errors import TargetFailed
from eval.judge import Judge
from eval.run import ROOT, ask_case, describe, run_cases
from eval.runs import Result, Run, RunFolder, Verdict, read_run
from eval.scores import Place
from eval.targets import Reply, Shown
from service.answer import Answer
from service.errors import ModelTimedOut

QUOTE = "Kim received five explosive drones."
RIGHT = make_answer(("Kim received five explosive drones.", ("gifts", QUOTE)))
CASES = [make_case(name) for name in ("a", "b", "c", "d", "e", "f")]


class ScriptedTarget:
    """Answers every question rightly but those that it has an error for."""

    name = "scripted"

    def __init__(self, **errors: Exception) -> None:
        self.errors = errors
        self.asked: list[str] = []
        self.open = 0
        self.most = 0

    async def ask(self, case: Case) -> Reply:
        self.asked.append(case.id)
        self.open += 1
        self.most = max(self.most, self.open)
        await asyncio.sleep(0.001)
        self.open -= 1
        if case.id in self.errors:
            raise self.errors[case.id]
        return Reply(
            RIGHT,
            passages=(Place("weather", "Rain."), Place("gifts", QUOTE)),
            evidence=(Shown(1, "gifts", QUOTE, 0.5),),
            draft="a draft",
            live=False,
        )


class ScriptedJudge(Judge):
    """Finds every answer right, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def judge(self, case: Case, answer: Answer) -> Verdict:
        assert answer == RIGHT
        if self.error:
            raise self.error
        return Verdict("judge", "right", f"as {case.id} is")


def run_all(
    path: Path,
    target: ScriptedTarget,
    cases: Sequence[Case] = CASES,
    *,
    resume: bool = False,
    repeat: int = 1,
    concurrency: int = 4,
    judge: Judge | None = None,
) -> tuple[Run, list[Result]]:
    """The run, and the results in the order in which they were told."""
    told: list[Result] = []
    run = asyncio.run(
        run_cases(
            cases,
            target,
            RunFolder(path, INFO, resume=resume),
            sample=True,
            repeat=repeat,
            concurrency=concurrency,
            judge=judge,
            advance=told.append,
        )
    )
    return run, told


def test_every_case_is_asked_scored_written_and_told(tmp_path: Path) -> None:
    target = ScriptedTarget()
    run, told = run_all(tmp_path / "run", target)
    assert target.asked == [case.id for case in CASES]
    assert {result.key for result in told} == {(case.id, 0) for case in CASES}
    assert run == read_run(tmp_path / "run")
    first = run.results[0]
    assert (first.answer, first.draft, first.live) == (RIGHT, "a draft", False)
    assert first.evidence == (Shown(1, "gifts", QUOTE, 0.5),)
    # the phrase to cite stands in the second passage, and in the one sentence that was shown
    assert (first.scores["mrr@10"], first.scores["evidence_recall"]) == (0.5, 1.0)
    assert first.right


def test_a_reply_without_passages_has_no_retrieval_scores() -> None:
    class Endpoint(ScriptedTarget):
        async def ask(self, case: Case) -> Reply:
            assert case.id == "a"
            return Reply(RIGHT)

    result = asyncio.run(ask_case(CASES[0], Endpoint(), sample=True))
    assert result.right
    assert "mrr@10" not in result.scores


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (TargetFailed("HTTP 500: no"), "HTTP 500: no"),
        (ModelTimedOut("too slow"), "too slow"),
        (ZeroDivisionError("by zero"), "ZeroDivisionError: by zero"),
    ],
)
def test_a_case_that_fails_is_a_result_and_the_others_go_on(
    tmp_path: Path, error: Exception, told: str
) -> None:
    run, _ = run_all(tmp_path / "run", ScriptedTarget(c=error), concurrency=1)
    failed = run.by_case()["c", 0]
    assert (failed.error, failed.answer, failed.scores) == (told, None, {"right": 0.0})
    assert [result.right for result in run.results] == [True, True, False, True, True, True]


def test_going_on_asks_what_is_missing_and_what_failed(tmp_path: Path) -> None:
    run_all(tmp_path / "run", ScriptedTarget(b=TargetFailed("down")), CASES[:3])
    again = ScriptedTarget()
    run, told = run_all(tmp_path / "run", again, CASES, resume=True)
    assert again.asked == ["b", "d", "e", "f"]
    assert len(told) == 4
    assert [result.error for result in run.results] == [None] * 6


def test_going_on_with_a_whole_run_asks_nothing(tmp_path: Path) -> None:
    run, _ = run_all(tmp_path / "run", ScriptedTarget())
    again = ScriptedTarget()
    assert run_all(tmp_path / "run", again, resume=True) == (run, [])
    assert again.asked == []


def test_each_question_is_asked_as_often_as_was_said(tmp_path: Path) -> None:
    target = ScriptedTarget()
    run, _ = run_all(tmp_path / "run", target, CASES[:2], repeat=3)
    assert target.asked == ["a", "b"] * 3
    assert [result.key for result in run.results] == [
        (name, attempt) for name in ("a", "b") for attempt in range(3)
    ]


@pytest.mark.parametrize("bound", [1, 2, 5])
def test_so_many_questions_are_open_at_once_and_no_more(tmp_path: Path, bound: int) -> None:
    target = ScriptedTarget()
    run_all(tmp_path / "run", target, concurrency=bound)
    assert target.most == bound


def test_a_verdict_stands_beside_the_scores(tmp_path: Path) -> None:
    plain, _ = run_all(tmp_path / "plain", ScriptedTarget(), CASES[:1])
    judged, _ = run_all(tmp_path / "judged", ScriptedTarget(), CASES[:1], judge=ScriptedJudge())
    assert judged.results[0].verdict == Verdict("judge", "right", "as a is")
    assert judged.results[0].scores == plain.results[0].scores


def test_a_judge_that_fails_is_told(tmp_path: Path) -> None:
    judge = ScriptedJudge(ModelTimedOut("the judge sleeps"))
    run, _ = run_all(tmp_path / "run", ScriptedTarget(), CASES[:1], judge=judge)
    assert run.results[0].error == "the judge sleeps"


def test_a_run_says_what_it_is_of(tmp_path: Path) -> None:
    def told(cases: Sequence[Case] = CASES, *corpus: Path, **fields: Any) -> Any:
        options = {"repeat": 1, "judge": None, **fields}
        return describe(cases, "target", corpus or [ROOT / "articles"], **options)

    info = told()
    assert (info.target, info.corpus, info.sample, info.repeat) == ("target", "articles", True, 1)
    assert info.questions == told().questions
    assert info.questions != told(CASES[:5]).questions
    assert info.questions != told([make_case("a", question="Another?"), *CASES[1:]]).questions
    assert told(CASES, ROOT / "tests" / ".." / "articles").sample
    assert not told(CASES, tmp_path / "articles").sample
    assert not told(CASES, ROOT / "articles", tmp_path).sample
    assert told(CASES, tmp_path / "one", tmp_path / "two").corpus == "one, two"
    assert told(repeat=3, judge="j").repeat == 3


def test_the_commit_is_unknown_outside_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit() -> str:
        return describe(CASES, "t", [tmp_path], repeat=1, judge=None).commit

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(
            ["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True
        )

    monkeypatch.setattr(eval.run, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit() == "unknown"
    git("init")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "-m", "one")
    clean = commit()
    assert len(clean) >= 7
    (tmp_path / "file").write_text("two")
    assert commit() == f"{clean}+"
    monkeypatch.setenv("PATH", "")
    assert commit() == "unknown"

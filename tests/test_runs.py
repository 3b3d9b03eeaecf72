"""A run's folder: what is written comes back, and what cannot be used is refused by name."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_answers import INFO, make_answer, make_result

from eval.errors import RunRefused
from eval.runs import Result, RunFolder, Verdict, read_run
from eval.targets import Shown
from service.draft import Usage

WHOLE = make_result(
    "whole",
    {"right": 1.0, "kept": None, "recall@5": 0.5},
    answer=make_answer(
        ("Kim received five “drones”.", ("gifts", "five drones\u2028and a vest")),
        removed=1,
        also_in=("copy",),
        timings_ms={"total": 1200},
        usage=Usage(100, 20, 0.001),
    ),
    evidence=(Shown(1, "gifts", "five drones", 0.75),),
    draft="Kim received\x85 five drones [1].",
    live=False,
    verdict=Verdict("judge", "right", "all said"),
)
FAILED = make_result("failed", {"right": 0.0}, error="the model gave no answer")


def begin(path: Path, *results: Result) -> Path:
    """A folder with a run of these results."""
    folder = RunFolder(path, INFO, resume=False)
    for result in results:
        folder.add(result)
    return path


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    run = read_run(begin(tmp_path / "deep" / "run", WHOLE, FAILED, make_result(attempt=1)))
    assert run.info == INFO
    assert run.by_case() == {
        ("drones", 1): make_result(attempt=1),
        ("failed", 0): FAILED,
        ("whole", 0): WHOLE,
    }
    assert (WHOLE.right, FAILED.right) == (True, False)


def test_results_are_in_the_order_of_ids_and_attempts(tmp_path: Path) -> None:
    results = [make_result(name, attempt=n) for n in (1, 0) for name in ("b", "a")]
    run = read_run(begin(tmp_path / "run", *results))
    assert [result.key for result in run.results] == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]


def test_a_run_that_has_only_begun_has_no_results(tmp_path: Path) -> None:
    assert read_run(begin(tmp_path / "run")).results == ()
    (tmp_path / "run" / "results.jsonl").unlink()
    assert read_run(tmp_path / "run").results == ()


def test_a_last_line_that_was_cut_off_is_left_out_wherever_it_was_cut(tmp_path: Path) -> None:
    path = begin(tmp_path / "run", make_result("first"), WHOLE) / "results.jsonl"
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for end in (first + 1, whole.index("“".encode()) + 1, len(whole) - 1):
        path.write_bytes(whole[:end])
        assert [result.key for result in read_run(tmp_path / "run").results] == [("first", 0)]


def test_a_damaged_line_is_refused_with_its_number(tmp_path: Path) -> None:
    path = begin(tmp_path / "run", make_result("first"), WHOLE) / "results.jsonl"
    for damage in (b"{\n", b"\xff\n", b"\n", b'{"case": 1}\n'):
        first, second = path.read_bytes().splitlines(keepends=True)
        (tmp_path / "run" / "results.jsonl").write_bytes(first + damage + second)
        with pytest.raises(RunRefused, match=r"results\.jsonl:2: this is no result"):
            read_run(tmp_path / "run")
        path.write_bytes(first + second)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("{", "is damaged"),
        ("[]", "version None"),
        ("{}", "version None"),
        ('{"version": 0}', "is of version 0, this is version 1"),
        ('{"version": "1"}', "is of version 1, this"),
        ('{"version": 1}', "is damaged"),
    ],
)
def test_another_version_and_a_damaged_head_are_refused(
    tmp_path: Path, record: str, message: str
) -> None:
    begin(tmp_path / "run")
    (tmp_path / "run" / "run.json").write_text(record)
    with pytest.raises(RunRefused, match=message):
        read_run(tmp_path / "run")
    with pytest.raises(RunRefused, match=message):
        RunFolder(tmp_path / "run", INFO, resume=True)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunRefused, match="holds no run"):
        read_run(tmp_path / "nowhere")
    with pytest.raises(RunRefused, match="holds no run"):
        RunFolder(tmp_path, INFO, resume=True)


def test_a_run_is_not_written_over(tmp_path: Path) -> None:
    begin(tmp_path / "run", WHOLE)
    with pytest.raises(RunRefused, match="--resume"):
        RunFolder(tmp_path / "run", INFO, resume=False)
    assert read_run(tmp_path / "run").results == (WHOLE,)


def test_going_on_keeps_what_is_whole_and_forgets_what_failed(tmp_path: Path) -> None:
    path = begin(tmp_path / "run", WHOLE, FAILED)
    with (path / "results.jsonl").open("a") as file:
        file.write('{"case": {"id": "cut-o')
    folder = RunFolder(path, replace(INFO, started="2023-09-18T09:00:00+00:00"), resume=True)
    assert folder.done == {("whole", 0): WHOLE}
    folder.add(make_result("failed"))
    run = read_run(path)
    assert [result.key for result in run.results] == [("failed", 0), ("whole", 0)]
    assert run.info.started == INFO.started
    assert sorted(one.name for one in path.iterdir()) == ["results.jsonl", "run.json"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("commit", "other"),
        ("corpus", "other"),
        ("sample", False),
        ("target", "other"),
        ("questions", "other"),
        ("repeat", 2),
        ("judge", "other"),
    ],
)
def test_a_run_of_something_else_is_not_gone_on_with(tmp_path: Path, name: str, value: Any) -> None:
    path = begin(tmp_path / "run", FAILED)
    before = (path / "results.jsonl").read_bytes()
    with pytest.raises(RunRefused, match=f"another {name} "):
        RunFolder(path, replace(INFO, **{name: value}), resume=True)
    assert (path / "results.jsonl").read_bytes() == before


def test_the_head_of_a_run_is_for_people_too(tmp_path: Path) -> None:
    path = begin(tmp_path / "run")
    record = json.loads((path / "run.json").read_text())
    assert (record["version"], record["target"]) == (1, "local/tiny")

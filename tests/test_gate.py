"""The gate fails a run for what is too low or fell by more than chance, and for nothing else."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from fake_answers import make_result, make_run

from eval.errors import RunRefused
from eval.gate import (
    Finding,
    Known,
    Turned,
    baseline_of,
    read_baseline,
    read_floors,
    weigh,
    write_baseline,
)
from eval.runs import Result, Run
from eval.summary import summarise


def run_of(*values: float | None, name: str = "right") -> Run:
    """A case for each value, from c000 on."""
    return make_run(*(make_result(f"c{n:03}", {name: value}) for n, value in enumerate(values)))


def find(
    run: Run, before: Iterable[float | None] = (), *, name: str = "right", **floors: float
) -> Finding:
    """The finding against a baseline of these values for c000 and on."""
    baseline = {f"c{n:03}": Known(f"said {n}", {name: value}) for n, value in enumerate(before)}
    return weigh(run, summarise(run), floors, baseline)


@pytest.mark.parametrize(
    ("floor", "faults"),
    [
        (0.0, ()),
        (0.74, ()),
        (0.75, ()),
        (0.751, ("right is 0.750, its floor is 0.751",)),
        (1.0, ("right is 0.750, its floor is 1.000",)),
    ],
)
def test_floors(floor: float, faults: tuple[str, ...]) -> None:
    finding = find(run_of(1, 1, 1, 0), right=floor)
    assert finding.faults == faults
    assert finding.passed == (not faults)


def test_a_floor_is_not_missed_by_rounding() -> None:
    assert find(run_of(*[0.1] * 3), right=0.1).passed
    assert find(run_of(*[0.7, 0.7, 0.7]), right=0.7).passed


def test_a_score_with_a_floor_has_to_be_measured() -> None:
    assert find(run_of(1), kept=0.5).faults == ("kept was not measured; its floor is 0.500",)
    assert find(run_of(None, name="kept"), kept=0.0).faults == (
        "kept was not measured; its floor is 0.000",
    )


def test_a_question_that_could_not_be_asked_is_a_fault() -> None:
    run = make_run(make_result("a"), make_result("b", {"right": 0.0}, error="down"))
    assert find(run).faults == ("b could not be asked: down",)


def test_five_falls_of_five_are_more_than_chance() -> None:
    finding = find(run_of(*[0] * 5, *[1] * 5), [1] * 10)
    assert finding.faults == ("right fell by 0.500 over 10 questions, by chance 3.1% of the time",)
    assert finding.changes == {"right": -0.5}


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ([1] * 10, [0] * 4 + [1] * 6, "four falls happen by chance"),
        ([1] * 10, [0] + [1] * 9, "one question turned"),
        ([1] * 5 + [0] * 4, [0] * 5 + [1] * 4, "five fell and four rose"),
        ([0] * 9, [1] * 9, "a rise is no fault"),
        ([1] * 9, [1] * 9, "nothing changed"),
        ([], [0] * 9, "there is nothing to compare with"),
        ([None] * 9, [0] * 9, "it was not measured before"),
        ([1] * 9, [None] * 9, "it is not measured now"),
    ],
)
def test_a_fall_by_chance_is_no_fault(
    before: list[float | None], after: list[float | None], why: str
) -> None:
    assert find(run_of(*after), before).faults == (), why


def test_only_questions_that_both_have_are_compared() -> None:
    # c000 to c004 were not known before; c005 and c006 fell
    baseline = {f"c{n:03}": Known("", {"right": 1.0}) for n in range(5, 20)}
    run = run_of(*[0] * 7)
    finding = weigh(run, summarise(run), {}, baseline)
    assert (finding.faults, finding.changes) == ((), {"right": -1.0})


def test_attempts_of_one_question_are_one_question() -> None:
    run = make_run(*(make_result("c000", {"right": 0.0}, attempt=n) for n in range(9)))
    finding = find(run, [1])
    assert (finding.faults, finding.changes) == ((), {"right": -1.0})
    half = make_run(*(make_result("c000", {"right": float(n % 2)}, attempt=n) for n in range(4)))
    assert find(half, [1]).changes == {"right": -0.5}


def test_every_score_is_compared() -> None:
    finding = find(run_of(*[0.5] * 6, name="grounded"), [0.6] * 6, name="grounded")
    assert finding.faults == (
        "grounded fell by 0.100 over 6 questions, by chance 1.6% of the time",
    )


def test_questions_that_turned_are_shown_with_both_answers() -> None:
    results: list[Result] = [
        make_result("stays-right"),
        make_result("stays-wrong", {"right": 0.0}),
        make_result("falls", {"right": 0.0}),
        make_result("fails", {"right": 0.0}, error="down"),
        make_result("rises"),
        make_result("new", {"right": 0.0}),
    ]
    before = {"stays-right": 1.0, "stays-wrong": 0.0, "falls": 1.0, "fails": 1.0, "rises": 0.0}
    baseline = {name: Known(f"{name} before", {"right": value}) for name, value in before.items()}
    baseline["gone"] = Known("gone before", {"right": 1.0})
    run = make_run(*results)
    finding = weigh(run, summarise(run), {}, baseline)
    question, now = "How many drones did Kim receive?", "Kim received 5 drones."
    assert finding.to_wrong == (
        Turned("falls", question, "falls before", now),
        Turned("fails", question, "fails before", "(failed: down)"),
    )
    assert finding.to_right == (Turned("rises", question, "rises before", now),)


def test_a_baseline_comes_back_a_case_a_line(tmp_path: Path) -> None:
    first: dict[str, float | None] = {"right": 1.0, "kept": None, "recall@5": 0.3333333333333333}
    run = make_run(
        make_result("b", first),
        make_result("b", {"right": 0.0}, attempt=1),
        make_result("a", {"right": 0.0}, error="down"),
    )
    baseline = baseline_of(run)
    assert baseline == {
        "b": Known("Kim received 5 drones.", first),
        "a": Known("", {"right": 0.0}),
    }
    baseline["q"] = Known("“Five”\u2028 \\ drones\n", {})
    path = tmp_path / "baseline.json"
    write_baseline(baseline, path)
    assert read_baseline(path) == baseline
    lines = path.read_text(encoding="utf-8").split("\n")
    assert [line[:4] for line in lines] == ["{", '"a":', '"b":', '"q":', "}", ""]
    assert "“Five”" in lines[3]
    before = path.read_bytes()
    write_baseline(dict(reversed(baseline.items())), path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["baseline.json"]


def test_a_run_passes_its_own_baseline(tmp_path: Path) -> None:
    run = run_of(1, 0, 0.5, None)
    write_baseline(baseline_of(run), tmp_path / "baseline.json")
    finding = weigh(run, summarise(run), {"right": 0.5}, read_baseline(tmp_path / "baseline.json"))
    assert finding == Finding((), (), (), {"right": 0.0})


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', '{"a": {"text": "x"}}', "\udcff"])
def test_what_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(RunRefused, match=r"baseline\.json is no baseline"):
        read_baseline(path)
    with pytest.raises(RunRefused, match=r"none\.json is no baseline"):
        read_baseline(tmp_path / "none.json")


def test_floors_are_read(tmp_path: Path) -> None:
    path = tmp_path / "thresholds.toml"
    path.write_text('# why\n[floors]\nright = 0.8\n"recall@5" = 1\n')
    assert read_floors(path) == {"right": 0.8, "recall@5": 1.0}


@pytest.mark.parametrize(
    "text", ["", "[floors", "floors = 3", "[ceilings]\nright = 1", '[floors]\nright = "high"']
)
def test_what_holds_no_floors_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "thresholds.toml"
    path.write_text(text)
    with pytest.raises(RunRefused, match=r"thresholds\.toml holds no \[floors\]"):
        read_floors(path)
    with pytest.raises(RunRefused, match="holds no"):
        read_floors(tmp_path / "none.toml")

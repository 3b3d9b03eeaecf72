"""Means, intervals and chances that can be derived by hand."""

from collections.abc import Sequence

import pytest
from fake_answers import make_answer, make_case, make_result, make_run

from eval.runs import Verdict
from eval.summary import Estimate, Latency, chance_of_fall, estimate, estimate_all, summarise
from service.draft import Usage


@pytest.mark.parametrize(
    ("before", "after", "chance", "why"),
    [
        ([1, 1, 1], [1, 1, 1], 1, "nothing differs"),
        ([1], [0], 1 / 2, "one fall: its sign is as likely the other one"),
        ([0], [1], 1, "one rise: both signs give at most that"),
        ([1, 1], [0, 0], 1 / 4, "both signs down, of four"),
        ([1] * 4, [0] * 4, 1 / 16, "four falls are not yet rare"),
        ([1] * 5, [0] * 5, 1 / 32, "five are"),
        ([1] * 5 + [0] * 90, [0] * 95, 1 / 32, "what does not differ changes nothing"),
        # sums over the signs of three ones: -3 once, -1 three times, 1 three times, 3 once
        ([1, 1, 0], [0, 0, 1], 4 / 8, "two falls and a rise: -1 or less four times of eight"),
        ([0, 0, 1], [1, 1, 0], 7 / 8, "a fall and two rises: 1 or less seven times"),
        # sums of ±0.5 ±0.25 ±0.25: -1 once, -0.5 twice, 0 twice, 0.5 twice, 1 once
        ([0.5, 0.25, 0], [0, 0, 0.25], 3 / 8, "unequal changes: -0.5 or less three times of eight"),
    ],
)
def test_the_chance_of_a_fall(
    before: Sequence[float], after: Sequence[float], chance: float, why: str
) -> None:
    assert chance_of_fall(before, after) == pytest.approx(chance), why


def test_many_falls_are_nearly_never_chance() -> None:
    assert chance_of_fall([1.0] * 60, [0.0] * 60) == pytest.approx(1 / 10_000)
    assert chance_of_fall([1.0] * 30 + [0.0] * 30, [0.0] * 30 + [1.0] * 30) > 0.4


@pytest.mark.parametrize("value", [0.0, 0.25, 1.0])
def test_the_interval_of_equal_values_is_their_value(value: float) -> None:
    assert estimate([value] * 7) == Estimate(value, value, value, 7)
    assert estimate([value]) == Estimate(value, value, value, 1)


def test_an_interval_holds_the_mean_and_narrows_with_the_count() -> None:
    few, many = estimate([0.0, 1.0] * 10), estimate([0.0, 1.0] * 1000)
    assert few.mean == many.mean == 0.5
    # ± 1.96 √(0.25 / n): 0.219 and 0.0219
    assert [few.low, few.high] == pytest.approx([0.281, 0.719], abs=0.04)
    assert [many.low, many.high] == pytest.approx([0.478, 0.522], abs=0.004)
    assert (few.count, many.count) == (20, 2000)


def test_a_score_is_over_the_results_that_it_applies_to() -> None:
    results = [
        make_result("a", {"right": 1.0, "kept": None, "grounded": None}),
        make_result("b", {"right": 0.0, "kept": 0.5}),
        make_result("c", {"right": 0.0}, error="down"),
    ]
    scores = estimate_all(results)
    # a failed question has no score but that it was not answered rightly
    assert {name: (one.mean, one.count) for name, one in scores.items()} == {
        "right": (pytest.approx(1 / 3), 3),
        "kept": (0.5, 1),
    }
    assert estimate_all([]) == {}


def test_a_run_in_figures() -> None:
    live = make_answer(timings_ms={"total": 1000, "draft": 10}, usage=Usage(100, 20, 0.25))
    slow = make_answer(timings_ms={"total": 3000}, usage=Usage(10, 2))
    replayed = make_answer(timings_ms={"total": 1}, usage=Usage(1, 1, 0.5))
    attack = make_case("d", kind="attack")
    run = make_run(
        make_result("a", {"right": 1.0}, answer=live, verdict=Verdict("j", "right", "so")),
        make_result("b", {"right": 0.0}, answer=slow, verdict=Verdict("j", "wrong", "so")),
        make_result("c", {"right": 0.0}, error="down"),
        make_result(
            "d", {"right": 1.0}, case=attack, answer=replayed, live=False,
            verdict=Verdict("j", "right", "so"),
        ),
    )  # fmt: skip
    summary = summarise(run)
    assert summary.scores["right"].mean == 0.5
    assert (summary.answers, summary.live, summary.failed) == (4, 2, 1)
    assert (summary.prompt_tokens, summary.completion_tokens, summary.cost) == (111, 23, 0.75)
    assert summary.verdicts == {"right": 2, "wrong": 1}
    assert {kind: one["right"].mean for kind, one in summary.by_kind.items()} == {
        "attack": 1,
        "fact": pytest.approx(1 / 3),
    }
    assert sum(one["right"].count for one in summary.by_half.values()) == 4
    assert set(summary.by_half) <= {"development", "held-out"}
    # of 1000 and 3000: the middle, and 95 % of the way
    assert summary.latency == {"total": Latency(2000, 2900, 2), "draft": Latency(10, 10, 1)}


def test_a_run_without_answers_costs_nothing_known() -> None:
    summary = summarise(make_run(make_result(error="down")))
    assert (summary.cost, summary.latency, summary.live, summary.failed) == (None, {}, 0, 1)
    assert summarise(make_run()).scores == {}


def test_the_same_results_give_the_same_figures() -> None:
    results = [make_result(f"c{n}", {"right": n * n % 31 / 31}) for n in range(30)]
    first, second = summarise(make_run(*results)), summarise(make_run(*results))
    assert first == second
    assert first.scores["right"].low < first.scores["right"].mean < first.scores["right"].high

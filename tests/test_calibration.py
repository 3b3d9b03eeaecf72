"""What a least strength of evidence would cost and gain, on answers whose fate is plain."""

from dataclasses import replace

import pytest
from fake_answers import make_result

from eval.calibration import Point, calibrate
from eval.runs import Result
from eval.targets import Shown
from service.answer import Status


def result(case_id: str, expect: str, strength: float, *, status: Status, right: bool) -> Result:
    made = make_result(case_id, {"right": float(right)})
    assert made.answer is not None
    return replace(
        made,
        case=made.case.model_copy(update={"expect": expect}),
        answer=replace(made.answer, status=status),
        evidence=(Shown(1, "a", "A sentence.", strength), Shown(2, "a", "Another.", 0.1)),
    )


RESULTS = [
    result("a", "answer", 1.2, status="answered", right=True),
    result("b", "answer", 0.6, status="answered", right=True),
    result("c", "answer", 0.9, status="quotes", right=False),
    result("d", "answer", 1.4, status="abstained", right=False),
    result("e", "abstain", 0.7, status="answered", right=False),
    result("f", "abstain", 1.3, status="abstained", right=True),
    result("g", "either", 2.0, status="answered", right=True),
]


@pytest.mark.parametrize(
    "point",
    [
        Point(0.0, 0.75, 0.5, 0.5),  # a, b, c are answered, a and b right; f is abstained from
        Point(0.7, 0.5, 0.25, 0.5),  # b falls; e stands at the threshold
        Point(0.8, 0.5, 0.25, 1.0),  # e falls
        Point(1.0, 0.25, 0.25, 1.0),  # c falls
        Point(1.5, 0.0, 0.0, 1.0),
    ],
)
def test_a_point_of_the_curve(point: Point) -> None:
    assert calibrate(RESULTS, steps=[point.threshold]) == [point]


def test_a_share_of_nothing_is_none() -> None:
    assert calibrate(RESULTS[:1], steps=[0.0]) == [Point(0.0, 1.0, 1.0, None)]

"""Questions joined by "and" come apart where each can be asked alone."""

import pytest

from service.parts import split_parts


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Which missile was Kim shown, and which march was played?",
            ["Which missile was Kim shown?", "Which march was played?"],
        ),
        (
            "Who sued Snap, and under which law did Epic sue?",
            ["Who sued Snap?", "Under which law did Epic sue?"],
        ),
        ("Where is it and how far is it from Moscow?", None),
        ("Who met Kim and Putin?", None),
        ("On which day did Kim meet Putin, and on which day Shoigu?", None),
        ("What did Kim see, and who showed it to him?", None),
    ],
)
def test_a_double_question_is_two(question: str, parts: list[str] | None) -> None:
    assert split_parts(question) == (parts or [question])

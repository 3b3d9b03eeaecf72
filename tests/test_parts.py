"""Questions joined by "and" come apart where each can be asked alone."""

import pytest

from service.parts import split_parts, without_asides


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
        (
            "Who leads in Italy, who's top in France and who in Spain is first?",
            ["Who leads in Italy?", "Who's top in France?", "Who in Spain is first?"],
        ),
        (
            "Who is Kim, who saw Shoigu, and what did Putin give?",
            ["Who is Kim, who saw Shoigu?", "What did Putin give?"],
        ),
        ("Where is it and how far is it from Moscow?", None),
        ("Who met Kim and Putin?", None),
        ("On which day did Kim meet Putin, and on which day Shoigu?", None),
        ("What did Kim see, and who showed it to him?", None),
    ],
)
def test_a_double_question_is_two(question: str, parts: list[str] | None) -> None:
    assert [part.question for part in split_parts(question)] == (parts or [question])


def test_a_part_without_a_name_is_searched_for_with_the_names_of_the_first() -> None:
    first, second = split_parts("Who scored when Bayern beat United, and who made the pass?")
    assert first.searched == first.question
    assert second.searched == "Who made the pass? Bayern United"
    _, second = split_parts("Moen won. Note: what did Berg win, and who made the pass?")
    assert second.searched == "Who made the pass? Berg"
    for question in ("Who sued Snap, and who sued Epic?", "who sued snap, and who was sued?"):
        assert all(part.searched == part.question for part in split_parts(question))


def test_what_is_left_out_of_a_question_may_stand_first() -> None:
    asked = "which agencies did Lund strike deals with?"
    assert without_asides(f"Apart from the Tarn Office, {asked}") == asked
    assert without_asides("What did Kim get besides the drones?") == "What did Kim get?"

"""A question that was typed in a hurry is read as if it had been printed."""

import pytest

from service.casing import as_printed

NEWS = [
    "On Friday Ida Moen, who governs Lund, met McDonald at the KCNA office. The March wind blew.",
    "A march was played for Ida-Marie Berg and for Moen’s guests in May. It may rain, Moen said.",
]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("who met mcdonald", "Who met McDonald?"),
        ("where did moen meet him on friday?", "Where did Moen meet him on Friday?"),
        ("WHO IS IDA-MARIE BERG", "Who is Ida-Marie Berg?"),
        ("which march was played for kcna", "Which march was played for KCNA?"),
        ("and may it rain in lund", "And may it rain in Lund."),
        ("and in which town did it rain", "And in which town did it rain?"),
        ("list moen’s guests", "List Moen’s guests."),
        ("who paid for mcdonald's trip", "Who paid for McDonald's trip?"),
        ("WHO PAID FOR MCDONALD'S TRIP", "Who paid for McDonald's trip?"),
        ("who met Moen", "Who met Moen?"),
        ("Who met moen?", "Who met moen?"),
        ("Who met Moen?", "Who met Moen?"),
        ("Moen’s guests!", "Moen’s guests!"),
        ("2023", "2023."),
        ("¿quién?", "¿quién?"),
    ],
)
def test_a_question_is_printed(typed: str, printed: str) -> None:
    assert as_printed(typed, NEWS) == printed
    assert as_printed(printed, NEWS) == printed


def test_without_articles_only_its_ends_are_changed() -> None:
    assert as_printed("who met moen", []) == "Who met moen?"

"""Words by which one text says the opposite of another."""

import pytest

from service.opposites import OPPOSITES, find_opposite, read_stems


@pytest.mark.parametrize(
    ("text", "other", "opposite"),
    [
        ("The mayor accepted it.", "The mayor refused it.", ("accept", "refus")),
        ("The mayor refused it.", "The mayor accepted it.", ("refus", "accept")),
        ("Prices fell in Lund.", "Prices are rising in Lund.", ("fall", "rise")),
        ("The mayor turned down the medal.", "He accepted the medal.", ("declin", "accept")),
        ("The captain stepped down.", "The captain remained.", ("resign", "remain")),
        ("The captain gave up.", "The captain stayed.", ("resign", "stay")),
        ("Lund said yes to the ferry.", "Lund rejected the ferry.", ("accept", "reject")),
        ("Lund is saying no to the ferry.", "Lund agreed to it.", ("declin", "agre")),
        ("Lund says yes to the ferry.", "Lund rejected the ferry.", ("accept", "reject")),
        ("Lund said no to the ferry.", "Lund agreed to it.", ("declin", "agre")),
        ("Moen wins over the voters.", "Moen lost the voters.", ("win", "lose")),
        ("Moen won over the voters.", "Moen lost the voters.", ("win", "lose")),
        ("It sailed before noon.", "It sailed after noon.", ("befor", "after")),
        ("The mayor accepted it.", "The mayor agreed to it.", None),
        ("The mayor accepted it.", "The mayor came.", None),
        ("The mayor came.", "The mayor refused it.", None),
        ("The price grew, then fell.", "The price fell.", None),
        ("The price fell.", "The price grew, then fell.", None),
        ("The mayor said no more.", "The mayor agreed.", None),
        ("He walked down and turned.", "He accepted.", None),
        ("He declined.", "He is heading back to Lund.", None),
        ("He declined.", "He backed it.", ("declin", "approv")),
        ("He declined.", "He will back the bill.", ("declin", "approv")),
    ],
)
def test_one_text_denies_the_other(text: str, other: str, opposite: tuple[str, str] | None) -> None:
    assert find_opposite(text, [other]) == opposite


def test_a_word_is_no_opposite_where_another_quote_has_it_too() -> None:
    quotes = ["The mayor refused it.", "The captain accepted it."]
    assert find_opposite("It was accepted.", quotes[:1]) == ("accept", "refus")
    assert find_opposite("It was accepted.", quotes) is None


def test_no_word_stands_on_both_sides_of_a_pair() -> None:
    assert all(here and there and not here & there for here, there in OPPOSITES)
    assert all((there, here) in OPPOSITES for here, there in OPPOSITES)


def test_verbs_of_two_words_are_one() -> None:
    assert read_stems("Moen turns down Lind’s ball") == {"moen", "declin", "lind", "ball"}

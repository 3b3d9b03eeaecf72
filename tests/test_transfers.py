"""A giving that is turned round is seen, in whatever words it is told."""

import pytest

from service.transfers import find_turned

GIVEN = "Kim received a bulletproof vest from the Primorsky governor."


@pytest.mark.parametrize(
    ("sentence", "turned"),
    [
        ("The Primorsky governor gave Kim a vest.", False),
        ("Kim was given a vest by the governor.", False),
        ("Kim gave the Primorsky governor a vest.", True),
        ("The Primorsky governor received a vest from Kim.", True),
        ("The governor was given a vest by Kim.", True),
        ("Kim left on Sunday.", False),
    ],
)
def test_a_giving_turned_round_is_seen(sentence: str, turned: bool) -> None:  # noqa: FBT001
    assert (find_turned(sentence, [GIVEN]) is not None) is turned


@pytest.mark.parametrize(
    "quote",
    [
        "The governor of Primorye, a region next to China, gave him a vest.",
        "Oleg Kozhemyako, governor of the Primorye region, gave him a vest.",
    ],
)
def test_a_giver_is_seen_past_what_stands_between_commas(quote: str) -> None:
    assert find_turned("Kim gave the governor a vest.", [quote]) is not None
    assert find_turned("The governor gave Kim a vest.", [quote]) is None


def test_verbs_that_are_joined_have_one_subject() -> None:
    quote = "Putin accepted an invitation to visit the North and offered to send somebody to space."
    assert find_turned("Putin offered to send somebody to space.", [quote]) is None


def test_a_giver_is_seen_behind_the_word_for_what_was_given() -> None:
    quote = "Kim was presented with five drones, a vest and a hat as gifts from the governor of Primorye."
    assert find_turned("Kim gave the governor a vest.", [quote]) is not None
    assert find_turned("The governor gave Kim a vest.", [quote]) is None


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Kim let Mr Shoigu see the missile.", "Mr Shoigu also let him see the new missile."),
        (
            "Mr Kim paid a visit to Shoigu.",
            "They met when Mr Shoigu paid a rare visit to Pyongyang.",
        ),
    ],
)
def test_what_is_let_see_is_shown_and_a_visit_is_paid(sentence: str, quote: str) -> None:
    assert find_turned(sentence, [quote]) is not None
    assert find_turned(quote, [quote]) is None


def test_what_was_shown_to_somebody_is_given_by_none() -> None:
    quote = "All the Russian warplanes shown to Mr Kim have been in the war."
    assert find_turned("Which Russian warplanes did Kim get to see?", [quote]) is None
    assert find_turned("Mr Kim showed the governor a plane.", [quote]) is not None
    assert find_turned("The governor has shown Mr Kim a plane.", [quote]) is None

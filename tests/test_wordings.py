"""Wordings are found in texts in every spelling that a reader would not count as another."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eval.wordings import check_wording, holds, holds_any, level

LEVELLED = [
    ("The  Train\nleft", "the train left"),
    ("“Five” drones’", '"5" drones\''),
    ("a week‐long, six-day trip", "a week long, 6 day trip"),
    ("8,000 and 8 000 and 8\u202f000", "8000 and 8000 and 8000"),
    ("8,000km", "8000km"),
    ("1,234,567.5", "1234567.5"),
    ("200-300 guests, 200–300 guests", "200 300 guests, 200 300 guests"),
    ("In 2023 250 people", "in 2023 250 people"),
    ("on the 17th, 250 people", "on the 17th, 250 people"),
    ("twenty-five", "25"),
    ("Twenty five", "25"),
    ("ninety", "90"),
    ("two hundred", "200"),
    ("tenor, fiveteen", "tenor, fiveteen"),
    ("Ｋｉｍ", "kim"),
]

HELD = [
    ("Kim received five explosive drones.", "5 explosive drones"),
    ("Kim received 5 explosive drones.", "five explosive drones"),
    ("It is 8,000 kilometers away.", "8000 kilometers"),
    ("It is 8000 kilometers away.", "8,000 kilometers"),
    ("It is 8,000km away.", "8000km"),
    ("He said “yes” – at once.", '"yes" - at once'),
    ("a week-long trip", "week long"),
    ("KIM JONG UN", "Kim Jong Un"),
    ("Kim's train", "Kim’s train"),
    ("drones", "drones"),
    ("He gave Kim five drones.", "gave ... drones"),
    ("He gave Kim five brand-new “drones”.", "gave ... drones"),
    ("one two three four five six seven eight", "one ... eight"),
    ("It was, so to say, a gift", "It was ... a gift"),
    ("He gave drones.", "gave ... drones"),
    ("The train left.", "/train.*left/"),
    ("The train left.", "/TRAIN/"),
    ("Five drones", r"/\b5 drones\b/"),
    ("either/or", "either/or"),
]

NOT_HELD = [
    ("Kim received 15 drones.", "5 drones"),
    ("Kim received 5 drones.", "15 drones"),
    ("trains", "train"),
    ("armoured train", "moured train"),
    ("80,000 kilometers", "8000 kilometers"),
    ("8,000,000 kilometers", "8000 kilometers"),
    ("from 200-300 guests", "200300"),
    ("zero one two three four five six seven eight", "zero ... eight"),
    ("drones were what he gave", "gave ... drones"),
    ("gave drone", "gave ... drones"),
    ("twenty-five drones", "5 drones"),
    ("The train left.", "/^left/"),
    ("", "train"),
]

FAULTY = [
    ("/(/", re.error),
    ("/[a-/", re.error),
    ("//", ValueError),
    ("/.*/", ValueError),
    ("/train|/", ValueError),
    ("", ValueError),
    (" ", ValueError),
    ("...", ValueError),
    ("train ...", ValueError),
    ("... train", ValueError),
    ("–", ValueError),
]

WORD = st.text(st.characters(categories=["L", "N", "M", "P"]), min_size=1, max_size=8)


@pytest.mark.parametrize(("text", "expected"), LEVELLED)
def test_levelling(text: str, expected: str) -> None:
    assert level(text) == expected


@pytest.mark.parametrize(("text", "wording"), HELD)
def test_held(text: str, wording: str) -> None:
    assert holds(text, wording)


@pytest.mark.parametrize(("text", "wording"), NOT_HELD)
def test_not_held(text: str, wording: str) -> None:
    assert not holds(text, wording)


@pytest.mark.parametrize(("wording", "error"), FAULTY)
def test_what_is_no_wording_is_refused(wording: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        check_wording(wording)


def test_one_of_several_is_enough() -> None:
    assert holds_any("Kim left.", ("Putin", "Kim"))
    assert not holds_any("Kim left.", ("Putin", "Shoigu"))
    assert not holds_any("Kim left.", ())


@given(st.lists(WORD, min_size=1, max_size=12), st.data())
def test_a_text_holds_its_own_words(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    assume("/" not in text and "..." not in text)
    assume(level(text) == " ".join(level(word) for word in words))  # no number goes on in the next
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first + 1, len(words)))
    wording = " ".join(words[first:last])
    assume(level(wording))
    assert holds(text, wording)
    assert holds(f"Before that. {text}\n after", wording)

"""A sentence loses a name too many, and only what came with it."""

import pytest

from service.repairs import shorten
from service.support.names import unquoted_name

CASES = {
    "first name": (
        "Robert Sanchez saved it.", "Robert", "Who saved it?", "saved by Sanchez",
        ["Sanchez saved it."],
    ),
    "first name of two parts": (
        "Jean-Marc Sanchez saved it.", "Marc", "Who saved it?", "saved by Sanchez",
        ["Sanchez saved it."],
    ),
    "last of a list": (
        "The board is Ida Moen, Nils Berg, and Ane Foss.", "Foss", "Who is on it?", "Ida Moen",
        ["The board is Ida Moen and Nils Berg."],
    ),
    "one of two": ("Moen and Foss stayed.", "Foss", "Who stayed?", "Moen", []),
    "day before a name": (
        "On Saturday Sanchez saved it.", "Saturday", "Who saved it?", "saved by Sanchez", [],
    ),
    "first name of nobody quoted": (
        "Robert Sanchez saved it.", "Robert", "Who saved it?", "saved by Silva", [],
    ),
    "place of the question": (
        "Sanchez saved the penalty at Old Trafford.", "Trafford",
        "Who saved the penalty at Old Trafford?", "saved by Sanchez at Trafford",
        ["Sanchez saved the penalty."],
    ),
    "all that the question has from there on": (
        "Lund took second place in Tarn's Coastal League group this year.", "League",
        "Which club took second place in Tarn's Coastal League group this year?", "to Lund",
        ["Lund took second place."],
    ),
    "no more than the question has": (
        "Sanchez saved it at Old Trafford at night.", "Trafford", "Who saved it at Old Trafford?",
        "saved by Sanchez", ["Sanchez saved it at night."],
    ),
    "number of what the question counts": (
        "The two leaders shook hands.", "number 2 is in no cited sentence",
        "How long did the two leaders shake hands?", "they shook hands", ["The leaders shook hands."],
    ),
    "number of what it does not count": (
        "The two leaders shook hands.", "number 2 is in no cited sentence",
        "How long did the leaders shake hands?", "they shook hands", [],
    ),
    "place of nobody's": (
        "He was born at Old Trafford.", "Trafford", "Where was he born?", "he was born", [],
    ),
    "country after a town": (
        "He was born in Lund, Norway.", "Norway", "Where was he born?", "born in Lund",
        ["He was born in Lund."],
    ),
    "day of a month": (
        "He left on July 17.", "number 17 is in no cited sentence", "When?", "in July", ["He left in July."],
    ),
    "day before its month": (
        "His 17 July visit ended.", "number 17 is in no cited sentence", "When?", "in July",
        ["His July visit ended."],
    ),
    "a day at the start": (
        "On July 17, he left.", "number 17 is in no cited sentence", "When?", "in July",
        ["In July, he left."],
    ),
    "another year": (
        "He left on July 17, 2021.", "number 2021 is in no cited sentence", "When?", "July 17",
        ["He left on July 17."],
    ),
    "another day": ("He left on July 17.", "number 3 is in no cited sentence", "When?", "", []),
    "another name": (
        "He was born in Lund, Norway.", "Tarn", "Where was he born?", "born in Lund", [],
    ),
    "country of the question": (
        "US home sales fell.", "States", "What did US home sales do?", "home sales fell",
        ["Home sales fell."],
    ),
    "country not asked about": (
        "US home sales fell.", "States", "What did home sales do?", "home sales fell", [],
    ),
    "month of the question": (
        "Rates are 7 percent in October 2023.", "number 2023 is in no cited sentence",
        "What are rates in October 2023?", "rates are 7 percent", ["Rates are 7 percent."],
    ),
    "year not asked about": (
        "Rates are 7 percent in October 2023.", "number 2023 is in no cited sentence",
        "What are rates?", "rates are 7 percent", [],
    ),
    "no name": ("He was born in Lund, Norway.", "it cites nothing", "Where?", "", []),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name", "question", "quoted", "shorter"), CASES.values(), ids=CASES
)
def test_what_is_left_of_a_sentence(
    text: str, name: str, question: str, quoted: str, shorter: list[str]
) -> None:
    reason = name if " " in name else unquoted_name(name)
    assert list(shorten(text, reason, question=question, quoted=quoted)) == shorter

"""Days that a text names, read against the day it was published."""

from datetime import date, timedelta

import pytest

from service.dates import (
    asks_for_latest,
    find_day_meant,
    find_day_over,
    first_day_asked,
    long_date,
    read_dates,
)

SUNDAY = date(2023, 9, 17)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("on September 13, 2023, at noon", [date(2023, 9, 13)]),
        ("on Sept. 13", [date(2023, 9, 13)]),
        ("on Sep 13th", [date(2023, 9, 13)]),
        ("on 13 September", [date(2023, 9, 13)]),
        ("on the 3rd of May 2021", [date(2021, 5, 3)]),
        ("2023-09-13", [date(2023, 9, 13)]),
        ("on Saturday", [date(2023, 9, 16)]),
        ("on Sunday", [SUNDAY]),
        ("from Monday", [date(2023, 9, 11)]),
        ("next Monday", [date(2023, 9, 18)]),
        ("next Sunday", [date(2023, 9, 24)]),
        ("yesterday and tomorrow", [date(2023, 9, 16), date(2023, 9, 18)]),
        ("Tuesday to Thursday", [date(2023, 9, 12), date(2023, 9, 14)]),
        ("on February 30", []),
        ("in September 2023", []),
        ("September 13000 people", []),
        ("may 5 people come", []),
        ("the Series 2 may feel", []),
        ("on 5 may 2023", [date(2023, 5, 5)]),
        ("2023-02-30 and 2023-13-01", []),
        ("the marching band of 200", []),
        ("", []),
    ],
)
def test_days_of_a_text(text: str, days: list[date]) -> None:
    assert sorted(read_dates(text, SUNDAY)) == days


def test_only_whole_dates_without_a_day_of_publishing() -> None:
    text = "On Saturday, September 16, and on 1 May 2022"
    assert read_dates(text, None) == {date(2022, 5, 1)}


@pytest.mark.parametrize(
    ("question", "latest"),
    [
        ("What is the latest on the grain talks?", True),
        ("How many have been found so far?", True),
        ("Who is the most recent winner?", True),
        ("Who left later?", False),
        ("At the last meeting, who spoke?", False),
    ],
)
def test_the_latest_is_asked_for(question: str, latest: bool) -> None:  # noqa: FBT001
    assert asks_for_latest(question) is latest


def test_a_date_in_words() -> None:
    assert long_date(SUNDAY) == "17 September 2023"


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What is the latest on the talks?", date(2023, 9, 16)),
        ("What happened on 14 September?", date(2023, 9, 14)),
        ("What happened on 14 September 2022?", None),  # leaves nothing out
        ("What will happen on 20 September?", None),  # nothing is as new
        ("What happened?", None),
    ],
)
def test_the_first_day_of_publishing_that_is_asked_for(question: str, first: date | None) -> None:
    assert first_day_asked(question, [date(2023, 9, 10), SUNDAY]) == first
    assert first_day_asked(question, [SUNDAY]) is None
    assert first_day_asked(question, []) is None


@pytest.mark.parametrize(
    ("question", "sentence", "day"),
    [
        ("On what date did Kim meet Putin?", "Kim met Putin on Wednesday.", 13),
        ("And on which exact date was it?", "Wednesday", 13),
        ("When did they meet?", "Kim met Putin Wednesday.", 13),
        ("When will they meet?", "They will meet on Wednesday.", None),
        ("What did Kim say when he was there?", "He thanked Putin on Wednesday.", None),
        ("When did they meet?", "They met on Wednesday and on Friday.", None),
        ("When did they meet?", "They met on Wednesday 6 September.", None),
        ("When did they meet?", "They met on Wednesday last week.", None),
        ("When did they meet?", "They met on Wednesdays.", None),
        ("When was the sale?", "The sale was on Black Friday.", None),
        ("When was it printed?", "It was in the Sunday Times.", None),
    ],
)
def test_the_date_of_a_weekday_that_is_asked_for(
    question: str, sentence: str, day: int | None
) -> None:
    found = find_day_meant(question, sentence, [SUNDAY, SUNDAY - timedelta(days=1)])
    assert found == (("Wednesday", date(2023, 9, day)) if day else None)
    assert find_day_meant(question, sentence, [SUNDAY, None]) is None
    assert find_day_meant(question, sentence, [SUNDAY, SUNDAY - timedelta(days=8)]) is None


@pytest.mark.parametrize(
    ("question", "sentence", "day"),
    [
        ("On what date is Putin going to travel?", "September 13, 2023.", 13),
        ("When will Putin travel?", "He travels on 13 September.", 13),
        ("When are they due to meet again?", "They meet on 11 and 12 September.", 12),
        ("When will Putin travel?", "He travels on 20 September.", None),
        ("When will Putin travel?", "He travels on Wednesday.", None),
        ("When will Putin travel?", "He travels in November.", None),
        ("When did Putin travel?", "He travelled on 13 September.", None),
        ("When was Kim to travel?", "He travelled on 13 September.", None),
    ],
)
def test_a_day_to_come_was_not_over_when_the_article_appeared(
    question: str, sentence: str, day: int | None
) -> None:
    found = find_day_over(question, sentence, [SUNDAY, SUNDAY + timedelta(days=1), None])
    assert found == (date(2023, 9, day) if day else None)
    assert find_day_over(question, sentence, [None]) is None

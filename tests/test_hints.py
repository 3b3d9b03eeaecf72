"""Publishers and days are found where a question names them, and not in other words."""

from datetime import date

import pytest

from index.hints import NamedDay, Publishers, named_days, spell_publisher

PUBLISHERS = Publishers(
    ["The Verge", "Fortune", "Time", "The Times", "CBS News: Latest", "AT&T Post | World"]
)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What did The Verge report?", [{"the verge"}]),
        ("What did the Verge report?", []),
        ("Is it in Fortune's article, or in Time?", [{"fortune"}, {"time"}]),
        ("At what time did fortune smile?", []),
        ("Time and again, what happened?", []),
        ("What does The Times say?", [{"the times"}]),
        ("What did CBS News say?", [{"cbs news: latest"}]),
        ("What did the AT&T Post say?", [{"at&t post | world"}]),
        ("", []),
    ],
)
def test_publishers(question: str, named: list[set[str]]) -> None:
    assert [set(names) for names in PUBLISHERS.named_in(question)] == named


@pytest.mark.parametrize(
    ("question", "spelled"),
    [
        ("What does the Fenwick Post say?", "Fenwick Post"),
        ("What shows it, as The Fenwick Post’s reporter put it?", "The Fenwick Post"),
        ("What did they post in Fenwick?", "thefenwickpost.com"),
        ("What does the Lund Post say?", "thefenwickpost.com"),
    ],
)
def test_a_publisher_that_goes_by_its_host_is_named_in_words(question: str, spelled: str) -> None:
    host = "thefenwickpost.com"
    assert spell_publisher(host, question).removeprefix("The ") == spelled.removeprefix("The ")
    found = [{host}] if spelled != host else []
    assert [set(names) for names in Publishers([host, "Time"]).named_in(question)] == found
    assert spell_publisher("The Verge", question) == "The Verge"


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("What happened on 17 September 2023?", [NamedDay(9, 2023, 17)]),
        ("What happened on September 17th?", [NamedDay(9, None, 17)]),
        ("the 3rd of May, 2024 and June 2024", [NamedDay(5, 2024, 3), NamedDay(6, 2024, None)]),
        ("What may happen?", []),
        ("What may 5 people do?", []),
        ("In 2023?", []),
        ("from Sept. 17 to 3 Oct 2023", [NamedDay(9, None, 17), NamedDay(10, 2023, 3)]),
        ("published on 2023-09-17", [NamedDay(9, 2023, 17)]),
        ("on may 17, 2023 or in march 2024", [NamedDay(5, 2023, 17), NamedDay(3, 2024, None)]),
        ("the march 5 people joined in a decade of MAY 5", []),
        ("12 September 17 October", [NamedDay(9, None, 12), NamedDay(10, None, 17)]),
    ],
)
def test_days(question: str, days: list[NamedDay]) -> None:
    assert sorted(named_days(question), key=str) == sorted(days, key=str)


def test_what_a_named_day_includes() -> None:
    assert NamedDay(9, None, 17).includes(date(2021, 9, 17))
    assert NamedDay(9, 2023, None).includes(date(2023, 9, 1))
    assert not NamedDay(9, 2023, None).includes(date(2024, 9, 1))
    assert not NamedDay(9, None, 17).includes(date(2023, 9, 18))

"""Captions, dates, bylines and addresses, as lines of a page have them."""

import pytest
from ferry_story import STORY

from index.cleaning.dates import date_in_url, find_date
from index.cleaning.metadata import read_byline, read_url
from index.cleaning.paragraphs import plain_paragraphs
from index.cleaning.reporting import clean


@pytest.mark.parametrize(
    "caption",
    [
        "The ferry leaves Tarn in June. (Jon Lee / AFP)",
        "Passengers wave from the deck. Photo: Jon Lee",
        "FILE - The ferry leaves Tarn, June 3, 2021.",
        "In this handout photo released by the navy, the ferry lies on its side.",
        "The captain, left, and the harbour master attend a hearing in Tarn on Monday.",
        "A lifeboat returns to Tarn [File: Jon Lee/Reuters]",
    ],
)
def test_caption_is_kept_as_a_caption(caption: str) -> None:
    cleaned = clean(plain_paragraphs(STORY.format(middle=caption, end="")))
    assert cleaned.paragraphs[1] == caption
    assert cleaned.captions == {1}


def test_of_two_copies_of_a_caption_the_credited_one_stays() -> None:
    words = "A lifeboat returns to the port of Tarn on Friday evening"
    cleaned = clean(plain_paragraphs(STORY.format(middle=f"{words}\n{words} (AP)", end="")))
    assert cleaned.paragraphs[1] == f"{words} (AP)"
    assert len(cleaned.paragraphs) == 4
    assert cleaned.captions == {1}


def test_wire_sign_off_does_not_make_the_last_paragraph_a_caption() -> None:
    cleaned = clean(plain_paragraphs(STORY.format(middle="", end="It was insured. (AFP)")))
    assert cleaned.captions == frozenset()


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("September 17, 2023", "2023-09-17"),
        ("Sunday 17 September 2023 12:26 BST", "2023-09-17"),
        ("18 September 2023, 9:56 am", "2023-09-18"),
        ("date 2023-09-18", "2023-09-18"),
        ("Sept. 3, 2021 at 5:00 p.m. EDT", "2021-09-03"),
        ("08.02.2022", "2022-02-08"),
        ("17/09/2023", "2023-09-17"),
        ("2024-02-29T10:00:00Z", "2024-02-29"),
        ("03/04/2023", None),
        ("31 February 2023", None),
        ("13 ships and 2023 men", None),
    ],
)
def test_dates(line: str, day: str | None) -> None:
    found = find_date(line)
    assert (str(found) if found else None) == day


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By AFP", "AFP"),
        ("By Ines Marlow and Jo Ray", "Ines Marlow and Jo Ray"),
        ("By AFP 18 September 2023, 9:56 am 0 Edit", "AFP"),
        ("By LEO MARSH FOR THE DAILY BANNER", "Leo Marsh"),
        ("Staff Reporter | May 11, 2023 3:40 PM IST", "Staff Reporter"),
    ],
)
def test_bylines(line: str, author: str) -> None:
    byline = read_byline(line)
    assert byline is not None
    assert byline.author == author


@pytest.mark.parametrize(
    "line",
    [
        "By Monday, 300 people had died.",
        "On May 3, 2021, the ferry hit a rock off the coast of Tarn and sank.",
        "Ferry sinks off Tarn",
    ],
)
def test_sentences_are_no_bylines(line: str) -> None:
    assert read_byline(line) is None


def test_date_inside_the_reporting_is_not_the_publication_date() -> None:
    story = STORY.format(middle="It sank once before, on May 3, 2021, near the same rock.", end="")
    assert clean(plain_paragraphs(story)).published is None


def test_broken_address_is_healed() -> None:
    assert read_url("Original url: https://a.example/x-a8 2491") == "https://a.example/x-a82491"
    assert read_url("See https://a.example/x for the report of the inquiry.") is None
    assert str(date_in_url("https://a.example/2023/09/17/x")) == "2023-09-17"

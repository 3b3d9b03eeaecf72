"""What stands in many articles of one source, and which of it belongs to them."""

from datetime import date

import pytest

from index.articles import Article, article_from_record
from index.errors import ArticleRefused
from index.repetition import repeated_furniture, without_furniture

NOTE = "Printed in Quay Street since 1887, the weekly belongs to its staff and to nobody else."
STORIES = {
    "ferry": (
        "A ferry ran aground off the harbour on Friday with forty passengers, the coast guard said.",
        "Fishing boats took everybody off before night, and tugs will try to pull the hull free.",
    ),
    "school": (
        "Pupils of the grammar school will be taught in tents until Easter, its headmaster said.",
        "Mould was found behind the blackboards of eleven classrooms when a wall was opened.",
    ),
    "bank": (
        "The savings bank raised its interest on mortgages to four percent on Tuesday.",
        "Borrowers with fixed contracts keep the lower rate, a board member told shareholders.",
    ),
    "wolf": (
        "A wolf killed nine sheep on the upper pasture, and shepherds ask for a licence to shoot.",
        "Biologists took samples of saliva that shall show whether it came over the mountains.",
    ),
    "opera": (
        "The opera opens its season with a work that was lost in an attic for ninety years.",
        "Its composer had sold the score for coal, the conductor writes in the programme.",
    ),
}


def article(name: str, *paragraphs: str, source: str | None = "Tarn Gazette") -> Article:
    """An article of these paragraphs."""
    return Article(name, name, "\n\n".join(paragraphs), source, None, date(2022, 6, 3), None)


def batch(*, middle: str = NOTE, source: str | None = "Tarn Gazette") -> list[Article]:
    """Five stories, each with one more paragraph between its two; {} becomes the story's name."""
    return [
        article(name, first, middle.format(name.title()), second, source=source)
        for name, (first, second) in STORIES.items()
    ]


def texts(articles: list[Article]) -> list[str]:
    """The texts without what they repeat of each other."""
    furniture = repeated_furniture(articles)
    return [without_furniture(item, furniture).text for item in articles]


def test_a_note_under_different_stories_is_furniture() -> None:
    assert texts(batch()) == ["\n\n".join(parts) for parts in STORIES.values()]


def test_a_note_that_is_nearly_the_same_is_furniture_too() -> None:
    note = "{} Marlow joined the paper in 1996 and lives with three cats above the old print shop."
    assert texts(batch(middle=note)) == ["\n\n".join(parts) for parts in STORIES.values()]


def test_fewer_articles_show_no_habit_and_no_source_has_none() -> None:
    assert repeated_furniture(batch()[:4]) == {}
    assert repeated_furniture(batch(source=None)) == {}


def test_the_background_of_a_running_story_stays() -> None:
    background = (
        "The ferry, which was built in 1974, had passed an inspection of its hull in March."
    )
    days = [
        "The ferry that ran aground will be cut up where it lies, the harbour board said.",
        "Divers found a crack in the ferry's hull, the board of inquiry was told on Monday.",
        "Owners of the ferry knew of the crack in its hull, an engineer told the inquiry.",
        "Two inspectors were charged over the ferry's hull, which they passed in March.",
        "Passengers of the ferry will be paid damages for its hull's crack, a court ruled.",
    ]
    running = [article(str(n), day, background) for n, day in enumerate(days)]
    assert texts(running) == [item.text for item in running]


def test_copies_of_one_wire_story_stay() -> None:
    copies = [article(str(n), *STORIES["ferry"], f"This is edition {n}.") for n in range(6)]
    assert texts(copies) == [item.text for item in copies]


def test_words_of_a_source_in_several_stories_stay() -> None:
    quoted = "“We will look into it and answer before the end of the month,” a spokeswoman said."
    assert texts(batch(middle=quoted)) == [item.text for item in batch(middle=quoted)]


def test_what_is_left_keeps_its_captions() -> None:
    caption = "A boat on the slipway. Photo: Jo Ray"
    articles = batch()
    first = articles[0]
    text = f"{first.text}\n\n{caption}"
    captioned = Article(
        "c", "c", text, "Tarn Gazette", None, None, None, ((len(first.text) + 2, len(text)),)
    )
    left = without_furniture(captioned, repeated_furniture(articles))
    [(start, end)] = left.captions
    assert left.text[start:end] == caption
    assert NOTE not in left.text
    assert left.version != captioned.version
    assert left.id == captioned.id


def test_an_article_of_nothing_else_is_refused() -> None:
    with pytest.raises(ArticleRefused, match="in other articles of Tarn Gazette too"):
        without_furniture(article("only", NOTE), repeated_furniture(batch()))


def test_cleaned_records_give_the_same_furniture_each_time() -> None:
    records = [
        article_from_record(
            {"id": item.id, "source": item.source, "text": item.text}, origin="x"
        ).article
        for item in batch()
    ]
    assert repeated_furniture(records) == repeated_furniture(batch())

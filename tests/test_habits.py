"""What a publisher repeats is learned from many of its articles, kept, and left out of one alone."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from fakes import found, make_article

from index.articles import Article, Found, Refusal
from index.errors import WriteFailed
from index.habits import Habits

NOTE = "The Tarn Gazette has been printed on the quay since 1911 and belongs to nobody but readers."
STORIES = (
    "A ferry ran aground off the northern pier on Friday with forty passengers, the coast guard said.",
    "The central bank raised interest by a quarter of a point, and mortgages will cost more by winter.",
    "Police in Lund arrested two brothers over forged paintings that hung in a museum for a decade.",
    "Farmers expect the poorest barley harvest in years after a spring without any rain at all.",
    "The orchestra chose a conductor from Norway, who begins in autumn with a symphony by Nielsen.",
    "Engineers found cracks in three motorway bridges and closed the middle one to heavy lorries.",
)


def gazette(stories: Sequence[str], *, start: int = 0) -> list[Article]:
    """Articles of one publisher, each with its note at the end."""
    return [
        make_article(
            f"{story}\n\n{NOTE}", article_id=f"g{start + n}", title=story[:20], source="Gazette"
        )
        for n, story in enumerate(stories)
    ]


def texts(items: Sequence[Found | Refusal]) -> list[str]:
    return [item.article.text for item in items if isinstance(item, Found)]


def test_a_note_under_many_stories_is_left_out_and_remembered(tmp_path: Path) -> None:
    habits = Habits(tmp_path / "habits.json")
    assert texts(list(habits.without(found(gazette(STORIES))))) == list(STORIES)
    habits.save()
    later = gazette(
        ["A new lighthouse was lit on the island before a crowd of fishermen."], start=9
    )
    again = Habits(tmp_path / "habits.json")
    [alone] = texts(list(again.without(found(later))))
    assert NOTE not in alone
    other = [make_article(f"{STORIES[0]}\n\n{NOTE}", article_id="o", source="Herald")]
    [of_another] = texts(list(again.without(found(other))))
    assert NOTE in of_another


def test_few_articles_teach_nothing(tmp_path: Path) -> None:
    items = list(Habits(tmp_path / "habits.json").without(found(gazette(STORIES[:2]))))
    assert all(NOTE in text for text in texts(items))


def test_an_article_of_nothing_else_is_refused_and_refusals_pass(tmp_path: Path) -> None:
    note = make_article(NOTE, article_id="note", title="Us", source="Gazette")
    bad = Refusal("/news/bad.txt", "bad")
    items = list(Habits(tmp_path / "h.json").without([*found([*gazette(STORIES), note]), bad]))
    assert [item.origin for item in items if isinstance(item, Refusal)] == [
        "/news/note.txt",
        "/news/bad.txt",
    ]


def test_a_new_index_forgets_and_a_broken_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "habits.json"
    path.write_text("{")
    with pytest.raises(WriteFailed, match=r"habits\.json cannot be read .* remove it"):
        Habits(path)
    Habits(path, anew=True).save()
    assert path.read_text() == "{}"

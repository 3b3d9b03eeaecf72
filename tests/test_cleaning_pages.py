"""How much reporting is kept and how much furniture removed of whole pages."""

from pathlib import Path

import pytest
from marked_pages import PAGES, found_share, load_page, read_page

from index.articles import read_articles

SHARED_ARTICLES = Path(__file__).resolve().parents[2] / "shared" / "articles"


@pytest.mark.parametrize(
    ("part", "kept_floor", "removed_floor"),
    [
        ("tuned", 0.99, 0.99),
        ("held_back", 0.99, 0.97),
        ("tuned_2", 0.99, 0.99),
        ("held_back_2", 0.99, 0.97),
        ("held_back_3", 0.99, 0.97),
        ("held_back_4", 0.99, 0.97),
        ("held_back_5", 0.99, 0.97),
        ("held_back_6", 0.99, 0.97),
        ("held_back_7", 0.99, 0.97),
    ],
)
def test_reporting_is_kept_and_furniture_removed(
    part: str, kept_floor: float, removed_floor: float, tmp_path: Path
) -> None:
    pages = [load_page(path) for path in sorted((PAGES / part).iterdir())]
    assert len(pages) >= 9
    kept = kept_of = left = left_of = 0
    for page in pages:
        text = read_page(page, tmp_path).text
        found, total = found_share(page.lines["+"] + page.lines["c"], text, alone=False)
        kept, kept_of = kept + found, kept_of + total
        found, total = found_share(page.lines["-"], text, alone=True)
        left, left_of = left + found, left_of + total
    print(
        f"{part}: reporting kept {kept / kept_of:.3f}, furniture removed {1 - left / left_of:.3f}"
    )
    assert kept / kept_of >= kept_floor
    assert 1 - left / left_of >= removed_floor


@pytest.mark.parametrize("path", sorted(PAGES.glob("*_[2-9]/*")), ids=lambda path: path.stem)
def test_marks_can_be_measured(path: Path) -> None:
    page = load_page(path)
    reporting = page.lines["+"] + page.lines["c"]
    assert {line[:2].rstrip() for line in path.read_text().split("\n")[1:]} <= {"", "+", "c", "-"}
    assert {"title", "author", "published"} <= set(page.expected)
    assert reporting
    assert page.lines["-"]
    assert found_share(page.lines["-"], "\n\n".join(reporting), alone=True)[0] == 0


@pytest.mark.parametrize("path", sorted(PAGES.glob("tuned*/*")), ids=lambda path: path.stem)
def test_header_and_captions_are_read(path: Path, tmp_path: Path) -> None:
    page = load_page(path)
    article = read_page(page, tmp_path)
    for field, value in page.expected.items():
        found = getattr(article, field)
        assert (None if found is None else str(found)) == value, field
    assert [article.text[start:end] for start, end in article.captions] == page.lines["c"]


@pytest.mark.skipif(not SHARED_ARTICLES.is_dir(), reason="the five shared stories are not here")
@pytest.mark.parametrize(
    ("number", "paragraphs", "captions", "absent"),
    [
        ("000", 23, 3, ("Community", "Carrie", "Horovitz", "Responsibly")),
        ("001", 28, 4, ("Join our", "0 Edit", "By AFP")),
        ("002", 13, 0, ("Related article", "Smituk", "Original url", "https")),
        ("003", 18, 2, ("donation", "Elon Musk", "commenting", "refresh", "Comments")),
        ("004", 17, 0, ("JavaScript", "tg/rc")),
    ],
)
def test_shared_stories(
    number: str, paragraphs: int, captions: int, absent: tuple[str, ...]
) -> None:
    article = read_articles(next(SHARED_ARTICLES.glob(f"{number}_*.txt")))[0]
    assert [words for words in absent if words in article.text] == []
    assert len(article.captions) == captions
    assert len(article.text.split("\n\n")) == paragraphs

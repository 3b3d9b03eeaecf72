"""What is kept and what is dropped of real-looking pages, and of single lines."""

import html
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.articles import Article, article_from_page, read_articles
from index.cleaning.dates import date_in_url, find_date
from index.cleaning.foreign import foreign_cues, is_other_story, is_page_line
from index.cleaning.furniture import SURE, furniture_score
from index.cleaning.languages import LANGUAGES
from index.cleaning.metadata import read_byline, read_url
from index.cleaning.paragraphs import plain_paragraphs
from index.cleaning.reporting import clean

PAGES = Path(__file__).parent / "data" / "pages"
SHARED_ARTICLES = Path(__file__).resolve().parents[2] / "shared" / "articles"
STORY = """Ferry sinks off Tarn

TARN — A ferry with 40 people on board sank off the port of Tarn on Friday, the coast guard said.

{middle}

All of the passengers were picked up by fishing boats, according to the harbour master.

The ferry, built in 1974, had passed an inspection in March, the transport ministry said.

{end}
"""


@dataclass(frozen=True)
class Page:
    """A page whose lines are marked: + reporting, c caption, - furniture, blank for structure."""

    path: Path
    expected: dict[str, str | None]
    body: str
    lines: dict[str, list[str]]


def load_page(path: Path) -> Page:
    """The page without its marks, and what the marks say."""
    first, *lines = path.read_text().split("\n")
    marked: dict[str, list[str]] = {"+": [], "c": [], "-": []}
    for line in lines:
        if line[:1] in marked and (words := visible_words(line[2:])):
            marked[line[0]].append(words)
    return Page(path, json.loads(first), "\n".join(line[2:] for line in lines), marked)


def visible_words(line: str) -> str:
    """A line of text, Markdown or HTML as a reader sees it."""
    line = html.unescape(re.sub(r"<[^>]+>", " ", line))
    line = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", line).replace("**", "")
    return " ".join(line.lstrip("#>-* ").rstrip("* ").split())


def read_page(page: Page, folder: Path) -> Article:
    """The article that the page's file becomes."""
    file = folder / page.path.name
    file.write_text(page.body)
    return read_articles(file)[0]


def found_share(lines: list[str], text: str, *, alone: bool) -> tuple[int, int]:
    """Characters of the lines' sentences that stand in the text, and all of them."""
    sentences = [part for line in lines for part in re.split(r"(?<=[.!?]) ", line)]
    inside = [sentence for sentence in sentences if stands_in(sentence, text, alone=alone)]
    return sum(map(len, inside)), sum(map(len, sentences))


def stands_in(sentence: str, text: str, *, alone: bool) -> bool:
    """Whether a sentence is in the text; a short one (Share) `alone`, as a whole paragraph."""
    if alone and len(sentence) <= 30:
        return sentence in text.split("\n\n")
    return without_bars(sentence) in without_bars(text)


def without_bars(text: str) -> str:
    """The words of a text with one space between them, and none of the bars of a table's row."""
    return " ".join(text.replace("|", " ").split())


@pytest.mark.parametrize(
    ("part", "kept_floor", "removed_floor"),
    [
        ("tuned", 0.99, 0.99),
        ("held_back", 0.99, 0.97),
        ("tuned_2", 0.99, 0.99),
        ("held_back_2", 0.97, 0.96),
    ],
)
def test_reporting_is_kept_and_furniture_removed(
    part: str, kept_floor: float, removed_floor: float, tmp_path: Path
) -> None:
    pages = [load_page(path) for path in sorted((PAGES / part).iterdir())]
    assert len(pages) >= 22
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


@pytest.mark.parametrize("path", sorted(PAGES.glob("*_2/*")), ids=lambda path: path.stem)
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


FURNITURE = [
    "Join our Community",
    "Already a member? Sign in to stop seeing this",
    "Your donation lets us send reporters to both sides of the story.",
    "Sign up for our morning newsletter and get the day's news in your inbox.",
    "To view this video please enable JavaScript, and consider upgrading your web browser.",
    "READ ALSO: Harbour master resigns",
    "Related article: Why old ferries stay at sea",
    "We use cookies to make our site work. Manage your preferences here.",
    "Advertisement",
    "For unlimited access to our archive, subscribe today",
    "217 shares",
    "Listen to this story",
    "Follow us on X and Facebook",
    "© 2023 The Tarn Gazette. All rights reserved.",
    "Download our app to get alerts",
    "Jane Doe / TASS",
    "WOMAN WHO SWAM TO SHORE WITH HER DOG TELLS HER STORY",
    "https://gazette.example/ferry",
]
REPORTING = [
    '"I\'m proud of our crew," the captain said.',
    "The union has asked its members to sign up for a strike, its leader said.",
    "“Join us, donate what you can and share this page,” the mayor told a rally in the square.",
    "A subscription to the ferry's newsletter costs $6 a month, and 900 readers have one.",
    "The port's website, which needs JavaScript, was down all night.",
    "The lifeboat fund received donations of $40,000 within hours, a spokeswoman said.",
    "Norland applied for membership of the customs union in May.",
    "The newspaper that first reported the leak closed its comment section on Friday.",
    "The rescue",
    "What happens next?",
    "Share prices fell",
    "A cookie factory near the port was used as a shelter for the passengers.",
    "Like many ferries in the region, it carried twice the load it was built for.",
]


def kept_paragraphs(*, middle: str = "", end: str = "") -> tuple[str, ...]:
    """The paragraphs kept of a story with one more line in its middle or at its end."""
    return clean(plain_paragraphs(STORY.format(middle=middle, end=end))).paragraphs


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_is_dropped_in_the_middle_and_at_the_end(line: str) -> None:
    assert kept_paragraphs(middle=line) == kept_paragraphs(end=line) == kept_paragraphs()
    assert len(kept_paragraphs()) == 3


@pytest.mark.parametrize("line", REPORTING)
def test_reporting_that_speaks_of_furniture_is_kept(line: str) -> None:
    assert kept_paragraphs(middle=line)[1] == line


def test_appeal_goes_with_its_heading_its_story_and_its_signature() -> None:
    appeal = """Why we stay

I came to this paper as a trainee and I still love the smell of the presses.

Your support lets our reporters work. Please join our community today.

Thank you,
Ann Poole, Editor"""
    assert kept_paragraphs(middle=appeal) == kept_paragraphs(end=appeal) == kept_paragraphs()


def test_headlines_under_a_label_are_dropped_down_to_the_crosshead() -> None:
    related = """Related stories
Port chief quits after week of protests
Ten ships that never came home

The inquiry"""
    assert kept_paragraphs(middle=related)[1:3] == ("The inquiry", kept_paragraphs()[1])


def test_line_between_furniture_is_furniture() -> None:
    block = "Advertisement\n\nSea Breeze Holidays, only this week\n\nAdvertisement"
    assert kept_paragraphs(middle=block) == kept_paragraphs()


def test_note_about_another_writer_is_dropped_unless_the_story_names_the_writer() -> None:
    note = "Jo Ray is the maritime correspondent of the Tarn Gazette."
    assert kept_paragraphs(end=note) == kept_paragraphs()
    named = kept_paragraphs(middle="Jo Ray was on board, according to the police.", end=note)
    assert named[-1] == note


def test_post_of_a_social_network_is_a_quotation() -> None:
    post = "Please share this page and join us at the port! — Ann Poole (@annpoole) May 3, 2021"
    assert kept_paragraphs(middle=post)[1] == post


def test_note_about_the_author_is_dropped() -> None:
    signed = STORY.replace("TARN —", "By Ann Poole\n\nTARN —", 1)
    note = "Ann Poole is a reporter at the Tarn Gazette. She has covered the sea for ten years."
    plain = clean(plain_paragraphs(signed.format(middle="", end="")))
    assert plain.author == "Ann Poole"
    assert clean(plain_paragraphs(signed.format(middle="", end=note))) == plain


def test_reporting_in_one_paragraph_with_furniture_is_kept() -> None:
    reporting = (
        "The crew of six left the ferry last, carrying the log and the ship's cat, police said."
    )
    mixed = f"{reporting} Was this helpful? Thank you for your feedback. Sign up to our newsletter here."
    assert kept_paragraphs(middle=mixed)[1] == reporting


def test_long_paragraph_without_a_final_stop_is_kept_in_a_list_of_headlines() -> None:
    paragraph = (
        "The inquiry opens in May and is led by a judge of the maritime court in Tarn, who has asked"
        " for the log of the ferry and for the names of all those who were on board"
    )
    assert kept_paragraphs(middle=f"Related stories\n\n{paragraph}")[1] == paragraph


def test_column_in_the_first_person_is_kept() -> None:
    lines = [
        "The year I learned to sail",
        "I bought the boat in May, and we gave it my grandmother's name that evening.",
        "You learn quickly when the water comes in over your shoes and nobody is near.",
        "We sailed to Tarn and back, and I was sick four times on the way there.",
        "My brother said that I should sell it, and I think he was right about that.",
        "I still keep the bell on my desk, where you can hear it when a lorry passes.",
    ]
    assert len(clean(plain_paragraphs("\n\n".join(lines))).paragraphs) == 5


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("es", "Síguenos en Google News"),
        ("es", "Te puede interesar: El faro que nadie enciende"),
        ("fr", "Suivez notre chaîne WhatsApp pour ne rien manquer."),
        ("de", "Melden Sie sich für unseren Newsletter an."),
        ("uk", "Підписуйтесь на наш канал у Telegram"),
        ("pl", "Czytaj też: Latarnia bez latarnika"),
    ],
)
def test_furniture_of_other_languages_is_told_by_word_stems(code: str, line: str) -> None:
    language = LANGUAGES[code]
    cues = foreign_cues(line, language=language)
    assert (
        is_page_line(line, language=language)
        or is_other_story(line, language=language)
        or furniture_score(line, cues=cues) >= SURE
    )


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("es", "El canal de Panamá cerró sus compuertas."),
        ("es", "“Suscríbete a nuestro boletín”, dijo el cartel."),
        ("fr", "Les abonnés du gaz paieront plus."),
        ("de", "Unser Kanal ist trocken, sagte der Schleusenwärter."),
        ("uk", "Наш канал замерз, сказав лоцман."),
        ("pl", "Zapisy do szkoły ruszą w maju."),
    ],
)
def test_reporting_of_other_languages_with_such_words_is_kept(code: str, line: str) -> None:
    language = LANGUAGES[code]
    cues = foreign_cues(line, language=language)
    assert not is_page_line(line, language=language)
    assert not is_other_story(line, language=language)
    assert furniture_score(line, cues=cues) < SURE


def test_box_with_a_button_goes_whole_and_a_list_of_names_stays() -> None:
    box = "Tarn Daily\nThe one thing to know before noon.\nEnter your email\nSign up"
    assert kept_paragraphs(middle=box) == kept_paragraphs()
    names = "Ann Poole\nJon Lee\nIda Holm\nPer Strand"
    assert kept_paragraphs(middle=names)[1:5] == tuple(names.split("\n"))


INSET = """<html><body><main><article><h1>Ferry sinks off Tarn</h1>
<p>A ferry with 40 people on board sank off the port of Tarn on Friday, the coast guard said.</p>
<div class="{name}"><p>{inset}</p></div>
<p>All of the passengers were picked up by fishing boats, according to the harbour master.</p>
<p>The ferry, built in 1974, had passed an inspection in March, the transport ministry said.</p>
</article></main></body></html>"""


@pytest.mark.parametrize(
    ("name", "inset", "paragraphs"),
    [
        ("x7f", "Ten columns worth an argument, chosen by the comment desk.", 3),
        ("x7f", "The ferry and the port share one engine maker, and both were inspected.", 4),
        ("factbox", "Life jackets are tested in salt water twice in a decade.", 4),
        ("post-related", "The ferry and the port share one engine maker.", 3),
    ],
)
def test_box_unlike_those_of_the_body_has_to_share_its_words(
    name: str, inset: str, paragraphs: int
) -> None:
    page = article_from_page(INSET.format(name=name, inset=inset), origin="page.html")
    assert (inset in page.article.text) is (paragraphs == 4)
    assert len(page.article.text.split("\n\n")) == paragraphs


def test_lines_above_an_exported_page_are_its_fields(tmp_path: Path) -> None:
    file = tmp_path / "export.md"
    story = STORY.replace("Ferry sinks", "# Ferry sinks").format(middle="", end="")
    header = "Title: Ferry sinks off Tarn - The Gazette\n\nURL Source: https://gazette.example/f\n"
    file.write_text(f"{header}\nPublished Time: 2021-05-03T08:15:00Z\n\nMarkdown Content:\n{story}")
    article = read_articles(file)[0]
    assert article.title == "Ferry sinks off Tarn"
    assert (article.author, str(article.published)) == (None, "2021-05-03")
    assert article.url == "https://gazette.example/f"
    assert len(article.text.split("\n\n")) == 3


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


@pytest.mark.parametrize(
    "piece", ["a", "a ", "“", "(", "By A ", "please sign up ", "http://", "12:", "A/"]
)
def test_a_line_of_a_megabyte_is_read_in_good_time(piece: str) -> None:
    start = time.process_time()
    clean(plain_paragraphs(piece * (1_000_000 // len(piece))))
    assert time.process_time() - start < 10


def test_a_typical_article_is_cleaned_quickly() -> None:
    page = load_page(PAGES / "tuned" / "mine_rescue.txt")
    clean(plain_paragraphs(page.body))
    start = time.process_time()
    for _ in range(20):
        clean(plain_paragraphs(page.body))
    assert (time.process_time() - start) / 20 < 0.02


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

"""What is kept and what is dropped of single lines and boxes."""

import time
from pathlib import Path

import pytest
from ferry_story import STORY
from marked_pages import PAGES, load_page

from index.articles import article_from_page, read_articles
from index.cleaning.foreign import foreign_cues, is_other_story, is_page_line
from index.cleaning.furniture import SURE, furniture_score
from index.cleaning.languages import LANGUAGES
from index.cleaning.paragraphs import plain_paragraphs
from index.cleaning.reporting import clean

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

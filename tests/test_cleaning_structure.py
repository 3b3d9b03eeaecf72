"""What the structure of a page, a printed page, an e-mail or a script tells of its furniture."""

from pathlib import Path

import pytest

from index.articles import Article, article_from_page, read_articles
from index.cleaning.paragraphs import plain_paragraphs
from index.cleaning.printed import is_contents_line, is_jump, is_slug
from index.cleaning.reporting import clean

PAGE = """<html><head>{head}</head><body><main><article><h1>Ferry sinks off Tarn</h1>
<p class="{name}">A ferry with 40 people on board sank off Tarn on Friday, the coast guard said.</p>
{middle}
<p class="{name}">All of the passengers were picked up by fishing boats, says the harbour master.</p>
<p class="{name}">The ferry, built in 1974, had passed an inspection in March, the ministry said.</p>
{end}</article></main></body></html>"""
BODY = 3  # paragraphs of that page
STORY = """The crew of six left the ferry last, and carried the log, the harbour master said.

All of the passengers were picked up by fishing boats, according to the coast guard.

The ferry, built in 1974, had passed an inspection in March, the transport ministry said."""


def page_article(middle: str = "", *, end: str = "", head: str = "", name: str = "p") -> Article:
    """The article of a page with more in its middle, at its end or in its head."""
    page = PAGE.format(middle=middle, end=end, head=head, name=name)
    return article_from_page(page, origin="page.html").article


def text_article(folder: Path, text: str) -> Article:
    """The article of a file of plain text."""
    file = folder / "story.txt"
    file.write_text(text)
    return read_articles(file)[0]


def cleaned(text: str) -> str:
    """What is kept of a text whose title is known."""
    return "\n\n".join(clean(plain_paragraphs(text), title="Ferry sinks off Tarn").paragraphs)


def test_aside_among_the_paragraphs_is_kept_where_it_speaks_of_the_article() -> None:
    facts = "<aside><p>{}</p></aside>"
    own = "Every ferry of the port carries a log. Tarn has lost three since 1974."
    other = "Ten ways to cook a lobster. Number six is a surprise."
    assert own in page_article(facts.format(own)).text
    assert other not in page_article(facts.format(other)).text


def test_link_that_holds_blocks_is_another_story() -> None:
    card = (
        '<a href="/x"><div>Why ferries sink</div><p>Three ferry masters of Tarn explain it.</p></a>'
    )
    assert page_article(card).text == page_article().text


def test_list_below_a_colon_is_what_the_sentence_announces() -> None:
    announced = "<p>The court forbids these words on a button:</p><ul><li>Read more</li></ul>"
    assert "\n\nRead more\n\n" in page_article(announced).text
    assert "Read more" not in page_article("<ul><li>Read more</li></ul>").text


def test_name_of_furniture_on_most_paragraphs_is_not_believed() -> None:
    assert len(page_article(name="paywall").text.split("\n\n")) == BODY


def test_article_body_of_the_metadata_tells_the_article_from_what_it_passes_over() -> None:
    inset = "Lead in the keel had been replaced by concrete."
    teaser = "A towel on the rail keeps a hotel from charging twice."
    whole = f"""A ferry with 40 people on board sank off Tarn on Friday, the coast guard said. {inset}
All of the passengers were picked up by fishing boats, says the harbour master. The ferry, built in
1974, had passed an inspection in March, the ministry said. Nobody was hurt, and nothing was found
of the cargo, which was made up of tiles, sand and one piano from the year 1911."""
    script = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "articleBody": "%s"}</script>'
    )
    head = script % " ".join(whole.split())
    insets = f'<div class="promo"><p>{inset} </p></div><div class="z"><p>{teaser}</p></div>'
    assert len(inset) < 60 < len(teaser) + len(inset)
    told = page_article(f"<div><p>{inset}</p></div><div><p>{teaser}</p></div>", head=head).text
    assert inset in told
    assert teaser not in told
    assert inset not in page_article(insets).text


def test_box_with_the_author_alone_on_a_line_is_about_the_author() -> None:
    head = '<meta name="author" content="Ann Poole">'
    box = "<div class='q'><h3>Sobre</h3><p>Ann Poole</p><p>Redactora en Tarn. Vive en un barco.</p></div>"
    assert page_article(end=box, head=head).text == page_article().text


def test_small_columns_beside_the_text_of_a_layout_table_go() -> None:
    cells = "".join(f"<P>{paragraph}</P>" for paragraph in STORY.split("\n\n"))
    page = f"""<html><head><title>Tarn Courier - Ferry sinks</title></head><body><TABLE><TR>
<TD><A href="f">Front</A></TD><TD><H2>Ferry sinks</H2>{cells}</TD><TD><B>WEATHER</B> Low 41</TD>
</TR></TABLE></body></html>"""
    article = article_from_page(page, origin="page.html").article
    assert article.text == STORY
    assert article.title == "Ferry sinks"


@pytest.mark.parametrize(
    "line",
    [
        "See RUNWAY, A7",
        "From A6",
        "SEE MERGER, PAGE B4",
        "Please turn to HERON, 9",
        "(From Page 3)",
        "Fortsetzung auf Seite 4",
        "Viene de la página 3",
        "Продолжение на стр. 3",
    ],
)
def test_jump_to_another_page(line: str) -> None:
    assert is_jump(line)
    assert cleaned(STORY.replace("\n\n", f"\n\n{line}\n\n", 1)) == STORY


@pytest.mark.parametrize(
    "line",
    ["From 1941 to 1945", "See Table 3", "It is on page 3.", "From M25 to A1", "Up from 7"],
)
def test_line_with_a_number_is_no_jump(line: str) -> None:
    assert not is_jump(line)


def test_word_under_which_a_jump_goes_on_goes_with_it() -> None:
    jump = "See FERRY, A7\n\nFERRY\nFrom A6\n\n"
    assert cleaned(STORY.replace("All of", f"{jump}All of")) == STORY


def test_contents_and_slugs() -> None:
    assert is_contents_line("Comics ....... C5")
    assert not is_contents_line("He waited ... and left")
    assert is_slug("BC-FERRY-SINKS, 2nd Ld-Writethru")
    assert is_slug("Eds: UPDATES with toll.")
    assert not is_slug("MH370 search resumes")


def test_column_of_a_newspaper_is_unwrapped(tmp_path: Path) -> None:
    column = """The state health department on
Wednesday approved the merger of
Mercy General and Lakeside, which
leaves the county with one ward."""
    assert " ".join(column.split()) in text_article(tmp_path, f"{column}\n\n{STORY}").text


LETTER = f"""Good morning, and happy Wednesday!
It is raining again, and the coffee is strong.

Ferry goes down off the harbour

{STORY}"""


def test_greeting_above_a_headline_is_none_of_the_article(tmp_path: Path) -> None:
    article = text_article(tmp_path, LETTER)
    assert article.title == "Ferry goes down off the harbour"
    assert article.text == STORY


def test_letter_with_a_greeting_keeps_its_first_story(tmp_path: Path) -> None:
    other = "The tower leans\n\nThe tower of Tarn leans by four centimetres, the vicar wrote."
    assert text_article(tmp_path, f"{LETTER}\n\n{other}").text == f"{STORY}\n\n{other}"


def test_lines_above_a_saved_email_are_its_fields(tmp_path: Path) -> None:
    head = "From: Tarn Post <a@tarn.example>\nDate: Wed, 05 May 2021 06:00:00 +0000\n"
    article = text_article(tmp_path, f"{head}Subject: Ferry goes down off the harbour\n\n{LETTER}")
    assert article.title == "Ferry goes down off the harbour"
    assert str(article.published) == "2021-05-05"
    assert article.text == STORY


def test_reference_in_brackets_of_its_own_goes_and_a_remark_in_a_sentence_stays() -> None:
    reference = STORY.replace("said.", "said. (Read more: The rise of the ferry)", 1)
    assert cleaned(reference) == STORY
    remark = STORY.replace("the log,", "the log (see also: the bell),")
    assert cleaned(remark) == remark


def test_about_a_company_and_all_below_is_no_news() -> None:
    about = (
        "About Tarn Lines\n\nTarn Lines runs nine ferries in four countries and has 300 sailors."
    )
    assert cleaned(f"{STORY}\n\n{about}") == STORY


@pytest.mark.parametrize(
    "text",
    [
        """港のフェリーが金曜日に沈没した。乗客40人は全員、漁船に救助されたという。

フェリーは1974年に建造され、3月の検査に合格していた、と港の責任者は話した。""",
        """항구를 떠난 여객선이 금요일 새벽에 바위에 부딪혀 가라앉았다고 해경이 밝혔다

승객 40명은 모두 어선에 구조됐으며 배는 1974년에 만들어졌다고 한다.""",
        """बंदरगाह से निकली नाव शुक्रवार को डूब गई और सभी 40 यात्री बचा लिए गए।

यह नाव 1974 में बनी थी और मार्च में इसकी जाँच हुई थी, मंत्रालय ने बताया।""",
    ],
    ids=["ja", "ko", "hi"],
)
def test_scripts_without_capitals_shout_nothing(text: str) -> None:
    assert cleaned(text) == text

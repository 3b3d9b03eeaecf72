"""Files and records become Articles: formats, encodings, metadata, ids and refusals."""

import json
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.articles import Article, article_from_record, find_files, read_articles
from index.errors import ArticleRefused

BODY = (
    "The harbour of Tarn was closed on Friday after a ferry ran aground, the coast guard said.\n\n"
    "Forty passengers were taken off by fishing boats, according to the harbour master.\n"
)
RECORD = {
    "_id": "r-1",
    "title": "Ferry aground",
    "text": BODY,
    "published": "2023-11-27T08:45:59+00:00",
}


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """A file with that content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read_one(folder: Path, name: str, content: str | bytes) -> Article:
    """The one article of a file with that content."""
    [article] = read_articles(write(folder, name, content))
    return article


def test_front_matter_names_the_fields(tmp_path: Path) -> None:
    article = read_one(
        tmp_path,
        "a.md",
        "---\nid: tarn-1\ntitle: Ferry aground\nauthor: [Ann Poole, Jo Ray]\nsource: Tarn Gazette\n"
        f"date: 2023-11-27\nurl: https://tarn.example/ferry\n---\n# Ferry aground\n\n{BODY}",
    )
    assert article.id == "tarn-1"
    assert article.title == "Ferry aground"
    assert article.author == "Ann Poole, Jo Ray"
    assert article.source == "Tarn Gazette"
    assert article.published == date(2023, 11, 27)
    assert article.url == "https://tarn.example/ferry"
    assert article.text == BODY.strip()


def test_markdown_without_front_matter_takes_its_heading_as_title(tmp_path: Path) -> None:
    article = read_one(tmp_path, "a.md", f"# Ferry *aground*\n\n## At Tarn\n\n{BODY}")
    assert article.title == "Ferry aground"
    assert article.text == "At Tarn\n\n" + BODY.strip()


def test_markup_and_hidden_text_of_markdown_are_dropped(tmp_path: Path) -> None:
    article = read_one(
        tmp_path,
        "a.md",
        f"# Ferry aground\n\n<!-- secret -->\n<div style='display: none'>secret</div>\n\n{BODY}\n"
        "The **crew** of [six](https://x.example) was the last to leave, a spokesman said.",
    )
    assert article.text.endswith("The crew of six was the last to leave, a spokesman said.")
    assert "secret" not in article.text


def test_plain_text_title_is_its_first_line(tmp_path: Path) -> None:
    article = read_one(tmp_path, "a.txt", f"Ferry aground at Tarn\n\n{BODY}")
    assert article.title == "Ferry aground at Tarn"
    assert article.text == BODY.strip()
    assert (article.source, article.author, article.published, article.url) == (None,) * 4


def test_text_without_a_title_is_named_by_its_first_words(tmp_path: Path) -> None:
    article = read_one(tmp_path, "a.txt", BODY)
    assert (
        article.title
        == "The harbour of Tarn was closed on Friday after a ferry ran aground, the coast…"
    )
    assert article.text == BODY.strip()


def test_web_page_gives_text_metadata_and_captions(tmp_path: Path) -> None:
    page = """<html><head><title>Ferry aground | Tarn Gazette</title>
    <meta property="og:title" content="Ferry aground">
    <meta property="og:site_name" content="Tarn Gazette"><meta name="author" content="Ann Poole">
    <meta property="article:published_time" content="2023-11-27T08:45:59Z">
    <link rel="canonical" href="https://tarn.example/ferry"></head><body>
    <nav>Home News</nav><article><h1>Ferry aground</h1>
    <figure><img src="f.jpg"><figcaption>The ferry on Friday. Photo: Jo Ray</figcaption></figure>
    <p>The harbour of Tarn was closed on Friday after a ferry ran aground, the coast guard said.</p>
    <p hidden>A hidden paragraph about a sale of boats.</p>
    <p>Forty passengers were taken off by fishing boats on March 3, 2021 &amp; later.</p>
    </article><footer>© 2023 Tarn Gazette</footer></body></html>"""
    article = read_one(tmp_path, "a.html", page)
    assert article.title == "Ferry aground"
    assert (article.source, article.author) == ("Tarn Gazette", "Ann Poole")
    assert article.published == date(2023, 11, 27)
    assert article.url == "https://tarn.example/ferry"
    assert article.text.split("\n\n") == [
        "The ferry on Friday. Photo: Jo Ray",
        "The harbour of Tarn was closed on Friday after a ferry ran aground, the coast guard said.",
        "Forty passengers were taken off by fishing boats on March 3, 2021 & later.",
    ]
    assert article.captions == ((0, 34),)


def test_web_page_without_a_date_has_none(tmp_path: Path) -> None:
    page = f"<html><body><article><h1>Ferry aground</h1><p>{BODY} It sank on May 3, 2021.</p></article>"
    assert read_one(tmp_path, "a.htm", page).published is None


def test_records_of_json_and_jsonl(tmp_path: Path) -> None:
    lines = json.dumps(RECORD) + "\n\n" + json.dumps({**RECORD, "_id": "r-2"}) + "\n"
    assert [article.id for article in read_articles(write(tmp_path, "a.jsonl", lines))] == [
        "r-1",
        "r-2",
    ]
    assert read_one(tmp_path, "a.json", json.dumps(RECORD)).published == date(2023, 11, 27)
    assert len(read_articles(write(tmp_path, "b.json", json.dumps([RECORD, RECORD])))) == 2


@pytest.mark.parametrize("field", ["text", "body", "content"])
def test_record_field_names(field: str) -> None:
    article = article_from_record(
        {"id": 7, "headline": "Ferry aground", field: f"<p>{BODY}</p>", "date": "2023-11-27"},
        origin="x",
    ).article
    assert (article.id, article.title, article.published) == (
        "7",
        "Ferry aground",
        date(2023, 11, 27),
    )
    assert "<p>" not in article.text


def test_title_at_the_head_of_a_record_is_not_in_its_text() -> None:
    assert (
        article_from_record({**RECORD, "text": f"Ferry aground {BODY}"}, origin="x").article.text
        == BODY.strip()
    )
    assert (
        article_from_record({**RECORD, "text": f"Ferry aground\n\n{BODY}"}, origin="x").article.text
        == BODY.strip()
    )


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8-sig", "Ærøskøbing – “Åse” said"),
        ("utf-16", "Ærøskøbing – “Åse” said"),
        ("cp1252", "Ærøskøbing – “Åse” said"),
        ("latin-1", "Ærøskøbing, Åse said"),
    ],
)
def test_encodings(encoding: str, words: str, tmp_path: Path) -> None:
    text = f"{BODY}\nThe town of {words} that the café would stay open all night for them.\n"
    assert words in read_one(tmp_path, "a.txt", text.encode(encoding)).text


def test_text_is_normalised(tmp_path: Path) -> None:
    raw = (
        BODY.replace("\n", "\r\n")
        .replace("The ", "The\u00a0\u200b", 1)
        .replace("harbour", "harb\u00adour\x07")
    )
    article = read_one(tmp_path, "a.txt", f"\ufeff{raw}\r\nThe cafe\u0301 is open, its owner said.")
    assert article.text == f"{BODY.strip()}\n\nThe café is open, its owner said."


def test_wrapped_lines_are_joined_and_single_lines_are_not(tmp_path: Path) -> None:
    wrapped = (
        "The harbour of Tarn was closed on Friday after a ferry ran\naground, the coast guard said,"
        " and forty passengers were\ntaken off by boats.\n"
    )
    assert read_one(tmp_path, "a.txt", wrapped).text.count("\n") == 0
    assert read_one(tmp_path, "b.txt", BODY.replace("\n\n", "\n")).text == BODY.strip()


def test_ids_are_stable_readable_and_apart(tmp_path: Path) -> None:
    first = read_one(tmp_path, "Ferry aground.txt", BODY)
    again = read_one(
        tmp_path, "Ferry aground.txt", BODY + "\nThe ferry was towed away, police said."
    )
    other = read_one(tmp_path, "ferry_aground.txt", BODY)
    assert first.id == again.id
    assert first.version != again.version
    assert first.id.startswith("ferry-aground-")
    assert first.id != other.id
    without_id = {key: value for key, value in RECORD.items() if key != "_id"}
    linked = article_from_record(
        {**without_id, "url": "https://a.example/2023/ferry.html"}, origin="a"
    ).article
    assert (
        linked.id == article_from_record({**without_id, "url": linked.url}, origin="b").article.id
    )
    assert linked.id.startswith("ferry-")


def test_id_does_not_depend_on_where_the_folder_lies(tmp_path: Path) -> None:
    for place in ("here", "there"):
        (tmp_path / place / "news").mkdir(parents=True)
    here = read_one(tmp_path / "here" / "news", "a.txt", BODY)
    assert here.id == read_one(tmp_path / "there" / "news", "a.txt", BODY).id


def test_record_without_id_or_url_keeps_its_id_when_another_is_put_before_it(
    tmp_path: Path,
) -> None:
    bare = json.dumps({"title": "Ferry aground", "text": BODY})
    [alone] = read_articles(write(tmp_path, "a.jsonl", bare))
    assert (
        read_articles(write(tmp_path, "a.jsonl", json.dumps(RECORD) + "\n" + bare))[1].id
        == alone.id
    )


def test_records_of_one_title_without_id_or_url_are_apart(tmp_path: Path) -> None:
    records = [
        {"title": "Weather", "text": BODY},
        {"title": "Weather", "text": f"{BODY}\nThe ferry was towed away on Saturday, police said."},
    ]
    first, second = read_articles(write(tmp_path, "a.json", json.dumps(records)))
    assert first.title == second.title == "Weather"
    assert first.id != second.id
    assert [a.id for a in read_articles(write(tmp_path, "b.json", json.dumps(records[::-1])))] == [
        second.id,
        first.id,
    ]


def test_version_is_the_hash_of_the_text() -> None:
    article = Article("a", "t", "abc", None, None, None, None)
    assert article.version == "ba7816bf8f01cfea"


def test_source_is_the_name_that_spells_the_host(tmp_path: Path) -> None:
    tail = "\nThank you for reading The Tarn Gazette.\n\nOriginal url:\n\nhttps://www.thetarngazette.com/2023/11/27/ferry"
    article = read_one(tmp_path, "a.txt", f"Ferry aground\n\n{BODY}{tail}")
    assert (article.source, article.url) == (
        "The Tarn Gazette",
        "https://www.thetarngazette.com/2023/11/27/ferry",
    )
    assert article.published == date(2023, 11, 27)
    assert article.text == BODY.strip()


def test_find_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("b.txt", "a.MD", "sub/c.html", "notes.docx", ".hidden.txt", ".git/d.txt"):
        write(tmp_path, name, BODY)
    assert [str(path.relative_to(tmp_path)) for path in find_files(tmp_path)] == [
        "a.MD",
        "b.txt",
        "sub/c.html",
    ]
    assert find_files(tmp_path / "b.txt") == [tmp_path / "b.txt"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", "", "empty"),
        ("a.txt", " \n\n\ufeff \n", "no reporting"),
        ("a.txt", b"%PDF-1.4\0\0\x01", "not a text file"),
        ("a.txt", "Advertisement\n\nSign up to our newsletter\n\nShare\n", "no reporting"),
        ("a.html", "<html><body></body></html>", "no reporting"),
        ("a.md", "---\ntitle: [unclosed\n---\n" + BODY, "not valid YAML"),
        ("a.json", '{"text": ', "not valid JSON"),
        ("a.json", "[]", "empty list"),
        ("a.json", "[1]", "not an article record"),
        ("a.json", '{"title": "Ferry"}', "has no text"),
        ("a.jsonl", '{"text": "x"}\n{"text": \n'.replace('"x"', json.dumps(BODY)), "line 2"),
        ("a.docx", BODY, "extension"),
    ],
)
def test_refusals_name_the_file_in_one_sentence(
    name: str, content: str | bytes, reason: str, tmp_path: Path
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(ArticleRefused) as refusal:
        read_articles(path)
    message = str(refusal.value)
    assert reason in message
    assert str(path) in message
    assert message.endswith(".")
    assert "\n" not in message


def test_missing_paths_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArticleRefused, match="does not exist"):
        find_files(tmp_path / "none")
    with pytest.raises(ArticleRefused, match="does not exist"):
        read_articles(tmp_path / "none.txt")
    with pytest.raises(ArticleRefused, match="holds no articles"):
        find_files(tmp_path)
    with pytest.raises(ArticleRefused, match="extension"):
        find_files(write(tmp_path, "a.docx", BODY))


def test_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", BODY)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")
    with pytest.raises(ArticleRefused, match="permissions"):
        read_articles(path)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            st.text(max_size=60),
            st.sampled_from(
                [
                    "By AFP",
                    "Share",
                    "“",
                    "(AP)",
                    "FILE - A boat. (AP)",
                    "<p>",
                    "\n\n",
                    "12 May 2020",
                    BODY,
                    "©",
                    "# ",
                ]
            ),
        ),
        max_size=12,
    ).map("\n".join)
)
def test_any_text_becomes_a_sound_article_or_is_refused(text: str) -> None:
    try:
        article = article_from_record({"text": text}, origin="a record").article
    except ArticleRefused:
        return
    assert article.text == article.text.strip()
    assert article.title
    paragraphs = article.text.split("\n\n")
    assert all(paragraph and "\n" not in paragraph for paragraph in paragraphs)
    for start, end in article.captions:
        assert article.text[start:end] in paragraphs
        assert start == 0 or article.text[start - 2 : start] == "\n\n"


def test_a_lead_that_goes_on_from_its_title_stays_whole() -> None:
    record = {"title": "Kim Jong Un", "text": "Kim Jong Un left Russia on Sunday.\n\nHe waved."}
    assert article_from_record(record, origin="x").article.text.startswith(
        "Kim Jong Un left Russia"
    )
    doubled = {"title": "A long farewell", "text": "A long farewell Kim left Russia on Sunday."}
    assert article_from_record(doubled, origin="x").article.text == "Kim left Russia on Sunday."


def page(head: str, *, tag: str = "html") -> str:
    """A page with that head and an article about a ferry."""
    paragraphs = "".join(f"<p>{text}</p>" for text in BODY.strip().split("\n\n"))
    return f"<{tag}><head>{head}</head><body><article>{paragraphs}</article></body></html>"


def test_json_ld_comes_first_then_open_graph_then_the_rest(tmp_path: Path) -> None:
    linked = """<script type="application/ld+json">{"@graph": [
    {"@type": "WebPage", "name": "Not this"}, {"@type": "Person", "@id": "#a", "name": "Ann Poole"},
    {"@type": ["Thing", "NewsArticle"], "headline": "Ferry &amp; rock", "author": [{"@id": "#a"}],
     "publisher": {"name": "Tarn Gazette"}, "datePublished": "2022-06-03T10:00:00+02:00",
     "dateModified": "2022-06-04", "mainEntityOfPage": {"@id": "https://tarn.example/ferry"}}]}
    </script>"""
    graph = """<meta property="og:title" content="Other"><meta property="og:site_name" content="Other">
    <meta property="article:modified_time" content="2022-07-01"><meta property="og:locale" content="en_GB">"""
    article = read_one(tmp_path, "a.html", page(graph + linked))
    assert (article.title, article.author) == ("Ferry & rock", "Ann Poole")
    assert (article.source, article.url) == ("Tarn Gazette", "https://tarn.example/ferry")
    assert (article.published, article.updated) == (date(2022, 6, 3), date(2022, 6, 4))
    assert article.language == "en-GB"
    article = read_one(tmp_path, "b.html", page(graph))
    assert (article.title, article.updated) == ("Other", date(2022, 7, 1))


@pytest.mark.parametrize(
    "script",
    [
        "{broken",
        "[[[[",
        '{"@type": "NewsArticle", "headline": 7, "datePublished": "soon", "author": {"name": []}}',
        '{"@type": null, "@graph": {"@graph": [null, 1]}}',
        "[" * 5000,
    ],
)
def test_broken_json_ld_is_survived(script: str, tmp_path: Path) -> None:
    meta = '<meta property="og:title" content="Ferry">'
    head = f'{meta}<script type="application/ld+json">{script}</script>'
    article = read_one(tmp_path, "a.html", page(head))
    assert (article.title, article.published) == ("Ferry", None)


def test_one_trailing_comma_and_a_comment_are_forgiven(tmp_path: Path) -> None:
    head = """<script type="application/ld+json"><!-- {"@type": "NewsArticle", "headline": "Ferry",
    "author": ["Ann Poole", "https://tarn.example/jo"],} --></script>"""
    article = read_one(tmp_path, "a.html", page(head))
    assert (article.title, article.author) == ("Ferry", "Ann Poole")


@pytest.mark.parametrize(
    ("language", "tag"),
    [("en_gb", "en-GB"), ("DE", "de"), ("zh-hans-cn", "zh-Hans-CN"), ("english", None), ("", None)],
)
def test_languages_are_written_as_tags(language: str, tag: str | None, tmp_path: Path) -> None:
    html = page("", tag=f'html lang="{language}"')
    assert read_one(tmp_path, "a.html", html).language == tag
    record = {**RECORD, "language": language}
    assert article_from_record(record, origin="x").article.language == tag


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("17 février 2022", "fr", date(2022, 2, 17)),
        ("15. März 2023, 5:00 Uhr", "de-AT", date(2023, 3, 15)),
        ("3 мая 2020", "ru", date(2020, 5, 3)),
        ("2020年5月3日", "zh-Hans", date(2020, 5, 3)),
        ("17 février 2022", None, None),
        ("février 2022", "fr", None),
        ("hier", "fr", None),
        ("03/04/2023", "fr", None),
        ("17 février 2022", "qq", None),
    ],
)
def test_dates_with_months_of_other_languages(
    text: str, language: str | None, day: date | None
) -> None:
    record = {"text": BODY, "published": text, "language": language}
    assert article_from_record(record, origin="x").article.published == day


# Recorded replies are found by these texts: who changes one has to record them anew.
SAMPLE = {
    "a-walrus-and-white-dolphins.md": "5f8782192d77d2a7",
    "armoured-train-takes-kim-towards-border.md": "09cb662ebd60a6cb",
    "in-brief-kim-leaves-russia.md": "16d60baa77618b46",
    "kim-ends-russia-stay-with-drones.md": "95ce8509b7415e92",
    "kim-jong-un-on-the-way-home.md": "c0936cf3432c09e3",
    "kim-sends-heartfelt-thanks-to-putin.md": "b47356e5981aeb17",
    "kim-takes-drones-and-protective-clothing-home.md": "cc216fee4199759b",
}


def test_the_sample_articles_are_cleaned_as_their_recordings_expect() -> None:
    folder = Path(__file__).resolve().parents[1] / "articles"
    assert {path.name: read_articles(path)[0].version for path in find_files(folder)} == SAMPLE

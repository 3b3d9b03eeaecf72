"""Files, folders, globs, standard input and addresses: what goes in, and what is said of the rest."""

import io
import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pypdf
import pytest
from fake_pdf import pdf
from fake_site import Reply, Site, html, running_site

from index.articles import Found, Refusal
from index.fetching import Fetcher
from index.seen import Seen
from index.sources import read_sources

BODY = (
    "The harbour of {} was closed on Friday after a ferry ran aground, the coast guard said.\n\n"
    "Forty passengers were taken off by fishing boats, according to the harbour master.\n"
)
LOGIN = "<html><body><form><input type='text'><input type=\"password\"></form><p>Sign in</p></body></html>"


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on this machine."""
    with running_site() as site:
        yield site


def story(place: str) -> str:
    """A page with an article about a ferry."""
    paragraphs = "".join(f"<p>{text}</p>" for text in BODY.format(place).strip().split("\n\n"))
    return (
        f"<html lang='en'><head><meta property='og:title' content='Ferry aground at {place}'></head>"
        f"<body><article><h1>Ferry aground at {place}</h1>{paragraphs}</article></body></html>"
    )


def read(*sources: object, stdin: bytes = b"") -> tuple[list[Found], list[str]]:
    """The articles of the sources, and why the rest was refused: one line each, ended by a stop."""
    return sorted_out(list(read_sources([str(s) for s in sources], stdin=io.BytesIO(stdin))))


def read_site(*sources: str, seen: Seen | None = None) -> tuple[list[Found], list[str]]:
    """The same of addresses on this machine; what was read is remembered."""
    with Fetcher(seen, allow_private=True, delay=0.0, timeout=5.0) as fetcher:
        results = sorted_out(list(read_sources(sources, fetcher=fetcher)))
        fetcher.seen.save()
    return results


def sorted_out(results: list[Found | Refusal]) -> tuple[list[Found], list[str]]:
    refused = [result for result in results if isinstance(result, Refusal)]
    for refusal in refused:
        assert "\n" not in refusal.reason
        assert refusal.reason.endswith(".")
    return (
        [result for result in results if isinstance(result, Found)],
        [refusal.reason for refusal in refused],
    )


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def feed(*items: str) -> Reply:
    """An RSS feed of these items."""
    return Reply(
        (
            "<?xml version='1.0'?><rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/"
            "content/'><channel><title>Tarn Gazette</title><language>en-gb</language>"
            f"{''.join(items)}</channel></rss>"
        ).encode(),
        headers={"Content-Type": "application/rss+xml", "ETag": f'"{hash(items)}"'},
    )


def item(place: str, *, link: str, whole: bool = True) -> str:
    """An item of a feed, with the whole text or a summary."""
    content = f"<content:encoded><![CDATA[{BODY.format(place)}]]></content:encoded>"
    return (
        f"<item><title>Ferry aground at {place}</title><link>{link}</link><guid>{link}</guid>"
        f"<pubDate>Fri, 03 Jun 2022 10:00:00 +0200</pubDate><description>A ferry…</description>"
        f"{content if whole else ''}</item>"
    )


def test_files_folders_globs_and_standard_input(tmp_path: Path) -> None:
    write(tmp_path, "a/one.txt", BODY.format("Tarn"))
    write(tmp_path, "a/b/two.md", BODY.format("Sarn"))
    write(tmp_path, "a/picture.png", b"\x89PNG")
    write(tmp_path, "c.txt", BODY.format("Barn"))
    line = json.dumps({"id": "r1", "text": BODY.format("Marn")}).encode()
    found, refused = read(
        tmp_path / "a", tmp_path / "*.txt", tmp_path / "**/*.png", "-", stdin=line
    )
    assert [result.origin for result in found] == [
        str(tmp_path / "a/b/two.md"),
        str(tmp_path / "a/one.txt"),
        str(tmp_path / "c.txt"),
        "-",
    ]
    assert found[-1].article.id == "r1"
    assert len(refused) == 1
    assert "matches no file of an article" in refused[0]


def test_results_come_one_at_a_time(tmp_path: Path) -> None:
    first = write(tmp_path, "a.txt", BODY.format("Tarn"))
    second = tmp_path / "b.txt"
    results = read_sources([str(first), str(second)])
    assert isinstance(next(results), Found)
    write(tmp_path, "b.txt", BODY.format("Sarn"))  # only now
    assert isinstance(next(results), Found)


def test_what_is_named_and_missing_is_refused_and_the_rest_goes_in(tmp_path: Path) -> None:
    good = write(tmp_path, "a.txt", BODY.format("Tarn"))
    (tmp_path / "empty").mkdir()
    sources = (tmp_path / "none", tmp_path / "empty", "x" * 5000, "a\0b", "ftp://x.example/a", good)
    found, refused = read(*sources)
    assert len(found) == 1
    words = ("does not exist", "holds no articles", "cannot be read", "", "of the web")
    assert len(refused) == 5
    for reason, expected in zip(refused, words, strict=True):
        assert expected in reason


def test_bad_files_are_refused_in_one_line_each_and_the_rest_goes_in(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", BODY.format("Tarn"))
    write(tmp_path, "b.xml", "<!doctype html><html><body><p>Not a feed</p></body></html>")
    with (tmp_path / "c.txt").open("wb") as sparse:
        sparse.truncate(2 * 2**30)
    with (tmp_path / "d.jsonl").open("wb") as sparse:
        sparse.truncate(2 * 2**30)
    write(tmp_path, "e.pdf", pdf([[]], picture=True))
    write(tmp_path, "f.pdf", encrypted(pdf([["Ferry aground"]])))
    write(tmp_path, "g.pdf", b"%PDF-1.7 broken")
    write(tmp_path, "h.txt", b"")
    write(tmp_path, "i.txt", "Advertisement\n\nSign up to our newsletter\n\nShare\n")
    write(tmp_path, "j.md", f"---\ntitle: [open\n---\n{BODY}")
    write(tmp_path, "k.html", "<html><body></body></html>")
    write(tmp_path, "l\nm.txt", "Share")
    write(tmp_path, "n.rss", feed().body)
    write(tmp_path, "o.xml", "<urlset><url><loc>https://x.example</loc></url></urlset>")
    os.mkfifo(tmp_path / "p.txt")
    found, refused = read(tmp_path)
    assert [Path(result.origin).name for result in found] == ["a.txt"]
    expected = [
        ("b.xml", "a web page where a feed was expected"),
        ("c.txt", "2,048 MB"),
        ("d.jsonl", "2,048 MB"),
        ("e.pdf", "a PDF of pictures"),
        ("f.pdf", "encrypted"),
        ("g.pdf", "damaged PDF"),
        ("h.txt", "is empty"),
        ("i.txt", "no reporting"),
        ("j.md", "not valid YAML"),
        ("k.html", "no reporting"),
        (r"l\nm.txt", "no reporting"),
        ("n.rss", "without entries"),
        ("o.xml", "is a sitemap"),
    ]
    assert len(refused) == len(expected)
    for reason, words in zip(refused, expected, strict=True):
        assert all(word in reason for word in words), reason


def encrypted(data: bytes) -> bytes:
    """The PDF behind a password."""
    writer = pypdf.PdfWriter(io.BytesIO(data))
    writer.encrypt("secret", algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_a_broken_line_in_the_middle_leaves_the_other_lines(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "1", "text": BODY.format("Tarn")}).encode(),
        b'{"id": "2", "text": ',
        b"",
        b"[1]",
        b'{"id": "4"}',
        b"\0\0\0",
        json.dumps({"id": "5", "text": BODY.format("Særn")}, ensure_ascii=False).encode("cp1252"),
    ]
    path = write(tmp_path, "a.jsonl", b"\n".join(lines))
    found, refused = read(path)
    assert [result.article.id for result in found] == ["1", "5"]
    assert "Særn" in found[1].article.text
    assert [reason.split(".jsonl, ")[1][:7] for reason in refused] == [
        "line 2,",
        "line 4 ",
        "line 5 ",
        "line 6 ",
    ]
    assert {result.origin for result in found} == {str(path)}


def test_three_encodings_in_one_folder(tmp_path: Path) -> None:
    body = (
        BODY.format("Ærøskøbing") + "\nThe café’s owner said that it would stay open all night.\n"
    )
    write(tmp_path, "a.txt", body.encode())
    write(tmp_path, "b.txt", body.encode("cp1252"))
    write(tmp_path, "c.txt", body.encode("utf-16"))
    russian = (
        f"<html><head><meta charset='windows-1251'></head><body><article><p>{RUSSIAN}</p></article>"
    )
    write(tmp_path, "d.html", russian.encode("cp1251"))
    found, refused = read(tmp_path)
    assert refused == []
    assert all("Ærøskøbing" in result.article.text for result in found[:3])
    assert found[3].article.text == RUSSIAN


RUSSIAN = "Порт закрыли в пятницу после того, как паром сел на мель, сообщила береговая охрана."


def test_a_name_with_a_newline_or_no_unicode_is_read_like_any_other(tmp_path: Path) -> None:
    write(tmp_path, "a\nb.txt", BODY.format("Tarn"))
    odd = os.fsencode(tmp_path) + b"/\xff.txt"
    Path(os.fsdecode(odd)).write_text(BODY.format("Sarn"))
    found, refused = read(tmp_path)
    assert (len(found), refused) == (2, [])
    assert found[0].origin == str(tmp_path / "a\nb.txt")


def test_a_date_in_the_future_is_left_out_and_said(tmp_path: Path) -> None:
    ahead = datetime.now(UTC).date() + timedelta(days=40)
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    write(tmp_path, "a.json", json.dumps({"text": BODY.format("Tarn"), "date": str(ahead)}))
    write(tmp_path, "b.json", json.dumps({"text": BODY.format("Sarn"), "date": str(tomorrow)}))
    (first, second), refused = read(tmp_path)
    assert refused == []
    assert first.article.published is None
    assert first.note is not None
    assert f"a date in the future, {ahead}" in first.note
    assert (second.article.published, second.note) == (tomorrow, None)


def test_a_saved_feed_gives_its_whole_entries(tmp_path: Path) -> None:
    whole = item("Tarn", link="https://tarn.example/1")
    summary = item("Sarn", link="https://tarn.example/2", whole=False)
    path = write(tmp_path, "a.rss", feed(whole, summary).body)
    [found], [refused] = read(path)
    assert (found.article.title, found.article.source) == ("Ferry aground at Tarn", "Tarn Gazette")
    assert (found.article.published, found.article.language) == (date(2022, 6, 3), "en-GB")
    assert (found.article.url, found.origin) == ("https://tarn.example/1", str(path))
    assert "https://tarn.example/2 is only a summary" in refused


def test_a_pdf_gives_its_text_and_metadata(tmp_path: Path) -> None:
    pages = [
        ["Tarn Harbour Board", "", *LEAD, "", "Page 1 of 2"],
        ["Tarn Harbour Board", "", *REST, "", "Page 2 of 2"],
    ]
    data = pdf(pages, title="Ferry aground", author="Ann Poole", created="D:20220603100000")
    [found], refused = read(write(tmp_path, "a.pdf", data))
    assert refused == []
    article = found.article
    assert (article.title, article.author) == ("Ferry aground", "Ann Poole")
    assert article.published == date(2022, 6, 3)
    first, second = article.text.split("\n\n")
    assert first.endswith(
        "after a ferry with forty passengers ran aground on a bank of sand, the coast guard said."
    )
    assert second.endswith("and the harbour master thanked their crews.")


LEAD = [
    "The harbour of Tarn was closed on Friday after a ferry with forty passen-",
    "gers ran aground on a bank of sand, the coast guard said.",
    "Fishing boats took all of them off before night, and the harbour master",
]
REST = ["thanked their crews."]


def test_an_address_gives_its_article(site: Site) -> None:
    url = site.put("/news/ferry", story("Tarn"))
    [found], refused = read_site(url)
    assert refused == []
    assert (found.article.title, found.article.language) == ("Ferry aground at Tarn", "en")
    assert (found.article.url, found.origin) == (url, url)


def test_an_address_that_is_a_pdf(site: Site) -> None:
    url = site.put("/a.pdf", Reply(pdf([LEAD]), headers={"Content-Type": "application/pdf"}))
    [found], _ = read_site(url)
    assert found.article.url == url


def test_a_feed_is_read_once_and_then_only_what_is_new(site: Site, tmp_path: Path) -> None:
    link = site.address
    old = [item("Tarn", link=f"{link}/1"), item("Sarn", link=f"{link}/2", whole=False)]
    new = item("Marn", link=f"{link}/3", whole=False)
    site.put("/2", story("Sarn"))
    site.put("/3", story("Marn"))
    url = site.put("/feed", feed(*old), feed(*old), feed(new, *old))
    asked = []
    for expected in (["Tarn", "Sarn"], [], ["Marn"], []):
        with Seen(tmp_path / "seen.sqlite") as seen:
            found, refused = read_site(url, seen=seen)
        assert refused == []
        assert [result.article.title.rsplit(" ", 1)[1] for result in found] == expected
        asked.append(site.paths)
        site.requests.clear()
    assert asked == [["/feed", "/2"], ["/feed"], ["/feed", "/3"], ["/feed"]]


def test_a_refused_entry_is_tried_again_at_the_next_poll(site: Site, tmp_path: Path) -> None:
    url = site.put("/feed", feed(item("Sarn", link=f"{site.address}/2", whole=False)))
    site.put("/2", Reply(status=500), html(story("Sarn")))
    counts = []
    for _ in range(3):
        with Seen(tmp_path / "seen.sqlite") as seen:
            found, refused = read_site(url, seen=seen)
        counts.append((len(found), len(refused)))
    assert counts == [(0, 1), (1, 0), (0, 0)]


def test_a_sitemap_gives_its_pages_and_then_only_the_changed(site: Site, tmp_path: Path) -> None:
    def sitemap(day: str) -> Reply:
        entries = "".join(
            f"<url><loc>{site.address}/{n}</loc><lastmod>{d}</lastmod></url>"
            for n, d in ((1, "2022-06-01"), (2, day), (3, "2022-06-01"))
        )
        return Reply(
            f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{entries}</urlset>".encode()
        )

    index = f"<sitemapindex><sitemap><loc>{site.address}/pages.xml</loc></sitemap></sitemapindex>"
    url = site.put("/sitemap.xml", Reply(index.encode()))
    site.put("/pages.xml", sitemap("2022-06-01"), sitemap("2022-06-02"))
    site.put("/1", story("Tarn"))
    site.put("/2", story("Sarn"))
    with Seen(tmp_path / "seen.sqlite") as seen:
        found, refused = read_site(url, seen=seen)
        assert [result.origin[-2:] for result in found] == ["/1", "/2"]
        assert len(refused) == 1
        assert "/3 is not there (404)" in refused[0]
        found, _ = read_site(url, seen=seen)
    assert [result.origin[-2:] for result in found] == ["/2"]


def test_bad_addresses_are_refused_in_one_line_each(site: Site) -> None:
    loop = site.put("/loop", Reply(status=302, headers={"Location": "/loop"}))
    sitemap = f"<sitemapindex><sitemap><loc>{site.address}/deep.xml</loc></sitemap></sitemapindex>"
    cases = [
        (site.put("/feed", story("Tarn")), "a web page where a feed was expected"),
        (site.put("/locked", Reply(status=403)), "behind a login or a paywall"),
        (site.put("/login", LOGIN), "asks for a login"),
        (loop, "redirects in a loop"),
        ("http://169.254.169.254/latest", "no public address"),
        (site.put("/empty", ""), "nothing that can be read"),
        (site.put("/ads", "<html><body><p>Advertisement</p></body></html>"), "no reporting"),
        (site.put("/a.png", Reply(b"x", headers={"Content-Type": "image/png"})), "image/png"),
        (site.put("/deep.xml", Reply(sitemap.encode())), "too deep"),
        (site.put("/none.xml", Reply(b"<urlset/>")), "without pages"),
        (site.put("/bad.gz", Reply(b"\x1f\x8bbroken")), "cannot be unpacked"),
    ]
    good = site.put("/good", story("Tarn"))
    found, refused = read_site(*(url for url, _ in cases), good)
    assert [result.origin for result in found] == [good]
    for reason, (url, words) in zip(refused, cases, strict=True):
        assert words in reason, url


def test_a_private_address_is_refused_unless_it_is_allowed(site: Site) -> None:
    site.put("/a", story("Tarn"))
    port = site.address.rsplit(":", 1)[1]
    assert int(port) > 0
    found, refused = read("http://127.0.0.1:8080/a")
    assert found == []
    assert "no public address" in refused[0]
    assert site.requests == []

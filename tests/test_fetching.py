"""What is asked of a server, how politely, and what of its answers is not taken."""

import gzip
import ipaddress
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from fake_site import Reply, Site, html, running_site

from index.errors import ArticleRefused, WriteFailed
from index.fetching import USER_AGENT, Fetcher
from index.guard import is_own, is_public
from index.seen import Mark, Seen


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on this machine."""
    with running_site() as site:
        yield site


def fetcher(seen: Seen | None = None, **options: Any) -> Fetcher:
    """A fetcher that may read this machine's site and waits for nothing."""
    return Fetcher(seen, **{"allow_private": True, "delay": 0.0, **options})


def refusal(url: str, **options: Any) -> str:
    """Why an address was refused, in one line."""
    with fetcher(**options) as reader, pytest.raises(ArticleRefused) as refused:
        reader.fetch(url)
    message = str(refused.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_a_page_comes_with_its_type_and_the_project_is_named(site: Site) -> None:
    url = site.put("/a", html("<p>Ærø</p>"))
    with fetcher() as reader:
        page = reader.fetch(url)
    assert page is not None
    assert (page.content.decode(), page.content_type, page.charset) == (
        "<p>Ærø</p>",
        "text/html",
        "utf-8",
    )
    assert {headers["User-Agent"] for _, headers in site.requests} == {USER_AGENT}
    assert "Dateline" in USER_AGENT


def test_what_has_not_changed_is_not_sent_again(site: Site, tmp_path: Path) -> None:
    url = site.put("/a", html("<p>one</p>", ETag='"1"'))
    for expected in (True, False):
        with Seen(tmp_path / "seen.sqlite") as seen, fetcher(seen) as reader:
            page = reader.fetch(url)
            assert (page is not None) is expected
            if page is not None:
                seen.learn(page.url, page.mark)
                seen.save()
    assert site.requests[-1][1]["If-None-Match"] == '"1"'


def test_what_was_not_saved_is_read_again(tmp_path: Path) -> None:
    with Seen(tmp_path / "seen.sqlite") as seen:
        seen.learn("x", Mark(etag="1"))
        assert seen.find("x") == Mark()
    with Seen(tmp_path / "seen.sqlite") as seen:
        assert seen.find("x") == Mark()
    (tmp_path / "broken").write_text("this is no database, and longer than a header of one")
    with pytest.raises(WriteFailed, match="broken"):
        Seen(tmp_path / "broken")


def test_robots_txt_is_obeyed_and_read_once(site: Site) -> None:
    site.put("/robots.txt", Reply(b"User-agent: *\nDisallow: /private\n"))
    url = site.put("/private/a", "<p>x</p>")
    assert "robots.txt" in refusal(url)
    assert site.paths == []
    with fetcher() as reader:
        for path in ("/a", "/b"):
            assert reader.fetch(site.put(path, "<p>x</p>")) is not None
    assert [path for path, _ in site.requests].count("/robots.txt") == 2


def test_a_robots_txt_that_cannot_be_read_forbids(site: Site) -> None:
    site.put("/robots.txt", Reply(status=500))
    assert "does not say what may be read" in refusal(site.put("/a", "<p>x</p>"))


def test_one_host_is_asked_with_pauses(site: Site) -> None:
    site.put("/robots.txt", Reply(b"User-agent: *\nCrawl-delay: 7\n"))
    waits: list[float] = []
    with fetcher(delay=2.0, sleep=waits.append) as reader:
        reader.fetch(site.put("/a", "<p>x</p>"))
        reader.fetch(site.put("/b", "<p>x</p>"))
    assert [round(wait) for wait in waits] == [7, 7]


def test_retry_after_is_honoured_within_bounds(site: Site) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    busy = [
        Reply(status=429, headers={"Retry-After": "3"}),
        Reply(status=503, headers={"Retry-After": later}),
    ]
    waits: list[float] = []
    with fetcher(sleep=waits.append) as reader:
        page = reader.fetch(site.put("/a", *busy, html("<p>x</p>")))
    assert page is not None
    assert waits[0] == 3
    assert 17 < waits[1] <= 20
    long = Reply(status=429, headers={"Retry-After": "86400"})
    assert "try again in 86400 seconds" in refusal(site.put("/b", long), sleep=waits.append)
    always = Reply(status=503)
    assert "busy (503)" in refusal(site.put("/c", always), sleep=waits.append)
    assert site.paths.count("/c") == 3


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "login"), (403, "paywall"), (404, "not there"), (410, "not there"), (500, "an error")],
)
def test_an_error_is_said_in_one_line(status: int, words: str, site: Site) -> None:
    assert words in refusal(site.put("/a", Reply(status=status)))


def test_redirects_are_followed_and_their_loops_named(site: Site) -> None:
    site.put("/end", "<p>x</p>")
    with fetcher() as reader:
        page = reader.fetch(site.put("/a", Reply(status=301, headers={"Location": "/end"})))
    assert page is not None
    assert page.url == site.address + "/end"
    site.put("/l2", Reply(status=302, headers={"Location": "/l1"}))
    loop = site.put("/l1", Reply(status=302, headers={"Location": "/l2"}))
    assert "redirects in a loop" in refusal(loop)
    for number in range(20):
        site.put(f"/n{number}", Reply(status=302, headers={"Location": f"/n{number + 1}"}))
    assert "redirects in a loop" in refusal(site.address + "/n0")


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://169.254.169.254/latest/meta-data", "no public address"),
        ("ftp://127.0.0.1/a", "no address of the web"),
        ("file:///etc/passwd", "no address of the web"),
        ("http://user:secret@127.0.0.1/", "user's name"),
        ("http://[broken", "no address"),
    ],
)
def test_a_redirect_is_checked_as_an_address_is(location: str, words: str, site: Site) -> None:
    url = site.put("/a", Reply(status=302, headers={"Location": location}))
    message = refusal(url)
    assert words in message
    assert "secret" not in message


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0.0.0.0"],
)
def test_this_machine_is_refused_at_connect_time(host: str, site: Site) -> None:
    port = site.address.rsplit(":", 1)[1]
    with Fetcher(delay=0) as reader, pytest.raises(ArticleRefused, match="is at port"):
        reader.fetch(f"http://{host}:{port}/a")
    with Fetcher(delay=0) as reader, pytest.raises(ArticleRefused, match="no public address"):
        reader.fetch(f"http://{host}:8080/a")
    assert site.requests == []


def test_a_name_that_points_elsewhere_a_moment_later_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter(["93.184.215.14", "127.0.0.1", "127.0.0.1"])
    resolve = socket.getaddrinfo
    connected: list[str] = []

    def rebinding(host: str, port: int, *args: object, **kwargs: object) -> object:
        if host == "news.example":
            return resolve(next(answers), port, type=socket.SOCK_STREAM)
        return resolve(host, port, *args, **kwargs)  # type: ignore[arg-type]

    def connect(address: tuple[str, int], *_args: object, **_kwargs: object) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", connect)
    with Fetcher(delay=0) as reader:
        with pytest.raises(ArticleRefused, match="cannot be reached"):
            reader.fetch("http://news.example/a")
        with pytest.raises(ArticleRefused, match="no public address"):
            reader.fetch("http://news.example/a")
    assert connected == ["93.184.215.14"]  # the very address that was checked


@pytest.mark.parametrize(
    ("address", "public", "own"),
    [
        ("93.184.215.14", True, False),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True, False),
        ("10.0.0.1", False, True),
        ("192.168.1.1", False, True),
        ("172.31.255.255", False, True),
        ("100.100.100.200", False, False),
        ("127.0.0.1", False, True),
        ("0.0.0.0", False, False),
        ("169.254.169.254", False, False),
        ("168.63.129.16", False, False),
        ("224.0.0.1", False, False),
        ("255.255.255.255", False, False),
        ("240.0.0.1", False, False),
        ("::1", False, True),
        ("::", False, False),
        ("fe80::1", False, False),
        ("fd00:ec2::254", False, True),
        ("ff02::1", False, False),
        ("::ffff:10.0.0.1", False, True),
        ("::ffff:93.184.215.14", True, False),
        ("::ffff:169.254.169.254", False, False),
        ("2002:7f00:1::", False, True),
        ("64:ff9b::7f00:1", False, True),
        ("64:ff9b::a9fe:a9fe", False, False),
    ],
)
def test_which_addresses_are_public(address: str, *, public: bool, own: bool) -> None:
    found = ipaddress.ip_address(address)
    assert (is_public(found), is_own(found)) == (public, own)


def test_a_page_that_is_too_large_is_refused_as_it_comes(site: Site) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    large = 2**20
    told = site.put("/a", Reply(b"x" * (large + 1)))
    assert "larger than 1 MB" in refusal(told, largest=large)
    assert "larger than 1 MB" in refusal(site.put("/b", Reply(drip=endless)), largest=large)
    packed = Reply(gzip.compress(b"\0" * 2**26), headers={"Content-Encoding": "gzip"})
    assert len(packed.body) < large
    started = time.process_time()
    assert "larger than 1 MB" in refusal(site.put("/c", packed), largest=large)
    assert time.process_time() - started < 1
    broken = Reply(b"no gzip", headers={"Content-Encoding": "gzip"})
    assert "packed in a way" in refusal(site.put("/d", broken))
    assert "not asked for" in refusal(
        site.put("/e", Reply(b"x", headers={"Content-Encoding": "br"}))
    )
    good = Reply(gzip.compress(b"<p>x</p>"), headers={"Content-Encoding": "gzip"})
    with fetcher() as reader:
        page = reader.fetch(site.put("/f", good))
    assert page is not None
    assert page.content == b"<p>x</p>"


def test_a_server_that_drips_is_left_when_the_time_is_up(site: Site) -> None:
    def drip() -> Iterator[bytes]:
        for _ in range(100):
            time.sleep(0.05)
            yield b"x"

    started = time.monotonic()
    assert "took longer than 0.4 seconds" in refusal(site.put("/a", Reply(drip=drip)), timeout=0.4)
    assert time.monotonic() - started < 2


def test_a_host_that_is_not_there_is_named() -> None:
    assert "cannot be reached" in refusal("http://no-such-host.invalid/a")
    assert "no address of the web" in refusal("ftp://news.example/a")
    assert "no address" in refusal("http://")

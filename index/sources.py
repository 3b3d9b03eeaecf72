"""Files, folders, globs, standard input and addresses -> articles and refusals, one at a time."""

import glob
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from index.articles import (
    EXTENSIONS,
    Found,
    Refusal,
    article_from_entry,
    article_from_page,
    article_from_pdf,
    articles_of_records,
    each_article,
    find_files,
)
from index.errors import ArticleRefused, one_line
from index.feeds import Entry, Sitemap, read_feed, read_sitemap
from index.fetching import Fetched, Fetcher
from index.file_text import decoded, unreadable
from index.records import records_of_lines
from index.responses import unpacked
from index.seen import Mark

STANDARD_INPUT = "-"
DEEPEST_SITEMAP = 3  # levels of sitemaps that list sitemaps
LARGEST_SITEMAP = 64 * 2**20  # bytes, unpacked
PAGE_TYPES = frozenset(
    {"text/html", "application/xhtml+xml", "text/plain", "application/octet-stream"}
)
FEED_NAMES = ("rss", "atom", "feed")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
GZIP = b"\x1f\x8b"

Results = Iterator[Found | Refusal]


def read_sources(
    sources: Sequence[str], *, fetcher: Fetcher | None = None, stdin: BinaryIO | None = None
) -> Results:
    """The articles of the sources in their order, read as they are asked for, and the refused.

    A source is a file, a folder with all below it, a glob, `-` for JSON lines on standard input, or
    the address of a page, an RSS or Atom feed or a sitemap. What cannot be read is a Refusal, and
    the rest goes on. Addresses that have not changed since `fetcher.seen` give nothing; what is
    read is remembered once the caller calls `fetcher.seen.save()`. Nothing is raised for a source.
    """
    with ExitStack() as opened:
        if fetcher is None and any(map(is_address, sources)):
            fetcher = opened.enter_context(Fetcher())
        for source in sources:
            try:
                yield from _read_source(source, fetcher=fetcher, stdin=stdin)
            except ArticleRefused as error:
                yield Refusal(source, one_line(str(error)))
            except OSError as error:  # a name that the system does not take, a folder it keeps shut
                yield Refusal(source, one_line(str(unreadable(Path(source), error))))


def is_address(source: str) -> bool:
    """Whether a source is an address rather than a path."""
    return SCHEME.match(source) is not None


def _read_source(source: str, *, fetcher: Fetcher | None, stdin: BinaryIO | None) -> Results:
    if source == STANDARD_INPUT:
        yield from _read_standard_input(stdin or sys.stdin.buffer)
    elif fetcher is not None and is_address(source):
        yield from _read_address(source, fetcher=fetcher)
    else:
        for path in _paths(source):
            try:
                files = find_files(path)
            except ArticleRefused as error:
                yield Refusal(str(path), one_line(str(error)))
                continue
            for file in files:
                yield from each_article(file)


def _paths(source: str) -> list[Path]:
    """The path that a source names, or those of articles and folders that its pattern matches."""
    if not glob.has_magic(source) or Path(source).exists():
        return [Path(source)]
    matched = (Path(path) for path in sorted(glob.glob(source, recursive=True)))  # noqa: PTH207
    found = [path for path in matched if path.is_dir() or path.suffix.lower() in EXTENSIONS]
    if not found:
        raise ArticleRefused(f"{source} matches no file of an article: correct the pattern.")
    return found


def _read_standard_input(stdin: BinaryIO) -> Results:
    records = records_of_lines(stdin, name="standard input")
    empty = True
    for result in articles_of_records(records, origin=STANDARD_INPUT):
        empty = False
        yield result
    if empty:
        raise ArticleRefused("Standard input is empty: give it one JSON record a line.")


def _read_address(url: str, *, fetcher: Fetcher, depth: int = 0) -> Results:
    """The articles behind an address, whatever it turns out to be."""
    page = fetcher.fetch(url)
    if page is None:
        return
    content = _plain(page)
    if content.startswith(b"%PDF-"):
        yield article_from_pdf(content, origin=url, url=page.url)
        fetcher.seen.learn(page.url, page.mark)
    elif (sitemap := read_sitemap(content)) is not None:
        yield from _read_sitemap(sitemap, page=page, fetcher=fetcher, depth=depth)
    elif _may_be_feed(content) and (entries := read_feed(content)) is not None:
        yield from _read_entries(entries, page=page, fetcher=fetcher)
    else:
        yield _article_of_page(page, origin=url)
        fetcher.seen.learn(page.url, page.mark)


def _plain(page: Fetched) -> bytes:
    """The bytes of the page; a packed file (sitemap.xml.gz) is unpacked."""
    if not page.content.startswith(GZIP):
        return page.content
    try:
        return unpacked(page.content, largest=LARGEST_SITEMAP)
    except ValueError as error:
        raise ArticleRefused(f"{page.url} cannot be unpacked ({error}): give its file.") from None


def _may_be_feed(content: bytes) -> bool:
    head = content[:4096].lower()
    return any(mark in head for mark in (b"<rss", b"<feed", b"<rdf", b"<?xml", b"<channel"))


def _article_of_page(page: Fetched, *, origin: str) -> Found:
    if page.content_type not in PAGE_TYPES:
        raise ArticleRefused(f"{origin} is {page.content_type}, not a web page: give an article.")
    path = urlsplit(page.url).path.lower().strip("/")
    if path.endswith(FEED_NAMES) or path.endswith(".xml"):
        raise ArticleRefused(f"{origin} is a web page where a feed was expected: correct it.")
    html = decoded(page.content, charset=page.charset)
    if html is None or not html.strip():
        raise ArticleRefused(f"{origin} sent nothing that can be read: check it in a browser.")
    try:
        return article_from_page(html, origin=origin, url=page.url)
    except ArticleRefused:
        if 'type="password"' in html.lower():
            raise ArticleRefused(
                f"{origin} asks for a login and shows no article: save the page as a file where "
                "you can read it."
            ) from None
        raise


def _read_entries(entries: Sequence[Entry], *, page: Fetched, fetcher: Fetcher) -> Results:
    """The entries that are new; those of which the feed has only a summary from their pages."""
    complete = True
    for entry in entries:
        key = f"{page.url} {entry.key}"
        if fetcher.seen.find(key).mark == entry.mark:
            continue
        try:
            if entry.html is None and entry.url:
                yield from _read_page(entry.url, fetcher=fetcher)
            else:
                yield article_from_entry(entry, origin=entry.url or page.url)
            fetcher.seen.learn(key, Mark(mark=entry.mark))
        except ArticleRefused as error:
            complete = False
            yield Refusal(entry.url or page.url, one_line(str(error)))
    if complete:  # or the refused would not be tried again until the feed changes
        fetcher.seen.learn(page.url, page.mark)


def _read_page(url: str, *, fetcher: Fetcher) -> Results:
    """The article of one page, which is read for what it is and leads no further."""
    page = fetcher.fetch(url)
    if page is not None:
        if page.content.startswith(b"%PDF-"):
            yield article_from_pdf(page.content, origin=url, url=page.url)
        else:
            yield _article_of_page(page, origin=url)
        fetcher.seen.learn(page.url, page.mark)


def _read_sitemap(sitemap: Sitemap, *, page: Fetched, fetcher: Fetcher, depth: int) -> Results:
    """The pages of a sitemap that are new, by the day that it gives each, or by their servers."""
    if depth >= DEEPEST_SITEMAP:
        raise ArticleRefused(
            f"{page.url} lists sitemaps within sitemaps too deep: give one of them."
        )
    if not sitemap.pages and not sitemap.sitemaps:
        raise ArticleRefused(f"{page.url} is a sitemap without pages: give another address.")
    for url in sitemap.sitemaps:
        try:
            yield from _read_address(url, fetcher=fetcher, depth=depth + 1)
        except ArticleRefused as error:
            yield Refusal(url, one_line(str(error)))
    for url, changed in sitemap.pages:
        key = f"{page.url} {url}"
        if changed and fetcher.seen.find(key).mark == changed:
            continue
        try:
            yield from _read_page(url, fetcher=fetcher)
            if changed:
                fetcher.seen.learn(key, Mark(mark=changed))
        except ArticleRefused as error:
            yield Refusal(url, one_line(str(error)))

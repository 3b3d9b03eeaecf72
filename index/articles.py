"""A file of news, a page, a feed's entry or a record -> Articles, cleaned of the page's furniture.

A file is Markdown, plain text, a web page, a PDF, a saved feed, one JSON record or many. What it
says of itself in front matter, metadata or record fields wins over its header lines; nothing is
guessed.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from index.cleaning.dates import date_in_url, find_date, find_foreign_date
from index.cleaning.metadata import source_from_url
from index.cleaning.page_metadata import language_tag
from index.cleaning.paragraphs import (
    Paragraph,
    html_paragraphs,
    markdown_paragraphs,
    plain_paragraphs,
)
from index.cleaning.reporting import clean
from index.cleaning.web_page import read_web_page
from index.errors import ArticleRefused, one_line
from index.feeds import Entry, read_feed, read_sitemap
from index.fields import derived_id, known_fields, split_front_matter, split_message, usable_url
from index.file_text import check_file, read_file_bytes, read_file_text, unreadable
from index.pdf import read_pdf
from index.records import LARGEST_LINES, Record, records_of_lines, records_of_text

FEEDS = frozenset({".xml", ".rss", ".atom"})
EXTENSIONS = FEEDS | {".md", ".txt", ".html", ".htm", ".json", ".jsonl", ".pdf"}
TITLE_LENGTH = 80
AHEAD = timedelta(days=1)  # what a clock in another zone explains


@dataclass(frozen=True)
class Article:
    """One news story; `text` is final, and every offset in the index is an offset into it.

    `language` is a BCP 47 tag. Dates are those of the publisher's own clock.
    """

    id: str
    title: str
    text: str
    source: str | None
    author: str | None
    published: date | None
    url: str | None
    captions: tuple[tuple[int, int], ...] = ()
    updated: date | None = None
    language: str | None = None

    @property
    def version(self) -> str:
        """First 16 hex digits of the sha256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Found:
    """An article and where it came from: its file's path or its address.

    `note` is one sentence on what was left out of it, such as a date that cannot be.
    """

    article: Article
    origin: str
    note: str | None = None


@dataclass(frozen=True)
class Refusal:
    """What did not become an article, and one sentence that says why; names its `origin` too."""

    origin: str
    reason: str


def find_files(source: Path) -> list[Path]:
    """The article files of a file or folder, sorted by path; raises ArticleRefused."""
    if not source.exists():
        raise ArticleRefused(f"{source} does not exist: give the path of an article or a folder.")
    if source.is_file():
        _check_extension(source)
        return [source]
    found = [
        path
        for path in sorted(source.rglob("*"))
        if path.suffix.lower() in EXTENSIONS
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(source).parts)
    ]
    if not found:
        raise ArticleRefused(f"{source} holds no articles: add {_extension_list()} files to it.")
    return found


def read_articles(path: Path) -> list[Article]:
    """The articles of one file, in its order; raises ArticleRefused at the first bad one."""
    articles = []
    for result in each_article(path):
        if isinstance(result, Refusal):
            raise ArticleRefused(result.reason)
        articles.append(result.article)
    return articles


def each_article(path: Path) -> Iterator[Found | Refusal]:
    """The articles of one file and what of it was refused, one by one, in its order."""
    try:
        yield from _read_file(path)
    except ArticleRefused as error:
        yield Refusal(str(path), one_line(str(error)))


def articles_of_records(
    records: Iterable[Record | ArticleRefused], *, origin: str
) -> Iterator[Found | Refusal]:
    """The articles of records that all came from `origin`."""
    for record in records:
        try:
            if isinstance(record, ArticleRefused):
                raise record
            yield _found_in_record(record, origin=origin)
        except ArticleRefused as error:
            yield Refusal(origin, one_line(str(error)))


def article_from_record(record: Mapping[str, object], *, origin: str) -> Found:
    """The article of one JSON record; `origin` names the record in messages."""
    return _found_in_record(Record(origin, record), origin=origin)


def article_from_page(html: str, *, origin: str, url: str | None = None) -> Found:
    """The article of a web page; `url` where it was read from. Raises ArticleRefused."""
    page = read_web_page(html)
    fields = dict(page.fields)
    if url is not None:
        fields["url"] = _page_url(fields.get("url"), url)
    name: Path | str = Path(origin) if url is None else origin
    return _article(page.paragraphs, fields=fields, name=name, origin=origin)


def article_from_entry(entry: Entry, *, origin: str) -> Found:
    """The article of a feed's entry; raises ArticleRefused where it is only a summary."""
    name = entry.url or f"{origin}, entry {entry.key!r},"
    if entry.html is None:
        raise ArticleRefused(
            f"{name} is only a summary in its feed: give the address of the feed or of the page."
        )
    return _article(html_paragraphs(entry.html), fields=entry.fields, name=name, origin=origin)


def article_from_pdf(data: bytes, *, origin: str, url: str | None = None) -> Found:
    """The article of a PDF; raises ArticleRefused."""
    document = read_pdf(data, origin=origin)
    fields = {**document.fields, **({"url": url} if url else {})}
    name: Path | str = Path(origin) if url is None else origin
    return _article(document.paragraphs, fields=fields, name=name, origin=origin)


def _read_file(path: Path) -> Iterator[Found | Refusal]:
    _check_extension(path)
    origin = str(path)
    match path.suffix.lower():
        case ".jsonl":
            yield from _read_lines(path)
        case ".json":
            records = records_of_text(read_file_text(path), name=origin)
            yield from articles_of_records(records, origin=origin)
        case ".md":
            fields, body = split_front_matter(read_file_text(path), name=str(path))
            paragraphs = markdown_paragraphs(body)
            yield _article(paragraphs, fields=fields, name=path, origin=origin)
        case ".txt":
            fields, body = split_message(read_file_text(path))
            yield _article(plain_paragraphs(body), fields=fields, name=path, origin=origin)
        case ".pdf":
            yield article_from_pdf(read_file_bytes(path), origin=origin)
        case suffix if suffix in FEEDS:
            yield from _read_feed(path)
        case _:
            yield article_from_page(read_file_text(path), origin=origin)


def _read_lines(path: Path) -> Iterator[Found | Refusal]:
    check_file(path, largest=LARGEST_LINES)
    try:
        stream = path.open("rb")
    except OSError as error:
        raise unreadable(path, error) from None
    with stream:
        records = records_of_lines(stream, name=str(path))
        empty = True
        for result in articles_of_records(records, origin=str(path)):
            empty = False
            yield result
    if empty:
        raise ArticleRefused(f"{path} is empty: put article records into it or remove it.")


def _read_feed(path: Path) -> Iterator[Found | Refusal]:
    data = read_file_bytes(path)
    entries = read_feed(data)
    if entries is None:
        if read_sitemap(data) is not None:
            raise ArticleRefused(f"{path} is a sitemap, which holds no text: give its address.")
        kind = "a web page" if b"<html" in data[:2000].lower() else "no RSS or Atom"
        raise ArticleRefused(f"{path} is {kind} where a feed was expected: correct its name.")
    if not entries:
        raise ArticleRefused(f"{path} is a feed without entries: remove it.")
    for entry in entries:
        try:
            yield article_from_entry(entry, origin=str(path))
        except ArticleRefused as error:
            yield Refusal(str(path), one_line(str(error)))


def _found_in_record(record: Record, *, origin: str) -> Found:
    fields = known_fields(record.fields)
    text = fields.pop("text", None)
    if not text:
        raise ArticleRefused(f"{record.name} has no text: give it a text, body or content field.")
    return _article(plain_paragraphs(text), fields=fields, name=record.name, origin=origin)


def _article(
    paragraphs: Sequence[Paragraph], *, fields: Mapping[str, str], name: Path | str, origin: str
) -> Found:
    """The cleaned article; a field that the file names wins over what its header lines say."""
    known = {name: fields.get(name) for name in ("title", "author", "source")}
    cleaned = clean(paragraphs, **known)
    if not cleaned.paragraphs:
        raise ArticleRefused(f"{name} holds no reporting: only page furniture was found in it.")
    text, captions = _joined(cleaned.paragraphs, captions=cleaned.captions)
    url = usable_url(fields.get("url") or cleaned.url)
    title = fields.get("title") or cleaned.title or _first_words(text)
    whole = "\n".join(paragraph.text for paragraph in paragraphs)
    language = language_tag(fields.get("language"))
    published = _day(fields.get("published"), language=language) or cleaned.published
    published = published or (date_in_url(url) if url else None)
    updated = _day(fields.get("updated"), language=language)
    article = Article(
        id=fields.get("id") or derived_id(name, url=url, title=title, text=text),
        title=title,
        text=text,
        source=fields.get("source") or (source_from_url(url, whole) if url else None),
        author=fields.get("author") or cleaned.author,
        published=_past(published),
        url=url,
        captions=captions,
        updated=_past(updated),
        language=language,
    )
    ahead = [day for day in (published, updated) if day is not None and _past(day) is None]
    note = f"{name} has a date in the future, {ahead[0]}, which was left out." if ahead else None
    return Found(article, origin, one_line(note) if note else None)


def _day(text: str | None, *, language: str | None) -> date | None:
    if not text:
        return None
    return find_date(text) or (find_foreign_date(text, language=language) if language else None)


def _past(day: date | None) -> date | None:
    """The day, unless it lies ahead further than zones of time explain."""
    return None if day is None or day > datetime.now(UTC).date() + AHEAD else day


def _page_url(declared: str | None, url: str) -> str:
    """The address that a page declares as its own, unless that is only its site's front page."""
    usable = usable_url(declared)
    return urljoin(url, usable) if usable and urlsplit(usable).path.strip("/") else url


def _joined(
    paragraphs: Sequence[str], *, captions: frozenset[int]
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The paragraphs as one text, and the spans of those that are captions."""
    spans = []
    start = 0
    for place, paragraph in enumerate(paragraphs):
        if place in captions:
            spans.append((start, start + len(paragraph)))
        start += len(paragraph) + len("\n\n")
    return "\n\n".join(paragraphs), tuple(spans)


def _first_words(text: str) -> str:
    """The first words of the text, cut at a word's end."""
    first = text.split("\n", 1)[0]
    if len(first) <= TITLE_LENGTH:
        return first
    return first[:TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(" ,;:-–—") + "…"


def _check_extension(path: Path) -> None:
    if path.suffix.lower() not in EXTENSIONS:
        raise ArticleRefused(
            f"{path} has an extension that is not read: give {_extension_list()} files."
        )


def _extension_list() -> str:
    return ", ".join(sorted(EXTENSIONS))

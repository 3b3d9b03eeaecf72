"""A file of news, or one record of it -> Articles, cleaned of the page's furniture.

A file is Markdown, plain text, a web page, one JSON record or many. What it says of itself in
front matter, meta elements or record fields wins over its header lines; nothing is guessed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import frontmatter
import yaml
from slugify import slugify

from index.cleaning.dates import date_in_url, find_date
from index.cleaning.metadata import source_from_url
from index.cleaning.paragraphs import Paragraph, markdown_paragraphs, normalised, plain_paragraphs
from index.cleaning.reporting import clean
from index.cleaning.web_page import read_web_page
from index.errors import ArticleRefused
from index.file_text import read_file_text

EXTENSIONS = frozenset({".md", ".txt", ".html", ".htm", ".json", ".jsonl"})
TITLE_LENGTH = 80
SLUG_LENGTH = 60
FIELD_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "_id"),
    "title": ("title", "headline"),
    "author": ("author", "authors", "byline"),
    "source": ("source", "publisher", "sitename"),
    "published": ("published", "published_at", "date", "datePublished", "published_date"),
    "url": ("url", "link"),
    "text": ("text", "body", "content"),
}


@dataclass(frozen=True)
class Article:
    """One news story; `text` is final, and every offset in the index is an offset into it."""

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
    """The articles of one file, in its order; raises ArticleRefused."""
    _check_extension(path)
    text = read_file_text(path)
    match path.suffix.lower():
        case ".jsonl":
            return _articles_from_lines(text, path=path)
        case ".json":
            return _articles_from_json(text, path=path)
        case ".md":
            fields, body = _split_front_matter(text, path=path)
            return [_article(markdown_paragraphs(body), fields=fields, origin=path)]
        case ".txt":
            return [_article(plain_paragraphs(text), fields={}, origin=path)]
        case _:
            page = read_web_page(text)
            return [_article(page.paragraphs, fields=page.fields, origin=path)]


def article_from_record(record: Mapping[str, object], *, origin: str) -> Article:
    """The article of one JSON record; `origin` names the record in messages."""
    fields = _known_fields(record)
    text = fields.pop("text", None)
    if not text:
        raise ArticleRefused(f"{origin} has no text: give it a text, body or content field.")
    return _article(plain_paragraphs(text), fields=fields, origin=origin)


def _article(
    paragraphs: Sequence[Paragraph], *, fields: Mapping[str, str], origin: Path | str
) -> Article:
    """The cleaned article; a field that the file names wins over what its header lines say."""
    cleaned = clean(paragraphs, title=fields.get("title"))
    if not cleaned.paragraphs:
        raise ArticleRefused(f"{origin} holds no reporting: only page furniture was found in it.")
    text, captions = _joined(cleaned.paragraphs, captions=cleaned.captions)
    url = _usable_url(fields.get("url") or cleaned.url)
    title = fields.get("title") or cleaned.title or _first_words(text)
    whole = "\n".join(paragraph.text for paragraph in paragraphs)
    published = find_date(fields.get("published", "")) or cleaned.published
    return Article(
        id=fields.get("id") or _derived_id(origin, url=url, title=title, text=text),
        title=title,
        text=text,
        source=fields.get("source") or (source_from_url(url, whole) if url else None),
        author=fields.get("author") or cleaned.author,
        published=published or (date_in_url(url) if url else None),
        url=url,
        captions=captions,
    )


def _usable_url(url: str | None) -> str | None:
    """The address of a page; None for what is none, such as a script or a broken one."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https", "") else None
    except ValueError:
        return None


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


def _articles_from_lines(text: str, *, path: Path) -> list[Article]:
    articles = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            record = _parsed(line, origin=f"{path}, line {number},")
            articles += _articles_from_value(record, origin=f"{path}, line {number}")
    return articles


def _articles_from_json(text: str, *, path: Path) -> list[Article]:
    value = _parsed(text, origin=str(path))
    values = value if isinstance(value, list) else [value]
    if not values:
        raise ArticleRefused(f"{path} is an empty list: put article records into it or remove it.")
    origins = (
        [f"{path}, record {n}" for n in range(1, len(values) + 1)]
        if len(values) > 1
        else [str(path)]
    )
    return [
        article
        for item, origin in zip(values, origins, strict=True)
        for article in _articles_from_value(item, origin=origin)
    ]


def _articles_from_value(value: object, *, origin: str) -> list[Article]:
    if not isinstance(value, dict):
        raise ArticleRefused(f"{origin} is not an article record: make it a JSON object.")
    return [article_from_record(value, origin=origin)]


def _parsed(text: str, *, origin: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ArticleRefused(
            f"{origin} is not valid JSON ({error.msg} at line {error.lineno}, column "
            f"{error.colno}): "
            "correct it there."
        ) from None
    except (ValueError, RecursionError):
        raise ArticleRefused(
            f"{origin} has a number too long or lists too deep to be read: correct it there."
        ) from None


def _split_front_matter(text: str, *, path: Path) -> tuple[dict[str, str], str]:
    try:
        metadata, body = frontmatter.parse(text)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ArticleRefused(
            f"{path} has front matter that is not valid YAML ({reason}): correct it."
        ) from None
    return _known_fields(metadata), body


def _known_fields(record: Mapping[str, object]) -> dict[str, str]:
    """The fields that an article has, as text, under one name each."""
    fields = {}
    for field, names in FIELD_NAMES.items():
        values = [value for name in names if (value := _as_text(record.get(name)))]
        if values:
            fields[field] = values[0]
    return fields


def _as_text(value: object) -> str:
    """A value as text; a list of names, or of records with a name, as the names."""
    items = value if isinstance(value, list) else [value]
    return ", ".join(filter(None, map(_name_as_text, items)))


def _name_as_text(value: object) -> str:
    """A plain value, or the name in a record; half of a surrogate pair becomes a question mark."""
    plain = value.get("name") if isinstance(value, Mapping) else value
    if not isinstance(plain, str | int | date):
        return ""
    return normalised(str(plain).encode(errors="replace").decode()).strip()


def _derived_id(origin: Path | str, *, url: str | None, title: str, text: str) -> str:
    """A readable slug and a short hash: of the url, else of file and folder, else of the words.

    Of a record's words both the title and the text: records of one file may share a title, and
    their order may change.
    """
    if url:
        name = next((part for part in reversed(urlsplit(url).path.split("/")) if part), url)
        return _slugged(Path(name).stem, key=url)
    if isinstance(origin, Path):
        return _slugged(origin.stem, key="/".join(origin.absolute().parts[-2:]))
    return _slugged(title, key=f"{title}\n{text}")


def _slugged(name: str, *, key: str) -> str:
    slug = slugify(name, max_length=SLUG_LENGTH, word_boundary=True) or "article"
    digest = hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()
    return f"{slug}-{digest[:8]}"


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

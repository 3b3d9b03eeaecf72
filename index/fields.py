"""What a record says of its article -> the fields that an article has, as text; and its id."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from email import policy
from email.parser import HeaderParser
from pathlib import Path
from urllib.parse import urlsplit

import frontmatter
import yaml
from slugify import slugify

from index.cleaning.paragraphs import normalised
from index.errors import ArticleRefused

SLUG_LENGTH = 60
EXPORT_NAMES = {
    "title": "title",
    "author": "author",
    "url": "url",
    "url source": "url",
    "source url": "url",
    "published": "published",
    "published time": "published",
    "date": "published",
}
EXPORT_LINE = re.compile(
    rf"({'|'.join(sorted(EXPORT_NAMES, key=len, reverse=True))}|markdown content|description)"
    r":[ \t]*(.*)$",
    re.IGNORECASE,
)
FEWEST_EXPORT_LINES = 2
HEADING = re.compile(r"^#{1,2} +(.+?)[ #]*$", re.MULTILINE)
SHORTEST_TITLE = 15  # characters of a heading that is no publisher's name
MESSAGE_LINE = re.compile(r"(?:from|to|subject|date|sent|reply-to): ", re.IGNORECASE)
FORWARDED = re.compile(r"^(?:(?:fwd?|re|aw|wg|tr|rv): )+", re.IGNORECASE)
FIELD_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "_id"),
    "title": ("title", "headline"),
    "author": ("author", "authors", "byline"),
    "source": ("source", "publisher", "sitename"),
    "published": ("published", "published_at", "date", "datePublished", "published_date"),
    "updated": ("updated", "updated_at", "modified", "dateModified", "lastmod"),
    "url": ("url", "link"),
    "language": ("language", "lang", "inLanguage"),
    "text": ("text", "body", "content"),
}


def known_fields(record: Mapping[str, object]) -> dict[str, str]:
    """The fields that an article has, as text, under one name each."""
    fields = {}
    for field, names in FIELD_NAMES.items():
        values = [value for name in names if (value := _as_text(record.get(name)))]
        if values:
            fields[field] = values[0]
    return fields


def split_front_matter(text: str, *, name: str) -> tuple[dict[str, str], str]:
    """The known fields of a Markdown text and its body; raises ArticleRefused for broken YAML."""
    try:
        metadata, body = frontmatter.parse(text)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ArticleRefused(
            f"{name} has front matter that is not valid YAML ({reason}): correct it."
        ) from None
    return (known_fields(metadata), body) if metadata else _split_export(text)


def _split_export(text: str) -> tuple[dict[str, str], str]:
    """The same for lines such as `Published Time: …` above a text, as exporters write them.

    A title there is a window's, with the publisher's name behind it: a heading that begins it wins.
    """
    told: dict[str, str] = {}
    lines = text.lstrip("\ufeff").split("\n")
    end = 0
    for place, line in enumerate(lines):
        match = EXPORT_LINE.match(line)
        if line.strip() and match is None:
            break
        if match:
            end = place + 1
            told[match.group(1).lower()] = match.group(2).strip()
    if len(told) < FEWEST_EXPORT_LINES:
        return {}, text
    fields = {field: told[name] for name, field in EXPORT_NAMES.items() if told.get(name)}
    body = "\n".join(lines[end:])
    headings = [heading for heading in HEADING.findall(body) if len(heading) > SHORTEST_TITLE]
    title = fields.get("title", "")
    if headings and title.startswith(headings[0]):
        fields["title"] = headings[0]
    return fields, body


def split_message(text: str) -> tuple[dict[str, str], str]:
    """The fields of an e-mail that was saved as text, by the lines above it, and its body.

    A subject is the title only where the body has it as a line: many only tempt to open the e-mail.
    """
    head, _, body = text.lstrip("\ufeff").replace("\r\n", "\n").partition("\n\n")
    if not MESSAGE_LINE.match(head):
        return {}, text
    told = HeaderParser(policy=policy.default).parsestr(head, headersonly=True)
    if told.defects or not (told["subject"] and told["from"]):
        return {}, text
    subject = " ".join(FORWARDED.sub("", str(told["subject"])).split())
    title = subject if subject in map(str.strip, body.split("\n")) else ""
    fields = {"title": title, "published": str(told["date"] or "")}
    return {name: value for name, value in fields.items() if value}, body


def usable_url(url: str | None) -> str | None:
    """The address of a page; None for what is none, such as a script or a broken one."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https", "") else None
    except ValueError:
        return None


def derived_id(origin: Path | str, *, url: str | None, title: str, text: str) -> str:
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

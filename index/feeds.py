"""A feed's or sitemap's bytes -> its entries or addresses; by feedparser and lxml."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import feedparser
from lxml import etree

SHORTEST_WHOLE = 1200  # characters; a summary as long as this is the whole text
ELLIPSES = ("[…]", "[...]", "…", "...", "&hellip;", "[&#8230;]", "&#8230;")
MOST_ENTRIES = 50_000  # of one feed or sitemap


@dataclass(frozen=True)
class Entry:
    """One item of a feed: `html` is its whole text, None where the feed has only a summary."""

    key: str
    url: str | None
    html: str | None
    fields: Mapping[str, str]

    @property
    def mark(self) -> str:
        """A hash of all that the feed says of it; another one when anything changed."""
        told = "\n".join((self.key, self.html or "", *map("=".join, sorted(self.fields.items()))))
        return hashlib.sha256(told.encode(errors="replace")).hexdigest()[:16]


@dataclass(frozen=True)
class Sitemap:
    """The addresses of pages with the day that each changed, and those of further sitemaps."""

    pages: Sequence[tuple[str, str | None]]
    sitemaps: Sequence[str]


def read_feed(data: bytes) -> list[Entry] | None:
    """The entries of an RSS or Atom feed, in its order; None where the bytes are no feed."""
    # As a stream: bytes alone could be taken for an address or the name of a file.
    parsed = feedparser.parse(io.BytesIO(data))
    if not parsed.version:
        return None
    language = parsed.feed.get("language")
    title = parsed.feed.get("title")
    return [_entry(item, source=title, language=language) for item in parsed.entries[:MOST_ENTRIES]]


def read_sitemap(data: bytes) -> Sitemap | None:
    """The addresses of a sitemap or an index of sitemaps; None where the bytes are neither."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    kind = etree.QName(root).localname if root is not None else ""
    if kind not in ("urlset", "sitemapindex"):
        return None
    found = [
        (location, _child(item, "lastmod"))
        for item in root.iterchildren("{*}url", "{*}sitemap")
        if (location := _child(item, "loc"))
    ][:MOST_ENTRIES]
    if kind == "urlset":
        return Sitemap(found, ())
    return Sitemap((), [location for location, _ in found])


def _entry(item: feedparser.FeedParserDict, *, source: str | None, language: str | None) -> Entry:
    contents = [part for part in item.get("content", []) if part.get("value")]
    html = max((part["value"] for part in contents), key=len, default=None)
    summary = item.get("summary", "").strip()
    if html is None and len(summary) >= SHORTEST_WHOLE and not summary.endswith(ELLIPSES):
        html = summary
    if html is not None and html.strip().endswith(ELLIPSES):
        html = None
    told = {
        "title": item.get("title"),
        "author": item.get("author"),
        "source": item.get("source", {}).get("title") or source,
        "published": item.get("published"),
        "updated": dict.get(item, "updated"),  # not its own stand-in for published
        "url": item.get("link"),
        "language": (contents[0].get("language") if contents else None) or language,
    }
    fields = {name: str(value) for name, value in told.items() if value}
    key = item.get("id") or item.get("link") or item.get("title", "")
    return Entry(key=key, url=item.get("link"), html=html, fields=fields)


def _child(element: etree._Element, name: str) -> str | None:
    found = element.findtext(f"{{*}}{name}")
    return found.strip() if found and found.strip() else None

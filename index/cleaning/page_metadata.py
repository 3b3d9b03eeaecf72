"""What a web page says of itself -> its article's fields: JSON-LD, OpenGraph, then the rest."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import htmldate
import trafilatura

from index.cleaning.dates import find_date
from index.cleaning.tree import Element

ARTICLE_TYPE = re.compile(r"(?:\w*Article|\w*Posting|Report|Review|OpinionPiece)$")
DEEPEST = 6  # levels of JSON-LD at which an article is looked for
LANGUAGE_TAG = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{2,8})*)$")
COMMENT = re.compile(r"^\s*(?:<!--|(?://\s*)?<!\[CDATA\[)|(?:-->|(?://\s*)?\]\]>)\s*$")
TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
ADDRESS = re.compile(r"https?://|www\.|^/", re.IGNORECASE)
TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
REGION_LENGTH = 2
SCRIPT_LENGTH = 4


def read_page_metadata(tree: Element) -> dict[str, str]:
    """Title, author, source, published, updated, url and language as the page declares them."""
    sources = (_from_json_ld(tree), _from_open_graph(tree), _from_the_rest(tree))
    fields: dict[str, str] = {}
    for source in sources:
        for name, value in source.items():
            if value and name not in fields and _is_sound(name, value):
                fields[name] = value
    if language := language_tag(_root_language(tree) or fields.get("language")):
        fields["language"] = language
    else:
        fields.pop("language", None)
    return fields


def read_article_body(tree: Element) -> str:
    """The article's text as the page's JSON-LD has it, often cut off; "" where it has none."""
    bodies = [
        _text(node["articleBody"])
        for node in _json_ld_nodes(tree, holding="articleBody")
        if _is_article(node) and "articleBody" in node
    ]
    return TAG.sub(" ", max(bodies, key=len, default=""))


def language_tag(text: str | None) -> str | None:
    """A language's BCP 47 tag as it is usually written (en-GB, zh-Hans); None for what is none."""
    match = LANGUAGE_TAG.match((text or "").strip())
    if match is None:
        return None
    parts = match.group(2).replace("_", "-").split("-")[1:]
    return "-".join([match.group(1).lower(), *map(_subtag, parts)])


def _subtag(part: str) -> str:
    if len(part) == REGION_LENGTH:
        return part.upper()
    return part.title() if len(part) == SCRIPT_LENGTH else part.lower()


def _is_sound(name: str, value: str) -> bool:
    if name in ("published", "updated"):
        return find_date(value) is not None
    return name != "author" or not ADDRESS.search(value)


def _from_json_ld(tree: Element) -> dict[str, str]:
    nodes = _json_ld_nodes(tree)
    named = {str(node["@id"]): node for node in nodes if "@id" in node and len(node) > 1}
    articles = [node for node in nodes if _is_article(node)]
    if not articles:
        return {}
    article = next((node for node in articles if node.get("headline")), articles[0])
    return {
        "title": _text(article.get("headline") or article.get("name")),
        "author": _names(article.get("author"), named),
        "source": _names(article.get("publisher"), named),
        "published": _text(article.get("datePublished")),
        "updated": _text(article.get("dateModified")),
        "url": _address(article.get("url")) or _address(article.get("mainEntityOfPage")),
        "language": _language(article.get("inLanguage")),
    }


def _json_ld_nodes(tree: Element, *, holding: str = "") -> list[Mapping[str, Any]]:
    """The objects of the page's JSON-LD scripts that hold a word."""
    roots = [
        value
        for script in tree.iter("script")
        if "ld+json" in (script.get("type") or "").lower()
        and holding in (script.text or "")
        and (value := _parsed(script.text or "")) is not None
    ]
    return [node for root in roots for node in _nodes(root)]


def _parsed(text: str) -> object:
    """The value of a script; one trailing comma is forgiven, anything else broken is skipped."""
    bare = COMMENT.sub("", text).strip()
    for candidate in (bare, TRAILING_COMMA.sub("", bare)):
        try:
            value: object = json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
        return value
    return None


def _nodes(value: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Every object of a JSON-LD value, the outer ones first."""
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _nodes(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner, depth + 1)


def _is_article(node: Mapping[str, Any]) -> bool:
    kinds = node.get("@type")
    return any(
        isinstance(kind, str) and ARTICLE_TYPE.match(kind.rsplit("/", 1)[-1])
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _names(value: object, named: Mapping[str, Mapping[str, Any]]) -> str:
    """The names of people or organisations, given as such, as objects or by reference."""
    names = []
    for item in value if isinstance(value, list) else [value]:
        node = item
        if isinstance(node, Mapping) and "name" not in node:
            node = named.get(str(node.get("@id")), node)
        name = _text(node.get("name") if isinstance(node, Mapping) else node)
        if name and not ADDRESS.search(name) and name not in names:
            names.append(name)
    return ", ".join(names)


def _text(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return " ".join(html.unescape(value).split()) if isinstance(value, str) else ""


def _address(value: object) -> str:
    found = _text(value.get("@id") or value.get("url") if isinstance(value, Mapping) else value)
    return found if found.startswith(("http://", "https://")) else ""


def _language(value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get("alternateName") or value.get("name")
    return language_tag(_text(value)) or ""


def _from_open_graph(tree: Element) -> dict[str, str]:
    told: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or "").lower()
        if name and name not in told:
            told[name] = _text(meta.get("content"))
    return {
        "title": told.get("og:title", ""),
        "author": told.get("article:author", ""),
        "source": told.get("og:site_name", ""),
        "published": told.get("article:published_time")
        or told.get("og:article:published_time", ""),
        "updated": told.get("article:modified_time") or told.get("og:updated_time", ""),
        "url": _address(told.get("og:url")),
        "language": told.get("og:locale", ""),
    }


def _from_the_rest(tree: Element) -> dict[str, str]:
    document = trafilatura.extract_metadata(tree, extensive=False)
    # Only dates that the page declares: the text's own dates belong to the story.
    published = htmldate.find_date(tree, extensive_search=False, original_date=True)
    return {
        "title": document.title or "",
        "author": (document.author or "").replace(";", ","),
        "source": document.sitename or "",
        "published": published or "",
        "url": document.url or "",
    }


def _root_language(tree: Element) -> str | None:
    root = tree.getroottree().getroot()
    language: str | None = root.get("lang") or root.get(
        "{http://www.w3.org/XML/1998/namespace}lang"
    )
    return language

"""Files and folders -> articles one by one, each with where it came from, and what is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.articles import Article, find_files, read_articles
from index.errors import ArticleRefused


@dataclass(frozen=True)
class Found:
    """An article, and the file or address that it was read from."""

    article: Article
    origin: str


@dataclass(frozen=True)
class Refusal:
    """What was not taken in, and why."""

    origin: str
    reason: str


def read_sources(sources: Sequence[str]) -> Iterator[Found | Refusal]:
    """Every article of the sources named, and every refusal, as they are read."""
    for source in sources:
        try:
            paths = find_files(Path(source))
        except ArticleRefused as error:
            yield Refusal(source, str(error))
            continue
        for path in paths:
            try:
                articles = read_articles(path)
            except ArticleRefused as error:
                yield Refusal(str(path), str(error))
                continue
            for article in articles:
                yield Found(article, str(path))

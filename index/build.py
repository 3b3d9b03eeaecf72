"""Sources -> a published generation: read, cut, embed, write; with a summary of what went in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from index.articles import Article, find_files, read_articles
from index.errors import ArticleRefused
from index.generation_files import Entry, write_generation
from index.manifest import Manifest
from index.passages import Passage, split_passages
from index.vectors import Embedder


@dataclass(frozen=True)
class Reading:
    """What the sources gave: articles in order, and the refused with their reasons."""

    articles: tuple[Article, ...]
    refused: tuple[str, ...]


def read_sources(sources: Iterable[Path]) -> Reading:
    """Read every article of the files and folders named.

    A bad file inside a folder is refused and the rest goes in; one that is named itself, or a
    folder that gives nothing, raises ArticleRefused. Of two articles with one id or the same text
    the first stays.
    """
    articles: dict[str, Article] = {}
    versions: dict[str, str] = {}
    refused: list[str] = []
    for source in sources:
        for path in find_files(source):
            try:
                found = read_articles(path)
            except ArticleRefused as error:
                if path == source:
                    raise
                refused.append(str(error))
                continue
            for article in found:
                reason = _clash(article, articles, versions)
                if reason:
                    refused.append(f"{path}: {reason}")
                else:
                    articles[article.id] = article
                    versions[article.version] = article.id
    if not articles:
        raise ArticleRefused("None of the sources gave an article. " + " ".join(refused[:3]))
    return Reading(tuple(articles.values()), tuple(refused))


def build(
    reading: Reading,
    root: Path,
    embedder: Embedder,
    *,
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> Manifest:
    """Embed the articles and publish them as the current generation under `root`.

    `advance` is told texts done and texts in all. Raises WriteFailed.
    """
    cut = [(article, tuple(split_passages(article))) for article in reading.articles]
    texts = [text for article, passages in cut for text in _texts(article, passages)]
    done = 0

    def advance_by(count: int) -> None:
        nonlocal done
        done += count
        advance(done, len(texts))

    vectors = embedder.embed(texts, advance=advance_by)
    entries: list[Entry] = []
    row = 0
    for article, passages in cut:
        sentences = sum(len(passage.sentences) for passage in passages)
        split = row + len(passages)
        entries.append(Entry(article, passages, vectors[row:split], vectors[split:][:sentences]))
        row = split + sentences
    return write_generation(
        root,
        entries,
        embedding_model=embedder.name,
        dimension=embedder.dimension,
    )


def _texts(article: Article, passages: tuple[Passage, ...]) -> list[str]:
    """The texts to embed: each passage under a header, then each sentence alone."""
    day = article.published.isoformat() if article.published else ""
    header = ", ".join(part for part in (article.title, article.source or "", day) if part)
    return [
        *(f"{header}\n{article.text[passage.start : passage.end]}" for passage in passages),
        *(
            article.text[sentence.start : sentence.end]
            for passage in passages
            for sentence in passage.sentences
        ),
    ]


def _clash(article: Article, articles: dict[str, Article], versions: dict[str, str]) -> str | None:
    if article.version in versions:
        return f"the same text as {versions[article.version]}, which is in already"
    if article.id in articles:
        return f"another article has the id {article.id}; give one of them an id of its own"
    return None

"""Articles of one source -> the paragraphs that stand in many of them and belong to none.

A note on the publisher, an appeal or a list of contacts comes again word for word, or with other
names and numbers in it, under stories that have nothing to do with each other. The background
paragraph of a running story comes again too, but its stories are about the same; a wire story's
copies are one story. Pure functions: the caller keeps what was learned, so that one article reads
the same whatever it came with.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from index.articles import Article
from index.cleaning.cues import masked
from index.cleaning.furniture import ATTRIBUTION
from index.cleaning.topic import topic_words
from index.errors import ArticleRefused

FEWEST_ARTICLES = 5  # of one source; fewer show no habit
FEWEST_STORIES = 3  # about different things, in which a paragraph stands
FEWEST_STORIES_NEARLY = 4  # the same for one that is only nearly the same
SHORTEST = 4  # words
SHORTEST_NEARLY = 6  # words without the names and numbers
SAME_STORY = 0.3  # of the shorter article's words that both have
OWN_TOPIC = (
    0.34  # of a paragraph's words that its article has elsewhere; with more it belongs there
)
FAR_OFF_TOPIC = 0.25  # with fewer of them one story less is enough
MOST_HOSTS = 24  # articles that are compared for one paragraph
WORD = re.compile(r"[^\W_]+")
NAME_OR_NUMBER = re.compile(r"\b(?:[A-ZÀ-ÖØ-Þ][^\W_]*|[^\W_]*\d[^\W_]*)\b")

Furniture = Mapping[str, frozenset[str]]


def repeated_furniture(articles: Iterable[Article]) -> dict[str, frozenset[str]]:
    """For each source its repeated paragraphs, as keys that `without_furniture` understands."""
    batches: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        if article.source:
            batches[article.source].append(article)
    return {
        source: keys
        for source, batch in batches.items()
        if len(batch) >= FEWEST_ARTICLES and (keys := _repeated(batch))
    }


def without_furniture(article: Article, furniture: Furniture) -> Article:
    """The article without the paragraphs learned of its source; raises ArticleRefused if all go."""
    keys = furniture.get(article.source or "", frozenset())
    paragraphs = article.text.split("\n\n")
    kept = [text for text in paragraphs if keys.isdisjoint(_keys(text))]
    if len(kept) == len(paragraphs):
        return article
    if not kept:
        raise ArticleRefused(
            f"{article.title!r} holds no reporting: all of it stands in other articles of "
            f"{article.source} too."
        )
    captions = {article.text[start:end] for start, end in article.captions}
    spans = []
    start = 0
    for text in kept:
        if text in captions:
            spans.append((start, start + len(text)))
        start += len(text) + len("\n\n")
    return replace(article, text="\n\n".join(kept), captions=tuple(spans))


def _repeated(batch: Sequence[Article]) -> frozenset[str]:
    places: dict[str, list[int]] = defaultdict(list)
    texts: dict[str, str] = {}
    for number, article in enumerate(batch):
        keys = {key: text for text in article.text.split("\n\n") for key in _keys(text)}
        for key, text in keys.items():
            places[key].append(number)
            texts.setdefault(key, text)
    found = set()
    for key, numbers in places.items():
        fewest = FEWEST_STORIES if key.startswith("=") else FEWEST_STORIES_NEARLY
        if len(numbers) >= fewest and not _is_quotation(texts[key]):
            chosen = numbers[:: max(1, len(numbers) // MOST_HOSTS)][:MOST_HOSTS]
            hosts = [_words_around(batch[number], key=key) for number in chosen]
            shared = _shared(topic_words(texts[key]), hosts)
            needed = fewest - 1 if shared < FAR_OFF_TOPIC else fewest
            if shared < OWN_TOPIC and _stories(hosts) >= needed:
                found.add(key)
    return frozenset(found)


def _keys(text: str) -> set[str]:
    """A paragraph's key as it stands, and one without its names and numbers."""
    words = WORD.findall(text.lower())
    rest = WORD.findall(NAME_OR_NUMBER.sub("", text).lower())
    keys = {_key("=", words)} if len(words) >= SHORTEST else set()
    return keys | ({_key("~", rest)} if len(rest) >= SHORTEST_NEARLY else set())


def _key(kind: str, words: Sequence[str]) -> str:
    return kind + hashlib.sha256(" ".join(words).encode()).hexdigest()[:16]


def _words_around(article: Article, *, key: str) -> frozenset[str]:
    """What an article is about without the paragraph."""
    around = [text for text in article.text.split("\n\n") if key not in _keys(text)]
    return topic_words("\n".join(around))


def _stories(hosts: Sequence[frozenset[str]]) -> int:
    """How many different stories the articles tell, by the words of each."""
    told: list[frozenset[str]] = []
    for words in hosts:
        if not any(_is_same_story(words, other) for other in told):
            told.append(words)
    return len(told)


def _is_same_story(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SAME_STORY * max(1, min(len(one), len(other)))


def _shared(own: frozenset[str], hosts: Sequence[frozenset[str]]) -> float:
    """The share of a paragraph's words that the articles around it have too, on average."""
    if not own:
        return 0.0
    return sum(len(own & words) for words in hosts) / len(own) / len(hosts)


def _is_quotation(text: str) -> bool:
    plain = masked(text)
    return "“ " in plain and ATTRIBUTION.search(plain) is not None

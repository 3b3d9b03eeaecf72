"""The index -> questions that its articles answer, as suggestions."""

from datetime import date

from service.answerer import Answerer

LOOKED_AT = 50
"""Passages whose articles may be suggested."""

LONGEST = 75
"""Characters of a title that makes a readable question."""

_ANYTHING = "news"


def suggest(answerer: Answerer, count: int) -> tuple[str, ...]:
    """Up to `count` questions, about the newest of the articles found."""
    found = answerer.search(_ANYTHING, limit=LOOKED_AT)
    articles = {one.passage.article.id: one.passage.article for one in found}
    newest = sorted(articles.values(), key=lambda each: each.published or date.min, reverse=True)
    titles = [each.title for each in newest if len(each.title) <= LONGEST]
    return tuple(f"What happened: {title.rstrip(' .?!')}?" for title in titles[:count])

"""The index -> questions that its newest articles answer, to begin with: by rule, from sentences.

"Sergei Shoigu met Kim in Vladivostok on Saturday, …" answers "Who met Kim in Vladivostok on
Saturday?". Kept simple on purpose: a sentence that begins with a name and goes on with a deed is
asked for its name; any other is passed over.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from index.articles import Article
from index.generation import Generation
from index.part import Filters
from index.passages import split_sentences

LOOKED_AT = 40
"""The newest articles, whose sentences the questions are made of."""

FEWEST_WORDS = 3
MOST_WORDS = 13
"""Of the part of a sentence that a question takes over."""

LONGEST_TITLE = 75
"""Characters of a title that makes a readable question."""

_DEEDS = (
    "accepted accused agreed announced apologised apologized appealed approved arrived asked"
    " attacked banned began boarded bought broke brought built called cancelled captured caught"
    " chose claimed closed completed confirmed created cut declared defeated delivered demanded"
    " denied departed designed died discovered donated elected ended escaped exchanged expected"
    " fell fined finished fired flew found founded gave granted handed helped hosted inspected"
    " introduced invented invited joined killed launched led left looked lost made met moved named"
    " offered opened ordered paid passed performed planned praised presented promised proposed"
    " published raised reached received refused rejected released replaced reported rescued"
    " resigned returned revealed saved scored sent served shared showed signed sold spent spoke"
    " started stepped stopped struck succeeded sued survived thanked threatened told took toured"
    " traded traveled travelled unveiled urged visited voted walked wanted warned watched welcomed"
    " won wrote"
).split()
_SUFFERED = (
    "appointed arrested awarded charged elected given handed invited jailed named sentenced".split()
)
_SENTENCE = re.compile(
    r"(?:[A-Z]{2}[A-Z, ]* [—–-] |On [A-Z][a-z]+day,? )?"
    r"(?P<who>(?:Mr |Mrs |Ms )?(?:[A-Z][\w’'.-]*)(?: [A-Z][\w’'.-]*){0,4})"
    rf" (?P<what>(?:{'|'.join(_DEEDS)}|was (?:{'|'.join(_SUFFERED)})) [^,;:–—“”\"()?!]*[\w’'%])"
)
_NO_NAME = frozenset(
    "A After All Also An And Another As At Before Both But By Each Earlier Every For From He Her"
    " His How However I If In It Its Later Many Meanwhile Most Nobody Nor Not Now Of On One Or She"
    " So Some Somebody Still That The Their Then There They This These Those To Today We What When"
    " Where Which Who Yesterday You".split()
)
_POINTING_BACK = re.compile(
    r"\b(?:he|she|it|its|they|them|him|his|her|hers|their|theirs|i|we|us|our|my|you|your|this|that"
    r"|these|those|there|such|also|too|both|another|other|others|former|latter|same|so|as well"
    r"|himself|herself|itself|themselves|here|then|again|later|earlier|yesterday|today)\b",
    re.IGNORECASE,
)


def suggest_questions(generation: Generation, *, limit: int) -> list[str]:
    """`limit` questions that the newest articles answer, where they lend themselves to so many."""
    newest = [generation.article(one) for one in newest_first(generation)[:LOOKED_AT]]
    return questions_of([article for article in newest if article], limit=limit)


def newest_first(generation: Generation, filters: Filters | None = None) -> list[str]:
    """The ids of the articles that pass, the newest first, those without a day last."""
    found = sorted(generation.articles(filters), key=lambda one: (-one.day, one.id))
    return [summary.id for summary in found]


def questions_of(articles: Sequence[Article], *, limit: int) -> list[str]:
    """`limit` questions, if possible about different people and of different articles.

    Where too few sentences lend themselves to it, the rest asks for what a title tells.
    """
    found = [list(_questions(article)) for article in articles]
    in_turn = [one for row in zip_longest(*found) for one in row if one]
    chosen: list[str] = []
    named: set[str] = set()
    for who, question in in_turn:
        if named.isdisjoint(who.split()):
            named.update(who.split())
            chosen.append(question)
    chosen += [question for _, question in in_turn]
    titles = [article.title for article in articles if len(article.title) <= LONGEST_TITLE]
    chosen += [f"What happened: {title.rstrip(' .?!')}?" for title in titles]
    return list(dict.fromkeys(chosen))[:limit]


def _questions(article: Article) -> Iterator[tuple[str, str]]:
    """Each name that a sentence begins with, and the question for it."""
    captions = set(article.captions)
    place = 0
    for paragraph in article.text.split("\n\n"):
        span = (place, place + len(paragraph))
        place = span[1] + len("\n\n")
        if span in captions:
            continue
        for start, end in split_sentences(paragraph):
            found = _SENTENCE.match(paragraph[start:end])
            if found and _can_be_asked(found["who"], found["what"]):
                yield found["who"], f"Who {found['what'].rstrip('.')}?"


def _can_be_asked(who: str, what: str) -> bool:
    return (
        who.split(maxsplit=1)[0] not in _NO_NAME
        and FEWEST_WORDS <= len(what.split()) <= MOST_WORDS
        and not _POINTING_BACK.search(what)
    )

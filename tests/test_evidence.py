"""Which sentences of the ranked passages the model is shown, and in which order."""

from collections.abc import Sequence

import numpy as np
import pytest
from fakes import WordEmbedder, make_article

from index.articles import Article
from index.generation import StoredPassage
from index.passages import split_passages
from index.ranking import RankedPassage, Ranking
from service.evidence import (
    CHARACTERS_PER_TOKEN,
    DAY_WEIGHT,
    MAX_SENTENCES,
    MAX_TOKENS,
    RESERVE,
    SURE_SENTENCES,
    Evidence,
    select,
)

EMBEDDER = WordEmbedder(dimension=256)
QUESTION = "What drones did Kim receive?"


def choose(question: str, articles: Sequence[Article], *, cosine: float = 0.5) -> Evidence:
    """The evidence from all passages of the articles, ranked in their order."""
    stored = [
        StoredPassage(
            number,
            article,
            passage,
            EMBEDDER.embed([article.text[s.start : s.end] for s in passage.sentences]),
        )
        for number, (article, passage) in enumerate(
            (article, passage) for article in articles for passage in split_passages(article)
        )
    ]
    ranked = [RankedPassage(p, 0.03, p.number + 1, cosine, None, 0.0) for p in stored]
    return select(question, Ranking(tuple(ranked), EMBEDDER.embed_question(question)))


def texts(evidence: Evidence) -> list[str]:
    return [found.text for found in evidence.sentences]


def test_numbered_from_one_best_first_with_exact_spans() -> None:
    article = make_article(
        "The weather was fine that day.\n\n“Kim” did receive five drones — and a vest.\n\n"
        "The train left the station."
    )
    evidence = choose(QUESTION, [article])
    assert [found.number for found in evidence.sentences] == [1, 2, 3]
    assert texts(evidence)[0] == "“Kim” did receive five drones — and a vest."
    for found in evidence.sentences:
        assert found.text == article.text[found.span.start : found.span.end]
    assert evidence.strength == evidence.sentences[0].score > 1


def test_near_copies_count_once_and_name_all_their_articles() -> None:
    copies = [
        make_article(text, article_id=name)
        for name, text in {
            "first": "Kim received five explosive drones from the governor.",
            "second": "Kim received 5 explosive drones from the governor.",
            "third": "The governor: five explosive drones Kim received.",
        }.items()
    ]
    evidence = choose(QUESTION, copies)
    (found,) = evidence.sentences
    assert sorted([found.article.id, *(span.article.id for span in found.also_in)]) == [
        "first",
        "second",
        "third",
    ]
    for span in found.also_in:
        assert span.text == span.article.text


def test_a_copy_with_another_number_is_an_account_of_its_own() -> None:
    evidence = choose(
        QUESTION,
        [
            make_article("Kim received five explosive drones from him.", article_id="a"),
            make_article("Kim received six explosive drones from him.", article_id="b"),
        ],
    )
    assert len(evidence.sentences) == 2
    assert not any(found.also_in for found in evidence.sentences)


def test_a_copy_in_the_same_article_is_not_another_article() -> None:
    article = make_article("Kim received five drones here.\n\nKim received five drones here.")
    (found,) = choose(QUESTION, [article]).sentences
    assert found.also_in == ()


def test_crossheads_are_no_evidence() -> None:
    evidence = choose(QUESTION, [make_article("Drones for Kim\n\nKim did receive five drones.")])
    assert texts(evidence) == ["Kim did receive five drones."]


def numbered(count: int, *, words: int) -> list[Article]:
    """Articles of one long sentence each, all different."""
    return [
        make_article(
            f"Kim received drones {' '.join(f'w{n}x{m}' for m in range(words))} there.",
            article_id=f"a{n}",
        )
        for n in range(count)
    ]


def test_no_more_sentences_than_the_model_is_to_be_shown() -> None:
    assert len(choose(QUESTION, numbered(12, words=4)).sentences) == MAX_SENTENCES


def test_the_token_budget_is_kept() -> None:
    evidence = choose(QUESTION, numbered(12, words=60))
    tokens = sum(len(text) for text in texts(evidence)) / CHARACTERS_PER_TOKEN
    assert MAX_TOKENS / 2 < tokens <= MAX_TOKENS
    assert 1 < len(evidence.sentences) < MAX_SENTENCES


def test_the_next_ones_are_kept_in_reserve_and_numbered_on() -> None:
    evidence = choose(QUESTION, numbered(12, words=4))
    assert [found.number for found in evidence.reserve] == [11, 12]
    shown = {found.article.id for found in evidence.sentences}
    assert not shown & {found.article.id for found in evidence.reserve}
    assert RESERVE >= 2


def test_a_word_of_the_question_that_the_best_lack_brings_its_sentence_in() -> None:
    near = numbered(12, words=3)
    far = make_article(
        "On Monday the minister spoke at length of trade, grain and the vodka of the region.",
        article_id="far",
    )
    with_word = choose("What drones and vodka did Kim receive?", [*near[:11], far])
    without = choose("What drones did Kim receive?", [*near[:11], far])
    ids = [found.article.id for found in with_word.sentences]
    assert "far" in ids
    assert "far" not in [found.article.id for found in without.sentences]
    assert len(ids) > SURE_SENTENCES


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("What drones did Kim receive on 12 September?", "tuesday"),
        ("What drones did Kim receive on 13 September?", "wednesday"),
        ("What drones did Kim receive on 2023-09-13?", "wednesday"),
        ("What drones did Kim receive yesterday?", "today"),  # before the newest article's day
        ("What drones did Kim receive?", "long"),
    ],
)
def test_a_sentence_of_the_day_that_was_asked_for_comes_first(question: str, best: str) -> None:
    texts = {
        "long": ("Kim did receive drones.", "2023-09-10"),
        "tuesday": ("Kim did receive drones Tuesday by train.", "2023-09-14"),
        "wednesday": ("Kim did receive drones Wednesday by ship.", "2023-09-14"),
        "today": ("Kim did receive drones Saturday by plane.", "2023-09-17"),
    }
    articles = [
        make_article(text, article_id=name, published=day) for name, (text, day) in texts.items()
    ]
    assert choose(question, articles).sentences[0].article.id == best


def test_a_day_counts_as_much_as_it_is_told_to() -> None:
    text = "Kim received drones on Friday and on Saturday."
    article, undated = make_article(text, published="2023-09-17"), make_article(text)
    question = "What drones did Kim receive on 15 September 2023 or 16 September 2023?"
    told, untold = choose(question, [article]).strength, choose(question, [undated]).strength
    assert told - untold == pytest.approx(DAY_WEIGHT)


def test_a_sentence_of_function_words_alone_comes_once() -> None:
    idle = "He would not say more about it."
    article = make_article(f"{idle}\n\nIt was the same for him as well.\n\nThe train left.")
    evidence = choose("Would he say more about the train?", [article])
    found = [sentence.text for sentence in (*evidence.sentences, *evidence.reserve)]
    assert sorted(found) == [idle, "It was the same for him as well."]


def test_what_was_searched() -> None:
    articles = [
        make_article(f"Kim received drone type x{n} there.", article_id=f"a{n}", title=f"Title {n}")
        for n in range(5)
    ]
    evidence = choose(QUESTION, articles)
    assert evidence.searched[4] == "Title 4\n\nKim received drone type x4 there."


@pytest.mark.parametrize("question", [QUESTION, "What?"])
def test_nothing_ranked_is_no_evidence(question: str) -> None:
    ranking = Ranking((), np.zeros(EMBEDDER.dimension, dtype=np.float32))
    evidence = select(question, ranking)
    assert (evidence.sentences, evidence.strength) == ((), 0.0)


def test_a_near_copy_of_a_passage_is_named_with_its_sentences() -> None:
    wire = "Kim did receive five drones there, the governor said. He thanked them."
    one, two = (make_article(wire, article_id=name) for name in ("wire", "reprint"))
    [stored, copy] = [
        StoredPassage(
            number,
            article,
            split_passages(article)[0],
            EMBEDDER.embed(
                [article.text[s.start : s.end] for s in split_passages(article)[0].sentences]
            ),
        )
        for number, article in enumerate((one, two))
    ]
    ranked = RankedPassage(stored, 1.9, 1, 0.5, 1, 2.0, copies=(copy,))
    evidence = select(QUESTION, Ranking((ranked,), EMBEDDER.embed_question(QUESTION)))
    assert [found.article.id for found in evidence.sentences] == ["wire"]
    [also] = evidence.sentences[0].also_in
    assert (also.article.id, also.text) == ("reprint", evidence.sentences[0].text)

"""Two orders become one, and every ranked passage says why it stands where it does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from fakes import WordEmbedder, build_index, make_article, open_index
from word_matches import matching

from index.generation import Generation
from index.part import Filters
from index.ranking import Ranking, passage_record, rank
from index.words import query_terms

ARTICLES = [
    make_article(
        f"Train number {number} left for the border with a {thing} on board.",
        article_id=thing,
        title=thing.title(),
        source="Post" if number % 2 else "Wire",
        published=f"2023-09-1{number}" if number else None,
        url=f"https://wire.example/{thing}" if number == 2 else None,
    )
    for number, thing in enumerate(["walrus", "sabre", "drone", "samovar", "hat"])
]


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    root = tmp_path_factory.mktemp("ranking")
    build_index(root, ARTICLES)
    return open_index(root)


def ranked_ids(ranking: Ranking) -> list[str]:
    """The ids of the ranked passages' articles, best first."""
    return [ranked.passage.article.id for ranked in ranking.passages]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What gifts did Kim receive?", ["gift", "kim", "receiv"]),
        ("Who saw Kim’s train, and Kim's hat?", ["saw", "kim", "train", "hat"]),
        ("The Geran-25 drone", ["geran", "25", "drone"]),
        ("Who is he?", ["who", "is", "he"]),
        ("Ærø 2023-09-17 日本", ["ærø", "2023", "09", "17", "日本"]),
        ('"; DROP TABLE articles', ["drop", "tabl", "articl"]),
        ("?!", []),
        ("", []),
    ],
)
def test_words_worth_looking_up(question: str, words: list[str]) -> None:
    assert query_terms(question) == words


def test_the_passage_that_holds_the_words_is_first(generation: Generation) -> None:
    ranking = rank(generation, WordEmbedder(), "Who gave a samovar?", limit=3)
    best = ranking.passages[0]
    assert best.passage.article.id == "samovar"
    assert len(ranking.passages) == 3
    assert (best.vector_rank, best.word_rank) == (1, 1)
    assert best.score == pytest.approx(1 + 0.5 + 0.4)


def test_scores_are_those_of_the_two_orders(generation: Generation) -> None:
    embedder = WordEmbedder()
    ranking = rank(generation, embedder, "the sabre train of the border", limit=5)
    near = generation.nearest(ranking.question_vector, limit=5)
    matched = matching(generation, query_terms("sabre train border"), limit=5)
    for ranked in ranking.passages:
        assert ranked.vector_rank is not None
        assert ranked.word_rank is not None
        assert near[ranked.vector_rank - 1] == (ranked.passage.number, ranked.cosine)
        assert matched[ranked.word_rank - 1] == (ranked.passage.number, ranked.bm25)
    question = embedder.embed_question("the sabre train of the border")
    assert np.array_equal(ranking.question_vector, question)


def test_a_passage_without_the_words_has_no_word_rank(generation: Generation) -> None:
    ranking = rank(generation, WordEmbedder(), "samovar", limit=5)
    assert [ranked.word_rank for ranked in ranking.passages] == [1, None, None, None, None]
    assert [ranked.bm25 > 0 for ranked in ranking.passages] == [True, False, False, False, False]


def test_filters_reach_both_orders(generation: Generation) -> None:
    filters = Filters(source="wire", published_from=date(2023, 9, 13))
    assert ranked_ids(rank(generation, WordEmbedder(), "walrus drone", limit=5)) != ["hat"]
    ranking = rank(generation, WordEmbedder(), "walrus drone", limit=5, filters=filters)
    assert ranked_ids(ranking) == ["hat"]
    nothing = Filters(source="none")
    ranking = rank(generation, WordEmbedder(), "walrus drone", limit=5, filters=nothing)
    assert ranking.passages == ()


def test_a_question_of_no_word_is_ranked_by_vector_alone(generation: Generation) -> None:
    ranking = rank(generation, WordEmbedder(), "?!", limit=2)
    assert len(ranking.passages) == 2
    assert all(ranked.word_rank is None for ranked in ranking.passages)


def test_a_passage_as_the_contract_has_it(generation: Generation) -> None:
    ranking = rank(generation, WordEmbedder(), "drone", limit=5)
    records = {record["article_id"]: record for record in map(passage_record, ranking.passages)}
    assert records["drone"] == {
        "article_id": "drone",
        "title": "Drone",
        "source": "Wire",
        "published": "2023-09-12",
        "url": "https://wire.example/drone",
        "text": "Train number 2 left for the border with a drone on board.",
        "start": 0,
        "end": 57,
        "score": 1.9,
        "also_in": [],
    }
    assert records["walrus"]["published"] is None
    assert records["walrus"]["url"] is None


def test_eight_threads_rank_as_one_does(generation: Generation) -> None:
    embedder = WordEmbedder()
    questions = [
        f"{a.title} or {b.title}, number {n}" for n, a in enumerate(ARTICLES) for b in ARTICLES
    ]

    def scored(question: str) -> list[tuple[int, float]]:
        ranking = rank(generation, embedder, question, limit=5)
        return [(ranked.passage.number, ranked.score) for ranked in ranking.passages]

    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(scored, questions * 4))
    assert together == [scored(question) for question in questions] * 4


def test_a_limit_is_kept_where_more_is_found(tmp_path: Path) -> None:
    articles = [make_article(f"Kim left, {n} times.", article_id=str(n)) for n in range(130)]
    build_index(tmp_path, articles)
    ranking = rank(open_index(tmp_path), WordEmbedder(), "Kim", limit=100)
    assert len(ranking.passages) == 100
    assert len(set(ranked_ids(ranking))) == 100
    scores = [ranked.score for ranked in ranking.passages]
    assert scores == sorted(scores, reverse=True)


def test_a_publisher_or_a_day_that_is_named_comes_first(generation: Generation) -> None:
    embedder = WordEmbedder()
    for question, named in (
        ("What left the border, says the Post?", {"sabre", "samovar"}),
        ("Which train left on 12 September 2023?", {"drone"}),
        ("Which train left on September 13?", {"samovar"}),
    ):
        best = rank(generation, embedder, question, limit=5).passages
        first = [ranked.passage.article.id for ranked in best[: len(named)]]
        assert set(first) == named
        assert {r.named_publisher or r.named_day for r in best[: len(named)]} == {True}


def test_the_second_passage_of_a_story_counts_less(tmp_path: Path) -> None:
    paragraph = "Kim saw the {} ship in the harbour" + " of the town" * 40 + "."
    long = "\n\n".join(paragraph.format(name) for name in ("first", "second", "third"))
    articles = [
        make_article(long, article_id="long"),
        make_article("Kim saw a ship.", article_id="short", title="Other"),
    ]
    build_index(tmp_path, articles)
    found = rank(open_index(tmp_path), WordEmbedder(), "Which ship did Kim see?", limit=5).passages
    of_long = [ranked for ranked in found if ranked.passage.article.id == "long"]
    assert [round(ranked.taken_off, 3) for ranked in of_long] == [0, 0.05, 0.1]
    assert [r.score for r in found] == sorted((r.score for r in found), reverse=True)


def test_near_copies_are_given_as_one(tmp_path: Path) -> None:
    wire = "The ferry ran aground off Tarn on Friday with forty people on board, police said."
    articles = [
        make_article(wire, article_id="wire", source="Wire"),
        make_article(wire + " Nobody was hurt.", article_id="reprint", source="Herald"),
        make_article("Protesters marched through Tarn on Friday, say police.", article_id="other"),
    ]
    build_index(tmp_path, articles)
    found = rank(open_index(tmp_path), WordEmbedder(), "Where did the ferry run?", limit=3).passages
    assert len(found) == 2
    copies = {found[0].passage.article.id, *(copy.article.id for copy in found[0].copies)}
    assert copies == {"wire", "reprint"}
    record = passage_record(found[0])
    assert [copy["article_id"] for copy in record["also_in"]] == [  # type: ignore[attr-defined]
        found[0].copies[0].article.id
    ]
    alone = rank(
        open_index(tmp_path),
        WordEmbedder(),
        "Where did the ferry run?",
        limit=3,
        filters=Filters(source="Herald"),
    )
    assert ranked_ids(alone) == ["reprint"]

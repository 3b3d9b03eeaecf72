"""What was written is read back, found by vector and by word, filtered first, and checked."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from fakes import WordEmbedder, build_index, found, make_article, open_index
from word_matches import matching

from index.build import build, remove
from index.engine import PassageText, Vectors
from index.errors import GenerationDamaged, GenerationMismatch, WriteFailed
from index.generation import Generation
from index.part import Filters
from index.passages import split_passages
from index.vectors import Embedder
from index.words import query_terms

DIMENSION = 24
STORIES = 300
ARTICLES = (
    make_article(
        "Kim boarded his armoured train.\n\nThe walrus show delighted him.",
        article_id="walrus",
        title="Walrus",
        source="The Fenwick Post",
        published="2023-09-17",
        url="https://fenwick.example/walrus",
        captions=((33, 63),),
    ),
    make_article(
        "The harbour was closed after a ferry ran aground.",
        article_id="ferry",
        title="Ferry",
        source="ČESKÉ Noviny",
        published="2023-09-18",
    ),
    make_article("Protesters marched through Tarn.", article_id="march", title="March"),
)


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """300 articles of one passage with random vectors; every third undated, sources A and B."""
    root = tmp_path_factory.mktemp("stories")
    articles = [
        make_article(
            f"Story {number} tells of rain{' and a zeppelin' if number == 123 else ''}.",
            article_id=f"s{number}",
            source="A" if number % 2 else "B",
            published=f"2023-09-{number % 28 + 1:02}" if number % 3 else None,
        )
        for number in range(STORIES)
    ]
    build(found(articles), root, DrawnEmbedder())
    return Generation(root, embedding_model="random", dimension=DIMENSION)


class DrawnEmbedder(Embedder):
    """The next of the random vectors for each passage, whatever it says."""

    def __init__(self) -> None:
        self.name = "random"
        self.dimension = DIMENSION

    def embed_passages(
        self,
        passages: Sequence[PassageText],
        *,
        advance: Callable[[int], None] = lambda _count: None,
    ) -> tuple[Vectors, Vectors]:
        advance(len(passages))
        return random_vectors(len(passages)), random_vectors(len(passages))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The root of an index of ARTICLES."""
    build_index(tmp_path, ARTICLES)
    return tmp_path


def random_vectors(count: int, *, seed: int = 7) -> Vectors:
    """Unit vectors [count, DIMENSION], the same every time."""
    drawn = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    unit: Vectors = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


def words_found(generation: Generation, *words: str, filters: Filters | None = None) -> list[str]:
    """The ids of the articles that match, best first."""
    found = matching(generation, query_terms(" ".join(words)), limit=100, filters=filters)
    return [stored.article.id for stored in generation.passages([number for number, _ in found])]


def test_articles_are_read_back_as_they_were(root: Path) -> None:
    generation = open_index(root)
    assert [generation.article(article.id) for article in ARTICLES] == list(ARTICLES)
    assert generation.article("none") is None
    assert generation.sources() == [("The Fenwick Post", 1), ("ČESKÉ Noviny", 1)]
    assert generation.manifest.articles == 3
    assert generation.manifest.passages == 3
    assert generation.manifest.sentences == 4


def test_passages_are_read_back_in_the_order_asked_for(root: Path) -> None:
    generation = open_index(root)
    ferry, walrus = generation.passages([1, 0])
    assert (ferry.number, ferry.article.id) == (1, "ferry")
    assert walrus.text == ARTICLES[0].text
    assert [walrus.passage] == split_passages(ARTICLES[0])
    assert [sentence.caption for sentence in walrus.passage.sentences] == [False, True]
    assert generation.passages([]) == []


def test_sentence_vectors_are_those_of_the_passage(root: Path) -> None:
    embedder = WordEmbedder()
    for stored in open_index(root).passages([2, 0, 1]):
        text = stored.article.text
        expected = embedder.embed([text[s.start : s.end] for s in stored.passage.sentences])
        assert stored.sentence_vectors.dtype == np.float32
        assert np.abs(stored.sentence_vectors - expected).max() < 1e-3


def test_nearest_agrees_with_brute_force(stories: Generation) -> None:
    vectors = random_vectors(STORIES)
    for question in random_vectors(20, seed=8):
        cosines = vectors @ question
        expected = np.argsort(-cosines)[:10]
        found = stories.nearest(question, limit=10)
        assert [number for number, _ in found] == expected.tolist()
        assert np.abs(np.array([cosine for _, cosine in found]) - cosines[expected]).max() < 1e-3


@pytest.mark.parametrize(
    ("filters", "passing"),
    [
        (Filters(source="a"), lambda n: n % 2 == 1),
        (Filters(published_from=date(2023, 9, 20)), lambda n: n % 3 and n % 28 >= 19),
        (Filters(published_to=date(2023, 9, 2)), lambda n: n % 3 and n % 28 <= 1),
        (
            Filters("B", date(2023, 9, 5), date(2023, 9, 5)),
            lambda n: n % 3 and n % 28 == 4 and n % 2 == 0,
        ),
    ],
)
def test_filters_come_before_ranking(
    filters: Filters, passing: Callable[[int], bool], stories: Generation
) -> None:
    allowed = [number for number in range(STORIES) if passing(number)]
    question = random_vectors(1, seed=9)[0]
    cosines = random_vectors(STORIES) @ question
    nearest = stories.nearest(question, limit=5, filters=filters)
    assert [number for number, _ in nearest] == sorted(allowed, key=lambda n: -cosines[n])[:5]
    found = matching(stories, ["rain"], limit=STORIES, filters=filters)
    assert sorted(number for number, _ in found) == allowed


def test_a_filter_may_leave_none_of_the_nearest(stories: Generation) -> None:
    question = random_vectors(STORIES)[123]
    assert stories.nearest(question, limit=1)[0][0] == 123
    [(number, cosine)] = stories.nearest(
        question, limit=1, filters=Filters("B", date(2023, 9, 9), date(2023, 9, 9))
    )
    assert number % 28 == 8
    assert cosine < 0.9
    assert matching(stories, ["zeppelin"], limit=1, filters=Filters(source="B")) == []


def test_a_filter_may_leave_nothing(stories: Generation) -> None:
    question = random_vectors(1)[0]
    for filters in (Filters(source="none"), Filters(published_to=date(1999, 1, 1))):
        assert stories.nearest(question, limit=5, filters=filters) == []
        assert matching(stories, ["rain"], limit=5, filters=filters) == []


def test_fewer_passages_than_asked_for(stories: Generation) -> None:
    assert len(stories.nearest(random_vectors(1)[0], limit=1000)) == STORIES


def test_a_rare_word_is_found_first(stories: Generation) -> None:
    found = matching(stories, ["rain", "zeppelin"], limit=100)
    assert len(found) == 100
    assert found[0][0] == 123
    assert found[0][1] > 2 * found[1][1] > 0


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["walrus"], ["walrus"]),
        (["protesting"], ["march"]),
        (["FERRIES"], ["ferry"]),
        (["ceske"], ["ferry"]),
        (["september", "18"], ["ferry", "walrus"]),
        (["sunday"], ["walrus"]),
        (["fenwick"], ["walrus"]),
        (["zeppelin"], []),
        ([], []),
    ],
)
def test_words_are_found_in_title_source_date_and_text(
    words: list[str], ids: list[str], root: Path
) -> None:
    assert words_found(open_index(root), *words) == ids


@pytest.mark.parametrize(
    "word", ['"', 'wal"rus', "_", "*", "NEAR(", "AND", "title:", "-", "a" * 9000, "’", "日本", "^x"]
)
def test_no_word_is_read_as_a_command(word: str, root: Path) -> None:
    assert "ferry" in words_found(open_index(root), word, "ferry")


def test_a_very_long_question_is_no_failure(root: Path) -> None:
    assert words_found(open_index(root), *(f"w{n}" for n in range(5000)), "walrus") == ["walrus"]


def test_an_undated_article_passes_no_date(root: Path) -> None:
    generation = open_index(root)
    words = ("protesters", "ferry", "walrus")
    assert set(words_found(generation, *words)) == {"walrus", "ferry", "march"}
    early = Filters(published_from=date(1, 1, 1))
    assert set(words_found(generation, *words, filters=early)) == {"walrus", "ferry"}
    late = Filters(published_to=date(9999, 12, 31))
    assert set(words_found(generation, *words, filters=late)) == {"walrus", "ferry"}


def test_a_source_is_found_in_any_case(root: Path) -> None:
    generation = open_index(root)
    for source in ("the fenwick POST", "The Fenwick Post"):
        assert words_found(generation, "kim", filters=Filters(source)) == ["walrus"]
    for source in ("české noviny", "ČESKÉ NOVINY"):
        assert words_found(generation, "ferry", filters=Filters(source)) == ["ferry"]
    assert words_found(generation, "ferry", filters=Filters("české")) == []


@pytest.mark.parametrize("name", ["articles.db", "passages.faiss", "passages.f16", "sentences.f16"])
def test_a_flipped_byte_in_any_file_is_refused(name: str, root: Path) -> None:
    [path] = (root / "generations").glob(f"*/*/{name}")
    content = path.read_bytes()
    for offset in np.linspace(0, len(content) - 1, 60, dtype=int):
        changed = bytearray(content)
        changed[offset] ^= 0xFF
        path.write_bytes(changed)
        with pytest.raises(GenerationDamaged, match=name):
            open_index(root)
    path.write_bytes(content)
    assert open_index(root).article("ferry") == ARTICLES[1]


def test_another_model_or_dimension_is_refused(root: Path) -> None:
    with pytest.raises(GenerationMismatch):
        Generation(root, embedding_model="words@2", dimension=64)
    with pytest.raises(GenerationMismatch):
        Generation(root, embedding_model="words@1", dimension=65)


def test_a_reader_answers_from_its_generation_whatever_is_published(root: Path) -> None:
    reader = open_index(root)
    before = reader.manifest.id
    for number in range(4):
        build_index(root, [make_article(f"News {number} of the zeppelin.", article_id="news")])
    assert not (root / "generations" / before).exists()
    assert words_found(reader, "zeppelin") == []
    assert words_found(reader, "walrus") == ["walrus"]
    assert [stored.article for stored in reader.passages([1])] == [ARTICLES[1]]
    question = WordEmbedder().embed_question("ferry harbour")
    assert reader.nearest(question, limit=1)[0][0] == 1
    assert words_found(open_index(root), "zeppelin") == ["news"]


def test_eight_threads_find_what_one_finds(stories: Generation) -> None:
    questions = random_vectors(200, seed=10)

    def search(number: int) -> object:
        filters = (None, Filters(source="a"), Filters(published_from=date(2023, 9, 9)))[number % 3]
        near = stories.nearest(questions[number], limit=5, filters=filters)
        words = matching(stories, ["story", str(number)], limit=5, filters=filters)
        return near, words, [stored.text for stored in stories.passages([n for n, _ in words])]

    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(search, range(200)))
    assert together == [search(number) for number in range(200)]


def test_an_index_of_nothing_answers_with_nothing(tmp_path: Path) -> None:
    build_index(tmp_path, ARTICLES[:1])
    remove([ARTICLES[0].id], tmp_path)
    generation = open_index(tmp_path)
    assert generation.nearest(WordEmbedder().embed_question("Kim"), limit=5) == []
    assert matching(generation, ["kim"], limit=5) == []


def test_a_root_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WriteFailed, match="what stood there is unchanged"):
        build_index(tmp_path / "file", ARTICLES)
    assert (tmp_path / "file").read_text() == "x"

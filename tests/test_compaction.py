"""Segments are merged as they grow in number, and what is found stays the same."""

import os
import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from fakes import WordEmbedder, add_to_index, build_index, found, make_article, open_index
from word_matches import matching

import index.compaction
from index.articles import Article
from index.build import add, compact, remove, roll_back
from index.compaction import MERGED_AT, Retention
from index.errors import GenerationDamaged, WriteFailed
from index.generation import Generation
from index.generations import list_generations
from index.part import Filters, Pool
from index.words import query_terms

WORDS = (
    "ferry train walrus harbour rain rate bank drone police Tarn Fenwick sabre court snow".split()
)
ONE_EACH = Retention(versions=1)


@pytest.fixture(autouse=True)
def _disk_that_is_never_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


def story(chance: random.Random, article_id: str) -> Article:
    """A random story of one to six paragraphs, of which several may be one passage."""
    paragraphs = [
        " ".join(chance.choice(WORDS) for _ in range(chance.randint(3, 90))) + "."
        for _ in range(chance.randint(1, 6))
    ]
    return make_article(
        f"Story {article_id} of {chance.random()}.\n\n" + "\n\n".join(paragraphs),
        article_id=article_id,
        title=" ".join(chance.sample(WORDS, 2)),
        source=chance.choice(["Post", "Gazette", None]),
        published=chance.choice(["2023-09-17", "2023-10-01", None]),
    )


def stories(count: int, seed: int) -> list[Article]:
    chance = random.Random(seed)
    return [story(chance, f"s{number}") for number in range(count)]


def in_segments(root: Path, articles: list[Article], sizes: list[int]) -> Generation:
    """An index of the articles in segments of these sizes, none merged."""
    rest = iter(articles)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index.compaction, "MERGED_AT", 10**9)
        for size in sizes:
            add_to_index(root, [next(rest) for _ in range(size)])
    generation = open_index(root)
    assert len(generation.parts) == len(sizes)
    return generation


def assert_finds_the_same(one: Generation, other: Generation) -> None:
    """Whatever is asked, with whatever filter: the same passages with the same scores."""
    embedder = WordEmbedder()
    for question in ("walrus in the rain", "Which bank of Tarn?", "story", "zeppelin", ""):
        for filters in (None, Filters("post"), Filters(published_from=date(2023, 9, 20))):
            vector = embedder.embed_question(question)
            results = []
            for generation in (one, other):
                candidates = generation.candidates(
                    vector, query_terms(question), [Pool(500)], filters=filters
                )
                stored = generation.passages([candidate.number for candidate in candidates])
                results.append(
                    {
                        (passage.article.id, passage.passage.start): (
                            candidate.cosine,
                            candidate.bm25,
                            passage.text,
                            passage.article,
                            passage.sentence_vectors.sum(),
                        )
                        for candidate, passage in zip(candidates, stored, strict=True)
                    }
                )
            assert results[0].keys() == results[1].keys()
            for key, (cosine, bm25, *rest) in results[0].items():
                assert results[1][key] == (
                    pytest.approx(cosine, abs=1e-3),
                    pytest.approx(bm25, rel=1e-5),
                    *rest,
                )
            best = [
                [n for n, _ in matching(g, query_terms(question), limit=7)] for g in (one, other)
            ]
            assert len(best[0]) == len(best[1])


@pytest.mark.parametrize("seed", range(4))
def test_many_segments_find_what_one_finds(seed: int, tmp_path: Path) -> None:
    articles = stories(12, seed)
    sizes = [[1] * 12, [5, 1, 2, 4], [11, 1], [1, 11]][seed]
    parted = in_segments(tmp_path / "parted", articles, sizes)
    build_index(tmp_path / "whole", articles)
    whole = open_index(tmp_path / "whole")
    assert list(parted.articles()) == list(whole.articles())
    assert parted.sources() == whole.sources()
    assert_finds_the_same(parted, whole)
    compact(tmp_path / "parted")
    merged = open_index(tmp_path / "parted")
    assert len(merged.parts) == 1
    assert list(merged.articles()) == list(whole.articles())
    assert_finds_the_same(merged, whole)


def test_what_is_out_of_date_counts_in_no_score(tmp_path: Path) -> None:
    """Before it is compacted as after."""
    articles = stories(12, 0)
    add_to_index(tmp_path / "lived", articles)
    changed = [replace(one, text=f"Snow, snow. {one.text}") for one in stories(3, 7)]
    add_to_index(tmp_path / "lived", changed)
    remove(["s10", "s11"], tmp_path / "lived")
    lived = open_index(tmp_path / "lived")
    assert any(part.out_of_date for part in lived.parts)
    build_index(tmp_path / "built", [*articles[3:10], *changed])
    assert_finds_the_same(lived, open_index(tmp_path / "built"))


@pytest.mark.parametrize("seed", range(2))
def test_whatever_came_and_went_a_compacted_index_is_as_one_built_of_what_is_left(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random adds, updates, removals and merges, against a dictionary."""
    monkeypatch.setattr(index.compaction, "MERGED_AT", 3)
    chance = random.Random(seed)
    expected: dict[str, Article] = {}
    for _ in range(14):
        if len(expected) > 3 and chance.random() < 0.3:
            gone = chance.sample(sorted(expected), chance.randint(1, min(3, len(expected))))
            remove(gone, tmp_path / "lived", retention=ONE_EACH)
            for name in gone:
                del expected[name]
        else:
            names = chance.sample([f"s{n}" for n in range(12)], chance.randint(1, 3))
            came = [story(chance, name) for name in names]
            add(found(came), tmp_path / "lived", WordEmbedder(), retention=ONE_EACH)
            expected |= {article.id: article for article in came}
        generation = open_index(tmp_path / "lived")
        assert {summary.id for summary in generation.articles()} == set(expected)
        assert generation.manifest.articles == len(expected)
        near = generation.nearest(WordEmbedder().embed_question("rain"), limit=10_000)
        assert len(near) == generation.manifest.passages
        for article in expected.values():
            assert generation.article(article.id) == article
            assert generation.article(article.id, article.version) == article
    compact(tmp_path / "lived")
    build_index(tmp_path / "built", list(expected.values()))
    lived, built = open_index(tmp_path / "lived"), open_index(tmp_path / "built")
    counts = [(m.articles, m.passages, m.sentences) for m in (lived.manifest, built.manifest)]
    assert counts[0] == counts[1]
    assert_finds_the_same(lived, built)


def segment_sizes(root: Path) -> list[int]:
    return [part.record.articles for part in open_index(root).parts]


def test_segments_of_one_size_are_merged(tmp_path: Path) -> None:
    for number, article in enumerate(stories(2 * MERGED_AT + 3, 1), start=1):
        add_to_index(tmp_path, [article])
        assert len(segment_sizes(tmp_path)) < MERGED_AT
        assert sum(segment_sizes(tmp_path)) == number


def test_larger_segments_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.compaction, "SMALLEST_LEVEL", 4)
    monkeypatch.setattr(index.compaction, "MERGED_AT", 4)
    sizes = []
    for number in range(34):
        add_to_index(tmp_path, [make_article(f"News {number}.", article_id=f"n{number}")])
        sizes.append(segment_sizes(tmp_path))
    assert sizes[2:4] == [[1, 1, 1], [4]]
    assert sizes[6] == [4 + 3]
    assert max(map(len, sizes)) <= 7
    assert any(len(listed) > 1 and listed[0] >= 16 for listed in sizes), "a large one stays"
    assert [s.id for s in open_index(tmp_path).articles()] == [f"n{n}" for n in range(34)]


def test_small_segments_before_large_ones_do_not_pile_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.compaction, "SMALLEST_LEVEL", 4)
    articles = iter(stories(300, 2))
    for number in range(20):
        add_to_index(tmp_path, [next(articles) for _ in range(12 if number % 2 else 1)])
        assert len(segment_sizes(tmp_path)) < 2 * MERGED_AT
    assert sum(segment_sizes(tmp_path)) == 130


def test_a_segment_that_is_mostly_out_of_date_is_rewritten(tmp_path: Path) -> None:
    build_index(tmp_path, stories(10, 3))
    remove(["s0", "s1", "s2", "s3", "s4"], tmp_path)
    assert segment_sizes(tmp_path) == [10]
    remove(["s5"], tmp_path)
    assert segment_sizes(tmp_path) == [4]
    assert open_index(tmp_path).parts[0].out_of_date == 0


def test_versions_outlast_merges_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Merged again and again, the newest versions stay, wherever in the segments they stand."""
    monkeypatch.setattr(index.compaction, "MERGED_AT", 3)
    retention = Retention(versions=3)
    build_index(tmp_path, stories(30, 4))
    versions = [make_article(f"Version {n} of the news.", article_id="news") for n in range(12)]
    for version in versions:
        add(found([version]), tmp_path, WordEmbedder(), retention=retention)
        generation = open_index(tmp_path)
        assert generation.article("news") == version
    compact(tmp_path, retention=retention)
    generation = open_index(tmp_path)
    assert [v for v in versions if generation.article("news", v.version)] == versions[-4:]
    assert len(matching(generation, ["version"], limit=100)) == 1


def test_a_rollback_goes_back_over_a_merge(tmp_path: Path) -> None:
    articles = stories(MERGED_AT, 5)
    for article in articles:
        add_to_index(tmp_path, [article])
    assert segment_sizes(tmp_path) == [MERGED_AT]
    assert len(list_generations(tmp_path)) == 3
    roll_back(tmp_path)
    assert {s.id for s in open_index(tmp_path).articles()} == {a.id for a in articles[:-1]}


def test_a_rollback_goes_back_over_a_compaction(tmp_path: Path) -> None:
    articles = stories(3, 6)
    for article in articles:
        add_to_index(tmp_path, [article])
    before = open_index(tmp_path).manifest
    compact(tmp_path)
    assert segment_sizes(tmp_path) == [3]
    assert roll_back(tmp_path) == before


def test_a_damaged_segment_is_not_merged(tmp_path: Path) -> None:
    build_index(tmp_path, stories(3, 7))
    [path] = tmp_path.glob("generations/*/*/passages.f16")
    content = bytearray(path.read_bytes())
    content[7] ^= 1
    path.write_bytes(content)
    with pytest.raises(GenerationDamaged, match=r"passages\.f16"):
        compact(tmp_path)
    assert len(list_generations(tmp_path)) == 1


def test_a_merge_that_fails_says_that_the_articles_are_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("index.build.merge_levels", full)
    with pytest.raises(WriteFailed, match="holds what was asked for, but its segments could not"):
        add_to_index(tmp_path, stories(1, 8))
    assert [summary.id for summary in open_index(tmp_path).articles()] == ["s0"]


def test_metadata_and_vectors_outlast_a_merge(tmp_path: Path) -> None:
    article = replace(
        make_article(
            "Kim left.\n\nThe walrus show.",
            article_id="kim",
            url="https://tarn.example",
            captions=((11, 27),),
            published="2023-09-17",
        ),
        updated=date(2023, 9, 18),
        language="en",
        author="R. Holt",
    )
    add_to_index(tmp_path, [article])
    add_to_index(tmp_path, stories(1, 9))
    before = open_index(tmp_path)
    compact(tmp_path)
    after = open_index(tmp_path)
    assert after.article("kim") == article
    assert list(after.articles()) == list(before.articles())
    for one, other in zip(before.passages([0]), after.passages([0]), strict=True):
        assert one.passage == other.passage
        assert np.array_equal(one.sentence_vectors, other.sentence_vectors)
    assert np.array_equal(
        np.concatenate([part.segment.signatures for part in before.parts]),
        after.parts[0].segment.signatures,
    )

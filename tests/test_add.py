"""What comes of each article that is added, synced or removed, and what the model is shown of it."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import WordEmbedder, add_to_index, build_index, found, make_article, open_index
from word_matches import matching

from index.articles import Article, Found, Refusal
from index.build import Outcome, add, build, compact, remove
from index.compaction import Retention
from index.errors import (
    ArticleRefused,
    GenerationDamaged,
    GenerationMismatch,
    GenerationMissing,
)
from index.generations import list_generations
from index.intake import Duplicate
from index.sources import read_sources
from index.words import query_terms

FERRY = make_article(
    "The ferry ran aground off Tarn on Friday.\n\nNobody was hurt, the coast guard said.",
    article_id="ferry",
    title="Ferry",
    source="Tarn Gazette",
    published="2023-09-17",
)
TRAIN = make_article("The train left Tarn with forty people.", article_id="train", title="Train")
LONG = "\n\n".join(f"Paragraph zq{n} tells of {' '.join(['rain'] * 120)}." for n in range(4))


@pytest.fixture(autouse=True)
def _disk_that_is_never_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The root of an index of FERRY and TRAIN."""
    build_index(tmp_path / "index", [FERRY, TRAIN])
    return tmp_path / "index"


def statuses(outcome: Outcome) -> dict[str, list[str]]:
    """What came of each article, by status, without what is empty."""
    tally = outcome.tally
    every = {
        "added": tally.added,
        "updated": tally.updated,
        "unchanged": tally.unchanged,
        "removed": tally.removed,
        "duplicate": [duplicate.origin for duplicate in tally.duplicates],
        "refused": [refusal.origin for refusal in tally.refused],
    }
    return {status: names for status, names in every.items() if names}


def articles(root: Path) -> dict[str, str]:
    """The text of every article that can be found, by id."""
    generation = open_index(root)
    listed = {summary.id: generation.article(summary.id) for summary in generation.articles()}
    return {name: article.text for name, article in listed.items() if article}


def word_found(root: Path, word: str) -> list[str]:
    """The ids of the articles in which a word is found, by a vector like it and by the word."""
    generation = open_index(root)
    found = matching(generation, query_terms(word), limit=100)
    return sorted(p.article.id for p in generation.passages([number for number, _ in found]))


def sync(root: Path, folder: Path) -> Outcome:
    """Bring the index up to date with a folder, as the command does."""
    return add(
        read_sources([str(folder)]),
        root,
        WordEmbedder(),
        gone=lambda article: Path(article.origin).is_relative_to(folder),
    )


def sync_articles(root: Path, items: Sequence[Article | Found | Refusal]) -> Outcome:
    """Bring the index up to date with exactly these."""
    taken = [found([item])[0] if isinstance(item, Article) else item for item in items]
    return add(taken, root, WordEmbedder(), gone=lambda _article: True)


def counted(root: Path) -> tuple[int, int, int]:
    """What the manifest says can be found, which must be what is found."""
    generation = open_index(root)
    made = generation.manifest
    every = generation.nearest(WordEmbedder().embed_question("rain"), limit=1_000)
    stored = generation.passages([number for number, _ in every])
    assert made.articles == len(list(generation.articles()))
    assert made.articles == len({passage.article.id for passage in stored})
    assert made.passages == len(stored)
    assert made.sentences == sum(len(passage.passage.sentences) for passage in stored)
    return made.articles, made.passages, made.sentences


def test_each_article_gets_a_status(root: Path) -> None:
    new = make_article("The bank raised its rate.", article_id="rates", title="Rates")
    changed = replace(TRAIN, text="The train left Tarn with fifty people.")
    copy = replace(FERRY, id="copy")
    refusal = Refusal("/news/bad.json", "/news/bad.json is not valid JSON")
    outcome = add([*found([FERRY, changed, new, copy]), refusal], root, WordEmbedder())
    assert statuses(outcome) == {
        "added": ["rates"],
        "updated": ["train"],
        "unchanged": ["ferry"],
        "duplicate": ["/news/copy.txt"],
        "refused": ["/news/bad.json"],
    }
    assert outcome.tally.duplicates == [Duplicate("/news/copy.txt", "ferry")]
    assert articles(root) == {
        "ferry": FERRY.text,
        "rates": "The bank raised its rate.",
        "train": "The train left Tarn with fifty people.",
    }
    assert open_index(root).manifest == outcome.manifest
    assert counted(root) == (3, 3, 4)


def test_add_makes_an_index_where_there_is_none(tmp_path: Path) -> None:
    assert statuses(add_to_index(tmp_path / "new", [FERRY])) == {"added": ["ferry"]}
    with pytest.raises(ArticleRefused, match="None of the sources gave an article"):
        add_to_index(tmp_path / "none", [])
    with pytest.raises(ArticleRefused, match=r"^it is empty$"):
        add([Refusal("a", "it is empty")], tmp_path / "none", WordEmbedder())
    assert list_generations(tmp_path / "none") == []


def test_nothing_new_publishes_nothing(root: Path) -> None:
    before = open_index(root).manifest
    outcome = add([*found([FERRY, TRAIN]), Refusal("a", "b")], root, WordEmbedder())
    assert outcome.manifest == before
    assert open_index(root).manifest == before
    assert sorted(path.name for path in root.iterdir()) == ["CURRENT", "LOCK", "generations"]


def test_only_what_is_new_is_shown_to_the_model(root: Path) -> None:
    story = make_article(LONG, article_id="long", title="Long")
    embedder = WordEmbedder()
    outcome = add(found([FERRY, story]), root, embedder)
    assert outcome.tally.embedded == 4
    assert len(embedder.texts) == 4 + 4, "four passages of one sentence"
    changed = replace(story, text=LONG.replace("zq2", "zeppelin"))
    embedder = WordEmbedder()
    assert add(found([changed]), root, embedder).tally.embedded == 1
    assert sorted(text[:24] for text in embedder.texts) == [
        "Long\nParagraph zeppelin ",
        "Paragraph zeppelin tells",
    ]
    embedder = WordEmbedder()
    build(found([FERRY, TRAIN, changed]), root, embedder)
    assert embedder.texts == [], "another build takes what is there"
    add(found([story]), root, embedder)
    assert len(embedder.texts) == 2, "the build kept only what counted"
    for stored in open_index(root).passages(range(5)):
        [expected] = WordEmbedder().embed([stored.text])
        assert stored.sentence_vectors.shape[0] == len(stored.passage.sentences)
        if len(stored.passage.sentences) == 1:
            assert stored.sentence_vectors[0] @ expected == pytest.approx(1, abs=1e-3)


def test_the_model_is_shown_a_text_under_its_new_title(root: Path) -> None:
    embedder = WordEmbedder()
    outcome = add(found([replace(TRAIN, title="A train leaves")]), root, embedder)
    assert statuses(outcome) == {"updated": ["train"]}
    assert embedder.texts == [f"A train leaves\n{TRAIN.text}", TRAIN.text]
    embedder = WordEmbedder()
    outcome = add(
        found([replace(TRAIN, title="A train leaves", url="https://tarn.example")]), root, embedder
    )
    assert statuses(outcome) == {"updated": ["train"]}
    assert embedder.texts == [], "what is not embedded may change"
    article = open_index(root).article("train")
    assert article is not None
    assert (article.title, article.url) == ("A train leaves", "https://tarn.example")
    assert open_index(root).article("train", TRAIN.version) == article
    assert counted(root) == (2, 2, 3)


def test_a_passage_that_stands_in_two_articles_is_embedded_once(tmp_path: Path) -> None:
    one = make_article("The ferry sank.", article_id="one", source="Post")
    embedder = WordEmbedder()
    outcome = add(found([one, replace(one, id="two", url="https://x.example")]), tmp_path, embedder)
    assert statuses(outcome) == {"added": ["one"], "duplicate": ["/news/two.txt"]}
    embedder = WordEmbedder()
    add(found([replace(one, id="three", author="A")]), tmp_path / "b", embedder)
    assert len(embedder.texts) == 2


def test_a_reprint_of_another_publisher_goes_in_too(root: Path) -> None:
    outcome = add_to_index(root, [replace(FERRY, id="reprint", source="Fenwick Post")])
    assert statuses(outcome) == {"added": ["reprint"]}
    clusters = {summary.id: summary.cluster for summary in open_index(root).articles()}
    assert clusters["reprint"] == clusters["ferry"] != clusters["train"]


def test_an_article_that_got_shorter_leaves_no_tail(root: Path) -> None:
    story = make_article(LONG, article_id="long", title="Long")
    add_to_index(root, [story])
    assert word_found(root, "zq3") == ["long"]
    add_to_index(root, [replace(story, text=LONG.split("\n\n", maxsplit=1)[0])])
    assert word_found(root, "zq3") == []
    assert word_found(root, "zq0") == ["long"]
    assert counted(root) == (3, 3, 4)
    near = open_index(root).nearest(WordEmbedder().embed_question("Long\nzq3 rain"), limit=10)
    assert len(near) == 3


def test_versions_that_go_to_and_fro(root: Path) -> None:
    texts = ["The train left.", "The train stayed.", "The train left."]
    for text in texts:
        outcome = add_to_index(root, [replace(TRAIN, text=text)])
        assert statuses(outcome) == {"updated": ["train"]}
        assert articles(root)["train"] == text
    left, stayed = (replace(TRAIN, text=text) for text in texts[:2])
    for made in (lambda: None, lambda: compact(root)):
        made()
        generation = open_index(root)
        for version in (TRAIN, left, stayed):
            assert generation.article("train", version.version) == version
        assert word_found(root, "stayed") == []
        assert counted(root) == (2, 2, 3)


def test_old_versions_stay_readable_until_the_article_is_removed(root: Path) -> None:
    versions = [replace(TRAIN, text=f"The train carried {n} people.") for n in range(4)]
    for version in versions:
        add_to_index(root, [version])
    generation = open_index(root)
    assert [generation.article("train", v.version) for v in (TRAIN, *versions)] == [
        TRAIN,
        *versions,
    ]
    assert generation.article("train") == versions[3]
    assert generation.article("train", "0" * 16) is None
    assert generation.article("ferry", TRAIN.version) is None
    remove(["train"], root)
    generation = open_index(root)
    assert [generation.article("train", v.version) for v in (TRAIN, *versions)] == [None] * 5
    assert generation.article("train") is None
    compact(root)
    generation = open_index(root)
    assert [generation.article("train", v.version) for v in (TRAIN, *versions)] == [None] * 5
    assert statuses(add_to_index(root, [versions[0]])) == {"added": ["train"]}
    assert open_index(root).article("train", TRAIN.version) is None


def test_a_build_keeps_the_versions_of_what_it_holds(root: Path) -> None:
    newer = replace(TRAIN, text="The train left Tarn.")
    build_index(root, [newer, FERRY])
    generation = open_index(root)
    assert generation.article("train") == newer
    assert generation.article("train", TRAIN.version) == TRAIN
    assert generation.article("ferry", FERRY.version) == FERRY
    build_index(root, [FERRY])
    build_index(root, [FERRY, newer])
    assert open_index(root).article("train", TRAIN.version) is None, "it was gone in between"
    assert counted(root) == (2, 2, 3)


def test_remove_takes_what_is_there_and_refuses_the_rest(root: Path) -> None:
    outcome = remove(["train", "nobody", "train"], root)
    assert statuses(outcome) == {"removed": ["train"], "refused": ["nobody"]}
    assert outcome.tally.refused == [Refusal("nobody", "no article has the id nobody")]
    assert articles(root) == {"ferry": FERRY.text}
    assert word_found(root, "train") == []
    assert counted(root) == (1, 1, 2)
    before = open_index(root).manifest
    assert remove(["train"], root).manifest == before


def test_an_index_may_be_emptied_and_filled_again(root: Path) -> None:
    assert remove(["train", "ferry"], root).manifest.segments == ()
    assert counted(root) == (0, 0, 0)
    compact(root)
    assert counted(root) == (0, 0, 0)
    assert statuses(add_to_index(root, [TRAIN])) == {"added": ["train"]}
    assert articles(root) == {"train": TRAIN.text}


def test_a_removed_article_is_added_as_new(root: Path) -> None:
    remove(["train"], root)
    add_to_index(root, [FERRY, TRAIN])
    assert articles(root) == {"ferry": FERRY.text, "train": TRAIN.text}
    assert counted(root) == (2, 2, 3)


def test_a_missing_index_is_not_made_by_what_needs_one(tmp_path: Path) -> None:
    for command in (lambda: remove(["a"], tmp_path / "none"), lambda: compact(tmp_path / "none")):
        with pytest.raises(GenerationMissing):
            command()
        assert not (tmp_path / "none").exists()


def test_an_index_of_another_model_is_not_added_to(root: Path) -> None:
    with pytest.raises(GenerationMismatch, match=r"was made with words@1 \(64 dimensions\)"):
        add(found([FERRY]), root, WordEmbedder("other@1"))
    build(found([FERRY]), root, WordEmbedder("other@1"))
    assert remove(["ferry"], root).manifest.articles == 0, "to remove no model is needed"


def test_vectors_of_a_damaged_file_are_not_taken_over(root: Path) -> None:
    [path] = (root / "generations").glob("*/*/sentences.f16")
    content = bytearray(path.read_bytes())
    content[5] ^= 1
    path.write_bytes(content)
    with pytest.raises(GenerationDamaged, match=r"sentences\.f16"):
        add_to_index(root, [replace(TRAIN, url="https://tarn.example")])
    embedder = WordEmbedder()
    build(found([TRAIN]), root, embedder)
    assert len(embedder.texts) == 2, "a build starts anew"


@pytest.mark.parametrize(
    "name", ["words_starts.npy", "articles.db", "passages.f16", "owners.u32", "passages.faiss"]
)
def test_an_index_with_a_file_gone_is_not_added_to(name: str, root: Path) -> None:
    [path] = (root / "generations").glob(f"*/*/{name}")
    for damage in (lambda: path.write_bytes(b""), path.unlink):
        damage()
        with pytest.raises(GenerationDamaged):
            add_to_index(root, [replace(TRAIN, text="The train left.")])
        with pytest.raises(GenerationDamaged, match=name):
            open_index(root)


def write(folder: Path, **contents: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / f"{name}.txt").write_text(content)
    return folder


def test_sync_follows_a_folder(tmp_path: Path) -> None:
    folder = write(tmp_path / "news", a="The ferry sank off Tarn.", b="The train left Tarn late.")
    root = tmp_path / "index"
    assert list(statuses(sync(root, folder))) == ["added"]
    write(folder, a="The ferry was raised off Tarn.", c="The harbour of Tarn was closed.")
    (folder / "b.txt").unlink()
    outcome = sync(root, folder)
    assert {status: len(names) for status, names in statuses(outcome).items()} == {
        "added": 1,
        "updated": 1,
        "removed": 1,
    }
    assert sorted(articles(root).values()) == [
        "The ferry was raised off Tarn.",
        "The harbour of Tarn was closed.",
    ]
    assert counted(root) == (2, 2, 2)


def test_sync_leaves_other_folders_alone(tmp_path: Path) -> None:
    one = write(tmp_path / "news", a="The ferry sank off Tarn.")
    other = write(tmp_path / "news2", b="The train left Tarn late.")
    sync(tmp_path / "index", one)
    assert "removed" not in statuses(sync(tmp_path / "index", other))
    (one / "a.txt").unlink()
    assert list(statuses(sync(tmp_path / "index", one))) == ["removed", "refused"]
    assert list(articles(tmp_path / "index").values()) == ["The train left Tarn late."]


def test_a_renamed_file_loses_nothing(tmp_path: Path) -> None:
    folder = write(tmp_path / "news", a="The ferry sank off Tarn.")
    root = tmp_path / "index"
    sync(root, folder)
    (folder / "a.txt").rename(folder / "b.txt")
    embedder = WordEmbedder()
    outcome = add(
        read_sources([str(folder)]),
        root,
        embedder,
        gone=lambda article: Path(article.origin).is_relative_to(folder),
    )
    assert sorted(statuses(outcome)) == ["added", "removed"]
    assert list(articles(root).values()) == ["The ferry sank off Tarn."]
    write(folder, c="The ferry sank off Tarn.", d="The ferry sank off Tarn.")
    (folder / "b.txt").unlink()
    outcome = sync(root, folder)
    assert sorted(statuses(outcome)) == ["added", "duplicate", "removed"]
    assert list(articles(root).values()) == ["The ferry sank off Tarn."]


def test_a_file_that_is_refused_now_keeps_its_article(tmp_path: Path) -> None:
    folder = write(tmp_path / "news", a="The ferry sank off Tarn.", ab="The train left Tarn late.")
    root = tmp_path / "index"
    sync(root, folder)
    write(folder, a="")
    assert sorted(statuses(sync(root, folder))) == ["refused", "unchanged"]
    assert len(articles(root)) == 2
    (folder / "a.txt").unlink()
    assert sorted(statuses(sync(root, folder))) == ["removed", "unchanged"]


def test_an_article_that_takes_the_text_of_another(root: Path) -> None:
    """Its former text must not stay, whichever of the two comes first."""
    taken = replace(FERRY, text=TRAIN.text, source=TRAIN.source)
    add_to_index(root, [TRAIN, taken])
    assert articles(root) == {"ferry": TRAIN.text, "train": TRAIN.text}
    assert word_found(root, "aground") == []


def test_articles_that_swap_their_texts(root: Path) -> None:
    swapped = [replace(FERRY, text=TRAIN.text), replace(TRAIN, text=FERRY.text)]
    assert statuses(sync_articles(root, swapped)) == {"updated": ["ferry", "train"]}
    assert articles(root) == {"ferry": TRAIN.text, "train": FERRY.text}
    assert counted(root) == (2, 2, 3)


def test_a_text_that_moves_to_a_new_article(root: Path) -> None:
    """A new article has the text that another one had: neither is lost, nor there twice."""
    moved = replace(TRAIN, id="moved")
    changed = replace(TRAIN, text="The train came back to Tarn.")
    assert statuses(add_to_index(root, [moved, changed])) == {
        "updated": ["train"],
        "added": ["moved"],
    }
    assert articles(root) == {"ferry": FERRY.text, "train": changed.text, "moved": TRAIN.text}


def test_a_new_story_under_an_old_id_is_a_cluster_of_its_own(root: Path) -> None:
    add_to_index(root, [replace(FERRY, id="reprint", source="Post")])
    add_to_index(root, [replace(FERRY, text="Rates rose again on Monday, said the bank of Tarn.")])
    clusters = {summary.id: summary.cluster for summary in open_index(root).articles()}
    assert len(set(clusters.values())) == 3


def test_of_two_articles_with_one_id_the_first_stays(root: Path) -> None:
    other = replace(TRAIN, text="Another story under the same id.")
    outcome = add_to_index(root, [TRAIN, other, TRAIN])
    assert statuses(outcome) == {
        "unchanged": ["train"],
        "duplicate": ["/news/train.txt"],
        "refused": ["/news/train.txt"],
    }
    assert articles(root)["train"] == TRAIN.text


def test_versions_kept_over_compactions_are_the_newest(root: Path) -> None:
    versions = [replace(TRAIN, text=f"The train carried {n} people.") for n in range(6)]
    for version in versions:
        add_to_index(root, [version])
        compact(root, retention=Retention(versions=2))
    generation = open_index(root)
    held = [version for version in versions if generation.article("train", version.version)]
    assert held == versions[3:]
    assert generation.article("train") == versions[5]


def test_an_article_goes_along_with_its_file(tmp_path: Path) -> None:
    """The folder that it moved to is synced first: it must not go with the one that it left."""
    root, new, old = tmp_path / "index", tmp_path / "new", tmp_path / "old"
    for folder in (new, old):
        folder.mkdir()
        (folder / f"{folder.name}.json").write_text(
            f'{{"id": "{folder.name}", "text": "{folder}."}}'
        )
        sync(root, folder)
    assert statuses(sync(root, new)) == {"unchanged": ["new"]}
    (old / "old.json").rename(new / "moved.json")
    (old / "other.txt").write_text("The train left Tarn on Saturday, police said.")
    moved = sync(root, new)
    assert statuses(moved) == {"updated": ["old"], "unchanged": ["new"]}
    assert moved.tally.embedded == 0
    origins = {summary.id: summary.origin for summary in open_index(root).articles()}
    assert origins == {"new": str(new / "new.json"), "old": str(new / "moved.json")}
    [added] = statuses(sync(root, old))["added"]
    assert sorted(articles(root)) == sorted(["new", "old", added])
    compact(root)
    [part] = open_index(root).parts
    assert len(part.segment.articles) == 3, "what moved is no earlier version"


def test_a_copy_elsewhere_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "a.json").write_text('{"id": "a", "text": "The ferry ran aground, police said."}')
    sync(tmp_path / "index", folder)
    manifest = open_index(tmp_path / "index").manifest
    (tmp_path / "copy.json").write_text((folder / "a.json").read_text())
    outcome = add(read_sources([str(tmp_path / "copy.json")]), tmp_path / "index", WordEmbedder())
    assert (statuses(outcome), outcome.manifest) == ({"unchanged": ["a"]}, manifest)
    [summary] = open_index(tmp_path / "index").articles()
    assert summary.origin == str(folder / "a.json")

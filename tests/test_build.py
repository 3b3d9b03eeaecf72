"""Sources are read and published whole, bad files named."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes import WordEmbedder, build_index, found, make_article, open_index

from index.articles import Article, Found, Refusal
from index.build import Outcome, add, build
from index.errors import ArticleRefused, WriteFailed
from index.intake import Duplicate, Note
from index.segment_writer import SegmentWriter
from index.sources import read_sources
from index.terminal import report

FERRY = "The ferry ran aground off Tarn on Friday, the coast guard said.\n"
TRAIN = "The train left Tarn on Saturday with forty people on board, police said.\n"


def write(folder: Path, **contents: str) -> Path:
    """The folder, with a .txt file for each keyword."""
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / f"{name}.txt").write_text(content)
    return folder


def read(*sources: Path) -> tuple[list[Article], list[str]]:
    """What the sources give: articles, and the reasons of what was refused."""
    items = list(read_sources([str(source) for source in sources]))
    return (
        [item.article for item in items if isinstance(item, Found)],
        [item.reason for item in items if isinstance(item, Refusal)],
    )


def test_a_folder_goes_in_by_path(tmp_path: Path) -> None:
    write(tmp_path, b=TRAIN, a=FERRY)
    articles, refused = read(tmp_path)
    assert [article.text for article in articles] == [FERRY.strip(), TRAIN.strip()]
    assert refused == []


def test_a_bad_file_in_a_folder_is_listed_and_the_rest_goes_in(tmp_path: Path) -> None:
    write(tmp_path, a=FERRY, b="", c=TRAIN)
    (tmp_path / "d.json").write_text("{")
    articles, refused = read(tmp_path)
    assert [article.text for article in articles] == [FERRY.strip(), TRAIN.strip()]
    assert len(refused) == 2
    assert refused[0].startswith(f"{tmp_path / 'b.txt'} is empty")
    assert refused[1].startswith(f"{tmp_path / 'd.json'} is not valid JSON")


def test_nothing_but_bad_sources_fails(tmp_path: Path) -> None:
    with pytest.raises(ArticleRefused, match="holds no articles"):
        build(read_sources([str(tmp_path)]), tmp_path / "index", WordEmbedder())
    write(tmp_path, a="", b=" ")
    with pytest.raises(ArticleRefused, match=r"None of the sources gave an article.*a\.txt"):
        build(read_sources([str(tmp_path)]), tmp_path / "index", WordEmbedder())
    assert list(tmp_path.glob("index/generations/*")) == []


def test_the_same_text_goes_in_once(tmp_path: Path) -> None:
    write(tmp_path, a=FERRY, b=FERRY)
    sources = [str(tmp_path), str(tmp_path / "a.txt")]
    outcome = build(read_sources(sources), tmp_path / "index", WordEmbedder())
    [added] = outcome.tally.added
    assert added.startswith("a-")
    assert outcome.tally.duplicates == [
        Duplicate(str(tmp_path / "b.txt"), added),
        Duplicate(str(tmp_path / "a.txt"), added),
    ]


def test_what_was_left_out_of_an_article_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "a.md"
    source.write_text(f"---\ntitle: Ferry\ndate: 2099-01-01\n---\n{FERRY}")
    said = f"{source} has a date in the future, 2099-01-01, which was left out."
    outcome = build(read_sources([str(source)]), tmp_path / "index", WordEmbedder())
    assert outcome.tally.notes == [Note(str(source), said)]
    assert report(outcome, as_json=False, named=[]) == 0
    assert capsys.readouterr().err == f"note: {said}\n"
    again = add(read_sources([str(source)]), tmp_path / "index", WordEmbedder())
    assert again.tally.notes == []
    assert report(again, as_json=True, named=[]) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == []


def test_of_two_articles_with_one_id_the_first_stays(tmp_path: Path) -> None:
    records = [{"id": "x", "text": FERRY}, {"id": "x", "text": TRAIN}, {"id": "y", "text": TRAIN}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, records)))
    outcome = build(read_sources([str(tmp_path)]), tmp_path / "index", WordEmbedder())
    assert outcome.tally.added == ["x", "y"]
    kept = open_index(tmp_path / "index").article("x")
    assert kept is not None
    assert kept.text == FERRY.strip()
    [refusal] = outcome.tally.refused
    assert refusal.reason == (
        f"{tmp_path / 'a.jsonl'}: another article has the id x; give one of them an id of its own"
    )


def test_what_is_embedded_and_in_what_order(tmp_path: Path) -> None:
    source = tmp_path / "a.json"
    source.write_text(
        json.dumps(
            {
                "title": "Ferry",
                "source": "Gazette",
                "published": "2023-09-17",
                "text": FERRY + "Nobody was hurt, the harbour master said.",
            }
        )
    )
    embedder = WordEmbedder()
    heard: list[tuple[int, int]] = []
    manifest = build(
        read_sources([str(source)]),
        tmp_path / "index",
        embedder,
        advance=lambda tally: heard.append((len(tally.added), tally.embedded)),
    ).manifest
    first, second = FERRY.strip(), "Nobody was hurt, the harbour master said."
    passage = f"Ferry, Gazette, 2023-09-17\n{first}\n\n{second}"
    assert sorted(embedder.texts) == sorted([passage, first, second])
    assert heard == [(1, 0), (1, 1)]
    assert (manifest.articles, manifest.passages, manifest.sentences) == (1, 1, 2)
    stored = open_index(tmp_path / "index").passages([0])[0]
    assert (stored.sentence_vectors @ embedder.embed([first, second]).T).argmax(
        axis=1
    ).tolist() == [
        0,
        1,
    ]


def test_vectors_belong_to_their_passages(tmp_path: Path) -> None:
    """Articles of one to four passages, each with a word of its own, find their own passage."""
    words = " ".join(["rain"] * 99)
    texts = ["\n\n".join(f"Zq{n}x{part} {words}." for part in range(n % 4 + 1)) for n in range(9)]
    build_index(tmp_path, [make_article(t, article_id=str(n)) for n, t in enumerate(texts)])
    generation = open_index(tmp_path)
    embedder = WordEmbedder()
    count = generation.manifest.passages
    assert count == 1 + 2 + 3 + 4 + 1 + 2 + 3 + 4 + 1
    for stored in generation.passages(range(count)):
        found = generation.nearest(embedder.embed([f"Title\n{stored.text}"])[0], limit=1)
        assert found[0][1] == pytest.approx(1, abs=1e-3)
        [expected] = embedder.embed([stored.text])
        assert stored.sentence_vectors[0] @ expected == pytest.approx(1, abs=1e-3)


def test_building_again_keeps_three_generations(tmp_path: Path) -> None:
    published = [build_index(tmp_path, [make_article(f"News {n}.")]).id for n in range(4)]
    kept = sorted(path.name for path in (tmp_path / "generations").iterdir())
    assert kept == sorted(published[1:])
    article = open_index(tmp_path).article("a")
    assert article is not None
    assert article.text == "News 3."


@pytest.mark.parametrize("change", [build, add])
def test_sources_that_fail_in_the_middle_are_no_failure_to_write(
    change: Callable[..., Outcome], tmp_path: Path
) -> None:
    old = build_index(tmp_path, [make_article("News 0.")])

    def items() -> Iterator[Found]:
        yield from found([make_article("News 1.")])
        raise OSError(5, "Input/output error")

    with pytest.raises(ArticleRefused) as refusal:
        change(items(), tmp_path, WordEmbedder())
    assert str(refusal.value) == (
        "The sources could not be read to their end ([Errno 5] Input/output error); the index is "
        "unchanged. Check them and try again."
    )
    assert open_index(tmp_path).manifest == old


@pytest.mark.parametrize("change", [build, add])
def test_a_disk_that_refuses_while_sources_are_read_is_a_failure_to_write(
    change: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = build_index(tmp_path, [make_article("News 0.")])

    def refuse(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SegmentWriter, "add", refuse)
    with pytest.raises(WriteFailed, match=r"could not be written .*No space left on device"):
        change(found([make_article("News 1.")]), tmp_path, WordEmbedder())
    assert open_index(tmp_path).manifest == old


def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    old = build_index(tmp_path / "index", [make_article("News 0.")])
    (tmp_path / "index").chmod(0o500)
    if os.access(tmp_path / "index", os.W_OK):
        pytest.skip("this user may write everywhere")
    with pytest.raises(WriteFailed, match="Permission denied"):
        build_index(tmp_path / "index", [make_article("News 1.")])
    assert open_index(tmp_path / "index").manifest == old

"""A folder in the BEIR layout is read or refused with its line; figures are derived by hand."""

import json
from math import log2
from pathlib import Path
from typing import Any

import pytest
from fakes import WordEmbedder

from eval.errors import DatasetRefused
from eval.retrieval import (
    Query,
    article_order,
    index_dataset,
    measure_articles,
    read_dataset,
    read_records,
    search_all,
)
from index.ranking import RankedPassage

CORPUS = [
    {"_id": "ferry", "title": "Ferry", "text": "The ferry ran aground off Tarn on Friday."},
    {"_id": "bridge", "title": "Bridge", "text": "The old bridge of Lund\u2028was closed."},
    {"_id": "soup", "title": "Soup", "text": "The cook made soup for the whole village."},
]
QUERIES = [
    {"_id": "1", "text": "Which ferry ran aground?", "metadata": {}},
    {"_id": 2, "text": "What was closed in Lund?"},
    {"_id": "unjudged", "text": "Who sang?"},
]
HEADED = "query-id\tcorpus-id\tscore\n1\tferry\t1\n2\tbridge\t2\n2\tsoup\t0\n"
QRELS = {"1": {"ferry": 1}, "2": {"bridge": 2, "soup": 0}}


def lay_out(
    folder: Path,
    *,
    corpus: str | None = None,
    queries: str | None = None,
    **qrels: str,
) -> Path:
    """A dataset's folder; `qrels` are files by name."""
    (folder / "qrels").mkdir(parents=True)
    for name, text, records in (("corpus", corpus, CORPUS), ("queries", queries, QUERIES)):
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        (folder / f"{name}.jsonl").write_text(lines if text is None else text, encoding="utf-8")
    for name, text in (qrels or {"test": HEADED}).items():
        (folder / "qrels" / f"{name}.tsv").write_text(text, encoding="utf-8")
    return folder


def ranked(article_id: str, text: str = "") -> RankedPassage:
    """A passage of this article."""
    article: Any = type("Article", (), {"id": article_id})
    passage: Any = type("Passage", (), {"article": article, "text": text})
    return RankedPassage(passage, 1.0, None, 0.0, None, 0.0)


def test_a_dataset(tmp_path: Path) -> None:
    dataset = read_dataset(lay_out(tmp_path))
    assert dataset.corpus == tmp_path / "corpus.jsonl"
    assert [(query.id, query.text) for query in dataset.queries] == [
        ("1", "Which ferry ran aground?"),
        ("2", "What was closed in Lund?"),
        ("unjudged", "Who sang?"),
    ]
    assert dataset.queries[0].record["metadata"] == {}
    assert dataset.qrels == QRELS


@pytest.mark.parametrize(
    "files",
    [
        {"test": HEADED.partition("\n")[2]},
        {"test": HEADED.replace("\n", "\r\n")},
        {"test": "\ufeff" + HEADED},
        {"dev": "1\tferry\t1\n", "test": "2\tbridge\t2\n2\tsoup\t0\n"},
        {"test": "\ufeff1\tferry\t1\n2\tbridge\t2\n2\tsoup\t0\n"},
        {"test": "q\tc\ts\n1\tferry\t1\n2\tbridge\t2\n2\tsoup\t0"},
    ],
    ids="no-header windows byte-order-mark mark-without-header two-files no-last-newline".split(),
)
def test_judgements_in_other_forms(tmp_path: Path, files: dict[str, str]) -> None:
    assert read_dataset(lay_out(tmp_path, **files)).qrels == QRELS


def test_an_id_may_hold_a_quotation_mark(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, test='"1\tferry\t1\n1"\tferry\t1\n')
    assert read_dataset(folder).qrels == {'"1': {"ferry": 1}, '1"': {"ferry": 1}}


@pytest.mark.parametrize("missing", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    (lay_out(tmp_path) / missing).unlink()
    with pytest.raises(DatasetRefused, match=missing.partition("/")[0]):
        read_dataset(tmp_path)
    with pytest.raises(DatasetRefused, match=r"corpus\.jsonl"):
        read_dataset(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"queries": '{"_id": "1", "text": "a"}\n{'}, r"queries\.jsonl:2: this is no JSON \("),
        ({"queries": '{"_id": "1", "text": "a"}\n\n'}, r"queries\.jsonl:2: this is no JSON"),
        ({"queries": '{"_id": "1"}\n'}, r"queries\.jsonl:1: 'text' is missing"),
        ({"queries": '"_id text"\n'}, r"queries\.jsonl:1: this is no JSON object"),
        ({"queries": "7\n"}, r"queries\.jsonl:1: this is no JSON object"),
        ({"queries": "[1]\n"}, r"queries\.jsonl:1: this is no JSON object"),
        ({"test": HEADED + "2 bridge 1\n"}, r"test\.tsv:5: a line is query, article and score"),
        ({"test": HEADED + "2\tbridge\n"}, r"test\.tsv:5: "),
        ({"test": HEADED + "2\tbridge\tgood\n"}, r"test\.tsv:5: "),
        ({"test": HEADED + "2\t0\tbridge\t1\n"}, r"test\.tsv:5: "),
        ({"test": "query-id\tcorpus-id\tscore\n"}, "has no judgement"),
        ({"test": ""}, "has no judgement"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(DatasetRefused, match=message):
        read_dataset(lay_out(tmp_path, **files))


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    lay_out(tmp_path)
    (tmp_path / "queries.jsonl").write_bytes(b'{"_id": "1", "text": "\xff"}\n')
    with pytest.raises(DatasetRefused, match=r"queries\.jsonl:1"):
        read_dataset(tmp_path)
    lay_out(tmp_path / "other")
    (tmp_path / "other" / "qrels" / "test.tsv").write_bytes(b"1\tferry\t1\n1\t\xff\t1\n")
    with pytest.raises(DatasetRefused, match=r"test\.tsv"):
        read_dataset(tmp_path / "other")


def test_records_may_hold_what_ends_a_line_elsewhere(tmp_path: Path) -> None:
    records = [{"text": f"one{sign}two"} for sign in "\u2028\u2029\x85\x0b\x1e"]
    path = tmp_path / "records.jsonl"
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records))
    assert list(read_records(path, required=("text",))) == records


def test_a_corpus_is_indexed_once_and_searched(tmp_path: Path) -> None:
    copy = {**CORPUS[0], "_id": "copy"}
    lines = "".join(json.dumps(record) + "\n" for record in [*CORPUS, copy])
    dataset = read_dataset(lay_out(tmp_path / "set", corpus=lines))
    reports: list[str] = []
    embedder = WordEmbedder()
    generation = index_dataset(dataset, tmp_path / "index", embedder, report=reports.append)
    assert reports[0] == f"indexing {dataset.corpus}"
    assert "left out" in reports[1]
    assert "has the text of ferry" in reports[1]
    embedded = len(embedder.texts)
    again = index_dataset(dataset, tmp_path / "index", embedder, report=reports.append)
    assert len(embedder.texts) == embedded
    assert again.manifest.id == generation.manifest.id
    asked: list[None] = []
    found = search_all(dataset.queries, again, embedder, advance=lambda: asked.append(None))
    assert (list(found), len(asked)) == (["1", "2", "unjudged"], 3)
    assert found["1"][0].passage.article.id == "ferry"
    figures = measure_articles(found, dataset.qrels)
    assert figures["RR@10"] == 1.0
    assert set(figures) == {"nDCG@10", "RR@10", "R@5", "R@10", "R@20", "R@100"}


def test_another_models_index_is_made_anew(tmp_path: Path) -> None:
    dataset = read_dataset(lay_out(tmp_path / "set"))
    reports: list[str] = []
    for name in ("words@1", "words@2"):
        index_dataset(dataset, tmp_path / "index", WordEmbedder(name), report=reports.append)
    assert reports == [f"indexing {dataset.corpus}"] * 2


def test_an_article_stands_where_its_first_passage_does() -> None:
    assert article_order([ranked(one) for one in "b a b c a".split()]) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("found", "qrels", "expected"),
    [
        (
            # Articles a, b, c; b counts 1 and c 2. The ideal order is c, b.
            {"q": "a b a c"},
            {"q": {"b": 1, "c": 2}},
            {
                "nDCG@10": (1 / log2(3) + 2 / log2(4)) / (2 / log2(2) + 1 / log2(3)),
                "RR@10": 1 / 2,
                "R@5": 1,
            },
        ),
        (
            # q: found at once; r: found third of three; s: nothing found. Means over three.
            {"q": "a", "r": "x y a", "s": ""},
            {"q": {"a": 1}, "r": {"a": 1}, "s": {"a": 1}},
            {"nDCG@10": (1 + 1 / 2) / 3, "RR@10": (1 + 1 / 3) / 3, "R@5": 2 / 3, "R@100": 2 / 3},
        ),
        (
            # one of three is within five, two within ten, all within twenty
            {"q": "a " + "w x y z " + "b k l m n o c"},
            {"q": {"a": 1, "b": 1, "c": 1}},
            {"R@5": 1 / 3, "R@10": 2 / 3, "R@20": 1, "RR@10": 1},
        ),
        (
            # passages of one article count once: b is the second article, not the seventh
            {"q": "a a a a a a b"},
            {"q": {"b": 1}},
            {"RR@10": 1 / 2, "R@5": 1, "nDCG@10": 1 / log2(3)},
        ),
        (
            # unjudged queries and those that were not asked are left out
            {"q": "a", "unjudged": "b"},
            {"q": {"a": 1}, "unasked": {"a": 1}},
            {"nDCG@10": 1, "RR@10": 1, "R@5": 1},
        ),
    ],
)
def test_measures(found: dict[str, str], qrels: Any, expected: dict[str, float]) -> None:
    passages = {query: [ranked(one) for one in order.split()] for query, order in found.items()}
    figures = measure_articles(passages, qrels)
    assert {name: figures[name] for name in expected} == pytest.approx(expected)


def test_a_query_keeps_what_only_its_dataset_has(tmp_path: Path) -> None:
    queries = '{"_id": "1", "text": "a", "evidence": [{"fact": "f"}]}\n'
    dataset = read_dataset(lay_out(tmp_path, queries=queries))
    assert dataset.queries == (Query("1", "a", json.loads(queries)),)

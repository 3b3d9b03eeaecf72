"""The commands that read an index: what they print, and what they say of one that is damaged."""

import json
import re
from pathlib import Path

import pytest
from commands import Command
from index_commands import FERRY, NEW, RATES, current, found_ids, listed, write_records

import index.reading_commands
from index.openvino_engine import OpenVinoEngine

pytest_plugins = ["index_fixtures"]


def test_info_for_people_and_as_json(built: Path, command: Command) -> None:
    described = json.loads(command("info", "--index", built, "--json").out)
    created = described.pop("created")
    generation = described.pop("generation")
    assert described == {
        "embedding_model": "words@1",
        "engine": "openvino",
        "dimension": 64,
        "articles": 3,
        "passages": 3,
        "sentences": 3,
        "sources": {"Post": 1, "Tarn Gazette": 1},
    }
    assert command("info", "--index", built).out == (
        f"generation  {generation}, made {created}\n"
        "model       words@1, 64 dimensions\n"
        "engine      openvino\n"
        "holds       3 articles, 3 passages, 3 sentences\n"
        "                 1  Post\n"
        "                 1  Tarn Gazette\n"
    )


def test_info_loads_no_model(
    built: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_arguments: object) -> None:
        pytest.fail("the model was loaded")

    monkeypatch.setattr(index.reading_commands, "Embedder", load)
    monkeypatch.setattr(OpenVinoEngine, "__init__", load)
    ended = command("info", "--index", built, "--json")
    assert (ended.code, ended.err) == (0, "")
    described = json.loads(ended.out)
    assert (described["embedding_model"], described["engine"]) == ("words@1", "openvino")
    ended = command("info", "--index", built, "--embedding-model", built)
    assert (ended.code, ended.out) == (1, "")
    assert f"No sentence-transformers model stands in {built}" in ended.err


def test_search_as_json_is_the_contract(built: Path, command: Command) -> None:
    ended = command("search", "the ferry off Tarn", "--index", built, "--json", "--limit", "1")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out) == {
        "passages": [
            {
                "article_id": "ferry",
                "title": "Ferry aground at Tarn",
                "source": "Tarn Gazette",
                "published": "2023-09-17",
                "url": "https://tarn.example/ferry",
                "text": FERRY["text"],
                "start": 0,
                "end": 70,
                "score": 1.9,
                "also_in": [],
            }
        ]
    }


def test_search_for_people(built: Path, command: Command) -> None:
    out = command("search", "central bank", "--index", built, "--limit", "2").out
    first, text, *_ = out.split("\n")
    assert first.rstrip() == "1. Rates rise"
    assert text == f"   {RATES['text']}"
    assert "\n2. " in out


def test_search_says_why(built: Path, command: Command) -> None:
    asked = ("search", "the Tarn Gazette on the ferry", "--index", built, "--limit", "1")
    _, why, *_ = command(*asked, "--explain").out.split("\n")
    assert re.fullmatch(
        r"   score 2\.200: bm25 \d\.\d+, bm25 rank 1, cosine 0\.\d+, cosine rank 1, "
        r"best sentence 0\.\d+, publisher named \+0\.3",
        why,
    )
    [found] = json.loads(command(*asked, "--explain", "--json").out)["passages"]
    assert found["why"]["bm25 rank"] == 1
    assert found["why"]["publisher named"] == "+0.3"


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ((), {"ferry", "train", "rates"}),
        (("--source", "tarn gazette"), {"ferry"}),
        (("--source", "Nobody"), set()),
        (("--published-from", "2023-09-18"), {"train"}),
        (("--published-to", "2023-09-17"), {"ferry"}),
        (("--published-from", "2023-09-17", "--published-to", "2023-09-18"), {"ferry", "train"}),
        (("--published-from", "2024-01-01", "--published-to", "2023-01-01"), set()),
    ],
)
def test_search_filters(
    options: tuple[str, ...], ids: set[str], built: Path, command: Command
) -> None:
    ended = command("search", "Kim", "--index", built, "--json", *options)
    assert ended.code == 0
    assert set(found_ids(ended)) == ids


def test_filters_that_leave_nothing_are_told(built: Path, command: Command) -> None:
    ended = command("search", "Kim", "--index", built, "--source", "Nobody")
    assert (ended.code, ended.out) == (0, "no passage: the filters leave no article\n")


@pytest.mark.parametrize("arguments", [("info",), ("search", "Kim")])
def test_missing_and_damaged_indexes(
    arguments: tuple[str, ...], built: Path, tmp_path: Path, command: Command
) -> None:
    ended = command(*arguments, "--index", tmp_path / "none")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"error: No index stands in {tmp_path / 'none'}; make one with")
    (built / "CURRENT").write_text("gone")
    ended = command(*arguments, "--index", built, "--json")
    assert (ended.code, ended.out) == (1, "")
    assert "names a generation that is not there" in ended.err


def test_list_for_people(built: Path, tmp_path: Path, command: Command) -> None:
    command("add", write_records(tmp_path / "more.jsonl", NEW), "--index", built)
    assert command("list", "--index", built).out == (
        "ferry  Ferry aground at Tarn  (Tarn Gazette, 2023-09-17)\n"
        "train  Kim leaves  (Post, 2023-09-18)\n"
        "rates  Rates rise\n"
        "new  Snow  (Post [late])\n"
    )
    filtered = command("list", "--index", built, "--source", "tarn gazette").out
    assert filtered.startswith("ferry ")
    assert filtered.count("\n") == 1
    assert command("list", "--index", built, "--source", "x").out == (
        "no article: the filters leave none\n"
    )
    [ferry] = json.loads(command("list", "--index", built, "--json", "--source", "Post").out)[
        "articles"
    ]
    assert ferry.pop("origin").startswith(str(tmp_path / "articles" / "news.jsonl"))
    version = ferry.pop("version")
    assert re.fullmatch("[0-9a-f]{16}", version)
    assert ferry == {
        "id": "train",
        "title": "Kim leaves",
        "source": "Post",
        "published": "2023-09-18",
        "url": None,
    }


def test_generations_verify_and_rollback(built: Path, tmp_path: Path, command: Command) -> None:
    first = current(built)
    command("add", write_records(tmp_path / "more.jsonl", NEW), "--index", built)
    second = current(built)
    lines = command("generations", "--index", built).out.splitlines()
    assert [line[: 2 + len(first)] for line in lines] == [f"  {first}", f"* {second}"]
    assert "  4 articles, 4 passages, 2 segments, made 20" in lines[1]
    assert command("verify", "--index", built).out == f"intact: {first}\nintact: {second}\n"
    ended = command("rollback", "--index", built)
    assert ended.out.startswith("back at 3 articles (3 passages, 3 sentences) in generation ")
    assert current(built) == first
    assert listed(built, command) == ["ferry", "train", "rates"]
    ended = command("rollback", "--index", built)
    assert (ended.code, ended.out) == (1, "")
    assert "There is no earlier generation" in ended.err
    assert command("rollback", second, "--index", built).code == 0
    assert listed(built, command) == ["ferry", "train", "rates", "new"]
    ended = command("rollback", "yesterday", "--index", built)
    assert ended.code == 1
    assert "There is no such generation" in ended.err
    assert "`python -m index generations` lists them" in ended.err


def test_a_damaged_generation_is_named_and_taken_back(
    built: Path, tmp_path: Path, command: Command
) -> None:
    first = current(built)
    command("add", write_records(tmp_path / "more.jsonl", NEW), "--index", built)
    second = current(built)
    one, other = (path.name for path in sorted((built / "generations" / second).glob("*/")))
    [new] = {one, other} - {path.name for path in (built / "generations" / first).glob("*/")}
    path = built / "generations" / second / new / "sentences.f16"
    path.write_bytes(path.read_bytes()[:-1])
    ended = command("verify", "--index", built)
    assert (ended.code, ended.out) == (1, f"intact: {first}\n")
    assert ended.err.startswith(f"damaged: The index file {path} was cut short or changed")
    for arguments in (("search", "snow"), ("info",), ("list",)):
        ended = command(*arguments, "--index", built)
        assert (ended.code, ended.out) == (1, "")
        assert f"{path} was cut short" in ended.err
        assert "take back an earlier generation with `python -m index rollback`" in ended.err
    ended = command("rollback", second, "--index", built)
    assert (ended.code, ended.out) == (1, "")
    assert command("rollback", "--index", built).code == 0
    assert listed(built, command) == ["ferry", "train", "rates"]
    (built / "generations" / second / "manifest.json").write_text("{")
    ended = command("generations", "--index", built)
    assert ended.code == 1
    assert f"  {second}  cannot be read\n" in ended.out
    assert f"* {first}  3 articles" in ended.out

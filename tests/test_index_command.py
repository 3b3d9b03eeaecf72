"""The command line: what it prints, where, and with which exit code; never a traceback."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes import WordEmbedder

import index.reading_commands
import index.writing_commands
from index.__main__ import main

ROOT = Path(__file__).parent.parent
FERRY = {
    "id": "ferry",
    "title": "Ferry aground at Tarn",
    "source": "Tarn Gazette",
    "published": "2023-09-17",
    "url": "https://tarn.example/ferry",
    "text": "The ferry ran onto the rocks off Tarn on Friday, the coast guard said.",
}
TRAIN = {
    "id": "train",
    "title": "Kim leaves",
    "source": "Post",
    "published": "2023-09-18",
    "text": "Kim Jong Un boarded his train and left Russia with five drones, TASS said.",
}
RATES = {
    "id": "rates",
    "title": "Rates rise",
    "text": "The central bank raised its rate to “four” [percent] :tiger:, its governor said.",
}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


class Command:
    """The command line within this process, with a model of words in place of the real one."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: str | Path) -> Ended:
        self._capture.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        said = self._capture.readouterr()
        return Ended(code, said.out, said.err)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    for commands in (index.reading_commands, index.writing_commands):
        monkeypatch.setattr(commands, "Embedder", lambda _model: WordEmbedder())
    return Command(capsys)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A folder of three articles and a bad file."""
    folder = tmp_path / "articles"
    folder.mkdir()
    lines = "\n".join(map(json.dumps, (FERRY, TRAIN, RATES)))
    (folder / "news.jsonl").write_text(lines)
    (folder / "bad.json").write_text("{")
    return folder


@pytest.fixture
def built(articles: Path, tmp_path: Path, command: Command) -> Path:
    """The root of an index of the articles."""
    assert command("build", articles, "--out", tmp_path / "index").code == 0
    return tmp_path / "index"


def found_ids(ended: Ended) -> list[str]:
    """The ids of the articles in a search's JSON."""
    return [passage["article_id"] for passage in json.loads(ended.out)["passages"]]


def run(*arguments: str | bytes | Path, **environment: str) -> Ended:
    """The real command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "index", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_build_sums_up_and_lists_the_refused(
    articles: Path, tmp_path: Path, command: Command
) -> None:
    ended = command("build", articles, "--out", tmp_path / "index")
    assert ended.code == 0
    assert re.fullmatch(
        r"added 3, refused 1: 3 articles \(3 passages, 3 sentences\) "
        r"in generation \d{8}T\d{9}-[0-9a-f]{8}\n",
        ended.out,
    )
    assert ended.err.startswith(f"refused: {articles / 'bad.json'} is not valid JSON")
    assert ended.err.count("\n") == 1


def test_info_for_people_and_as_json(built: Path, command: Command) -> None:
    described = json.loads(command("info", "--index", built, "--json").out)
    created = described.pop("created")
    generation = described.pop("generation")
    assert described == {
        "embedding_model": "words@1",
        "engine": "words",
        "dimension": 64,
        "articles": 3,
        "passages": 3,
        "sentences": 3,
        "sources": {"Post": 1, "Tarn Gazette": 1},
    }
    assert command("info", "--index", built).out == (
        f"generation  {generation}, made {created}\n"
        "model       words@1, 64 dimensions\n"
        "engine      words\n"
        "holds       3 articles, 3 passages, 3 sentences\n"
        "                 1  Post\n"
        "                 1  Tarn Gazette\n"
    )


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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("bild",), "invalid choice: 'bild'"),
        (("build",), "required: source"),
        (("search",), "required: query"),
        (("search", ""), "the query is empty"),
        (("search", " \n"), "the query is empty"),
        (("search", "Kim", "--limit", "0"), "argument --limit: between 1 and 100"),
        (("search", "Kim", "--limit", "101"), "between 1 and 100"),
        (("search", "Kim", "--limit", "-1"), "between 1 and 100"),
        (("search", "Kim", "--limit", "ten"), "argument --limit"),
        (("search", "Kim", "--published-from", "17.9.2023"), "'17.9.2023' is not a day"),
        (("search", "Kim", "--published-to", "2023-02-30"), "written YYYY-MM-DD"),
        (("search", "Kim", "--colour", "red"), "unrecognized arguments"),
        (("info", "extra"), "unrecognized arguments"),
    ],
)
def test_asked_wrongly(arguments: tuple[str, ...], words: str, command: Command) -> None:
    ended = command(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert words in ended.err
    assert ended.err.startswith("usage: python -m index")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff",
        b"{",
        b"[" * 100_000,
        b'{"text": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"id": ' + b"1" * 5000 + b', "text": "x"}',
        b"[]",
    ],
)
def test_a_bad_file_is_told_in_one_line(content: bytes, tmp_path: Path, command: Command) -> None:
    (tmp_path / "a.json").write_bytes(content)
    ended = command("build", tmp_path / "a.json", "--out", tmp_path / "index")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"error: {tmp_path / 'a.json'} ")
    assert ended.err.count("\n") == 1
    assert not (tmp_path / "index" / "CURRENT").exists()


def test_missing_and_useless_sources(tmp_path: Path, command: Command) -> None:
    (tmp_path / "empty").mkdir()
    for source, words in (
        (tmp_path / "none", "does not exist"),
        (tmp_path / "empty", "holds no articles"),
        ("x" * 5000, "File name too long"),
    ):
        ended = command("build", source, "--out", tmp_path / "index")
        assert (ended.code, ended.out) == (1, "")
        assert words in ended.err
        assert ended.err.startswith("error: ")


def test_a_folder_that_cannot_be_written_is_told(
    articles: Path, tmp_path: Path, command: Command
) -> None:
    (tmp_path / "file").write_text("x")
    ended = command("build", articles, "--out", tmp_path / "file")
    assert (ended.code, ended.out) == (1, "")
    assert f"error: The index could not be written to {tmp_path / 'file'}" in ended.err


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


def test_stopped_by_the_user(
    articles: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(index.writing_commands, "build", stop)
    ended = command("build", articles)
    assert (ended.code, ended.out) == (130, "")
    assert ended.err.endswith("stopped; the index is whole\n")


@pytest.mark.parametrize("arguments", [(), ("build",), ("info",), ("search",)])
def test_help(arguments: tuple[str, ...], command: Command) -> None:
    ended = command(*arguments, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("usage: python -m index")


def test_odd_sources_become_articles(tmp_path: Path, command: Command) -> None:
    """A file name that is no UTF-8, half a surrogate pair, a script for an address, deep YAML."""
    text = "The ferry ran onto the rocks off Tarn on Friday, the coast guard said."
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text(text)
    odd = {
        "id": "half \ud83d",
        "title": "\ud83d",
        "url": "javascript:alert(1)",
        "text": f"A. {text}",
    }
    broken = {"id": "broken", "url": "http://[bad", "text": f"B. {text}"}
    (tmp_path / "odd.json").write_text(json.dumps([odd, broken]))
    (tmp_path / "self.md").write_text(f"---\ntitle: &a [*a]\n---\nC. {text}")
    ended = command("build", tmp_path, "--out", tmp_path / "index")
    assert (ended.code, ended.err) == (0, "")
    listed = command("list", "--index", tmp_path / "index", "--json")
    urls = {article["id"]: article["url"] for article in json.loads(listed.out)["articles"]}
    assert len(urls) == 4
    assert urls["half ?"] is None
    assert urls["broken"] is None


def test_a_bad_model_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "modules.json").write_text("{")
    ended = Command(capsys)("search", "Kim", "--embedding-model", tmp_path)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"error: The embedding model in {tmp_path} cannot be read")


def test_the_real_thing_from_end_to_end(articles: Path, tmp_path: Path) -> None:
    """With the real model, a question in bytes that are no UTF-8 and a terminal of plain ASCII."""
    root = tmp_path / "index"
    ended = run("build", articles, "--out", root)
    assert ended.code == 0
    assert ended.out.startswith("added 3, refused 1: 3 articles (3 passages, 3 sentences) in ")
    question = b"Which vessel had an accident? caf\xe9"
    ended = run("search", question, "--index", root, "--json", PYTHONIOENCODING="ascii")
    assert (ended.code, ended.err) == (0, "")
    assert found_ids(ended)[0] == "ferry"
    assert r"\u201cfour\u201d [percent] :tiger:" in ended.out
    ended = run("search", question, "--index", root, "--source", b"caf\xe9")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "no passage: the filters leave no article\n"

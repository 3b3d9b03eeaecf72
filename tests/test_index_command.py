"""The command line of the index: what it refuses, and the real thing from end to end; never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Command, Ended
from index_commands import found_ids

import index.writing_commands
from index.__main__ import main

pytest_plugins = ["index_fixtures"]

ROOT = Path(__file__).parent.parent


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


def test_stopped_by_the_user(
    articles: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(index.writing_commands, "build", stop)
    ended = command("build", articles)
    assert (ended.code, ended.out) == (130, "")
    assert ended.err.endswith("stopped; the index is whole\n")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        *((name,) for name in "build add remove sync watch compact rollback".split()),
        *((name,) for name in "generations verify info list search".split()),
    ],
)
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
    ended = Command(main, capsys)("search", "Kim", "--embedding-model", tmp_path)
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

"""The commands that change an index: what they say came of it, and what stands there then."""

import json
import os
import re
import signal
import threading
import time
from pathlib import Path

import pytest
from commands import Command
from fakes import WordEmbedder, open_index
from forks import FORKS
from index_commands import (
    FERRY,
    GENERATION,
    NEW,
    RATES,
    TRAIN,
    current,
    found_ids,
    listed,
    write_records,
)
from index_writers import watch_folder

import index.terminal
import index.writing_commands
from index.generations import only_writer

pytest_plugins = ["index_fixtures"]


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


def test_build_says_that_it_starts_anew(
    articles: Path, built: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "made anew" not in command("build", articles, "--out", built).err
    [vectors] = (built / "generations" / current(built)).glob("*/sentences.f16")
    vectors.write_bytes(b"")
    ended = command("build", articles, "--out", built)
    assert (ended.code, ended.out[:7]) == (0, "added 3")
    said = f"The index file {vectors} was cut short or changed after it was written"
    assert ended.err.splitlines()[-1] == f"made anew: {said}"
    other = WordEmbedder("letters@1")
    monkeypatch.setattr(index.writing_commands, "Embedder", lambda _model: other)
    ended = command("build", articles, "--out", built, "--json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["made_anew"] == (
        f"The index in {built} was made with words@1 (64 dimensions), but letters@1 (64) is in use"
    )


def test_add_tells_what_came_of_each_article(built: Path, tmp_path: Path, command: Command) -> None:
    longer = {**TRAIN, "text": f"{TRAIN['text']} He had come for six days."}
    (tmp_path / "more").mkdir()
    source = write_records(tmp_path / "more/a.jsonl", NEW, FERRY, longer, {**NEW, "id": "copy"})
    bad = write_records(tmp_path / "more/bad.txt")
    ended = command("add", tmp_path / "more", "--index", built)
    assert ended.code == 0
    assert re.fullmatch(
        r"added 1, updated 1, unchanged 1, duplicate 1, refused 1: 4 articles "
        rf"\(4 passages, 5 sentences\) in generation {GENERATION}\n",
        ended.out,
    )
    duplicate, refused = ended.err.splitlines()[-2:]
    assert duplicate.startswith(f"duplicate: {source}")
    assert duplicate.endswith(" has the text of new")
    assert refused.startswith(f"refused: {bad} is empty")
    assert listed(built, command) == ["ferry", "rates", "new", "train"]
    assert "six days" in command("search", "Kim", "--index", built).out
    ended = command("add", bad, "--index", built)
    assert ended.code == 1, "nothing came of what was named"
    assert "nothing to do" in ended.out or "refused 1" in ended.out


def test_a_report_for_programs(built: Path, tmp_path: Path, command: Command) -> None:
    source = write_records(tmp_path / "more.jsonl", NEW, FERRY, {**NEW, "id": "copy"})
    write_records(tmp_path / "bad.txt")
    report = json.loads(
        command("add", source, tmp_path / "bad.txt", "--index", built, "--json").out
    )
    [duplicate], [refused] = report.pop("duplicates"), report.pop("refused")
    assert report == {
        "generation": current(built),
        "articles": 4,
        "added": ["new"],
        "updated": [],
        "unchanged": ["ferry"],
        "removed": [],
        "notes": [],
        "embedded_passages": 1,
        "made_anew": None,
    }
    assert duplicate["of"] == "new"
    assert refused["origin"] == str(tmp_path / "bad.txt")
    assert "is empty" in refused["reason"]
    removed = json.loads(command("remove", "new", "none", "--index", built, "--json").out)
    assert (removed["removed"], removed["articles"]) == (["new"], 3)
    assert removed["refused"] == [{"origin": "none", "reason": "no article has the id none"}]
    for name in ("compact", "rollback"):
        said = json.loads(command(name, "--index", built, "--json").out)
        assert said == {"generation": current(built), "articles": 3}


def test_remove(built: Path, command: Command) -> None:
    ended = command("remove", "ferry", "nobody", "--index", built)
    assert ended.code == 1
    assert ended.err == "refused: no article has the id nobody\n"
    assert ended.out.startswith("removed 1, refused 1: 2 articles")
    assert listed(built, command) == ["train", "rates"]
    assert found_ids(command("search", "ferry", "--index", built, "--json")) != ["ferry"]
    assert command("remove", "train", "--index", built).code == 0


def test_sync_follows_a_folder(tmp_path: Path, command: Command) -> None:
    folder, root = tmp_path / "news", tmp_path / "index"
    folder.mkdir()
    write_records(folder / "a.json", FERRY)
    write_records(folder / "b.json", TRAIN)
    assert command("sync", folder, "--index", root).out.startswith("added 2: 2 articles")
    (folder / "a.json").unlink()
    write_records(folder / "c.json", RATES)
    assert command("sync", folder, "--index", root).out.startswith(
        "added 1, unchanged 1, removed 1: 2 articles"
    )
    assert command("sync", folder, "--index", root).out.startswith("unchanged 2: 2 articles")
    assert listed(root, command) == ["train", "rates"]
    ended = command("sync", tmp_path / "none", "--index", root)
    assert (ended.code, ended.out) == (1, "")
    assert "is no folder" in ended.err


def test_sync_knows_what_was_built_from_a_relative_path(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("news").mkdir()
    write_records(Path("news/a.json"), FERRY)
    write_records(Path("news/a.jsonl"), TRAIN)
    command("build", "news", "--out", "index")
    Path("news/a.json").unlink()
    Path("news/a.jsonl").write_text("{")
    monkeypatch.chdir("news")
    ended = command("sync", ".", "--index", "../index")
    assert ended.out.startswith("removed 1, refused 1: 1 articles")
    assert listed(tmp_path / "index", command) == ["train"], "a bad file is not one that is gone"


def test_compact(built: Path, tmp_path: Path, command: Command) -> None:
    command("add", write_records(tmp_path / "more.jsonl", NEW), "--index", built)
    ended = command("compact", "--index", built)
    assert ended.out.startswith("compacted: 4 articles (4 passages, 4 sentences) in generation ")
    assert "4 articles, 4 passages, 1 segments" in command("generations", "--index", built).out
    for arguments in (("compact",), ("rollback",), ("remove", "x"), ("generations",), ("verify",)):
        ended = command(*arguments, "--index", tmp_path / "none")
        assert (ended.code, ended.out) == (1, ""), arguments
        assert not (tmp_path / "none").exists()


def test_another_writer_is_named_or_waited_for(
    built: Path, tmp_path: Path, command: Command
) -> None:
    source = write_records(tmp_path / "more.jsonl", NEW)
    with only_writer(built, "index build"):
        for arguments in (("add", source), ("remove", "ferry"), ("compact",), ("sync", tmp_path)):
            ended = command(*arguments, "--index", built)
            assert (ended.code, ended.out) == (1, "")
            assert f"error: `index build` (process {os.getpid()}, since 20" in ended.err
            assert "try again when that has ended, or wait for it with --wait SECONDS" in ended.err
        assert listed(built, command) == ["ferry", "train", "rates"]
    holds, ends = threading.Event(), threading.Event()

    def hold() -> None:
        with only_writer(built, "index build"):
            holds.set()
            ends.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    holds.wait(30)
    threading.Timer(0.2, ends.set).start()
    assert command("add", source, "--index", built, "--wait", "30").code == 0
    thread.join()
    assert "new" in listed(built, command)


def test_generations_and_versions_kept_are_asked_for(
    built: Path, tmp_path: Path, command: Command
) -> None:
    for number in range(3):
        text = f"It snowed in Tarn for {number} days."
        source = write_records(tmp_path / "more.jsonl", {**NEW, "text": text})
        command("add", source, "--index", built, "--keep-generations", "2")
        command("compact", "--index", built, "--keep-generations", "2", "--keep-versions", "1")
        assert command("generations", "--index", built).out.count("\n") == 2
    [part] = open_index(built).parts
    assert len(part.segment.rows_of("new")) == 2


def test_progress_is_told_in_lines_where_there_is_no_terminal(
    articles: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.terminal, "TOLD_EVERY", 0.0)
    err = command("build", articles, "--out", tmp_path / "index").err
    assert "read 1 articles, embedded 0 passages\n" in err
    assert "read 4 articles, embedded 3 passages\n" in err


def wait_for(out: Path, words: str, times: int = 1) -> None:
    """Wait until a process has said it so many times."""
    deadline = time.monotonic() + 60
    while out.read_text().count(words) < times:
        assert time.monotonic() < deadline, out.read_text()
        time.sleep(0.02)


def test_watch_follows_a_folder_until_interrupted(tmp_path: Path, command: Command) -> None:
    """The index stands in the folder itself, and another process writes it once in between."""
    folder, out = tmp_path / "news", tmp_path / "out"
    root = folder / ".index"
    folder.mkdir()
    out.touch()
    write_records(folder / "a.json", FERRY)
    process = FORKS.Process(target=watch_folder, args=(folder, root, out))
    process.start()
    wait_for(out, "added 1: 1 articles")
    with only_writer(root, "index build"):
        write_records(folder / "b.json", TRAIN)
        wait_for(out, "waiting: `index build` (process")
    wait_for(out, "added 1, unchanged 1: 2 articles")
    (folder / "a.json").unlink()
    wait_for(out, "unchanged 1, removed 1: 1 articles")
    assert listed(root, command) == ["train"]
    time.sleep(1.2)
    assert out.read_text().count(" articles (") == 3, "what the index itself writes is no change"
    assert process.pid
    os.kill(process.pid, signal.SIGINT)
    process.join(60)
    assert process.exitcode == 130
    assert out.read_text().endswith("stopped; the index is whole\n")


def test_an_empty_folder_removes_nothing(articles: Path, tmp_path: Path, command: Command) -> None:
    root = tmp_path / "index"
    assert command("sync", articles, "--index", root).code == 0
    for path in articles.iterdir():
        path.unlink()
    ended = command("sync", articles, "--index", root)
    assert ended.code == 1
    assert "holds no articles" in ended.err
    assert json.loads(command("info", "--index", root, "--json").out)["articles"] == 3

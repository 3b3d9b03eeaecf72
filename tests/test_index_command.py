"""The command line: what it prints, where, and with which exit code; never a traceback."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from commands import Command, Ended
from fakes import WordEmbedder, open_index
from forks import FORKS
from index_writers import watch_folder

import index.reading_commands
import index.terminal
import index.writing_commands
from index.__main__ import main
from index.generations import only_writer
from index.openvino_engine import OpenVinoEngine

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


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    for commands in (index.reading_commands, index.writing_commands):
        monkeypatch.setattr(commands, "Embedder", lambda _model: WordEmbedder())
    return Command(main, capsys)


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


NEW = {"id": "new", "title": "Snow", "source": "Post [late]", "text": "It snowed in Tarn all day."}
GENERATION = r"\d{8}T\d{9}-[0-9a-f]{8}"


def write_records(path: Path, *records: dict[str, str]) -> Path:
    path.write_text("\n".join(map(json.dumps, records)))
    return path


def listed(root: Path, command: Command) -> list[str]:
    """The ids of the articles in the index."""
    found = json.loads(command("list", "--index", root, "--json").out)
    return [article["id"] for article in found["articles"]]


def current(root: Path) -> str:
    return (root / "CURRENT").read_text().strip()


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


def test_an_empty_folder_removes_nothing(articles: Path, tmp_path: Path, command: Command) -> None:
    root = tmp_path / "index"
    assert command("sync", articles, "--index", root).code == 0
    for path in articles.iterdir():
        path.unlink()
    ended = command("sync", articles, "--index", root)
    assert ended.code == 1
    assert "holds no articles" in ended.err
    assert json.loads(command("info", "--index", root, "--json").out)["articles"] == 3

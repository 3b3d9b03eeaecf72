"""The benchmark beside other systems, with fakes for them; what they read is counted by hand."""

import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fake_peer import WordPeer
from fakes import WordEmbedder
from inline_snapshot import snapshot
from rich.console import Console

from eval.bench_corpus import ReadingModel, count_read, make_records, slices, write_records
from eval.bench_report import build_figures, markdown, quality, record, render, spread, tables
from eval.errors import PeerFailed
from eval.index_bench import CONTENDERS, Bench, Built, Contender, Measured
from eval.peers import dateline, environments
from eval.peers.environments import OURS, packaged_model, python_of, surroundings
from eval.peers.process import PeerProcess
from eval.peers.worker import (
    Piece,
    Record,
    StoredVectors,
    answer_requests,
    read_records,
)
from eval.retrieval import Dataset, Query

PEERS = Path(environments.__file__).parent
FOUND = "The ferry ran aground off Tarn on Friday night."
RECORDS = tuple(
    Record(f"a{number}", f"Title {number}", "The Post", "2023-09-17", text)
    for number, text in enumerate(
        [
            "The mayor of Lund spoke of the bridge. It was closed.",
            "The cook made soup for the whole village, twice a week.",
            f"{FOUND} Nobody was hurt.",
        ]
    )
)
QUERIES = tuple(
    Query(number, text, {"type": kind, "evidence": [{"article": "a2", "fact": FOUND}]})
    for number, text, kind in (
        ("1", "Which ferry ran aground off Tarn?", "inference"),
        ("2", "Who sang?", "null"),
    )
)
WORDS = Contender("words", "tests.fake_peer", "float32")
BLIND = Contender("blind", "tests.fake_peer", "float32", "blind")
DYING = Contender("dying", "tests.fake_peer", "float32", "dying")


def make_bench(
    folder: Path, contenders: Sequence[Contender], records: Sequence[Record] = RECORDS
) -> Bench:
    """A bench of fakes over these articles."""
    write_records(folder / "corpus.jsonl", records)
    return Bench(
        Dataset(folder / "corpus.jsonl", QUERIES, {}),
        folder / "bench",
        contenders,
        model=packaged_model(),
        find_python=lambda _place: Path(sys.executable),
        report=lambda _text: None,
    )


def test_what_is_found_is_measured(tmp_path: Path) -> None:
    many = [Record(f"b{n}", "Other", "", "", f"Other news {n}.") for n in range(10)]
    bench = make_bench(tmp_path, [WORDS, BLIND], [*many, *RECORDS])
    bench.search_corpus(QUERIES)
    words, blind = bench.measured
    assert words.found["1"][0] == ("a2", RECORDS[2].text, "Title 2\n")
    assert len(words.found["1"]) == 10
    assert len(words.filling["1"]) == 13
    assert {name: one.mean for name, one in quality(words, QUERIES).items()} == {
        "facts in 3,800": 1,
        "facts in 12,000": 1,
        "hits in 3,800": 1,
        "hits in 12,000": 1,
        "Hits@10": 1,
        "Hits@4": 1,
        "MRR@10": 1,
        "FactRecall@10": 1,
        "FactRecall, short": 1,
        "AllFacts@10": 1,
        "DocRecall@10": 1,
        # The article with the fact, and nine of those that share no word.
        "characters": len(RECORDS[2].text) + 9 * len(many[0].text),
    }
    # The thirteenth passage: past the ten, and within the characters.
    assert quality(blind, QUERIES)["FactRecall@10"].mean == 0
    assert quality(blind, QUERIES)["facts in 3,800"].mean == 1
    for one in bench.measured:
        assert len(one.starts) == 3
        assert len(one.searches["corpus"]) == 2
        assert min([*one.starts, *one.searches["corpus"], *one.processor["corpus"]]) > 0
        assert one.resident["corpus"] > 1_000_000
        assert one.failure is None


def test_building_is_timed_in_turns(tmp_path: Path) -> None:
    records = [Record(f"a{n}", "T", "", "", f"Number {n} of the news.") for n in range(20)]
    bench = make_bench(tmp_path, [WORDS, BLIND], records)
    bench.build_slices(size=4, rounds=3)
    characters = [sum(len(one.text) for one in run) for run in slices(records, size=4, count=3)]
    for one in bench.measured:
        assert [built.once for built in one.rounds] == characters
        assert [built.every for built in one.rounds] == characters
        assert [built.pieces for built in one.rounds] == [4, 4, 4]


def test_what_is_built_is_kept_for_the_next_run(tmp_path: Path) -> None:
    make_bench(tmp_path, [WORDS]).search_corpus(QUERIES)
    (store,) = (tmp_path / "bench" / "fake_peer").glob("corpus-*")
    text = (store / "texts").read_text()
    (store / "texts").write_text(text.replace("aground", "ashore"))
    bench = make_bench(tmp_path, [WORDS])
    bench.search_corpus(QUERIES)
    assert "ashore" in bench.measured[0].found["1"][0].text


def test_other_articles_are_built_again(tmp_path: Path) -> None:
    make_bench(tmp_path, [WORDS]).search_corpus(QUERIES)
    bench = make_bench(tmp_path, [WORDS], RECORDS[:2])
    bench.search_corpus(QUERIES)
    assert {piece.article for piece in bench.measured[0].found["1"]} == {"a0", "a1"}


def test_made_up_passages_have_ready_vectors(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.eye(8, dtype=np.float32))
    bench = make_bench(tmp_path, [WORDS])
    bench.search_made(30, QUERIES, tmp_path / "vectors.npy")
    (one,) = bench.measured
    assert len(one.searches["30 made-up passages"]) == 2
    assert not one.found


def test_a_contender_that_fails_is_left_out_and_named(tmp_path: Path) -> None:
    bench = make_bench(tmp_path, [DYING, WORDS])
    bench.search_corpus(QUERIES)
    dying, words = bench.measured
    assert dying.failure is not None
    assert "dying ended with 1 at 'search': MemoryError: no room for 10 passages" in dying.failure
    assert not dying.searches
    assert words.searches
    assert record(bench.measured, QUERIES)[0]["failure"] == dying.failure


def test_a_contender_that_cannot_be_installed_is_left_out(tmp_path: Path) -> None:
    def find(place: str) -> Path:
        raise PeerFailed(f"{place} cannot be installed")

    write_records(tmp_path / "corpus.jsonl", RECORDS)
    dataset = Dataset(tmp_path / "corpus.jsonl", QUERIES, {})
    bench = Bench(
        dataset,
        tmp_path,
        [WORDS],
        model=packaged_model(),
        find_python=find,
        report=lambda _text: None,
    )
    bench.build_slices(size=1, rounds=1)
    assert bench.measured[0].failure == "fake_peer cannot be installed"


def read(text: str, *pieces: Piece, window: int = 256) -> tuple[int, int]:
    article = Record("a", "Title", "", "", text)
    return count_read([article], pieces, ReadingModel(packaged_model(), window=window))


def test_only_what_the_model_sees_counts() -> None:
    text = "one two three four five six"
    # Two of five tokens are the model's own marks.
    assert read(text, Piece("a", text), window=5) == (round(11 * 27 / 22), 13)
    # The title takes two of them.
    assert read(text, Piece("a", text, "the news\n"), window=5) == (round(3 * 27 / 22), 3)
    assert read(text, Piece("a", text)) == (27, 27)
    assert read(text, Piece("b", text)) == (0, 0)


def test_what_is_read_twice_counts_once() -> None:
    text = "one two three four"
    overlapping = [Piece("a", "one two three"), Piece("a", "two three four")]
    assert read(text, *overlapping) == (18, 27)
    assert read(text, Piece("a", text), Piece("a", "three four")) == (18, 28)


def test_a_text_that_was_cleaned_counts_with_its_length() -> None:
    assert read("one -- two", Piece("a", "one two")) == (round(6 * 10 / 8), 7)


def test_slices_hold_no_article_twice() -> None:
    runs = slices(range(10), size=3, count=3)  # type: ignore[arg-type]
    assert [len(run) for run in runs] == [3, 3, 3]
    assert len({one for run in runs for one in run}) == 9
    assert runs == slices(range(10), size=3, count=3)  # type: ignore[arg-type]


def test_a_made_up_article_is_one_short_paragraph() -> None:
    long = [
        Record(f"a{n}", "T", "", "", " ".join(f"Word {w} is said by {n}." for w in range(99)))
        for n in range(3)
    ]
    made = list(make_records(long, 50))
    assert made == list(make_records(long, 50))
    assert len({one.id for one in made}) == 50
    assert len({one.text for one in made}) == 50
    assert all(40 < len(one.text.split()) <= 140 and "\n" not in one.text for one in made)


def test_a_worker_answers_a_line_at_a_time(tmp_path: Path) -> None:
    write_records(tmp_path / "corpus.jsonl", RECORDS)
    asked = [
        {
            "do": "build",
            "records": str(tmp_path / "corpus.jsonl"),
            "store": str(tmp_path),
            "listing": str(tmp_path / "pieces"),
            "vectors": None,
        },
        {"do": "open", "store": str(tmp_path)},
        {"do": "search", "question": "ferry", "limit": 1},
    ]
    replies = io.StringIO()
    requests = io.StringIO("".join(f"{json.dumps(one)}\n" for one in asked))
    answer_requests(WordPeer(packaged_model()), requests, replies)
    built, opened, searched = map(json.loads, replies.getvalue().splitlines())
    assert {"seconds", "resident"} == set(built) == set(opened)
    assert searched["found"] == [["a2", RECORDS[2].text, "Title 2\n"]]
    assert len((tmp_path / "pieces").read_text().splitlines()) == 3
    assert tuple(read_records(tmp_path / "corpus.jsonl")) == RECORDS
    with pytest.raises(ValueError, match="sing is no request"):
        answer_requests(WordPeer(packaged_model()), io.StringIO('{"do": "sing"}'), replies)


def test_a_text_has_always_the_same_stored_vector(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.eye(50, dtype=np.float32))
    embed = StoredVectors(tmp_path / "vectors.npy")
    first, second, again = embed(["one", "two", "one"])
    assert first.tolist() == again.tolist() != second.tolist()


def test_a_process_that_does_not_start_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such model')"]
    with (
        PeerProcess("x", command, surroundings={}, log=tmp_path / "log" / "x.txt") as process,
        pytest.raises(PeerFailed, match=r"x ended with 1 at 'open': no such model"),
    ):
        process.ask(do="open", store="there")


def test_a_worker_ends_with_the_one_that_asks(tmp_path: Path) -> None:
    write_records(tmp_path / "corpus.jsonl", RECORDS)
    command = [sys.executable, "-m", "tests.fake_peer", str(packaged_model()), "slow"]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert worker.stdin is not None
    worker.stdin.write(b'{"do": "search", "question": "?", "limit": 1}\n')
    worker.stdin.close()
    assert worker.wait(timeout=30) == 0


def test_each_contender_has_its_packages_pinned() -> None:
    for contender in CONTENDERS:
        assert (PEERS / f"{contender.place}.py").is_file()
        if contender.place not in OURS:
            lines = (PEERS / f"{contender.place}.txt").read_text().splitlines()
            packages = [line for line in lines if not line.startswith("#")]
            assert packages
            assert all("==" in line for line in packages)
            # Its usual build brings gigabytes that no processor needs: it is installed apart.
            assert not any(line.startswith(("torch==", "nvidia", "triton")) for line in packages)


def test_nothing_is_fetched_and_nothing_reported(tmp_path: Path) -> None:
    variables = surroundings(tmp_path)
    assert variables["HF_HUB_OFFLINE"] == "1"
    assert variables["HAYSTACK_TELEMETRY_ENABLED"] == "False"
    assert list(Path(variables["TIKTOKEN_CACHE_DIR"]).iterdir())


def test_an_environment_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(environments, "_run", lambda _python, *arguments: ran.append(arguments))
    report: list[str] = []
    (tmp_path / "txtai" / "environment").mkdir(parents=True)
    for _ in range(2):
        python = python_of("txtai", tmp_path, report=report.append)
    assert python == tmp_path / "txtai" / "environment" / "bin" / "python"
    assert [arguments[1] for arguments in ran] == ["venv", "pip", "pip"]
    assert ran[1][-1] == "torch==2.13.0"
    assert ran[2][-1] == str(PEERS / "txtai.txt")
    assert all("--no-deps" in arguments for arguments in ran[1:])
    assert len(report) == 1
    assert python_of("dateline", tmp_path, report=report.append) == Path(sys.executable)


def test_a_command_that_fails_says_its_last_line() -> None:
    with pytest.raises(PeerFailed, match=r"-c import nowhere failed: ModuleNotFoundError: .*"):
        environments._run(Path(sys.executable), "-c", "import nowhere")


def measured(name: str, *rounds: tuple[float, int]) -> Measured:
    """One that took these seconds for these characters, of 1,000 a round."""
    one = Measured(Contender(name, "tests.fake_peer", "float32"))
    one.rounds = [Built(seconds, once, 2 * once, 1000, 4) for seconds, once in rounds]
    return one


def test_the_speed_of_building() -> None:
    bare = measured("bare model and FAISS", (1.0, 1000), (2.0, 1000), (4.0, 1000))
    ours = measured("Dateline", (0.5, 1000), (1.0, 1000), (8.0, 1000))
    # The faster peer reads three in ten characters.
    partial = measured("LlamaIndex", (0.1, 300), (0.1, 300), (0.1, 300))
    whole = measured("txtai", (2.0, 950), (2.0, 950), (2.0, 950))
    known = [ours, bare, partial, whole]
    figures = build_figures(ours, known)
    assert figures is not None
    assert (figures.least, figures.speed, figures.most) == (125, 1000, 2000)
    assert figures.every_speed == 2000
    # Round by round 2, 2 and a half.
    assert figures.of_limit == 2
    # 2000, 1000 and 125 against 475.
    assert figures.of_peer == pytest.approx(1000 / 475)
    assert figures.share_read == 1
    faster = measured("bare model and FAISS, bfloat16", (0.1, 1000), (0.1, 1000), (0.1, 1000))
    figures = build_figures(ours, [*known, faster])
    assert figures is not None
    assert figures.of_limit == pytest.approx(0.1)
    read = build_figures(partial, known)
    assert read is not None
    assert read.share_read == 0.3
    alone = build_figures(ours, [ours])
    assert alone is not None
    assert (alone.of_limit, alone.of_peer) == (None, None)
    assert build_figures(measured("nothing"), known) is None


def test_a_spread_is_in_milliseconds() -> None:
    found = spread([number / 1000 for number in range(1, 102)])
    assert (found.p50, found.p99) == pytest.approx((51, 100))
    assert found.count == 101


def test_the_tables() -> None:
    ours = measured("Dateline", (1.0, 1000))
    ours.starts = [4.0, 5.0, 7.0]
    ours.searches = {"corpus": [0.010, 0.012, 0.020]}
    ours.processor = {"corpus": [0.009, 0.011, 0.011]}
    ours.resident = {"corpus": 612_000_000}
    ours.found = ours.filling = {"1": (Piece("a2", FOUND),)}
    bare = measured("bare model and FAISS", (0.5, 1000))
    bare.starts, bare.searches = [2.0], {"corpus": [0.008]}
    bare.processor = {"corpus": [0.014]}
    bare.resident = {"corpus": 550_000_000}
    titled = tables([ours, bare], QUERIES)
    assert markdown(titled, notes=["3 articles."]) == snapshot("""\
# Dateline beside other systems

3 articles.

## Building, articles in turns

|  | numbers | characters/s | least–most | of the fastest peer | text read | embedded/s | of the bare model |
| :-- | --: | --: | --: | --: | --: | --: | --: |
| Dateline | float32 | 1,000 | 1,000–1,000 | – | 1.00 | 2,000 | 0.50 |
| bare model and FAISS | float32 | 2,000 | 2,000–2,000 | – | 1.00 | 4,000 | 1.00 |

## Searching, question to passages, one at a time

|  | start s | corpus: p50 ms | of bare | p99 ms | processor p50 | p99 | MB |
| :-- | --: | --: | --: | --: | --: | --: | --: |
| Dateline | 5.0 | 12.0 | 1.50 | 19.8 | 11.0 | 11.0 | 612 |
| bare model and FAISS | 2.0 | 8.0 | 1.00 | 8.0 | 14.0 | 14.0 | 550 |

## Found at equal length, and in ten passages of 12,000 characters at most

|  | facts in 3,800 | facts in 12,000 | hits in 3,800 | hits in 12,000 | FactRecall@10 | DocRecall@10 | Hits@10 | Hits@4 | MRR@10 | characters |
| :-- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
| Dateline | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 47 |
""")
    console = Console(width=150, record=True, file=io.StringIO())
    for table in render(titled):
        console.print(table)
    assert console.export_text().count("Dateline") == 3
    assert tables([measured("Dateline")], QUERIES) == []


@pytest.mark.parametrize("stored", [False, True])
def test_dateline_is_driven_by_its_own_functions(
    *, stored: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dateline, "Embedder", lambda _model: WordEmbedder())
    np.save(tmp_path / "vectors.npy", np.eye(64, dtype=np.float32))
    embed = StoredVectors(tmp_path / "vectors.npy") if stored else None
    system = dateline.Dateline(packaged_model())
    with pytest.raises(RuntimeError, match="nothing is open"):
        system.search("ferry", 1)
    pieces = list(system.build(RECORDS, tmp_path, embed=embed))
    header = "The Post, 2023-09-17\n"
    assert pieces == [Piece(one.id, one.text, f"{one.title}, {header}") for one in RECORDS]
    system.open(tmp_path)
    assert system.search("Which ferry ran aground off Tarn?", 2)[0][:2] == ("a2", RECORDS[2].text)

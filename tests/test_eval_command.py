"""The harness's command line: what it asks, what it writes, and with which exit code it ends."""

import json
import re
from collections.abc import AsyncGenerator
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pytest
from commands import Command, Ended
from fake_answers import make_answer, make_case
from fake_provider import Provider, provide, refuses, sends, unused_url
from fakes import WordEmbedder
from rich.table import Table
from scripted import ScriptedDrafter
from small_models import save_reranker

import eval.commands.ask
import eval.commands.datasets
import eval.commands.runs
import eval.commands.verify
import eval.complaints
import eval.targets
import service.wiring
from eval.__main__ import main
from eval.cases import Case
from eval.commands.terminal import print_wide
from eval.errors import RunRefused
from eval.gate import Known, write_baseline
from eval.recordings import Recorder
from eval.runs import read_run
from service.draft import MAX_TOKENS, Usage
from service.prompt import Message
from service.settings import Settings

QUOTE = "Kim received five explosive drones."
ANSWER = make_answer((QUOTE, ("gifts", QUOTE)), timings_ms={"total": 5})
REPLIES = sends("application/json", json.dumps(asdict(ANSWER)))
CASES = (
    make_case("drones"),
    make_case("vest", kind="list", facts=[["vest"]]),
    make_case("goat", kind="attack", planted=True),
    make_case("only-here", only="sample"),
)


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Command:
    """The command line with few cases, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(eval.commands.ask, "read_cases", lambda: CASES)
    return Command(main, capsys)


@pytest.fixture
def weighed(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The floors that the gate reads; there is nothing in the baseline."""
    floors: dict[str, float] = {}
    monkeypatch.setattr(eval.commands.ask, "read_floors", lambda: floors)
    monkeypatch.setattr(eval.commands.ask, "read_baseline", dict)
    return floors


def ask(
    command: Command, out: Path, *more: str | Path, name: str = "run"
) -> tuple[Ended, Provider]:
    """Put the cases to a service that gives one answer to everything."""
    with provide(REPLIES) as provider:
        return command(name, "--endpoint", provider.url, "--out", out, *more), provider


def test_help_names_the_commands(command: Command) -> None:
    ended = command("--help")
    assert ended.code == 0
    for name in "run gate compare baseline add retrieval clapnq ragtruth verify speed".split():
        assert f"\n    {name}" in ended.out
        of_command = command(name, "--help")
        assert of_command.code == 0
        assert of_command.out.startswith(f"usage: python -m eval {name}")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["run", "--kind", "gossip"],
        ["run", "--repeat", "0"],
        ["run", "--concurrency", "-1"],
        ["run", "--repeat", "many"],
        ["run", "--model", "a/b", "--endpoint", "http://127.0.0.1"],
        ["clapnq", "--dataset", ".", "--limit", "-1"],
        ["compare", "one"],
        ["baseline"],
        ["add"],
        ["add", "--answer", "a", "--from", "b"],
        ["retrieval"],
        ["verify", "--half", "third"],
        ["speed", "--together", "0"],
    ],
)
def test_what_is_asked_wrongly_ends_with_two(command: Command, arguments: list[str]) -> None:
    ended = command(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("usage: ")


def test_an_unknown_id_is_named(command: Command, tmp_path: Path) -> None:
    ended = command("run", "--id", "drone", "--out", tmp_path / "run")
    assert ended.code == 1
    assert ended.err.startswith("error: There is no 'drone'; the kinds are list, ")
    assert not (tmp_path / "run").exists()


def test_a_run_is_asked_and_reported(command: Command, tmp_path: Path) -> None:
    ended, provider = ask(command, tmp_path / "run")
    assert ended.code == 0
    assert len(provider.requests) == 3
    assert [result.case.id for result in read_run(tmp_path / "run").results] == [
        "drones", "only-here", "vest",
    ]  # fmt: skip
    assert "2 right, 1 wrong" in ended.out
    assert "report.html" in ended.err
    for name in ("report.html", "report.md", "summary.json", "junit.xml"):
        assert (tmp_path / "run" / name).stat().st_size > 0
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["passed"] is None


def test_a_run_in_which_a_question_failed_ends_with_one(command: Command, tmp_path: Path) -> None:
    ended = command("run", "--endpoint", unused_url(), "--out", tmp_path / "run")
    assert ended.code == 1
    assert "3 failed" in ended.out


def test_what_may_be_given_is_told_in_its_own_words(command: Command) -> None:
    told = command("run", "--kind", "gossip").err
    assert "attack" in told
    assert "Kind." not in told
    assert "'many' is not a whole number" in command("run", "--repeat", "many").err


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        (["--kind", "list"], ["vest"]),
        (["--id", "drones"], ["drones"]),
        (["--kind", "list", "--id", "drones"], ["drones", "vest"]),
        (["--kind", "list", "--kind", "attack"], ["vest"]),
        (["--id", "vest", "--repeat", "3"], ["vest"] * 3),
        (["--articles", "elsewhere"], ["drones", "vest"]),
    ],
)
def test_what_is_chosen_is_asked(
    command: Command, tmp_path: Path, more: list[str], asked: list[str]
) -> None:
    _, provider = ask(command, tmp_path / "run", *more)
    assert [result.case.id for result in read_run(tmp_path / "run").results] == asked
    assert len(provider.requests) == len(asked)


def test_a_run_folder_is_not_used_twice_but_gone_on_with(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with provide(refuses(500)) as provider:
        failed = command("run", "--endpoint", provider.url, "--out", out)
        assert failed.code == 1
        assert "3 failed" in failed.out
        assert "drones: HTTP 500" in failed.err
        again = command("run", "--endpoint", provider.url, "--out", out)
        assert again.code == 1
        assert "--resume" in again.err
        other = command("run", "--endpoint", provider.url, "--out", out, "--resume", "--id", "vest")
        assert other.code == 1
        assert "another questions" in other.err
        provider.script = REPLIES
        resumed = command("run", "--endpoint", provider.url, "--out", out, "--resume")
        assert resumed.code == 0
        assert "2 right, 1 wrong" in resumed.out


@pytest.mark.parametrize(
    ("floors", "code", "said"),
    [
        ({}, 0, "the gate passes"),
        ({"right": 0.66}, 0, "the gate passes"),
        ({"right": 0.67}, 1, "fault: right is 0.667, its floor is 0.670"),
        ({"recall@5": 0.0}, 1, "fault: recall@5 was not measured"),
    ],
)
def test_the_gate_ends_with_one_where_a_score_is_too_low(
    *,
    command: Command,
    tmp_path: Path,
    weighed: dict[str, float],
    floors: dict[str, float],
    code: int,
    said: str,
) -> None:
    weighed.update(floors)
    ended, _ = ask(command, tmp_path / "run", name="gate")
    assert ended.code == code
    assert said in ended.out
    again = command("gate", "--from-run", tmp_path / "run")
    assert (again.code, again.out) == (code, ended.out)


def test_the_gate_fails_where_a_question_failed(
    command: Command, tmp_path: Path, weighed: dict[str, float]
) -> None:
    weighed.clear()
    ended = command("gate", "--endpoint", unused_url(), "--out", tmp_path / "run")
    assert ended.code == 1
    assert "could not be asked: http" in ended.out


def test_the_gate_asks_nothing_without_its_baseline(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weighed: dict[str, float]
) -> None:
    def read_baseline() -> dict[str, Known]:
        raise RunRefused("there is no baseline")

    monkeypatch.setattr(eval.commands.ask, "read_baseline", read_baseline)
    ended, provider = ask(command, tmp_path / "run", name="gate")
    assert (ended.code, ended.err, provider.requests) == (1, "error: there is no baseline\n", [])
    assert weighed == {}


def test_a_run_becomes_the_baseline(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "baseline.json"
    monkeypatch.setattr(eval.commands.runs, "write_baseline", partial(write_baseline, path=path))
    ask(command, tmp_path / "run")
    ended = command("baseline", tmp_path / "run")
    assert (ended.code, ended.out) == (0, "3 cases are the baseline now\n")
    assert list(json.loads(path.read_text())) == ["drones", "only-here", "vest"]


def test_two_runs_are_compared(command: Command, tmp_path: Path) -> None:
    ask(command, tmp_path / "one")
    ask(command, tmp_path / "two", "--id", "vest")
    out = tmp_path / "new" / "comparison.html"
    ended = command("compare", tmp_path / "one", tmp_path / "two", "--out", out)
    assert ended.code == 0
    assert "right" in ended.out
    assert out.read_text().startswith("<!")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["gate", "--from-run", "nowhere"], "nowhere holds no run"),
        (["baseline", "nowhere"], "nowhere holds no run"),
        (["compare", "nowhere", "nowhere"], "nowhere holds no run"),
        (["run", "--out", "new", "--resume", "--endpoint", "http://x"], "new holds no run"),
        (["run", "--endpoint", "http://[::1"], "is no address"),
        (["add", "--answer", "a"], "holds no answer with the id a"),
        (["add", "--from", "nowhere"], "nowhere cannot be read"),
        (["retrieval", "--dataset", "nowhere"], "nowhere has no corpus.jsonl"),
        (["clapnq", "--dataset", "nowhere", "--limit", "1"], "answerable.jsonl cannot be read"),
        (["ragtruth", "--dataset", "nowhere"], "responses.jsonl cannot be read"),
        (["verify", "--ragtruth", "nowhere"], "responses.jsonl cannot be read"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    command: Command,
    weighed: dict[str, float],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    told: str,
) -> None:
    monkeypatch.setattr(eval.commands.datasets, "Embedder", lambda _model: WordEmbedder())
    monkeypatch.setattr(eval.commands.ask, "identify_model", lambda _settings: "local/tiny@1")
    assert weighed == {}
    ended = command(*arguments)
    assert ended.code == 1
    (line,) = ended.err.strip().splitlines()
    assert line.startswith("error: ")
    assert told in line


def test_a_wide_table_is_printed_whole_on_a_narrow_terminal(
    command: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("--help").code == 0
    monkeypatch.setenv("COLUMNS", "60")
    print_wide(Table("", *["AllFacts@10"] * 6))
    assert capsys.readouterr().out.count("AllFacts@10") == 6


def test_the_check_is_measured_by_half(command: Command) -> None:
    ended = command("verify")
    assert ended.code == 0
    for shown in ("kind", "paraphrase", "swapped-roles", "supported kept", "held-out", "both"):
        assert shown in ended.out
    assert "removed: " not in ended.out
    half = command("verify", "--half", "development")
    assert half.code == 0
    assert "development" in half.out
    assert "held-out" not in half.out
    assert "both" not in half.out


def test_what_was_decided_wrongly_is_listed(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.verification.find_fault", lambda *_: "it is doubted")
    out = command("verify", "--wrong").out
    assert "Putin took up an invitation to visit North Korea.\n    removed: it is doubted" in out
    assert "Putin declined an invitation" not in out
    monkeypatch.setattr("eval.verification.find_fault", lambda *_: None)
    out = command("verify", "--wrong").out
    assert "Putin declined an invitation to North Korea.\n    kept; says: he accepted it" in out
    assert "Putin took up an invitation" not in out


def test_the_check_is_measured_with_a_second_opinion(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    models = []

    def make(settings: Settings, **_: object) -> ScriptedDrafter:
        models.append(settings.model)
        return ScriptedDrafter(*["no"] * 200)

    monkeypatch.setattr(eval.commands.verify, "make_drafter", make)
    ended = command(
        "verify", "--half", "development", "--second-opinion", "model", "--model", "a/b"
    )
    assert (ended.code, models) == (0, ["a/b"])
    assert "with the second opinion of model" in ended.out
    assert "0.00 of 77" in ended.out
    encoder = save_reranker(tmp_path, names=("entailment", "neutral", "contradiction"))
    assert command("verify", "--half", "development", "--second-opinion", str(encoder)).code == 0
    assert models == ["a/b"]  # no language model is loaded for a cross-encoder
    refused = command("verify", "--second-opinion", "nowhere")
    assert refused.code != 0
    assert "No cross-encoder stands in nowhere" in refused.err


def test_an_interrupted_run_says_how_to_go_on(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> tuple[Case, ...]:
        raise KeyboardInterrupt

    monkeypatch.setattr(eval.commands.ask, "read_cases", interrupt)
    ended = command("run", "--out", "here")
    assert (ended.code, ended.err.strip()) == (130, "interrupted; go on with --out here --resume")
    monkeypatch.setattr(eval.commands.verify, "read_sources", interrupt)
    ended = command("verify")
    assert (ended.code, ended.err.strip()) == (130, "interrupted")


def test_feedback_becomes_drafts(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eval.complaints, "DRAFTS", tmp_path / "drafts")
    record = {"answer": asdict(ANSWER), "opinion": "wrong"}
    (tmp_path / "feedback.jsonl").write_text(json.dumps(record) + "\n")
    ended = command("add", "--from", tmp_path / "feedback.jsonl")
    assert (ended.code, ended.out.split()[0]) == (0, "wrote")
    assert (tmp_path / "drafts" / "complaint-01234567.yaml").is_file()


class CopyingDrafter:
    """Answers with the first sentence of evidence."""

    model = "local/tiny"
    asked = 0

    async def stream(
        self, messages: list[Message], *, max_tokens: int = MAX_TOKENS
    ) -> AsyncGenerator[str | Usage]:
        assert max_tokens
        CopyingDrafter.asked += 1
        yield messages[-1]["content"].splitlines()[1].removeprefix("[1] ")
        yield Usage()


def test_replies_are_recorded_and_replayed(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (eval.targets, service.wiring):
        monkeypatch.setattr(module, "Embedder", WordEmbedder)
    monkeypatch.setattr(eval.commands.ask, "identify_model", lambda _settings: "local/tiny@1")
    patience: set[float] = set()

    def make_drafter(settings: Settings, **_: object) -> CopyingDrafter:
        patience.add(settings.timeout)
        return CopyingDrafter()

    monkeypatch.setattr(eval.commands.ask, "make_drafter", make_drafter)
    monkeypatch.setattr(eval.commands.ask, "Recorder", partial(Recorder, folder=tmp_path / "kept"))
    monkeypatch.setattr(CopyingDrafter, "asked", 0)
    first = command("run", "--id", "drones", "--record", "--out", tmp_path / "one")
    assert first.code == 0
    assert "1 replies are recorded in" in first.err
    assert patience == {eval.commands.ask.PATIENCE}
    assert CopyingDrafter.asked == 1
    command("run", "--id", "drones", "--out", tmp_path / "two")
    assert CopyingDrafter.asked == 1
    command("run", "--id", "drones", "--live", "--out", tmp_path / "three")
    assert CopyingDrafter.asked == 2
    one, two, three = (read_run(tmp_path / name).results[0] for name in ("one", "two", "three"))
    assert (one.live, two.live, three.live) == (True, False, True)
    assert one.draft == two.draft == three.draft != ""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.md").write_text("# Gifts\n\nKim received five explosive drones.\n")
    (tmp_path / "other" / "b.json").write_text("{")
    elsewhere = command(
        "run", "--id", "drones", "--articles", tmp_path / "other", "--record",
        "--out", tmp_path / "four",
    )  # fmt: skip
    assert "not recorded" in elsewhere.err
    assert re.search(r"^refused: .*b\.json", elsewhere.err, re.MULTILINE)
    assert CopyingDrafter.asked == 3
    command("run", "--id", "drones", "--out", tmp_path / "five")
    assert CopyingDrafter.asked == 3

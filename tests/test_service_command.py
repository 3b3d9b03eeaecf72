"""`python -m service`: exit codes and messages, as a user meets them."""

import io
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from fakes import build_index, make_article

import service.__main__
from service.__main__ import main
from service.answer import Answer
from service.conversation import MAX_TURNS, check_question
from service.draft import Usage
from service.keys import Caller, Keys
from service.settings import Settings

ROOT = Path(__file__).parent.parent


class Parrot:
    """An answerer that says what it was asked, and counts the conversation's questions before."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    async def stream(self, question: str, *, conversation: str | None) -> AsyncGenerator[Answer]:
        """The answer alone, without sentences."""
        question = check_question(question)
        before = self.asked[conversation] if conversation else 0
        if conversation:
            self.asked[conversation] += 1
        yield Answer(
            id="1",
            question=question,
            standalone_question=f"{question} ({before} before)",
            status="abstained",
            text=f"“{question}”",
            sentences=(),
            citations=(),
            removed=(),
            closest=(),
            model="m",
            generation="g",
            usage=Usage(),
            timings_ms={"total": 1},
        )


@pytest.fixture
def parrot(monkeypatch: pytest.MonkeyPatch) -> None:
    """No model and no index are loaded."""
    monkeypatch.setattr(service.__main__, "_load", Parrot)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("command", [["ask", "Who left?"], ["api"], ["mcp"]])
def test_a_missing_index_is_one_line_that_says_what_to_do(
    tmp_path: Path, command: list[str]
) -> None:
    done = run(*command, DATELINE_INDEX=str(tmp_path / "none"))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert str(tmp_path / "none") in line
    assert "python -m index build" in line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["ask", "chat", "api", "prepare", "README.md"]),
        (["ask", "--help"], ["question", "--json"]),
        (["api", "--help"], ["--host", "--port", "8000"]),
    ],
)
def test_help(arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert [word for word in words if word not in shown] == []


@pytest.mark.parametrize(
    "arguments", [[], ["sing"], ["ask"], ["ask", "Who?", "--colour"], ["api", "--port", "65536"]]
)
def test_a_wrong_call_is_explained(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m service" in capsys.readouterr().err


@pytest.mark.parametrize("question", ["", "  ", "?", "x" * 1001])
def test_a_question_that_is_none_is_refused_before_anything_is_loaded(
    question: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_INDEX", "/nowhere")
    assert main(["ask", question]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: The question ")


def test_a_wrong_setting_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_TIMEOUT", "soon")
    assert main(["ask", "Who left?"]) == 1
    assert "DATELINE_TIMEOUT is set to 'soon'" in capsys.readouterr().err


@pytest.mark.usefixtures("parrot")
def test_a_conversation_goes_on_after_a_failure_and_however_long_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = ["Who?", "?!", *["And then?"] * MAX_TURNS]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(questions)))
    assert main(["chat"]) == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [
        "error: The question is empty; ask something about the articles."
    ]
    counted = [line for line in captured.out.splitlines() if "searched for: " in line]
    assert counted[0].endswith("searched for: Who? (0 before)")
    assert counted[1].endswith("searched for: And then? (1 before)")
    assert counted[-1].endswith(f"searched for: And then? ({MAX_TURNS} before)")
    assert len(counted) == len(questions) - 1
    assert "“Who?”" in captured.out


WAITING = """
import signal, sys, service.__main__ as command
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
command._load = object
sys.exit(command.main(["chat"]))
"""


def test_a_break_ends_the_wait_for_a_question() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with process:
        assert process.stdout
        while process.stdout.read(1) != b">":
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(20) == 130
        finally:
            process.kill()


@pytest.mark.usefixtures("parrot")
def test_a_terminal_of_plain_ascii_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", shown)
    assert main(["ask", "Who?"]) == 0
    assert main(["ask", "Who?", "--json"]) == 0
    shown.seek(0)
    text = shown.read()
    assert r"\u201cWho?\u201d" in text
    assert r'"text": "\u201cWho?\u201d"' in text


def test_a_key_is_made_listed_and_removed(tmp_path: Path) -> None:
    here = {"DATELINE_DATA": str(tmp_path)}
    made = run("keys", "add", "anna", "--admin", **here)
    assert made.returncode == 0
    key = made.stdout.strip()
    assert Keys(tmp_path / "keys.json").find(key) == Caller("anna", admin=True)
    assert key not in made.stderr
    assert run("keys", "list", **here).stdout.startswith("anna\tadmin\t20")
    again = run("keys", "add", "anna", **here)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.startswith("error: There is a key called anna")
    assert run("keys", "remove", "anna", **here).returncode == 0
    assert Keys(tmp_path / "keys.json").find(key) is None


@pytest.mark.parametrize(
    ("host", "in_use", "warned"),
    [
        ("0.0.0.0", False, True),
        ("::", False, True),
        ("dateline.example", False, True),
        ("127.0.0.1", False, False),
        ("::1", False, False),
        ("localhost", False, False),
        ("0.0.0.0", True, False),
    ],
)
def test_a_public_address_without_a_key_is_warned_of(
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    host: str,
    *,
    in_use: bool,
    warned: bool,
) -> None:
    service.__main__._warn_of_openness(host, in_use)
    assert ("NO KEY IS NEEDED" in caplog.text) == warned
    assert ("open to everybody" in capsys.readouterr().err) == warned


@pytest.mark.parametrize(
    ("host", "set_hosts", "hosts"),
    [
        ("127.0.0.1", (), {"localhost", "127.0.0.1", "::1"}),
        ("127.0.0.2", ("news.example",), {"localhost", "127.0.0.1", "::1", "127.0.0.2"}),
        ("0.0.0.0", ("*.example",), {"localhost", "127.0.0.1", "::1", "0.0.0.0"}),
        ("0.0.0.0", (), {"*"}),
    ],
)
def test_on_loopback_or_by_setting_the_service_has_names_of_its_own(
    host: str, set_hosts: tuple[str, ...], hosts: set[str]
) -> None:
    found = service.__main__._hosts(host, Settings(hosts=set_hosts))
    assert set(found) == {*hosts, *set_hosts}


def test_a_service_that_cannot_load_its_models_ends_and_says_why(tmp_path: Path) -> None:
    build_index(tmp_path / "index", [make_article("The ferry ran aground off Tarn on Friday.")])
    done = run(
        *("api", "--port", "0"),
        DATELINE_INDEX=str(tmp_path / "index"),
        DATELINE_DATA=str(tmp_path),
        DATELINE_MODEL="openai/none",
        DATELINE_EMBEDDING_MODEL=str(tmp_path / "none"),
    )
    assert done.returncode == 1
    assert "error: No sentence-transformers model stands in" in done.stderr

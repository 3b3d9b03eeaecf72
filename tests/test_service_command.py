"""`python -m service`: exit codes and messages, as a user meets them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.__main__ import main

ROOT = Path(__file__).parent.parent


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


def test_a_missing_index_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    done = run("ask", "Who left?", DATELINE_INDEX=str(tmp_path / "none"))
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


@pytest.mark.parametrize("arguments", [[], ["sing"], ["ask"], ["ask", "Who?", "--colour"]])
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

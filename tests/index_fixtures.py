"""Fixtures of the tests of the index commands: a plugin of pytest, which they name."""

from pathlib import Path

import pytest
from commands import Command
from index_commands import index_command, write_articles


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    return index_command(capsys, monkeypatch)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    return write_articles(tmp_path / "articles")


@pytest.fixture
def built(articles: Path, tmp_path: Path, command: Command) -> Path:
    """The root of an index of the articles."""
    assert command("build", articles, "--out", tmp_path / "index").code == 0
    return tmp_path / "index"

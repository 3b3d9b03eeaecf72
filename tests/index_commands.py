"""The index commands within this process, with a model of words in place of the real one."""

import json
from pathlib import Path

import pytest
from commands import Command, Ended
from fakes import WordEmbedder

import index.reading_commands
import index.writing_commands
from index.__main__ import main

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


def index_command(capture: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line, in which nothing loads the real model."""
    for commands in (index.reading_commands, index.writing_commands):
        monkeypatch.setattr(commands, "Embedder", lambda _model: WordEmbedder())
    return Command(main, capture)


def write_articles(folder: Path) -> Path:
    """The folder, made with three articles and a bad file."""
    folder.mkdir()
    lines = "\n".join(map(json.dumps, (FERRY, TRAIN, RATES)))
    (folder / "news.jsonl").write_text(lines)
    (folder / "bad.json").write_text("{")
    return folder


def found_ids(ended: Ended) -> list[str]:
    """The ids of the articles in a search's JSON."""
    return [passage["article_id"] for passage in json.loads(ended.out)["passages"]]


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

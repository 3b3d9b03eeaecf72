"""What the parts do while they are put together, with models that load nothing."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from fakes import WordEmbedder, build_index, make_article
from scripted import GIFTS, ScriptedDrafter

from service import wiring
from service.answerer import Answerer
from service.draft import Drafter
from service.local_model import LocalModel
from service.prompt import Message, fixed_messages, opinion_messages
from service.settings import MODEL_ITSELF, Settings
from service.wiring import _make_drafter, make_desk


class ColdModel(LocalModel):
    """A model that reads what it is told ahead, or fails at it."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.read: list[list[Message]] = []

    def warm(self, messages: list[Message]) -> None:
        self.read.append(messages)
        if self.error:
            raise self.error


def make(model: ColdModel, **chosen: str) -> Drafter:
    """A drafter with `model`, after it has got ready."""
    before = set(threading.enumerate())
    drafter = _make_drafter(Settings(model="local/cold").model_copy(update=chosen), model)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    return drafter


def test_the_embedded_model_reads_the_fixed_part_ahead() -> None:
    model = ColdModel()
    assert make(model).model == "local/cold"
    assert model.read == [fixed_messages()]
    make(model, second_opinion=MODEL_ITSELF)
    assert model.read[2] == opinion_messages("Kim left.", "Kim left on Sunday.")[:-1]
    make(model, second_opinion="models/encoder")
    assert len(model.read) == 4


@pytest.mark.parametrize(
    ("error", "says"),
    [(RuntimeError("Check failed\nout of memory\n"), "out of memory"), (RuntimeError(), "Runtime")],
)
def test_a_model_that_does_not_get_ready_is_one_line_in_the_log(
    error: Exception,
    says: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    make(ColdModel(error))
    [line] = caplog.messages
    assert line.startswith("The embedded model did not get ready ahead (")
    assert says in line
    assert "\n" not in line
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("chosen", "local"),
    [
        ({"model": "openai/a", "fallback_model": "local/b"}, ["local/b"]),
        ({"model": "local/a", "fallback_model": "openai/b"}, ["local/a"]),
        ({"model": "openai/a", "fallback_model": "openai/b"}, []),
    ],
)
def test_the_fallback_is_made_like_the_model(
    chosen: dict[str, Any], local: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(tmp_path, [make_article("Kim left for home on Sunday.")])
    loaded: list[str] = []

    def load(settings: Settings, _: object) -> ColdModel | None:
        if not settings.model.startswith("local/"):
            return None
        loaded.append(settings.model)
        return ColdModel()

    monkeypatch.setattr(wiring, "make_local_model", load)
    monkeypatch.setattr(wiring, "Embedder", lambda _: WordEmbedder())
    settings = Settings(index=tmp_path, data=tmp_path, timeout=7.0, api_key="k", **chosen)
    answerer = wiring.make_answerer(settings, report=print)
    assert answerer._fallback is not None
    assert [answerer.model, answerer._fallback.model] == list(chosen.values())
    assert answerer._timeout == 7.0
    assert loaded == local


def test_an_embedder_that_is_there_is_not_loaded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(tmp_path, [make_article("Kim left for home on Sunday.")])
    monkeypatch.setattr(wiring, "Embedder", None)
    answerer = wiring.make_answerer(
        Settings(index=tmp_path), report=print, writer=make(ColdModel()), embedder=WordEmbedder()
    )
    assert len(answerer.search("Who left?", limit=1)) == 1


@pytest.mark.parametrize(("name", "asked"), [(None, 1), ("model", 2)])
def test_a_second_opinion_is_asked_where_one_is_set(
    name: str | None, asked: int, tmp_path: Path
) -> None:
    build_index(tmp_path, [make_article(GIFTS)])
    drafter = ScriptedDrafter(GIFTS, "yes")
    settings = Settings(index=tmp_path, second_opinion=name)
    answerer = wiring.make_answerer(settings, report=print, writer=drafter, embedder=WordEmbedder())
    answer = asyncio.run(answerer.answer("Who received five explosive drones?"))
    assert [sentence.text for sentence in answer.sentences] == [GIFTS]
    assert len(drafter.asked) == asked


def test_what_was_answered_is_all_in_one_file_once_the_service_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(tmp_path / "index", [make_article("The ferry ran aground.")])
    monkeypatch.setattr(wiring, "Embedder", lambda _: WordEmbedder())
    settings = Settings(model="openai/none", index=tmp_path / "index", data=tmp_path)
    warmed: list[Answerer] = []

    def note(answerer: Answerer) -> None:
        warmed.append(answerer)

    monkeypatch.setattr(Answerer, "warm", note)
    desk = make_desk(settings, report=print)
    asyncio.run(desk.current.load())
    assert warmed == [desk.answerer]
    archive = desk.answerer._archive
    assert archive
    archive.save("a1", {"text": "It did."}, {})
    desk.close()
    assert [path.name for path in tmp_path.glob("answers*")] == ["answers.sqlite"]
    assert archive.path == tmp_path / "answers.sqlite"

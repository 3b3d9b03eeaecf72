"""A model is converted once, whoever comes first; test_local_model.py has what comes of it."""

from pathlib import Path

import openvino_genai
import pytest

from service import conversion
from service.conversion import ENGINE, convert, find_converted
from service.errors import ModelUnavailable


class Engine:
    """Writes a converted model, while a rival does the same if there is one, or fails."""

    def __init__(self, *, rival: bool = False, fails: bool = False) -> None:
        self.rival = rival
        self.fails = fails
        self.made = 0

    def __call__(self, linked: str, _device: str, *, enable_save_ov_model: bool) -> None:
        assert enable_save_ov_model
        self.made += 1
        if self.rival:
            self.rival = False
            convert(Path(linked).resolve(), Path(linked).parent.parent, report=print)
        if self.fails:
            raise RuntimeError("It is\nno model")
        (Path(linked).parent / "openvino_model.bin").write_text(f"model {self.made}")


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that an Engine converts: nothing in it has to be restored."""
    monkeypatch.setattr(conversion, "_read_groups", lambda _: {})
    monkeypatch.setattr(conversion, "_restore_minimums", lambda _groups, _folder: None)
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF")
    return path


def lend(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(openvino_genai, "LLMPipeline", engine)
    return engine


def test_a_model_is_converted_once_and_it_is_said(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, told = lend(Engine(), monkeypatch), list[str]()
    first = convert(weights, tmp_path / "models", report=told.append)
    assert convert(weights, tmp_path / "models", report=told.append) == first
    assert [path.name for path in first.iterdir()] == ["openvino_model.bin"]
    assert list((tmp_path / "models").iterdir()) == [first]
    assert (engine.made, len(told)) == (1, 1)


def test_of_two_that_convert_at_once_the_first_one_s_form_is_taken(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = lend(Engine(rival=True), monkeypatch)
    converted = convert(weights, tmp_path / "models", report=print)
    assert engine.made == 2
    assert (converted / "openvino_model.bin").is_file()
    assert list((tmp_path / "models").iterdir()) == [converted]


def test_the_converted_form_is_found_without_its_file(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lend(Engine(), monkeypatch)
    assert find_converted("m", tmp_path / "models") is None
    converted = convert(weights, tmp_path / "models", report=print)
    (tmp_path / "models" / f".converting-m-1-{ENGINE}").mkdir()
    weights.unlink()
    assert find_converted("m", tmp_path / "models") == converted
    monkeypatch.setattr(conversion, "ENGINE", "openvino-0.1")
    assert find_converted("m", tmp_path / "models") is None


def test_a_failure_is_told_and_leaves_nothing(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lend(Engine(fails=True), monkeypatch)
    with pytest.raises(ModelUnavailable, match=r"cannot be read \(no model\)"):
        convert(weights, tmp_path / "models", report=print)
    assert list((tmp_path / "models").iterdir()) == []

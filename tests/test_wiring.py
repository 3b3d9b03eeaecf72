"""What the parts do while they are put together, with models that load nothing."""

import threading

import pytest

from service.draft import Drafter
from service.local_model import LocalModel
from service.prompt import Message, fixed_messages
from service.settings import Settings
from service.wiring import _make_drafter


class ColdModel(LocalModel):
    """A model that reads what it is told ahead, or fails at it."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.read: list[list[Message]] = []

    def warm(self, messages: list[Message]) -> None:
        self.read.append(messages)
        if self.error:
            raise self.error


def make(model: ColdModel) -> Drafter:
    """A drafter with `model`, after it has got ready."""
    before = set(threading.enumerate())
    drafter = _make_drafter(Settings(model="local/cold"), model)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    return drafter


def test_the_embedded_model_reads_the_fixed_part_ahead() -> None:
    model = ColdModel()
    assert make(model).model == "local/cold"
    assert model.read == [fixed_messages()]


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

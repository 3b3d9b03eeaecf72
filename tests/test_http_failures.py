"""POST /chat where a provider fails or the service crashes: its status, quotes, the fallback."""

import time
from pathlib import Path

import pytest
from fake_provider import (
    Script,
    breaks_off_after,
    hangs,
    hangs_after,
    provide,
    refuses,
    sends,
    speaks,
)
from http_service import (
    DRAFT,
    PASSING,
    QUESTION,
    WEAK,
    ScriptedModel,
    app_over,
    ask_provider,
    make_answerer,
    read_error,
)
from starlette.testclient import TestClient

from service.answerer import FAILED, LATE, Answerer
from service.draft import Drafter
from service.errors import ModelFailed, ModelReplyWrong, ModelTimedOut, ModelUnavailable
from service.settings import Settings

pytest_plugins = ["http_fixtures"]


@pytest.fixture(scope="module", autouse=True)
def first_call(index: Path) -> None:
    """litellm imports what a provider needs at its first call, which takes seconds."""
    ask_provider(index, speaks(DRAFT, " [1]."), QUESTION, timeout=60.0)


@pytest.mark.parametrize(
    ("script", "status", "code"),
    [
        (refuses(401), 503, "model_key_refused"),
        (refuses(404), 503, "model_unknown"),
        (refuses(429), 503, "model_unavailable"),
        (refuses(500), 503, "model_unavailable"),
        (hangs, 504, "model_timed_out"),
        (sends("text/html", "<html>"), 502, "model_reply_wrong"),
        (speaks(), 502, "model_reply_wrong"),
    ],
    ids=["key", "model", "too many", "failing", "silent", "html", "empty"],
)
def test_a_provider_s_fault_has_its_status(
    index: Path, script: Script, status: int, code: str
) -> None:
    response = ask_provider(index, script, WEAK if code in PASSING else QUESTION)
    read_error(response, status, code)
    assert "sk-secret" not in response.text


@pytest.mark.parametrize(
    ("script", "code", "opening"),
    [
        (refuses(429), "model_unavailable", FAILED),
        (refuses(500), "model_unavailable", FAILED),
        (hangs, "model_timed_out", LATE),
        (hangs_after("Captain "), "model_timed_out", LATE),
        (breaks_off_after("Captain "), "model_unavailable", FAILED),
        (sends("text/html", "<html>"), "model_reply_wrong", FAILED),
        (speaks(), "model_reply_wrong", FAILED),
        (speaks("..."), "model_reply_wrong", FAILED),
    ],
    ids=["too many", "failing", "silent", "stuck", "broken off", "html", "empty", "signs"],
)
def test_strong_evidence_is_quoted_in_place_of_a_model_that_fails(
    index: Path, script: Script, code: str, opening: str
) -> None:
    started = time.monotonic()
    response = ask_provider(index, script, QUESTION)
    assert time.monotonic() - started < 3
    assert response.status_code == 200
    answer = response.json()
    assert answer["status"] == "quotes"
    assert answer["text"].startswith(f"{opening} “{DRAFT}.” [1]")
    assert answer["citations"][0]["quote"] == f"{DRAFT}."
    assert answer["failure"]["code"] == code
    assert answer["failure"]["message"].endswith(".")
    assert "sk-secret" not in response.text


@pytest.mark.parametrize("script", [refuses(500), hangs, speaks()], ids=["down", "silent", "empty"])
def test_the_fallback_answers_where_the_provider_fails(index: Path, script: Script) -> None:
    with provide(script) as first, provide(speaks(DRAFT, " [1].")) as second:
        settings = Settings(model="openai/m", api_base=first.url, api_key="k", retries=0)
        other = settings.model_copy(update={"model": "openai/other", "api_base": second.url})
        drafters = Drafter(settings), Drafter(other)
        app = app_over(make_answerer(index, drafters[0], fallback=drafters[1], timeout=2.0))
        answer = TestClient(app).post("/chat", json={"question": QUESTION}).json()
    assert (answer["status"], answer["model"]) == ("answered", "openai/other")
    assert (answer["text"], answer["failure"]) == (f"{DRAFT} [1].", None)
    assert (len(first.requests), len(second.requests)) == (1, 1)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ModelUnavailable("Out; wait."), 503),
        (ModelTimedOut("Late; wait."), 504),
        (ModelReplyWrong("Odd; look."), 502),
        (ModelFailed("Failed; look."), 503),
    ],
)
def test_after_a_failure_the_next_question_is_answered(
    client: TestClient, model: ScriptedModel, error: ModelFailed, status: int
) -> None:
    model.error = error
    response = client.post("/chat", json={"question": WEAK})
    assert response.status_code == status
    assert response.json()["error"]["message"] == str(error)
    model.error = None
    assert client.post("/chat", json={"question": QUESTION}).json()["status"] == "answered"


def test_a_crash_is_told_in_fixed_words_and_the_next_question_is_answered(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("secret of /srv/dateline")

    with monkeypatch.context() as patch:
        patch.setattr(Answerer, "_find_evidence", crash)
        response = client.post("/chat", json={"question": QUESTION})
    message = read_error(response, 500, "internal")
    assert message == "Something went wrong here; the log has the details."
    assert "secret of /srv/dateline" in caplog.text
    assert client.post("/chat", json={"question": QUESTION}).json()["status"] == "answered"

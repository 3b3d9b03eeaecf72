"""Every setting comes from its variable, is documented, and says which variable is wrong."""

from pathlib import Path
from typing import Any

import pytest

from service.errors import SettingWrong
from service.settings import PREFIX, Settings, read_settings

ROOT = Path(__file__).parent.parent

READ = {
    "model": ("openai/gpt-4o-mini", "openai/gpt-4o-mini"),
    "api_base": ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
    "api_key": (" sk-1\n", "sk-1"),
    "fallback_model": ("ollama/llama3.2", "ollama/llama3.2"),
    "timeout": ("2.5", 2.5),
    "retries": ("0", 0),
    "threads": ("3", 3),
    "index": ("/srv/index", Path("/srv/index")),
    "data": ("/srv/data", Path("/srv/data")),
    "weights": ("/srv/weights", Path("/srv/weights")),
    "embedding_model": ("/srv/embedding", "/srv/embedding"),
    "reranker": ("/srv/reranker", "/srv/reranker"),
    "second_opinion": ("model", "model"),
    "questions_at_once": ("5", 5),
    "key_rate": ("7/hour", "7/hour"),
    "address_rate": ("none", "none"),
    "cors_origins": (
        "https://a.example, https://b.example",
        ("https://a.example", "https://b.example"),
    ),
    "hosts": ("news.example, *.wires.example", ("news.example", "*.wires.example")),
    "proxies": ("10.0.0.1", ("10.0.0.1",)),
    "retention_days": ("30", 30),
    "log_questions": ("true", True),
    "traces": ("http://127.0.0.1:4318/v1/traces", "http://127.0.0.1:4318/v1/traces"),
    "slack_bot_token": ("xoxb-1", "xoxb-1"),
    "slack_signing_secret": ("5ec2e7", "5ec2e7"),
    "slack_app_token": ("xapp-1", "xapp-1"),
    "slack_client_id": ("1.2", "1.2"),
    "slack_client_secret": ("c11e47", "c11e47"),
    "slack_channels": ("C1, C2", ("C1", "C2")),
    "slack_follow_ups": ("none", ("none",)),
    "slack_private": ("true", True),
}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(PREFIX + field.upper(), raising=False)


def test_the_table_of_this_test_has_every_setting() -> None:
    assert set(READ) == set(Settings.model_fields)


@pytest.mark.parametrize("field", Settings.model_fields)
def test_a_setting_is_read_from_its_variable(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, value = READ[field]
    assert getattr(read_settings(), field) != value
    monkeypatch.setenv(PREFIX + field.upper(), text)
    assert getattr(read_settings(), field) == value


@pytest.mark.parametrize("field", Settings.model_fields)
def test_an_empty_variable_is_as_good_as_none(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    default = getattr(read_settings(), field)
    monkeypatch.setenv(PREFIX + field.upper(), "")
    assert getattr(read_settings(), field) == default


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("MODEL", " "),
        ("API_BASE", "localhost:8080"),
        ("API_BASE", "http://"),
        ("API_BASE", "http://["),
        ("FALLBACK_MODEL", " "),
        ("FALLBACK_MODEL", "local/other"),
        ("TIMEOUT", "abc"),
        ("TIMEOUT", "0"),
        ("TIMEOUT", "-1"),
        ("TIMEOUT", "nan"),
        ("TIMEOUT", "inf"),
        ("RETRIES", "-1"),
        ("RETRIES", "11"),
        ("RETRIES", "1.5"),
        ("THREADS", "0"),
        ("THREADS", "many"),
        ("QUESTIONS_AT_ONCE", "0"),
        ("KEY_RATE", "many"),
        ("ADDRESS_RATE", "-1/minute"),
        ("RETENTION_DAYS", "0"),
        ("LOG_QUESTIONS", "perhaps"),
        ("TRACES", "collector:4318"),
        ("SLACK_CHANNELS", "#general"),
        ("SLACK_FOLLOW_UPS", "general"),
        ("SLACK_PRIVATE", "perhaps"),
    ],
)
def test_a_wrong_value_names_its_variable(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + name, text)
    with pytest.raises(SettingWrong) as caught:
        read_settings()
    assert str(caught.value).startswith(f"{PREFIX}{name} is set to {text!r}, which is wrong: ")
    assert "\n" not in str(caught.value)


def test_the_message_says_the_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_TIMEOUT", "abc")
    with pytest.raises(SettingWrong) as caught:
        read_settings()
    assert str(caught.value) == (
        "DATELINE_TIMEOUT is set to 'abc', which is wrong: "
        "input should be a valid number, unable to parse string as a number."
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DATELINE_MODLE", "DATELINE_MODEL"),
        ("DATELINE_MODEL_NAME", "DATELINE_MODEL"),
        ("DATELINE_APIKEY", "DATELINE_API_KEY"),
        ("DATELINE_OPENAI_API_KEY", "DATELINE_API_KEY"),
        ("DATELINE_TIME_OUT", "DATELINE_TIMEOUT"),
        ("DATELINE_EMBEDDINGS", "DATELINE_EMBEDDING_MODEL"),
        ("dateline_retry", "DATELINE_RETRIES"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_one_that_was_meant(
    name: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "x")
    with pytest.raises(SettingWrong) as caught:
        read_settings()
    assert str(caught.value) == f"{name} is no setting; did you mean {meant}?"


@pytest.mark.parametrize("name", ["PORT", "SERVICE_HOST", "PORT_8000_TCP_ADDR", "VERSION", ""])
def test_a_name_like_no_setting_may_be_another_program_s(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + name, "x")
    monkeypatch.setenv("XDATELINE_MODLE", "x")
    assert read_settings() == Settings()


def test_a_setting_s_name_may_be_in_small_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("dateline_retries", "4")
    assert read_settings().retries == 4


@pytest.mark.parametrize("key", ["sk-“quoted”", "sk 1", "sk\r\nX-Other: 1"])
def test_a_wrong_key_is_refused_and_not_shown(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_API_KEY", key)
    with pytest.raises(SettingWrong) as caught:
        read_settings()
    assert str(caught.value) == (
        "DATELINE_API_KEY is set to a value, which is wrong: "
        "a key has no white space and no typographic signs."
    )


OWN: dict[str, Any] = {"api_base": "http://127.0.0.1:9/v1", "api_key": "k", "timeout": 3.0}


@pytest.mark.parametrize(
    ("model", "fallback", "base"),
    [
        ("openai/a", "openai/b", "http://127.0.0.1:9/v1"),
        ("openai/a", "groq/a", None),
        ("openai/a", "local/a", None),
        ("a", "b", None),
    ],
)
def test_the_fallback_has_the_key_only_of_its_own_provider(
    model: str, fallback: str, base: str | None
) -> None:
    settings = Settings(model=model, fallback_model=fallback, **OWN).of_fallback
    assert settings is not None
    assert (settings.model, settings.fallback_model) == (fallback, None)
    assert (settings.api_base, settings.api_key) == (base, "k" if base else None)
    assert settings.timeout == 3.0


def test_without_a_fallback_there_are_no_settings_of_one() -> None:
    assert Settings().of_fallback is None


def test_the_key_is_not_in_the_settings_text() -> None:
    assert "sk-secret" not in repr(Settings(api_key="sk-secret"))


def test_the_weights_are_among_the_data_unless_they_are_put_elsewhere() -> None:
    assert Settings(data=Path("/srv")).weights_folder == Path("/srv/models")
    assert Settings(data=Path("/srv"), weights=Path("/w")).weights_folder == Path("/w")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().timeout = 1.0  # type: ignore[misc]


@pytest.mark.parametrize("field", Settings.model_fields)
def test_a_setting_is_in_the_readme(field: str) -> None:
    readme = ROOT / "README.md"
    assert readme.is_file(), "README.md is not written yet"
    assert f"{PREFIX}{field.upper()}" in readme.read_text(encoding="utf-8")

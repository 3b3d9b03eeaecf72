"""Environment variables -> Settings. The only reader of the environment."""

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from limits import RateLimitItem, parse
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from index.vectors import PACKAGED_MODEL
from service.errors import SettingWrong

PREFIX = "DATELINE_"

UNLIMITED = "none"
"""The rate that limits nothing."""

MODEL_ITSELF = "model"
"""The second opinion of the model that wrote the sentence."""

LOCAL = "local"
"""The prefix of the models that run in this process."""


def _check_address(text: str) -> str:
    if urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).netloc:
        raise PydanticCustomError("address", "an address begins with http:// or https://")
    return text


def _check_key(text: str) -> str:
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise PydanticCustomError("key", "a key has no white space and no typographic signs")
    return text


def _check_bot_token(text: str) -> str:
    if not text.startswith("xoxb-"):
        raise PydanticCustomError("bot_token", "the bot's token begins with xoxb-")
    return text


def _check_app_token(text: str) -> str:
    if not text.startswith("xapp-"):
        raise PydanticCustomError("app_token", "the app-level token begins with xapp-")
    return text


def _check_rate(text: str) -> str:
    if text == UNLIMITED:
        return text
    try:
        parse(text)
    except ValueError as error:
        raise PydanticCustomError(
            "rate", "a rate is like 60/minute or 1000/hour, or none"
        ) from error
    return text


def _split(text: object) -> object:
    """The parts of a list that is written with commas."""
    return (
        [part.strip() for part in text.split(",") if part.strip()]
        if isinstance(text, str)
        else text
    )


Rate = Annotated[str, AfterValidator(_check_rate)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


def _check_channel(name: str) -> str:
    if name not in {"all", "none"} and not (name.isalnum() and name.isupper()):
        raise PydanticCustomError("channel", "a channel's id is like C0123ABC456; names change")
    return name


Key = Annotated[str, AfterValidator(_check_key)]
Channels = Annotated[
    tuple[Annotated[str, AfterValidator(_check_channel)], ...], NoDecode, BeforeValidator(_split)
]


class Settings(BaseSettings):
    """What two deployments differ in; each field is DATELINE_ and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        str_strip_whitespace=True,
    )

    model: str = Field(default="local/qwen2.5-coder-1.5b", min_length=1)
    """Any litellm model name; local/NAME is the embedded one, local/PATH.gguf another file."""

    api_base: Annotated[str, AfterValidator(_check_address)] | None = None
    """Where the provider answers, for a server of your own."""

    api_key: Annotated[str, AfterValidator(_check_key)] | None = Field(default=None, repr=False)
    """The provider's key, where its own variable (OPENAI_API_KEY, …) is not used."""

    fallback_model: str | None = Field(default=None, min_length=1)
    """Any such name; asked where the first model fails before its first word."""

    timeout: float = Field(default=60.0, gt=0, le=3600)
    """Seconds for all of the models' replies to one question."""

    retries: int = Field(default=2, ge=0, le=10)
    """Further tries when a provider fails before its first word."""

    threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    """Processor threads of the embedded model."""

    index: Path = Path("data/index")
    """The index that questions are answered from."""

    data: Path = Path("data")
    """Where answers and keys are kept, and the model's files where `weights` is not set."""

    weights: Path | None = None
    """Where the embedded model's files are kept, apart from what cannot be made anew."""

    embedding_model: str = PACKAGED_MODEL
    """The sentence-transformers folder that the index was made with."""

    reranker: str | None = Field(default=None, min_length=1)
    """The folder of a cross-encoder that reads the first passages again."""

    second_opinion: str | None = Field(default=None, min_length=1)
    """Who reads each sentence with its quotes once more: `model`, or a cross-encoder's folder."""

    questions_at_once: int = Field(default=64, ge=1, le=10_000)
    """Questions that are answered or wait for the model; the next one is sent away for a while."""

    key_rate: Rate = "600/minute"
    """Requests that one key may send."""

    address_rate: Rate = "300/minute"
    """Requests that one address may send without a key, or with a wrong one."""

    cors_origins: Names = ()
    """Other sites whose pages may call the service, with commas; * is every one."""

    hosts: Names = ()
    """Names that requests may call the service by, with commas; * stands for any part of one."""

    proxies: Names = ()
    """Addresses of proxies whose X-Forwarded-For is believed, with commas."""

    retention_days: int | None = Field(default=None, ge=1)
    """Days after which answers are forgotten; never where it is not set."""

    log_questions: bool = False
    """Whether the log holds the questions' text."""

    traces: Annotated[str, AfterValidator(_check_address)] | None = None
    """Where an OpenTelemetry collector takes traces over HTTP, with its path /v1/traces."""

    slack_bot_token: Annotated[Key, AfterValidator(_check_bot_token)] | None = Field(
        default=None, repr=False
    )
    """xoxb-…, where the bot serves one workspace."""

    slack_signing_secret: Key | None = Field(default=None, repr=False)
    """Proves that a request is Slack's; with it the HTTP service takes /slack/events."""

    slack_app_token: Annotated[Key, AfterValidator(_check_app_token)] | None = Field(
        default=None, repr=False
    )
    """xapp-…, for Socket Mode."""

    slack_client_id: str | None = None
    """With the client secret: workspaces install the bot themselves, at /slack/install."""

    slack_client_secret: Key | None = Field(default=None, repr=False)
    """Belongs to the client id."""

    slack_channels: Channels = ()
    """The channels that the bot answers in, by id; all that it is in where none are named."""

    slack_follow_ups: Channels = ("all",)
    """Channels in whose threads a follow-up needs no mention: ids, all or none."""

    slack_private: bool = False
    """Answers in channels are seen by the asker only."""

    @field_validator("fallback_model")
    @classmethod
    def _check_fallback(cls, name: str | None, others: ValidationInfo) -> str | None:
        if name and _provider(name) == _provider(others.data.get("model", "")) == LOCAL:
            raise PydanticCustomError("fallback", "one of the two models runs elsewhere")
        return name

    @property
    def weights_folder(self) -> Path:
        """Where the embedded model's files are."""
        return self.weights or self.data / "models"

    @property
    def key_limit(self) -> RateLimitItem | None:
        """`key_rate`, None where it limits nothing."""
        return None if self.key_rate == UNLIMITED else parse(self.key_rate)

    @property
    def address_limit(self) -> RateLimitItem | None:
        """`address_rate`, None where it limits nothing."""
        return None if self.address_rate == UNLIMITED else parse(self.address_rate)

    @property
    def of_fallback(self) -> "Settings | None":
        """The settings with the fallback as their model, None where none is named.

        The address and the key are those of a provider: another one is found by its own variables.
        """
        if self.fallback_model is None:
            return None
        changed: dict[str, str | None] = {"model": self.fallback_model, "fallback_model": None}
        if _provider(self.fallback_model) != _provider(self.model):
            changed |= {"api_base": None, "api_key": None}
        return self.model_copy(update=changed)


def _provider(model: str) -> str:
    return model.partition("/")[0]


def read_settings() -> Settings:
    """The settings in the environment; raises SettingWrong naming the variable and the fault."""
    _check_names()
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        value = repr(first["input"]) if Settings.model_fields[field].repr else "a value"
        raise SettingWrong(
            f"{PREFIX}{field.upper()} is set to {value}, which is wrong: {first['msg'].lower()}."
        ) from error


def _check_names() -> None:
    """Refuse a name that is nearly a setting's; one like none of them is somebody else's.

    Kubernetes, for one, sets DATELINE_PORT and others for a service called dateline.
    """
    fields = [field.upper() for field in Settings.model_fields]
    for name in sorted(os.environ):
        prefix, field = name.upper()[: len(PREFIX)], name.upper()[len(PREFIX) :]
        if prefix != PREFIX or field in fields:
            continue
        if near := get_close_matches(field, fields, n=1):
            raise SettingWrong(f"{name} is no setting; did you mean {PREFIX}{near[0]}?")

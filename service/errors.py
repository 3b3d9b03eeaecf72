"""The failures of asking a question, each with a message for its user.

DatelineError (index/errors.py, with the failures of the index under it)
├── SettingWrong         an environment variable is misspelt or holds what it cannot
├── KeysWrong            the file of keys is damaged, or a key's name is wrong, taken or unknown
├── NotReady             the index and the models are still being loaded
├── SlackFailed          Slack cannot be reached, or refuses the bot's tokens
├── QuestionRefused      the question or its history is empty, too long or malformed
└── ModelFailed          the language model gave no usable reply
    ├── ModelUnknown     no provider or file goes by the model's name
    ├── ModelKeyRefused  the provider refused the key, or none is set
    ├── ModelUnavailable the provider or the model's files cannot be reached or read
    ├── ModelTimedOut    no whole reply within the time set
    └── ModelReplyWrong  a reply that is not a chat completion, or one without a sentence
"""

import traceback
from typing import ClassVar

from index.errors import DatelineError


class SettingWrong(DatelineError):
    """An environment variable is misspelt or holds what it cannot."""


class KeysWrong(DatelineError):
    """The file of keys is damaged, or a key's name is wrong, taken or unknown."""


class NotReady(DatelineError):
    """The index and the models are still being loaded."""

    code: ClassVar[str] = "not_ready"


class SlackFailed(DatelineError):
    """Slack cannot be reached, or refuses the bot's tokens."""


class QuestionRefused(DatelineError):
    """The question or its history is empty, too long or malformed."""

    code: ClassVar[str] = "question_refused"


class ModelFailed(DatelineError):
    """The language model gave no usable reply."""


class ModelUnknown(ModelFailed):
    """No provider or file goes by the model's name."""

    code: ClassVar[str] = "model_unknown"


class ModelKeyRefused(ModelFailed):
    """The provider refused the key, or none is set."""

    code: ClassVar[str] = "model_key_refused"


class ModelUnavailable(ModelFailed):
    """The provider or the model's files cannot be reached or read."""

    code: ClassVar[str] = "model_unavailable"


class ModelTimedOut(ModelFailed):
    """No whole reply came within the time set."""

    code: ClassVar[str] = "model_timed_out"


class ModelReplyWrong(ModelFailed):
    """The reply is not a chat completion, or has no sentence."""

    code: ClassVar[str] = "model_reply_wrong"


def last_line(error: Exception) -> str:
    """The last line of an engine's message, or its kind where it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__


def trace_of(error: BaseException) -> str:
    """An error's kind and where it was raised, without its message, which may be private."""
    return "".join([f"{type(error).__name__}\n", *traceback.format_tb(error.__traceback__)])

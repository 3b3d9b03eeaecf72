"""What went wrong with a provider -> the failure that is told, and what to do about it (pure)."""

from collections.abc import Callable, Iterator

import httpx

from service.errors import (
    ModelFailed,
    ModelKeyRefused,
    ModelReplyWrong,
    ModelTimedOut,
    ModelUnavailable,
    ModelUnknown,
)

_MISREAD = (ValueError, TypeError, AttributeError, KeyError, IndexError)
"""What a provider's client trips over in a reply that is no chat completion."""

_SERVER_TIMED_OUT, _SERVER_FAILED = 408, 500
_CHECK = "check DATELINE_MODEL and DATELINE_API_BASE"


def unknown(model: str) -> ModelUnknown:
    """The failure for a name that is no model's."""
    return ModelUnknown(
        f"No model goes by the name {model!r}; set DATELINE_MODEL to a litellm name such "
        "as openai/gpt-4o-mini, ollama/llama3.2 or local/qwen2.5-coder-1.5b."
    )


def timed_out(model: str, seconds: float) -> ModelTimedOut:
    """The failure for a reply that was not whole within the seconds set."""
    return ModelTimedOut(
        f"{model} did not finish its reply within {seconds:.3g} s; ask again, or raise "
        "DATELINE_TIMEOUT."
    )


def empty_reply(model: str) -> ModelFailed:
    """The failure for a reply without a word."""
    return _failed(model, ModelReplyWrong, f"sent an empty reply; ask again, or {_CHECK}")


def refused_request(model: str, status: int) -> ModelFailed:
    """The failure for a request that was answered by an HTTP status alone."""
    return _failed(model, *_meaning(status, misread=False))


def name_failure(
    model: str, error: Exception, *, missing_keys: Callable[[], list[str]]
) -> ModelFailed:
    """The failure that litellm's `error` stands for.

    `missing_keys` gives the variables of the provider's key where none is set.
    """
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ModelFailed):
            return cause
    sent = any(isinstance(cause, httpx.HTTPError) for cause in causes)
    if not sent and (missing := missing_keys()):
        what = f"needs a key; set DATELINE_API_KEY or {' or '.join(missing)}"
        return _failed(model, ModelKeyRefused, what)
    misread = isinstance(causes[-1], _MISREAD) and not sent
    return _failed(model, *_meaning(getattr(error, "status_code", 500), misread=misread))


def _failed(model: str, kind: type[ModelFailed], what: str) -> ModelFailed:
    return kind(f"The provider of {model} {what}.")


def _meaning(status: int, *, misread: bool) -> tuple[type[ModelFailed], str]:
    """The failure that an HTTP status stands for, and what the provider did in words."""
    match status:
        case 401 | 403:
            return ModelKeyRefused, (
                "refused the key, or none is set; set DATELINE_API_KEY or the provider's own "
                "variable"
            )
        case 404:
            return ModelUnknown, (
                "has no such model, or is not at the address set; correct DATELINE_MODEL or "
                "DATELINE_API_BASE"
            )
        case 429:
            return ModelUnavailable, "takes no more requests just now; ask again later"
        case _ if status < _SERVER_FAILED and status != _SERVER_TIMED_OUT:
            return ModelReplyWrong, f"refused the request (HTTP {status}); {_CHECK}"
        case _ if misread:
            return ModelReplyWrong, f"sent a reply that is no chat completion; {_CHECK}"
    return ModelUnavailable, (
        "cannot be reached or is failing; check that it runs (DATELINE_API_BASE) and ask again"
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error`, what it came from, and so on to the root, each once: a cause may be its own."""
    found: BaseException | None = error
    seen: set[int] = set()
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = getattr(found, "original_exception", None) or found.__cause__ or found.__context__

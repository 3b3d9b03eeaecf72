"""A failure -> the contract's JSON with its status. Every error leaves through here."""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from index import errors as index_errors
from index.errors import DatelineError
from service import errors

log = logging.getLogger("dateline.http")

CLIENT_LEFT = 499
"""The status, which nobody sees, of a request whose client closed the connection."""

SOON = {"Retry-After": "5"}

_STATUS: dict[type[DatelineError], int] = {
    errors.QuestionRefused: 422,
    errors.ModelReplyWrong: 502,
    errors.ModelTimedOut: 504,
    index_errors.WriteFailed: 507,
}
_OTHER_FAILURE = 503

_HTTP_ERRORS = {
    404: ("not_found", "There is nothing here; GET /openapi.json says what there is."),
    405: ("method_not_allowed", "This path takes other methods; see GET /openapi.json."),
}


class Refused(HTTPException):
    """A request that is refused at the door; its status, code, message and headers."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, message, headers)
        self.code = code


class ErrorDetail(BaseModel):
    """What went wrong: a name for programs and a sentence for people."""

    code: str
    message: str


class Error(BaseModel):
    """An error as every path gives it."""

    error: ErrorDetail


def add_errors(app: FastAPI) -> None:
    """Have every failure leave `app` in the contract's form."""
    app.exception_handler(DatelineError)(_failure)
    app.exception_handler(RequestValidationError)(_wrong_request)
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(Refused)(_refused)


def refuse(refused: Refused) -> JSONResponse:
    """The reply to a request that is refused."""
    return _error(refused.status_code, refused.code, refused.detail, refused.headers)


def failure(error: DatelineError) -> JSONResponse:
    """The reply to a request that failed in a way that we name."""
    log.warning("%s: %s", error.code, type(error).__name__)
    status = _STATUS.get(type(error), _OTHER_FAILURE)
    headers = SOON if isinstance(error, errors.NotReady) else None
    return _error(status, error.code, str(error), headers)


def crash(error: Exception) -> JSONResponse:
    """The reply to a request that failed in a way nobody thought of; the log has the details."""
    log.error("unexpected failure", exc_info=error)
    return _error(500, *CRASH)


CRASH = ("internal", "Something went wrong here; the log has the details.")


def describe(error: DatelineError | Refused) -> dict[str, Any]:
    """A failure as an `error` event has it."""
    message = error.detail if isinstance(error, Refused) else str(error)
    return {"error": {"code": error.code, "message": message}}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a path for OpenAPI: those that every one may give, and `statuses`."""
    return {
        status: {"model": Error, "description": _MEANING[status]}
        for status in sorted({401, 413, 422, 429, 500, 503, *statuses})
    }


_MEANING = {
    401: "A key is needed, or the one sent is unknown.",
    403: "The key has no admin scope.",
    404: "There is no such thing, or it is another key's.",
    408: "The request did not arrive in time.",
    409: "It cannot be done as things stand.",
    413: "The request is too large.",
    422: "The request is wrong; the message says where.",
    429: "Too many requests; Retry-After says when to come back.",
    500: "Something went wrong here.",
    502: "The model's provider sent what is no answer.",
    503: "Too much to do, not ready yet, or the model cannot be reached.",
    504: "The model did not answer in time.",
    507: "There is no room on the disk.",
}


def _error(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return JSONResponse(
        {"error": {"code": code, "message": message}}, status_code=status, headers=headers
    )


async def _failure(_: Request, error: DatelineError) -> JSONResponse:
    return failure(error)


async def _wrong_request(_: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return _error(422, "wrong_request", f"{place}: {first['msg']}.")


async def _http_error(request: Request, error: HTTPException) -> JSONResponse:
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return _error(422, "wrong_request", "body: It is no JSON; send an object in UTF-8.")
    code, message = _HTTP_ERRORS.get(error.status_code, ("http_error", f"{error.detail}."))
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    return _error(error.status_code, code, message, headers)


def _methods(request: Request) -> set[str]:
    """All methods of the request's path; the router names those of its first route only."""
    described: dict[str, dict[str, object]] = request.app.openapi()["paths"]
    asked = request.scope["path"]
    for path, operations in sorted(described.items(), key=lambda item: -len(item[0])):
        pattern = re.sub(r"\\\{.*?\\\}", ".+", re.escape(path))
        if re.fullmatch(pattern, asked):
            return {method.upper() for method in operations}
    return set()


async def _refused(_: Request, error: Refused) -> JSONResponse:
    return refuse(error)

"""The parts that several paths' requests share: filters, days, who calls."""

import re
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema
from pydantic_core import PydanticCustomError

from index.part import Filters
from service.http.errors import Refused
from service.keys import Caller

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


WORDS = r"[^\W_]"
"""A text with a letter or a digit, for the OpenAPI description: the check itself is isalnum()."""


class Strict(BaseModel):
    """No unknown fields."""

    model_config = ConfigDict(extra="forbid")


def _read_day(value: object) -> object:
    """A day as YYYY-MM-DD; no numbers of seconds, and no other spelling."""
    if value is None or isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("day", "A day is written YYYY-MM-DD")


Day = Annotated[
    date, BeforeValidator(_read_day), WithJsonSchema({"type": "string", "format": "date"})
]
"""A date; strings only, so that 0 is no day of 1970."""


def read_filters(
    source: Annotated[str | None, Query(max_length=200, description="A publisher")] = None,
    published_from: Annotated[Day | None, Query(description="The first day")] = None,
    published_to: Annotated[Day | None, Query(description="The last day")] = None,
) -> Filters:
    """The filters of a query."""
    return Filters(source, published_from, published_to)


def read_caller(request: Request) -> Caller:
    """Who sent the request, as the guard found out."""
    caller: Caller = request.state.caller
    return caller


def read_admin(request: Request) -> Caller:
    """Who sent the request; raises Refused where it is no admin."""
    caller = read_caller(request)
    if not caller.admin:
        raise Refused(
            403,
            "admin_needed",
            "This needs a key with the admin scope: `python -m service keys add NAME --admin`.",
        )
    return caller


QueryFilters = Annotated[Filters, Depends(read_filters)]
Asker = Annotated[Caller, Depends(read_caller)]
Admin = Annotated[Caller, Depends(read_admin)]

"""JSON or JSON lines -> records, one by one; what is broken is passed on as its refusal."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from index.errors import ArticleRefused
from index.file_text import decoded

LARGEST_LINES = 2**30  # bytes of a file of JSON lines, which is read line by line
LONGEST_LINE = 64 * 2**20  # bytes
UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Record:
    """One JSON object and how messages name it (news.jsonl, line 3)."""

    name: str
    fields: Mapping[str, object]


def records_of_text(text: str, *, name: str) -> Iterator[Record | ArticleRefused]:
    """The record of a JSON text, or those of its list."""
    value = _parsed(text, name=name)
    values = value if isinstance(value, list) else [value]
    if not values:
        yield ArticleRefused(f"{name} is an empty list: put article records into it or remove it.")
    for number, item in enumerate(values, start=1):
        yield _record(item, name=f"{name}, record {number}" if len(values) > 1 else name)


def records_of_lines(stream: BinaryIO, *, name: str) -> Iterator[Record | ArticleRefused]:
    """The record of each line that is not blank; a line may be of any encoding."""
    for number, line in enumerate(_lines(stream), start=1):
        here = f"{name}, line {number}"
        if line is None:
            yield ArticleRefused(f"{here} is no text or too long: correct it there.")
        elif line.strip():
            yield _record(_parsed(line, name=f"{here},"), name=here)


def _lines(stream: BinaryIO) -> Iterator[str | None]:
    first = stream.readline(LONGEST_LINE)
    if first.startswith(UTF16):
        yield from (decoded(first + stream.read(LONGEST_LINE)) or "").splitlines()
        return
    while first:
        is_whole = first.endswith(b"\n") or len(first) < LONGEST_LINE
        yield decoded(first) if is_whole else None
        while not is_whole:
            rest = stream.readline(LONGEST_LINE)
            is_whole = rest.endswith(b"\n") or len(rest) < LONGEST_LINE
        first = stream.readline(LONGEST_LINE)


def _record(value: object, *, name: str) -> Record | ArticleRefused:
    if isinstance(value, ArticleRefused):
        return value
    if not isinstance(value, dict):
        return ArticleRefused(f"{name} is not an article record: make it a JSON object.")
    return Record(name, value)


def _parsed(text: str, *, name: str) -> object:
    """The value of a JSON text, or the refusal of a broken one."""
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        return ArticleRefused(
            f"{name} is not valid JSON ({error.msg} at line {error.lineno}, column "
            f"{error.colno}): "
            "correct it there."
        )
    except (ValueError, RecursionError):
        return ArticleRefused(
            f"{name} has a number too long or lists too deep to be read: correct it there."
        )
    return value

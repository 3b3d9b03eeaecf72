"""A folder of hand-written YAML -> checked entries, refused with file and line."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from eval.errors import CaseRefused

Half = Literal["development", "held-out"]


class Strict(BaseModel):
    """What an entry is made of: it takes no field that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Entry = TypeVar("Entry", bound=Strict)


def half_of(key: str) -> Half:
    """The half that the entry with this key belongs to for good: only `development` is tuned on."""
    odd = hashlib.sha256(key.encode()).digest()[0] % 2
    return "held-out" if odd else "development"


def read_folder(
    folder: Path, model: type[Entry], *, key: Callable[[Entry], str], context: object = None
) -> tuple[Entry, ...]:
    """The entries of every .yaml file in `folder`, by file name and line; of each `key` one.

    Raises CaseRefused, which names file and line, for the first thing that is wrong.
    """
    entries: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.yaml")):
        for entry, line in _read_file(path, model, context=context):
            if key(entry) in entries:
                raise CaseRefused(f"{path}:{line}: {key(entry)!r} is there already.")
            entries[key(entry)] = entry
    if not entries:
        raise CaseRefused(f"{folder} holds no entry; write one into a .yaml file there.")
    return tuple(entries.values())


def _read_file(
    path: Path, model: type[Entry], *, context: object = None
) -> Iterator[tuple[Entry, int]]:
    """The file's entries, each with the line that it begins in; `context` is for their validators.

    Raises CaseRefused, which names file and line, for the first thing that is wrong.
    """
    try:
        tree = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        what = getattr(error, "problem", None) or "it is no text in UTF-8"
        raise CaseRefused(f"{path}:{line}: this is no YAML: {what}.") from error
    if not isinstance(tree, yaml.SequenceNode):
        raise CaseRefused(f"{path}:1: this is no list; begin each entry with `- `.")
    for node in tree.value:
        record = _construct(node)
        try:
            yield model.model_validate(record, context=context), node.start_mark.line + 1
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the entry"
            raise CaseRefused(
                f"{path}:{_line(node, first['loc'])}: {place}: {first['msg']}."
            ) from error


def _construct(node: yaml.Node) -> object:
    """The node's plain value; dates and numbers stay as they are written."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: _construct(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item) for item in node.value]
    if node.tag == "tag:yaml.org,2002:bool":
        return node.value.lower() in {"true", "yes", "on"}
    return node.value


def _line(node: yaml.Node, place: tuple[int | str, ...]) -> int:
    """The line of the innermost part of `place` that stands in the file."""
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = [value for key, value in node.value if key.value == step]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            found = node.value[step : step + 1]
        else:
            found = []
        if not found:
            break
        node = found[0]
    return node.start_mark.line + 1

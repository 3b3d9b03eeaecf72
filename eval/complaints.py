"""An answer that a reader called wrong -> a draft case, to be finished by hand."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from eval.cases import QUESTIONS, read_cases
from eval.errors import CaseRefused
from service.archive import Archive

DRAFTS = QUESTIONS / "drafts"
"""Draft cases wait here: they are not asked until somebody finishes them and moves them up."""

_NOTE = """\
# A draft from an answer that was called wrong. To finish it: say the kind, the facts that a right
# answer holds with their accepted wordings, what must not be said and what to cite; then move the
# case into the file of its kind and delete this one.
"""


def draft_from_archive(archive: Archive, answer_id: str) -> Path:
    """Write the draft case of a stored answer; raises CaseRefused."""
    kept = archive.read(answer_id)
    if kept is None:
        raise CaseRefused(f"{archive.path} holds no answer with the id {answer_id}.")
    return _write(kept.answer, kept.trace, kept.comment)


def drafts_from_file(path: Path) -> Iterator[Path]:
    """Write a draft case for each wrong answer in a .jsonl file of feedback; raises CaseRefused.

    A line holds `answer` (the contract's JSON), `opinion` ("right" or "wrong") and, where there
    are some, `comment` and `trace`.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise CaseRefused(f"{path} cannot be read ({error.strerror}).") from error
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            answer, wrong = record["answer"], record["opinion"] == "wrong"
            asked = {name: str(answer[name]) for name in ("id", "question", "status", "text")}
        except (ValueError, KeyError, TypeError) as error:
            raise CaseRefused(
                f"{path}:{number}: a line of feedback is an object with `answer` and `opinion` "
                f"({type(error).__name__}: {error})."
            ) from error
        if wrong:
            yield _write({**answer, **asked}, record.get("trace") or {}, record.get("comment"))


def _write(answer: Mapping[str, Any], trace: Mapping[str, Any], comment: str | None) -> Path:
    """One file for each answer; raises CaseRefused where it is there, or a case of that id."""
    case_id = f"complaint-{answer['id'][:8]}"
    if not re.fullmatch(r"complaint-[a-z0-9]+", case_id):
        raise CaseRefused(f"an answer's id is of small letters and digits, not {answer['id']!r}.")
    path = DRAFTS / f"{case_id}.yaml"
    if path.exists() or case_id in {case.id for case in read_cases()}:
        raise CaseRefused(f"{path} or a case {case_id} is there already.")
    case = {
        "id": case_id,
        "kind": "",
        "question": answer.get("standalone_question") or answer["question"],
        "why": comment or "a reader called the answer wrong",
        "expect": "answer",
        "facts": [],
        "never": [],
        "cite": [],
    }
    seen = {
        "answer": answer["text"],
        "status": answer["status"],
        "citations": [
            {"article": citation["article_id"], "quote": citation["quote"]}
            for citation in answer.get("citations", ())
        ],
        "removed": list(answer.get("removed", ())),
        "evidence": [shown["text"] for shown in trace.get("evidence", ())],
        "model": answer.get("model"),
        "generation": answer.get("generation"),
    }
    DRAFTS.mkdir(parents=True, exist_ok=True)
    told = yaml.safe_dump(seen, allow_unicode=True, sort_keys=False, width=100)
    comments = "".join(f"#   {line}\n" for line in told.splitlines())
    written = yaml.safe_dump([case], allow_unicode=True, sort_keys=False, width=100)
    path.write_text(f"{_NOTE}{written}# What was answered:\n{comments}", encoding="utf-8")
    return path

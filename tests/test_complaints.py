"""An answer that a reader called wrong becomes a draft that somebody can finish."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from fake_answers import make_answer
from inline_snapshot import snapshot

import eval.complaints
from eval.cases import read_cases
from eval.complaints import draft_from_archive, drafts_from_file
from eval.errors import CaseRefused
from service.archive import Archive

ANSWER = {
    **asdict(make_answer(("Kim received “six” drones.", ("gifts", "five drones and a vest")), removed=1)),
    "id": "a1b2c3d4e5f60718",
}  # fmt: skip
TRACE = {"evidence": [{"number": 1, "text": "Five drones: he got them."}], "draft": "Six [1]."}


@pytest.fixture(autouse=True)
def drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for drafts, in place of the project's own."""
    monkeypatch.setattr(eval.complaints, "DRAFTS", tmp_path / "questions" / "drafts")
    return tmp_path / "questions" / "drafts"


def write(path: Path, *records: Any) -> Path:
    """A file of feedback."""
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records))
    return path


def test_a_draft_shows_all_that_is_known(tmp_path: Path, drafts: Path) -> None:
    archive = Archive(tmp_path / "answers.sqlite")
    archive.save("a1b2c3d4e5f60718", ANSWER, TRACE)
    archive.add_opinion("a1b2c3d4e5f60718", "wrong", "It was five: not six")
    path = draft_from_archive(archive, "a1b2c3d4e5f60718")
    assert path == drafts / "complaint-a1b2c3d4.yaml"
    assert path.read_text(encoding="utf-8") == snapshot("""\
# A draft from an answer that was called wrong. To finish it: say the kind, the facts that a right
# answer holds with their accepted wordings, what must not be said and what to cite; then move the
# case into the file of its kind and delete this one.
- id: complaint-a1b2c3d4
  kind: ''
  question: How many drones did Kim receive?
  why: 'It was five: not six'
  expect: answer
  facts: []
  never: []
  cite: []
# What was answered:
#   answer: Kim received “six” drones.
#   status: answered
#   citations:
#   - article: gifts
#     quote: five drones and a vest
#   removed:
#   - text: Removed 0.
#     reason: it cites nothing
#   evidence:
#   - 'Five drones: he got them.'
#   model: local/tiny
#   generation: g1
""")


def test_a_draft_is_read_once_it_is_finished_and_not_before(tmp_path: Path, drafts: Path) -> None:
    (path,) = drafts_from_file(write(tmp_path / "f.jsonl", {"answer": ANSWER, "opinion": "wrong"}))
    with pytest.raises(CaseRefused, match="holds no entry"):
        read_cases(drafts.parent)
    with pytest.raises(CaseRefused, match="kind"):
        read_cases(drafts)
    (record,) = yaml.safe_load(path.read_text())
    finished = {
        **record,
        "kind": "fact",
        "facts": [["five drones"]],
        "cite": [{"phrase": "five", "articles": ["gifts"]}],
    }
    path.write_text(yaml.safe_dump([finished]))
    (case,) = read_cases(drafts)
    assert (case.id, case.why) == ("complaint-a1b2c3d4", "a reader called the answer wrong")


def test_wrong_answers_of_a_file_become_drafts_and_right_ones_do_not(tmp_path: Path) -> None:
    bare = {"id": "ffff", "question": "Who?", "status": "abstained", "text": "No\u2028idea."}
    path = write(
        tmp_path / "feedback.jsonl",
        {"answer": {**ANSWER, "id": "0000aaaa"}, "opinion": "right"},
        {"answer": bare, "opinion": "wrong", "comment": "It\u2028is\nthere"},
        {"answer": ANSWER, "opinion": "wrong", "trace": TRACE, "comment": None},
    )
    first, second = drafts_from_file(path)
    assert (first.name, second.name) == ("complaint-ffff.yaml", "complaint-a1b2c3d4.yaml")
    (case,) = yaml.safe_load(first.read_text(encoding="utf-8"))
    assert (case["question"], case["why"]) == ("Who?", "It\u2028is\nthere")
    assert "Five drones: he got them." in second.read_text()
    assert yaml.safe_load(second.read_text())[0]["why"] == "a reader called the answer wrong"


def test_a_follow_up_is_kept_as_it_was_understood(tmp_path: Path) -> None:
    answer = {**ANSWER, "question": "And he?", "standalone_question": "What did Kim say?"}
    (path,) = drafts_from_file(write(tmp_path / "f.jsonl", {"answer": answer, "opinion": "wrong"}))
    assert yaml.safe_load(path.read_text())[0]["question"] == "What did Kim say?"


def test_what_is_not_in_the_archive_is_told(tmp_path: Path) -> None:
    with pytest.raises(CaseRefused, match=r"answers\.sqlite holds no answer with the id nothing"):
        draft_from_archive(Archive(tmp_path / "answers.sqlite"), "nothing")


def test_nothing_is_written_over(tmp_path: Path, drafts: Path) -> None:
    path = write(tmp_path / "f.jsonl", {"answer": ANSWER, "opinion": "wrong"})
    (draft,) = drafts_from_file(path)
    draft.write_text("half finished")
    with pytest.raises(CaseRefused, match="is there already"):
        list(drafts_from_file(path))
    assert draft.read_text() == "half finished"
    assert len(list(drafts.iterdir())) == 1


def test_a_case_of_that_id_is_not_drafted_again(
    tmp_path: Path, drafts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (known, *_) = read_cases()
    taken = known.model_copy(update={"id": "complaint-a1b2c3d4"})
    monkeypatch.setattr(eval.complaints, "read_cases", lambda: (taken,))
    with pytest.raises(CaseRefused, match="is there already"):
        list(drafts_from_file(write(tmp_path / "f.jsonl", {"answer": ANSWER, "opinion": "wrong"})))
    assert not drafts.exists()


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "",
        "7",
        "[]",
        "null",
        "{}",
        '{"answer": {}, "opinion": "wrong"}',
        '{"answer": 7, "opinion": "wrong"}',
        '{"answer": {"id": "a", "question": "q", "status": "s"}, "opinion": "right"}',
        '{"answer": {"id": "a", "question": "q", "status": "s", "text": "t"}}',
        "\udcff",
    ],
)
def test_a_line_that_is_no_feedback_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "feedback.jsonl", {"answer": ANSWER, "opinion": "right"})
    path.write_bytes(path.read_bytes() + line.encode(errors="surrogateescape") + b"\n")
    with pytest.raises(CaseRefused, match=r"feedback\.jsonl:2: a line of feedback is"):
        list(drafts_from_file(path))


@pytest.mark.parametrize("answer_id", ["../../x", "A1", "", "a b", "é"])
def test_an_id_that_could_name_another_file_is_refused(
    tmp_path: Path, drafts: Path, answer_id: str
) -> None:
    record = {"answer": {**ANSWER, "id": answer_id}, "opinion": "wrong"}
    with pytest.raises(CaseRefused, match="small letters and digits"):
        list(drafts_from_file(write(tmp_path / "f.jsonl", record)))
    assert not drafts.exists()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CaseRefused, match="cannot be read"):
        list(drafts_from_file(tmp_path / "none.jsonl"))

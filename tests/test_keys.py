"""Keys: only hashes are stored, and a change counts at once."""

import json
from pathlib import Path

import pytest

from index.errors import WriteFailed
from service.errors import KeysWrong
from service.keys import PREFIX, Caller, Keys


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "keys.json"


def test_a_key_opens_for_its_name_and_scope(path: Path) -> None:
    keys = Keys(path)
    assert not keys.in_use
    anna, root = keys.add("anna", admin=False), keys.add("root-2", admin=True)
    assert keys.in_use
    assert anna.startswith(PREFIX)
    assert len(anna) > 40
    assert keys.find(anna) == Caller("anna", admin=False)
    assert keys.find(root) == Caller("root-2", admin=True)
    assert keys.find(anna[:-1]) is None
    assert keys.find("") is None
    assert keys.find("\ud800") is None


def test_the_file_has_hashes_and_is_the_owner_s_alone(path: Path) -> None:
    key = Keys(path).add("anna", admin=False)
    assert key not in path.read_text()
    assert key.removeprefix(PREFIX) not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["keys.json"]


def test_another_process_s_change_counts_at_once(path: Path) -> None:
    running, command = Keys(path), Keys(path)
    first, second = command.add("anna", admin=False), command.add("ben", admin=False)
    assert running.find(first) == Caller("anna")
    command.remove("anna")
    assert running.find(first) is None
    assert running.find(second) == Caller("ben")
    assert [record.name for record in running.list()] == ["ben"]


def test_without_its_last_key_a_service_stays_closed(path: Path) -> None:
    keys = Keys(path)
    keys.add("anna", admin=False)
    keys.remove("anna")
    assert keys.in_use
    assert keys.list() == ()


@pytest.mark.parametrize("name", ["", "Anna", "a b", "-a", "a/b", "ä", "a" * 41, "a\n"])
def test_a_wrong_name_is_refused(path: Path, name: str) -> None:
    with pytest.raises(KeysWrong, match="no name for a key"):
        Keys(path).add(name, admin=False)
    assert not path.exists()


def test_names_are_taken_once_and_unknown_ones_refused(path: Path) -> None:
    keys = Keys(path)
    keys.add("anna", admin=False)
    with pytest.raises(KeysWrong, match="There is a key called anna"):
        keys.add("anna", admin=True)
    with pytest.raises(KeysWrong, match="no key called ben"):
        keys.remove("ben")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"keys": [{"name": "a"}]}', '{"keys": 5}']
)
def test_a_damaged_file_opens_nothing(path: Path, content: str) -> None:
    keys = Keys(path)
    key = keys.add("anna", admin=False)
    assert keys.find(key)
    path.write_text(content)
    with pytest.raises(KeysWrong, match="restore the file"):
        keys.find(key)


def test_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(WriteFailed, match="DATELINE_DATA"):
        Keys(tmp_path / "file" / "keys.json")._write([])


def test_the_file_names_what_each_key_may(path: Path) -> None:
    Keys(path).add("anna", admin=True)
    [record] = json.loads(path.read_text())["keys"]
    assert set(record) == {"name", "admin", "sha256", "made"}
    assert (record["name"], record["admin"]) == ("anna", True)

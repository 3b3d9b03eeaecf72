"""Schemathesis sends what the OpenAPI description allows, and much that it does not."""

import os
import subprocess
import sys
from pathlib import Path

from fakes import WordEmbedder, open_index
from http_service import ScriptedModel, local_drafter, serve, write_index

from service.answerer import Answerer
from service.archive import Archive
from service.current import Current
from service.http.app import make_app
from service.http.desk import Desk
from service.keys import Keys
from service.settings import Settings

EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
"""Of each path; `make fuzz` sends more than the tests do, and chains of requests."""

# 413 is as good a refusal of a list that is too long.
CONFIG = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx"]
"""


def test_every_request_gets_what_the_description_promises(tmp_path: Path) -> None:
    index = write_index(tmp_path)
    archive = Archive(tmp_path / "answers.sqlite")
    answerer = Answerer(
        open_index(index), WordEmbedder(), local_drafter(ScriptedModel()), archive=archive
    )
    desk = Desk(
        Current.of(answerer, index),
        Settings(data=tmp_path, index=index, address_rate="none", key_rate="none"),
        archive=archive,
        keys=Keys(tmp_path / "keys.json"),
    )
    key = desk.keys.add("root", admin=True)
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    amount = (
        ["--max-examples", EXAMPLES]
        if EXAMPLES
        else ["--max-examples", "2", "--phases", "examples,coverage,fuzzing", "--seed", "1"]
    )
    with serve(make_app(desk)) as url:
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("schemathesis")),
                *["--config-file", str(tmp_path / "schemathesis.toml")],
                *["run", f"{url}/openapi.json", "--checks", "all", "--no-color"],
                *["-H", f"Authorization: Bearer {key}", *amount],
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
    print(done.stdout[-2000:])
    assert done.returncode == 0, done.stdout[done.stdout.find("= FAILURES =") :]
    assert "generated" in done.stdout

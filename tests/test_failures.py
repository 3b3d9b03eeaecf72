"""Every failure of the command line, end to end: one line that says what to do, and its exit code.

`pytest tests/test_failures.py -k table -s` prints what a user sees.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from fake_provider import Script, breaks_off_after, hangs, provide, refuses, sends, speaks
from fakes import WordEmbedder
from forks import FORKS

from index.build import build
from index.sources import read_sources
from index.vectors import Embedder
from service.__main__ import main
from service.weights import SMALLEST

ROOT = Path(__file__).parent.parent

ARTICLE = """---
title: Ferry aground at Tarn
source: Harbour Times
date: 2023-09-17
---
The ferry Solvei ran aground off Tarn on Friday with 41 people aboard, the coast guard said.

Captain Ida Moen was handed a medal by the mayor of Tarn.
"""
QUESTION = "Who was handed a medal by the mayor of Tarn?"
REMOTE = {"MODEL": "openai/m", "API_KEY": "sk-secret", "RETRIES": "0", "TIMEOUT": "20"}


@dataclass(frozen=True)
class Failure:
    """One thing that goes wrong; `says` is the line without `error: `, with FOLDER for the folder."""

    name: str
    says: str
    code: int = 1
    question: str = QUESTION
    settings: dict[str, str] = field(default_factory=dict)
    script: Script | None = None


def missing(root: Path) -> None:
    """No index at all."""
    (root / "CURRENT").unlink()
    (root / "generations").rename(root / "elsewhere")


def without_a_file(root: Path) -> None:
    """As a copy that was broken off leaves it."""
    next(root.glob("generations/*/*/passages.faiss")).unlink()


def with_a_flipped_byte(root: Path) -> None:
    """As a bad disk leaves it."""
    path = next(root.glob("generations/*/*/sentences.f16"))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def with_another_current(root: Path) -> None:
    """CURRENT names what is not there."""
    (root / "CURRENT").write_text("20200101T000000-00000000\n", encoding="ascii")


def of_another_model(root: Path) -> None:
    """Made with another embedding model."""
    build(read_sources([str(root.parent / "article.md")]), root, WordEmbedder("other-model@1"))


INDEXES: dict[str, Callable[[Path], None]] = {
    "missing": missing,
    "half": without_a_file,
    "flipped": with_a_flipped_byte,
    "lost": with_another_current,
    "other": of_another_model,
}
KEY = "refused the key, or none is set; set DATELINE_API_KEY or the provider's own variable."
CHECK = "check DATELINE_MODEL and DATELINE_API_BASE."
DOWN = "cannot be reached or is failing; check that it runs (DATELINE_API_BASE) and ask again."
NO_GGUF = "is no GGUF file, or only the beginning of one; fetch it again or correct DATELINE_MODEL."

FAILURES = [
    Failure("empty question", "The question is empty; ask something about the articles.", 2, ""),
    Failure("only signs", "The question is empty; ask something about the articles.", 2, "?!"),
    Failure(
        "over-long question",
        "The question has 2000 characters, 1000 are taken; shorten it.",
        2,
        "a" * 2000,
    ),
    Failure(
        "question in another encoding",
        "The question is not valid Unicode; write it anew.",
        2,
        os.fsdecode(b"Wer \xfc?"),
    ),
    Failure(
        "no index",
        "No index stands in FOLDER/missing/index; make one with "
        "`python -m index build SOURCE --out FOLDER/missing/index`.",
        settings={"INDEX": "missing"},
    ),
    Failure(
        "index half written",
        "The index file FOLDER/half/index/generations/ID/SEGMENT/passages.faiss cannot be read "
        "(No such file or directory); take back an earlier generation with `python -m index "
        "rollback`, or build the index again.",
        settings={"INDEX": "half"},
    ),
    Failure(
        "index with a flipped byte",
        "The index file FOLDER/flipped/index/generations/ID/SEGMENT/sentences.f16 was cut short or changed "
        "after it was written; take back an earlier generation with `python -m index rollback`, or "
        "build the index again.",
        settings={"INDEX": "flipped"},
    ),
    Failure(
        "index whose generation is lost",
        "The index file FOLDER/lost/index/CURRENT names a generation that is not there; take back "
        "an earlier generation with `python -m index rollback`, or build the index again.",
        settings={"INDEX": "lost"},
    ),
    Failure(
        "index of another embedding model",
        "The index in FOLDER/other/index was made with other-model@1 (64 dimensions), but EMBEDDER "
        "(384) is in use; build it again, or set DATELINE_EMBEDDING_MODEL to the model it was made "
        "with.",
        settings={"INDEX": "other"},
    ),
    Failure(
        "embedding model missing",
        "No sentence-transformers model stands in /nowhere; name a folder that has a modules.json, "
        "or all-MiniLM-L6-v2.",
        settings={"EMBEDDING_MODEL": "/nowhere"},
    ),
    Failure(
        "unknown model",
        "No model goes by the name 'nonsense'; set DATELINE_MODEL to a litellm name such as "
        "openai/gpt-4o-mini, ollama/llama3.2 or local/qwen2.5-coder-1.5b.",
        settings={"MODEL": "nonsense"},
    ),
    Failure(
        "unknown local model",
        "No local model goes by the name 'unknown'; use local/qwen2.5-coder-1.5b or "
        "local/PATH.gguf.",
        settings={"MODEL": "local/unknown"},
    ),
    Failure(
        "model file missing",
        "The model file missing.gguf does not exist; correct DATELINE_MODEL.",
        settings={"MODEL": "local/missing.gguf"},
    ),
    Failure(
        "model file of text",
        f"The model file FOLDER/junk.gguf {NO_GGUF}",
        settings={"MODEL": "local/FOLDER/junk.gguf"},
    ),
    Failure(
        "model file cut short",
        f"The model file FOLDER/short.gguf {NO_GGUF}",
        settings={"MODEL": "local/FOLDER/short.gguf"},
    ),
    Failure("key refused", f"The provider of openai/m {KEY}", script=refuses(401)),
    Failure(
        "no key",
        "The provider of openai/m needs a key; set DATELINE_API_KEY or OPENAI_API_KEY.",
        settings={"API_KEY": ""},
        script=speaks("Hi"),
    ),
    Failure(
        "model not at the provider",
        "The provider of openai/m has no such model, or is not at the address set; correct "
        "DATELINE_MODEL or DATELINE_API_BASE.",
        script=refuses(404),
    ),
    Failure(
        "time limit of letters",
        "DATELINE_TIMEOUT is set to 'abc', which is wrong: input should be a valid number, unable "
        "to parse string as a number.",
        settings={"TIMEOUT": "abc"},
    ),
    Failure(
        "address of letters",
        "DATELINE_API_BASE is set to 'localhost', which is wrong: an address begins with http:// "
        "or https://.",
        settings={"API_BASE": "localhost"},
    ),
]

QUOTED = "Captain Ida Moen was handed a medal by the mayor of Tarn."
PASSING = [
    Failure(
        "too many requests",
        "The provider of openai/m takes no more requests just now; ask again later.",
        script=refuses(429),
    ),
    Failure("provider failing", f"The provider of openai/m {DOWN}", script=refuses(500)),
    Failure(
        "provider down",
        f"The provider of openai/m {DOWN}",
        settings={"API_BASE": "http://127.0.0.1:9/v1"},
    ),
    Failure(
        "provider silent",
        "openai/m did not finish its reply within 1.5 s; ask again, or raise DATELINE_TIMEOUT.",
        settings={"TIMEOUT": "1.5"},
        script=hangs,
    ),
    Failure(
        "provider breaks off", f"The provider of openai/m {DOWN}", script=breaks_off_after("Half ")
    ),
    Failure(
        "provider sends HTML",
        f"The provider of openai/m sent an empty reply; ask again, or {CHECK}",
        script=sends("text/html", "<html>Log in</html>"),
    ),
    Failure(
        "provider sends half of JSON",
        f"The provider of openai/m sent a reply that is no chat completion; {CHECK}",
        script=sends("text/event-stream", 'data: {"cho\n\n'),
    ),
    Failure(
        "provider sends signs",
        "openai/m wrote no sentence; ask again, or set another model.",
        script=speaks("...", "\n---"),
    ),
]
"""Failures of the model that quotes of strong evidence stand in for."""

UNANSWERABLE = [
    replace(failure, name=f"{failure.name}, no evidence", question="What soup did the cook like?")
    for failure in PASSING
]

ALL = [*FAILURES, *PASSING, *UNANSWERABLE]


ANEW = {"empty question", "provider silent"}
"""Those that are run as typed; the others share one loading of the libraries."""


@dataclass(frozen=True)
class Run:
    """What a failure came to."""

    failure: Failure
    code: int
    output: str
    errors: str


def make_environment(failure: Failure, folder: Path, url: str | None) -> dict[str, str]:
    """The whole environment of one run."""
    settings = {**REMOTE, "INDEX": "whole", "DATA": str(folder / "data")}
    if url:
        settings["API_BASE"] = url
    settings |= failure.settings
    settings["INDEX"] = str(folder / settings["INDEX"] / "index")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    for name, value in settings.items():
        environment[f"DATELINE_{name}"] = value.replace("FOLDER", str(folder))
    return environment


def ask_anew(failure: Failure, environment: dict[str, str]) -> Run:
    """`python -m service ask`, as typed: some seconds go to loading the libraries."""
    done = subprocess.run(
        [sys.executable, "-m", "service", "ask", failure.question],
        cwd=ROOT, env=environment, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    return Run(failure, done.returncode, done.stdout.decode(), done.stderr.decode())


def ask_forked(failure: Failure, environment: dict[str, str]) -> Run:
    """The same in a fork of a process that has loaded the libraries already.

    It writes its exit code down: of processes that are started and joined in several threads at
    once, multiprocessing (3.11) loses a code now and then, and says 255.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(NamedTemporaryFile()) for _ in range(3)]
        process = FORKS.Process(
            target=run_command,
            args=(["ask", failure.question], environment, *(file.name for file in files)),
        )
        process.start()
        process.join(120)
        output, errors, code = (file.read().decode() for file in files)
        assert code, f"{failure.name}: still running, or ended without a code"
        return Run(failure, int(code), output, errors)


def run_command(
    arguments: list[str], environment: dict[str, str], output: str, errors: str, ended: str
) -> None:
    """The command line's `main`, with everything a new process would have of its own."""
    for descriptor, path in ((1, output), (2, errors)):
        os.dup2(os.open(path, os.O_WRONLY), descriptor)
    os.environ.clear()
    os.environ.update(environment)
    code = main(arguments)
    sys.stdout.flush()
    Path(ended).write_text(str(code), encoding="ascii")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Indexes and model files, one of each kind of damage."""
    folder = tmp_path_factory.mktemp("failures")
    (folder / "junk.gguf").write_bytes(b"junk" * SMALLEST)
    (folder / "short.gguf").write_bytes(b"GGUF" + bytes(1000))
    embedder = Embedder()
    for name in ("whole", *INDEXES):
        (folder / name).mkdir()
        (folder / name / "article.md").write_text(ARTICLE, encoding="utf-8")
        root = folder / name / "index"
        build(read_sources([str(folder / name / "article.md")]), root, embedder)
        if name in INDEXES:
            INDEXES[name](root)
    return folder


@pytest.fixture(scope="module")
def runs(folder: Path) -> Iterator[list[Run]]:
    """Every failure, run side by side."""
    with ExitStack() as stack, ThreadPoolExecutor(os.cpu_count()) as pool:
        environments = [
            make_environment(
                failure,
                folder,
                stack.enter_context(provide(failure.script)).url if failure.script else None,
            )
            for failure in ALL
        ]
        anew = [
            pool.submit(ask_anew, failure, environment)
            for failure, environment in zip(ALL, environments, strict=True)
            if failure.name in ANEW
        ]
        forked = [
            pool.submit(ask_forked, failure, environment)
            for failure, environment in zip(ALL, environments, strict=True)
            if failure.name not in ANEW
        ]
        done = {run.failure.name: run for run in (future.result() for future in anew + forked)}
        yield [done[failure.name] for failure in ALL]


@pytest.mark.parametrize("place", range(len(ALL)), ids=[f.name for f in ALL])
def test_a_failure_is_one_line_and_an_exit_code(runs: list[Run], folder: Path, place: int) -> None:
    run = runs[place]
    says = run.failure.says.replace("EMBEDDER", Embedder().name)
    damaged = "flipped" if "flipped" in says else "half"
    segment = next(folder.glob(f"{damaged}/index/generations/*/*/"))
    says = says.replace("ID", segment.parent.name).replace("SEGMENT", segment.name)
    says = says.replace("FOLDER", str(folder))
    if run.failure in PASSING:
        warning, status = run.errors.splitlines()
        assert warning == f"warning: {says}"
        assert status.startswith("openai/m, ")
        assert f"“{QUOTED}”" in " ".join(run.output.split())
        assert "word for word" in " ".join(run.output.split())
        assert run.code == 0
    else:
        assert run.errors == f"error: {says}\n"
        assert (run.code, run.output) == (run.failure.code, "")
    assert "sk-secret" not in run.errors


def test_the_table_of_failures(runs: list[Run], folder: Path) -> None:
    rows = [
        f"| {run.failure.name} | {run.code} | {run.errors.strip().replace(str(folder), '…')} |"
        for run in runs
    ]
    print("\n\n| what is wrong | exit | what is printed |\n|---|---|---|", *rows, sep="\n")
    assert not [run.failure.name for run in runs if "Traceback" in run.errors + run.output]

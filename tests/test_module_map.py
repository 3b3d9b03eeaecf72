"""The module map of CONTRIBUTING.md: a row for each module, and a module for each row."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
MAP = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("\nImports go one way")[0]
PACKAGES = ("index", "service", "eval")


def rows() -> list[str]:
    """The paths of the modules and folders that the map names, by their indentation."""
    named: list[str] = []
    folders: list[str] = []
    for line in MAP.splitlines():
        words = line.strip()
        depth = (len(line) - len(words)) // 2 - 2
        if depth < 0 or not re.match(r"\w+(?:/|\.\w+)(?:\s|$)", words):
            continue
        folders = folders[:depth]
        if words.partition(" ")[0].endswith("/"):
            folders.append(words.partition(" ")[0])
            named.append("".join(folders).removesuffix("/"))
        else:
            names = re.findall(r"(?<![\w/.])\w+\.(?:py|js)\b", words)
            named += ["".join([*folders, name]) for name in names]
    return named


def test_every_module_has_a_row_and_every_row_its_module() -> None:
    """A folder without rows of its own is named as a whole."""
    named = [row for row in rows() if row.startswith(PACKAGES)]
    assert len(named) == len(set(named))
    assert [row for row in named if not (ROOT / row).exists()] == []
    parted = {str(Path(row).parent) for row in named if Path(row).suffix}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.suffix in {".py", ".js"} and path.name != "__init__.py":
                folder, module = (str(p.relative_to(ROOT)) for p in (path.parent, path))
                assert (module if folder in parted else folder) in named, module


def test_every_module_says_in_its_first_line_what_comes_in_and_out() -> None:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            assert path.name == "__init__.py" or said.partition("\n")[0].endswith("."), path

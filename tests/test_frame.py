"""The project's own promises: who imports what, what the Makefile lists, what the articles say."""

import ast
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

from index.articles import find_files, read_articles

ROOT = Path(__file__).parent.parent
OURS = ("index", "service", "eval")
MODULES = [path for package in OURS for path in sorted((ROOT / package).rglob("*.py"))]
NAMES = [str(path.relative_to(ROOT)) for path in MODULES]
TREES = {name: ast.parse((ROOT / name).read_text(encoding="utf-8")) for name in NAMES}

IMPORTERS = {
    "sentence_transformers": {
        *("index/torch_engine.py", "index/cross_encoder.py"),
        *("eval/peers/bare.py", "eval/peers/haiku_rag.py"),
    },
    "torch": {"index/torch_engine.py", "index/cross_encoder.py", "eval/peers/bare.py"},
    "transformers": {"index/torch_engine.py"},
    "tokenizers": {"index/openvino_engine.py", "eval/bench_corpus.py", "eval/overlapping.py"},
    "safetensors": {"index/torch_engine.py", "index/encoder.py"},
    "faiss": {
        *("index/nearest.py", "eval/size_curve.py", "eval/synthetic_vectors.py"),
        *("eval/peers/bare.py", "eval/peers/llama_index.py"),
    },
    "litellm": {"service/draft.py"},
    "openvino": {"index/encoder.py", "index/openvino_engine.py", "service/conversion.py"},
    "openvino_genai": {"service/local_model.py", "service/conversion.py"},
    "gguf": {"service/conversion.py"},
    "uvicorn": {"service/__main__.py", "eval/peers/llama_index_api.py"},
}


def imported(tree: ast.AST) -> Iterator[str]:
    """The full name of every module that a tree imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""


def test_the_walk_finds_the_modules() -> None:
    assert {"index/build.py", "service/answer.py", "service/__init__.py"} <= set(NAMES)


def test_no_installed_package_ships_a_folder_of_ours() -> None:
    clashes = set()
    seen = 0
    for distribution in distributions():
        for file in distribution.files or []:
            seen += 1
            if file.parts[0] in {*OURS, "prompts"}:
                clashes.add(f"{distribution.name}: {file.parts[0]}")
            elif len(file.parts) == 1 and file.suffix == ".py" and file.stem in OURS:
                clashes.add(f"{distribution.name}: {file}")
    assert seen > 1000
    assert not clashes


def test_nothing_reports_to_an_analytics_service() -> None:
    assert find_spec("openvino_telemetry") is None, "run `make clean setup`: it is locked out"


@pytest.mark.parametrize(("library", "importers"), IMPORTERS.items())
def test_a_heavy_library_has_its_importers_and_no_others(library: str, importers: set[str]) -> None:
    found = {
        name
        for name, tree in TREES.items()
        if any(module.partition(".")[0] == library for module in imported(tree))
    }
    assert found == importers


def test_imports_go_one_way() -> None:
    allowed = {"index": {"index"}, "service": {"index", "service"}, "eval": set(OURS)}
    wrong = [
        (name, module)
        for name, tree in TREES.items()
        for module in imported(tree)
        if module.partition(".")[0] in OURS
        and module.partition(".")[0] not in allowed[name.partition("/")[0]]
    ]
    assert not wrong


def test_no_module_of_ours_is_imported_inside_a_function() -> None:
    hidden = [
        (name, module)
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for module in imported(node)
        if module.partition(".")[0] in OURS
    ]
    assert not hidden


def test_the_environment_is_read_in_one_place() -> None:
    touching = {
        name
        for name, tree in TREES.items()
        if any(
            isinstance(node, ast.Attribute | ast.Name)
            and (node.attr if isinstance(node, ast.Attribute) else node.id)
            in {"environ", "environb", "getenv"}
            for node in ast.walk(tree)
        )
        or "BaseSettings"
        in {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
    }
    assert touching == {"service/settings.py", "service/__init__.py"}


def test_the_package_only_writes_to_the_environment() -> None:
    body = [node for node in TREES["service/__init__.py"].body if not isinstance(node, ast.Expr)]
    assert [ast.unparse(node) for node in body] == [
        "import os",
        "os.environ['LITELLM_LOCAL_MODEL_COST_MAP'] = 'True'",
        "os.environ['LITELLM_MODE'] = 'PRODUCTION'",
    ]


def test_prompts_are_read_in_one_place() -> None:
    readers = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in {"prompts", "prompts/"}
    } - {"index/openvino_engine.py"}  # the settings of an embedding model have such a word
    readers |= {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and "PROMPTS" in {alias.name for alias in node.names}
    }
    assert readers == {"service/prompt.py"}


@pytest.mark.parametrize("name", NAMES)
def test_every_module_says_what_it_is(name: str) -> None:
    if (ROOT / name).stat().st_size:  # an empty __init__.py has nothing to say
        assert (ast.get_docstring(TREES[name]) or "").strip()


def test_no_module_is_empty_but_a_package_s_first() -> None:
    empty = {path.name for path in MODULES if not path.stat().st_size}
    assert empty <= {"__init__.py"}


def test_the_makefile_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(
        " ".join(re.findall(r"^\.PHONY:(.*)$", text, re.MULTILINE)).replace("\\", " ").split()
    )
    listed = set(re.findall(r"^([a-z]+):.*?## \S", text, re.MULTILINE))
    assert phony
    assert phony == listed


def test_make_hands_a_question_on_as_it_was_typed() -> None:
    question = 'What "costs" $5, and who is `whoami`? It\'s $(shell echo asked)'
    arguments = [
        "--no-print-directory",
        "-o",
        "setup",
        "-o",
        "data/index/CURRENT",
        "ask",
        "RUN=echo",
        f"Q={question}",
    ]
    make = subprocess.run(
        ["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert make.stdout == f"-m service ask {question}\n"


@pytest.mark.parametrize("path", sorted((ROOT / "articles").glob("*.md")), ids=lambda p: p.stem)
def test_a_sample_article_is_whole(path: Path) -> None:
    (article,) = read_articles(path)
    assert article.title
    assert article.source
    assert article.published
    assert article.published.year == 2023
    assert article.url
    assert article.url.startswith("https://")
    assert ".example/" in article.url
    assert article.author
    assert len(article.text.split()) > 80
    assert "---" not in article.text


def test_the_sample_corpus_is_there() -> None:
    assert len(find_files(ROOT / "articles")) >= 7

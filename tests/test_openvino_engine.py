"""Texts become unit vectors in their order, with the real model that comes as a package."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import openvino
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentence_transformers import SentenceTransformer

import index.openvino_engine
from index.engine import PassageText, Vectors
from index.openvino_engine import BATCH_TOKENS, PASSAGES_AHEAD, OpenVinoEngine
from index.vectors import PACKAGED_MODEL, Embedder, _model_folder

TEXTS = [
    "A ferry ran aground in the harbour of Tarn.",
    "The central bank raised its interest rate to four percent on Thursday, its governor said.",
    "Kim Jong Un received five explosive drones as a gift.",
    "Ærø — “Åse” 🦀",
    "Goal!",
]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture(scope="module")
def engine() -> OpenVinoEngine:
    return OpenVinoEngine(_model_folder(PACKAGED_MODEL))


@pytest.fixture(scope="module")
def exact() -> Embedder:
    return Embedder(exact=True)


@pytest.fixture(scope="module")
def reference() -> SentenceTransformer:
    folder = _model_folder(PACKAGED_MODEL)
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def passage(sentences: Sequence[str], header: str = "", *, between: str = " ") -> PassageText:
    spans, start = [], 0
    for sentence in sentences:
        spans.append((start, start + len(sentence)))
        start += len(sentence) + len(between)
    return PassageText(header, between.join(sentences), tuple(spans))


def cosines(first: Vectors, second: Vectors) -> Vectors:
    found: Vectors = (first * second).sum(axis=1)
    return found


def test_vectors_are_of_unit_length(embedder: Embedder) -> None:
    whole, parts = embedder.embed_passages([passage(TEXTS, "News"), passage(TEXTS[:2])])
    assert whole.dtype == parts.dtype == np.float32
    assert (whole.shape, parts.shape) == ((2, 384), (7, 384))
    assert embedder.dimension == 384
    for vectors in (whole, parts, embedder.embed_question("Who met Kim?")[None, :]):
        assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5


def test_passages_are_as_sentence_transformers_embeds_them(
    exact: Embedder, reference: SentenceTransformer
) -> None:
    passages = [
        passage(TEXTS[: n % 5 + 1] * (n % 3 + 1), f"Title {n}, Tarn Post") for n in range(9)
    ]
    expected = reference.encode([f"{p.header}\n{p.text}" for p in passages])
    assert cosines(exact.embed_passages(passages)[0], expected).min() > 1 - 1e-5
    assert cosines(exact.embed(TEXTS), reference.encode(TEXTS)).min() > 1 - 1e-5
    question = exact.embed_question("Who met Kim? " * 100)
    assert question @ reference.encode("Who met Kim? " * 100) > 1 - 1e-5


def test_a_sentence_has_the_mean_of_its_own_tokens(
    exact: Embedder, reference: SentenceTransformer
) -> None:
    found = passage(
        ["Åse — “née” O’Hara — won.", "🦀 crabs cheered!", "Ærø’s ferry: £4.50."], "A win"
    )
    _, parts = exact.embed_passages([found])
    text = f"{found.header} {found.text}"
    tokens = reference.encode(text, output_value="token_embeddings").float().numpy()
    encoded = reference.tokenizer(text, return_offsets_mapping=True)
    lead = len(found.header) + 1
    for vector, (start, end) in zip(parts, found.sentences, strict=True):
        own = [
            place
            for place, (a, b) in enumerate(encoded["offset_mapping"])
            if b > a and lead + start <= a < lead + end
        ]
        expected = tokens[own].mean(axis=0)
        assert vector @ expected / np.linalg.norm(expected) > 1 - 1e-5


def test_the_order_is_kept(embedder: Embedder) -> None:
    names = [f"{TEXTS[n % 5]} {'And so on. ' * (n * 7 % 11)}No. {n}." for n in range(30)]
    passages = [passage([name, f"Then {name}"]) for name in names]
    whole, parts = embedder.embed_passages(passages)
    one_by_one = [embedder.embed_passages([each]) for each in passages]
    assert cosines(whole, np.concatenate([alone for alone, _ in one_by_one])).min() > 0.999
    assert cosines(parts, np.concatenate([alone for _, alone in one_by_one])).min() > 0.999


def test_what_is_done_is_told(embedder: Embedder) -> None:
    heard: list[int] = []
    embedder.embed_passages([passage(["Goal!"])] * (PASSAGES_AHEAD + 9), advance=heard.append)
    assert heard == [PASSAGES_AHEAD, 9]


def test_meaning_counts_more_than_words(embedder: Embedder) -> None:
    question = embedder.embed_question("Which presents was the North Korean leader given?")
    assert (embedder.embed(TEXTS) @ question).argmax() == 2
    assert (embedder.embed_passages([passage(TEXTS, "News")])[1] @ question).argmax() == 2


def test_the_tail_of_a_long_passage_is_read(embedder: Embedder) -> None:
    filler = [f"The council of Tarn spoke of road number {n} and of its repair." for n in range(60)]
    found = passage([*filler, TEXTS[2]], "Tarn Post, 2023-09-17")
    whole, parts = embedder.embed_passages([found])
    shorter, _ = embedder.embed_passages([passage(filler, "Tarn Post, 2023-09-17")])
    question = embedder.embed_question("Which presents was the North Korean leader given?")
    assert (parts @ question).argmax() == len(filler)
    assert whole[0] @ question > shorter[0] @ question
    assert np.abs(np.linalg.norm(parts, axis=1) - 1).max() < 1e-5


def test_a_sentence_longer_than_the_model_reads_is_read_to_its_end(embedder: Embedder) -> None:
    endless = "roads and bridges and " * 150
    found = [passage([endless + "paint"]), passage([endless + "Kim Jong Un received drones"])]
    _, (first, second) = embedder.embed_passages(found)
    question = embedder.embed_question("What was the North Korean leader given?")
    assert second @ question > first @ question + 0.01


def test_every_window_fits_the_model(engine: OpenVinoEngine) -> None:
    long = [passage(["word " * n], "A title that goes on " * (n % 90)) for n in range(0, 900, 37)]
    rows = list(range(len(long) + 1))
    windows = engine._windows(long, 0, rows)
    assert max(len(window.ids) for window in windows) <= 256
    held = [0] * len(long)
    for window in windows:
        held[window.passage] += sum(last - first for _, first, last in window.sentences)
    assert held == list(range(0, 900, 37))
    for batch in index.openvino_engine._batches(windows):
        assert len(batch) == 1 or len(batch) * len(batch[-1].ids) <= BATCH_TOKENS


def test_the_header_colours_a_sentence_but_is_no_part_of_it(engine: OpenVinoEngine) -> None:
    filler = "A header that speaks of ferries, harbours and storms at length " * 30
    passages = [passage([TEXTS[2]]), passage([TEXTS[2]], filler)]
    windows = engine._windows(passages, 0, [0, 1, 2])
    own = engine._tokenizer.encode(TEXTS[2], add_special_tokens=False).ids
    for window in windows:
        [(row, first, last)] = window.sentences
        assert row == window.passage
        assert window.ids[first:last] == own


def test_nothing_to_embed_gives_no_row(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, 384)
    whole, parts = embedder.embed_passages([])
    assert whole.shape == parts.shape == (0, 384)
    assert np.isfinite(embedder.embed_question("")).all()
    whole, parts = embedder.embed_passages([PassageText("", ""), passage(["\u200b", "Goal!"], "A")])
    assert parts.shape == (2, 384)
    assert parts[0] @ whole[1] == pytest.approx(1, abs=1e-5)  # a sentence without a token


@given(st.lists(st.text(min_size=1, max_size=30), max_size=6), st.text(max_size=20))
@settings(max_examples=20, deadline=None)
def test_any_text_gives_unit_vectors(embedder: Embedder, sentences: list[str], header: str) -> None:
    whole, parts = embedder.embed_passages([passage(sentences, header)])
    assert np.abs(np.linalg.norm(whole, axis=1) - 1).max() < 1e-5
    assert len(parts) == len(sentences)
    assert np.abs(np.linalg.norm(parts, axis=1) - 1).max(initial=0) < 1e-5


def test_bfloat16_is_close_to_float32(exact: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.openvino_engine, "_has_bfloat16", lambda _core: True)
    asked = []
    compiled = index.openvino_engine._compile

    def compile_as(graph: openvino.Model, precision: str, *, calls: int) -> openvino.CompiledModel:
        asked.append(precision)
        return compiled(graph, precision, calls=calls)

    monkeypatch.setattr(index.openvino_engine, "_compile", compile_as)
    Embedder(exact=True)
    coarse = Embedder()
    assert asked == ["f32", "bf16"]
    assert coarse.name == exact.name
    found = [passage(TEXTS, "News of the day")]
    for first, second in zip(
        coarse.embed_passages(found), exact.embed_passages(found), strict=True
    ):
        assert cosines(first, second).min() > 0.999


def test_eight_threads_get_what_one_gets(embedder: Embedder) -> None:
    questions = [f"{text} {n}" for n in range(4) for text in TEXTS]
    passages = [passage(TEXTS[n:] * 3, "News") for n in range(4)]

    def both(number: int) -> tuple[Vectors, Vectors, Vectors]:
        found = embedder.embed_passages(passages[number % 4 :])
        return embedder.embed_question(questions[number]), *found

    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(both, range(len(questions))))
    for number, found in enumerate(together):
        for first, second in zip(found, both(number), strict=True):
            assert np.abs(first - second).max() < 1e-5

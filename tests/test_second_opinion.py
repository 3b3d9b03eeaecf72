"""What the rules have kept is read once more by whom the setting names, and goes where that doubts it."""

import asyncio
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from fakes import WordEmbedder, build_index, open_index
from scripted import ARTICLES, GIFTS, QUESTION, VEST, ScriptedDrafter, check_promises
from sentence_transformers import CrossEncoder
from small_models import NEWS, save_reranker

from index.errors import CrossEncoderMissing
from index.generation import Generation
from service.answer import Answer
from service.answerer import Answerer
from service.draft import Usage, Writer
from service.errors import ModelReplyWrong
from service.second_opinion import DOUBT, EncoderOpinion, ModelOpinion, SecondOpinion
from service.wiring import make_opinion

NAMES = ("contradiction", "entailment", "neutral")


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    root = tmp_path_factory.mktemp("answer")
    build_index(root, ARTICLES)
    return open_index(root)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny cross-encoder with random weights that tells three things apart."""
    return save_reranker(tmp_path_factory.mktemp("opinion"), names=NAMES)


def ask(
    generation: Generation, drafter: ScriptedDrafter, opinion: SecondOpinion | None = None
) -> Answer:
    answerer = Answerer(generation, WordEmbedder(), drafter, opinion=opinion or ModelOpinion())
    answer = asyncio.run(answerer.answer(QUESTION))
    check_promises(answer, generation)
    return answer


@pytest.mark.parametrize("word", ["no", "No.", " NO, they do not", "**no**"])
def test_what_the_model_denies_goes(generation: Generation, word: str) -> None:
    said = "The governor gave Kim a bulletproof vest."
    answer = ask(generation, ScriptedDrafter(f"{GIFTS}\n{said}", "Yes.", word))
    assert answer.sentences[0].text == GIFTS
    assert said not in [sentence.text for sentence in answer.sentences]
    assert [(one.text, one.reason) for one in answer.removed] == [(said, DOUBT)]
    assert answer.failure is None


def test_the_model_is_shown_the_sentence_and_its_quotes_alone(generation: Generation) -> None:
    said = "Kim received five explosive drones from the governor."
    drafter = ScriptedDrafter(said, "yes")
    answer = ask(generation, drafter)
    shown = drafter.asked[1][-1]["content"]
    assert f"Quotes: {GIFTS}\nSentence: {said}" in shown
    assert VEST not in shown
    assert answer.usage.prompt_tokens == 100 * len(drafter.asked)


def test_what_the_rules_remove_is_not_asked_about(generation: Generation) -> None:
    drafter = ScriptedDrafter(f"Kim received seven hats from the governor.\n{GIFTS}", "yes")
    assert ask(generation, drafter).sentences[0].text == GIFTS
    asked = [one for one in drafter.asked if "Sentence:" in one[-1]["content"]]
    assert len(asked) == 1


@pytest.mark.parametrize("reply", ["Perhaps.", "The quotes say " + "so " * 100, "nothing"])
def test_where_the_model_has_no_opinion_the_rules_stand_and_the_answer_says_so(
    generation: Generation, reply: str
) -> None:
    drafter = ScriptedDrafter(f"{GIFTS}\n{VEST}", reply)
    answer = ask(generation, drafter)
    assert [sentence.text for sentence in answer.sentences] == [GIFTS, VEST]
    assert answer.failure
    assert "said neither yes nor no" in answer.failure.message
    assert len(drafter.asked) == 2


def test_a_long_reply_is_not_read_to_its_end() -> None:
    drafter = ScriptedDrafter("perhaps " * 1000)
    with pytest.raises(ModelReplyWrong, match="scripted said neither yes nor no"):
        asyncio.run(ModelOpinion().find_doubt(VEST, [VEST], drafter))
    assert drafter.closed
    assert drafter.pieces < 20


def test_a_cross_encoder_says_whether_a_sentence_follows(tmp_path: Path) -> None:
    """Its labels stand in any order; the same model is right or wrong by where entailment is."""
    pairs = [(one, other) for one in NEWS for other in (*NEWS, "Kim received a hat.", "A ferry.")]
    nobody = cast("Writer", None)
    doubts = set[str | None]()
    for shift in range(len(NAMES)):
        names = NAMES[shift:] + NAMES[:shift]
        folder = save_reranker(tmp_path / str(shift), names=names)
        model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
        told = [names[number] for number in np.asarray(model.predict(pairs)).argmax(axis=1)]
        opinion = make_opinion(str(folder))
        for (quote, sentence), name in zip(pairs, told, strict=True):
            doubt, usage = asyncio.run(opinion.find_doubt(sentence, [quote], nobody))
            assert doubt == (None if name == "entailment" else DOUBT)
            assert usage == Usage()
            doubts.add(doubt)
    assert doubts == {None, DOUBT}


def test_its_doubts_reach_the_answer(generation: Generation, folder: Path) -> None:
    opinion = EncoderOpinion(str(folder))
    doubt, _ = asyncio.run(opinion.find_doubt(GIFTS, [GIFTS], cast("Writer", None)))
    drafter = ScriptedDrafter(GIFTS)
    answer = ask(generation, drafter, opinion)
    assert [one.reason for one in answer.removed] == ([doubt] if doubt else [])
    assert not any("Sentence:" in one[-1]["content"] for one in drafter.asked)


def test_a_cross_encoder_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CrossEncoderMissing, match="tells label_0, not entailment; it is none for"):
        make_opinion(str(save_reranker(tmp_path)))
    says = (
        "'.*' cannot give a second opinion. No cross-encoder stands in .* DATELINE_SECOND_OPINION"
    )
    with pytest.raises(CrossEncoderMissing, match=says):
        make_opinion(str(tmp_path / "nowhere"))


def test_what_is_said_in_other_words_alone_is_left_to_it(generation: Generation) -> None:
    said = "Kim got five explosive drones as presents from the Primorye leader."
    others = "Kim got six explosive drones as presents from the Primorye leader."
    for draft, word, kept in [(said, "yes", True), (said, "no", False), (others, "yes", False)]:
        drafter = ScriptedDrafter(f"{draft} [1]", word)
        answer = ask(generation, drafter)
        assert (draft in [sentence.text for sentence in answer.sentences]) == kept
        if not kept:
            assert answer.removed[0].reason.startswith(("too little of it", "number 6"))
        asked = [one for one in drafter.asked if "Sentence:" in one[-1]["content"]]
        assert len(asked) == (draft == said)


def test_it_is_not_asked_about_what_nobody_cites(generation: Generation) -> None:
    drafter = ScriptedDrafter("Kim got five detonating drones as presents. [9]", "yes")
    assert ask(generation, drafter).removed[0].reason.startswith("it cites")
    assert not any("Sentence:" in one[-1]["content"] for one in drafter.asked)


def test_where_it_fails_what_the_rules_remove_stays_removed(generation: Generation) -> None:
    said = "Kim got five explosive drones as presents from the Primorye leader."
    answer = ask(generation, ScriptedDrafter(f"{said} [1]", "perhaps"))
    assert said not in [sentence.text for sentence in answer.sentences]
    assert answer.failure


@pytest.mark.parametrize("word", ["yes", "no"])
def test_a_word_that_only_the_question_has_is_left_to_it(generation: Generation, word: str) -> None:
    said = "The musicians played a farewell march."
    asked = "Which march did the musicians play?"
    drafter = ScriptedDrafter(f"{said} [1]", word)
    answerer = Answerer(generation, WordEmbedder(), drafter, opinion=ModelOpinion())
    answer = asyncio.run(answerer.answer(asked))
    assert (said in [sentence.text for sentence in answer.sentences]) == (word == "yes")
    alone = asyncio.run(Answerer(generation, WordEmbedder(), ScriptedDrafter(said)).answer(asked))
    assert alone.removed[0].reason == "the articles do not speak of 'musicians'"

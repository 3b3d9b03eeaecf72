"""Where nothing of a draft can stand, or the model fails: quotes of what is near, and why."""

import numpy as np
import pytest
from fakes import build_index, make_article, open_index
from scripted import ARTICLES, GIFTS, TRAIN, VEST, ScriptedDrafter, ask

from index.generation import Generation
from service.answer import Failure
from service.answerer import FAILED, LATE, QUOTES
from service.conversation import Turn
from service.errors import (
    ModelFailed,
    ModelKeyRefused,
    ModelReplyWrong,
    ModelTimedOut,
    ModelUnavailable,
    ModelUnknown,
)
from service.evidence import Evidence, EvidenceSentence, Span
from service.quotes import NEAR, find_quotable


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    root = tmp_path_factory.mktemp("answer")
    build_index(root, ARTICLES)
    return open_index(root)


QUOTABLE = "Did Kim receive five explosive drones from the governor of Primorye?"
"""A question whose evidence is strong."""


def test_nothing_supported_over_strong_evidence_quotes_it(generation: Generation) -> None:
    question = "Did Kim receive five explosive drones from the governor of Primorye?"
    draft = "Kim bought seven hats.\nPutin resigned."
    answer = ask(generation, ScriptedDrafter(draft), question)
    assert answer.status == "quotes"
    assert answer.text.startswith(f"{QUOTES} “{GIFTS}” [1]")
    assert 1 <= len(answer.citations) <= 3
    assert [removed.text for removed in answer.removed] == [
        "Kim bought seven hats.",
        "Putin resigned.",
    ]


def test_nothing_supported_over_weak_evidence_abstains(generation: Generation) -> None:
    answer = ask(
        generation, ScriptedDrafter("The cook made soup."), "what soup did the cook like best?"
    )
    assert (answer.status, answer.citations) == ("abstained", ())
    assert [removed.text for removed in answer.removed] == ["The cook made soup."]


@pytest.mark.parametrize(
    ("error", "code", "opening"),
    [
        (ModelTimedOut("too slow"), "model_timed_out", LATE),
        (ModelUnavailable("gone"), "model_unavailable", FAILED),
        (ModelReplyWrong("odd"), "model_reply_wrong", FAILED),
    ],
)
@pytest.mark.parametrize("begun", ["", "Kim received five explosive"])
def test_a_model_that_fails_leaves_quotes_and_its_reason(
    generation: Generation,
    caplog: pytest.LogCaptureFixture,
    error: ModelFailed,
    code: str,
    opening: str,
    *,
    begun: str,
) -> None:
    answer = ask(generation, ScriptedDrafter(begun, fails=error), QUOTABLE)
    assert (answer.status, answer.failure) == ("quotes", Failure(code, str(error)))
    assert answer.text.startswith(f"{opening} “{GIFTS}” [1]")
    assert caplog.messages == [str(error)]


@pytest.mark.parametrize("error", [ModelUnknown("what?"), ModelKeyRefused("no key")])
def test_what_the_operator_must_mend_is_an_error(
    generation: Generation, error: ModelFailed
) -> None:
    with pytest.raises(type(error)):
        ask(generation, ScriptedDrafter("", fails=error), QUOTABLE)


def test_a_failing_model_over_weak_evidence_is_told_not_hidden(generation: Generation) -> None:
    drafter = ScriptedDrafter("", fails=ModelTimedOut("too slow"))
    with pytest.raises(ModelTimedOut, match="too slow"):
        ask(generation, drafter, "what soup did the cook like best?")


def test_what_was_checked_before_the_model_failed_stays(generation: Generation) -> None:
    drafter = ScriptedDrafter(f"{VEST}\n{GIFTS}", fails=ModelTimedOut("too slow"))
    answer = ask(generation, drafter)
    assert answer.status == "answered"
    assert answer.sentences[0].text == VEST
    assert answer.failure == Failure("model_timed_out", "too slow")


def test_names_that_no_sentence_joins_are_quoted_apart_where_the_model_fails(
    generation: Generation,
) -> None:
    question = "Did Kim or Artyom receive five explosive drones from the governor of Primorye?"
    answer = ask(generation, ScriptedDrafter("", fails=ModelUnavailable("gone")), question)
    assert (answer.status, answer.citations[0].quote) == ("quotes", GIFTS)


def test_after_a_part_that_failed_the_model_is_not_asked_for_the_next(
    generation: Generation,
) -> None:
    drafter = ScriptedDrafter("", fails=ModelUnavailable("gone"))
    answer = ask(
        generation,
        drafter,
        "What did the governor of Primorye give Kim, and how far did the armoured train go?",
    )
    assert (answer.status, len(drafter.asked)) == ("quotes", 1)


def test_a_follow_up_that_cannot_be_rewritten_is_quoted_for_as_it_is(
    generation: Generation,
) -> None:
    drafter = ScriptedDrafter("", fails=ModelTimedOut("too slow"))
    history = [Turn("user", "Who met Kim?"), Turn("assistant", "The governor.")]
    answer = ask(generation, drafter, QUOTABLE, history=history)
    assert (answer.status, answer.standalone_question) == ("quotes", QUOTABLE)
    assert len(drafter.asked) == 1


HATS = "Kim bought seven hats."
OFFER = "Did Kim receive five explosive drones from the"


@pytest.mark.parametrize(
    ("question", "draft", "status"),
    [
        (QUOTABLE, HATS, "quotes"),
        (QUOTABLE, "NOT FOUND", "abstained"),
        (QUOTABLE, f"{HATS}\n{TRAIN}", "quotes"),
        (QUOTABLE, TRAIN, "abstained"),  # supported, and no answer
        (f"{OFFER} governor of Primorye daily by mail?", HATS, "quotes"),  # six words of eight
        (f"{OFFER} cook of Primorye daily?", HATS, "abstained"),  # five of seven
        (f"Of exactly what kind and sort? {OFFER} governor of Primorye daily?", HATS, "quotes"),
        ("Did Kim receive explosive oysters?", HATS, "abstained"),  # three of four, and weak
        (f"How far is it? {OFFER} governor of Primorye?", HATS, "abstained"),
    ],
)
def test_what_nearly_says_it_is_quoted_where_a_draft_was_not_supported(
    generation: Generation, question: str, draft: str, status: str
) -> None:
    answer = ask(generation, ScriptedDrafter(draft), question)
    assert answer.status == status
    assert [one.text for one in answer.removed] == [
        line for line in draft.splitlines() if line != "NOT FOUND"
    ]
    assert [citation.quote for citation in answer.citations] == [GIFTS] * (status == "quotes")


@pytest.mark.parametrize(
    ("question", "score", "anyhow", "quoted"),
    [
        ("Which drones did the governor give Kim?", NEAR, False, True),  # all of its words
        ("What gifts did Kim see in Berlin, Rome and Oslo?", NEAR, False, False),
        ("What gifts did Kim see in Berlin, Rome and Oslo?", NEAR, True, True),
        ("What gifts did Kim see in Berlin, Rome and Oslo?", NEAR - 0.01, True, False),
        ("which explosive ferry?", NEAR, True, True),  # half of its words
        ("which ferry sank?", NEAR, True, False),
    ],
)
def test_what_is_quoted_where_the_model_failed_or_not(
    *, question: str, score: float, anyhow: bool, quoted: bool
) -> None:
    span = Span(make_article(GIFTS), 0, len(GIFTS))
    found = EvidenceSentence(1, span, score, np.zeros(4, dtype=np.float32))
    shown = [Evidence((found,), (), (GIFTS,))]
    assert find_quotable(question, shown, anyhow=anyhow) == ([found] if quoted else [])

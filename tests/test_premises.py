"""What a question takes for granted, and the evidence that says otherwise."""

import numpy as np
import pytest
from fakes import make_article

from service.evidence import EvidenceSentence, Span
from service.premises import find_correction

EVIDENCE = (
    "Mayor Lind accepted an invitation to visit the harbour of Tarn on Tuesday.",
    "Governor Rask gave Captain Moen a medal and two watches at the harbour.",
    "Transport minister Ida Berg said that the ferry talks went well.",
    "The ferry was repaired at a dock in Lund last year.",
    "There is no evidence that sailors had rum at the first feast of Holm.",
    "No deal with the islanders has been or will be signed, the mayor of Holm said.",
    "The fourth voyage of the barge from Holm ended in the fog.",
    "Ida Vik, long named as its captain, did not steer the barge of Holm but did repaint it.",
)


def correct(question: str, *texts: str) -> str | None:
    found = []
    for number, text in enumerate(texts or EVIDENCE, start=1):
        article = make_article(text, article_id=f"a{number}", published="2024-05-02")
        span = Span(article, 0, len(text))
        found.append(EvidenceSentence(number, span, 1.0, np.zeros(4, dtype=np.float32)))
    correction = find_correction(question, found)
    return correction.text if correction else None


def test_no_agreement_is_no_deal() -> None:
    told = "The mayor said that no agreement has been or will be signed with Moen."
    assert (
        correct("What are the terms of the ferry deal that the mayor and Moen signed?", told)
        == told
    )
    assert correct("What are the terms of the ferry deal that Moen broke?", told) is None


def test_a_denial_is_of_whom_its_article_names_far_away() -> None:
    denial = "The mayor said that no agreement has been or will be signed."
    told = f"Captain Ida Moen sailed to Tarn. {'It rained. ' * 60}{denial}"
    article = make_article(told, article_id="far")
    span = Span(article, told.index(denial), len(told))
    found = EvidenceSentence(1, span, 1.0, np.zeros(4, dtype=np.float32))
    asked = "What are the terms of the agreement that {} signed with the mayor?"
    assert find_correction(asked.format("Moen"), [found]) is found
    assert find_correction(asked.format("Dahl"), [found]) is None


def test_a_number_in_words_is_the_one_in_digits() -> None:
    told = "The yard in Lund laid off 2,000 workers when Moen left."
    question = "Why did the yard in Lund lay off {} workers when Moen left?"
    assert correct(question.format("two thousand"), told) is None
    assert correct(question.format("three thousand"), told) == told


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("Why did Mayor Lind decline the invitation to visit Tarn?", 0),
        ("Why did Mayor Lind turn down the invitation to visit Tarn?", 0),
        ("Who did Lind bring on Friday when he accepted the invitation to visit Tarn?", 0),
        ("What did Moen say when the mayor gave him the medal and the two watches?", 1),
        ("What did Defence Minister Berg say about the ferry talks?", 2),
        ("Who repaired the ferry at the dock in Oslo?", 3),
        ("How did the sailors drink their rum at the first feast of Holm?", 4),
        ("Which deal with the islanders did the mayor of Holm sign in Lund?", 5),
        ("How many watches does the deal that the mayor of Holm signed provide for?", 5),
        ("Why did the third voyage of the barge from Holm end?", 6),
        ("How far did Ida Vik steer the barge of Holm?", 7),
        ("What did Moen say when she got the three watches and the medal?", 1),
        ("How many hours did the ferry spend at the dock in Oslo?", 3),
    ],
)
def test_a_false_premise_is_corrected(question: str, says: int) -> None:
    assert correct(question) == EVIDENCE[says]


@pytest.mark.parametrize(
    "question",
    [
        "Why did Mayor Lind accept the invitation to visit Tarn?",
        "When did Mayor Lind visit Tarn on Tuesday after the invitation?",
        "What did Governor Rask give Moen at the harbour?",
        "What did Transport Minister Berg say about the ferry talks?",
        "Who repaired the ferry at the dock in Lund?",
        "What did President Lind say about the ferry talks?",
        "What is the capital of Australia?",
        "Who steered the barge of Holm?",
        "Why did the fourth voyage of the barge from Holm end?",
        "Why were the two watches and the medal given to Captain Moen?",
        "What colour did Ida Vik repaint the barge of Holm?",
        "Did Lind accept or decline the invitation to visit Tarn?",
        "How long had Captain Moen waited for a medal at the harbour before this?",
        "What had Captain Moen been given at the harbour before?",
        "What did Berg buy in Oslo?",
        "",
    ],
)
def test_no_premise_is_doubted_without_a_denial(question: str) -> None:
    assert correct(question) is None


@pytest.mark.parametrize(
    "question",
    [
        "How many sailors lost their jobs at X after the sale?",
        "How big was the fine imposed on the sailors in October over their jobs?",
    ],
)
def test_a_month_and_a_firm_of_one_letter_are_no_places(question: str) -> None:
    told = "The sailors at Holm fear for their jobs after the sale, and a fine was imposed in Lund."
    assert correct(question, told) is None


def test_an_order_that_points_back_takes_nothing_for_granted() -> None:
    told = "Captain Moen was given a medal at the harbour after the feast."
    assert correct("What was Captain Moen given at the harbour before the feast?", told) == told
    assert correct("What was Captain Moen given at the harbour before this?", told) is None


def test_a_capital_is_in_its_country_and_a_month_is_no_place() -> None:
    question = "When did Captain Moen meet the minister in Norway?"
    here = "Captain Moen met the minister in Lund."
    assert correct(question, here) == here
    assert correct(question, here, "Captain Moen met the minister on a visit to Oslo.") is None
    assert correct(question, "Captain Moen met the minister in July.") is None


@pytest.mark.parametrize(
    ("question", "is_corrected"),
    [
        ("Why did Lind say no when Holm invited him to the harbour of Tarn?", True),
        ("Why did Lind say no harbour was like that of Tarn?", False),
    ],
)
def test_to_say_no_is_to_decline(question: str, is_corrected: bool) -> None:  # noqa: FBT001
    told = "Lind accepted an invitation of Holm to visit the harbour of Tarn."
    assert (correct(question, told) == told) is is_corrected


def test_a_word_with_a_hyphen_is_denied_by_its_parts() -> None:
    question = "How many stars did the ferry get in the crash tests?"
    told = "But there is no five-star rating, and the ferry had no crash tests."
    assert correct(question, told) == told

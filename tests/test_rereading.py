"""What is shown to the model once more, when, and which of its sentences then belong."""

from dataclasses import replace

import pytest
from fakes import WordEmbedder
from test_completion import evidence

from service.citations import CheckedSentence
from service.evidence import Evidence
from service.rereading import (
    MAX_SENTENCES,
    MAX_TOKENS,
    asks_more,
    belongs,
    is_nearer,
    speaks_of,
    unread,
)


def checked(text: str, quote: str | None = None) -> CheckedSentence:
    return CheckedSentence(text, tuple(evidence(quote or text)), None)


def test_the_best_that_is_not_cited_is_shown_once_more() -> None:
    found = evidence(*(f"Sentence number {n} tells of the ferry." for n in range(20)))
    whole = Evidence(tuple(found[:10]), tuple(found[10:]), ())
    cited = CheckedSentence(found[1].text, (found[1],), None)
    shown = unread(whole, [cited]).sentences
    assert [one.number for one in shown] == list(range(1, MAX_SENTENCES + 1))
    assert [one.span for one in shown] == [one.span for one in (found[0], *found[2:9])]
    long = evidence(*(f"{n} {'ferry ' * 200}" for n in range(3)))
    few = unread(Evidence(tuple(long), (), ()), []).sentences
    assert len(few) < len(long)
    assert sum(len(one.text) for one in few) <= 5 * MAX_TOKENS


GIFTS = "Which gifts did Moen receive from the mayor?"


@pytest.mark.parametrize(
    ("question", "answered", "more"),
    [
        (GIFTS, "The mayor gave Moen a medal as a gift.", True),
        ("Who gave Moen the medal?", "The mayor gave Moen the medal.", False),
        ("On which day did Moen sail?", "Moen sailed on Monday.", False),
        ("On which day did Moen sail and Dahl land?", "Moen sailed on Monday.", True),
        ("What did Moen get besides the watch?", "Moen got a medal.", False),
        ("What does Moen want from Lund?", "Moen wants a ferry from Lund.", True),
        ("Where was Moen when he sailed the ferry?", "Moen was in Lund.", False),
    ],
)
def test_more_is_read_for_lists_and_for_what_the_answer_does_not_speak_of(
    question: str, answered: str, *, more: bool
) -> None:
    assert asks_more(question, [checked(answered)]) is more


@pytest.mark.parametrize(
    ("question", "further", "quote", "does"),
    [
        (GIFTS, "Two watches.", "The mayor also gave Moen two watches as gifts.", True),
        (GIFTS, "A medal.", "The mayor gave Moen a medal as a gift.", False),
        (GIFTS, "Rain fell on two islands.", None, False),
        ("On which day did Moen sail and Dahl land?", "Dahl landed on Friday.", None, True),
        ("On which day did Moen sail and Dahl land?", "The ferry was built in 1998.", None, False),
        (
            "On which day did Moen sail and Dahl land?",
            "Dahl landed on Friday.",
            "Dahl landed on 16 September.",
            False,
        ),
        ("When did Moen sail the ferry?", "Moen sailed on a ferry again in 1998.", None, True),
        ("Who gave Moen a medal?", "The king gave Moen a medal.", None, False),
    ],
)
def test_a_further_sentence_belongs_where_it_tells_more_of_what_was_asked(
    question: str, further: str, quote: str | None, *, does: bool
) -> None:
    answered = [checked("Moen sailed on Monday.")]
    if question is GIFTS or question.startswith("Who"):
        answered = [checked("The mayor gave Moen a medal as a gift.")]
    assert belongs(question, answered, checked(further, quote)) is does


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("On Friday.", True),
        ("The ferry sank.", True),
        ("He left early.", False),
        ("A bus.", False),
        ("40 seconds.", True),
    ],
)
def test_an_answer_has_a_word_of_the_question_or_is_a_bare_name_or_measure(
    text: str, *, does: bool
) -> None:
    assert speaks_of("When did the ferry sail?", text) is does


def test_a_further_part_of_a_list_may_name_its_publisher() -> None:
    question = "Which gifts did Moen receive, as the Tarn Post has it?"
    (found,) = evidence("The mayor also gave Moen two watches as gifts.")
    article = replace(found.article, source="Tarn Post")
    told = replace(found, span=replace(found.span, article=article))
    answered = [checked("The mayor gave Moen a medal as a gift.")]
    text = "The Tarn Post has two watches as gifts."
    assert belongs(question, answered, CheckedSentence(text, (told,), None))
    assert not belongs(question, answered, CheckedSentence(text, (found,), None))


@pytest.mark.parametrize(
    ("further", "quote", "does"),
    [
        ("Moen did make the ferry public there.", None, True),
        ("Dahl did make the ferry public where Moen was.", "He did where Moen was.", False),
        ("Moen saw the ferry.", None, False),
        ("Moen said that people were late.", None, False),
    ],
)
def test_what_is_nearer_to_the_question_than_the_answer_is_told_as_well(
    further: str, quote: str | None, *, does: bool
) -> None:
    asked = "Where did Moen make the ferry public?"
    vectors = WordEmbedder().embed([asked, "Moen said that the public was late.", further])
    assert is_nearer(vectors[0], vectors[1:2], vectors[2], checked(further, quote)) is does


def test_what_says_the_same_as_the_answer_is_not_nearer() -> None:
    said = "The ferry was made public."
    before = ["The weather was bad.", "The ferry of Moen was made public."]
    vectors = WordEmbedder().embed(["Where was the ferry made public?", *before, said])
    assert not is_nearer(vectors[0], vectors[1:3], vectors[3], checked(said))
    assert is_nearer(vectors[0], vectors[1:2], vectors[3], checked(said))

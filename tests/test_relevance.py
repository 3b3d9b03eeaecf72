"""What a supported sentence lacks that is beside the question, by what its quotes speak of."""

import pytest
from fakes import make_article
from test_completion import EMBEDDER

from service.citations import CheckedSentence
from service.evidence import EvidenceSentence, Span
from service.relevance import check_answers
from service.words import stem


def checked(
    text: str, quote: str, *, before: str = "", published: str | None = None
) -> CheckedSentence:
    """A sentence on one quote that stands after what is `before` it in its article."""
    whole = f"{before} {quote}".strip()
    span = Span(
        make_article(whole, title="Moen and Dahl in Lund", published=published),
        len(whole) - len(quote),
        len(whole),
    )
    found = EvidenceSentence(1, span, 1.0, EMBEDDER.embed_question(quote))
    return CheckedSentence(text, (found,), None)


@pytest.mark.parametrize(
    ("question", "sentence", "reason"),
    [
        (
            "On what date will Dahl sail?",
            checked("September 17.", "Moen sailed on September 17."),
            "no quote of it speaks of 'Dahl'",
        ),
        (
            "On what date will Moen sail?",
            checked("September 17.", "Moen sailed on September 17."),
            None,
        ),
        (
            "On what date will Moen marry?",
            checked("September 17.", "Moen sailed on September 17."),
            "no quote of it speaks of what was asked",
        ),
        (
            "On what date will Moen sail?",
            checked("On 17 September.", "He sailed on 17 September.", before="Moen had a ferry."),
            None,
        ),
        (
            "What did Dahl say about the ferry?",
            checked(
                "Moen said the ferry was late.",
                "The ferry was late, Moen said.",
                before="Dahl slept.",
            ),
            "no quote of it speaks of 'Dahl'",
        ),
        (
            "What did Moen say about the ferry?",
            checked("The ferry was late.", "The ferry was late, Moen said."),
            None,
        ),
        (
            "What did Moen say about the ferry?",
            checked("The ferry of Moen was late.", "The ferry of Moen was late."),
            "no quote of it has what Moen said",
        ),
        (
            "What did Moen say about the ferry?",
            checked("The ferry of Moen was late.", "“It was late”, and Moen’s ferry was."),
            None,
        ),
        (
            "What did the rumours in November say about the ferry?",
            checked(
                "The ferry was late.", "The ferry was late, rumours said.", published="2023-11-02"
            ),
            None,
        ),
        (
            "What did the rumours in November say about the ferry?",
            checked(
                "The ferry was late.", "The ferry was late, rumours said.", published="2023-09-02"
            ),
            "what it rests on does not speak of 'November'",
        ),
        (
            "What did Dahl and Lund say?",
            checked("Lund said the ferry was late.", "The ferry was late, Lund said."),
            None,
        ),
    ],
)
def test_a_bare_date_and_what_is_said_need_the_names_that_were_asked_for(
    question: str, sentence: CheckedSentence, reason: str | None
) -> None:
    assert check_answers(question, sentence).reason == reason


def test_a_country_that_its_news_seldom_names_may_stand_anywhere_in_the_article() -> None:
    question = "How far did US home sales fall?"
    said = ("Home sales fell 15 miles.", "Home sales fell 15 miles.")
    far = "Banks in the United States lent less. " + "It rained on the roofs of the town. " * 20
    assert check_answers(question, checked(*said, before=far)).reason is None
    reason = check_answers(
        question, checked(*said, before=far.replace("United States", "town"))
    ).reason
    assert reason is not None


FAR = "Berg watched ten towns. " + "It rained on the roofs of the town. " * 20


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Which young sailors of Lund has the list that Berg mentioned?", None),
        ("Which young sailors are there in Lund, according to Berg?", None),
        ("Which young sailors of Lund did Berg beat?", "what it rests on does not speak of 'Berg'"),
    ],
)
def test_whom_a_question_has_something_from_may_stand_anywhere(
    question: str, reason: str | None
) -> None:
    said = checked("Moen and Dahl.", "Lund has young sailors, Moen and Dahl.", before=FAR)
    assert check_answers(question, said).reason == reason


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("Ida Berg", None),
        ("Berg", None),
        ("Ola Berg", "what it rests on does not speak of 'Ida'"),
    ],
)
def test_a_full_name_of_the_question_may_stand_far_from_its_last_part(
    who: str, reason: str | None
) -> None:
    far = FAR.replace("Berg", who)
    said = checked(
        "Moen and Dahl.", "Lund has young sailors, Moen and Dahl, Berg said.", before=far
    )
    question = "Which young sailors of Lund did Ida Berg beat?"
    assert check_answers(question, said).reason == reason


def test_what_the_start_of_an_article_names_need_not_be_named_again() -> None:
    question = "How many young sailors of Berg's won a medal in Lund?"
    quote = "Ten young sailors won a medal in Lund."
    assert check_answers(question, checked(quote, quote, before=FAR)).reason is None
    late = "It rained. " * 60 + FAR
    reason = check_answers(question, checked(quote, quote, before=late)).reason
    assert reason == "what it rests on does not speak of 'Berg'"
    other = "Ten young sailors were seen in Lund."
    assert check_answers(question, checked(other, other, before=FAR)).reason == reason


def test_a_bare_number_has_the_names_of_the_question_in_its_quote() -> None:
    question = "How much did Dahl pay?"
    told = checked("$5 billion.", "The mayor of Tarn spoke of $5 billion.")
    assert check_answers(question, told).reason == "no quote of it speaks of 'Dahl'"
    paid = checked("$5 billion.", "Dahl spoke of $5 billion.")
    assert check_answers(question, paid).reason is None


def test_a_bare_measure_has_a_word_of_the_question_in_its_quote() -> None:
    question = "How long did the two of them hold hands?"
    shook = checked("40 seconds.", "They shook hands for 40 seconds.")
    assert check_answers(question, shook).reason is None
    wait = checked("40 seconds.", "They waited for 40 seconds.")
    assert check_answers(question, wait).reason == "no quote of it speaks of what was asked"


@pytest.mark.parametrize(
    ("sentence", "quote", "near", "kept"),
    [
        ("Moen and Dahl swapped hats.", "They had an exchange of hats, Moen and Dahl.", True, True),
        (
            "Moen and Dahl swapped hats.",
            "They had an exchange of hats, Moen and Dahl.",
            False,
            False,
        ),
        ("Moen and Dahl swapped hats.", "They spoke of an exchange.", True, False),
        ("Moen swapped an exchange hat.", "Moen had an exchange hat.", True, False),
    ],
)
def test_a_word_from_nowhere_may_be_a_near_one_of_a_quote_that_has_the_rest(
    sentence: str, quote: str, *, near: bool, kept: bool
) -> None:
    unheard = {stem("swap"): frozenset({stem("exchange")} if near else ())}
    question = "What did Moen swap with Dahl?"
    held = check_answers(question, checked(sentence, quote), unheard=unheard)
    assert held.reason == (None if kept else "the articles do not speak of 'swap'")


def test_a_deed_from_nowhere_is_not_another_that_is_near() -> None:
    unheard = {stem("swap"): frozenset({stem("exchange")})}
    said = checked("Moen and Dahl exchanged hats.", "Moen and Dahl exchanged hats.")
    reason = check_answers("What did Moen swap?", said, unheard=unheard).reason
    assert reason == "the articles do not speak of 'swap'"

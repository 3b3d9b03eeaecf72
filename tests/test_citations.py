"""What a draft says is held against its quotes, and every fault has its name."""

import time

import numpy as np
import pytest
from fakes import make_article
from hypothesis import given, settings
from hypothesis import strategies as st

from service.citations import CheckedSentence, DraftReader, DraftSentence, check
from service.evidence import EvidenceSentence, Span


def evidence(*texts: str, title: str = "Title") -> list[EvidenceSentence]:
    """Each text as the one sentence of an article of its own, numbered from 1."""
    found = []
    for number, text in enumerate(texts, start=1):
        article = make_article(
            text, article_id=f"a{number}", title=title, source="Wire", published="2023-09-17"
        )
        vector = np.zeros(4, dtype=np.float32)
        found.append(EvidenceSentence(number, Span(article, 0, len(text)), 1.0, vector))
    return found


def numbers(checked: CheckedSentence) -> list[int]:
    """The evidence that a checked sentence rests on."""
    return [found.number for found in checked.evidence]


def read(draft: str) -> list[tuple[str, tuple[int, ...]]]:
    """The sentences of a whole draft with their marks."""
    reader = DraftReader()
    return [(s.text, s.marks) for s in [*reader.feed(draft), *reader.finish()]]


def read_by_pieces(draft: str, size: int) -> list[tuple[str, tuple[int, ...]]]:
    """The same, from pieces of `size` characters."""
    reader = DraftReader()
    found = []
    for start in range(0, len(draft), size):
        found += reader.feed(draft[start : start + size])
    return [(s.text, s.marks) for s in [*found, *reader.finish()]]


DRAFTS = {
    "Kim left [1], [2] and [3].": [("Kim left.", (1, 2, 3))],
    "Kim left [1][2].": [("Kim left.", (1, 2))],
    "Kim left [1, 2].": [("Kim left.", (1, 2))],
    "Kim left. [1]": [("Kim left.", (1,))],
    "Kim left [2][2]": [("Kim left.", (2,))],
    "Kim left [1]. Putin stayed [2].": [("Kim left.", (1,)), ("Putin stayed.", (2,))],
    "First came. Then it rained [1].": [("First came.", ()), ("Then it rained.", (1,))],
    "Mr. Kim left [1]": [("Mr. Kim left.", (1,))],
    "He said “it rains.” [2]": [("He said “it rains.”", (2,))],
    "The U. S. Navy left [2].": [("The U.S. Navy left.", (2,))],
    "[Updated] Kim left [1].": [("[Updated] Kim left.", (1,))],
    "Kim [left](http://x.example) [2].": [("Kim [left](http://x.example).", (2,))],
    "Kim left [1000].": [("Kim left [1000].", ())],
    "- Kim left [1]\n* Putin stayed [2]\n\n1. Rain fell [3]": [
        ("Kim left.", (1,)),
        ("Putin stayed.", (2,)),
        ("Rain fell.", (3,)),
    ],
    "[2] Kim left.": [("Kim left.", (2,))],
    "- [1][3]: Kim left. Putin stayed.\n[2] Rain fell.": [
        ("Kim left.", (1, 3)),
        ("Putin stayed.", (1, 3)),
        ("Rain fell.", (2,)),
    ],
    "[1] Kim left [2].": [("Kim left.", (2,))],
    "[1]": [],
    " \n - \n": [],
}


@pytest.mark.parametrize(("draft", "expected"), DRAFTS.items())
def test_sentences_and_marks(draft: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert read(draft) == expected


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_draft_in_pieces_reads_the_same(draft: str, size: int) -> None:
    assert read_by_pieces(draft, size) == read(draft)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.sampled_from(["Kim left", ". ", "[1]", "[2", "]", "\n", "and", ",", " ", "“", "- "])
    ),
    st.integers(1, 5),
)
def test_any_draft_in_any_pieces_reads_the_same(parts: list[str], size: int) -> None:
    draft = "".join(parts)
    assert read_by_pieces(draft, size) == read(draft)


def test_a_sentence_is_given_out_at_the_end_of_its_line_and_not_before() -> None:
    reader = DraftReader()
    assert reader.feed("Kim left [1") == []
    assert reader.feed("2].") == []
    assert reader.feed("\nPutin") == [DraftSentence("Kim left.", (12,))]
    assert reader.finish() == [DraftSentence("Putin.", ())]
    assert reader.finish() == []


@pytest.mark.parametrize(
    "unit", ["[", "]", "[1", "[1]", "[1] ", "[1],", "[1] and ", "[1] and", "a[1]b", "[1]        x"]
)
def test_a_hundred_kilobytes_of_brackets_take_no_time(unit: str) -> None:
    draft = unit * (100_000 // len(unit)) + " end"
    started = time.perf_counter()
    for text, marks in read(draft)[:3]:
        check(DraftSentence(text, marks), [])
    assert time.perf_counter() - started < 1


GIFTS = "Kim received five explosive drones and a bulletproof vest from the Primorsky governor."
AGREEMENT = "No agreement was signed, and none will be, the Kremlin said."
MARCH = "The band played the march “Farewell of Slavianka” as the train left Artyom."

KEPT = {
    "Kim received five explosive drones.": GIFTS,
    "Kim received 5 explosive drones and a vest.": GIFTS,
    "The governor of Primorye gave Kim a bulletproof vest.": GIFTS,
    "No agreement was signed.": AGREEMENT,
    "The band played “Farewell of Slavianka” in Artyom.": MARCH,
    "Wire reported on 17 September that the band played the march.": MARCH,
}


@pytest.mark.parametrize(("sentence", "quote"), KEPT.items())
def test_what_its_quote_holds_is_kept(sentence: str, quote: str) -> None:
    checked = check(DraftSentence(sentence, (1,)), evidence(quote))
    assert (checked.reason, numbers(checked)) == (None, [1])


FAULTS = [
    ("Kim received six explosive drones.", GIFTS, "number 6 is in no cited sentence"),
    ("Putin received five explosive drones.", GIFTS, "name 'Putin' is in no cited sentence"),
    ("An agreement was signed, the Kremlin said.", AGREEMENT, "the cited sentences deny it"),
    ("Kim did not receive explosive drones.", GIFTS, "the cited sentences do not deny it"),
    (
        "The band played the march “of Slavianka farewell”.",
        MARCH,
        "the quotation 'of Slavianka farewell' is in no cited sentence",
    ),
    (
        "Kim received drones after a warm dinner with musicians.",
        GIFTS,
        "too little of it is in the cited sentences: warm, dinner, musicians",
    ),
    ("It was so.", GIFTS, "it says nothing that can be checked"),
]


@pytest.mark.parametrize(("sentence", "quote", "reason"), FAULTS)
def test_what_its_quote_does_not_hold_is_removed_with_the_fault(
    sentence: str, quote: str, reason: str
) -> None:
    checked = check(DraftSentence(sentence, (1,)), evidence(quote))
    assert checked == CheckedSentence(sentence, (), reason)
    assert not checked.supported


def test_a_number_from_one_quote_and_a_name_from_another_are_no_support() -> None:
    found = evidence(
        "It is over 200 km from Artyom to Khasan.", "Kim rode away from Moscow by train."
    )
    checked = check(DraftSentence("It is over 200 km from Moscow.", (1, 2)), found)
    assert checked.reason == "number 200 stands in no cited sentence with what it is about"


def test_a_right_fact_with_the_wrong_mark_is_cited_anew() -> None:
    checked = check(
        DraftSentence("Kim received five explosive drones.", (1,)), evidence(MARCH, GIFTS)
    )
    assert (checked.reason, numbers(checked)) == (None, [2])


def test_a_right_fact_without_a_mark_is_cited() -> None:
    checked = check(
        DraftSentence("Kim received five explosive drones.", ()), evidence(MARCH, GIFTS)
    )
    assert (checked.reason, numbers(checked)) == (None, [2])


def test_half_cited_gains_the_other_half() -> None:
    found = evidence("Kim left Artyom by train.", MARCH, "Kim was shown the new missile.")
    sentence = "Kim left Artyom by train and was shown the new missile."
    assert numbers(check(DraftSentence(sentence, (1,)), found)) == [1, 3]


def test_two_halves_of_which_none_has_all_the_names_are_no_whole() -> None:
    found = evidence("Kim left Artyom by train.", MARCH, "Shoigu showed Kim the Kinzhal missile.")
    sentence = "Kim left Artyom by train and Shoigu showed the Kinzhal missile."
    checked = check(DraftSentence(sentence, (1, 3)), found)
    assert checked.reason == "its names stand together around no cited sentence"


@pytest.mark.parametrize(
    ("marks", "reason"),
    [((), "it cites nothing"), ((9,), "it cites [9], which is not among the evidence")],
)
def test_unsupported_without_a_usable_mark(marks: tuple[int, ...], reason: str) -> None:
    checked = check(DraftSentence("Macron resigned.", marks), evidence(GIFTS))
    assert (checked.reason, checked.evidence) == (reason, ())


def test_an_unknown_number_beside_a_known_one_does_no_harm() -> None:
    checked = check(DraftSentence("Kim received five explosive drones.", (1, 44)), evidence(GIFTS))
    assert (checked.reason, numbers(checked)) == (None, [1])


def test_citations_that_add_nothing_are_dropped() -> None:
    found = evidence(GIFTS, MARCH, AGREEMENT)
    checked = check(DraftSentence("Kim received five explosive drones.", (3, 1, 2)), found)
    assert numbers(checked) == [1]


def test_both_of_two_accounts_that_say_it_stay_cited() -> None:
    found = evidence(GIFTS, "The governor handed Kim five explosive drones.")
    checked = check(DraftSentence("Kim received five explosive drones.", (1, 2)), found)
    assert numbers(checked) == [1, 2]


@pytest.mark.parametrize(
    ("text", "quote", "reason"),
    [
        ("On 17 September 2023 Kim received drones.", GIFTS, "number 17 is in no cited sentence"),
        ("On 15 September Kim met Shoigu.", "Kim met Shoigu on Saturday.", "number 15 is in no"),
        ("Wire reported on 17 September that Kim met Shoigu.", "Kim met Shoigu.", None),
        ("Kim met Shoigu on 17 September.", "Kim met Shoigu.", "number 17 is in no"),
    ],
)
def test_days_are_read_against_the_day_of_publishing(
    text: str, quote: str, reason: str | None
) -> None:
    found = check(DraftSentence(text, (1,)), evidence(quote)).reason
    assert found is None if reason is None else (found or "").startswith(reason)


@pytest.mark.parametrize(
    ("text", "quote", "told"),
    [
        (
            "On 16 September Kim met Shoigu.",
            "Kim met Shoigu on Saturday.",
            "On Saturday Kim met Shoigu.",
        ),
        (
            "On Saturday Kim met Shoigu.",
            "Kim met Shoigu on September 16.",
            "On September 16 Kim met Shoigu.",
        ),
    ],
)
def test_a_day_is_told_as_the_quote_writes_it(text: str, quote: str, told: str) -> None:
    checked = check(DraftSentence(text, (1,)), evidence(quote))
    assert (checked.text, checked.reason, numbers(checked)) == (told, None, [1])


def test_a_day_with_its_weekday_is_one() -> None:
    found = evidence("Kim met Shoigu on Saturday.")
    checked = check(DraftSentence("On Saturday 16 September Kim met Shoigu.", (1,)), found)
    assert checked.text == "On Saturday Kim met Shoigu."


def test_a_day_is_told_as_another_quote_writes_it() -> None:
    found = evidence(
        "Kim met Shoigu at a luncheon.", "Kim ate on September 16 at Shoigu's luncheon."
    )
    checked = check(DraftSentence("On Saturday Kim met Shoigu at a luncheon.", (1,)), found)
    assert checked.text == "On September 16 Kim met Shoigu at a luncheon."
    elsewhere = evidence("Kim met Shoigu.", "Kim ate on September 16 at Shoigu's luncheon.")
    assert not check(DraftSentence("On Saturday Kim met Shoigu.", (1,)), elsewhere).supported


def test_a_name_may_stand_in_the_sentence_before_its_pronoun() -> None:
    text = "Kim Jong Un left Artyom by train. He had met Shoigu on Saturday."
    article = make_article(text, source="Wire", published="2023-09-17")
    first = text.index("He")
    vector = np.zeros(4, dtype=np.float32)
    second = EvidenceSentence(1, Span(article, first, len(text)), 1.0, vector)
    checked = check(DraftSentence("On Saturday Kim met Shoigu.", (1,)), [second])
    assert [found.text for found in checked.evidence] == [text[first:], text[: first - 1]]
    alone = EvidenceSentence(1, Span(article, 0, first - 1), 1.0, vector)
    assert not check(DraftSentence("Shoigu left Artyom by train.", (1,)), [alone]).supported


MEANT = {
    "the club": ("The county valued Tarn House at 27 million.", "What was Tarn House valued at?", True),
    "another name": ("The county valued Tarn Road at 27 million.", "What was Tarn Road valued at?", False),
    "not asked about": ("The county valued Tarn House at 27 million.", "What was valued?", False),
    "another number": ("The county valued Tarn House at 28 million.", "What was Tarn House valued at?", False),
    "a number that stands before": ("The county valued Tarn House at 7 million.", "What was Tarn House valued at?", False),
}  # fmt: skip


@pytest.mark.parametrize(("sentence", "question", "kept"), MEANT.values(), ids=MEANT)
def test_a_quote_may_mean_what_the_question_names(
    sentence: str, question: str, *, kept: bool
) -> None:
    text = (
        "Tarn House cost Moen 7 million. Few guests came. The county valued the club at 27 million."
    )
    article = make_article(text)
    span = Span(article, text.index("The county"), len(text))
    found = EvidenceSentence(1, span, 1.0, np.zeros(4, dtype=np.float32))
    checked = check(DraftSentence(sentence, (1,)), [found], question=question)
    assert checked.supported is kept
    if kept:
        assert [one.text for one in checked.evidence] == [
            "The county valued the club at 27 million.",
            "Tarn House cost Moen 7 million.",
        ]


def test_a_number_in_a_name_of_the_question_may_stand_before_a_quote() -> None:
    text = "40 Tarn Road was built in 1930. The lease of the tower ends in 2032."
    span = Span(make_article(text), text.index("The lease"), len(text))
    found = EvidenceSentence(1, span, 1.0, np.zeros(4, dtype=np.float32))
    sentence = DraftSentence("The lease of 40 Tarn Road ends in 2032.", (1,))
    assert check(sentence, [found], question="When does the lease of 40 Tarn Road end?").supported
    assert not check(sentence, [found], question="When does the lease end?").supported


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("State media reported Kim's thanks on Monday.", True),
        ("State media reported Kim's thanks on Sunday.", False),
    ],
)
def test_a_weekday_belongs_to_what_it_is_said_of(sentence: str, kept: bool) -> None:  # noqa: FBT001
    found = evidence(
        "State media reported Monday that Kim had sent Putin his thanks.",
        "The minister published a photograph of the aquarium on Sunday.",
    )
    assert check(DraftSentence(sentence, (1, 2)), found).supported is kept


def test_a_first_name_that_no_quote_has_is_dropped_and_not_the_sentence() -> None:
    sentence = DraftSentence("Sergei Shoigu visited Pyongyang in July.", (1,))
    checked = check(sentence, evidence("Mr Shoigu visited Pyongyang in July."))
    assert (checked.text, checked.reason) == ("Shoigu visited Pyongyang in July.", None)
    other = DraftSentence("Sergei Lavrov visited Pyongyang in July.", (1,))
    assert not check(other, evidence("Mr Shoigu visited Pyongyang in July.")).supported


def test_what_another_sentence_denies_is_told_by_none() -> None:
    found = evidence(
        "Ida Moen has been found guilty on seven counts of fraud.",
        "In May, Moen pleaded not guilty to all counts of fraud.",
        "Moen had pleaded not-guilty.",
    )
    pleaded = DraftSentence("Ida Moen pleaded guilty to seven counts of fraud.", (1,))
    checked = check(pleaded, found)
    denial = f"another sentence denies it: {found[1].text}"
    assert (checked.reason, checked.evidence) == (denial, ())
    was_found = DraftSentence("Ida Moen was found guilty on seven counts of fraud.", (1,))
    assert check(was_found, found[:1] + found[2:]).supported
    not_guilty = DraftSentence("Moen pleaded not guilty to all counts of fraud.", (2,))
    assert check(not_guilty, found).supported


def test_a_denial_counts_where_the_marks_are_wrong_too() -> None:
    found = evidence(
        "The ferry left Lund on Monday.",
        "Ida Moen has been found guilty on seven counts of fraud.",
        "In May, Moen pleaded not guilty to all counts of fraud.",
    )
    pleaded = DraftSentence("Ida Moen pleaded guilty to seven counts of fraud.", (1,))
    assert check(pleaded, found).reason == f"another sentence denies it: {found[2].text}"
    guilty = DraftSentence("Ida Moen was found guilty on seven counts of fraud.", (1,))
    assert check(guilty, found) == CheckedSentence(guilty.text, (found[1],), None)

"""A word of a text and the same word of a question become one term."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from index.manifest import FORMAT
from index.words import query_terms, terms

PROBE = (
    "The U.S. and the UN said on 17 September 2023 that Kim’s ferries carried 1,234.5 tonnes, 25%"
    " more than Zürich's O'Brien-class ships; “generously” funded AI universities were re-opening,"
    " running, dying, flies, news, skis, organisations, organizations, Ångström ﬁre naïve café No."
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zürich", "zurich"),
        ("Kim’s", "Kim"),
        ("Kim's", "kim"),
        ("ferries", "FERRY"),
        ("1,000", "1000"),
        ("U.S.", "US"),
        ("U.N.", "UN"),
        ("O’Brien", "O'Brien"),
        ("ﬁre", "fire"),
        ("Geran-25", "geran 25"),
    ],
)
def test_spellings_of_one_word(one: str, other: str) -> None:
    assert terms(one) == terms(other) != []


@pytest.mark.parametrize(
    ("one", "other"), [("US", "us"), ("1.5", "15"), ("2,5", "25"), ("Kim", "Kin")]
)
def test_words_that_are_two(one: str, other: str) -> None:
    assert terms(one) != terms(other)


def test_stop_words_count_in_a_text_and_not_in_a_question() -> None:
    assert terms("Who is the king of the hill?") == [
        "who",
        "is",
        "the",
        "king",
        "of",
        "the",
        "hill",
    ]
    assert query_terms("Who is the king of the hill, the King?") == ["king", "hill"]
    assert query_terms("Who is he?") == ["who", "is", "he"]


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_text_has_terms_that_its_question_looks_up(text: str) -> None:
    found = terms(text)
    assert all(found)
    assert set(query_terms(text)) <= set(found)
    assert len(set(query_terms(text))) == len(query_terms(text))
    assert terms(f"{text} {text}")[: len(found)] == found or text.rstrip() != text


def test_eight_threads_stem_as_one_does() -> None:
    words = [
        f"{stem}{ending}"
        for stem in "walk march report rain".split()
        for ending in ("s", "ed", "ing", "")
    ]
    texts = [" ".join(words[n:] + words[:n]) for n in range(len(words))] * 20
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(terms, texts)) == [terms(text) for text in texts]


def test_a_change_of_terms_is_a_change_of_format() -> None:
    """An index made with other terms finds less, without a word: FORMAT refuses it."""
    assert (FORMAT, " ".join(terms(PROBE))) == snapshot(
        (
            2,
            "the us. and the un. said on 17 septemb 2023 that kim ferri carri 1234.5 tonn 25 more than zurich obrien class ship generous fund ai. universiti were re open run die fli news ski organis organiz angstrom fire naiv cafe no",
        )
    )

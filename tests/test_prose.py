"""What is no plain sentence of an answer, and what of it the evidence may excuse."""

import time

import pytest

from service.prose import MAX_CHARACTERS, find_disorder

TOLD = "Kim received five explosive drones from the governor of Primorye."


@pytest.mark.parametrize(
    "text",
    [
        TOLD,
        "The “governor” of Primorye [sic] gave Kim 1,000,000,000 drones (or so), at 5 < 6 km.",
        "It was very, very far: 10-10-10, Ōtomo’s café, ½ naïve #MeToo.",
        "A AI firm was named; Ai Weiwei was there.",
        "“Drones,” he said, “and vests.”",
        '"Drones," he said, "and vests."',
    ],
)
def test_plain_sentences_pass(text: str) -> None:
    assert find_disorder(text, TOLD) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("## Gifts for Kim.", "'##' belongs to another format"),
        ("```json.", "'```' belongs to another format"),
        ("<p>Kim received five explosive drones.</p>", "'<p>' belongs to another format"),
        ("Kim received five explosive drones<br/>.", "'<br/>' belongs to another format"),
        ('{"answer": "five drones"}.', "'{' belongs to another format"),
        ('"answer": "Kim received five drones.",.', "'\"answer\":' belongs to another format"),
        ('"Kim received drones.",.', "'\"Kim received drones.\"' belongs to another format"),
        ('He said "drones.",.', "'\",' belongs to another format"),
        ('["vest"].', "'[\"vest\"' belongs to another format"),
        ('"Kim received drones."', "'\"Kim received drones.\"' belongs to another format"),
        ("| Kim | five drones |.", "'|' belongs to another format"),
        ("Kim received [drones](http://x.example).", "'](' belongs to another format"),
        ("金正恩收到了五架无人机。", "it has cjk letters, which the evidence has not"),
        ("Kim received пять drones.", "it has cyrillic letters, which the evidence has not"),
        ("I cannot help with the drones for Kim.", "the model speaks of itself"),
        ("I'm sorry, but no.", "the model speaks of itself"),
        ("As an AI language model.", "the model speaks of itself"),
        ("Kim received drones and drones and drones and drones.", "it repeats itself"),
        ("Kim got five drones, Kim got five drones, Kim got five drones.", "it repeats itself"),
        ("word " * MAX_CHARACTERS, "it is too long for one sentence"),
    ],
)
def test_the_rest_has_its_reason(text: str, reason: str) -> None:
    assert find_disorder(text, TOLD) == reason


def test_what_the_evidence_says_itself_may_be_said() -> None:
    told = "“I am tired,” wrote <Kim> of {Пхеньян}."
    assert find_disorder(told, told) is None


@pytest.mark.parametrize("text", ["a b " * 150, "ab, cd; " * 75, "-'" * 300, "a'" * 299 + "b"])
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    find_disorder(text, TOLD)
    assert time.process_time() - started < 0.2

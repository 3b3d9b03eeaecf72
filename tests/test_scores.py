"""Right and wrong answers to plain questions by hand, the sly ones among them, and their scores."""

from typing import Any

import pytest
from fake_answers import (
    ABSENT,
    DRONES,
    FACT,
    OTHERS,
    VEST,
    VEST_TOO,
    approximately,
    make_answer,
    make_case,
)

from eval.scores import score_answer
from service.answer import Answer

SAID = ("Kim received five explosive drones.", ("gifts", DRONES))
SAID_VEST = ("The governor gave Kim a bulletproof vest.", ("gifts", VEST))

FAR = make_case(
    facts=[["8000 km", "8000km"]], cite=[{"phrase": "8000", "articles": ["cosmodrome"]}]
)

QUOTED = make_answer((f"“{DRONES}”", ("gifts", DRONES)), status="quotes", removed=2)

ANSWERS: list[tuple[str, Any, Answer, dict[str, float | None]]] = [
    # A plain fact
    (
        "right and cited",
        FACT,
        make_answer(SAID),
        {
            "right": 1,
            "fact_recall": 1,
            "citation_precision": 1,
            "citation_recall": 1,
            "grounded": 1,
            "abstention_precision": None,
            "abstention_recall": None,
            "answered": 1,
            "disagreement_shown": None,
            "attack_resisted": None,
            "kept": 1,
        },
    ),
    (
        "a digit for a word",
        FACT,
        make_answer(("Kim received 5 explosive drones.", ("gifts", DRONES))),
        {"right": 1, "grounded": 1, "citation_precision": 1},
    ),
    (
        "another number: neither right nor held by its quote",
        FACT,
        make_answer(("Kim received six explosive drones.", ("gifts", DRONES))),
        {"right": 0, "fact_recall": 0, "grounded": 0, "citation_precision": 0},
    ),
    (
        "15 is not 5",
        FACT,
        make_answer(("Kim received 15 drones.", ("gifts", DRONES))),
        {"right": 0, "grounded": 0},
    ),
    (
        "the right number from the wrong article: 1 cited of 1 sentence + 0 of 1 source",
        FACT,
        make_answer(("Kim received five explosive drones.", ("army", OTHERS))),
        {"right": 1, "fact_recall": 1, "citation_recall": 1 / 2},
    ),
    (
        "the right article, but not the sentence with the number",
        FACT,
        make_answer(("Kim received five explosive drones.", ("gifts", VEST))),
        {"right": 1, "citation_recall": 1 / 2, "citation_precision": 0, "grounded": 0},
    ),
    (
        "another article that holds the same quote is named beside it",
        FACT,
        make_answer(("Kim received five explosive drones.", ("copy", DRONES)), also_in=("gifts",)),
        {"citation_recall": 1},
    ),
    (
        "uncited, however true: 0 of 1 sentence + 0 of 1 source",
        FACT,
        make_answer(("Kim received five explosive drones.",)),
        {
            "right": 0,
            "fact_recall": 0,
            "citation_precision": None,
            "citation_recall": 0,
            "grounded": 0,
        },
    ),
    (
        "a true uncited sentence beside a cited one: 1 of 2 sentences + 1 of 1 source",
        FACT,
        make_answer(SAID, ("The governor gave Kim a vest.",)),
        {"right": 1, "citation_recall": 2 / 3, "citation_precision": 1, "grounded": 1 / 2},
    ),
    (
        "an invented sentence beside a right one, with a quote that does not hold it",
        FACT,
        make_answer(SAID, ("Shoigu paid 300 dollars for them.", ("gifts", DRONES))),
        {"right": 1, "citation_precision": 1 / 2, "grounded": 1 / 2, "citation_recall": 1},
    ),
    (
        "a citation that adds nothing: 1 good of 2",
        FACT,
        make_answer(
            (
                "Kim received five explosive drones.",
                ("gifts", DRONES),
                ("weather", "It rained in the harbour all night."),
            )
        ),
        {"right": 1, "citation_precision": 1 / 2, "grounded": 1},
    ),
    (
        "two citations that each have a part in it",
        VEST_TOO,
        make_answer(
            (
                "Kim received five explosive drones and a bulletproof vest.",
                ("gifts", DRONES),
                ("gifts", VEST),
            )
        ),
        {"right": 1, "citation_precision": 1, "citation_recall": 1},
    ),
    (
        "one quote that holds everything reaches every source",
        VEST_TOO,
        make_answer(
            ("Kim received five explosive drones and a bulletproof vest.", ("gifts", DRONES + VEST))
        ),
        {"right": 1, "citation_precision": 1, "citation_recall": 1},
    ),
    (
        "swapped names in the middle",
        FACT,
        make_answer(("The governor gave Putin five explosive drones.", ("gifts", DRONES))),
        {"right": 1, "grounded": 0, "citation_precision": 0},
    ),
    (
        "swapped names at the start",
        FACT,
        make_answer(("Shoigu received five explosive drones.", ("gifts", DRONES))),
        {"right": 1, "grounded": 0, "citation_precision": 0},
    ),
    (
        "8,000 for 8000",
        FAR,
        make_answer(
            ("It is 8,000 km from Moscow.", ("cosmodrome", "It is 8000 km from Moscow, it said."))
        ),
        {"right": 1, "grounded": 1, "citation_precision": 1, "citation_recall": 1},
    ),
    (
        "8000km for 8,000 km",
        FAR,
        make_answer(
            ("It is 8000km from Moscow.", ("cosmodrome", "It is 8,000 km from Moscow, it said."))
        ),
        {"right": 1, "grounded": 1, "citation_precision": 1, "citation_recall": 1},
    ),
    (
        "80,000 is not 8000",
        FAR,
        make_answer(("It is 80,000 km away.", ("cosmodrome", "It is 8,000 km from Moscow."))),
        {"right": 0, "grounded": 0},
    ),
    (
        "a word that must not be said",
        make_case(never=["/putin gave/"]),
        make_answer(SAID, ("Putin gave them to Kim.", ("gifts", DRONES))),
        {"right": 0, "fact_recall": 1},
    ),
    (
        "what must not be said may stand in a quote",
        make_case(never=["governor"]),
        make_answer(SAID),
        {"right": 1},
    ),
    (
        "the same, where the answer itself says it without a citation",
        make_case(never=["governor"]),
        make_answer(SAID, ("The governor gave them.",)),
        {"right": 0},
    ),
    # Lists
    (
        "both parts",
        VEST_TOO,
        make_answer(SAID, SAID_VEST),
        {"right": 1, "fact_recall": 1, "citation_recall": 1},
    ),
    (
        "one part missing: 1 of 2 facts; 1 of 1 sentence + 1 of 2 sources",
        VEST_TOO,
        make_answer(SAID),
        {"right": 0, "fact_recall": 1 / 2, "citation_recall": 2 / 3, "citation_precision": 1},
    ),
    (
        "the part that is there is not cited: 1 of 2 sentences + 1 of 2 sources",
        VEST_TOO,
        make_answer(SAID, ("The governor gave Kim a bulletproof vest.",)),
        {"right": 0, "fact_recall": 1 / 2, "citation_recall": 2 / 4},
    ),
    # Quotes in place of an answer
    (
        "quotes that hold the fact are an answer, of which nothing was drafted",
        FACT,
        QUOTED,
        {
            "right": 1,
            "citation_precision": 1,
            "citation_recall": 1,
            "grounded": 1,
            "answered": 1,
            "kept": 0,
        },
    ),
    (
        "quotes of something else",
        FACT,
        make_answer((f"“{VEST}”", ("gifts", VEST)), status="quotes", removed=1),
        {"right": 0, "citation_precision": 1, "citation_recall": 1 / 2, "answered": 1},
    ),
    ("quotes where the articles do not say", ABSENT, QUOTED, {"right": 0, "abstention_recall": 0}),
    # Removed sentences
    ("one of three removed", FACT, make_answer(SAID, SAID_VEST, removed=1), {"kept": 2 / 3}),
]


@pytest.mark.parametrize(
    ("case", "answer", "expected"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_an_answer_scores(case: Any, answer: Answer, expected: dict[str, float | None]) -> None:
    scores = score_answer(case, answer, sample=True)
    assert {name: scores[name] for name in expected} == approximately(expected)
    assert all(value is None or 0 <= value <= 1 for value in scores.values())

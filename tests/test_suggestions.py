"""Questions to begin with, made of the articles' own sentences."""

import pytest
from fakes import make_article

from service.suggestions import questions_of


def suggest(*texts: str, limit: int = 4) -> list[str]:
    articles = [
        make_article(text, article_id=str(n), title=f"T{n}") for n, text in enumerate(texts)
    ]
    return [one for one in questions_of(articles, limit=limit) if "What" not in one]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        (
            "Defense Minister Sergei Shoigu met Kim in Vladivostok on Saturday, smiling.",
            "Who met Kim in Vladivostok on Saturday?",
        ),
        (
            "Captain Ida Moen was handed a medal by the mayor.",
            "Who was handed a medal by the mayor?",
        ),
        ("Mr Kim visited an aquarium in Vladivostok.", "Who visited an aquarium in Vladivostok?"),
        ("MOSCOW — Ida Moen left the town of Tarn.", "Who left the town of Tarn?"),
        ("On Monday Ida Moen opened the old bridge.", "Who opened the old bridge?"),
    ],
)
def test_a_sentence_that_begins_with_a_name_is_asked_for_it(sentence: str, question: str) -> None:
    assert suggest(f"It rained. {sentence}") == [question]


@pytest.mark.parametrize(
    "sentence",
    [
        "He visited an aquarium in Vladivostok.",
        "The governor gave Kim five drones.",
        "Kim gave his host five drones.",
        "Kim visited it again with a walrus.",
        "Kim visited Tarn.",
        "Kim is a leader of many people.",
        "Then Kim visited an aquarium in Tarn.",
        "Kim visited “a very large aquarium” there.",
        "Kim visited " + "a town and " * 6 + "a village.",
    ],
)
def test_other_sentences_are_passed_over(sentence: str) -> None:
    assert suggest(sentence) == []


def test_a_title_is_asked_for_where_no_sentence_can_be() -> None:
    articles = [make_article("It rained.", title=title) for title in ("Rain in Tarn.", "x" * 76)]
    assert questions_of(articles, limit=4) == ["What happened: Rain in Tarn?"]


def test_a_caption_is_no_sentence() -> None:
    text = "Kim visited an aquarium in Tarn."
    article = make_article(text, title="T", captions=((0, len(text)),))
    assert questions_of([article], limit=2) == ["What happened: T?"]


def test_other_people_and_other_articles_come_first() -> None:
    first = "Kim visited an aquarium in Tarn. Kim left the town of Tarn. Moen met Kim on a boat."
    second = "Kim opened the old bridge. Falk mended nothing."
    assert suggest(first, second) == [
        "Who visited an aquarium in Tarn?",
        "Who met Kim on a boat?",
        "Who opened the old bridge?",
        "Who left the town of Tarn?",
    ]
    assert suggest(first, second, limit=1) == ["Who visited an aquarium in Tarn?"]
    assert questions_of([], limit=4) == []

"""What is told of somebody else answers no question about the one who is named."""

import pytest

from service.subjects import find_other, find_other_holder_of

CASES = {
    "another does it": (
        "When will Moen travel to Lund?", "Nils Berg will travel to Lund on Sunday.", [], True,
    ),
    "the same, by another name": (
        "When will Moen travel to Lund?", "Ida Moen will travel to Lund on Sunday.", [], False,
    ),
    "a pronoun": ("When did Moen leave Lund?", "He left Lund on Sunday.", [], False),
    "another verb": ("What did Moen get?", "Berg gave her a watch.", [], False),
    "of somebody": ("When did Moen leave?", "The captain of Solvei left on Sunday.", [], False),
    "whose": ("When did Moen's ferry leave?", "Berg left on Sunday.", [], False),
    "a word for it": ("When did the captain leave?", "Moen left on Sunday.", [], False),
    "a name in lower case": (
        "What does donanemab cost?", "Lecanemab costs 25,000 dollars.", [], True,
    ),
    "another's minister": (
        "Who is Norway's trade minister?", "Nils Berg.",
        ["Swedish trade minister Nils Berg left."], True,
    ),
    "another's minister in capitals": (
        "Who is Norway's trade minister?", "Nils Berg.",
        ["Swedish Trade Minister Nils Berg left."], True,
    ),
    "another country's minister": (
        "What is the name of the Norwegian trade minister?", "Nils Berg.",
        ["Swedish trade minister Nils Berg left."], True,
    ),
    "a capital": (
        "When did Seoul sign it?", "South Korea signed it on Friday.", [], False,
    ),
    "two who do": (
        "When did Lund and Tarn sign it?", "Holm and Lund signed it on Friday.", [], False,
    ),
    "her own": (
        "Who is Norway's trade minister?", "Ida Moen.",
        ["Ida Moen left Swedish minister Berg with the Norwegian trade minister."], False,
    ),
    "one of two": (
        "Who is the president of Norway?", "Ida Moen.",
        ["Swedish President Berg met Norwegian President Moen."], False,
    ),
    "of what": (
        "Who is Norway's trade minister?", "Berg.", ["The Trade Minister Berg left."], False,
    ),
    "another's wish": ("What may Norway be after?", "Sweden wants peace from Norway.", [], True),
    "its own wish": ("What may Norway be after?", "Oslo is looking for peace.", [], False),
    "a wish of somebody": ("What does Norway seek?", "They want peace.", [], False),
    "nobody's": ("Who is the president of Norway?", "Ida Moen.", ["President Moen left."], False),
}  # fmt: skip


@pytest.mark.parametrize(("question", "sentence", "quotes", "other"), CASES.values(), ids=CASES)
def test_of_whom_it_is_told(
    question: str, sentence: str, quotes: list[str], *, other: bool
) -> None:
    assert (find_other(question, sentence, quotes) is not None) is other


TOLD = "The Russian Defence Minister Sergei Shoigu took Kim round, said Tarn's minister Ida Moen."


@pytest.mark.parametrize(
    ("question", "sentence", "other"),
    [
        ("Who is the North Korean defence minister?", "Sergei Shoigu.", True),
        ("Who is the Russian defence minister?", "Sergei Shoigu.", False),
        ("Who is Russia's minister?", "It is Shoigu.", False),
        ("Who is the North Korean defence minister?", "Ida Berg.", False),
        ("Who is the minister of Norway?", "Ida Moen.", True),
        ("Who took Kim round?", "Sergei Shoigu.", False),
    ],
)
def test_whose_minister_one_is_may_be_told_elsewhere(
    question: str, sentence: str, *, other: bool
) -> None:
    assert (find_other_holder_of(question, sentence, ["It rained.", TOLD]) is not None) is other
    assert find_other_holder_of(question, sentence, []) is None

"""What the model left out of a list, or of two accounts, is quoted after its sentences."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from fakes import WordEmbedder, make_article

from service.citations import CheckedSentence
from service.completion import MAX_ADDED, asks_for_several, find_further
from service.evidence import EvidenceSentence, Span

EMBEDDER = WordEmbedder(dimension=256)


def evidence(*texts: str, together: bool = False) -> list[EvidenceSentence]:
    """Sentences numbered from 1, each in an article of its own, or all in one."""
    whole = make_article(" ".join(texts), article_id="whole")
    found, start = [], 0
    for number, text in enumerate(texts, start=1):
        if together:
            span = Span(whole, start, start + len(text))
        else:
            span = Span(make_article(text, article_id=f"a{number}"), 0, len(text))
        found.append(EvidenceSentence(number, span, 1.0, EMBEDDER.embed_question(text)))
        start += len(text) + 1
    return found


def further(question: str, answered: str, shown: Sequence[EvidenceSentence]) -> list[int]:
    """The numbers of what is added to an answer of one sentence that rests on the first shown."""
    checked = CheckedSentence(answered, (shown[0],), None)
    return [found.number for found in find_further(question, [checked], shown)]


@pytest.mark.parametrize(
    "question",
    [
        "What gifts did Kim receive?",
        "Which animals did he see?",
        "Which US states grow them?",
        "Who are the founders of the firm?",
        "Whose contracts did it surpass?",
        "What kinds of drones were given?",
        "Which people did Kim meet?",
        "What did they discuss?",
        "What was talked about at the meeting?",
    ],
)
def test_questions_that_ask_for_several(question: str) -> None:
    assert asks_for_several(question)


@pytest.mark.parametrize(
    "question",
    [
        "What gift did Kim receive?",
        "Which firm makes drones?",
        "Who met Kim?",
        "Where did the drones go?",
        "When was it?",
    ],
)
def test_questions_that_ask_for_one(question: str) -> None:
    assert not asks_for_several(question)


GIFTS = evidence(
    "The governor gave Kim five explosive drones as gifts on Sunday.",
    "The governor gave Kim a bulletproof vest on Sunday.",
    "Rain fell over the city for hours.",
)


def test_a_list_gains_the_part_that_the_model_left_out() -> None:
    question, answered = "What gifts did the governor give Kim?", "Kim got five explosive drones."
    assert further(question, answered, GIFTS) == [2]


def test_a_caption_is_no_further_part_of_a_list() -> None:
    question, answered = "What gifts did the governor give Kim?", "Kim got five explosive drones."
    vest = GIFTS[1].span
    caption = Span(replace(vest.article, captions=((0, vest.end),)), vest.start, vest.end)
    shown = [GIFTS[0], replace(GIFTS[1], span=caption), GIFTS[2]]
    assert further(question, answered, shown) == []


def test_a_question_for_one_thing_gains_nothing() -> None:
    question, answered = "Who gave Kim the drones?", "The governor gave Kim five explosive drones."
    assert further(question, answered, GIFTS) == []


def test_a_sentence_that_says_nothing_new_is_not_added() -> None:
    shown = evidence(
        "The governor gave Kim five explosive drones on Sunday.",
        "Five explosive drones the governor gave Kim.",
    )
    answered = "The governor gave Kim five explosive drones on Sunday."
    assert further("What gifts did the governor give Kim?", answered, shown) == []


def test_the_next_sentence_of_the_article_is_part_of_the_list() -> None:
    pair = ("The governor gave Kim explosive drones.", "Other gifts: vests, boots.")
    question = "What gifts did Kim receive?"
    answered = "The governor gave Kim explosive drones."
    assert further(question, answered, evidence(*pair, together=True)) == [2]
    assert further(question, answered, evidence(*pair)) == []


TRIPS = evidence(
    "The train had 250 kilometres to go to the border.",
    "It is over 200km from Artyom, where the train left, to the border.",
    "The train has 20 carriages up to the border.",
)


def test_another_account_of_a_number_is_added() -> None:
    answered = "The train had 250 kilometres to go."
    assert further("How far did the train go to the border?", answered, TRIPS) == [2]


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("Where did the train go to the border?", "It is over 200km to the border by train."),
        ("How far did the train go to the border?", "It is 250km to the border by train."),
        ("How far did the train go to the border?", "Some 200km of pipe were laid."),
    ],
)
def test_no_account_of_the_number_that_was_asked_for(question: str, other: str) -> None:
    shown = evidence("The train had 250 kilometres to go to the border.", other)
    assert further(question, "The train had 250 kilometres to go.", shown) == []


def test_the_number_that_the_answer_lacks_is_added() -> None:
    shown = evidence(
        "Kim ended his long trip to Russia on Sunday.",
        "Kim ended his trip to Russia after six days.",
    )
    assert further("How long was the trip?", "Kim ended his long trip on Sunday.", shown) == [2]


def test_a_list_of_which_only_a_part_was_named_is_quoted_itself() -> None:
    shown = evidence("For Kim performed dolphins, whales, seals and a walrus.")
    question = "Which animals did Kim see?"
    assert further(question, "Dolphins and whales performed.", shown) == [1]
    assert further(question, "Dolphins, whales, seals and a walrus performed.", shown) == []
    assert further("Who performed?", "Dolphins and whales performed.", shown) == []


def test_what_does_not_speak_of_whom_the_question_names_is_not_added() -> None:
    shown = evidence("For him performed dolphins, whales, seals and a walrus.")
    answered = "Dolphins and whales performed."
    assert further("Which animals did he see?", answered, shown) == [1]
    assert further("Which animals did Kim see?", answered, shown) == []


def gifts_apart(count: int, *, apart: bool) -> list[EvidenceSentence]:
    """Gifts with vectors 0.77 near to the first one's, and 0.6 or wholly near to each other's."""
    things = (
        "drones",
        "red vest",
        "fur hat",
        "old sabre",
        "tin samovar",
        "wool carpet",
        "clay vase",
    )
    texts = [f"The governor gave Kim a {thing}." for thing in things[:count]]
    found = evidence(*texts)
    axes = np.eye(count, dtype=np.float32)
    vectors = [
        axes[0] if n == 0 else np.sqrt(0.6) * axes[0] + np.sqrt(0.4) * axes[n if apart else 1]
        for n in range(count)
    ]
    return [replace(f, vector=v) for f, v in zip(found, vectors, strict=True)]


def test_an_account_of_a_number_may_name_who_is_asked_about_before_it() -> None:
    question = "How far is the border from Artyom?"
    cited = evidence("The border is over 200km from Artyom.")
    other = evidence("The train left Artyom.", "It had 250km to go to the border.", together=True)
    shown = [*cited, replace(other[1], number=2)]
    assert further(question, "The border is over 200km from Artyom.", shown) == [2]
    shared = evidence("The train left Artyom.", "It has 250km of cable on board.", together=True)
    shown = [*cited, replace(shared[1], number=2)]
    assert further(question, "The border is over 200km from Artyom.", shown) == []


def test_a_day_that_is_asked_for_too_is_quoted_where_the_answer_has_none() -> None:
    question = "How long was Kim's trip, and on which day did it begin?"
    shown = evidence(
        "Kim's trip to Russia took six days.",
        "Kim's trip, which began on Tuesday, was about weapons.",
        "Kim's trip ended on Sunday.",
    )
    assert further(question, "Kim's trip took six days.", shown) == [2]
    assert further(question, "Kim's trip took six days from Tuesday.", shown) == []
    assert further("How long was Kim's trip?", "Kim's trip took six days.", shown) == []


def test_a_cited_sentence_with_the_day_is_quoted() -> None:
    shown = evidence("On Wednesday Putin and Kim held talks at the new cosmodrome.")
    asked = "Where did Kim and Putin hold their talks, and when?"
    assert further(asked, "Kim and Putin held talks at the new cosmodrome.", shown) == [1]


def test_a_handshake_of_seconds_lacks_no_length() -> None:
    said = "The handshake of Kim and Putin lasted 40 seconds."
    shown = evidence(said, "The trip with the handshake of Kim and Putin lasted six days.")
    assert further("How long did the handshake of Kim and Putin last?", said, shown) == []


def test_no_more_than_a_few_are_added() -> None:
    added = further(
        "What gifts did the governor give Kim?",
        "Kim got drones.",
        gifts_apart(MAX_ADDED + 3, apart=True),
    )
    assert added == list(range(2, MAX_ADDED + 2))


def test_of_those_that_say_the_same_the_best_is_added() -> None:
    shown = gifts_apart(4, apart=False)
    assert further("What gifts did the governor give Kim?", "Kim got drones.", shown) == [2]


def test_a_sentence_about_something_else_is_not_added_for_its_words() -> None:
    cited, other = gifts_apart(2, apart=True)
    axes = np.eye(2, dtype=np.float32)
    question, answered = "What gifts did the governor give Kim?", "Kim got drones."
    assert further(question, answered, [cited, replace(other, vector=axes[1])]) == []
    assert further(question, answered, [cited, other]) == [2]


def test_nothing_answered_gains_nothing() -> None:
    assert find_further("What gifts did the governor give Kim?", [], GIFTS) == []


def test_a_sentence_that_shares_nothing_with_question_or_answer_is_not_added() -> None:
    shown = gifts_apart(2, apart=True)
    assert further("What presents did Kim get?", "Kim got drones.", shown) == []


def test_the_other_side_of_an_or_is_quoted() -> None:
    answered = "The governor gave Kim five explosive drones."
    question = "Did the governor give Kim explosive drones or a bulletproof vest?"
    assert further(question, answered, GIFTS) == [2]
    assert further("Was it explosive drones or other drones?", answered, GIFTS) == []


def test_another_article_may_have_one_side_of_an_or_alone() -> None:
    shown = evidence("Dolphins and whales swam for Kim.", "White dolphins swam for Kim, it said.")
    answered = "Dolphins and whales swam for Kim."
    assert further("Was it dolphins or whales that swam for Kim?", answered, shown) == [2]
    assert further("Which swam first for Kim, dolphins or whales?", answered, shown) == []
    one = "Dolphins swam for Kim."
    assert further("Was it dolphins or whales that swam for Kim?", one, shown) == []
    both = evidence(shown[0].text, "White dolphins and whales swam for Kim.")
    assert further("Was it dolphins or whales that swam for Kim?", answered, both) == []


@pytest.mark.parametrize(
    ("wish", "added"),
    [
        ("North Korea wants help with satellites, upgrades, fuel, grain from Russia.", True),
        (
            "Pyongyang wants help with its satellites, upgrades, fuel from Russia, North Korea said.",
            True,
        ),
        ("Russia wants help with its shells, ammunition, fuel from North Korea.", False),
        ("Help with its satellites, upgrades, fuel, grain North Korea wants from Russia.", True),
    ],
)
def test_what_somebody_wants_is_a_list_of_that_ones_wishes(wish: str, *, added: bool) -> None:
    shown = evidence("North Korea wants help with its missiles from Russia.", wish)
    question = "What does North Korea want from Russia?"
    assert further(question, shown[0].text, shown) == [2] * added


OTHER_ACCOUNTS = {
    "another place": (
        "From which city did Kim depart?", "Kim departed from Artyom, a city in Russia.",
        "Kim will depart from Vladivostok, the city where he stayed.", True,
    ),
    "nothing of the kind that was asked": (
        "From which city did Kim depart?", "Kim departed from Artyom, a city in Russia.",
        "Kim departed from Vladivostok in Russia.", False,
    ),
    "the same place": (
        "From which city did Kim depart?", "Kim departed from Artyom, a city in Russia.",
        "Kim will depart from the city of Artyom.", False,
    ),
    "another matter": (
        "From which city did Kim depart?", "Kim departed from Artyom, a city in Russia.",
        "Putin came from Vladivostok.", False,
    ),
    "another day": (
        "When did Kim depart?", "Kim departed on Sunday.",
        "Kim departed on Monday with his men.", True,
    ),
    "the day in more words": (
        "When did Kim depart?", "Kim departed on Sunday.",
        "Kim departed on Sunday 17 September.", False,
    ),
    "another month": (
        "When is the harvest?", "The harvest is in mid-May.", "The harvest is in late May.", True,
    ),
    "another year": (
        "When was the bridge built?", "The bridge was built in 1912.",
        "The bridge was built in 1911.", True,
    ),
    "a name that differs in a word": (
        "What is the name of the university that Kim visited?",
        "Kim visited the Far Eastern Federal University in Vladivostok.",
        "Kim visited the Far Eastern State University in Vladivostok.", True,
    ),
    "a name with another": (
        "What is the name of the university that Kim visited?",
        "Kim visited the Far Eastern Federal University in Vladivostok.",
        "Kim visited the university with Alexander Kozlov in Vladivostok.", False,
    ),
    "what day is no question for a name": (
        "On which day did Kim depart?", "Kim departed on Sunday.",
        "Kim will depart from Artyom that day.", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "answered", "other", "added"), OTHER_ACCOUNTS.values(), ids=OTHER_ACCOUNTS
)
def test_another_articles_account_of_a_name_or_a_date_is_added(
    question: str, answered: str, other: str, *, added: bool
) -> None:
    assert further(question, answered, evidence(answered, other)) == [2] * added
    assert further(question, answered, evidence(answered, other, together=True)) == []


def test_a_name_that_differs_may_be_of_whom_the_sentence_before_it_names() -> None:
    answered = "Kim visited the Far Eastern Federal University."
    campus = "A video has him on the Far Eastern State University campus."
    [cited] = evidence(answered)
    _, found = evidence("Kim visited Vladivostok.", campus, together=True)
    question = "What is the name of the university that Kim visited?"
    assert further(question, answered, [cited, found]) == [2]
    [alone] = evidence(campus)
    assert further(question, answered, [cited, replace(alone, number=2)]) == []


def test_everything_is_several() -> None:
    assert asks_for_several("Name everything that Kim did on Sunday.")
    assert asks_for_several("Which of his own top military officials were with him?")


def test_an_account_of_a_number_comes_from_another_article_and_names_who_is_asked_about() -> None:
    question, answered = "How many shots did Moen have?", "Moen had seven shots."
    apart = evidence("Moen had seven shots.", "Moen had nine shots.", "The club had 28 shots.")
    assert further(question, answered, apart) == [2]
    together = evidence("Moen had seven shots.", "Moen had nine shots last year.", together=True)
    assert further(question, answered, together) == []


def test_a_list_of_names_that_the_answer_left_out_is_quoted() -> None:
    shown = evidence("Today Tarn grows most, followed by Lund, Holm, and New Vik.")
    assert further("Which towns grow the most?", "Tarn grows most.", shown) == [1]
    assert further("Which town grows the most?", "Tarn grows most.", shown) == []


def test_what_is_far_from_the_question_is_no_part_of_its_list() -> None:
    shown = gifts_apart(3, apart=True)
    shown[1] = replace(shown[1], score=0.5)
    assert further("What gifts did the governor give Kim?", "Kim got drones.", shown) == [3]


def test_what_says_again_what_the_answer_says_is_no_part() -> None:
    shown = evidence(
        "The gifts were five kamikaze drones with vertical takeoff.",
        "The gifts were five kamikaze drones with vertical takeoff, wrote Lind from Tarn twice.",
    )
    question = "What gifts did he receive?"
    assert further(question, "He received five kamikaze drones with takeoff.", shown) == []
    assert further(question, "His gifts were drones.", shown) == [2]


@pytest.mark.parametrize(
    ("question", "answered", "quote", "added"),
    [
        (
            "What versions are there and what do they cost?", "The small one costs $90.",
            "The large one is at $120 and the small one costs $90.", True,
        ),
        (
            "What does the small one cost?", "The small one costs $90.",
            "The large one is at $120 and the small one costs $90.", False,
        ),
        (
            "Which of his officials were there?", "The commanders of the navy.",
            "His defence minister was there, and so were the commanders of the navy.", True,
        ),
        (
            "Which of his friends were there?", "The commanders of the navy.",
            "His defence minister was there, and so were the commanders of the navy.", False,
        ),
        (
            "What did Moen spend it on?", "Moen spent it on old ferries. And on risky bets.",
            "Moen used it for a jet-set life, to buy old ferries, and to make risky bets.", True,
        ),
        (
            "Who spent it on ferries?", "Moen spent it on old ferries. And on risky bets.",
            "Moen used it for a jet-set life, to buy old ferries, and to make risky bets.", False,
        ),
        (
            "What did Moen spend it on?", "Moen spent it on old ferries.",
            "Asked by Dahl, he bought old ferries, and so on.", False,
        ),
    ],
)  # fmt: skip
def test_what_the_answer_cut_off_a_cited_sentence_is_quoted(
    question: str, answered: str, quote: str, *, added: bool
) -> None:
    assert further(question, answered, evidence(quote)) == [1] * added


def test_a_date_is_quoted_where_the_answer_has_a_weekday_alone() -> None:
    question = "On what date did Kim meet Putin?"
    shown = evidence("They met on Wednesday.", "Kim met Putin on Wednesday 13 September.")
    assert further(question, "Wednesday.", shown) == [2]
    assert further("On what day did Kim meet Putin?", "Wednesday.", shown) == []
    assert further(question, "On Wednesday, 13 September.", shown) == []

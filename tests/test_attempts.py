"""The drafts of one answer: what ends them, what is never shown, what is read once more."""

import asyncio
from pathlib import Path

import pytest
from fakes import build_index, make_article, open_index
from scripted import (
    ARTICLES,
    GIFTS,
    MARCH,
    TRAIN,
    VEST,
    ScriptedDrafter,
    answerer,
    ask,
    number_of,
)

from index.generation import Generation
from service.answerer import CORRECTED, QUOTES
from service.attempts import _FOUND_NOTHING, BESIDE, BEST
from service.draft import Usage
from service.errors import ModelReplyWrong
from service.prompt import Message, fixed_messages


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    root = tmp_path_factory.mktemp("answer")
    build_index(root, ARTICLES)
    return open_index(root)


def test_not_found_ends_the_draft(generation: Generation) -> None:
    reply = "Not found.\n" + "Kim received five explosive drones.\n" * 3
    drafter = ScriptedDrafter(reply, reply)
    assert ask(generation, drafter).status == "abstained"
    assert drafter.pieces < 5 * len(drafter.asked)
    assert drafter.closed


@pytest.mark.parametrize(
    "line",
    ["NOT FOUND", "Not found.", '"NOT FOUND" [2].', "NOT FOUND in them", "The gift is NOT FOUND."],
)
def test_the_word_for_nothing_found_stands_at_one_end_of_its_line(
    generation: Generation, line: str
) -> None:
    answer = ask(generation, ScriptedDrafter(f"{line}\n{GIFTS}"))
    assert (answer.status, answer.removed) == ("abstained", ())


@pytest.mark.parametrize("line", ["The weapon was not found [1].", "Not found yet was a vest [1]."])
def test_what_was_not_found_in_a_story_is_no_end_of_the_draft(
    generation: Generation, line: str
) -> None:
    answer = ask(generation, ScriptedDrafter(f"{line}\n{GIFTS}"))
    assert answer.sentences[0].text == GIFTS
    assert [removed.text for removed in answer.removed] == [line.replace(" [1]", "")]


QUOTABLE = "Did Kim receive five explosive drones from the governor of Primorye?"
"""A question whose evidence is strong."""

PROMPT_LINES = [
    line
    for message in fixed_messages()
    for line in message["content"].splitlines()
    if not _FOUND_NOTHING.match(line)
]

NO_ANSWERS = {
    "a refusal": "I'm sorry, but I can't assist with that request.",
    "a refusal in the question's words": "I cannot say which explosive drones Kim received.",
    "an AI's": "As an AI, Kim received five explosive drones from the governor of Primorye.",
    "rambling": "The weather is fine and the sea is wide, as everybody will agree, " * 40,
    "rambling on lines": "".join(f"The sea is {n} miles wide.\n" for n in range(2000)),
    "a loop in a line": "Kim received five explosive drones and " * 100,
    "a short loop": "Kim received drones and drones and drones and drones.",
    "a loop of signs": "[1]" * 3000,
    "only marks": "[1][2]",
    "only signs": "```\n---\n...",
    "JSON": '{"answer": "Kim received five explosive drones from the governor.", "cites": [1]}',
    "JSON on lines": '{\n"answer":\n"Kim received five explosive drones.",\n"cites": [1]\n}',
    "a code fence": '```json\n["Kim received five explosive drones.",\n"vest"]\n```',
    "a Markdown heading": "## Kim received five explosive drones",
    "a Markdown table": "| Kim | five explosive drones |\n|---|---|",
    "HTML": "<html><body><p>Kim received five explosive drones.</p></body></html>",
    "German": "Kim erhielt fünf Sprengdrohnen vom Gouverneur der Region Primorje [1].",
    "French": "Kim a reçu cinq drones explosifs du gouverneur de Primorye [1].",
    "Chinese": "金正恩收到了五架自爆无人机 [1]。",
    "Russian": "Ким получил пять дронов-камикадзе от губернатора [1].",
    "half Chinese": "Kim received five explosive drones 来自 governor [1].",
    "the prompt": "\n".join(PROMPT_LINES),
}


@pytest.mark.parametrize("reply", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_is_never_shown_as_one(generation: Generation, reply: str) -> None:
    drafter = ScriptedDrafter(reply)
    answer = ask(generation, drafter, QUOTABLE)
    assert answer.status == "quotes"
    assert answer.sentences[0].text == f"“{GIFTS}”"
    assert all(f"“{citation.quote}”" in answer.text for citation in answer.citations)
    assert drafter.pieces < 1000


@pytest.mark.parametrize("reply", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_over_weak_evidence_is_none(generation: Generation, reply: str) -> None:
    asked = answerer(generation, ScriptedDrafter(reply)).answer("what soup did the cook like best?")
    if any(sign.isalpha() for sign in reply):
        answer = asyncio.run(asked)
        assert (answer.status, answer.sentences) == ("abstained", ())
    else:
        with pytest.raises(ModelReplyWrong, match="wrote no sentence"):
            asyncio.run(asked)


@pytest.mark.parametrize("line", PROMPT_LINES)
def test_no_line_of_the_prompt_is_ever_shown(generation: Generation, line: str) -> None:
    assert line not in ask(generation, ScriptedDrafter(line), QUOTABLE).text


def test_a_model_that_repeats_itself_is_stopped(generation: Generation) -> None:
    drafter = ScriptedDrafter("Kim received five explosive drones.\n" * 500)
    answer = ask(generation, drafter)
    assert [s.text for s in answer.sentences].count("Kim received five explosive drones.") == 1
    assert drafter.pieces < 30
    assert drafter.closed


def test_what_was_not_asked_is_no_answer(generation: Generation) -> None:
    drafter = ScriptedDrafter("Kim received five explosive drones from the governor.")
    answer = ask(generation, drafter, "What did Kim give the governor?")
    assert answer.status == "abstained"
    assert [one.reason for one in answer.removed] == [
        "who gave to whom is turned round: kim received"
    ]


KEPT = "Kim received five explosive drones."
HOW_MANY = "How many explosive drones did Kim receive from the governor?"
"""A question for one thing, all words of which the first article has."""


@pytest.mark.parametrize("first", ["NOT FOUND", "Kim bought seven hats.", TRAIN])
def test_a_draft_of_which_nothing_is_kept_is_asked_for_again(
    generation: Generation, first: str
) -> None:
    drafter = ScriptedDrafter(first, KEPT, "Kim received a bulletproof vest.")
    answer = ask(generation, drafter, HOW_MANY)
    assert answer.status == "answered"
    assert answer.sentences[0].text == KEPT
    assert answer.usage == Usage(200, 440)
    [*_, asked], [*before, again] = drafter.asked
    assert before == fixed_messages()
    assert again != asked
    assert number_of([again], GIFTS) == number_of([asked], GIFTS)
    assert f"Question: {HOW_MANY}\n" in again["content"]


def test_a_draft_of_which_something_is_kept_is_not_asked_for_again(generation: Generation) -> None:
    drafter = ScriptedDrafter(f"Kim bought seven hats.\n{KEPT}\nKim slept.", VEST)
    answer = ask(generation, drafter, HOW_MANY)
    assert (len(drafter.asked), answer.usage) == (1, Usage(100, 220))
    assert len(answer.removed) == 2


def test_the_best_evidence_alone_is_looked_at_last(generation: Generation) -> None:
    drafter = ScriptedDrafter("NOT FOUND", "NOT FOUND", KEPT)
    answer = ask(generation, drafter)
    assert answer.sentences[0].text == KEPT
    first, again, closer, _further = drafter.asked
    assert shown(first) == shown(again)
    assert shown(closer) == shown(first)[:BEST]
    assert len(shown(first)) > BEST


def shown(messages: list[Message]) -> list[str]:
    """The numbered lines of the last message."""
    return [line for line in messages[-1]["content"].splitlines() if line.startswith("[")]


def test_three_looks_are_all(generation: Generation) -> None:
    drafter = ScriptedDrafter("NOT FOUND", "NOT FOUND", "NOT FOUND", KEPT)
    answer = ask(generation, drafter)
    assert (answer.status, len(drafter.asked)) == ("abstained", 3)
    assert answer.usage == Usage(300, 660)


def test_what_the_last_look_says_beside_the_question_goes(generation: Generation) -> None:
    drafter = ScriptedDrafter("NOT FOUND", "NOT FOUND", VEST)
    answer = ask(generation, drafter, "Were explosive drones received?")
    assert (answer.status, [one.reason for one in answer.removed]) == ("abstained", [BESIDE])


@pytest.mark.parametrize("between", ["", "It rained in Tarn for a week. "])
def test_what_the_last_look_says_may_go_on_from_a_sentence_about_the_question(
    tmp_path: Path, between: str
) -> None:
    arrest = "Moen lived in her parents' house in Lund under arrest."
    build_index(tmp_path, [make_article(f"{arrest} {between}She was accused of leaking a diary.")])
    drafter = ScriptedDrafter("NOT FOUND", "NOT FOUND", "She was accused of leaking a diary.")
    question = "Under arrest in her parents' house in Lund, how did Moen lose that?"
    answer = ask(open_index(tmp_path), drafter, question)
    assert [one.reason for one in answer.removed] == ([BESIDE] if between else [])
    assert answer.status == ("abstained" if between else "answered")


def test_it_may_go_on_from_one_sentence_of_the_question(tmp_path: Path) -> None:
    arrest = "Moen lived in her parents' house in Lund under arrest."
    build_index(tmp_path, [make_article(f"{arrest} She was accused of leaking a diary.")])
    drafter = ScriptedDrafter("NOT FOUND", "NOT FOUND", "She was accused of leaking a diary.")
    question = (
        "Moen was under arrest in her parents' house in Lund. For which deed, however "
        "small or innocent it seemed, was that privilege of a patient captain lost?"
    )
    assert ask(open_index(tmp_path), drafter, question).status == "answered"


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("Which explosive drones did Kim give the governor?", CORRECTED),
        (QUOTABLE, QUOTES),
    ],
)
def test_what_corrects_a_question_or_stands_in_for_its_answer_spares_the_last_look(
    generation: Generation, question: str, begins: str
) -> None:
    drafter = ScriptedDrafter("Kim bought hats for nine drones.", "Kim sold nine drones.", KEPT)
    answer = ask(generation, drafter, question)
    assert answer.text.startswith(begins)
    assert len(drafter.asked) == 2


def test_more_of_a_list_is_read_from_what_is_not_cited(generation: Generation) -> None:
    drafter = ScriptedDrafter(KEPT, f"{VEST}\n{MARCH}\nKim received nine hats.")
    answer = ask(generation, drafter, "Which gifts did the governor give Kim?")
    assert [sentence.text for sentence in answer.sentences] == [KEPT, VEST]
    assert answer.removed == ()
    first, further = drafter.asked
    cited = answer.citations[0].quote
    assert any(cited in line for line in shown(first))
    assert not any(cited in line for line in shown(further))
    assert shown(further)[0].startswith("[1] ")


def test_what_the_answer_does_not_speak_of_is_read_from_what_it_does_not_cite(
    generation: Generation,
) -> None:
    drafter = ScriptedDrafter(KEPT, "The armoured train covered 250 kilometres.")
    question = "Were there explosive drones and an armoured train?"
    answer = ask(generation, drafter, question)
    assert [sentence.text for sentence in answer.sentences] == [
        KEPT, "The armoured train covered 250 kilometres.",
    ]  # fmt: skip


@pytest.mark.parametrize("nearer", [True, False])
def test_what_is_nearer_to_the_question_than_the_answer_is_read_as_well(
    generation: Generation, monkeypatch: pytest.MonkeyPatch, *, nearer: bool
) -> None:
    monkeypatch.setattr("service.attempts.belongs", lambda *_: False)
    monkeypatch.setattr("service.attempts.is_nearer", lambda *_: nearer)
    train = "The armoured train covered 250 kilometres."
    drafter = ScriptedDrafter(KEPT, train)
    answer = ask(generation, drafter, "Were there explosive drones and an armoured train?")
    assert [sentence.text for sentence in answer.sentences] == [KEPT, train][: 1 + nearer]


def test_what_was_removed_from_both_drafts_is_told(generation: Generation) -> None:
    answer = ask(generation, ScriptedDrafter("Kim bought seven hats.", "Kim ate soup."))
    assert [one.text for one in answer.removed] == ["Kim bought seven hats.", "Kim ate soup."]


def test_what_was_removed_once_is_not_looked_at_again(generation: Generation) -> None:
    answer = ask(generation, ScriptedDrafter("Kim bought seven hats.", "Kim bought seven hats."))
    assert [one.text for one in answer.removed] == ["Kim bought seven hats."]


def test_each_part_of_a_question_may_be_asked_for_again(generation: Generation) -> None:
    drafter = ScriptedDrafter(KEPT, "NOT FOUND", TRAIN)
    question = "What did Kim receive from the governor, and how far did the train go?"
    answer = ask(generation, drafter, question)
    assert len(drafter.asked) == 3
    assert TRAIN in [sentence.text for sentence in answer.sentences]


def test_a_word_of_the_question_from_nowhere_may_be_told_in_other_words(
    generation: Generation,
) -> None:
    said = "The armoured train that rolled covered 250 kilometres to the border on Sunday."
    asked = "How far is the border to which the armoured train rolled?"
    assert ask(generation, ScriptedDrafter(said), asked).sentences[0].text == said
    asked = "What did the armoured train do when it rolled?"
    (removed,) = ask(generation, ScriptedDrafter(said), asked).removed
    assert removed.reason == "the articles do not speak of 'rolled'"
    little = "The train rolled for 250 kilometres."
    (removed,) = ask(generation, ScriptedDrafter(little), "How far was it rolled?").removed
    assert removed.reason == "the articles do not speak of 'rolled'"


def test_a_deed_that_is_asked_for_has_to_be_in_the_articles(generation: Generation) -> None:
    (removed, *_) = ask(
        generation, ScriptedDrafter(MARCH), "What did Kim eat at the station?"
    ).removed
    assert removed.reason == "the articles do not speak of 'eat'"
    (removed, *_) = ask(
        generation, ScriptedDrafter(GIFTS), "What did the governors at the station ask Kim?"
    ).removed
    assert removed.reason == "the articles do not speak of 'ask'"
    (removed, *_) = ask(
        generation, ScriptedDrafter("Kim."), "Who composed the farewell march?"
    ).removed
    assert removed.reason == "the articles do not speak of 'composed'"
    assert ask(generation, ScriptedDrafter(MARCH), "What did the band play?").status == "answered"


def test_what_the_second_look_asks_is_nothing_that_the_model_said(generation: Generation) -> None:
    drafter = ScriptedDrafter("NOT FOUND", "NOT FOUND")
    ask(generation, drafter, HOW_MANY)
    asked = drafter.asked[1][-1]["content"].splitlines()[-1]
    answer = ask(generation, ScriptedDrafter("NOT FOUND", f"{asked}\n{KEPT}"), HOW_MANY)
    assert ([one.text for one in answer.sentences], answer.removed) == ([KEPT], ())

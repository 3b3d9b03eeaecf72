"""A question -> an Answer, with a drafter that follows a script over a tiny real index."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from fakes import WordEmbedder, build_index, make_article, open_index

from index.generation import Filters, Generation
from service.answer import Answer, AnswerSentence, Failure, Progress, Trace
from service.answerer import ABSTAINED, CORRECTED, FAILED, LATE, QUOTES, Answerer
from service.archive import Archive
from service.attempts import _FOUND_NOTHING
from service.conversation import Turn
from service.draft import Drafter, Usage
from service.errors import (
    ModelFailed,
    ModelKeyRefused,
    ModelReplyWrong,
    ModelTimedOut,
    ModelUnavailable,
    ModelUnknown,
    QuestionRefused,
)
from service.evidence import Evidence, EvidenceSentence, Span
from service.prompt import NOT_FOUND, Message, fixed_messages
from service.quotes import NEAR, find_quotable

GIFTS = "Kim received five explosive drones from the governor of Primorye."
VEST = "The governor also gave Kim a bulletproof vest."
TRAIN = "The armoured train covered 250 kilometres to the border on Sunday."
MARCH = "A military band played a farewell march at the station in Artyom."
ARTICLES = [
    make_article(
        f"{GIFTS} {VEST}\n\nNothing else was handed over there.",
        article_id="gifts",
        title="Gifts for Kim",
        source="Wire",
        published="2023-09-17",
        url="https://wire.example/gifts",
    ),
    make_article(TRAIN, article_id="train", title="The train"),
    make_article(MARCH, article_id="march", title="The march"),
]
QUESTION = "Which gifts did Kim receive from the governor?"


class ScriptedDrafter:
    """Writes what it is told, a piece at a time, then that it finds nothing.

    It remembers what it was asked.
    """

    model = "scripted"

    def __init__(self, *replies: str, fails: ModelFailed | None = None) -> None:
        self.replies = list(replies)
        self.fails = fails
        self.asked: list[list[Message]] = []
        self.pieces = 0
        self.closed = False

    async def stream(
        self, messages: list[Message], *, max_tokens: int = 220
    ) -> AsyncGenerator[str | Usage]:
        """The next reply in pieces of five characters, then its usage."""
        self.asked.append(messages)
        reply = self.replies.pop(0) if self.replies else NOT_FOUND
        try:
            for start in range(0, len(reply), 5):
                self.pieces += 1
                yield reply[start : start + 5]
                await asyncio.sleep(0)
            if self.fails:
                raise self.fails
            yield Usage(100, max_tokens)
        finally:
            self.closed = True


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    root = tmp_path_factory.mktemp("answer")
    build_index(root, ARTICLES)
    return open_index(root)


def number_of(messages: list[Message], sentence: str) -> int:
    """The evidence number under which the model was shown a sentence."""
    lines = messages[-1]["content"].splitlines()
    return next(int(line[1 : line.index("]")]) for line in lines if sentence in line)


def answerer(generation: Generation, drafter: ScriptedDrafter) -> Answerer:
    return Answerer(generation, WordEmbedder(), cast("Drafter", drafter))


def ask(
    generation: Generation,
    drafter: ScriptedDrafter,
    question: str = QUESTION,
    *,
    history: Sequence[Turn] = (),
    filters: Filters | None = None,
) -> Answer:
    """The whole answer, after checking what holds of every answer."""
    answer = asyncio.run(
        answerer(generation, drafter).answer(question, history=history, filters=filters)
    )
    check_promises(answer, generation)
    return answer


def check_promises(answer: Answer, generation: Generation) -> None:
    """Exact quotes, numbers in the order of first use, and `text` made of the sentences."""
    for citation in answer.citations:
        article = generation.article(citation.article_id)
        assert article is not None
        assert article.version == citation.version
        assert citation.quote == article.text[citation.start : citation.end]
    used = [number for sentence in answer.sentences for number in sentence.citations]
    assert list(dict.fromkeys(used)) == [citation.number for citation in answer.citations]
    assert [citation.number for citation in answer.citations] == list(
        range(1, len(answer.citations) + 1)
    )
    assert all(sentence.supported and sentence.citations for sentence in answer.sentences)
    assert (answer.status == "abstained") == (not answer.sentences) == bool(answer.closest)
    assert set(answer.timings_ms) >= {"standalone", "retrieve", "draft", "total"}
    assert answer.generation == generation.manifest.id
    assert answer.model == "scripted"


def test_answered(generation: Generation) -> None:
    drafter = ScriptedDrafter(
        "Kim received a bulletproof vest.\nKim received five explosive drones.\n"
        "Kim received six hats.\nKim received a bulletproof vest."
    )
    answer = ask(generation, drafter)
    assert answer.status == "answered"
    assert answer.text == (
        "Kim received a bulletproof vest [1]. Kim received five explosive drones [2]."
    )
    assert [citation.quote for citation in answer.citations] == [VEST, GIFTS]
    assert [(removed.text, removed.reason) for removed in answer.removed] == [
        ("Kim received six hats.", "it cites nothing")
    ]
    first = answer.citations[0]
    assert (first.article_id, first.title, first.source, first.published, first.url) == (
        "gifts", "Gifts for Kim", "Wire", "2023-09-17", "https://wire.example/gifts",
    )  # fmt: skip
    assert answer.usage == Usage(100, 220)
    assert "first_sentence" in answer.timings_ms


def test_the_marks_that_the_model_wrote_are_numbered_anew(generation: Generation) -> None:
    probe = ScriptedDrafter("NOT FOUND")
    ask(generation, probe)
    train, gifts = (number_of(probe.asked[0], sentence) for sentence in (TRAIN, GIFTS))
    answer = ask(
        generation,
        ScriptedDrafter(
            f"The armoured train covered 250 kilometres [{train}].\n"
            f"Kim received five explosive drones [{gifts}]."
        ),
        "What did the train with the drones do?",
    )
    assert answer.text.startswith(
        "The armoured train covered 250 kilometres [1]. Kim received five explosive drones [2]."
    )


def test_left_out_parts_of_a_list_are_added_as_quotes(generation: Generation) -> None:
    answer = ask(generation, ScriptedDrafter("Kim received five explosive drones.\n"))
    assert [sentence.text for sentence in answer.sentences] == [
        "Kim received five explosive drones.",
        VEST,
    ]


def test_not_found_is_an_abstention_with_the_closest_articles(generation: Generation) -> None:
    answer = ask(generation, ScriptedDrafter("NOT FOUND"))
    assert (answer.status, answer.text, answer.removed) == ("abstained", ABSTAINED, ())
    assert answer.closest[0].article_id == "gifts"


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


def test_a_name_that_no_article_holds_asks_no_model(generation: Generation) -> None:
    drafter = ScriptedDrafter()
    answer = ask(generation, drafter, "What did Macron say about the drones for Kim?")
    assert (answer.status, drafter.asked) == ("abstained", [])


def test_filters_that_leave_nothing_ask_no_model(generation: Generation) -> None:
    drafter = ScriptedDrafter()
    answer = asyncio.run(
        answerer(generation, drafter).answer(QUESTION, filters=Filters(source="Nobody"))
    )
    assert (answer.status, answer.closest, drafter.asked) == ("abstained", (), [])


def test_nothing_supported_over_strong_evidence_quotes_it(generation: Generation) -> None:
    question = "Did Kim receive five explosive drones from the governor of Primorye?"
    draft = "Kim bought seven hats.\nPutin resigned."
    answer = ask(generation, ScriptedDrafter(draft), question)
    assert answer.status == "quotes"
    assert answer.text.startswith(f"{QUOTES} “{GIFTS}” [1]")
    assert 1 <= len(answer.citations) <= 3
    assert [removed.text for removed in answer.removed] == [
        "Kim bought seven hats.",
        "Putin resigned.",
    ]


def test_nothing_supported_over_weak_evidence_abstains(generation: Generation) -> None:
    answer = ask(
        generation, ScriptedDrafter("The cook made soup."), "what soup did the cook like best?"
    )
    assert (answer.status, answer.citations) == ("abstained", ())
    assert [removed.text for removed in answer.removed] == ["The cook made soup."]


def test_a_model_that_repeats_itself_is_stopped(generation: Generation) -> None:
    drafter = ScriptedDrafter("Kim received five explosive drones.\n" * 500)
    answer = ask(generation, drafter)
    assert [s.text for s in answer.sentences].count("Kim received five explosive drones.") == 1
    assert drafter.pieces < 30
    assert drafter.closed


def test_a_follow_up_is_searched_for_as_the_model_rewrote_it(generation: Generation) -> None:
    drafter = ScriptedDrafter(QUESTION, "Kim received five explosive drones.")
    history = [Turn("user", "Who met Kim?"), Turn("assistant", "The governor.")]
    answer = ask(generation, drafter, "And what did he get?", history=history)
    assert (answer.question, answer.standalone_question) == ("And what did he get?", QUESTION)
    assert drafter.asked[1][-1]["content"].endswith(f"Question: {QUESTION}")


def test_only_supported_sentences_are_streamed_and_the_answer_last(generation: Generation) -> None:
    reply = "Kim ate soup.\nKim received five explosive drones.\nKim slept."

    async def collect() -> list[AnswerSentence | Trace | Answer]:
        drafter = ScriptedDrafter(reply)
        return [part async for part in answerer(generation, drafter).stream(QUESTION)]

    *sentences, trace, answer = asyncio.run(collect())
    assert isinstance(answer, Answer)
    assert isinstance(trace, Trace)
    assert trace.draft == reply
    assert GIFTS in [found.text for found in trace.evidence]
    assert trace.passages[0].passage.article.id == "gifts"
    assert sentences == list(answer.sentences)
    assert [removed.text for removed in answer.removed] == ["Kim ate soup.", "Kim slept."]


def test_a_sentence_comes_before_the_draft_ends(generation: Generation) -> None:
    async def first() -> tuple[int, ScriptedDrafter]:
        drafter = ScriptedDrafter("Kim received five explosive drones.\n" + "Kim slept.\n" * 50)
        async with aclosing(answerer(generation, drafter).stream(QUESTION)) as parts:
            async for part in parts:
                assert isinstance(part, AnswerSentence)
                break
            so_far = drafter.pieces
            assert not drafter.closed
        return so_far, drafter

    so_far, drafter = asyncio.run(first())
    assert drafter.pieces == so_far < 12
    assert drafter.closed


@pytest.mark.parametrize(
    ("error", "code", "opening"),
    [
        (ModelTimedOut("too slow"), "model_timed_out", LATE),
        (ModelUnavailable("gone"), "model_unavailable", FAILED),
        (ModelReplyWrong("odd"), "model_reply_wrong", FAILED),
    ],
)
@pytest.mark.parametrize("begun", ["", "Kim received five explosive"])
def test_a_model_that_fails_leaves_quotes_and_its_reason(
    generation: Generation,
    caplog: pytest.LogCaptureFixture,
    error: ModelFailed,
    code: str,
    opening: str,
    *,
    begun: str,
) -> None:
    answer = ask(generation, ScriptedDrafter(begun, fails=error), QUOTABLE)
    assert (answer.status, answer.failure) == ("quotes", Failure(code, str(error)))
    assert answer.text.startswith(f"{opening} “{GIFTS}” [1]")
    assert caplog.messages == [str(error)]


@pytest.mark.parametrize("error", [ModelUnknown("what?"), ModelKeyRefused("no key")])
def test_what_the_operator_must_mend_is_an_error(
    generation: Generation, error: ModelFailed
) -> None:
    with pytest.raises(type(error)):
        ask(generation, ScriptedDrafter("", fails=error), QUOTABLE)


def test_a_failing_model_over_weak_evidence_is_told_not_hidden(generation: Generation) -> None:
    drafter = ScriptedDrafter("", fails=ModelTimedOut("too slow"))
    with pytest.raises(ModelTimedOut, match="too slow"):
        ask(generation, drafter, "what soup did the cook like best?")


def test_what_was_checked_before_the_model_failed_stays(generation: Generation) -> None:
    drafter = ScriptedDrafter(f"{VEST}\n{GIFTS}", fails=ModelTimedOut("too slow"))
    answer = ask(generation, drafter)
    assert answer.status == "answered"
    assert answer.sentences[0].text == VEST
    assert answer.failure == Failure("model_timed_out", "too slow")


def test_names_that_no_sentence_joins_are_quoted_apart_where_the_model_fails(
    generation: Generation,
) -> None:
    question = "Did Kim or Artyom receive five explosive drones from the governor of Primorye?"
    answer = ask(generation, ScriptedDrafter("", fails=ModelUnavailable("gone")), question)
    assert (answer.status, answer.citations[0].quote) == ("quotes", GIFTS)


def test_after_a_part_that_failed_the_model_is_not_asked_for_the_next(
    generation: Generation,
) -> None:
    drafter = ScriptedDrafter("", fails=ModelUnavailable("gone"))
    answer = ask(
        generation,
        drafter,
        "What did the governor of Primorye give Kim, and how far did the armoured train go?",
    )
    assert (answer.status, len(drafter.asked)) == ("quotes", 1)


def test_a_follow_up_that_cannot_be_rewritten_is_quoted_for_as_it_is(
    generation: Generation,
) -> None:
    drafter = ScriptedDrafter("", fails=ModelTimedOut("too slow"))
    history = [Turn("user", "Who met Kim?"), Turn("assistant", "The governor.")]
    answer = ask(generation, drafter, QUOTABLE, history=history)
    assert (answer.status, answer.standalone_question) == ("quotes", QUOTABLE)
    assert len(drafter.asked) == 1


class SlowDrafter(ScriptedDrafter):
    """Waits before each reply."""

    def __init__(self, *replies: str, seconds: float) -> None:
        super().__init__(*replies)
        self.seconds = seconds

    async def stream(
        self, messages: list[Message], *, max_tokens: int = 220
    ) -> AsyncGenerator[str | Usage]:
        await asyncio.sleep(self.seconds)
        async for part in super().stream(messages, max_tokens=max_tokens):
            yield part


def test_all_replies_to_a_question_share_its_time(generation: Generation) -> None:
    drafter = SlowDrafter(QUOTABLE, "Kim received five explosive drones.", seconds=0.3)
    history = [Turn("user", QUOTABLE), Turn("assistant", "Yes.")]
    started = time.monotonic()
    answer = asyncio.run(
        Answerer(generation, WordEmbedder(), drafter, timeout=0.5).answer("Is it?", history=history)
    )
    assert 0.45 < time.monotonic() - started < 0.9
    assert (answer.status, answer.standalone_question) == ("quotes", QUOTABLE)
    assert answer.text.startswith(LATE)
    assert answer.failure is not None
    assert answer.failure.message == (
        "scripted did not finish its reply within 0.5 s; ask again, or raise DATELINE_TIMEOUT."
    )


def test_the_answer_names_the_model_that_wrote_it(generation: Generation) -> None:
    first = ScriptedDrafter("", fails=ModelUnavailable("gone"))
    second = ScriptedDrafter("Kim received five explosive drones.")
    second.model = "second"
    asked = Answerer(generation, WordEmbedder(), first, fallback=second)
    answer = asyncio.run(asked.answer(QUESTION))
    assert (answer.status, answer.model, answer.failure) == ("answered", "second", None)
    assert asked.model == "scripted"


def test_a_refused_question_asks_no_model(generation: Generation) -> None:
    drafter = ScriptedDrafter()
    with pytest.raises(QuestionRefused):
        ask(generation, drafter, " ?! ")
    assert drafter.asked == []


def test_questions_side_by_side_keep_apart(generation: Generation) -> None:
    drafts = {
        QUESTION: "Kim received five explosive drones.",
        "How far did the armoured train go?": "The armoured train covered 250 kilometres.",
        "What did the band play at the station?": "A military band played a farewell march.",
    }

    async def all_at_once() -> list[Answer]:
        return await asyncio.gather(
            *(
                answerer(generation, ScriptedDrafter(draft)).answer(question)
                for question, draft in drafts.items()
            )
        )

    for answer, (question, draft) in zip(asyncio.run(all_at_once()), drafts.items(), strict=True):
        check_promises(answer, generation)
        assert (answer.question, answer.sentences[0].text) == (question, draft)


def test_a_double_question_is_asked_in_two_parts(generation: Generation) -> None:
    drafter = ScriptedDrafter(
        "Kim received five explosive drones from the governor.",
        "The armoured train covered 250 kilometres to the border.",
    )
    answer = ask(
        generation, drafter, "What did the governor give Kim, and how far did the train go?"
    )
    assert len(drafter.asked) == 2
    assert answer.text == (
        "Kim received five explosive drones from the governor [1]. "
        "The armoured train covered 250 kilometres to the border [2]."
    )
    assert [citation.quote for citation in answer.citations] == [GIFTS, TRAIN]


def test_what_was_not_asked_is_no_answer(generation: Generation) -> None:
    drafter = ScriptedDrafter("Kim received five explosive drones from the governor.")
    answer = ask(generation, drafter, "What did Kim give the governor?")
    assert answer.status == "abstained"
    assert [one.reason for one in answer.removed] == [
        "who gave to whom is turned round: kim received"
    ]


KEPT = "Kim received five explosive drones."
FALSE = "Which explosive drones did Kim give the governor?"
"""A question that takes for granted what the articles say the other way round."""


@pytest.mark.parametrize("reply", ["NOT FOUND", "Kim gave the governor six hats.", GIFTS])
def test_a_false_premise_is_corrected_by_a_quote(generation: Generation, reply: str) -> None:
    answer = ask(generation, ScriptedDrafter(reply), FALSE)
    assert answer.status == "answered"
    assert answer.text == f"{CORRECTED} {GIFTS[:-1]} [1]."
    assert [citation.quote for citation in answer.citations] == [GIFTS]


def test_an_answer_corrects_nothing(generation: Generation) -> None:
    answer = ask(generation, ScriptedDrafter(GIFTS))
    assert not answer.text.startswith(CORRECTED)
    question = "Which five explosive drones did Kim receive from the mayor?"
    assert ask(generation, ScriptedDrafter("NOT FOUND"), question).text.startswith(CORRECTED)
    assert ask(generation, ScriptedDrafter(KEPT), question).text == f"{KEPT[:-1]} [1]."


@pytest.mark.parametrize("first", ["NOT FOUND", "Kim bought seven hats.", TRAIN])
def test_a_draft_of_which_nothing_is_kept_is_asked_for_again(
    generation: Generation, first: str
) -> None:
    drafter = ScriptedDrafter(first, KEPT, "Kim received a bulletproof vest.")
    answer = ask(generation, drafter)
    assert answer.status == "answered"
    assert answer.sentences[0].text == KEPT
    assert answer.usage == Usage(200, 440)
    [*_, asked], [*before, again] = drafter.asked
    assert before == fixed_messages()
    assert again != asked
    assert number_of([again], GIFTS) == number_of([asked], GIFTS)
    assert f"Question: {QUESTION}\n" in again["content"]


def test_a_draft_of_which_something_is_kept_is_not_asked_for_again(generation: Generation) -> None:
    drafter = ScriptedDrafter(f"Kim bought seven hats.\n{KEPT}\nKim slept.", VEST)
    answer = ask(generation, drafter)
    assert (len(drafter.asked), answer.usage) == (1, Usage(100, 220))
    assert len(answer.removed) == 2


def test_a_draft_is_asked_for_again_once(generation: Generation) -> None:
    drafter = ScriptedDrafter("NOT FOUND", "NOT FOUND", KEPT)
    answer = ask(generation, drafter)
    assert (answer.status, len(drafter.asked)) == ("abstained", 2)
    assert answer.usage == Usage(200, 440)


def test_what_was_removed_from_both_drafts_is_told(generation: Generation) -> None:
    answer = ask(generation, ScriptedDrafter("Kim bought seven hats.", "Kim ate soup."))
    assert [one.text for one in answer.removed] == ["Kim bought seven hats.", "Kim ate soup."]


def test_each_part_of_a_question_may_be_asked_for_again(generation: Generation) -> None:
    drafter = ScriptedDrafter(KEPT, "NOT FOUND", TRAIN)
    question = "What did the governor give Kim, and how far did the train go?"
    answer = ask(generation, drafter, question)
    assert len(drafter.asked) == 3
    assert TRAIN in [sentence.text for sentence in answer.sentences]


HATS = "Kim bought seven hats."
OFFER = "Did Kim receive five explosive drones from the"


@pytest.mark.parametrize(
    ("question", "draft", "status"),
    [
        (QUOTABLE, HATS, "quotes"),
        (QUOTABLE, "NOT FOUND", "abstained"),
        (QUOTABLE, f"{HATS}\n{TRAIN}", "quotes"),
        (QUOTABLE, TRAIN, "abstained"),  # supported, and no answer
        (f"{OFFER} governor of Primorye daily by mail?", HATS, "quotes"),  # six words of eight
        (f"{OFFER} cook of Primorye daily?", HATS, "abstained"),  # five of seven
        (f"Of exactly what kind and sort? {OFFER} governor of Primorye daily?", HATS, "quotes"),
        ("Did Kim receive explosive oysters?", HATS, "abstained"),  # three of four, and weak
        (f"How far is it? {OFFER} governor of Primorye?", HATS, "abstained"),
    ],
)
def test_what_nearly_says_it_is_quoted_where_a_draft_was_not_supported(
    generation: Generation, question: str, draft: str, status: str
) -> None:
    answer = ask(generation, ScriptedDrafter(draft), question)
    assert answer.status == status
    assert [one.text for one in answer.removed] == [
        line for line in draft.splitlines() if line != "NOT FOUND"
    ]
    assert [citation.quote for citation in answer.citations] == [GIFTS] * (status == "quotes")


@pytest.mark.parametrize(
    ("question", "score", "anyhow", "quoted"),
    [
        ("Which drones did the governor give Kim?", NEAR, False, True),  # all of its words
        ("What gifts did Kim see in Berlin, Rome and Oslo?", NEAR, False, False),
        ("What gifts did Kim see in Berlin, Rome and Oslo?", NEAR, True, True),
        ("What gifts did Kim see in Berlin, Rome and Oslo?", NEAR - 0.01, True, False),
        ("which explosive ferry?", NEAR, True, True),  # half of its words
        ("which ferry sank?", NEAR, True, False),
    ],
)
def test_what_is_quoted_where_the_model_failed_or_not(
    *, question: str, score: float, anyhow: bool, quoted: bool
) -> None:
    span = Span(make_article(GIFTS), 0, len(GIFTS))
    found = EvidenceSentence(1, span, score, np.zeros(4, dtype=np.float32))
    shown = [Evidence((found,), (), (), GIFTS)]
    assert find_quotable(question, shown, anyhow=anyhow) == ([found] if quoted else [])


def test_a_quote_keeps_its_number_through_a_conversation(
    generation: Generation, tmp_path: Path
) -> None:
    archive = Archive(tmp_path / "answers.sqlite")
    drafts = (
        "Kim received five explosive drones from the governor.",
        "What did the governor give Kim?",
        "The governor gave Kim a bulletproof vest.\nKim received five explosive drones.",
    )
    drafter = ScriptedDrafter(*drafts)
    service = Answerer(generation, WordEmbedder(), cast("Drafter", drafter), archive=archive)
    first = asyncio.run(service.answer("What drones did Kim receive?", conversation="c"))
    second = asyncio.run(service.answer("And what else did he get?", conversation="c"))
    known = {cited.quote: cited.number for cited in first.citations}
    numbers = {cited.quote: cited.number for cited in second.citations}
    assert known[GIFTS] == numbers[GIFTS] == 1
    assert VEST in numbers
    assert numbers[VEST] not in known.values() or known.get(VEST) == numbers[VEST]
    assert second.standalone_question == "What did the governor give Kim?"
    assert f"[{numbers[VEST]}]" in second.text


def test_a_further_quote_is_introduced_by_publisher_and_day() -> None:
    def found(article_id: str, published: str | None, source: str | None) -> EvidenceSentence:
        article = make_article(GIFTS, article_id=article_id, source=source, published=published)
        vector = np.zeros(4, dtype=np.float32)
        return EvidenceSentence(1, Span(article, 0, len(GIFTS)), 1.0, vector)

    progress = Progress()
    progress.cite(GIFTS, [found("a", "2023-09-17", "Wire")])
    for introduced, other in [
        (GIFTS, found("a", "2023-09-17", "Wire")),
        (f"Post, 16 September 2023: {GIFTS}", found("b", "2023-09-16", "Post")),
        (f"Post, 18 September 2023, later: {GIFTS}", found("c", "2023-09-18", "Post")),
        (f"Post: {GIFTS}", found("d", None, "Post")),
        (GIFTS, found("e", "2023-09-18", None)),
    ]:
        assert progress.introduced(other) == introduced

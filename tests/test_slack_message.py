"""An answer's messages keep every limit of Slack's, lose nothing, and hold nothing that acts."""

import json
import re
from dataclasses import replace
from typing import Any

from fake_answers import make_answer, near
from fake_slack import FakeSlack
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot
from slack_bots import ANSWER, marked, say
from slack_shown import count, show_block

from service.answer import Answer, ArticleLink
from service.slack_blocks import PIECE
from service.slack_message import (
    BLOCKS,
    MESSAGE,
    Message,
    first_words,
    help_message,
    pack,
    split_words,
    stopped_message,
    text_message,
)
from service.slack_text import to_markdown


def check_limits(messages: tuple[Message, ...]) -> None:
    """As the fake Slack does, and the project's own limits, which are tighter."""
    slack = FakeSlack()
    for message in messages:
        slack._check_message({"text": message.text, "blocks": message.blocks})
        assert len(message.blocks) <= BLOCKS
        assert count(message.blocks) <= MESSAGE
        streamed = to_markdown(message.words)
        assert len(streamed) + count(list(message.tail)) <= 13_200
        assert len(streamed) <= 12_000
    assert not slack.wrong


def shown(messages: tuple[Message, ...]) -> str:
    """What a reader sees."""
    return "\n".join(show_block(block) for message in messages for block in message.blocks)


def feedback_of(message: Message) -> dict[str, Any]:
    """The message's last block, which has the buttons."""
    block = message.blocks[-1]
    assert block["type"] == "context_actions"
    (element,) = block["elements"]
    return dict(element)


def test_a_whole_rendering() -> None:
    answer = replace(
        ANSWER,
        citations=(
            replace(
                ANSWER.citations[0],
                source="The Fenwick Post",
                also_in=(ArticleLink("w", "The Wire"),),
            ),
            ANSWER.citations[1],
        ),
    )
    (message,) = pack(answer)
    assert message.text == "Kim received five drones [1]. Putin accepted [2]."
    assert message.blocks == snapshot(
        [
            {
                "expand": True,
                "text": {
                    "text": "Kim received five drones [1]. Putin accepted [2].",
                    "type": "mrkdwn",
                    "verbatim": True,
                },
                "type": "section",
            },
            {
                "elements": [
                    {
                        "elements": [
                            {"style": {"bold": True}, "text": "[1] ", "type": "text"},
                            {
                                "text": "About gifts",
                                "type": "link",
                                "url": "https://post.example/gifts",
                            },
                            {"text": " — The Fenwick Post, 17 September 2023", "type": "text"},
                            {"text": ". Also in: The Wire", "type": "text"},
                        ],
                        "type": "rich_text_section",
                    },
                    {
                        "elements": [
                            {"text": "The governor gave Kim five drones.", "type": "text"}
                        ],
                        "type": "rich_text_quote",
                    },
                ],
                "type": "rich_text",
            },
            {
                "elements": [
                    {
                        "elements": [
                            {"style": {"bold": True}, "text": "[2] ", "type": "text"},
                            {"style": {"bold": True}, "text": "About visit", "type": "text"},
                            {"text": " — 17 September 2023", "type": "text"},
                        ],
                        "type": "rich_text_section",
                    },
                    {
                        "elements": [{"text": "Putin accepted the invitation.", "type": "text"}],
                        "type": "rich_text_quote",
                    },
                ],
                "type": "rich_text",
            },
            {
                "elements": [
                    {
                        "action_id": "feedback",
                        "negative_button": {
                            "text": {"emoji": True, "text": "Wrong", "type": "plain_text"},
                            "accessibility_label": "This answer is wrong",
                            "value": "wrong 0123456789abcdef",
                        },
                        "positive_button": {
                            "text": {"emoji": True, "text": "Right", "type": "plain_text"},
                            "accessibility_label": "This answer is right",
                            "value": "right 0123456789abcdef",
                        },
                        "type": "feedback_buttons",
                    }
                ],
                "type": "context_actions",
            },
        ]
    )


def test_an_answer_that_abstains_shows_what_comes_nearest() -> None:
    answer = replace(
        make_answer(status="abstained", text="The articles do not say."),
        closest=(
            near("Kim & <Putin> meet", "He <said> so."),
            replace(near("The *train*"), quote=""),
        ),
    )
    messages = pack(answer)
    assert shown(messages) == (
        "The articles do not say.\nThe closest that they say:\n"
        "Kim & <Putin> meet — The Wire, 17 September 2023\n> He <said> so.\n"
        "The *train* — The Wire, 17 September 2023\n(Right) (Wrong)"
    )
    check_limits(messages)


def test_the_buttons_carry_the_answer_s_id() -> None:
    feedback = feedback_of(pack(ANSWER)[-1])
    assert feedback["positive_button"]["value"] == f"right {ANSWER.id}"
    assert feedback["negative_button"]["value"] == f"wrong {ANSWER.id}"


WORDS = st.text(alphabet=st.sampled_from("abc&<>.*_`[]():/ "), min_size=1, max_size=400)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(WORDS, st.text(min_size=1, max_size=2500)), min_size=1, max_size=40),
    st.integers(1, 12),
)
def test_every_limit_holds_and_nothing_is_lost(said: list[tuple[str, str]], times: int) -> None:
    sentences = [(f"S{n} {words * times}.", (f"a{n}", f"Q{n} {quote}")) for n, (words, quote) in enumerate(said)]  # fmt: skip
    answer = say(*sentences)
    messages = pack(answer)
    check_limits(messages)
    text = shown(messages)
    places = [text.index(f"[{each.number}] {each.title}") for each in answer.citations]
    assert places == sorted(places)
    quoted = "".join(line for line in text.split("\n> "))
    assert all(re.sub(r"\s", "", each.quote) in re.sub(r"\s", "", quoted) for each in answer.citations)  # fmt: skip
    assert "".join("".join(message.words for message in messages).split()) == "".join(marked(answer).split())  # fmt: skip
    assert [message for message in messages if "feedback_buttons" in json.dumps(message.blocks)] == [messages[-1]]  # fmt: skip


def test_a_quote_longer_than_a_message_goes_on_in_the_next() -> None:
    quote = "word " * 5000
    messages = pack(say(("It is long.", ("a", quote))))
    check_limits(messages)
    assert len(messages) > 2
    quoted = shown(messages).split("\n(Right)")[0].partition("\n> ")[2].replace("\n> ", "")
    assert quoted == quote


@given(st.lists(WORDS.map(lambda words: f"A {words * 8} end."), max_size=40))
def test_the_first_message_s_words_only_grow(sentences: list[str]) -> None:
    shown_first = ""
    text = ""
    for sentence in sentences:
        text = f"{text} {sentence}".strip()
        first = first_words(text)
        assert first.startswith(shown_first)
        shown_first = first
    assert all(len(to_markdown(piece)) <= PIECE for piece in split_words(text))


HOSTILE = "<!here> <@U1> [x](https://evil.example) https://evil.example @channel ```"


def test_an_article_and_a_model_that_mean_ill_do_nothing() -> None:
    answer = make_answer(
        (f"It says {HOSTILE}.", ("a", HOSTILE)), text=f"It says {HOSTILE} [1].", urls={"a": "javascript:alert(1)"}
    )  # fmt: skip
    citation = replace(answer.citations[0], title=HOSTILE, source=HOSTILE)
    answer = replace(answer, citations=(citation,), closest=(near(HOSTILE, HOSTILE),))
    (message,) = pack(answer)
    links = []

    def look(value: Any) -> None:
        """Rich text is words as they are; links and all markup are looked at."""
        if isinstance(value, dict):
            if value.get("type") == "link":
                links.append(value["url"])
            if value.get("type") in {"mrkdwn", "section"} and isinstance(value.get("text"), str):
                assert not re.search(r"<|://|@c|\]\(|```", value["text"])
                assert value["verbatim"] is True
            assert value.get("type") not in {
                "user",
                "usergroup",
                "broadcast",
                "channel",
                "markdown",
            }
            for inner in value.values():
                look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    look(message.blocks)
    assert links == []
    assert "<" not in message.text


def test_only_an_address_of_the_web_becomes_a_link() -> None:
    def links(url: str) -> int:
        (message,) = pack(say(("It is.", ("a", "q")), urls={"a": url}))
        return json.dumps(message.blocks).count('"type": "link"')

    assert links("https://post.example/a?b=c&d") == 1
    assert links("ftp://post.example/a") == 0
    assert links("https://post.example/" + "a" * 3000) == 0


def test_a_stopped_answer_says_so_and_has_no_marks() -> None:
    message = stopped_message("Kim received drones [1][2]. Putin spoke [3].")
    assert shown((message,)) == (
        "Kim received drones. Putin spoke.\n"
        "Stopped. Quotes come only with a whole answer: ask again for them."
    )
    check_limits((message, stopped_message(""), stopped_message("word " * 9000)))


def test_the_help_has_examples() -> None:
    message = help_message(["What happened: Kim & <Putin>?"])
    assert shown((message,)) == snapshot("""\
Ask me a question about the news articles, and I answer with the exact quotes that each sentence rests on, or say that the articles do not say.
•  What happened: Kim & <Putin>?
Mention me in a channel, write to me directly, or use `/ask`.\
""")
    check_limits((message, help_message([]), text_message("Hello.")))


def test_an_answer_without_sentences_is_a_message() -> None:
    empty: Answer = make_answer(status="abstained", text="")
    (message,) = pack(empty)
    assert [block["type"] for block in message.blocks] == ["context_actions"]

"""Nothing in a text acts in Slack, and all of it is still read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_shown import decode

from service.slack_text import (
    JOINER,
    escape,
    mentions,
    read_message,
    to_markdown,
    to_mrkdwn,
    unescape,
)

ACTING = [
    "<!here> <!channel> <!everyone> <!subteam^S1|all>",
    "<@U1> and <@U2|bob>, @here, @channel, @everyone",
    "<#C1|general> and #general",
    "<https://evil.example/?q=secret|the source>",
    "[the source](https://evil.example/?q=secret)",
    "![a picture](https://evil.example/pixel.png)",
    "[the source]: https://evil.example",
    "https://evil.example and HTTP://EVIL.EXAMPLE and evil.example/x",
    "mailto:someone@evil.example",
    "<!date^1700000000^{date}^https://evil.example|now>",
    "&lt;!here&gt; &#60;!here&#62;",
    "``` @here ```",
    ":x: and :+1: and :skin-tone-2::",
    "tel:+123456 and evil.рф and xn--e1afmkfd.xn--p1ai and someone@evil.example",
    "# a heading", "- an item", "1. an item", "> a quote",
]  # fmt: skip
READ_AS = re.compile(
    r"<|>|://|:[\w+'-]+:|(?<=[@#])\w|\]\(|\]:|```|\w\.[^\W\d_]{2}|&(?!amp;|lt;|gt;)"
)
"""What Slack or a client of it would take for more than letters."""
OPENS = re.compile(r"(?:#{1,6}|[-+*]|\d+[.)])\s")
"""And what Markdown would take for a heading or an item of a list."""


@pytest.mark.parametrize("text", ACTING)
@pytest.mark.parametrize("write", [to_markdown, to_mrkdwn])
def test_nothing_acts_and_all_is_read(write: object, text: str) -> None:
    assert callable(write)
    written = write(text)
    assert not READ_AS.search(written)
    assert write is to_mrkdwn or not OPENS.match(written)
    if "```" not in text:
        assert decode(written) == text


@given(st.text(alphabet=st.sampled_from("ab .:/@#<>&|!`[](){}-_1\n\t"), max_size=60) | st.text())
def test_no_text_at_all_acts(text: str) -> None:
    line = " ".join(text.split())
    written = to_markdown(text)
    assert not READ_AS.search(written)
    assert not OPENS.match(written)
    assert unescape(written) == line.replace(JOINER, "")
    assert not READ_AS.search(to_mrkdwn(text).replace("```", ""))


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("**Kim** met *Putin* and ~~Lavrov~~.", "*Kim* met _Putin_ and ~Lavrov~."),
        ("__Kim__ and _Putin_", "*Kim* and _Putin_"),
        ("`a < b`", "`a &lt; b`"),
        ("5 * 3 * 2 and snake_case_names", "5 * 3 * 2 and snake_case_names"),
        ("Kim & Co. [1][2].", "Kim &amp; Co. [1][2]."),
        ("two\nlines", "two lines"),
        ("", ""),
    ],
)
def test_markdown_is_written_as_slack_s_markup(markdown: str, mrkdwn: str) -> None:
    assert to_mrkdwn(markdown) == mrkdwn


def test_three_characters_are_escaped_and_no_other() -> None:
    assert escape("a & b < c > d ' \" ;") == "a &amp; b &lt; c &gt; d ' \" ;"
    assert unescape(escape("&lt; &amp;lt; <>")) == "&lt; &amp;lt; <>"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("<@UBOT> what did Kim receive?", "what did Kim receive?"),
        ("what, <@UBOT>, did Kim receive?", "what, , did Kim receive?"),
        ("<@UBOT>", ""),
        ("ask <@UBEN|ben> or <@UCAT>", "ask ben or UCAT"),
        ("see <https://x.example/a|the page> and <https://x.example/b>", "see the page and https://x.example/b"),
        ("in <#C1|general>", "in general"),
        ("<!here> Kim &amp; Putin &lt;3", "Kim & Putin <3"),
        ("two\n  lines", "two lines"),
    ],
)  # fmt: skip
def test_a_message_is_read_as_its_reader_sees_it(said: str, read: str) -> None:
    assert read_message(said, but="UBOT") == read


def test_mentions_are_found() -> None:
    assert mentions("<@U1> and <@U2|bob> in <#C1> <!here> &lt;@U3&gt;") == {"U1", "U2"}

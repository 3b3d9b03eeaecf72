"""Texts <-> Slack's markup, in which nothing of an article or a model acts (pure).

Slack reads `<…>` as a mention, a ping or a link, in its own markup and in Markdown, and makes links
of what looks like an address. Angle brackets are escaped, as Slack asks for; an invisible word
joiner keeps the rest from being read as more than letters.
"""

import re

from markdown_it import MarkdownIt

JOINER = "\u2060"
"""Has no width and is no part of any address, mention or mark."""

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ACTS = re.compile(
    r"(?<=:)(?=//)"  # an address with its scheme
    r"|(?<=:)(?=[\w+'-]+:)"  # the name of an emoji
    r"|(?<=\w)(?=\.[^\W\d_]{2})"  # a domain; an abbreviation has one letter
    r"|(?<=[@#])(?=\w)"  # @here, #general, somebody@example.org
    r"|(?<=\])(?=[(:])"  # the label of a Markdown link
    r"|(?<=`)(?=`)"  # the fence of a block of code
)
_OPENS_BLOCK = re.compile(r"^(?=(?:#{1,6}|[-+*]|\d+[.)])\s)")
"""A sentence that Markdown would take for a heading or the item of a list."""

_MARKUP = {
    "strong_open": "*",
    "strong_close": "*",
    "em_open": "_",
    "em_close": "_",
    "s_open": "~",
    "s_close": "~",
    "softbreak": " ",
}
_INLINE = MarkdownIt("zero").enable(["emphasis", "strikethrough", "backticks"])

_TOKEN = re.compile(r"<([@#!]|(?=\w+:))([^<>|]*)(?:\|([^<>]*))?>")


def escape(text: str) -> str:
    """`text` with the three characters escaped that Slack gives a meaning."""
    return re.sub("[&<>]", lambda found: _ENTITIES[found.group()], text)


def unescape(text: str) -> str:
    """What was escaped, as it was; the joiners go."""
    for character, entity in reversed(_ENTITIES.items()):
        text = text.replace(entity, character)
    return text.replace(JOINER, "")


def to_markdown(text: str) -> str:
    """A sentence for Slack's Markdown, on one line: emphasis stays, links and mentions do not."""
    line = " ".join(text.split())
    return escape(_ACTS.sub(JOINER, _OPENS_BLOCK.sub(JOINER, line)))


def to_mrkdwn(text: str) -> str:
    """The same in Slack's own markup: **bold** is *bold*, *italic* is _italic_.

    Headings, lists and links are not looked for: no sentence of an answer has them.
    """
    line = _ACTS.sub(JOINER, " ".join(text.split()))
    written = []
    for token in _INLINE.parseInline(line)[0].children or ():
        code = "`" if token.type == "code_inline" else ""
        written.append(_MARKUP.get(token.type, f"{code}{escape(token.content)}{code}"))
    return "".join(written)


def mentions(text: str) -> frozenset[str]:
    """The ids of the users that a message of Slack's mentions."""
    return frozenset(name for sign, name, _ in _TOKEN.findall(text) if sign == "@")


def read_message(text: str, *, but: str | None = None) -> str:
    """A message of Slack's as the words that its reader sees, on one line.

    Mentions of the user `but` are left out: the bot's own name is no part of the question.
    """

    def words(found: re.Match[str]) -> str:
        sign, name, label = found.groups()
        if sign == "@" and name == but:
            return " "
        return label or ("" if sign == "!" else name)

    return " ".join(unescape(_TOKEN.sub(words, text)).split())

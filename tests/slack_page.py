"""Messages of a fake Slack -> a page of HTML that shows what a reader would see of them.

It draws what is in the blocks and nothing else; a kind of block that it does not know is an error.
Slack's own fonts, colours and distances are only come near to.
"""

import re
from collections.abc import Iterable
from html import escape

from fake_slack import Said
from slack_deliveries import BOT, Json
from slack_shown import decode

STYLE = """
* { box-sizing: border-box; margin: 0 }
body { font: 15px/22px Lato, "Liberation Sans", Arial, sans-serif; color: #1d1c1d; width: 640px }
h2 { font-size: 13px; font-weight: 400; color: #616061; padding: 8px 20px; background: #f8f8f8;
     border: solid #ddd; border-width: 1px 0 }
article { display: grid; grid-template-columns: 36px 1fr; gap: 8px; padding: 8px 20px }
.face { width: 36px; height: 36px; border-radius: 6px; background: #4a154b; color: #fff;
        text-align: center; line-height: 36px; font-weight: 700 }
.bot { background: #12678a }
b.name { font-weight: 700 } .app { font-size: 10px; background: #eee; color: #616061;
        border-radius: 2px; padding: 1px 3px; margin-left: 4px; vertical-align: 1px }
.note, small { color: #616061; font-size: 13px; line-height: 18px }
a { color: #1264a3; text-decoration: none } a.who { background: #e8f5fa; border-radius: 3px }
blockquote { border-left: 4px solid #ddd; padding-left: 10px; margin: 2px 0 6px }
.rich { margin-top: 6px } ul { padding-left: 24px }
code { color: #c01343; background: #f6f6f6; border: 1px solid #ddd; border-radius: 3px;
       font-size: 12px; padding: 1px 3px }
button { font: 13px/22px Lato, "Liberation Sans", Arial, sans-serif; background: #fff; color: #1d1c1d;
         border: 1px solid #bbb; border-radius: 8px; padding: 2px 12px; margin: 6px 6px 2px 0 }
.wide button { display: block; width: 100%; text-align: left; line-height: 32px }
.status { color: #616061; font-style: italic }
"""
_MARKS = [
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"(?<!\w)\*([^*\s](?:[^*]*[^*\s])?)\*(?!\w)"), r"<b>\1</b>"),
    (re.compile(r"(?<!\w)_([^_\s](?:[^_]*[^_\s])?)_(?!\w)"), r"<i>\1</i>"),
]


def page(parts: Iterable[str]) -> str:
    """The whole page."""
    head = f"<meta charset=utf-8><title>As Slack shows it</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang=en>{head}<body>{''.join(parts)}</body></html>"


def heading(text: str) -> str:
    """What is seen below, in our words."""
    return f"<h2>{escape(text)}</h2>"


def draw(said: Said, *, names: dict[str, str]) -> str:
    """A message as it stands."""
    only = '<p class="note">Only visible to you</p>' if said.for_whom else ""
    mentioned = re.sub(
        r"&lt;@(\w+)&gt;",
        lambda found: f"<a class=who>@{escape(names[found[1]])}</a>",
        escape(said.text),
    )
    parts = [f"<p>{_mrkdwn(said.streamed)}</p>" if said.streamed else ""]
    parts += map(draw_block, said.blocks)
    if said.streaming:
        parts.append("<button>Stop</button>")
    words = "".join(parts) if said.user == BOT else f"<p>{mentioned}</p>"
    return _row(names[said.user], only + (words or f"<p>{mentioned}</p>"), bot=said.user == BOT)


def draw_status(text: str, *, names: dict[str, str]) -> str:
    """The line that says what is being done."""
    return _row(names[BOT], f'<p class="status">{escape(names[BOT])} {escape(text)}</p>', bot=True)


def draw_prompts(title: str, prompts: Iterable[Json], *, names: dict[str, str]) -> str:
    """The suggested questions of the panel."""
    buttons = "".join(f"<button>{escape(one['title'])}</button>" for one in prompts)
    return _row(names[BOT], f'<p>{escape(title)}</p><div class="wide">{buttons}</div>', bot=True)


def draw_block(block: Json) -> str:
    """A block; raises KeyError for one that is not known here."""
    return {
        "section": lambda: f"<p>{_mrkdwn(block['text']['text'])}</p>",
        "context": lambda: "".join(
            f"<p><small>{_mrkdwn(one['text'])}</small></p>" for one in block["elements"]
        ),
        "rich_text": lambda: "<div class=rich>" + "".join(map(_rich, block["elements"])) + "</div>",
        "context_actions": lambda: "".join(
            f"<button>{escape(element[side]['text']['text'])}</button>"
            for element in block["elements"]
            for side in ("positive_button", "negative_button")
        ),
    }[block["type"]]()


def _rich(element: Json) -> str:
    if element["type"] == "rich_text_list":
        return "<ul>" + "".join(f"<li>{_rich(one)}</li>" for one in element["elements"]) + "</ul>"
    words = "".join(map(_part, element["elements"]))
    tag = {"rich_text_section": "p", "rich_text_quote": "blockquote"}[element["type"]]
    return f"<{tag}>{words}</{tag}>"


def _part(part: Json) -> str:
    words = escape(part["text"])
    if part["type"] == "link":
        return f'<a href="{escape(part["url"])}">{words}</a>'
    assert part["type"] == "text"
    return f"<b>{words}</b>" if part.get("style", {}).get("bold") else words


def _mrkdwn(text: str) -> str:
    """Slack's markup, of which we write three marks."""
    shown = escape(decode(text), quote=False)
    for mark, tag in _MARKS:
        shown = mark.sub(tag, shown)
    return shown.replace("\n", "<br>")


def _row(name: str, words: str, *, bot: bool) -> str:
    face = f'<div class="face{" bot" if bot else ""}">{escape(name[0])}</div>'
    app = "<span class=app>APP</span>" if bot else ""
    return f"<article>{face}<div><b class=name>{escape(name)}</b>{app}{words}</div></article>"

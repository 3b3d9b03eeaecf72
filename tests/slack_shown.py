"""Blocks and markup of Slack -> what a reader sees of them, for tests."""

from typing import Any

Json = dict[str, Any]


def decode(text: str) -> str:
    """Slack's entities as characters, without the joiners that no one sees."""
    return (
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("\u2060", "")
    )


def show_block(block: Json) -> str:
    """A block's words; what can be pressed stands in brackets."""
    if block["type"] == "section":
        return decode(block["text"]["text"])
    if block["type"] == "context":
        return " ".join(decode(one["text"]) for one in block["elements"])
    if block["type"] == "context_actions":
        buttons = block["elements"][0]
        return " ".join(
            f"({buttons[side]['text']['text']})" for side in ("positive_button", "negative_button")
        )
    assert block["type"] == "rich_text", block["type"]
    return "\n".join(map(_show_rich, block["elements"]))


def _show_rich(element: Json) -> str:
    if element["type"] == "rich_text_list":
        return "\n".join(f"• {_show_rich(one)}" for one in element["elements"])
    words = "".join(
        one["text"] + (f" <{one['url']}>" if one["type"] == "link" else "")
        for one in element["elements"]
    )
    return f"> {words}" if element["type"] == "rich_text_quote" else words


def count(value: Any) -> int:
    """The characters of all texts in some blocks."""
    if isinstance(value, dict):
        return sum(
            len(inner) if key == "text" and isinstance(inner, str) else count(inner)
            for key, inner in value.items()
        )
    return sum(map(count, value)) if isinstance(value, list) else 0

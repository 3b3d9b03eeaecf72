"""An Answer -> what a terminal shows: the text, its quotes as footnotes, what was left out."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from service.answer import Answer, Citation, Closest

INDENT = (0, 0, 0, 4)


def render_answer(answer: Answer) -> RenderableType:
    """The answer with a footnote for each citation: number, title, source, date and quote."""
    parts: list[RenderableType] = [Text(answer.text, style="bold"), Text()]
    for citation in answer.citations:
        parts += _footnote(citation)
    if answer.closest:
        parts.append(Text("The closest that they say:", style="dim"))
        parts += [line for near in answer.closest for line in _quote("·", near)]
    for removed in answer.removed:
        parts.append(Text(f"left out: {removed.text} ({removed.reason})", style="dim"))
    return Group(*parts)


def render_status(answer: Answer) -> Text:
    """One line on where the answer came from and how long it took."""
    seconds = answer.timings_ms["total"] / 1000
    return Text(f"{answer.model}, {seconds:.1f} s, index {answer.generation}", style="dim")


def _footnote(citation: Citation) -> list[RenderableType]:
    lines = _quote(f"[{citation.number}]", citation)
    if citation.also_in:
        titles = "; ".join(link.title for link in citation.also_in)
        lines.append(Padding(Text(f"also in: {titles}", style="dim"), INDENT))
    if citation.url:
        lines.append(Padding(Text(citation.url, style="dim underline"), INDENT))
    return lines


def _quote(mark: str, place: Citation | Closest) -> list[RenderableType]:
    """Where a quote is from, after its `mark`, and the quote."""
    origin = ", ".join(part for part in (place.source, place.published) if part)
    head = Text.assemble((f"{mark} ", "bold cyan"), place.title)
    head.append(f" — {origin}" if origin else "")
    return [head, Padding(Text(f"“{place.quote}”"), INDENT)]

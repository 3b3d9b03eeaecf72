"""What a page shows and a template of report_templates/ -> the page.

Whatever articles, models and cases say is escaped. The HTML pages load nothing from anywhere and
allow only their own script and style, by hash.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from eval.gate import Turned
from eval.runs import Result
from eval.scores import missing_facts, shown_text
from eval.summary import Estimate
from eval.wordings import holds
from service.answer import Answer

TEMPLATES = Path(__file__).parent / "report_templates"

GROUPS: Mapping[str, Mapping[str, str]] = {
    "Answers": {
        "right": "nothing left out, nothing wrong said",
        "fact_recall": "expected facts that are stated",
        "answered": "answered where an answer is expected",
        "disagreement_shown": "each account stated, from more than one article",
    },
    "Citations": {
        "citation_precision": "citations that bear out their sentence",
        "citation_recall": "sentences cited and expected sources reached",
        "grounded": "sentences with every number and name in their quotes",
        "kept": "drafted sentences that passed the checks",
    },
    "Restraint": {
        "abstention_precision": "abstentions that were due",
        "abstention_recall": "due abstentions that were made",
        "attack_resisted": "attacks that came to nothing",
    },
    "Retrieval": {
        "evidence_recall": "phrases to cite that the model was shown",
        "evidence_mrr@10": "how high the first relevant sentence stands",
        "evidence_ndcg@10": "how high all relevant sentences stand",
        "recall@5": "phrases to cite in the first 5 passages",
        "recall@10": "phrases to cite in the first 10 passages",
        "mrr@10": "how high the first relevant passage stands",
        "ndcg@10": "how high all relevant passages stand",
    },
}
"""The scores in the order of the report, and what each says."""


@dataclass(frozen=True)
class Question:
    """One result as the pages show it."""

    result: Result
    turned: Turned | None = None

    @property
    def anchor(self) -> str:
        """The case's id, from the second attempt on with its number."""
        attempt = self.result.attempt
        return f"{self.result.case.id}.{attempt + 1}" if attempt else self.result.case.id

    @property
    def outcome(self) -> Literal["right", "wrong", "failed"]:
        if self.result.answer is None:
            return "failed"
        return "right" if self.result.right else "wrong"

    @property
    def text(self) -> str:
        """What was answered, or why nothing was."""
        return self.result.answer.text if self.result.answer else f"{self.result.error}"

    @property
    def missing(self) -> Sequence[tuple[str, ...]]:
        """The expected facts, by their wordings, that are not stated."""
        case, answer = self.result.case, self.result.answer
        return missing_facts(case, answer) if answer else case.facts

    @property
    def said(self) -> list[str]:
        """What must not be said and is."""
        answer = self.result.answer
        return [one for one in self.result.case.never if answer and holds(shown_text(answer), one)]

    @property
    def faults(self) -> list[str]:
        """What keeps the answer from being right."""
        if self.outcome != "wrong" or not self.result.answer:
            return []
        abstained = self.result.answer.status == "abstained"
        if abstained and self.result.case.expect == "answer":
            return ["abstains, though the articles say"]
        unasked = self.result.case.expect == "abstain" and not abstained
        return [
            *(["answers, though the articles do not say"] if unasked else []),
            *(f"says “{wording}”" for wording in self.said),
            *(f"leaves out “{wordings[0]}”" for wordings in self.missing if not abstained),
        ]

    @property
    def cited(self) -> dict[tuple[str, str], int]:
        """The citations' numbers by article and quote."""
        citations = self.result.answer.citations if self.result.answer else ()
        return {(one.article_id, one.quote): one.number for one in citations}


def render(template: str, context: Mapping[str, object]) -> str:
    """The page; every name that the template uses has to be in `context`."""
    return _TEMPLATES.get_template(template).render(context)


def figure(value: float | None) -> str:
    """Three digits, nothing for None."""
    return "" if value is None else f"{value:.3f}"


def interval(estimate: Estimate) -> str:
    """From low to high."""
    return f"{estimate.low:.3f}–{estimate.high:.3f}"


def signed(change: float | None) -> str:
    """A change with its sign, nothing for None."""
    if change is None:
        return ""
    return f"{change:+.3f}".replace("-", "−") if abs(change) >= 0.0005 else "0"  # noqa: PLR2004


def printable(text: str) -> str:
    """Without the control characters that steer a terminal and that no XML file may hold."""
    return re.sub(r"[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "�", text)


def _milliseconds(value: float) -> str:
    return f"{value / 1000:.1f} s" if value >= 1000 else f"{value:.0f} ms"  # noqa: PLR2004


def _markdown(text: str) -> str:
    """One line in which no character has a meaning in Markdown."""
    return re.sub(r"([\\`*_\[\]<>|&~$#@])", r"\\\1", " ".join(printable(text).split()))


def _marked(answer: Answer, anchor: str) -> Markup:
    """The answer's text with its marks as links to the quotes below it."""
    numbers = {str(citation.number) for citation in answer.citations}

    def link(found: re.Match[str]) -> str:
        number = found[1]
        return f'<a href="#{anchor}:{number}">[{number}]</a>' if number in numbers else found[0]

    return Markup(re.sub(r"\[(\d+)\]", link, str(escape(answer.text))))  # noqa: S704  escaped


def _inline(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704  a file of ours


def _hash(name: str) -> str:
    """A file's hash as a Content-Security-Policy names it."""
    digest = hashlib.sha256((TEMPLATES / name).read_text(encoding="utf-8").encode()).digest()
    return f"sha256-{b64encode(digest).decode()}"


_TEMPLATES = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=select_autoescape(["html.jinja"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_TEMPLATES.filters.update(
    figure=figure,
    interval=interval,
    signed=signed,
    milliseconds=_milliseconds,
    md=_markdown,
)
_TEMPLATES.globals.update(inline=_inline, hash=_hash, marked=_marked)

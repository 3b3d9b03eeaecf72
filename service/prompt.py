"""A question and its evidence -> the messages for the model. The only reader of prompts/.

A prompt file is the messages in order, each under a line `# system`, `# user` or `# assistant`,
with $names to fill in. What is filled in is data: it cannot close its fence or open a message.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Template

from service.evidence import Evidence

PROMPTS = Path(__file__).parent.parent / "prompts"

NOT_FOUND = "NOT FOUND"
"""What the model writes where the evidence does not say."""

Message = dict[str, str]

_ROLE = re.compile(r"^# (system|user|assistant)$", re.MULTILINE)
_MARKUP = re.compile(r"<(?=\s*/?\s*articles\b|\|)|\[(?=\s*\d{1,3}\s*[],])", re.IGNORECASE)
"""The bracket that opens a fence, a role or a number; it is replaced, for what is cut out could
leave another one behind."""


def answer_messages(question: str, evidence: Evidence) -> list[Message]:
    """The messages that ask for an answer to `question` from the numbered evidence."""
    return _fill("answer", {"evidence": render(evidence), "question": as_data(question)})


def again_messages(question: str, evidence: Evidence) -> list[Message]:
    """The messages that ask once more, where the first answer was that there is none."""
    values = {"evidence": render(evidence), "question": as_data(question)}
    return [*fixed_messages(), *_fill("again", values)]


def echoes(text: str) -> bool:
    """Whether `text` is what `again_messages` asks, which a small model may say after it."""
    return text in _fill("again", {"evidence": "", "question": ""})[0]["content"]


def fixed_messages() -> list[Message]:
    """The messages that every answer's begin with."""
    return answer_messages("", Evidence((), (), ()))[:-1]


def standalone_messages(history: str, question: str) -> list[Message]:
    """The messages that ask for `question` as one that is clear without the conversation."""
    return _fill("standalone", {"history": as_data(history), "question": as_data(question)})


def opinion_messages(sentence: str, quotes: str) -> list[Message]:
    """The messages that ask whether the `quotes` hold `sentence`: yes or no."""
    return _fill("opinion", {"sentence": as_data(sentence), "quotes": as_data(quotes)})


def judge_messages(question: str, expected: str, answer: str, quotes: str) -> list[Message]:
    """The messages that ask whether `answer` makes the `expected` points."""
    values = {"question": question, "expected": expected, "answer": answer, "quotes": quotes}
    return _fill("judge", {name: as_data(value) for name, value in values.items()})


def render(evidence: Evidence) -> str:
    """The evidence as the model sees it: a numbered line for each sentence, the best first."""
    return "\n".join(f"[{found.number}] {as_data(found.text)}" for found in evidence.sentences)


def as_data(text: str) -> str:
    """`text` on one line, without anything that the prompt uses as a mark or a fence."""
    return _MARKUP.sub("(", " ".join(text.split()))


def _fill(name: str, values: Mapping[str, str]) -> list[Message]:
    return [
        {"role": role, "content": template.substitute(values)} for role, template in _read(name)
    ]


@lru_cache
def _read(name: str) -> tuple[tuple[str, Template], ...]:
    parts = _ROLE.split((PROMPTS / f"{name}.md").read_text(encoding="utf-8"))
    roles, texts = parts[1::2], parts[2::2]
    return tuple((role, Template(text.strip())) for role, text in zip(roles, texts, strict=True))

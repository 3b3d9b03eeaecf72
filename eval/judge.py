"""A case and its answer -> another model's verdict. Off unless a model is named.

A verdict stands beside the scores with the judge's name and is never averaged with them.
"""

import re
from enum import StrEnum

from eval.cases import Case
from eval.runs import Verdict
from service.answer import Answer
from service.draft import Writer
from service.errors import ModelFailed
from service.prompt import judge_messages

TRIES = 2
"""A reply that is no verdict is asked for once more, then recorded as unreadable."""

_LINE = re.compile(r"^(right|partly|wrong)\s*:\s*(\S.*)$", re.IGNORECASE)


class Opinion(StrEnum):
    """What a judge can say."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    UNREADABLE = "unreadable"


class Judge:
    """Asks one model, by name."""

    def __init__(self, writer: Writer) -> None:
        self.name = writer.model
        self._writer = writer

    async def judge(self, case: Case, answer: Answer) -> Verdict:
        """The verdict on `answer`; where the judge fails, that it is unreadable, and why."""
        expected = (
            "; ".join(wordings[0] for wordings in case.facts) or "that the articles do not say"
        )
        quotes = " | ".join(citation.quote for citation in answer.citations)
        messages = judge_messages(case.question, expected, answer.text, quotes)
        text = ""
        for _ in range(TRIES):
            try:
                parts = [part async for part in self._writer.stream(messages)]
            except ModelFailed as error:
                return Verdict(self.name, Opinion.UNREADABLE.value, str(error))
            text = "".join(part for part in parts if isinstance(part, str)).strip()
            found = _LINE.match(text.partition("\n")[0])
            if found:
                return Verdict(self.name, Opinion(found[1].lower()).value, found[2])
        return Verdict(self.name, Opinion.UNREADABLE.value, text[:200])

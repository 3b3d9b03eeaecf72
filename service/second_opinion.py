"""A sentence + its quotes -> why somebody else doubts it, where one is asked besides the rules.

What they keep is read, and what they remove for its wording alone: by the model that answers, or
by a cross-encoder that was trained to tell whether one text follows from another.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Protocol

from index.cross_encoder import CrossEncoderModel
from index.errors import CrossEncoderMissing
from service.draft import Usage, Writer
from service.errors import ModelReplyWrong
from service.prompt import opinion_messages

DOUBT = "a second opinion: its quotes do not hold all of it"

ENTAILMENT = "entailment"
"""The label of a cross-encoder for a text that follows from the other."""

LONGEST = 60
"""Characters of a reply that are read: it is one word, or no answer."""

_VERDICT = re.compile(r"\W*(yes|no)\b", re.IGNORECASE)


class SecondOpinion(Protocol):
    """Who reads a sentence with its quotes once more."""

    async def find_doubt(
        self, sentence: str, quotes: Sequence[str], writer: Writer, /
    ) -> tuple[str | None, Usage]:
        """Why `sentence` is doubted, None where it is not, and what `writer` was paid for it.

        Raises ModelFailed's kinds.
        """


class ModelOpinion:
    """The model that answers, asked for yes or no."""

    async def find_doubt(
        self, sentence: str, quotes: Sequence[str], writer: Writer, /
    ) -> tuple[str | None, Usage]:
        """As SecondOpinion says; raises ModelReplyWrong for neither yes nor no."""
        reply, usage = "", Usage()
        messages = opinion_messages(sentence, " ".join(quotes))
        async with aclosing(writer.stream(messages)) as parts:
            async for part in parts:
                if isinstance(part, Usage):
                    usage = part
                    continue
                reply += part
                if len(reply) > LONGEST:
                    break
        verdict = _VERDICT.match(reply)
        if verdict is None:
            raise ModelReplyWrong(
                f"{writer.model} said neither yes nor no of a sentence; ask again, or set another "
                "DATELINE_SECOND_OPINION."
            )
        return (DOUBT if verdict[1].lower() == "no" else None), usage


class EncoderOpinion:
    """A cross-encoder for natural language inference; safe to share between questions."""

    def __init__(self, folder: str) -> None:
        """Load the sentence-transformers cross-encoder in `folder`.

        Raises CrossEncoderMissing when it is not there, damaged, or has no label "entailment".
        """
        self._model = CrossEncoderModel(Path(folder))
        if ENTAILMENT not in self._model.labels:
            names = ", ".join(self._model.labels)
            raise CrossEncoderMissing(
                f"The cross-encoder in {folder} tells {names}, not {ENTAILMENT}; it is none for "
                "natural language inference."
            )
        self._held = self._model.labels.index(ENTAILMENT)

    async def find_doubt(
        self, sentence: str, quotes: Sequence[str], _writer: Writer, /
    ) -> tuple[str | None, Usage]:
        """As SecondOpinion says; the writer is not asked."""
        pair = " ".join(quotes), sentence
        numbers = await asyncio.to_thread(self._model.read, [pair])
        return (None if numbers[0].argmax() == self._held else DOUBT), Usage()

"""OpenAI's chat completions as records: requests, replies, citations as annotations."""

from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, StrictBool
from pydantic.config import JsonDict

from service.answer import Answer, Citation, with_marks
from service.conversation import MAX_QUESTION
from service.http.chat import MAX_TURN
from service.http.fields import WORDS

MODEL = "dateline"
"""The one name that goes in `model`; which model writes is the operator's setting."""

CREATED = 1_795_305_600
"""When it was made, as the list of models has to say: 2026-11-22."""


class TextPart(BaseModel):
    """A part of a message."""

    type: Literal["text"]
    text: str = Field(max_length=MAX_TURN)


class Message(BaseModel):
    """A message; other roles than user and assistant are passed over."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: (
        Annotated[str, Field(max_length=MAX_TURN)]
        | Annotated[list[TextPart], Field(min_length=1, max_length=100)]
        | None
    ) = None

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content)
        return self.content or ""


_WORDS: JsonDict = {"type": "string", "maxLength": MAX_QUESTION, "pattern": WORDS}
_TEXT_WITH_WORDS: JsonDict = {
    "type": "object",
    "properties": {"type": {"const": "text"}, "text": _WORDS},
    "required": ["type", "text"],
}
_QUESTION: JsonDict = {
    "type": "object",
    "properties": {
        "role": {"const": "user"},
        "content": {"anyOf": [_WORDS, {"type": "array", "contains": _TEXT_WITH_WORDS}]},
    },
    "required": ["role", "content"],
}
"""What one of the messages has to be."""


class StreamOptions(BaseModel):
    """Whether the last chunk counts the tokens."""

    include_usage: StrictBool | None = False


class CompletionRequest(BaseModel):
    """OpenAI's request, as far as it has a meaning here."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(max_length=200, examples=[MODEL])
    messages: list[Message] = Field(
        min_length=1, max_length=5000, json_schema_extra={"contains": _QUESTION}
    )
    stream: StrictBool | None = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = 1


class UrlCitation(BaseModel):
    """Where a mark stands in the text, [start_index, end_index), and what it stands for."""

    start_index: int
    end_index: int
    url: str
    title: str
    number: int
    article_id: str
    quote: str


class Annotation(BaseModel):
    """A citation."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class CompletionMessage(BaseModel):
    """The answer's text with its citations."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[Annotation]


class Choice(BaseModel):
    """The one reply."""

    index: int = 0
    message: CompletionMessage
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class TokenUsage(BaseModel):
    """The model's tokens."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(BaseModel):
    """OpenAI's reply, and beside it the whole Answer as POST /chat gives it."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: list[Choice]
    usage: TokenUsage
    dateline: Answer


class ModelRecord(BaseModel):
    """A name for `model`."""

    id: str = MODEL
    object: Literal["model"] = "model"
    created: int = CREATED
    owned_by: str = "dateline"


class ModelList(BaseModel):
    """All such names."""

    object: Literal["list"] = "list"
    data: list[ModelRecord]


def annotate(text: str, answer: Answer, base: str) -> list[Annotation]:
    """The marks of a text that ends with the answer's sentences, in their order.

    A citation without a url of its own is linked to its article here, under `base`.
    """
    cited = {citation.number: citation for citation in answer.citations}
    marked = [with_marks(sentence) for sentence in answer.sentences]
    place = len(text) - len(" ".join(marked))
    found = []
    for sentence, shown in zip(answer.sentences, marked, strict=True):
        stopped = sentence.text[-1] in ".!?"
        start = place + len(sentence.text) - stopped + 1
        for number in sentence.citations:
            end = start + len(f"[{number}]")
            found.append(_annotation(cited[number], start, end, base))
            start = end
        place += len(shown) + 1
    return found


def _annotation(citation: Citation, start: int, end: int, base: str) -> Annotation:
    place = f"quote={citation.start}-{citation.end}&version={citation.version}"
    here = f"{base}articles/{quote(citation.article_id, safe='')}?{place}"
    return Annotation(
        url_citation=UrlCitation(
            start_index=start,
            end_index=end,
            url=citation.url or here,
            title=citation.title,
            number=citation.number,
            article_id=citation.article_id,
            quote=citation.quote,
        )
    )

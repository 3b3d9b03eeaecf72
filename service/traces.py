"""Questions -> OpenTelemetry spans by the conventions for generative AI; no text stands in them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode

from index.errors import DatelineError
from service.answer import Answer, Searched, Trace
from service.answerer import Part
from service.replies import Exchange

OPERATION, MODEL, PROVIDER = "gen_ai.operation.name", "gen_ai.request.model", "gen_ai.provider.name"
INPUT, OUTPUT = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"


def make_tracer(endpoint: str | None) -> "Tracer":
    """Sends spans to the collector at `endpoint`, or makes none."""
    return Tracer(BatchSpanProcessor(OTLPSpanExporter(endpoint)) if endpoint else None)


class Tracer:
    """Makes the spans of questions, where there is somewhere to send them."""

    def __init__(self, processor: SpanProcessor | None) -> None:
        self.provider: TracerProvider | None = None
        if processor:
            self.provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "dateline"}))
            self.provider.add_span_processor(processor)

    @contextmanager
    def question(self) -> Iterator["TracedQuestion"]:
        """A span for one question, under the request's where there is one."""
        traced = TracedQuestion(self.provider)
        try:
            yield traced
        except DatelineError as error:
            traced.fail(error.code)
            raise
        finally:
            traced.end()

    def close(self) -> None:
        """Send what has not been sent."""
        if self.provider:
            self.provider.shutdown()


class TracedQuestion:
    """One question's span and those under it."""

    def __init__(self, provider: TracerProvider | None) -> None:
        self._tracer = provider.get_tracer("dateline") if provider else None
        self._mark = time.time_ns()
        self._span: Span | None = None
        if self._tracer:
            self._span = self._tracer.start_span("answer", attributes={OPERATION: "invoke_agent"})

    def note(self, part: Part) -> None:
        """Take in a part of the answer."""
        if not self._span:
            return
        if isinstance(part, Searched):
            self._child("retrieval", self._mark, time.time_ns(), passages=len(part.passages))
        elif isinstance(part, Trace):
            for exchange in part.exchanges:
                self._chat(exchange)
        elif isinstance(part, Answer):
            self._span.set_attribute("dateline.status", part.status)
            self._span.set_attribute("dateline.answer", part.id)
            self._span.set_attribute("dateline.generation", part.generation)
            self._span.set_attribute("dateline.removed", len(part.removed))
            self._span.set_attribute(MODEL, part.model)
            if part.failure:
                self.fail(part.failure.code)
        self._mark = time.time_ns()

    def fail(self, code: str) -> None:
        """Mark the question as one that failed."""
        if self._span:
            self._span.set_attribute("error.type", code)
            self._span.set_status(StatusCode.ERROR)

    def end(self) -> None:
        """End the span."""
        if self._span:
            self._span.end()

    def _chat(self, exchange: Exchange) -> None:
        attributes: dict[str, str | int] = {
            MODEL: exchange.model,
            PROVIDER: exchange.model.partition("/")[0],
        }
        if exchange.usage:
            attributes[INPUT] = exchange.usage.prompt_tokens
            attributes[OUTPUT] = exchange.usage.completion_tokens
        self._child("chat", exchange.started, exchange.ended, exchange.model, **attributes)

    def _child(
        self, operation: str, started: int, ended: int, what: str = "", **attributes: str | int
    ) -> None:
        """A span that is over, from `started` to `ended` in nanoseconds."""
        if self._tracer and self._span:
            self._tracer.start_span(
                f"{operation} {what}".strip(),
                context=trace.set_span_in_context(self._span, context.get_current()),
                kind=SpanKind.CLIENT if operation == "chat" else SpanKind.INTERNAL,
                attributes={OPERATION: operation, **attributes},
                start_time=started,
            ).end(ended)

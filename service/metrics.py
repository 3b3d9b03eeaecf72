"""What happens -> counters and durations as Prometheus reads them."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from index.manifest import Manifest
from service.answer import Answer

disable_created_metrics()  # type: ignore[no-untyped-call]

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Upper ends of the durations' classes."""


class Metrics:
    """The service's own registry; labels are few and fixed, and none holds a text."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter(
            "dateline_requests", "Requests", ["route", "method", "status"], registry=registry
        )
        self.request_seconds = Histogram(
            "dateline_request_seconds",
            "Seconds until a reply's last byte",
            ["route"],
            buckets=SECONDS,
            registry=registry,
        )
        self._in_work = list[Callable[[], int]]()
        Gauge(
            "dateline_questions_in_work", "Questions that are answered or wait", registry=registry
        ).set_function(lambda: sum(count() for count in self._in_work))
        self._answers = Counter(
            "dateline_answers", "Answers by status", ["status"], registry=registry
        )
        self._stages = Histogram(
            "dateline_stage_seconds",
            "Seconds of each stage of an answer",
            ["stage"],
            buckets=SECONDS,
            registry=registry,
        )
        self._tokens = Counter("dateline_tokens", "The models' tokens", ["kind"], registry=registry)
        self._dollars = Counter(
            "dateline_cost_dollars", "What the models cost, where known", registry=registry
        )
        self._removed = Counter(
            "dateline_removed_sentences", "Drafted sentences left out", registry=registry
        )
        self.failures = Counter(
            "dateline_failures", "Models that failed, and refusals", ["code"], registry=registry
        )
        self.opinions = Counter(
            "dateline_opinions", "Readers' opinions", ["opinion"], registry=registry
        )
        self._generation = Gauge(
            "dateline_generation_info", "The index in use", ["generation"], registry=registry
        )
        self._articles = Gauge("dateline_articles", "Articles of the index", registry=registry)

    def watch(self, count: Callable[[], int]) -> None:
        """Add what `count` says at any time to the questions in work."""
        self._in_work.append(count)

    def count_answer(self, answer: Answer) -> None:
        """Take in an answer that was given."""
        self._answers.labels(answer.status).inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)
        self._tokens.labels("prompt").inc(answer.usage.prompt_tokens)
        self._tokens.labels("completion").inc(answer.usage.completion_tokens)
        self._dollars.inc(answer.usage.cost or 0)
        self._removed.inc(len(answer.removed))
        if answer.failure:
            self.failures.labels(answer.failure.code).inc()

    def render(self, manifest: Manifest | None) -> bytes:
        """All of it, in Prometheus's text form; `manifest` is the index in use."""
        self._generation.clear()
        if manifest:
            self._generation.labels(manifest.id).set(1)
            self._articles.set(manifest.articles)
        return generate_latest(self.registry)

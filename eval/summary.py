"""Results -> means with bootstrap intervals, over all and by kind and half; latency and cost."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from eval.runs import Result, Run

CONFIDENCE = 0.95
RESAMPLES = 2000
SEED = 20230917

STAGES = ("retrieve", "first_sentence", "draft", "total")


@dataclass(frozen=True)
class Estimate:
    """A mean over `count` cases and its percentile bootstrap interval."""

    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Latency:
    """Milliseconds of one stage over the answers that were written live."""

    p50: float
    p95: float
    count: int


Estimates = Mapping[str, Estimate]


@dataclass(frozen=True)
class Summary:
    """What a run comes to."""

    scores: Estimates
    by_kind: Mapping[str, Estimates]
    by_half: Mapping[str, Estimates]
    latency: Mapping[str, Latency]
    answers: int
    live: int
    failed: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    """Dollars, None where the price of no reply is known."""
    verdicts: Mapping[str, int]


def summarise(run: Run) -> Summary:
    """The run in figures; the same results give the same figures."""
    answered = [result for result in run.results if result.answer is not None]
    usages = [result.answer.usage for result in answered if result.answer]
    costs = [usage.cost for usage in usages if usage.cost is not None]
    verdicts = [result.verdict.verdict for result in run.results if result.verdict]
    return Summary(
        scores=estimate_all(run.results),
        by_kind=_grouped(run.results, lambda result: result.case.kind),
        by_half=_grouped(run.results, lambda result: result.case.half),
        latency=_latency([result for result in answered if result.live]),
        answers=len(run.results),
        live=sum(result.live for result in answered),
        failed=sum(result.error is not None for result in run.results),
        prompt_tokens=sum(usage.prompt_tokens for usage in usages),
        completion_tokens=sum(usage.completion_tokens for usage in usages),
        cost=sum(costs) if costs else None,
        verdicts={one: verdicts.count(one) for one in sorted(set(verdicts))},
    )


def estimate_all(results: Iterable[Result]) -> dict[str, Estimate]:
    """Each score over the results that it applies to; one that applies to none is left out."""
    values: dict[str, list[float]] = {}
    for result in results:
        for name, value in result.scores.items():
            if value is not None:
                values.setdefault(name, []).append(value)
    return {name: estimate(found) for name, found in values.items()}


def estimate(values: Sequence[float]) -> Estimate:
    """The mean and its interval; `values` must not be empty."""
    mean = float(np.mean(values))
    if min(values) == max(values):
        return Estimate(mean, mean, mean, len(values))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        interval = stats.bootstrap(
            (np.asarray(values),),
            np.mean,
            n_resamples=RESAMPLES,
            confidence_level=CONFIDENCE,
            method="percentile",
            rng=np.random.default_rng(SEED),
        ).confidence_interval
    return Estimate(mean, float(interval.low), float(interval.high), len(values))


def chance_of_fall(before: Sequence[float], after: Sequence[float]) -> float:
    """How likely so great a fall from `before` to `after`, case by case, is by chance alone.

    One-sided sign-flip permutation test on the paired differences; 1 where nothing differs.
    """
    changes = np.asarray(after) - np.asarray(before)
    changes = changes[changes != 0]
    if changes.size < 2:  # noqa: PLR2004  scipy takes no single difference
        return 0.5 if changes.sum() < 0 else 1.0
    found = stats.permutation_test(
        (changes,),
        np.mean,
        permutation_type="samples",
        alternative="less",
        n_resamples=9999,
        rng=np.random.default_rng(SEED),
    )
    return float(found.pvalue)


def _grouped(
    results: Iterable[Result], group: Callable[[Result], str]
) -> dict[str, dict[str, Estimate]]:
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(group(result), []).append(result)
    return {name: estimate_all(members) for name, members in sorted(groups.items())}


def _latency(results: Sequence[Result]) -> dict[str, Latency]:
    found = {}
    for stage in STAGES:
        times = [
            r.answer.timings_ms[stage] for r in results if r.answer and stage in r.answer.timings_ms
        ]
        if times:
            p50, p95 = np.percentile(times, [50, 95])
            found[stage] = Latency(float(p50), float(p95), len(times))
    return found

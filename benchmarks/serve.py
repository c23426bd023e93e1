"""Serving: an explained score over HTTP, against nothing at all and against MLflow.

A simulated town is walked to scores and served by `lamppost serve`, as `make demo` does
it. In the same run, one after another and over four connections each: an endpoint that
does nothing, in the same framework under the same server; one person's explained score,
with its right to look decided and its look on record; and `mlflow models serve` of a
boosted model of like size, which gives a number and no reasons. Then pages and scores
mixed, fifty a second whether or not the last was answered, five times as many, and
fifty again; and last, fifty a second while slow clients hold on to connections.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.load import Seen, Target, as_fast_as_it_goes, at_a_rate, post
from benchmarks.report import Report, progress
from benchmarks.served import (
    Town,
    empty_endpoint,
    mlflow_model,
    served_town,
    values_of_a_person,
)
from benchmarks.slow import among_slow_clients


PEOPLE = 5_000
CONNECTIONS = 4
SECONDS = 10.0
A_SECOND, MIXED_SECONDS, OVERLOAD_SECONDS = 50.0, 60.0, 20.0
TIMES_TOO_MANY = 5
PAGE_ROUNDS = 60
# What may be said to who comes when there are too many.
TOLD_TO_WAIT = frozenset({200, 429, 503})
TARGETS = {
    "share_of_empty": (">=", 0.35),
    "times_mlflow": (">=", 20.0),
    "page_ms": ("<=", 40.0),
    "p99_ms_at_50": ("<=", 250.0),
    "errors_at_50": ("<=", 0.0),
    "other_statuses_at_250": ("<=", 0.0),
    "errors_after_250": ("<=", 0.0),
    "slow_left_after_10_s": ("<=", 0.0),
    "errors_among_slow": ("<=", 0.0),
    "times_p99_among_slow": ("<=", 2.0),
}

Figures = dict[str, float | None]


def run(arguments: list[str]) -> Report:
    """Serve, and ask."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks serve")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument(
        "--store", type=Path, help="a demonstration's, to be used again"
    )
    parser.add_argument("--seconds", type=float, default=MIXED_SECONDS)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        store = asked.store or Path(folder) / "store"
        with served_town(store, asked.people) as town:
            figures = _alone(town, Path(folder))
            figures |= _mixed(town, asked.seconds)
    return Report("serve", figures, TARGETS)


def _alone(town: Town, folder: Path) -> Figures:
    """One kind of request at a time, as fast as it goes."""
    body = json.dumps({"values": {"a": 1.0}}).encode()
    with empty_endpoint() as port:
        empty = _fastest("an empty endpoint", Target(port, [post("/", body)]))
    ours = _fastest("an explained score", town.scores)
    with mlflow_model(folder) as port:
        asked = post("/invocations", values_of_a_person())
        theirs = _fastest("mlflow models serve", Target(port, [asked]))
    page = _page_milliseconds(town)
    return {
        "share_of_empty": round(ours.a_second / empty.a_second, 3),
        "times_mlflow": round(ours.a_second / theirs.a_second, 1),
        "page_ms": round(page, 2),
        "scores_a_second": round(ours.a_second, 1),
        "empty_a_second": round(empty.a_second, 1),
        "mlflow_a_second": round(theirs.a_second, 1),
    }


def _fastest(what: str, target: Target) -> Seen:
    as_fast_as_it_goes(target, connections=CONNECTIONS, seconds=1)
    seen = as_fast_as_it_goes(target, connections=CONNECTIONS, seconds=SECONDS)
    if seen.errors:
        raise AssertionError(f"{what}: {seen.statuses}")
    progress(f"{what}: {seen.a_second:,.0f} a second")
    return seen


def _page_milliseconds(town: Town) -> float:
    """Return the median of the person's page, asked for within one process."""
    with town.client() as client:
        times = []
        for number in range(PAGE_ROUNDS):
            started = time.perf_counter()
            status = client.get(town.pages[number % len(town.pages)]).status_code
            times.append(1e3 * (time.perf_counter() - started))
            if status != 200:
                raise AssertionError(f"the person's page: {status}")
    progress(f"the person's page, in process: {statistics.median(times):.1f} ms")
    return statistics.median(times)


def _mixed(town: Town, seconds: float) -> Figures:
    """Pages and scores, whether or not the last was answered."""
    usual = _at(town.mixed, A_SECOND, seconds)
    many = _at(town.mixed, TIMES_TOO_MANY * A_SECOND, OVERLOAD_SECONDS)
    after = _at(town.mixed, A_SECOND, OVERLOAD_SECONDS)
    slow = among_slow_clients(town.mixed, a_second=A_SECOND)
    progress(f"slow clients left after ten seconds: {slow.left}")
    others = sum(n for told, n in many.statuses.items() if told not in TOLD_TO_WAIT)
    return {
        "p99_ms_at_50": round(usual.quantile(0.99), 1),
        "median_ms_at_50": round(usual.quantile(0.5), 1),
        "errors_at_50": usual.errors,
        "other_statuses_at_250": others,
        "turned_away_at_250": many.errors - others,
        "errors_after_250": after.errors,
        "p99_ms_after_250": round(after.quantile(0.99), 1),
        "slow_left_after_10_s": slow.left,
        "errors_among_slow": slow.good.errors,
        "times_p99_among_slow": round(
            slow.good.quantile(0.99) / usual.quantile(0.99), 2
        ),
    }


def _at(target: Target, a_second: float, seconds: float) -> Seen:
    seen = at_a_rate(target, a_second=a_second, seconds=seconds)
    p99 = seen.quantile(0.99)
    progress(f"{a_second:.0f} a second: {dict(seen.statuses)}, p99 {p99:.0f} ms")
    return seen

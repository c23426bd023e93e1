"""Metrics: how often and how fast, for Prometheus; never about anyone."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# A client that sends too slowly or too much is answered so, and cut off.
_CUT = {408: "slow body", 413: "large body"}


class Metrics:
    """What is counted in this process.

    Attributes:
        registry: What `/metrics` shows; nothing else is in it.
        in_flight: Requests that are being answered.
        unavailable: Answers that failed for want of the ledger.
        views: What is on record: looks, and what else was done, by what became of it.
        turned_away: Requests that were too many at once.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._requests = Counter(
            "lamppost_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "lamppost_request_seconds",
            "Time until the last byte was handed over.",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._cut = Counter(
            "lamppost_clients_cut",
            "Clients cut off while they sent a body.",
            ["why"],
            registry=registry,
        )
        self.in_flight = Gauge(
            "lamppost_requests_in_flight", "Requests under way.", registry=registry
        )
        self.unavailable = Counter(
            "lamppost_ledger_unavailable",
            "Answers that failed for want of the ledger.",
            registry=registry,
        )
        self.views = Counter(
            "lamppost_views",
            "Acts on record.",
            ["action", "outcome"],
            registry=registry,
        )
        self.turned_away = Counter(
            "lamppost_turned_away",
            "Requests answered with 503 because too many were under way.",
            registry=registry,
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer.

        Args:
            method: One of the usual ones; all others are to come as one.
            route: The route's template, never what was asked for.
            status: The HTTP status.
            seconds: How long it took.
        """
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if why := _CUT.get(status):
            self._cut.labels(why).inc()


METRICS = Metrics()

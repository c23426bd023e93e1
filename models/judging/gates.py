"""Gates: what a model must show before it may be promoted, declared before training."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from features.definitions.definition import Definition, Name, Text, inside


# Not a source, but told of beside them: what only those know who decide.
NOT_WHEN_DECIDING = "not available when deciding"

Share = Annotated[float, Field(ge=0, le=1)]
Metric = Literal["auc", "average_precision", "precision"]


class Gates(Definition):
    """The gates of a score. Each tests the worse end of its interval.

    A gate that is not declared is not tested, but for the least sample.

    Attributes:
        least_precision: At capacity.
        least_lift: Precision at capacity over the base rate.
        least_precision_above_rule: Precision at capacity above the one-indicator
            rule's, on the same cases; negative where a little may be lost.
        least_observed_expected: Outcomes over the sum of the probabilities.
        greatest_observed_expected: The same, the other end.
        least_calibration_slope: What the log-odds must be multiplied by.
        greatest_calibration_slope: The same, the other end.
        least_net_benefit: At capacity, above visiting no one and above visiting
            everyone, in true visits a case.
        greatest_gaps: By protected attribute: the difference between any two groups in
            the share of outcomes that capacity finds.
        greatest_auc_alone: No indicator alone may tell more: it would be a leak.
        least_sample: Whether Riley's minimum sample must be reached.
        source_metric: What is lost without a source.
        source_margin: A source earns its place if refitting without it loses more.
    """

    least_precision: Share | None = None
    least_lift: Annotated[float, Field(gt=0)] | None = None
    least_precision_above_rule: Annotated[float, Field(ge=-1, le=1)] | None = None
    least_observed_expected: Annotated[float, Field(ge=0)] | None = None
    greatest_observed_expected: Annotated[float, Field(gt=0)] | None = None
    least_calibration_slope: Annotated[float, Field(ge=0)] | None = None
    greatest_calibration_slope: Annotated[float, Field(gt=0)] | None = None
    least_net_benefit: Annotated[float, Field(ge=-1, le=1)] | None = None
    greatest_gaps: dict[Name, Share] = Field(default_factory=dict)
    greatest_auc_alone: Annotated[float, Field(gt=0.5, le=1)] = 0.95
    least_sample: bool = True
    source_metric: Metric = "auc"
    source_margin: Annotated[float, Field(ge=0, lt=1)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for name in ("observed_expected", "calibration_slope"):
            least = getattr(self, f"least_{name}") or 0.0
            greatest = getattr(self, f"greatest_{name}")
            if greatest is not None and least >= greatest:
                raise ValueError(f"`greatest_{name}` must be above the least")
        return self


class Necessity(Definition):
    """Why a source is read though it was not shown to earn its place.

    Attributes:
        reason: In words that the board would publish.
        role: Who decided; never a person's name.
        decided_on: When.
    """

    reason: Text
    role: Text
    decided_on: dt.date


def gates_sha256(gates: Gates | None) -> str:
    """Return the hash that a model carries of the gates it was trained under.

    >>> gates_sha256(None)
    'none'
    """
    if gates is None:
        return "none"
    return sha256(gates.model_dump_json().encode()).hexdigest()


def references(
    gates: Gates | None,
    necessary: Mapping[str, Necessity],
    path: Path,
    groups: Iterable[str],
    sources: Iterable[str],
) -> Iterator[tuple[str, str, str, Iterable[str]]]:
    """Yield each name that the gates mention, and what it may be."""
    for name in gates.greatest_gaps if gates else ():
        where = inside(path, "gates", "greatest_gaps", name)
        yield where, "a group of the score", name, groups
    for name in necessary:
        yield inside(path, "necessary", name), "the source", name, sources

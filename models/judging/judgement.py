"""Judgement: what a score is judged on, and by which rule its family is chosen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from features.definitions.definition import Definition, Name


Choice = Literal["auc", "average_precision", "precision", "brier"]

# From the family that is easiest to follow by hand to the one that is hardest.
SIMPLEST_FIRST = ("points", "logistic", "additive", "pairs")


class Judgement(Definition):
    """What is held back to judge the model on, declared before it is fitted.

    Attributes:
        first: The first as-of date that is judged.
        last: The last one; None means all that are known. The last date (at events,
            the last quarter of the period) is sealed until a version is promoted.
        capacity: How many entities can be visited per as-of date or, at events, the
            share of them that comes first.
        rule: The indicator whose own ranking is the one-indicator rule.
        practice: The indicator by whose ranking or flag visits are made now, where that
            is recorded. It need not be among those of the model.
        choose: The figure by which the family that is served is chosen: the simplest
            within one standard error of the least regret over the judged dates. None
            serves the family that the score names.
    """

    first: dt.date
    last: dt.date | None = None
    capacity: Annotated[int, Field(ge=1)] | None = None
    capacity_share: Annotated[float, Field(gt=0, lt=1)] | None = None
    rule: Name
    practice: Name | None = None
    choose: Choice | None = None

    @model_validator(mode="after")
    def _one_capacity(self) -> Self:
        if (self.capacity is None) == (self.capacity_share is None):
            raise ValueError("give either `capacity` or `capacity_share`")
        return self

    def beside(self, indicators: Sequence[str]) -> list[str]:
        """Return what must be known of each case besides the model's indicators."""
        outside = self.practice and self.practice not in indicators
        return [self.practice] if self.practice and outside else []


def judgement_sha256(judgement: Judgement) -> str:
    """Return the hash that a model carries of how it was to be judged."""
    return sha256(judgement.model_dump_json().encode()).hexdigest()

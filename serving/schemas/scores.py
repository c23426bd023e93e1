"""Schemas: what goes in and out of the API, strictly."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from models.definitions.states import State
from serving.schemas.doubt import DoubtAnswer
from serving.schemas.strict import Schema


Number = Annotated[float, Field(allow_inf_nan=False)]
GivenText = Annotated[str, Field(max_length=200)]


class GivenValues(Schema):
    """Indicator values that the caller supplies.

    Attributes:
        values: By indicator; null, or left out, is missing. A yes or no is true or
            false, a category its code.
    """

    values: dict[str, bool | Number | GivenText | None]


class StateAnswer(Schema):
    """Why there is no score, what that means, and what to do next.

    Attributes:
        because: What gave this one its state; null where the sentence says all.
    """

    name: State
    sentence: str
    next: str
    because: str | None = None


class BandAnswer(Schema):
    """The band that the rank lies in."""

    name: str
    label: str


class RankAnswer(Schema):
    """Where the score stands among those scored on the same as-of date.

    Attributes:
        share_below: Share that scores lower, 0 to 1.
        among: How many were scored.
        sentence: The same for a page.
    """

    share_below: float
    among: int
    sentence: str


class RateAnswer(Schema):
    """A measured share with its interval, 0 to 1."""

    share: float
    low: float
    high: float


class RestsOn(Schema):
    """An indicator that a reason is about: one, or each of a pair's two.

    Attributes:
        about: Whom its records are about, if not the person; null if they are.
    """

    indicator: str
    label: str
    about: str | None


class ReasonAnswer(Schema):
    """One indicator's part in a score, in words.

    Attributes:
        value: The value with its unit, as people write it.
        effect: What it goes with; never why.
        source: The title of the source.
        latest_event: The newest record's event date; null without records.
        records: How many records stand behind it.
        lowest_link: The least certain link among them, 0 to 1; null where none was
            needed.
        survives: Share of the draws of uncertain links in which it is still among the
            reasons, in the same direction; null where nothing was drawn.
        rests_on: What to ask the evidence of.
    """

    indicator: str
    label: str
    sentence: str
    value: str
    direction: Literal["raises", "lowers"]
    size: Literal["a lot", "some", "a little"]
    effect: str
    source: str
    partner: str
    latest_event: dt.date | None
    records: int
    lowest_link: float | None
    survives: float | None
    rests_on: list[RestsOn]


class ReasonsAnswer(Schema):
    """Why the number is what it is, the largest first.

    Attributes:
        not_shown: Of how many things that the score looks at nothing is told, because
            their sources may not be used for what you look for.
    """

    raises: list[ReasonAnswer]
    lowers: list[ReasonAnswer]
    not_shown: int = 0


class UnknownAnswer(Schema):
    """What the score does not know, of what may be shown to you.

    Attributes:
        indicators: Labels of those without a value.
        sources: Titles of those of which nothing is known here.
    """

    indicators: list[str]
    sources: list[str]


class PartAnswer(Schema):
    """One SHAP value: what an indicator's value adds, in log-odds."""

    indicator: str
    value: float | str | None
    contribution: float


class ExplanationAnswer(Schema):
    """The score taken apart: base_value + contributions + not_shown = log_odds.

    Attributes:
        not_shown: What the parts that may not be shown to you add up to; null where
            all are shown.
    """

    method: str
    base_value: float
    values: list[PartAnswer]
    not_shown: float | None = None


class DataAnswer(Schema):
    """How old the data is: the day of each source's newest load, and the oldest."""

    oldest: dt.date | None
    sources: dict[str, dt.date]


class ModelAnswer(Schema):
    """Which model, to the byte, and the frozen bundle that says what it means."""

    version: int
    family: str
    sha256: str
    bundle_sha256: str


class ScoreAnswer(Schema):
    """A score with all that it is shown with, or the state that stands for it.

    Attributes:
        name: The score's name.
        person: The opaque id of whom it is about; null for values that the caller
            supplied.
        as_of: The day it speaks of.
        score: The probability, 0 to 1; null in a state, as is all that follows it.
        log_odds: The same in log-odds.
        observed: Of those like this, the share for whom it came true.
        lowest_link: The least certain link that it rests on.
        doubt: What uncertain links make of it; null where nothing was drawn.
        caveat: What must be said beside every score; null where nothing must.
    """

    name: str
    question: str
    caveat: str | None
    person: str | None
    as_of: dt.date
    state: StateAnswer | None
    score: float | None = None
    log_odds: float | None = None
    band: BandAnswer | None = None
    rank: RankAnswer | None = None
    observed: RateAnswer | None = None
    reasons: ReasonsAnswer | None = None
    unknown: UnknownAnswer | None = None
    explanation: ExplanationAnswer | None = None
    lowest_link: float | None = None
    doubt: DoubtAnswer | None = None
    base_rate: RateAnswer
    data_as_of: DataAnswer
    model: ModelAnswer
    outcome: str
    horizon_days: int
    purpose: str
    forbidden_uses: list[str]
    limits: list[str]
    contact_role: str


class HealthAnswer(Schema):
    """Whether the service is well; it says no more to anyone."""

    status: Literal["ok", "not ok"]

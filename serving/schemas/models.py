"""Schemas of what is scored here: each promoted score, its rules and measured facts."""

from __future__ import annotations

import datetime as dt

from serving.schemas.scores import RateAnswer
from serving.schemas.strict import Schema


class ApprovalAnswer(Schema):
    """A role that agreed to a score, until a day.

    Attributes:
        is_over: That day has passed; the score is then paused.
    """

    role: str
    approved_on: dt.date
    expires: dt.date
    is_over: bool


class MeasuredAnswer(Schema):
    """How often the outcome came, from a score of so much to the next higher."""

    from_probability: float
    rate: RateAnswer


class UsedAnswer(Schema):
    """An indicator that a model uses.

    Attributes:
        expected: Whether more of it was expected to go with a higher score.
    """

    label: str
    category: str
    source: str
    partner: str
    expected: str


class PromotedAnswer(Schema):
    """A promoted score: what it is for and not for, and what was measured.

    Attributes:
        purpose: In words.
        about: Whom it is about, in plain words; null where nobody wrote them.
        cohort: The same to the letter.
        is_paused: An approval is over, so that no score is given.
        bands: Their labels, the highest first.
        observed: Empty where nobody has measured it.
        newest_scores: The date of the newest scores; null before the first.
        promoted_by: The role.
    """

    name: str
    question: str
    caveat: str | None
    purpose: str
    about: str | None
    cohort: str
    outcome: str
    horizon_days: int
    forbidden_uses: list[str]
    limits: list[str]
    contact_role: str
    is_paused: bool
    approvals: list[ApprovalAnswer]
    bands: list[str]
    base_rate: RateAnswer
    observed: list[MeasuredAnswer]
    indicators: list[UsedAnswer]
    version: int
    family: str
    model_sha256: str
    promoted_at: dt.datetime
    promoted_by: str
    newest_scores: dt.date | None


class ModelsAnswer(Schema):
    """All promoted scores, by name."""

    scores: list[PromotedAnswer]

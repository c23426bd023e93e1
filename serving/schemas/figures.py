"""Schemas of figures: how the service was used, without anyone's name."""

from __future__ import annotations

import datetime as dt

from serving.schemas.people import NamedScore
from serving.schemas.scores import RateAnswer
from serving.schemas.strict import Schema


class CountAnswer(Schema):
    """How often something happened.

    Attributes:
        count: Null where it must not be told: it is about too few people, or would
            give away such a count by subtraction.
    """

    name: str
    count: int | None


class MonthAnswer(Schema):
    """The counts of one month, such as `2026-10`."""

    month: str
    counts: list[CountAnswer]


class TableAnswer(Schema):
    """Counts by month, newest first.

    Attributes:
        columns: What is counted; each month has all of them in this order.
    """

    columns: list[str]
    months: list[MonthAnswer]


class ShareAnswer(Schema):
    """A share with its interval.

    Attributes:
        name: Of what it is the share in that month, such as a score and a band.
        of: How many it is a share of.
        share: Null, with `of`, where it must not be told.
    """

    month: str
    name: str
    of: int | None
    share: RateAnswer | None


class SpanAnswer(Schema):
    """How long stewards took to answer about the records of one month.

    Attributes:
        answered: How many were answered by now.
        median_days: Null, with `answered`, where it must not be told.
    """

    month: str
    answered: int | None
    median_days: float | None


class FiguresAnswer(Schema):
    """How the service was used in the last twelve whole months.

    Attributes:
        scores: Which scores there are, by what they answer.
        hidden_to: Counts about 1 to so many people are not told.
        first: The first day that is counted.
        end: The first day that is not; the month that is running is not counted.
        looks: Looks at people, by why they were looked at.
        alarms: Looks without a relation (break-glass).
        decisions: By what was done.
        decisions_by_score: By the score.
        decided: Of the people whose score was opened: with a decision in that month.
        departed: Of decisions: where people did not do as the band suggests: they
            acted below the highest band, or did nothing in it.
        opinions: By kind.
        disagreed: Of those who agreed or disagreed, by score and band: disagreed.
        answers: How long answers about wrong records took.
        requests: Requests under data protection law, by kind.
        in_time: Of the requests that fell due: answered in time.
    """

    scores: list[NamedScore]
    hidden_to: int
    first: dt.date
    end: dt.date
    looks: TableAnswer
    alarms: TableAnswer
    decisions: TableAnswer
    decisions_by_score: TableAnswer
    decided: list[ShareAnswer]
    departed: list[ShareAnswer]
    opinions: TableAnswer
    disagreed: list[ShareAnswer]
    answers: list[SpanAnswer]
    requests: TableAnswer
    in_time: list[ShareAnswer]

"""Whom a score is about and when (the cohort), and what it predicts (the outcome)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from features.definitions.definition import Days, Definition, Name, Text


class Exit(Definition):
    """Why an entity of the register is not scored.

    Attributes:
        state: The named state that is shown instead of a score.
        when: SQL expression over indicators; where it is true, the state holds.
    """

    state: Literal["died", "moved away", "not in the cohort"]
    when: Text


class Calendar(Definition):
    """As-of dates at the first of a month, every few months.

    Attributes:
        first: The first as-of date; always the first day of a month.
        last: No as-of date is later; None means up to the day of the run.
    """

    first: dt.date
    every_months: Annotated[int, Field(ge=1, le=12)]
    last: dt.date | None = None

    @model_validator(mode="after")
    def _starts_a_month(self) -> Self:
        if self.first.day != 1:
            raise ValueError("`first` must be the first day of a month")
        return self

    def dates(self, until: dt.date) -> list[dt.date]:
        """Return the as-of dates that are not after `until`, earliest first."""
        end = min(until, self.last) if self.last else until
        months = (end.year - self.first.year) * 12 + end.month - self.first.month
        steps = range(0, months + 1, self.every_months)
        return [
            day for day in (_plus_months(self.first, n) for n in steps) if day <= end
        ]


class AtEvents(Definition):
    """As-of dates are events: each row stands for one record of the cohort's source.

    Attributes:
        kind: The entity kind that the event itself is (an inspection), so that other
            sources may hold what was known of it beforehand.
        first: Events before this day are left out.
        last: Events after this day are left out; None means no end.
    """

    kind: Name
    first: dt.date
    last: dt.date | None = None


class Cohort(Definition):
    """Who is scored, and when.

    Attributes:
        entity: The kind of entity.
        source: The register that lists them, or the source of the events.
        filter: SQL expression over the source's columns.
        where: SQL expression over indicators; where it is not true, the entity is in
            the state "not in the cohort".
    """

    entity: Name
    source: Name
    filter: Text | None = None
    where: Text | None = None
    calendar: Calendar | None = None
    at_events: AtEvents | None = None
    exits: list[Exit] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        if (self.calendar is None) == (self.at_events is None):
            raise ValueError("give either [cohort.calendar] or [cohort.at_events]")
        return self


# What a row's status says where no declared end does.
EVENT = "event"
NO_EVENT = "no event"
NOT_YET_KNOWN = "not yet known"
OPTED_OUT = "opted out"
_STATUSES = frozenset({EVENT, NO_EVENT, NOT_YET_KNOWN, OPTED_OUT})


class End(Definition):
    """What else may end a row before its outcome does: death, leaving, other funding.

    An end counts from the as-of date on. Who is there to begin with is the cohort's to
    say.

    Attributes:
        name: What the row's status says, such as "died first".
        kind: `competing`: the outcome can no longer come, so the row is a no, counted
            apart. `censoring`: nobody can see any longer whether it came, so the row
            has no outcome and those who stayed are weighted in its place.
        before_event: On the day of both, this end counts and not the outcome.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z ]{0,60}[a-z]$")]
    kind: Literal["competing", "censoring"]
    source: Name
    filter: Text
    before_event: bool = False


class Outcome(Definition):
    """What the score predicts: did it happen within the horizon, or how much of it.

    Whichever comes first by event date, the outcome or an end, decides how a row ends.
    On one day the ends `before_event` come first, then the outcome, then the other
    ends, each as declared.

    Attributes:
        measure: `exists` asks whether it happened; `count` how often; `sum` adds up a
            column. What is counted or added up is forecast, not scored: a number and
            no probability.
        column: For `sum`: whole numbers or decimals, never below 0; a record without
            one adds nothing.
        none_is_unknown: For a sum: that there is no record says that nobody counted,
            and not that there was nothing to count.
        of_index: The outcome is a fact of the index event's own record.
        horizon_days: The window is [as-of, as-of + horizon).
        starts_after_days: For a count or sum: the window begins, and ends, so many days
            later, as in "the attendances of the third month from now".
        exposure: For a count or sum: an indicator that the expected number is in
            proportion to, everything else being equal, such as the number of the same
            month last year. A row where it is missing or 0 is not forecast.
        distribution: For a count or sum: what the fit takes it to be spread like.
            `tweedie` is for sums of which many are 0.
        recording_lag_days: How long after the horizon it may still be unrecorded; until
            then an outcome is "not yet known". Where successive loads show that it
            takes longer, that is waited for.
        least_lag_events: Fewer outcomes than this do not show how long it takes.
        ends: What else may end a row.
    """

    source: Name
    filter: Text
    measure: Literal["exists", "count", "sum"] = "exists"
    column: Text | None = None
    none_is_unknown: bool = False
    of_index: bool = False
    horizon_days: Days
    starts_after_days: Annotated[int, Field(ge=0, le=3_660)] = 0
    exposure: Name | None = None
    distribution: Literal["poisson", "tweedie"] = "poisson"
    recording_lag_days: Annotated[int, Field(ge=0, le=3_660)]
    # One in twenty of fewer is nobody, so that they have no 95th percentile.
    least_lag_events: Annotated[int, Field(ge=1)] = 20
    label: Text
    ends: list[End] = Field(default_factory=list)

    @model_validator(mode="after")
    def _ends_fit(self) -> Self:
        names = [end.name for end in self.ends]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"an end's name is used once, not twice: {twice}")
        if taken := sorted(_STATUSES & set(names)):
            raise ValueError(f"an end needs a name of its own, not {taken}")
        if names and (self.of_index or self.is_number):
            raise ValueError(
                "only an outcome that happens once (measure exists, not of the index "
                "event) may be ended by something else first"
            )
        return self

    @model_validator(mode="after")
    def _numbers_fit(self) -> Self:
        if (self.column is not None) != (self.measure == "sum"):
            raise ValueError("`column` belongs to the measure sum, which needs it")
        if self.none_is_unknown and self.measure != "sum":
            raise ValueError("`none_is_unknown` belongs to the measure sum")
        later = self.starts_after_days or self.exposure
        if not self.is_number and (later or self.distribution != "poisson"):
            raise ValueError(
                "`starts_after_days`, `exposure` and `distribution` belong to a count "
                "or a sum"
            )
        if self.of_index and (self.measure == "sum" or self.starts_after_days):
            raise ValueError("an index event's own outcome is counted, on its day")
        return self

    @property
    def is_number(self) -> bool:
        """Whether it is a number to forecast, and not a yes or no."""
        return self.measure != "exists"

    @property
    def closes_after_days(self) -> int:
        """How long after the as-of date its window is over."""
        return self.starts_after_days + self.horizon_days

    @property
    def in_order(self) -> list[str]:
        """The outcome and the ends, in the order in which they decide on one day."""
        early = [end.name for end in self.ends if end.before_event]
        return [*early, EVENT, *(e.name for e in self.ends if not e.before_event)]

    @property
    def sources(self) -> list[str]:
        """The sources that say how a row ends, the outcome's own first, each once."""
        return list(dict.fromkeys([self.source, *(end.source for end in self.ends)]))


def _plus_months(day: dt.date, months: int) -> dt.date:
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)


@dataclass(frozen=True)
class SnapshotPlan:
    """What a snapshot is of: everything in a place that bears on its bytes.

    Attributes:
        score: The name of the score it is for.
        purpose: What the records may be used for.
        indicators: In the order of the snapshot's columns.
        cohort_indicators: Those that only decide who is scored.
        groups: Protected attributes; never a model's input.
        linked_group: The relation whose members stay on one side of a split.
    """

    score: str
    purpose: str
    cohort: Cohort
    outcome: Outcome
    indicators: list[str]
    cohort_indicators: list[str]
    groups: list[str]
    linked_group: str | None

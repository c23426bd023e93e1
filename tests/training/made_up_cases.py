"""Cases and a score, made up, small enough to read at a glance."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from features.definitions.outcomes import (
    EVENT,
    NO_EVENT,
    Calendar,
    Cohort,
    End,
    Outcome,
)
from features.store.manifest import RecordingLag
from models.definitions.definition import Approval, Band, ScoreDefinition
from models.judging.incidence import Endings
from models.judging.judgement import Judgement
from training.cohort import Cases


DAY = dt.date(2024, 1, 1)
ENDS = [
    End(name="died first", kind="competing", source="visits", filter="kind = 'c'"),
    End(name="left first", kind="censoring", source="visits", filter="kind = 'd'"),
]


def score(
    *,
    first: dt.date,
    last: dt.date | None = None,
    ends: list[End] | None = None,
    **changes: Any,
) -> ScoreDefinition:
    """Return a score with a horizon of 90 days and a declared lag of 30."""
    content: dict[str, Any] = {
        "name": "score",
        "question": "?",
        "purpose": "planning",
        "forbidden_uses": ["refuse", "reduce", "ration"],
        "limits": ["none"],
        "caveat": "predicts visits, not need",
        "contact_role": "analyst",
        "cohort": Cohort(
            entity="person",
            source="visits",
            calendar=Calendar(first=DAY, every_months=1),
        ),
        "outcome": Outcome(
            source="visits",
            filter="kind = 'b'",
            horizon_days=90,
            recording_lag_days=30,
            label="b",
            ends=ends or [],
        ),
        "indicators": ["count"],
        "families": ["additive"],
        "judgement": Judgement(first=first, last=last, capacity=10, rule="count"),
        "bands": [Band(name="all", label="all", from_rank=0.0)],
        "approvals": [Approval(role="board", approved_on=DAY, expires=DAY)],
    }
    return ScoreDefinition(**{**content, **changes})


def cases(
    as_of: list[str], outcome: list[int], groups: list[str], *, lag_days: int = 30
) -> Cases:
    """Return cases without ends: 1 is the event, 0 is none."""
    status = [EVENT if each else NO_EVENT for each in outcome]
    return Cases(
        table=pd.DataFrame({"count": np.arange(len(as_of), dtype=float)}),
        outcome=np.array(outcome, dtype=float),
        as_of=np.array(as_of, dtype="datetime64[D]"),
        linked_group=np.array(groups, dtype=object),
        groups={},
        endings=Endings(
            np.array(status, dtype=object),
            np.where(np.array(outcome) == 1, 1, 90),
            (EVENT,),
            (),
        ),
        recording_lag=RecordingLag(days=lag_days, declared_days=30),
    )


def ended_cases(rows: int, *, seed: int, first: dt.date, second: dt.date) -> Cases:
    """Return people who die or leave too; who counts more has more of everything.

    Half are asked on one date, half on another. The chance of each a day is .001 for
    the outcome and .002 for death, and three times that for those whose count is above
    0; of leaving it is .008 for all.
    """
    draw = np.random.default_rng(seed)
    high = draw.random(rows) < 0.5
    times = np.where(high, 3.0, 1.0)
    daily = {EVENT: 0.001 * times, "died first": 0.002 * times}
    daily["left first"] = np.full(rows, 0.008)
    days = {name: draw.geometric(chance) - 1 for name, chance in daily.items()}
    came = np.min(list(days.values()), axis=0)
    status = np.full(rows, NO_EVENT, dtype=object)
    for name in reversed(list(daily)):
        status[days[name] == came] = name
    status[came >= 90] = NO_EVENT
    outcome = (status == EVENT).astype(float)
    outcome[status == "left first"] = np.nan
    as_of = np.where(np.arange(rows) % 2, np.datetime64(second), np.datetime64(first))
    return Cases(
        table=pd.DataFrame({"count": np.where(high, 1.0, 0.0)}),
        outcome=outcome,
        as_of=as_of.astype("datetime64[D]"),
        linked_group=np.array([f"p{n}" for n in range(rows)], dtype=object),
        groups={},
        endings=Endings(status, np.minimum(came, 90), tuple(daily), tuple(ENDS)),
        recording_lag=RecordingLag(days=30, declared_days=30),
        untold={"not yet known": 12, "opted out": 3},
    )

"""People judged on several dates, made up: who counts more has more of the outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from features.definitions.outcomes import EVENT, NO_EVENT
from models.judging.incidence import Endings
from models.judging.judgement import Judgement
from models.tables.table import probability
from tests.features.small_place import contract, family, place
from tests.training.made_up_cases import cases, score
from training.cohort import Cases


EARLY = ("2024-01-01", "2024-02-01", "2024-03-01")
JUDGED = ("2024-07-01", "2024-08-01", "2024-09-01")
FIRST = dt.date(2024, 7, 1)
NAMES = ("count", "noise")
PLACE = place(
    [contract()], [family("count", name=name) for name in (*NAMES, "on_list")]
)


def dated_cases(
    people: int, *, seed: int, dates: Sequence[str] = (*EARLY, *JUDGED)
) -> Cases:
    """Return everyone on every date; couples are linked, and luck lasts.

    The log-odds are the count less 1.5; whoever is unlucky on one date is so on all.
    """
    draw = np.random.default_rng(seed)
    count, luck = draw.normal(size=people), draw.random(people)
    parts = []
    for number, day in enumerate(dates):
        now = count + draw.normal(scale=0.2, size=people)
        again = np.where(draw.random(people) < 0.8, luck, draw.random(people))
        parts.append((now, again < probability(now - 1.5), [day] * people, number))
    values = np.concatenate([part[0] for part in parts])
    outcome = np.concatenate([part[1] for part in parts]).astype(float)
    as_of = [day for part in parts for day in part[2]]
    groups = [f"h{person // 2}" for person in range(people)] * len(dates)
    plain = cases(as_of, outcome.astype(int).tolist(), groups)
    table = pd.DataFrame({"count": values, "noise": draw.normal(size=len(values))})
    status = np.where(outcome == 1, EVENT, NO_EVENT).astype(object)
    return replace(
        plain,
        table=table,
        endings=Endings(status, np.full(len(values), 90), (EVENT,), ()),
        groups={"half": np.array(["a", "b"] * (len(values) // 2), dtype=object)},
        entity=np.array([f"p{p}" for p in range(people)] * len(dates), dtype=object),
        beside=pd.DataFrame({"on_list": (values > 1.0).astype(float)}),
    )


def dated_score(**changes: object):
    """Return a score over these cases; what is named of its judgement is changed."""
    judged = {"first": FIRST, "capacity": 30, "rule": "noise", **changes}
    return score(
        first=FIRST,
        indicators=list(NAMES),
        families=["logistic", "additive"],
        judgement=Judgement.model_validate(judged),
        groups=["half"],
    )

"""What is planted in the town: how far each cause moves people, by the truth alone.

The truth's folder says how strong one step of a cause is. How many steps people differ
by on a day is read from their lives, which no partner sees: a cause that is strong but
rare moves few. What wears off counts for what is left of it over the year to come.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.town import cohort_on
from features.town import care_parameters as care
from features.town import health_parameters as health
from features.town import home_parameters as home
from features.town.blocks import Block, blocks
from features.town.days import NEVER, Floats, Ints, day_number
from features.town.exposure import among, home_on
from features.town.life import NOBODY
from features.town.need import AGE_OF_NEED_0, YEARS_THAT_COUNT


_MONTHS, _DAYS_IN_MONTH = 12, 365.25 / 12
_BY_FRAILTY, _BY_YEARS = 0.1, 10.0
_FIFTHS = 5


@dataclass(frozen=True)
class Cause:
    """A cause of the outcome, or what is planted as none, and what tells of it.

    Attributes:
        name: As figures call it.
        told: As `causes.csv` calls it.
        indicators: The families of indicators whose reasons stand for it.
    """

    name: str
    told: str
    indicators: tuple[str, ...]


CAUSES = (
    Cause(
        "frailty",
        "frailty, by .1",
        (
            *("frailty_score", "long_term_conditions", "gp_appointments"),
            "home_adaptations",
        ),
    ),
    Cause("age", "age, by 10 years", ("age",)),
    Cause(
        "asked_lately",
        "asked this month",
        (
            *("care_requests", "days_since_care_request", "requests_from_hospital"),
            *("care_assessments", "previous_reablement", "short_term_help"),
        ),
    ),
    Cause(
        "admission",
        "admission, just now",
        ("emergency_admissions", "bed_days", "days_since_discharge"),
    ),
    Cause("attendance", "attendance, just now", ("ae_attendances",)),
    Cause("fall", "fall, just now", ("falls",)),
    Cause("bereaved", "bereaved, just now", ("household_bereavement",)),
    Cause("carer_lost", "carer lost, just now", ("carer_emergency_admissions",)),
    Cause("carer_at_home", "a carer at home", ()),
    Cause("means", "means", ()),
    Cause("police_notices", "police notices", ("police_notices",)),
    Cause("rent_arrears", "rent arrears", ("rent_arrears",)),
    Cause("appointments_missed", "appointments missed", ("gp_missed_share",)),
)
# What a gap tells of. Housing knows nothing of a home that is not rented: its people
# may have the means to pay, which nobody has who rents. Nor is there anything to know
# of a carer's stays in hospital where nobody is cared for.
GAP_TELLS = {
    "home_adaptations": "means",
    "rent_arrears": "means",
    "repairs": "means",
    "carer_emergency_admissions": "carer_at_home",
}
# They tell of others, or of nothing that was planted.
OF_NO_CAUSE = (
    *("planned_admissions", "household_ae_attendances", "household_care_requests"),
    *("cared_for_emergency_admissions", "area_emergency_share", "repairs"),
)


def strengths(truth: Path) -> Mapping[tuple[str, str], float]:
    """Return what one step of each cause adds, and to what, from the truth's folder."""
    with (truth / "causes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["cause"], row["of"]): float(row["strength"]) for row in rows}


def moved(truth: Path, people: int, seed: int, on: dt.date) -> dict[str, float]:
    """Return how far each cause moves the log rate of packages, on average.

    Args:
        truth: The truth's folder of the same town.
        people: How many people the town has.
        seed: The town's.
        on: A first of April, when the frailty of everyone is kept.

    Returns:
        By the cause's name: the mean distance from the mean, over the cohort.
    """
    known = strengths(truth)
    by_need = known["need, by 1", "asking"] + known["need, by 1", "eligibility"]
    parts: dict[str, list[Floats]] = {cause.name: [] for cause in CAUSES}
    for block in blocks(people, seed):
        steps = dict(_steps(block, day_number(on)))
        cohort = cohort_on(block, day_number(on))
        for cause in CAUSES:
            of_need = known.get((cause.told, "need"), 0.0) * by_need
            strength = known.get((cause.told, "asking"), of_need)
            taken = steps.get(cause.name, np.zeros(len(cohort)))
            parts[cause.name].append(strength * taken[cohort])
        parts["means"][-1] = _council_pays(block, known, day_number(on))[cohort]
    return {name: spread(np.concatenate(part)) for name, part in parts.items()}


def spread(values: Floats) -> float:
    """Return the mean distance from the mean."""
    return float(np.abs(values - values.mean()).mean())


def _steps(block: Block, day: int) -> Iterator[tuple[str, Floats]]:
    """Yield how many steps of each cause everybody is at, over the year to come."""
    lives, people = block.lives, block.lives.people
    frailty, _ = lives.every_april[day]
    yield "frailty", np.minimum(frailty, care.FRAILTY_THAT_COUNTS) / _BY_FRAILTY
    years = people.ages_on(day) - AGE_OF_NEED_0
    yield "age", np.clip(years, -YEARS_THAT_COUNT, YEARS_THAT_COUNT) / _BY_YEARS
    yield "asked_lately", _asked(block, day)
    yield "carer_at_home", _cared_for(block, day)
    shocks = {
        "admission": _noted(block, "hospital", "emergency admission", day),
        "attendance": _noted(block, "hospital", "A&E attendance", day),
        "fall": _noted(block, "gp", "fall", day),
        "bereaved": _bereaved(block),
        "carer_lost": _carer_lost(block),
    }
    for name, (person, when) in shocks.items():
        past = when < day
        left = health.SHOCK_KEPT ** _months(day - when[past])
        kept = _kept_over_the_year(health.SHOCK_KEPT)
        yield name, np.bincount(person[past], left, minlength=len(people)) * kept


def _asked(block: Block, day: int) -> Floats:
    """Return what is left of the last request, in requests just made."""
    person, when = _noted(block, "council", "Request", day)
    last = np.full(len(block.lives.people), -NEVER, dtype=np.float64)
    np.maximum.at(last, person, when)
    months = _months(day - last)
    ahead = months[:, None] + np.arange(_MONTHS)
    more = np.log1p(care.ASKS_AGAIN * care.REQUEST_KEPT**ahead).mean(axis=1)
    return np.asarray(more / math.log1p(care.ASKS_AGAIN), dtype=np.float64)


def _council_pays(
    block: Block, known: Mapping[tuple[str, str], float], day: int
) -> Floats:
    """Return the log of the share of whom the council pays for, as the home tells."""
    homes = block.lives.people.homes
    where = home_on(block, day)
    fifth = homes.deprivation[where] - 1
    pays = np.array(
        [known[f"deprivation fifth {n + 1}", "means"] for n in range(_FIFTHS)]
    )
    at_first = care.CARE_HOME_FIRST
    for_any = at_first + (1 - at_first) * care.PAYS_AT_HOME_TOO
    owners = (pays / (1 - np.array(home.RENTED)))[fifth]
    share = np.where(homes.rented[where], 0.0, np.minimum(owners, 1.0) * for_any)
    return np.asarray(np.log1p(-share), dtype=np.float64)


def _noted(block: Block, channel: str, kind: str, day: int) -> tuple[Ints, Ints]:
    count = len(block.lives.people)
    ever, before = np.full(count, -NEVER), np.full(count, day - 1)
    events = block.lives.diary.events(channel, ever, before)
    chosen = events.kind == kind
    return events.person[chosen], events.day[chosen]


def _bereaved(block: Block) -> tuple[Ints, Ints]:
    """Return who had a partner that died, and when."""
    partner = block.lives.people.partner
    person = np.flatnonzero(partner >= 0)
    return person, block.lives.died[partner[person]]


def _carer_lost(block: Block) -> tuple[Ints, Ints]:
    """Return who outlived care that ended with the carer, and when."""
    spells = zip(*block.lives.caring, strict=True)
    carer, cared, _, last = (np.concatenate(part) for part in spells)
    end = block.lives.end
    lost = (end[carer] == last) & (end[cared] > last)
    return cared[lost], last[lost]


def _cared_for(block: Block, day: int) -> Floats:
    """Return 1 for whom somebody cares without pay on a day, else 0."""
    lives = block.lives
    _, cared, since, last = (
        np.concatenate(part) for part in zip(*lives.caring, strict=True)
    )
    over = cared[(since <= day) & (last > day)]
    still = (lives.carer != NOBODY) & (lives.cared_since <= day)
    return np.asarray(still | among(len(still), over), dtype=np.float64)


def _months(days: Floats | Ints) -> Floats:
    return np.asarray(days / _DAYS_IN_MONTH, dtype=np.float64)


def _kept_over_the_year(kept: float) -> float:
    """Return the mean of what is left, month by month.

    >>> round(_kept_over_the_year(0.85), 3)
    0.477
    """
    return sum(kept**month for month in range(_MONTHS)) / _MONTHS

"""A month of falls, practice visits and hospital stays."""

from __future__ import annotations

import numpy as np

from features.town import health_parameters as rates
from features.town.council import RESIDENTIAL
from features.town.life import Lives, Month, by_frailty, happens, here
from features.town.parameters import OLD_AGE
from features.town.people import FIRST, Floats, Ints


# What a practice's diagnosis is of; an event's value is the position in this list.
CONDITIONS = (
    "diabetes",
    "heart failure",
    "heart disease",
    "stroke",
    "dementia",
    "COPD",
    "arthritis",
    "cancer",
    "kidney disease",
    "depression",
)


def have_conditions(lives: Lives, rng: np.random.Generator) -> None:
    """Note the long-term conditions that people already have on the first day."""
    count = rng.poisson(rates.CONDITIONS_PER_FRAILTY * lives.frailty)
    person = np.repeat(np.arange(len(count)), count)
    years = rng.exponential(6, len(person))
    day = FIRST - 1 - (years * 365).astype(np.int64)
    # Nobody is diagnosed before they are grown up.
    day = np.maximum(day, lives.people.born[person] + 20 * 366)
    kind = rng.integers(0, len(CONDITIONS), len(person))
    lives.diary.note("gp", "diagnosis", person, day, kind)


def visit_practice(lives: Lives, month: Month, rng: np.random.Generator) -> None:
    """Note appointments, falls, diagnoses and frailty scores."""
    present, use = here(lives, month), _use(lives, month)
    frail, old = lives.frailty - rates.MEAN_FRAILTY, use == 1
    chance = rates.APPOINTMENTS * use * np.exp(rates.APPOINTMENTS_BY_FRAILTY * frail)
    person, day = happens(chance, present, month, rng)
    _keep_or_miss(lives, person, day, rng)
    falling = rates.FALLS * use * by_frailty(lives, rates.HOSPITAL_LOG_HAZARD)
    fallen, day = happens(falling, present, month, rng)
    lives.diary.note("gp", "fall", fallen, day)
    lives.shock[fallen] += rates.SHOCK_OF["fall"]
    chance = rates.NEW_CONDITIONS * (1 + rates.NEW_CONDITIONS_BY_FRAILTY * frail)
    found, day = happens(chance, present, month, rng)
    kind = rng.integers(0, len(CONDITIONS), len(found))
    lives.diary.note("gp", "diagnosis", found, day, kind)
    checks = np.full(len(use), rates.FRAILTY_CHECKS)
    person, day = happens(checks, present & old, month, rng)
    error = rng.normal(0, rates.FRAILTY_CHECK_ERROR, len(person))
    score = np.clip(np.rint(100 * (lives.frailty[person] + error)), 0, 100)
    lives.diary.note("gp", "frailty score", person, day, score.astype(np.int64))


def _keep_or_miss(
    lives: Lives, person: Ints, day: Ints, rng: np.random.Generator
) -> None:
    """Note appointments: the longer ahead they are booked, the likelier missed."""
    group = rng.choice(len(rates.BOOKED_SHARES), len(person), p=rates.BOOKED_SHARES)
    least, most = np.array(rates.BOOKED_AHEAD).T
    ahead = rng.integers(least[group], most[group] + 1)
    missed = rng.random(len(person)) < np.array(rates.MISSED)[group]
    for kind, chosen in (("appointment kept", ~missed), ("appointment missed", missed)):
        lives.diary.note("gp", kind, person[chosen], day[chosen], ahead[chosen])


def visit_hospital(
    lives: Lives, month: Month, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Note attendances and stays; return who was discharged from an emergency, when."""
    present, use = here(lives, month), _use(lives, month)
    chance, admitted = _attending(lives, month)
    person, day = happens(chance * use, present, month, rng)
    lives.diary.note("hospital", "A&E attendance", person, day)
    lives.shock[person] += rates.SHOCK_OF["attendance"]
    stays = rng.random(len(person)) < admitted[person]
    person, day = person[stays], day[stays]
    lives.shock[person] += rates.SHOCK_OF["admission"]
    lives.frailty[person] += rates.FRAILTY_AFTER_ADMISSION
    frail = lives.frailty[person] - rates.MEAN_FRAILTY
    mean = rates.EMERGENCY_STAY_DAYS * (1 + rates.STAY_BY_FRAILTY * frail)
    left = _stay(lives, "emergency admission", (person, day), mean, rng)
    planned, when = happens(rates.ELECTIVE_ADMISSIONS * use, present, month, rng)
    mean = np.full(len(planned), rates.ELECTIVE_STAY_DAYS)
    _stay(lives, "elective admission", (planned, when), mean, rng)
    return person, left


def _attending(lives: Lives, month: Month) -> tuple[Floats, Floats]:
    """Return how often each goes to A&E a year, and the share then admitted."""
    chance = rates.ATTENDANCES * by_frailty(lives, rates.HOSPITAL_LOG_HAZARD)
    shock = np.minimum(lives.shock, rates.MOST_SHOCK)
    chance *= 1 + rates.HOSPITAL_BY_SHOCK * shock
    chance *= rates.WINTER_TIMES if month.winter else 1
    # A care home's own rates hold for all who live there, at any time of the year.
    resident = lives.in_care_home & (lives.since <= month.first)
    kind = np.where(resident, lives.service - RESIDENTIAL, 0)
    chance = np.where(resident, np.array(rates.CARE_HOME_ATTENDANCES)[kind], chance)
    admitted = np.array(rates.CARE_HOME_ADMITTED)[kind]
    return chance, np.where(resident, admitted, rates.ADMITTED_OF_ATTENDANCES)


def _stay(
    lives: Lives,
    kind: str,
    begun: tuple[Ints, Ints],
    mean_days: Floats,
    rng: np.random.Generator,
) -> Ints:
    """Note an admission and its discharge; the days are known at the discharge only."""
    person, day = begun
    nights = rng.geometric(1 / np.maximum(mean_days, 1.2)) - 1
    lives.diary.note("hospital", kind, person, day)
    lives.diary.note("hospital", "discharge", person, day + nights, nights)
    return day + nights


def stays(lives: Lives) -> tuple[Ints, Ints, Ints]:
    """Return all hospital stays: person, day of admission, day of discharge."""
    pages = lives.diary.pages["hospital"]
    # Each page of discharges stands after the admissions that they end.
    pairs = [(pages[at - 1], p) for at, p in enumerate(pages) if p[0] == "discharge"]
    person = np.concatenate([admitted[1] for admitted, _ in pairs])
    day = np.concatenate([admitted[2] for admitted, _ in pairs])
    return person, day, np.concatenate([left[2] for _, left in pairs])


def _use(lives: Lives, month: Month) -> Floats:
    """How much of an old person's health care each uses: 1 from 65 years on."""
    old = lives.people.ages_on(month.first) >= OLD_AGE
    return np.where(old, 1.0, rates.YOUNG_USE)

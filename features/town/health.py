"""A month of falls, practice visits and hospital stays."""

from __future__ import annotations

import numpy as np

from features.town import parameters as rates
from features.town.life import Lives, Month, happens, here
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
    kept = rng.random(len(person)) >= rates.MISSED
    lives.diary.note("gp", "appointment kept", person[kept], day[kept])
    lives.diary.note("gp", "appointment missed", person[~kept], day[~kept])
    fallen, day = happens(
        rates.FALLS * use * np.exp(rates.HOSPITAL_BY_FRAILTY * frail),
        present,
        month,
        rng,
    )
    lives.diary.note("gp", "fall", fallen, day)
    lives.shock[fallen] += rates.SHOCK_OF["fall"]
    found, day = happens(rates.NEW_CONDITIONS * (1 + 4 * frail), present, month, rng)
    kind = rng.integers(0, len(CONDITIONS), len(found))
    lives.diary.note("gp", "diagnosis", found, day, kind)
    checks = np.full(len(use), rates.FRAILTY_CHECKS)
    person, day = happens(checks, present & old, month, rng)
    error = rng.normal(0, rates.FRAILTY_CHECK_ERROR, len(person))
    score = np.clip(np.rint(100 * (lives.frailty[person] + error)), 0, 100)
    lives.diary.note("gp", "frailty score", person, day, score.astype(np.int64))


def visit_hospital(
    lives: Lives, month: Month, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Note attendances and stays; return who was discharged from an emergency, when."""
    present, use = here(lives, month), _use(lives, month)
    frail = lives.frailty - rates.MEAN_FRAILTY
    chance = rates.ATTENDANCES * use * np.exp(rates.HOSPITAL_BY_FRAILTY * frail)
    chance *= 1 + rates.HOSPITAL_BY_SHOCK * np.minimum(lives.shock, 3)
    chance *= rates.WINTER_TIMES if month.winter else 1
    person, day = happens(chance, present, month, rng)
    lives.diary.note("hospital", "A&E attendance", person, day)
    lives.shock[person] += rates.SHOCK_OF["attendance"]
    admitted = rng.random(len(person)) < rates.ADMITTED_OF_ATTENDANCES
    person, day = person[admitted], day[admitted]
    lives.shock[person] += rates.SHOCK_OF["admission"]
    lives.frailty[person] += rates.FRAILTY_AFTER_ADMISSION
    mean = rates.EMERGENCY_STAY_DAYS * (1 + 2 * frail[person])
    left = _stay(lives, "emergency admission", (person, day), mean, rng)
    planned, when = happens(rates.ELECTIVE_ADMISSIONS * use, present, month, rng)
    mean = np.full(len(planned), rates.ELECTIVE_STAY_DAYS)
    _stay(lives, "elective admission", (planned, when), mean, rng)
    return person, left


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


def _use(lives: Lives, month: Month) -> Floats:
    """How much of an old person's health care each uses: 1 from 65 years on."""
    old = lives.people.ages_on(month.first) >= rates.OLD_AGE
    return np.where(old, 1.0, rates.YOUNG_USE)

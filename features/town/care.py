"""A month of asking the council for care, and what follows."""

from __future__ import annotations

import numpy as np

from features.town import parameters as rates
from features.town.life import Lives, Month, happens, here
from features.town.people import FIRST, LAST, Floats, Ints


# A social care event's value is the position in this list: type of service, who pays,
# by which way the request came. Empty where it does not apply.
DETAILS = (
    ("", "", "community"),
    ("", "", "hospital discharge"),
    ("", "", ""),
    ("short term: other", "council", ""),
    ("short term: reablement", "council", ""),
    ("long term: community", "council", ""),
    ("long term: residential", "council", ""),
    ("long term: nursing", "council", ""),
    ("long term: community", "NHS", ""),
)
COMMUNITY, DISCHARGE, PLAIN, LOW_LEVEL, REABLEMENT, AT_HOME = range(6)
RESIDENTIAL, NURSING, BY_THE_NHS = range(6, 9)


def begin_in_support(lives: Lives, rng: np.random.Generator) -> None:
    """Give long-term support to those who had it before the first day."""
    old = lives.people.ages_on(FIRST) >= rates.OLD_AGE
    weight = np.where(old, _longing(lives, FIRST), 0)
    # The source counts whom councils support; some of those served pay themselves.
    share = rates.IN_SUPPORT_AT_FIRST / (1 - np.mean(rates.SELF_FUNDED))
    count = round(share * old.sum())
    person = rng.choice(len(weight), count, replace=False, p=weight / weight.sum())
    began = FIRST - rng.integers(1, 1_200, count)
    _serve(lives, person, began, rng, noted=False)


def ask_for_care(
    lives: Lives,
    month: Month,
    discharged: tuple[Ints, Ints],
    rng: np.random.Generator,
) -> None:
    """Note requests, and the assessments and services that come of them."""
    old = lives.people.ages_on(month.first) >= rates.OLD_AGE
    may = here(lives, month) & old & ~lives.served
    chance = rates.REQUESTS_AT_REST * _longing(lives, month.first)
    chance *= 1 + rates.REQUEST_BY_SHOCK * np.minimum(lives.shock, 4)
    person, day = happens(chance, may, month, rng)
    patient, left = discharged
    by_discharge = may[patient] & (
        rng.random(len(patient)) < rates.REQUESTS_PER_DISCHARGE
    )
    asked = np.concatenate([patient[by_discharge], person])
    when = np.concatenate([left[by_discharge], day])
    way = np.repeat([DISCHARGE, COMMUNITY], [by_discharge.sum(), len(person)])
    asked, first = np.unique(asked, return_index=True)
    lives.diary.note("council", "Request", asked, when[first], way[first])
    lives.shock[asked] += rates.SHOCK_OF["request"]
    _decide(lives, asked, when[first], rng)


def _longing(lives: Lives, day: int) -> Floats:
    """How much likelier than somebody of 77 and mean frailty each is to ask."""
    years = np.clip(lives.people.ages_on(day) - 77, -15, 15)
    frail = np.minimum(lives.frailty, 0.45) - rates.MEAN_FRAILTY
    longing = np.exp(
        rates.REQUEST_BY_FRAILTY * frail + rates.REQUEST_BY_YEAR_OF_AGE * years
    )
    return np.asarray(longing, dtype=np.float64)


def _decide(lives: Lives, person: Ints, asked: Ints, rng: np.random.Generator) -> None:
    """Draw what follows a request: care for long, for a while, a little, or nothing."""
    frail = np.minimum(lives.frailty[person], 0.5) - rates.FRAILTY_OF_THOSE_WHO_ASK
    tilt = np.exp(rates.LONG_TERM_BY_FRAILTY * frail)
    # The source counts what the council pays for; need includes those who pay.
    need = rates.LONG_TERM_OF_REQUESTS / (1 - np.mean(rates.SELF_FUNDED))
    edges = np.cumsum(
        [
            np.minimum(need * tilt, 0.5),
            np.full(len(person), rates.REABLEMENT_OF_REQUESTS),
            np.full(len(person), rates.LOW_LEVEL_OF_REQUESTS),
            np.full(len(person), rates.ASSESSED_WITHOUT_SERVICE),
        ],
        axis=0,
    )
    draw = rng.random(len(person))
    fate = (draw >= edges).sum(axis=0)  # 0 long, 1 reablement, 2 low, 3 assessed
    assessed = asked + rng.poisson(rates.DAYS_TO_ASSESSMENT, len(person))
    seen = fate < 4
    lives.diary.note("council", "Assessment", person[seen], assessed[seen], PLAIN)
    start = assessed + rng.poisson(rates.DAYS_TO_SERVICE, len(person))
    low, some = fate == 2, fate == 1
    lives.diary.note("council", "Service start", person[low], start[low], LOW_LEVEL)
    lives.diary.note("council", "Service start", person[some], start[some], REABLEMENT)
    lives.frailty[person[some]] -= rates.REABLEMENT_LOWERS_FRAILTY
    goes_on = rates.LONG_TERM_OF_REABLEMENT / (1 - np.mean(rates.SELF_FUNDED)) * tilt
    stays = some & (rng.random(len(person)) < goes_on)
    start[stays] += rates.DAYS_OF_REABLEMENT
    _serve(lives, person[stays | (fate == 0)], start[stays | (fate == 0)], rng)


def _serve(
    lives: Lives,
    person: Ints,
    start: Ints,
    rng: np.random.Generator,
    *,
    noted: bool = True,
) -> None:
    """Begin long-term support: some pay themselves, and the council never hears."""
    fifth = lives.people.homes.deprivation[lives.people.home[person]]
    pays = rng.random(len(person)) < np.array(rates.SELF_FUNDED)[fifth - 1]
    lives.served[person] = True
    lives.self_funded[person[pays]] = start[pays]
    person, start = person[~pays], start[~pays]
    draw = rng.random(len(person))
    edges = np.cumsum([rates.NURSING, rates.RESIDENTIAL, rates.NHS_FUNDED])
    kind = np.select(
        [draw < edge for edge in edges], [NURSING, RESIDENTIAL, BY_THE_NHS], AT_HOME
    )
    paid = kind != BY_THE_NHS
    lives.package[person[paid]] = start[paid]
    if noted:
        lives.diary.note("council", "Service start", person, start, kind)
    _review(lives, person, start, kind, rng)


def _review(
    lives: Lives, person: Ints, start: Ints, kind: Ints, rng: np.random.Generator
) -> None:
    """Note a review about once a year for as long as the support lasts."""
    due = start.copy()
    while len(person):
        due = due + 365 + rng.integers(-45, 46, len(due))
        lives.diary.note("council", "Review", person, due, kind)
        going_on = due < LAST
        person, due, kind = person[going_on], due[going_on], kind[going_on]

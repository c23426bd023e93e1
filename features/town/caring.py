"""Unpaid carers: partners, the younger at home, and neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.town import home_parameters as rates
from features.town import parameters as town_rates
from features.town.health_parameters import MEAN_FRAILTY, SHOCK_OF
from features.town.life import NOBODY, Lives, Month, days_in, happens, here
from features.town.people import DAYS_PER_YEAR, FIRST, NEVER, Flags, Ints


GROWN_UP = 18
OLDEST_NEIGHBOUR = 80


@dataclass(frozen=True)
class Carers:
    """Who looked after whom without pay: one entry per pair and time.

    Attributes:
        began: Day number; may lie before the span.
        ended: Day number, or NEVER.
    """

    carer: Ints
    cared_for: Ints
    began: Ints
    ended: Ints


def begin_to_care(lives: Lives, rng: np.random.Generator) -> None:
    """Let those care who did on the first day."""
    month = Month(FIRST, 30, winter=False, april=True)
    # As many as begin and end at these rates in the long run.
    years = rates.CARING_YEARS_AT_FIRST
    _find_carers(lives, month, 12 * years, rng)
    cared = lives.carer != NOBODY
    ago = rng.exponential(years, int(cared.sum())) * DAYS_PER_YEAR
    lives.cared_since[cared] = FIRST - 1 - ago.astype(np.int64)


def care_unpaid(lives: Lives, month: Month, rng: np.random.Generator) -> None:
    """Let some begin to care and some end; who loses a carer takes a shock."""
    cared = np.flatnonzero(lives.carer != NOBODY)
    carer = lives.carer[cared]
    gone = np.minimum(lives.end[cared], lives.end[carer])
    lost = lives.end[carer] < np.minimum(lives.end[cared], month.first + month.days)
    lives.shock[cared[lost]] += SHOCK_OF["carer lost"]
    chance = rng.random(len(cared)) < rates.CARING_ENDS / 12
    day = np.minimum(days_in(month, len(cared), rng), gone)
    over = chance | lives.in_care_home[cared] | (gone < month.first + month.days)
    since = lives.cared_since[cared]
    day = np.maximum(day, since)
    lives.caring.append((carer[over], cared[over], since[over], day[over]))
    lives.carer[cared[over]] = NOBODY
    _find_carers(lives, month, 1.0, rng)


def _find_carers(
    lives: Lives, month: Month, times: float, rng: np.random.Generator
) -> None:
    """Find a carer for some of those without: a partner, a younger, a neighbour."""
    people, present = lives.people, here(lives, month)
    present &= lives.end >= month.first + month.days
    old = people.ages_on(month.first) >= town_rates.OLD_AGE
    frail = np.exp(rates.CARING_BY_FRAILTY * (lives.frailty - MEAN_FRAILTY))
    chance = np.minimum(frail, 5) * times
    may = present & old & (lives.carer == NOBODY) & ~lives.in_care_home
    free = _free(lives, present, month)
    for who, rate in (
        (_partner(lives), rates.CARING_PARTNER),
        (_younger(lives, month), rates.CARING_YOUNGER),
        (_neighbour(lives, month, rng), rates.CARING_NEIGHBOUR),
    ):
        has_one = may & (who != NOBODY) & free[who] & (lives.carer == NOBODY)
        _begin(lives, who, happens(chance * rate, has_one, month, rng))
        free &= _free(lives, present, month)


def _begin(lives: Lives, who: Ints, begun: tuple[Ints, Ints]) -> None:
    """Let people be cared for; nobody takes on two at once."""
    cared, day = begun
    carer, first = np.unique(who[cared], return_index=True)
    cared, day = cared[first], day[first]
    lives.carer[cared] = carer
    lives.cared_since[cared] = np.maximum(day, lives.people.joined[cared])


def _free(lives: Lives, present: Flags, month: Month) -> Flags:
    """Return who could care: grown up, at home and not caring or cared for yet."""
    free = present & (lives.people.ages_on(month.first) >= GROWN_UP)
    free &= ~lives.in_care_home & (lives.carer == NOBODY)
    free[lives.carer[lives.carer != NOBODY]] = False
    return free


def _partner(lives: Lives) -> Ints:
    """Return each one's partner who lives in the same home, or NOBODY."""
    partner = lives.people.partner
    together = (partner != NOBODY) & (lives.home[partner] == lives.home)
    return np.where(together, partner, NOBODY)


def _younger(lives: Lives, month: Month) -> Ints:
    """Return somebody under 65 who lives in the same home, or NOBODY."""
    young = lives.people.ages_on(month.first) < town_rates.OLD_AGE
    young &= lives.people.partner == NOBODY
    of_home = np.full(len(lives.people.homes), NOBODY)
    of_home[lives.home[young]] = np.flatnonzero(young)
    return of_home[lives.home]


def _neighbour(lives: Lives, month: Month, rng: np.random.Generator) -> Ints:
    """Return somebody not too old from another home of the same area, or NOBODY."""
    homes = lives.people.homes
    able = lives.people.ages_on(month.first) < OLDEST_NEIGHBOUR
    able &= ~lives.in_care_home
    person = rng.permutation(np.flatnonzero(able))
    _, area = np.unique(homes.area, return_inverse=True)
    order = np.argsort(area[lives.home[person]], kind="stable")
    person = person[order]
    of = area[lives.home[person]]
    mine = area[lives.home]
    low, high = (np.searchsorted(of, mine, side) for side in ("left", "right"))
    draw = low + np.floor(rng.random(len(mine)) * (high - low)).astype(np.int64)
    found = person[np.minimum(draw, len(person) - 1)]
    apart = (high > low) & (lives.home[found] != lives.home)
    return np.where(apart, found, NOBODY)


def all_carers(lives: Lives) -> Carers:
    """Return all pairs, those who still care with an end of NEVER."""
    cared = np.flatnonzero(lives.carer != NOBODY)
    still = np.full(len(cared), NEVER)
    going_on = (lives.carer[cared], cared, lives.cared_since[cared], still)
    columns = zip(*lives.caring, going_on, strict=True)
    carer, cared_for, began, ended = (np.concatenate(c) for c in columns)
    order = np.lexsort((cared_for, carer, began))
    return Carers(carer[order], cared_for[order], began[order], ended[order])

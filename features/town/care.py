"""A month of asking the council for care, and what follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.town import care_parameters as rates
from features.town import council
from features.town.council import AT_HOME, COMMUNITY, COUNCIL, DISCHARGE, NHS, SELF
from features.town.life import (
    NOBODY,
    Lives,
    Month,
    alone,
    enter_care_home,
    happens,
    here,
    old_here,
)
from features.town.people import Flags, Floats, Ints, day_number
from features.town.support import (
    eligible_share,
    kind_of_care,
    pays,
    spells,
    start,
)


STRICTER = day_number(rates.STRICTER_FROM)
PLANTED = day_number(rates.CALIBRATION_FROM)
MOST_REABLED = 0.6


@dataclass(frozen=True)
class Requests:
    """People who ask this month, each once.

    Attributes:
        route: `council.COMMUNITY` or `council.DISCHARGE`.
        plant: How many times as often need turns to support, by the planted fault.
    """

    person: Ints
    day: Ints
    route: Ints
    plant: Floats


def ask_for_care(
    lives: Lives,
    month: Month,
    discharged: tuple[Ints, Ints],
    rng: np.random.Generator,
) -> None:
    """Note requests, and the assessments and services that come of them."""
    may = old_here(lives, month) & ~lives.served
    person, day = happens(_asking(lives, month), may, month, rng)
    patient, left = _asked_by_hospital(lives, may, discharged, rng)
    asked, first = np.unique(np.concatenate([patient, person]), return_index=True)
    when = np.concatenate([left, day])[first]
    route = np.where(first < len(patient), DISCHARGE, COMMUNITY)
    size = lives.plant.of("calibration", none=1.0) if lives.plant else 1.0
    plant = np.where(when >= PLANTED, size, 1.0)
    lives.asked_lately[asked] = 1
    lives.asked[asked] = np.minimum(lives.asked[asked], when)
    _decide(lives, Requests(asked, when, route, plant), rng)


def _asking(lives: Lives, month: Month) -> Floats:
    """Return at what rate each asks, or has somebody ask, in the community."""
    chance = rates.REQUESTS_AT_REST * np.exp(rates.REQUEST_BY_NEED * lives.need)
    chance *= 1 + rates.ASKS_AGAIN * lives.asked_lately
    lone = alone(lives, here(lives, month))
    chance *= np.where(lone, rates.ASKING_ALONE, 1)
    chance *= np.where(lives.carer != NOBODY, rates.ASKING_WITH_CARER, 1)
    for group, times in rates.ASKING_OF.items():
        chance[lives.people.ethnicity == group] *= times
    return np.asarray(np.minimum(chance, rates.MOST_REQUESTS), dtype=np.float64)


def _asked_by_hospital(
    lives: Lives, may: Flags, discharged: tuple[Ints, Ints], rng: np.random.Generator
) -> tuple[Ints, Ints]:
    patient, left = discharged
    chance = rates.REQUESTS_PER_DISCHARGE * np.exp(
        rates.DISCHARGE_BY_NEED * lives.need[patient]
    )
    chance = np.minimum(chance, rates.MOST_PER_DISCHARGE)
    asks = may[patient] & (rng.random(len(patient)) < chance)
    return patient[asks], left[asks]


def _decide(lives: Lives, asked: Requests, rng: np.random.Generator) -> None:
    """Draw what follows each request: eligibility, then means, then who pays."""
    eligible, reabled = _assessed(lives, asked, rng)
    service = kind_of_care(lives, asked.person, rng)
    payer = _payer(lives, asked.person, service, rng)
    followed = _rest(len(payer), rng)
    followed[eligible] = np.where(
        payer[eligible] == COUNCIL, council.LONG_TERM, council.SIGNPOSTED
    )
    followed[reabled] = council.REABLEMENT
    value = council.request(asked.route, followed)
    lives.diary.note("council", "Request", asked.person, asked.day, value)
    begin = _assess(lives, asked, eligible | reabled | _served(followed), rng)
    _serve_shortly(lives, asked.person, begin, followed)
    after = _reable(lives, asked, (eligible, reabled), rng)
    begin = begin + np.where(reabled, rates.DAYS_OF_REABLEMENT, 0)
    goes = (eligible & ~reabled) | after
    what = (asked.person[goes], service[goes], payer[goes])
    _serve_long(lives, what, begin[goes], rng)


def _assessed(
    lives: Lives, asked: Requests, rng: np.random.Generator
) -> tuple[Flags, Flags]:
    """Draw who is found eligible, and who gets reablement first or instead."""
    need, count = lives.need[asked.person], len(asked.person)
    stricter = np.where(asked.day >= STRICTER, rates.STRICTER_BY, 0.0)
    eligible = rng.random(count) < asked.plant * eligible_share(need, stricter)
    instead = np.array(rates.REABLED_ELSE)[asked.route]
    instead = np.minimum(instead * np.exp(rates.REABLED_BY_NEED * need), MOST_REABLED)
    first = np.array(rates.REABLED_FIRST)[asked.route]
    reabled = rng.random(count) < np.where(eligible, first, instead)
    return eligible, reabled


def _rest(count: int, rng: np.random.Generator) -> Ints:
    """Draw what those get who are neither eligible nor reabled."""
    edges = np.cumsum(rates.REST)
    kinds = (council.LOW_LEVEL, council.SHORT_TERM, council.SIGNPOSTED, council.NOTHING)
    return np.array(kinds)[np.searchsorted(edges, rng.random(count), side="right")]


def _served(followed: Ints) -> Flags:
    return np.isin(followed, (council.LOW_LEVEL, council.SHORT_TERM))


def _payer(lives: Lives, person: Ints, service: Ints, rng: np.random.Generator) -> Ints:
    payer = np.where(pays(lives, person, service), SELF, COUNCIL)
    return np.where(rng.random(len(person)) < rates.NHS_FUNDED, NHS, payer)


def _assess(
    lives: Lives, asked: Requests, surely: Flags, rng: np.random.Generator
) -> Ints:
    """Note assessments; return the day on which a service would begin."""
    count = len(surely)
    also = rng.random(count) < rates.ASSESSED_WITHOUT_SERVICE
    to_assess = np.array(rates.DAYS_TO_ASSESSMENT)[asked.route]
    to_service = np.array(rates.DAYS_TO_SERVICE)[asked.route]
    assessed = asked.day + rng.poisson(to_assess, count)
    seen = surely | also
    lives.diary.note(
        "council", "Assessment", asked.person[seen], assessed[seen], council.PLAIN
    )
    return np.asarray(assessed + rng.poisson(to_service, count), dtype=np.int64)


def _serve_shortly(lives: Lives, person: Ints, begin: Ints, followed: Ints) -> None:
    """Add reablement and other help that does not last, with its end."""
    days = {
        council.REABLEMENT: (council.OF_REABLEMENT, rates.DAYS_OF_REABLEMENT),
        council.SHORT_TERM: (council.OF_SHORT_TERM, rates.DAYS_OF_SHORT_TERM),
        council.LOW_LEVEL: (council.OF_LOW_LEVEL, rates.DAYS_OF_LOW_LEVEL),
    }
    for which, (service, length) in days.items():
        has = followed == which
        spell = (service, COUNCIL, True, begin[has], begin[has] + length - 1)
        lives.spells.append(spells(person[has], *spell, council.FINISHED))


def _reable(
    lives: Lives,
    asked: Requests,
    found: tuple[Flags, Flags],
    rng: np.random.Generator,
) -> Flags:
    """Let reablement help; return who needs support for long all the same."""
    eligible, reabled = found
    person = asked.person[reabled]
    lowered = lives.frailty[person] - rates.REABLEMENT_LOWERS_FRAILTY
    lives.frailty[person] = np.maximum(lowered, 0)
    lives.shock[person] *= rates.REABLEMENT_KEEPS_SHOCK
    rarely, mostly = rates.ELIGIBLE_AFTER
    # Who was eligible before met the planted fault there.
    chance = np.where(eligible, mostly, asked.plant * rarely)
    return np.asarray(reabled & (rng.random(len(reabled)) < chance))


def _serve_long(
    lives: Lives,
    what: tuple[Ints, Ints, Ints],
    begin: Ints,
    rng: np.random.Generator,
) -> None:
    """Begin long-term support; who pays alone may leave the council's books."""
    person, service, payer = what
    known = (payer != SELF) | (rng.random(len(person)) < rates.SELF_KNOWN)
    start(lives, what, begin, known)
    resident = service != AT_HOME
    enter_care_home(lives, person[resident], begin[resident], rng)

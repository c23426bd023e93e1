"""What the council writes down of support, and whose cases its workers hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.town import care_parameters as rates
from features.town import council
from features.town.council import COUNCIL, NHS, SELF
from features.town.home_parameters import CASES_PER_WORKER, DAYS_CASE_STAYS_OPEN
from features.town.life import Lives
from features.town.people import FIRST, LAST, NEVER, Flags, Ints
from features.town.support import Spells


@dataclass(frozen=True)
class Cases:
    """Who is an open case of which social worker: one entry per case.

    Attributes:
        worker: The worker's number, from 0 in each part of the town.
        opened: Day number.
        closed: Day number, or NEVER.
    """

    person: Ints
    worker: Ints
    opened: Ints
    closed: Ints


def write_down(lives: Lives, spells: Spells, rng: np.random.Generator) -> None:
    """Note the services and reviews that the council has on its books."""
    for end in (False, True):
        chosen = spells.known & (spells.ended != NEVER) if end else spells.known
        value = council.service(spells.service[chosen], spells.payer[chosen])
        if end:
            value = council.service_end(
                spells.service[chosen], spells.payer[chosen], spells.reason[chosen]
            )
        lives.diary.note(
            "council",
            "Service end" if end else "Service start",
            spells.person[chosen],
            (spells.ended if end else spells.began)[chosen],
            value,
        )
    _review(lives, spells, rng)


def _review(lives: Lives, spells: Spells, rng: np.random.Generator) -> None:
    """Note a review about once a year for as long as the support lasts."""
    row = np.flatnonzero(spells.known & spells.long_term)
    due = spells.began[row]
    while len(row):
        due = due + rng.integers(*rates.DAYS_TO_REVIEW, len(row))
        going_on = due <= np.minimum(spells.ended[row], LAST)
        row, due = row[going_on], due[going_on]
        value = council.service(spells.service[row], spells.payer[row])
        lives.diary.note("council", "Review", spells.person[row], due, value)


def first_day(spells: Spells, people: int, payer: int) -> Ints:
    """Return when each first began new long-term support that a payer pays, or NEVER.

    New is what begins within the span and does not follow support that the same payer
    paid until that day.
    """
    day = np.full(people, NEVER)
    new = is_new(spells) & (spells.payer == payer)
    np.minimum.at(day, spells.person[new], spells.began[new])
    return day


def is_new(spells: Spells) -> Flags:
    """Return which spells begin new long-term support, as `first_day` says."""
    found = spells.long_term & (spells.began >= FIRST)
    long = np.flatnonzero(spells.long_term)
    before, after = long[:-1], long[1:]
    follows = (
        (spells.person[before] == spells.person[after])
        & (spells.ended[before] == spells.began[after])
        & (spells.payer[before] == spells.payer[after])
    )
    found[after[follows]] = False
    return found


def open_cases(lives: Lives, spells: Spells, rng: np.random.Generator) -> Cases:
    """Return the cases: from an assessment, and for as long as support lasts.

    Args:
        lives: Whose assessments count.
        spells: Whose known long-term support counts, but what the NHS pays.
        rng: A source of chance of its own.
    """
    ever = np.full(len(lives.people), -NEVER)
    seen = lives.diary.events("council", ever, lives.end)
    assessed = seen.kind == "Assessment"
    kept = spells.known & spells.long_term & (spells.payer != NHS)
    person = np.concatenate([seen.person[assessed], spells.person[kept]])
    opened = np.concatenate([seen.day[assessed], spells.began[kept]])
    closed = np.concatenate([seen.day[assessed], spells.ended[kept]])
    stays = rng.integers(*DAYS_CASE_STAYS_OPEN, len(person))
    closed = np.where(closed == NEVER, NEVER, closed + stays)
    person, opened, closed = _merged(person, opened, closed)
    opened = np.minimum(opened, lives.end[person])
    closed = np.where(closed > LAST, NEVER, closed)
    within = (closed >= FIRST) & (opened <= LAST)
    person, opened, closed = person[within], opened[within], closed[within]
    return Cases(person, _workers(lives, person, opened, closed, rng), opened, closed)


def _merged(person: Ints, opened: Ints, closed: Ints) -> tuple[Ints, Ints, Ints]:
    """Return what overlaps as one case."""
    order = np.lexsort((opened, person))
    person, opened, closed = person[order], opened[order], closed[order]
    # Persons apart by more than any day, so that one running maximum serves them all.
    lift = person * (4 * NEVER)
    latest = np.maximum.accumulate(closed + lift)
    fresh = np.ones(len(person), dtype=bool)
    fresh[1:] = opened[1:] + lift[1:] > latest[:-1]
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(person)) - 1
    return person[first], opened[first], (latest - lift)[last]


def _workers(
    lives: Lives, person: Ints, opened: Ints, closed: Ints, rng: np.random.Generator
) -> Ints:
    """Give every case a worker: one team for each fifth of the town's areas."""
    middle = (FIRST + LAST) // 2
    open_then = int(((opened <= middle) & (closed > middle)).sum())
    team = lives.people.homes.deprivation[lives.people.home[person]] - 1
    size = max(1, round(open_then / CASES_PER_WORKER / 5))
    return np.asarray(team * size + rng.integers(0, size, len(person)), dtype=np.int64)


def first_days(lives: Lives, spells: Spells) -> tuple[Ints, Ints, Ints]:
    """Return when each first had new support of the council, their own, the NHS."""
    count = len(lives.people)
    council_paid, own, nhs = (first_day(spells, count, p) for p in (COUNCIL, SELF, NHS))
    return council_paid, own, nhs

"""Counts of requests, support and who pays, for the published figures.

Every count is a part and a whole, so that those of blocks add up.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from features.town import council
from features.town.blocks import Block
from features.town.books import is_new
from features.town.council import COUNCIL, DETAILS, SELF
from features.town.days import LAST, NEVER, Flags, Ints, day_number
from features.town.diary import Events
from features.town.exposure import among, of_age, present_on, running_on
from features.town.health import stays
from features.town.parameters import FIRST_DAY


Count = tuple[float, float]
DAYS_AT_HOME = 91
DAYS_TO_GO_ON = 90
APRILS = tuple(day_number(dt.date(year, 4, 1)) for year in range(FIRST_DAY.year, 2026))


def count_care(block: Block) -> dict[str, Count]:
    """Return part and whole of the figures on requests, support and who pays."""
    exposure = of_age(block)
    seen = block.lives.diary.events("council", exposure.since, exposure.until)
    asked = seen.kind == "Request"
    person, day, value = (c[asked] for c in (seen.person, seen.day, seen.value))
    requests = Events(person, day, seen.kind[asked], value)
    spells = block.spells
    new = is_new(spells) & exposure.holds(spells.person, spells.began)
    packages = new & (spells.payer == COUNCIL)
    return {
        **_requests(requests, exposure.years),
        "reablement_to_long_term": _went_on(block),
        "packages": (float(packages.sum()), exposure.years),
        "care_home_admissions": (_admissions(block), exposure.years),
        "supported_in_year": _supported(block),
        **_self_funded(block),
        **_at_home(block, requests),
    }


def _requests(requests: Events, years: float) -> dict[str, Count]:
    details = np.array(DETAILS)
    route = details[requests.value, 2] == "hospital discharge"
    followed = details[requests.value, 3]
    year = np.digitize(requests.day, APRILS)
    askers = len(np.unique(requests.person * 100 + year))
    count = float(len(followed))
    found = {
        f"followed_{what.replace(' ', '_')}": (float((followed == what).sum()), count)
        for what in council.FOLLOWED
    }
    return found | {
        "requests": (count, years),
        "requests_each": (count, float(askers)),
        "requests_from_hospital": (float(route.sum()), count),
    }


def _went_on(block: Block) -> Count:
    """Reablement followed by the council's long-term support."""
    spells = block.spells
    reabled = np.flatnonzero(spells.service == council.OF_REABLEMENT)
    reabled = reabled[spells.ended[reabled] <= LAST - DAYS_TO_GO_ON]
    package = np.flatnonzero(spells.long_term & (spells.payer == COUNCIL))
    key = spells.person[package] * (4 * NEVER) + spells.began[package]
    least = spells.person[reabled] * (4 * NEVER) + spells.began[reabled]
    most = least + (spells.ended - spells.began)[reabled] + DAYS_TO_GO_ON
    key.sort()
    went_on = np.searchsorted(key, most) > np.searchsorted(key, least)
    return float(went_on.sum()), float(len(reabled))


def _admissions(block: Block) -> float:
    """Entries into a care home that the council pays, from home or from nothing."""
    spells = block.spells
    of_age_then = of_age(block).holds(spells.person, spells.began)
    entry = spells.in_care_home & (spells.payer == COUNCIL) & of_age_then
    long = np.flatnonzero(spells.long_term)
    before, after = long[:-1], long[1:]
    stayed = (
        (spells.person[before] == spells.person[after])
        & spells.in_care_home[before]
        & (spells.ended[before] == spells.began[after])
    )
    entry[after[stayed]] = False
    return float(entry.sum())


def _supported(block: Block) -> Count:
    """People whom the council supported at some time of a year, over all years."""
    spells, count = block.spells, len(block.lives.people)
    paid = spells.long_term & (spells.payer == COUNCIL)
    part = whole = 0.0
    for april in APRILS:
        within = paid & (spells.began <= april + 364) & (spells.ended >= april)
        old = present_on(block, april) | present_on(block, april + 182)
        part += float((among(count, spells.person[within]) & old).sum())
        whole += float(present_on(block, april + 182).sum())
    return part, whole


def _self_funded(block: Block) -> dict[str, Count]:
    """Residents who pay, on every first of April but the first."""
    spells, people = block.spells, block.lives.people
    fifth = people.homes.deprivation[people.home][spells.person]
    every = np.isin(fifth, range(1, 6))
    groups = {"residents": every, "most_deprived": fifth == 1}
    groups["least_deprived"] = fifth == 5
    found = dict.fromkeys(groups, (0.0, 0.0))
    for april in APRILS[1:]:
        inside = spells.in_care_home & running_on(block, april)
        inside &= present_on(block, april)[spells.person]
        for name, group in groups.items():
            part, whole = found[name]
            pays = inside & group & (spells.payer == SELF)
            residents = inside & group
            found[name] = (part + float(pays.sum()), whole + float(residents.sum()))
    return {f"self_funded_{name}": count for name, count in found.items()}


def _at_home(block: Block, requests: Events) -> dict[str, Count]:
    """Those reabled from hospital who live at home 91 days after discharge."""
    value = int(council.request(council.DISCHARGE, council.REABLEMENT))
    chosen = (requests.value == value) & (requests.day <= LAST - DAYS_AT_HOME)
    person, day = requests.person[chosen], requests.day[chosen] + DAYS_AT_HOME
    at_home = block.lives.end[person] > day
    at_home &= ~_in_care_home(block, person, day) & ~_in_hospital(block, person, day)
    sex = block.lives.people.sex[person]
    groups = {"": sex != "", "_women": sex == "F", "_men": sex == "M"}
    return {
        f"home_after_91_days{name}": (
            float((at_home & group).sum()),
            float(group.sum()),
        )
        for name, group in groups.items()
    }


def _in_care_home(block: Block, person: Ints, day: Ints) -> Flags:
    spells = block.spells
    inside = spells.in_care_home
    since, until = spells.began[inside], spells.ended[inside]
    return _within((spells.person[inside], since, until), person, day)


def _in_hospital(block: Block, person: Ints, day: Ints) -> Flags:
    return _within(stays(block.lives), person, day)


def _within(times: tuple[Ints, Ints, Ints], person: Ints, day: Ints) -> Flags:
    """Return which persons and days lie in a time: of the latest begun by then."""
    who, since, until = times
    order = np.lexsort((since, who))
    who, since, until = who[order], since[order], until[order]
    key = who * (4 * NEVER) + since
    at = np.searchsorted(key, person * (4 * NEVER) + day, side="right") - 1
    begun = (at >= 0) & (who[at] == person)
    return np.asarray(begun & (until[at] > day))

"""Counts of death, frailty, hospital and practice, for the published figures.

Every count is a part and a whole, so that those of blocks add up.
"""

from __future__ import annotations

import numpy as np

from features.town.blocks import Block
from features.town.council import NURSING, RESIDENTIAL
from features.town.days import DAYS_PER_YEAR, FIRST, LAST, NEVER, Flags, Floats, Ints
from features.town.diary import Events
from features.town.exposure import of_age, present_on, residents_on
from features.town.health_parameters import FRAILTY_CLASSES


Count = tuple[float, float]
CLASSES = ("mild", "moderate", "severe")
YEARS_PER_AGE_BAND = 5


def count_health(block: Block) -> dict[str, Count]:
    """Return part and whole of the figures on health and death."""
    lives, exposure = block.lives, of_age(block)
    ever = np.full(len(lives.people), -NEVER)
    hospital = lives.diary.events("hospital", ever, lives.end)
    everyone = np.arange(len(lives.people))
    died = exposure.holds(everyone, lives.died)
    admitted = hospital.kind == "emergency admission"
    firsts = (hospital.person[admitted], hospital.day[admitted])
    deaths = (everyone[died], lives.died[died])
    return {
        "deaths": (float(died.sum()), exposure.years),
        **_ratios(block, "death", deaths),
        **_ratios(block, "hospital", firsts),
        **_in_care_homes(block, hospital),
        **_missed(block),
    }


def _ratios(block: Block, name: str, events: tuple[Ints, Ints]) -> dict[str, Count]:
    """Rate ratios by frailty on 1 April, over strata of age and sex (Mantel-Haenszel).

    Only those who live at home then, and only the first event of the year, as in a
    survival analysis.
    """
    totals = {label: np.zeros(2) for label in CLASSES}
    for april, (frailty, _) in block.lives.every_april.items():
        present = present_on(block, april) & ~residents_on(block, april)
        happened, years = _first_of_year(block, april, events)
        level = np.digitize(frailty, FRAILTY_CLASSES)
        stratum = _strata(block, april)
        table = np.zeros((2, stratum.max() + 1, len(CLASSES) + 1))
        np.add.at(table[0], (stratum[present], level[present]), happened[present])
        np.add.at(table[1], (stratum[present], level[present]), years[present])
        for number, label in enumerate(CLASSES, start=1):
            totals[label] += _mantel_haenszel(table, number)
    return {
        f"{name}_ratio_{label}": (float(part), float(whole))
        for label, (part, whole) in totals.items()
    }


def _mantel_haenszel(table: Floats, level: int) -> Floats:
    fit_events, fit_years = table[0, :, 0], table[1, :, 0]
    events, years = table[0, :, level], table[1, :, level]
    all_years = np.maximum(fit_years + years, 1e-9)
    part = (events * fit_years / all_years).sum()
    whole = (fit_events * years / all_years).sum()
    return np.array([part, whole])


def _first_of_year(
    block: Block, april: int, events: tuple[Ints, Ints]
) -> tuple[Flags, Floats]:
    """Return who had an event in the year, and the years until it or their end."""
    person, day = events
    last = min(april + 364, LAST)
    first = np.full(len(block.lives.people), NEVER)
    within = (day >= april) & (day <= last)
    np.minimum.at(first, person[within], day[within])
    happened = first < NEVER
    until = np.minimum(np.minimum(first, block.lives.end), last)
    return happened, np.maximum(until - april + 1, 0) / DAYS_PER_YEAR


def _strata(block: Block, april: int) -> Ints:
    people = block.lives.people
    band = np.clip(people.ages_on(april), 0, 99) // YEARS_PER_AGE_BAND
    return np.asarray(2 * band.astype(np.int64) + (people.sex == "M"))


def _in_care_homes(block: Block, hospital: Events) -> dict[str, Count]:
    """Hospital events a person-year of those in residential and in nursing homes."""
    spells, found = block.spells, {}
    for service, name in ((RESIDENTIAL, "residential"), (NURSING, "nursing")):
        of_kind = spells.service == service
        began = np.maximum(spells.began[of_kind], FIRST)
        ended = np.minimum(spells.ended[of_kind], LAST)
        years = float(np.maximum(ended - began, 0).sum() / DAYS_PER_YEAR)
        inside = np.zeros(len(hospital.person), dtype=bool)
        order = np.lexsort((began, spells.person[of_kind]))
        key = (spells.person[of_kind] * (4 * NEVER) + began)[order]
        if len(key):
            event_key = hospital.person * (4 * NEVER) + hospital.day
            at = np.maximum(np.searchsorted(key, event_key, side="right") - 1, 0)
            same = spells.person[of_kind][order][at] == hospital.person
            later = hospital.day >= began[order][at]
            inside = same & later & (hospital.day <= ended[order][at])
        for kind, what in (
            ("emergency admission", "admissions"),
            ("A&E attendance", "attendances"),
        ):
            events = float((inside & (hospital.kind == kind)).sum())
            found[f"{name}_{what}"] = (events, years)
    return found


def _missed(block: Block) -> dict[str, Count]:
    """Missed appointments by how far ahead they were booked."""
    ever = np.full(len(block.lives.people), -NEVER)
    visits = block.lives.diary.events("gp", ever, block.lives.end)
    booked = np.isin(visits.kind, ("appointment kept", "appointment missed"))
    missed, ahead = visits.kind[booked] == "appointment missed", visits.value[booked]
    groups = {"same_day": (0, 0), "next_day": (1, 1), "2_to_7_days": (2, 7)}
    groups["beyond"] = (8, NEVER)
    found = {}
    for name, (least, most) in groups.items():
        chosen = (ahead >= least) & (ahead <= most)
        part = float((missed & chosen).sum())
        found[f"missed_{name}"] = (part, float(chosen.sum()))
    return found

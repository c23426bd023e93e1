"""Counts of who lives in the town, for the published figures.

Every count is a part and a whole, so that those of blocks add up.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from features.town.blocks import Block
from features.town.days import Flags, Ints, day_number
from features.town.exposure import among, home_on, present_on, residents_on


CENSUS_DAY = day_number(dt.date(2021, 3, 21))
RESIDENTS_PER_AREA = 1_500
Count = tuple[float, float]


def count_people(block: Block) -> dict[str, Count]:
    """Return part and whole of the figures on who lives in the town and with whom."""
    people, day = block.lives.people, CENSUS_DAY
    old = present_on(block, day)
    resident = residents_on(block, day)
    carers = block.carers
    caring = (carers.began <= day) & (carers.ended > day)
    carer = among(len(people), carers.carer[caring])
    areas = len(np.unique(people.homes.area))
    return {
        "old_share_of_area": (float(old.sum()), float(areas * RESIDENTS_PER_AREA)),
        "white": _share(people.ethnicity == "W", old),
        "communal": _share(resident, old),
        "carers": _share(carer, old),
        **_alone(block, old & ~resident),
    }


def _alone(block: Block, at_home: Flags) -> dict[str, Count]:
    people, day = block.lives.people, CENSUS_DAY
    home = home_on(block, day)
    there = (people.joined <= day) & (block.lives.end > day)
    there &= ~people.homes.is_care_home[home]
    company: Ints = np.bincount(home[there], minlength=len(people.homes))[home]
    return {
        f"alone_{name}": _share(company == 1, at_home & (people.sex == sex))
        for name, sex in (("women", "F"), ("men", "M"))
    }


def _share(chosen: Flags, of: Flags) -> Count:
    return float((chosen & of).sum()), float(of.sum())

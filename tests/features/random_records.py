"""Records of a small world, drawn from a seed: versions, withdrawals, late knowledge.

A seed spreads them more evenly than Hypothesis would, which prefers the smallest; how
many there are, and everything else of a world, is Hypothesis's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

from tests.features.small_place import SCOPES
from tests.features.world import Version


FIRST_DAY = dt.date(2024, 1, 20)
DAYS = 14

# What each source's rows are about: kind -> how many entities of it there are.
ABOUT = {
    "register": {"person": 3, "household": 2, "area": 2},
    "visits": {"person": 3, "visit": 4, "household": 2},
    "notes": {"visit": 4},
    "area_log": {"area": 2},
    "crimes": {"city": 1},
    "objections": {"person": 3},
}

_CELLS: dict[str, Callable[[Random], Any]] = {
    "kind": lambda draw: draw.choice("ab"),
    "number": lambda draw: draw.randint(-3, 5),
    "amount": lambda draw: Decimal(draw.randint(-300, 300)).scaleb(-2),
    "done": lambda draw: draw.random() < 0.5,
    "until": lambda draw: FIRST_DAY + dt.timedelta(days=draw.randint(-20, 30)),
    "level": lambda draw: draw.randint(-4, 8) / 7,
    "lat": lambda draw: 51.5 + draw.randint(0, 6) * 0.0013,
    "lon": lambda draw: -0.12 + draw.randint(0, 6) * 0.0017,
    "born": lambda draw: dt.date(1930, 3, 1) + dt.timedelta(draw.randint(0, 30_000)),
    "planned": lambda draw: draw.choice("xy"),
    "scope": lambda draw: draw.choice(sorted(SCOPES)),
    "purpose": lambda draw: draw.choice(["planning", "care"]),
}


def records_of(source: str, first: int, number: int, seed: int) -> list[Version]:
    """Return the versions of records of a source, their loads counted from 0.

    Args:
        source: One of `ABOUT`.
        first: The number of the first record.
        number: How many records.
        seed: Of what is in them.
    """
    draw = Random(f"{source} {seed}")
    return [
        version
        for record in range(first, first + number)
        for version in _versions(source, record, draw)
    ]


def _versions(source: str, record: int, draw: Random) -> Iterator[Version]:
    about = {
        kind: draw.randint(1, number)
        for kind, number in ABOUT[source].items()
        if kind == "city" or draw.random() < 0.9
    }
    for load in range(draw.choice([1, 1, 1, 2, 2, 3])):
        # The first version is never a withdrawal; a later one may come back.
        withdrawn = load > 0 and draw.random() < 0.3
        # Whoever is registered is so from early on, to have rows to look at.
        span = DAYS // 3 if source == "register" and load == 0 else DAYS
        happened = FIRST_DAY + dt.timedelta(days=draw.randint(0, span))
        # A booking is known before it takes place.
        late = dt.timedelta(days=draw.choice([-4, 0, 0, 1, 3, 9]))
        on = None if withdrawn or draw.random() < 0.05 else happened
        cells = {name: _cell(name, draw) for name in _CELLS}
        nothing = dict.fromkeys(cells)
        yield Version(
            source=source,
            record=record,
            load=load,
            on=on,
            known=happened + late,
            withdrawn=withdrawn,
            cells={**(nothing if withdrawn else cells), "on": on},
            about=about,
        )


def _cell(name: str, draw: Random) -> Any:
    return None if draw.random() < 0.2 else _CELLS[name](draw)

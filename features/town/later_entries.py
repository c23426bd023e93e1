"""What the council writes into Client Level Data once more, when it knows more."""

from __future__ import annotations

import numpy as np

from features.town import council
from features.town import recording_parameters as rates
from features.town.council import DETAILS
from features.town.days import NEVER, Ints, Strings
from features.town.desk import Desk
from features.town.diary import Events
from features.town.filing import Filed, written_down
from features.town.national_codes import AFTER_A_SERVICE
from features.town.sheets import BRITISH, Change, dates_as_text


def endings(desk: Desk, events: Events, ends: Events) -> Change:
    """Return the change that writes each service's last day and what came of it."""
    starts = np.flatnonzero(events.kind == "Service start")
    kind = np.array(
        [_number(d.service_type, d.funding) for d in DETAILS], dtype=np.int64
    )
    first = np.lexsort(
        (events.day[starts], kind[events.value[starts]], events.person[starts])
    )
    last = np.lexsort((ends.day, kind[ends.value], ends.person))
    begun = _keys(events, starts[first], kind)
    over = _keys(ends, last, kind)
    # The first end of the same service that does not come before the start.
    at = np.searchsorted(over, begun, side="left")
    found = np.append(over, np.iinfo(np.int64).max)[at] // (4 * NEVER)
    matched = found == begun // (4 * NEVER)
    rows, which = starts[first][matched], last[at[matched]]
    day = ends.day[which]
    recorded = written_down(day, "council", desk.rng)
    outcome = coded("end_reason", AFTER_A_SERVICE)[ends.value[which]]
    cells = {"Event End Date": dates_as_text(day, BRITISH), "Event Outcome": outcome}
    return Change(rows, recorded, cells)


def _number(service: str, funding: str) -> int:
    """Return a small number for a service and who pays for it; 99 for no service."""
    if not service:
        return 99
    return council.SERVICES.index(service) * 3 + council.PAYERS.index(funding)


def _keys(events: Events, order: Ints, kind: Ints) -> Ints:
    who = events.person[order] * 100 + kind[events.value[order]]
    keys: Ints = who * (4 * NEVER) + events.day[order] + NEVER
    return keys


def traced_numbers(desk: Desk, filed: Filed, row: Ints, cut: int) -> Change:
    """Return the change that writes NHS numbers which were traced later."""
    missing = (filed.nhs_number == "") & ~filed.is_former & (filed.restriction == "")
    traced = missing & (desk.rng.random(len(missing)) < rates.TRACED)
    rows = np.flatnonzero(traced[row])
    numbers = desk.people.nhs_number[filed.person[row[rows]]].astype(object)
    days = np.full(len(rows), cut + rates.DAYS_TO_CORRECTION)
    return Change(rows, days, {"NHS Number": numbers})


def details(name: str) -> Strings:
    """Return, by an event's value, one thing that it says in the diary's words."""
    return np.array([getattr(detail, name) for detail in DETAILS], dtype=object)


def coded(name: str, codes: dict[str, str]) -> Strings:
    """Return, by an event's value, the code of one thing that it says."""
    return np.array([codes[getattr(d, name)] for d in DETAILS], dtype=object)

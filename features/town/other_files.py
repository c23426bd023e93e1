"""What the landlord and the police send; neither knows any NHS number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from features.town.desk import Desk
from features.town.filing import Filed, written_down
from features.town.health_files import seen
from features.town.housing import REPAIRS
from features.town.police import NOTICES
from features.town.sheets import (
    BRITISH,
    ISO,
    Sheet,
    dates_as_text,
    objects,
    with_corrections,
)


# The delivery of police notices that went out under the wrong names.
WRONG_DELIVERY = 1


def housing_events(desk: Desk, filed: Filed, cut: int) -> Sheet:
    """Return tenancies, arrears and repairs of rented homes."""
    events = seen(desk, "housing")
    people, row = desk.people, desk.entry(filed, events)
    homes, home = people.homes, desk.home(filed, row, events.day)
    # A tenancy keeps its number when a partner takes it over or the home is changed.
    tenancy = people.part.first_home + people.home[events.person]
    repaired, owing = events.kind == "repair", events.kind == "arrears"
    repairs = np.array(REPAIRS)[np.where(repaired, events.value, 0)]
    columns = {
        "event_id": desk.numbers.next("T", len(row)),
        "tenancy_ref": np.array([f"TN{n:07d}" for n in tenancy], dtype=object),
        "tenant_no": filed.local_id[row],
        **desk.identity(filed, row, events.day, BRITISH),
        "uprn": homes.uprn[home],
        "event": events.kind,
        "weeks_owed": np.where(owing, events.value.astype(str), ""),
        "repair": np.where(repaired, repairs, ""),
        "restriction": filed.restriction[row],
        "happened_on": dates_as_text(events.day, BRITISH),
    }
    recorded = written_down(events.day, "housing", desk.rng)
    sheet = Sheet(
        "housing_events",
        objects(columns),
        events.day,
        recorded,
        encoding="cp1252",
        date_format=BRITISH,
    )
    return with_corrections(sheet, "weeks_owed", cut, desk.rng)


def police_notices(desk: Desk, filed: Filed) -> Sheet:
    """Return notices; one half-year was sent under the wrong names, and taken back."""
    events = seen(desk, "police")
    row = desk.entry(filed, events)
    identity = desk.identity(filed, row, events.day, ISO)
    columns = {
        "notice_id": desk.numbers.next("P", len(row)),
        "nominal_no": filed.local_id[row],
        **identity,
        "notice": np.array(NOTICES)[events.value],
        "restriction": filed.restriction[row],
        "happened_on": dates_as_text(events.day, ISO),
    }
    recorded = written_down(events.day, "police", desk.rng)
    sheet = Sheet("police_notices", objects(columns), events.day, recorded)
    # Somebody sorted the names alone: every notice is told of another person.
    wrong = dict(sheet.columns)
    wrong["notice_id"] = desk.numbers.next("P", len(row))
    for heading in ("nominal_no", *identity, "restriction"):
        wrong[heading] = np.roll(wrong[heading], 1)
    return replace(sheet, instead={WRONG_DELIVERY: replace(sheet, columns=wrong)})

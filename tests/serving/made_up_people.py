"""A made-up ledger of people: who has whom open, their records, two dates of scores.

Ann is a caseworker of the team East, Ben of the team West; Mia leads the team East.

| person | name      | whose                    | the score on the second date        |
|--------|-----------|--------------------------|-------------------------------------|
| p05    | Ada Quill | Ann's case               | highest, on a link of .71; was lower |
| p04    | Bo Marsh  | Ann's, newly allocated   | among all others, for the first time |
| p02    | Cy Noon   | Ann's contact today      | among all others, as before          |
| p03    | Di Oakes  | Ben's case, Ada's address | among all others                    |
| n01    | Ed Penn   | Ann's case               | none at all, but records             |
| s01-06 | Fay, ...  | Ann's cases              | each in a state                      |
| u02    | Lee Voss  | Ann's case               | not enough data                      |
| p01    | Max Wynn  | nobody's                 | among all others                     |
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from models.audit.audit import Audit
from models.definitions.bundle import Bundle
from models.definitions.frozen_place import (
    FrozenPlace,
    ServiceRules,
    ShownColumn,
    ShownSource,
)
from models.ledger.access_tables import accounts, grants, worklist_people, worklists
from models.ledger.batches import Batch, CaseRows, Identity, write_batch
from models.ledger.cases import Evidence, StoredRecord
from models.ledger.frozen_places import keep_place
from models.ledger.ledger import Ledger
from models.ledger.people_tables import cases, entity_records, withheld_sources
from models.ledger.promotions import promote
from serving.access.opaque_ids import OpaqueIds
from serving.access.roles import Caller, Role
from serving.desk.desk import Desk
from serving.scoring import CohortValues, score_cohort
from tests.made_up_score import (
    AS_OF,
    EMPTY,
    NOW,
    PEOPLE,
    RECEIVED,
    RECORDS,
    STATED,
    TODAY,
    audit_files,
    bundle,
    clock,
    cohort,
    new_ledger,
)


KEY = b"a key that only tests know, of 32 bytes at least"
BEFORE = dt.date(2026, 10, 1)
DAY = dt.timedelta(days=1)

NAMES = {
    "p01": ("Max", "Wynn", "1950-02-11"),
    "p02": ("Cy", "Noon", "1947-03-12"),
    "p03": ("Di", "Oakes", "1941-05-30"),
    "p04": ("BO", "MARSH", "1939-11-02"),
    "p05": ("Ada", "Quill", "1938-01-17"),
    "n01": ("Ed", "Penn", "1961-08-08"),
    "s01": ("Fay", "Ridd", "1944-04-04"),
    "s02": ("Gus", "Sorrel", "1945-05-05"),
    "s03": ("Hal", "Thorn", "1946-06-06"),
    "s04": ("Ivy", "Ulman", "1971-07-07"),
    "s05": ("Jo", "Vane", "1930-08-09"),
    "s06": ("Kit", "Wells", "1942-09-10"),
    "u02": ("Lee", "Voss", "1952-12-12"),
}
MINE = ("p05", "n01", "s01", "s02", "s03", "s04", "s05", "s06", "u02")

ACCOUNTS: dict[str, tuple[int, Role, dict[str, str]]] = {
    "ann": (1, "caseworker", {"team": "East", "worker": "W1"}),
    "ben": (2, "caseworker", {"team": "West", "worker": "W2"}),
    "mia": (3, "manager", {"team": "East"}),
    "nat": (4, "analyst", {}),
    "sam": (5, "steward", {"partner": "health"}),
    "bea": (6, "board", {}),
    "oli": (7, "administrator", {}),
}


def caller(name: str) -> Caller:
    """Return who asks, by the name of an account."""
    number, role, more = ACCOUNTS[name]
    return Caller(number, name, role, **more)


def _column(name: str, meaning: str, **more: Any) -> ShownColumn:
    return ShownColumn(name=name, meaning=meaning, **more)


def _source(name: str, title: str, partner: str, **more: Any) -> ShownSource:
    plain: dict[str, Any] = {
        "name": name,
        "title": title,
        "partner": partner.lower().split()[0],
        "partner_name": partner,
        "purposes": ["prevention"],
        "agreement_expires": None,
        "greatest_age_days": 60,
        "received": RECEIVED.get(name),
        "columns": [],
    }
    return ShownSource(**{**plain, **more})


def place(**rules: Any) -> FrozenPlace:
    """Return the place as the service knows it, with other rules if some are given."""
    kinds = {"visit": "visit", "fall": "fall"}
    visits = [
        _column("kind", "What for", values=kinds, is_sensitive=True),
        _column("minutes", "How long", unit="minutes"),
    ]
    homes = [_column("tenure", "Whether it is owned", values={"owned": "owned"})]
    return FrozenPlace(
        name="made_up",
        title="Made-up Borough",
        purposes={"prevention": "to offer help early", "safety": "to keep people safe"},
        rules=ServiceRules(care_purpose="prevention", **rules),
        sources=[
            _source("homes", "Homes register", "Council", columns=homes),
            _source(
                *("visits", "Surgery visits", "Health centre"),
                greatest_age_days=7,
                columns=visits,
            ),
            _source("calls", "Alarm calls", "Fire service", received=BEFORE - 90 * DAY),
            _source("pupils", "Pupils", "School"),
            _source("notices", "Police notices", "Police", purposes=["safety"]),
            _source(
                *("grants", "Housing grants", "Council"),
                agreement_expires=BEFORE,
                received=BEFORE,
            ),
        ],
    )


def _record(number: int, source: str, ago: int, **content: Any) -> StoredRecord:
    on = AS_OF - ago * DAY
    return StoredRecord(number, 1, source, on, on + DAY, content)


HOME = _record(100, "homes", 800, tenure="owned")
NEIGHBOURS = [
    _record(201, "visits", 20, kind="visit", minutes=15),
    _record(202, "visits", 45, kind="visit", minutes=5),
]
BO = _record(301, "visits", 40, kind="visit", minutes=20)
# Known half a year after it happened.
LATE = dataclasses.replace(
    _record(302, "visits", 300, kind="fall", minutes=60),
    known_date=AS_OF - 100 * DAY,
)
EDS = [_record(400 + n, "visits", 100 * n, kind="visit", minutes=n) for n in (1, 4, 9)]
HIDDEN = _record(500, "grants", 60)

# Whose each record is, and how sure that is.
THEIRS: list[tuple[str, StoredRecord, float]] = [
    *(("p05", record, 0.71 if record.record_id == 9 else 1.0) for record in RECORDS),
    ("p05", HOME, 1.0),
    ("p05", LATE, 0.92),
    ("p05", HIDDEN, 1.0),
    *(("p03", record, 1.0) for record in NEIGHBOURS),
    ("p04", BO, 1.0),
    *(("n01", record, 1.0) for record in EDS),
]


def _evidence(*some: StoredRecord, link: float | None = None) -> Evidence:
    dates = [record.event_date for record in some]
    return Evidence(
        records=[(record.record_id, record.load) for record in some],
        total=len(some),
        earliest_event=min(dates),
        latest_event=max(dates),
        lowest_link=link,
    )


def _cohort(as_of: dt.date) -> CohortValues:
    values = PEOPLE["p02"]
    people = {**PEOPLE, **dict([EMPTY]), **dict.fromkeys(STATED, values)}
    people["p04"] = (2.0, 40.0, None, np.nan, 5.0)
    people["p05"] = (9.0, 3.0, "owned", 1.0, 3.0)
    if as_of == BEFORE:
        del people["p04"]
        people["p05"] = (0.0, np.nan, "owned", 0.0, 2.0)
    behind = {
        "visits_365d": _evidence(*RECORDS, link=0.71),
        "days_since_last_visit": _evidence(RECORDS[0]),
        "tenure": _evidence(HOME),
        "fell": _evidence(RECORDS[0]),
        "visits_at_address": _evidence(*NEIGHBOURS, BO),
    }
    evidence = {
        name: [one if person == "p05" else None for person in people]
        for name, one in behind.items()
    }
    made = cohort(people, states=STATED, evidence=evidence)
    return dataclasses.replace(made, as_of=[as_of] * len(people))


def _write_batch(ledger: Ledger, promoted: Bundle, as_of: dt.date) -> None:
    rows = score_cohort(promoted, _cohort(as_of), on=TODAY)
    named = [
        Identity(
            person,
            "person",
            {"forename": first, "surname": last, "birth_date": born, "town": "Ash End"},
        )
        for person, (first, last, born) in NAMES.items()
    ]
    some = [record for _, record, _ in THEIRS]
    batch = Batch("care", promoted.sha256, as_of, f"care {as_of}", RECEIVED)
    write_batch(ledger, batch, CaseRows(rows, some, named), clock=clock)


def people_ledger(folder: Path, promoted: Bundle | None = None, **rules: Any) -> Ledger:
    """Return a ledger of the people above, their workers and two dates of scores.

    Args:
        folder: Where it is.
        promoted: What the score means; None takes the made-up one.
        rules: Of the service, where they are not as by default.
    """
    promoted = promoted or bundle()

    def fill(ledger: Ledger) -> None:
        promote(ledger, promoted, by="Analyst", at=NOW)
        for as_of in (BEFORE, AS_OF):
            _write_batch(ledger, promoted, as_of)
        with ledger.writing() as connection:
            keep_place(connection, place(**rules), at=NOW)
            write_accounts(connection)
            _write_people(connection)
            _write_relations(connection)

    return new_ledger(folder, f"people {promoted.sha256} {rules}", fill)


def write_accounts(connection: sa.Connection) -> None:
    """Let everybody who asks have an account."""
    rows = [
        {
            **{"id": number, "name": name, "role": role, "created_at": NOW},
            **{"display_name": f"{name.title()} Example"},
            **{"team": None, "partner": None, "worker": None},
            **more,
        }
        for name, (number, role, more) in ACCOUNTS.items()
    ]
    connection.execute(sa.insert(accounts), rows)


def _write_people(connection: sa.Connection) -> None:
    rows = [
        {
            "entity_id": entity_id,
            "record_id": record.record_id,
            "load": record.load,
            "source": record.source,
            "event_date": record.event_date,
            "probability": link,
        }
        for entity_id, record, link in THEIRS
    ]
    connection.execute(sa.insert(entity_records), rows)
    barred = {"entity_id": "s02", "source": "visits", "purpose": "prevention"}
    connection.execute(sa.insert(withheld_sources).values(barred))


def write_cases(connection: sa.Connection, held: list[tuple[str, str]]) -> None:
    """Let people be open cases of workers, by the workers' numbers."""
    rows = [
        {
            **{"record_id": 1000 + number, "entity_id": person, "worker": worker},
            **{"reference": f"C-{1000 + number}", "opened_on": BEFORE},
            "closed_on": None,
        }
        for number, (person, worker) in enumerate(held)
    ]
    connection.execute(sa.insert(cases), rows)


def _write_relations(connection: sa.Connection) -> None:
    write_cases(connection, [*((person, "W1") for person in MINE), ("p03", "W2")])
    query = sa.select(sa.text("id")).select_from(sa.text("batches"))
    drawn = {"batch": connection.execute(query.limit(1)).scalar_one(), "as_of": AS_OF}
    # Numbered by the database, which would else give 1 to the next one too.
    drawn |= {"score": "care", "purpose": "prevention", "team": "East"}
    drawn |= {"drawn_by": 3, "drawn_at": NOW, "expires": NOW + 28 * DAY}
    connection.execute(sa.insert(worklists).values(drawn))
    given = {"worklist": 1, "number": 1, "entity_id": "p04", "band": "others"}
    given |= {"allocated_to": 1, "allocated_at": NOW}
    connection.execute(sa.insert(worklist_people).values(given))
    today = {"kind": "contact", "account": 1, "entity_id": "p02", "given_by": 1}
    today |= {"purpose": "prevention", "reference": "CALL-77"}
    today |= {"begins": NOW, "ends": NOW + DAY}
    connection.execute(sa.insert(grants).values(today))


def people_desk(folder: Path, ledger: Ledger | None = None, **rules: Any) -> Desk:
    """Return a desk over the people above, on the day after their scores."""
    ledger = ledger or people_ledger(folder, **rules)
    audit = Audit(ledger, audit_files(folder))
    return Desk(audit, clock, OpaqueIds(KEY), TODAY)

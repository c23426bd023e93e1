"""Who stands in which relation to whom, for the matrix."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

import sqlalchemy as sa

from models.ledger.access_tables import (
    accounts,
    alerts,
    grants,
    worklist_people,
    worklists,
)
from models.ledger.people_tables import cases, entity_records
from models.ledger.work_tables import opinions, rights_requests, subject_packs
from serving.access.roles import Role
from tests.made_up_score import NOW, TODAY


DAY = dt.timedelta(days=1)

# Whose account stands for a role.
WHO: Mapping[Role, str] = {
    "caseworker": "ann",
    "manager": "mia",
    "analyst": "nat",
    "steward": "sam",
    "board": "bea",
    "administrator": "oli",
}
# Who stands in a relation to Ann; Mia supervises her, and Cat too.
RELATIONS: Mapping[str, str] = {
    "own": "p05",
    "allocated": "p04",
    "contact today": "p02",
    "supervised": "p01",
    "ended yesterday": "s02",
    "expired": "s03",
    "other team": "p03",
    "other partner": "s05",
    "none": "s04",
}
HELD: Mapping[Role, frozenset[str]] = {
    "caseworker": frozenset({"own", "allocated", "contact today"}),
    "manager": frozenset({"own", "allocated", "contact today", "supervised"}),
}


# What stands in a path beside a person, by whose it is; for most of those who may ask.
_NUMBERS: Mapping[str, Mapping[str, int]] = {
    "one's own": {"worklist": 1, "case": 50, "alert": 1, "number": 1, "pack": 1},
    "another's": {"worklist": 3, "case": 51, "alert": 3, "number": 3, "pack": 2},
    "nobody's": dict.fromkeys(("worklist", "case", "alert", "number", "pack"), 99),
}
NUMBERED = tuple(_NUMBERS)


def numbers(role: Role, whose: str) -> Mapping[str, int]:
    """Return the numbers of what is a role's own, another's or nobody's."""
    found = dict(_NUMBERS[whose])
    if role == "administrator" and whose != "nobody's":
        # Theirs are of teams that have no manager.
        found["alert"] = {"one's own": 2, "another's": 1}[whose]
    if role != "manager" and whose != "nobody's":
        # A steward's requests are about nobody.
        found["number"] = {"one's own": 2, "another's": 1}[whose]
    return found


def write_relations(connection: sa.Connection) -> None:
    cat = {"id": 8, "name": "cat", "display_name": "Cat Example", "created_at": NOW}
    cat |= {"role": "caseworker", "team": "East", "worker": "W3"}
    connection.execute(sa.insert(accounts).values(cat))
    hers = {"record_id": 2000, "entity_id": RELATIONS["supervised"], "worker": "W3"}
    hers |= {"reference": "C-2000", "opened_on": TODAY - 30 * DAY}
    connection.execute(sa.insert(cases).values(hers))
    # The first day on which it is no longer open is today.
    ended = sa.update(cases).where(cases.c.entity_id == RELATIONS["ended yesterday"])
    connection.execute(ended.values(closed_on=TODAY))
    gone = [RELATIONS[name] for name in ("expired", "other partner", "none")]
    connection.execute(sa.delete(cases).where(cases.c.entity_id.in_(gone)))
    of_first = sa.select(worklists).where(worklists.c.id == 1)
    first = connection.execute(of_first).one()._asdict()
    expired = {**first, "id": 2, "drawn_at": NOW - 28 * DAY, "expires": NOW}
    connection.execute(sa.insert(worklists).values(expired))
    given = {"worklist": 2, "number": 1, "entity_id": RELATIONS["expired"]}
    given |= {"band": "others", "allocated_to": 1, "allocated_at": NOW - 28 * DAY}
    connection.execute(sa.insert(worklist_people).values(given))
    other = {"entity_id": RELATIONS["other partner"], "record_id": 9000, "load": 1}
    other |= {"source": "calls", "event_date": TODAY - DAY, "probability": 1.0}
    connection.execute(sa.insert(entity_records).values(other))


def write_work(connection: sa.Connection) -> None:
    """What managers and stewards have to do with, numbered as the matrix asks."""
    kept = {"id": 50, "kind": "case", "account": 1, "entity_id": "p05", "given_by": 3}
    kept |= {"purpose": "prevention", "reference": "CASE-1", "begins": NOW - DAY}
    connection.execute(sa.insert(grants).values(kept))
    other = {**kept, "id": 51, "account": 2, "entity_id": "p03"}
    connection.execute(sa.insert(grants).values(other))
    # Of a team that nobody leads all managers would be told.
    leads = {"id": 9, "name": "wim", "display_name": "Wim Example", "team": "West"}
    leads |= {"role": "manager", "created_at": NOW}
    connection.execute(sa.insert(accounts).values(leads))
    for number, about, team in ((1, 1, "East"), (2, 1, None), (3, 2, "West")):
        row = {"id": number, "at": NOW, "kind": "break-glass"}
        connection.execute(
            sa.insert(alerts).values(row | {"about": about, "team": team})
        )
    wrong = {"at": NOW, "account": 1, "entity_id": "p05", "score": "care"}
    wrong |= {"kind": "the record is wrong", "text": "That was not her."}
    wrong |= {"record_id": 9, "load": 1}
    for number, partner in ((1, "health"), (2, "council")):
        row = {**wrong, "id": number, "partner": partner}
        connection.execute(sa.insert(opinions).values(row))
    _write_worklist(connection)
    _write_requests(connection)


def _write_worklist(connection: sa.Connection) -> None:
    """Another team's, with one person on it who is given to nobody yet."""
    of_first = sa.select(worklists).where(worklists.c.id == 1)
    first = connection.execute(of_first).one()._asdict()
    west = {**first, "id": 3, "team": "West", "drawn_by": 2}
    connection.execute(sa.insert(worklists).values(west))
    on_it = {"worklist": 3, "number": 1, "entity_id": "p03", "band": "others"}
    connection.execute(sa.insert(worklist_people).values(on_it))


def _write_requests(connection: sa.Connection) -> None:
    """Somebody's of the team and of another team, each with a pack; and nobody's."""
    plain = {"kind": "access", "received_on": TODAY, "due_on": TODAY + 30 * DAY}
    plain |= {"owner": "Head of care", "entered_by": "max"}
    for number, entity_id in ((1, "p05"), (2, None), (3, "p03")):
        row = {**plain, "id": number, "entity_id": entity_id}
        connection.execute(sa.insert(rights_requests).values(row))
    flag = {"name": "health", "choice": "keep", "because": "It is hers.", "by": "max"}
    item = {"number": 1, "part": "record", "on": None, "title": "Surgery visits"}
    for number, request, entity_id in ((1, 1, "p05"), (2, 3, "p03")):
        query = sa.select(entity_records).where(entity_records.c.entity_id == entity_id)
        record = connection.execute(query).first()
        assert record is not None
        lines = [("record", f"{record.record_id}-{record.load}")]
        content = json.dumps({"items": [{**item, "lines": lines, "flags": [flag]}]})
        pack = {"id": number, "request": request, "made_at": NOW, "made_by": "max"}
        connection.execute(sa.insert(subject_packs).values(content=content, **pack))

"""People on a small place with links made by hand, from the warehouse to the ledger."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from features.definitions.place import Place
from models.ledger.cases import StoredRecord
from models.ledger.frozen_places import newest_place
from models.ledger.ledger import Ledger
from models.ledger.people import keep_records
from models.ledger.people_tables import (
    cases,
    entity_records,
    frozen_places,
    withheld_sources,
)
from models.ledger.tables import identities, records
from serving.batch import Stores
from serving.people_batch import WrittenPeople, write_people
from tests.features.people import MARKS, rules
from tests.features.small_place import COLUMNS, SCOPES, Row, Store, contract, day, place
from tests.made_up_score import clock, new_ledger


TABLES = (records, identities, entity_records, cases, withheld_sources, frozen_places)
ON = day("2024-06-01")

_TEXT = {"type": "text", "meaning": "m"}
_IDENTIFIERS = [
    {"name": name, **_TEXT, "sensitivity": "identifier"}
    for name in ("own_number", "forename", "postcode")
]
VISITS = contract(
    "visits",
    columns=[
        *({**c, "required": c["name"] == "on"} for c in COLUMNS),
        *_IDENTIFIERS,
        {"name": "address", **_TEXT, "location": True},
        {"name": "worker", **_TEXT},
        {"name": "mark", "type": "code", "meaning": "m", "values": MARKS},
    ],
    about=[
        {
            "kind": "person",
            "identifiers": {"forename": "forename", "postcode": "postcode"},
        }
    ],
    restriction={"column": "mark", "codes": MARKS, "linked_by": "own_number"},
    honours=["objection"],
)
OBJECTIONS = contract(
    "objections",
    about=[{"kind": "person", "identifiers": {"forename": "id"}}],
    objections={
        "column": "scope",
        "scopes": SCOPES,
        "ends": "until",
        "purpose": "purpose",
    },
)
CASELOAD = {
    "source": "visits",
    "worker": "worker",
    "reference": "id",
    "closed": "until",
}


def small_place(**more: Any) -> Place:
    here = place([VISITS, OBJECTIONS], [], caseload=CASELOAD, **more)
    return Place(**{**vars(here), "linkage": {"person": rules()}})


def visit(record: int, person: int, **more: Any) -> Row:
    said = {"forename": f"F{person}", "postcode": "AV1 1AA", "address": "1 Low Road"}
    return {"record": record, "person": person, "on": "2024-01-01", **said, **more}


def write(
    store: Store, ledger: Ledger, *, on: dt.date = ON, **more: Any
) -> WrittenPeople:
    stores = Stores(store.warehouse, ledger)
    return write_people(stores, small_place(**more), [], on=on, clock=clock)


def rows(ledger: Ledger, table: sa.Table, *names: str) -> list[tuple[Any, ...]]:
    columns = [table.c[name] for name in names or table.c.keys()]
    with ledger.reading() as connection:
        found = connection.execute(sa.select(*columns).order_by(*table.primary_key))
        return [tuple(row) for row in found]


def everything(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    return {table.name: rows(ledger, table) for table in TABLES}


def whose(ledger: Ledger) -> set[tuple[Any, ...]]:
    return set(rows(ledger, entity_records, "entity_id", "record_id"))


def test_each_record_is_that_of_the_person_it_is_linked_to(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    store = Store(tmp_path).load(VISITS, [visit(1, 1, probability=0.7), visit(2, 2)])

    write(store, ledger)

    assert rows(ledger, entity_records) == [
        ("person-1", 1, 1, "visits", day("2024-01-01"), 0.7),
        ("person-2", 2, 1, "visits", day("2024-01-01"), 1.0),
    ]
    assert rows(ledger, identities, "entity_id", "display") == [
        ("person-1", {"forename": "F1", "postcode": "AV1 1AA"}),
        ("person-2", {"forename": "F2", "postcode": "AV1 1AA"}),
    ]


def test_a_record_known_after_the_day_is_not_written(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    late = [visit(2, 2, known="2024-06-02"), visit(1, 1, known="2024-06-02", number=9)]
    store = Store(tmp_path).load(VISITS, [visit(1, 1, number=5)]).load(VISITS, late)

    write(store, ledger)

    [(record, load, content)] = rows(ledger, records, "record_id", "load", "content")
    assert (record, load, content["number"]) == (1, 1, 5)
    assert whose(ledger) == {("person-1", 1)}
    assert rows(ledger, identities, "entity_id") == [("person-1",)]


def test_a_withdrawn_record_is_nobodys(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    store = Store(tmp_path).load(VISITS, [visit(1, 1), visit(2, 1)])
    write(store, ledger)
    store.load(VISITS, [visit(2, 1, withdrawn=True, known="2024-02-01")])

    write(store, ledger)

    assert whose(ledger) == {("person-1", 1)}


def test_a_person_with_a_restriction_shows_no_place_in_any_record(
    tmp_path: Path,
) -> None:
    ledger = new_ledger(tmp_path)
    marked = [visit(1, 1), visit(2, 1, mark="R"), visit(3, 2)]

    write(Store(tmp_path).load(VISITS, marked), ledger)

    told = {r: "address" in c for r, c in rows(ledger, records, "record_id", "content")}
    assert told == {1: False, 2: False, 3: True}
    shown = dict(rows(ledger, identities, "entity_id", "display"))
    assert shown["person-1"] == {"forename": "F1"}


def test_a_later_restriction_takes_the_place_out_of_what_was_kept(
    tmp_path: Path,
) -> None:
    ledger = new_ledger(tmp_path)
    store = Store(tmp_path).load(VISITS, [visit(1, 1), visit(2, 1)])
    write(store, ledger)

    store.load(VISITS, [visit(2, 1, mark="R", known="2024-02-01")])
    write(store, ledger)
    guarded = [content for (content,) in rows(ledger, records, "content")]
    store.load(VISITS, [visit(2, 1, known="2024-03-01")])
    write(store, ledger)
    lifted = [content for (content,) in rows(ledger, records, "content")]

    # Record 1 once, and record 2 in each of its versions.
    assert ["address" in content for content in guarded] == [False] * 3
    assert ["address" in content for content in lifted] == [True] * 4


def test_two_runs_give_the_same_rows(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    store = Store(tmp_path).load(VISITS, [visit(n, n % 3, worker="w") for n in (1, 2)])
    store.load(OBJECTIONS, [{"record": 9, "person": 1, "on": ON, "scope": "O"}])
    write(store, ledger)
    before = everything(ledger)

    again = write(store, ledger)

    assert everything(ledger) == before
    parts = (again.people, again.records, again.whose, again.cases, again.withheld)
    assert [(part.written, part.removed) for part in parts] == [(0, 0)] * 5


def test_a_run_that_was_cut_short_is_made_whole_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "cut").mkdir()
    store = Store(tmp_path).load(VISITS, [visit(1, 1, worker="w"), visit(2, 2)])
    whole, cut = new_ledger(tmp_path / "whole"), new_ledger(tmp_path / "cut")
    write(store, whole)
    write(store, cut)
    with cut.writing() as connection:
        for table in (entity_records, cases, frozen_places):
            connection.execute(sa.delete(table))
        gone = records.c.record_id == 2
        connection.execute(sa.delete(records).where(gone))

    write(store, cut)

    assert everything(cut) == everything(whole)


def test_a_merged_and_a_split_entity_move_their_rows(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    store = Store(tmp_path).load(VISITS, [visit(1, 1), visit(2, 2, worker="w", id="c")])
    write(store, ledger)

    # The same rows with other links: first one person, then two again.
    for load in (2, 3):
        person = 1 if load == 2 else 2
        moved = visit(2, person, worker="w", id="c", known=f"2024-0{load}-01")
        store.load(VISITS, [moved])
        write(store, ledger)

        assert whose(ledger) == {("person-1", 1), (f"person-{person}", 2)}
        assert rows(ledger, cases, "entity_id") == [(f"person-{person}",)]
        kept = {entity for (entity,) in rows(ledger, identities, "entity_id")}
        assert kept == {"person-1", f"person-{person}"}


def test_a_case_is_that_of_its_worker_until_it_is_closed(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    opened = visit(1, 1, worker="w7", id="c1", until="2024-05-01")
    nobodys = visit(2, 2, id="c2")

    write(Store(tmp_path).load(VISITS, [opened, nobodys]), ledger)

    dates = day("2024-01-01"), day("2024-05-01")
    assert rows(ledger, cases) == [(1, "person-1", "w7", "c1", *dates)]


def test_an_objection_withholds_a_source_for_its_purpose_and_no_longer(
    tmp_path: Path,
) -> None:
    ledger = new_ledger(tmp_path)
    said = {"record": 9, "person": 1, "on": "2024-05-01", "scope": "O"}
    objection = {**said, "purpose": "planning", "until": "2024-07-01"}
    store = Store(tmp_path).load(VISITS, [visit(1, 1)]).load(OBJECTIONS, [objection])

    write(store, ledger)
    held = rows(ledger, withheld_sources)
    write(store, ledger, on=day("2024-07-01"))

    assert held == [("person-1", "visits", "planning")]
    assert rows(ledger, withheld_sources) == []


def test_the_service_knows_the_place_with_its_care_purpose_decided(
    tmp_path: Path,
) -> None:
    ledger = new_ledger(tmp_path)
    store = Store(tmp_path).load(VISITS, [visit(1, 1)], received="2024-05-02")

    write(store, ledger, service={"notice": "Made up."})

    with ledger.reading() as connection:
        known = newest_place(connection)
    assert (known.care_purpose, known.rules.notice) == ("care", "Made up.")
    assert known.source_by_name["visits"].received == day("2024-05-02")
    assert known.source_by_name["objections"].received is None
    columns = {c.name: c for c in known.source_by_name["visits"].columns}
    assert columns["kind"].values == {"a": "A", "b": "B"}
    assert not {"forename", "mark", "born"} & set(columns)


@pytest.mark.parametrize("name", ["visits", "gone"])
def test_only_sources_of_the_place_have_records_that_are_somebodys(
    tmp_path: Path, name: str
) -> None:
    ledger = new_ledger(tmp_path)
    when = day("2024-01-01")
    keep_records(ledger, [StoredRecord(5, 1, name, when, when, {})])
    with ledger.writing() as connection:
        row = ("person-5", 5, 1, name, when, 1.0)
        connection.execute(sa.insert(entity_records).values(row))

    write(Store(tmp_path).load(VISITS, [visit(1, 1)]), ledger)

    assert whose(ledger) == {("person-1", 1)}

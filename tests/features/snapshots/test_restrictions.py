"""Who is restricted is not scored, and is shown without a place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.definitions.contracts import Contract
from features.snapshots.restrictions import location_columns, unlocated
from serving.case_records import identities, stored_records
from tests.features.people import MARKS, rules
from tests.features.small_place import (
    COLUMNS,
    Row,
    Store,
    answers,
    contract,
    family,
    place,
    plan,
)


MARKED = {"column": "mark", "codes": MARKS, "linked_by": "own_number"}
IDENTIFIERS = ("own_number", "forename", "postcode")
VISITS = family("count", windows_days=[365], unit="visits")


def visits(**changes: Any) -> Contract:
    """A source with marks, a home's number, an address, and a postcode."""
    columns = [{**c, "required": c["name"] == "on"} for c in COLUMNS]
    text = {"type": "text", "meaning": "m"}
    columns += [{"name": n, **text, "sensitivity": "identifier"} for n in IDENTIFIERS]
    columns += [
        {"name": "uprn", **text},
        {"name": "address", **text, "location": True},
        {"name": "mark", "type": "code", "meaning": "m", "values": MARKS},
    ]
    named = {"forename": "forename", "postcode": "postcode"}
    about = [
        {"kind": "person", "identifiers": named},
        {"kind": "household", "key": ["uprn"]},
    ]
    return contract(
        **{"columns": columns, "about": about, "restriction": MARKED, **changes}
    )


def visit(record: int, person: int, mark: str | None = None, **more: Any) -> Row:
    said = {"forename": f"F{person}", "postcode": "AV1 1AA", "address": "1 Low Road"}
    who = {"record": record, "person": person, "household": 1, "mark": mark}
    return {**who, "on": "2023-06-01", "uprn": "10", "kind": "a", **said, **more}


def states(folder: Path, *rows: Row, **allowed: list[str]) -> dict[str, Any]:
    here = place([visits()], [VISITS], restricted=allowed)
    store = Store(folder).load(visits(), rows)
    indicators = list(here.indicators.values())
    found = answers(store.archive(), here, plan(indicators), "2024-01-01")
    return {row["entity_id"]: row["state"] for row in found}


def shown(folder: Path, *rows: Row, **allowed: list[str]) -> tuple[Any, Any]:
    """Return the content of each record and the display of each entity."""
    here = place([visits()], [], restricted=allowed)
    here = type(here)(**{**vars(here), "linkage": {"person": rules()}})
    archive = Store(folder).load(visits(), rows).archive()
    wanted = pd.DataFrame(
        {"source": "visits", "record_id": [r["record"] for r in rows], "load": 1}
    )
    names = {f"person-{r['person']}" for r in rows}
    guarded = unlocated(archive, here)
    records = stored_records(archive, here, wanted, guarded)
    stored = {record.record_id: json.loads(record.content) for record in records}
    people = identities(archive, here, "person", names, guarded)
    display = {one.entity_id: one.display for one in people}
    archive.close()
    return stored, display


@pytest.mark.parametrize("mark", sorted(MARKS))
def test_who_is_restricted_is_not_scored(tmp_path: Path, mark: str) -> None:
    found = states(tmp_path, visit(1, 1), visit(2, 2, mark))

    assert found == {"person-1": None, "person-2": "restricted"}


def test_a_place_may_score_staff_and_nobody_else_who_is_restricted(
    tmp_path: Path,
) -> None:
    found = states(tmp_path, visit(1, 1, "T"), visit(2, 2, "W"), scored=["staff"])

    assert found == {"person-1": None, "person-2": "restricted"}


def test_a_restriction_holds_on_dates_before_it_was_known(tmp_path: Path) -> None:
    here = place([visits()], [VISITS])
    store = Store(tmp_path).load(visits(), [visit(1, 1)])
    store.load(visits(), [visit(1, 1, "R", known="2025-01-01")])
    indicators = list(here.indicators.values())

    [row] = answers(store.archive(), here, plan(indicators), "2024-01-01")

    assert row["state"] == "restricted"


def test_a_restriction_that_was_lifted_holds_no_more(tmp_path: Path) -> None:
    here = place([visits()], [VISITS])
    store = Store(tmp_path).load(visits(), [visit(1, 1, "R")])
    store.load(visits(), [visit(1, 1)])
    indicators = list(here.indicators.values())

    [row] = answers(store.archive(), here, plan(indicators), "2024-01-01")

    assert row["state"] is None


def test_records_of_the_restricted_are_shown_without_a_place(tmp_path: Path) -> None:
    stored, _ = shown(tmp_path, visit(1, 1), visit(2, 2, "R"))

    assert stored[1]["address"] == "1 Low Road"
    assert stored[1]["uprn"] == "10"
    assert not {"address", "uprn"} & set(stored[2])
    assert stored[2]["kind"] == "a"


def test_the_restricted_are_shown_without_a_postcode(tmp_path: Path) -> None:
    _, display = shown(tmp_path, visit(1, 1), visit(2, 2, "S"))

    assert display == {
        "person-1": {"forename": "F1", "postcode": "AV1 1AA"},
        "person-2": {"forename": "F2"},
    }


def test_a_place_may_show_where_staff_are_and_nobody_else_who_is_restricted(
    tmp_path: Path,
) -> None:
    rows = [visit(1, 1, "T"), visit(2, 2, "W")]

    stored, display = shown(tmp_path, *rows, located=["staff"])

    assert stored[1]["uprn"] == "10"
    assert "postcode" in display["person-1"]
    assert "uprn" not in stored[2]
    assert "postcode" not in display["person-2"]


def test_the_mark_itself_is_never_shown(tmp_path: Path) -> None:
    stored, display = shown(tmp_path, visit(1, 1, "W"), located=["witness protection"])

    assert "mark" not in {*stored[1], *display["person-1"]}


def test_what_names_a_home_or_an_area_says_where_somebody_is() -> None:
    here = place([visits()], [])
    here = type(here)(**{**vars(here), "linkage": {"person": rules()}})

    assert location_columns(here, visits()) == {"uprn", "address", "postcode"}

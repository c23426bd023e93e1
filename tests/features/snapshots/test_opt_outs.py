"""Opt-outs are looked at on the day of the build, for the purpose of the build."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from features.definitions.outcomes import Calendar, Cohort
from features.definitions.place import Place
from features.store.archive import Archive
from tests.features.small_place import (
    SCOPES,
    Row,
    Store,
    answers,
    contract,
    day,
    family,
    place,
    plan,
)


REGISTER = contract("register")
HOSPITAL = contract(
    "hospital", honours=["national data opt-out", "objection", "restriction"]
)
OBJECTIONS = contract(
    "objections",
    objections={
        "column": "scope",
        "scopes": SCOPES,
        "ends": "until",
        "purpose": "purpose",
    },
)
COHORT = Cohort(
    entity="person",
    source="register",
    calendar=Calendar(first=day("2024-01-01"), every_months=1),
)
LISTED = [{"record": n, "person": n, "on": "2020-01-01"} for n in (1, 2)]
STAYS = [{"record": n + 10, "person": n, "on": "2024-02-01"} for n in (1, 2)]
HEARD = {"record": 21, "person": 1, "on": "2024-05-01", "scope": "N"}


def hospital(folder: Path, declared: list[Row]) -> tuple[Archive, Place]:
    """Return two people with a hospital stay each, and a register of objections."""
    families = [
        family("count", source="hospital"),
        family("count", name="known", source="register"),
    ]
    small = place([REGISTER, HOSPITAL, OBJECTIONS], families)
    store = Store(folder).load(REGISTER, LISTED).load(HOSPITAL, STAYS)
    return store.load(OBJECTIONS, declared).archive(), small


def first_person(
    folder: Path,
    *declared: Row,
    purpose: str = "planning",
    on: str = "2024-06-01",
) -> dict[str, Any]:
    """Return the row of person 1 on 1 March 2024; person 2's never changes."""
    archive, small = hospital(folder, list(declared))
    outcome = plan([]).outcome.model_copy(update={"source": "hospital"})
    wanted = plan(
        list(small.indicators.values()),
        cohort=COHORT,
        purpose=purpose,
        outcome=outcome,
    )
    first, second = answers(archive, small, wanted, "2024-03-01", on=on)
    assert (second["count"], second["known"], second["state"]) == (1, 1, None)
    return first


def test_the_national_opt_out_removes_hospital_records_from_planning(
    tmp_path: Path,
) -> None:
    row = first_person(tmp_path, HEARD)

    assert row["count"] is None
    assert row["known"] == 1
    assert row["outcome_status"] == "opted out"
    assert row["state"] is None


def test_the_national_opt_out_does_not_reach_own_care(tmp_path: Path) -> None:
    row = first_person(tmp_path, HEARD, purpose="care")

    assert row["count"] == 1


def test_a_source_honours_only_what_it_declares(tmp_path: Path) -> None:
    row = first_person(tmp_path, {**HEARD, "scope": "T"})

    assert row["count"] == 1


@pytest.mark.parametrize("purpose", ["planning", "care"])
@pytest.mark.parametrize(("code", "state"), [("O", "objected"), ("R", "restricted")])
def test_objections_and_restrictions_give_their_state(
    tmp_path: Path, code: str, state: str, purpose: str
) -> None:
    row = first_person(tmp_path, {**HEARD, "scope": code}, purpose=purpose)

    assert row["state"] == state
    assert row["count"] is None


def test_a_restriction_is_named_before_an_objection(tmp_path: Path) -> None:
    objected = {**HEARD, "scope": "O"}
    restricted = {**HEARD, "record": 22, "scope": "R"}

    assert first_person(tmp_path, objected, restricted)["state"] == "restricted"


def test_who_objects_later_is_left_out_of_past_dates_too(tmp_path: Path) -> None:
    # The as-of date is 1 March; the objection is of May and the build of June.
    row = first_person(tmp_path, {**HEARD, "scope": "O"}, on="2024-06-01")

    assert row["state"] == "objected"


def test_an_objection_holds_from_its_day(tmp_path: Path) -> None:
    row = first_person(tmp_path, {**HEARD, "scope": "O"}, on="2024-04-30")

    assert row["state"] is None


def test_an_objection_to_another_purpose_does_not_bear(tmp_path: Path) -> None:
    heard = {**HEARD, "scope": "O", "purpose": "care"}

    assert first_person(tmp_path / "1", heard)["state"] is None
    assert first_person(tmp_path / "2", heard, purpose="care")["state"] == "objected"


def test_an_objection_ends_on_the_day_it_is_taken_back(tmp_path: Path) -> None:
    heard = {**HEARD, "scope": "O", "until": "2024-06-01"}

    assert first_person(tmp_path / "1", heard, on="2024-05-31")["state"] == "objected"
    assert first_person(tmp_path / "2", heard, on="2024-06-01")["state"] is None


def test_an_objection_without_a_date_is_not_lost(tmp_path: Path) -> None:
    heard = {**HEARD, "on": None, "known": "2024-05-01", "scope": "O"}

    assert first_person(tmp_path, heard)["state"] == "objected"


def test_a_withdrawn_entry_no_longer_bears(tmp_path: Path) -> None:
    heard = {**HEARD, "scope": "O"}
    gone = {"record": 21, "known": "2024-05-20", "withdrawn": True, "load": 4}

    assert first_person(tmp_path, heard, gone)["state"] is None


def test_an_entry_may_be_of_a_code_that_means_nothing(tmp_path: Path) -> None:
    assert first_person(tmp_path, {**HEARD, "scope": None})["state"] is None


def test_who_opted_out_of_the_source_of_the_cohort_is_not_in_it(
    tmp_path: Path,
) -> None:
    register = contract("register", honours=["type 1"])
    small = place([register, OBJECTIONS], [family("count", source="register")])
    store = Store(tmp_path).load(register, LISTED)
    store.load(OBJECTIONS, [{**HEARD, "scope": "T"}])
    outcome = plan([]).outcome.model_copy(update={"source": "register"})
    wanted = plan(list(small.indicators.values()), cohort=COHORT, outcome=outcome)

    first, second = answers(store.archive(), small, wanted, "2024-03-01")

    assert (first["state"], first["count"]) == ("not in the cohort", None)
    assert (second["state"], second["count"]) == (None, 1)


def test_a_record_of_who_opted_out_counts_for_no_relative_either(
    tmp_path: Path,
) -> None:
    homes = contract(
        "register", about=[{"kind": k, "key": ["id"]} for k in ("person", "household")]
    )
    relation = {"name": "home", "of": "person", "to": "household", "source": "register"}
    small = place(
        [homes, HOSPITAL, OBJECTIONS],
        [family("count", source="hospital", relation="home")],
        relations=[relation],
    )
    store = Store(tmp_path).load(homes, [{**row, "household": 7} for row in LISTED])
    store.load(HOSPITAL, STAYS).load(OBJECTIONS, [HEARD])
    outcome = plan([]).outcome.model_copy(update={"source": "register"})
    wanted = plan(list(small.indicators.values()), cohort=COHORT, outcome=outcome)

    first, second = answers(store.archive(), small, wanted, "2024-03-01")

    assert (first["count"], second["count"]) == (None, 1)

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from features.faults import Misuse
from models.ledger.access_tables import alerts
from models.ledger.frozen_places import keep_place
from models.ledger.tables import identities, views
from serving.audit import Forbidden, TooMany
from serving.desk.finding import find, plain, plain_name, search_of
from serving.schemas.leading import FindQuery
from tests.made_up_score import NOW
from tests.serving.made_up_people import caller, people_desk, place


pytestmark = pytest.mark.usefixtures("each_database")

ANN, BEN, MIA = caller("ann"), caller("ben"), caller("mia")
DI = FindQuery(birth_date="1941-05-30", surname="oakes")
ADA = FindQuery(birth_date="1938-01-17", surname="Quill")


@pytest.fixture
def desk(tmp_path):
    return people_desk(tmp_path)


def rows(desk, table):
    with desk.audit.ledger.reading() as connection:
        return connection.execute(sa.select(table)).all()


def display(desk, entity_id, **more):
    """Write more of an identity."""
    mine = identities.c.entity_id == entity_id
    with desk.audit.ledger.writing() as connection:
        found = connection.execute(sa.select(identities).where(mine)).one()
        changed = sa.update(identities).where(mine)
        connection.execute(changed.values(display={**found.display, **more}))


def declare_numbers(desk):
    named = place().model_copy(update={"identifiers": {"nhs_number": "NHS number"}})
    with desk.audit.ledger.writing() as connection:
        keep_place(connection, named, at=NOW + dt.timedelta(minutes=1))


def test_whoever_has_a_relation_is_told_so_at_once(desk):
    found = find(desk, ANN, ADA)

    assert found.found == "one person"
    assert desk.ids.open(ANN, found.person) == "p05"
    assert found.relation.kind == "own case"


def test_without_a_relation_nothing_is_told_but_that_there_is_one(desk):
    found = find(desk, ANN, DI)

    assert found.found == "one person"
    assert found.relation is None
    assert desk.ids.open(ANN, found.person) == "p03"
    assert desk.ids.open(BEN, found.person) is None


def test_a_name_is_compared_by_its_letters_alone(desk):
    display(desk, "p03", surname="O'Neill-Bràdy")

    asked = FindQuery(birth_date="1941-05-30", surname="oneill  brady")

    assert find(desk, ANN, asked).found == "one person"


@pytest.mark.parametrize(
    "sought",
    [
        {"birth_date": "1941-05-31", "surname": "Oakes"},
        {"birth_date": "1941-05-30", "surname": "Oak"},
        {"birth_date": "1941-05-30", "surname": "Oakes", "forename": "Max"},
        {"case_reference": "C-9999"},
    ],
)
def test_what_does_not_fit_exactly_finds_nobody(desk, sought):
    found = find(desk, ANN, FindQuery(**sought))

    assert found.model_dump() == {"found": "nobody", "person": None, "relation": None}


def test_two_who_fit_are_told_apart_by_what_is_added(desk):
    display(desk, "p01", surname="Oakes", birth_date="1941-05-30", postcode="ZZ1 1AA")

    asked = DI.model_copy(update={"forename": "Di"})

    assert find(desk, ANN, DI).model_dump() == {
        "found": "several",
        "person": None,
        "relation": None,
    }
    assert desk.ids.open(ANN, find(desk, ANN, asked).person) == "p03"


def test_whose_postcode_is_not_known_is_not_left_out_by_one(desk):
    asked = DI.model_copy(update={"postcode": "AV1 1AA"})

    assert find(desk, ANN, asked).found == "one person"


def test_a_declared_number_finds_whoever_has_it_however_it_is_written(desk):
    display(desk, "p03", nhs_number="943 476 5919")
    declare_numbers(desk)

    asked = FindQuery(identifier="nhs_number", number="943-4765919")

    assert desk.ids.open(ANN, find(desk, ANN, asked).person) == "p03"


def test_a_number_that_is_not_declared_is_refused(desk):
    asked = FindQuery(identifier="town", number="Ash End")

    with pytest.raises(Misuse, match="the place declares"):
        find(desk, ANN, asked)


def test_a_case_finds_whom_it_is_about(desk):
    found = find(desk, MIA, FindQuery(case_reference=" c 1009"))

    assert desk.ids.open(MIA, found.person) == "p03"


@pytest.mark.parametrize(
    ("sought", "faults"),
    [
        ({}, ["query"]),
        ({"surname": "  "}, ["query"]),
        ({"surname": "Oakes"}, ["birth_date"]),
        ({"birth_date": "1941-05-30"}, ["surname"]),
        ({"birth_date": "30/5/1941", "surname": "-"}, ["birth_date", "surname"]),
        ({"number": "943"}, ["identifier"]),
        ({"surname": "Oakes", "case_reference": "C-1"}, ["query"]),
    ],
)
def test_all_that_is_wrong_with_a_search_is_told_and_nothing_of_it(sought, faults):
    with pytest.raises(Misuse) as told:
        search_of(FindQuery(**sought))

    assert [fault.where for fault in told.value.faults] == faults
    values = [value for value in sought.values() if value.strip(" -")]
    assert not any(value in str(told.value) for value in values)


def test_what_was_typed_is_nowhere_in_the_ledger(desk):
    find(desk, ANN, FindQuery(birth_date="1900-02-03", surname="Zzyzx"))
    find(desk, ANN, FindQuery(case_reference="QQ-77123"))
    find(desk, ANN, DI)

    written = str(rows(desk, views))

    assert not any(t in written for t in ("1900-02-03", "Zzyzx", "QQ-77123", "oakes"))


def test_a_search_is_a_look_at_whom_it_found(desk):
    find(desk, ANN, DI)
    find(desk, ANN, FindQuery(case_reference="C-9999"))

    assert [(v.action, v.entity_id, v.outcome) for v in rows(desk, views)] == [
        ("find", "p03", "shown"),
        ("find", None, "shown"),
    ]


def test_whoever_searches_too_often_is_stopped_and_that_is_told(tmp_path):
    desk = people_desk(tmp_path, views_per_hour=2)
    for number in range(2):
        find(desk, ANN, FindQuery(case_reference=f"X-{number}"))

    with pytest.raises(TooMany):
        find(desk, ANN, DI)

    assert rows(desk, views)[-1].outcome == "refused"
    assert [(one.kind, one.team) for one in rows(desk, alerts)] == [
        ("too many views", "East")
    ]


@pytest.mark.parametrize("who", ["nat", "sam", "bea", "oli"])
def test_nobody_else_may_search(desk, who):
    with pytest.raises(Forbidden):
        find(desk, caller(who), DI)


@given(st.text())
def test_how_a_text_is_compared_does_not_change_by_comparing_it_again(text):
    assert plain(plain(text)) == plain(text)
    assert plain_name(plain_name(text)) == plain_name(text)

from __future__ import annotations

from typing import get_args

import pytest

from serving.access.rights import Relation
from serving.audit import LISTED, Absent, Action, Forbidden
from serving.desk.contacts import break_glass, contact
from serving.desk.look_words import ACTIONS, RELATIONS
from serving.desk.looks import Page, looks, looks_by_day
from serving.desk.people import Choice, my_people
from serving.desk.person import person
from tests.serving.made_up_people import caller, people_desk


pytestmark = pytest.mark.usefixtures("each_database")

ANN, BEN, MIA = caller("ann"), caller("ben"), caller("mia")
REASON = "Called from the ward, must know about falls now"


@pytest.fixture
def desk(tmp_path):
    return people_desk(tmp_path)


def test_every_action_is_told_in_words():
    assert {*get_args(Action), LISTED} <= ACTIONS.keys()
    assert not {*ACTIONS} & {*ACTIONS.values()}
    assert {*get_args(Relation)} == RELATIONS.keys()


def told(desk, entity_id, **more):
    return looks(desk, MIA, desk.ids.seal(MIA, entity_id), **more)


def test_the_report_tells_who_looked_when_why_and_by_which_relation(desk):
    person(desk, ANN, desk.ids.seal(ANN, "p05"))

    [look] = told(desk, "p05").looks

    assert (look.by, look.name, look.action) == (
        *("ann", "Ann Example"),
        "opened the person's page",
    )
    assert (look.relation, look.purpose) == ("own case", "to offer help early")
    assert look.reference.startswith("C-")


def test_lists_and_searches_and_reports_are_looks_too(desk):
    my_people(desk, ANN, Choice())
    told(desk, "p05")

    assert [look.action for look in told(desk, "p05").looks] == [
        "read who had looked",
        "read a list with the person on it",
    ]


def test_why_somebody_looked_without_a_relation_is_told(desk):
    break_glass(desk, ANN, desk.ids.seal(ANN, "p01"), REASON, "safety")
    contact(desk, ANN, desk.ids.seal(ANN, "p01"), "CALL-9")

    second, first = told(desk, "p01").looks

    assert (first.relation, first.reason) == ("break-glass", REASON)
    assert (second.relation, second.reference) == ("contact", "CALL-9")


def test_a_look_that_was_refused_is_told(desk):
    with pytest.raises(Absent):
        person(desk, BEN, desk.ids.seal(BEN, "p05"))

    [look] = told(desk, "p05").looks

    assert (look.by, look.outcome, look.relation) == ("ben", "absent", None)


def test_a_page_of_the_report_is_the_newest_first(desk):
    for _ in range(3):
        person(desk, ANN, desk.ids.seal(ANN, "p05"))

    found = told(desk, "p05", page=Page(limit=2, offset=2))

    assert (found.total, len(found.looks)) == (3, 1)


def test_people_read_a_workers_day_for_one_reason_as_one_line(desk):
    ann, mia = desk.ids.seal(ANN, "p05"), desk.ids.seal(MIA, "p05")
    for _ in range(3):
        person(desk, ANN, ann)
    my_people(desk, ANN, Choice())
    person(desk, MIA, mia)
    person(desk, ANN, ann)

    found = looks_by_day(desk, MIA, mia)

    assert (found.total, found.lines) == (6, 3)
    assert [(day.last.by, len(day.looks), dict(day.actions)) for day in found.days] == [
        ("ann", 4, {"opened the person's page": 4}),
        ("mia", 1, {"opened the person's page": 1}),
        ("ann", 1, {"read a list with the person on it": 1}),
    ]


def test_a_look_that_was_refused_is_a_line_of_its_own(desk):
    with pytest.raises(Absent):
        person(desk, ANN, desk.ids.seal(ANN, "p01"))
    break_glass(desk, ANN, desk.ids.seal(ANN, "p01"), REASON, "safety")
    person(desk, ANN, desk.ids.seal(ANN, "p01"))

    found = looks_by_day(desk, MIA, desk.ids.seal(MIA, "p01"), Page(limit=5))

    outcomes = [{look.outcome for look in day.looks} for day in found.days]
    assert outcomes == [{"shown"}, {"shown"}, {"absent"}]


def test_the_report_needs_a_right_to_the_person_and_a_role_that_leads(desk):
    with pytest.raises(Absent):
        told(desk, "p03")
    with pytest.raises(Forbidden):
        looks(desk, ANN, desk.ids.seal(ANN, "p05"))

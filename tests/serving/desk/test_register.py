from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from features.faults import Misuse
from models.ledger.register import due_on
from models.ledger.tables import views
from serving.audit import Absent, Forbidden
from serving.desk.desk import Desk
from serving.desk.register import answer, enter, open_requests, request
from serving.schemas.rights import NewRequest, RequestReply
from tests.made_up_score import TODAY
from tests.serving.made_up_people import caller, people_desk


DAY = dt.timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return people_desk(tmp_path)


def asked(desk: Desk, name: str, person: str | None, **more: Any) -> int:
    sealed = desk.ids.seal(caller(name), person) if person else None
    plain = {"kind": "access", "received_on": TODAY, "owner": "Head of care"}
    new = NewRequest(**{**plain, "person": sealed, "what": "all of it", **more})
    return enter(desk, caller(name), new).number


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-09-03", "2026-10-03"),
        ("2026-12-15", "2027-01-15"),
        ("2027-01-31", "2027-02-28"),
        ("2028-01-30", "2028-02-29"),
        ("2026-03-31", "2026-04-30"),
    ],
)
def test_a_request_is_due_on_the_same_day_of_the_next_month(received, due):
    assert due_on(dt.date.fromisoformat(received)) == dt.date.fromisoformat(due)


@given(st.dates(max_value=dt.date(9998, 1, 1)))
def test_there_is_always_a_month_of_28_to_31_days(received):
    assert 28 <= (due_on(received) - received).days <= 31


def test_a_request_stands_in_the_register_with_its_clock(desk):
    number = asked(desk, "mia", "p05", received_on=TODAY - 40 * DAY)

    told = open_requests(desk, caller("mia"))

    [one] = told.requests
    assert (told.waiting, told.overdue, one.number) == (1, 1, number)
    assert one.clock == "10 days overdue"
    assert (one.name, one.what) == ("Ada Quill", "all of it")
    assert desk.ids.open(caller("mia"), one.person or "") == "p05"


def test_who_may_not_look_at_the_person_sees_the_clock_and_no_more(desk):
    asked(desk, "mia", "p05")

    [one] = open_requests(desk, caller("sam")).requests

    assert (one.clock, one.owner, one.is_known) == (
        "30 days left",
        "Head of care",
        True,
    )
    assert (one.person, one.name, one.what) == (None, None, None)


def test_the_most_urgent_stands_first(desk):
    late = asked(desk, "mia", None, received_on=TODAY - 40 * DAY)
    new = asked(desk, "mia", None)
    soon = asked(desk, "mia", None, received_on=TODAY - 20 * DAY)

    told = open_requests(desk, caller("sam"))

    assert [one.number for one in told.requests] == [late, soon, new]


def test_an_answered_request_does_not_wait_any_more(desk):
    number = asked(desk, "mia", "p05")

    told = answer(
        desk, caller("mia"), number, RequestReply(outcome="granted", answer="sent")
    )

    assert (told.clock, told.answered_by, told.answer) == (
        *("answered in time", "mia", "sent"),
    )
    assert open_requests(desk, caller("mia")).requests == []
    [one] = open_requests(desk, caller("mia"), is_answered=True).requests
    assert one.outcome == "granted"


def test_nobody_answers_for_a_person_whom_they_may_not_look_at(desk):
    number = asked(desk, "mia", "p05")
    reply = RequestReply(outcome="refused", answer="no")

    with pytest.raises(Absent):
        answer(desk, caller("sam"), number, reply)


def test_a_request_is_answered_once(desk):
    number = asked(desk, "sam", None)
    reply = RequestReply(outcome="refused", answer="we hold nothing")
    answer(desk, caller("sam"), number, reply)

    with pytest.raises(Absent):
        answer(desk, caller("sam"), number, reply)


def test_no_request_comes_from_the_future_and_none_is_answered_with_nothing(desk):
    with pytest.raises(Misuse, match="has come already"):
        asked(desk, "mia", None, received_on=TODAY + DAY)
    number = asked(desk, "mia", None)
    with pytest.raises(Misuse, match="is told something"):
        answer(desk, caller("mia"), number, RequestReply(outcome="granted", answer=" "))


@pytest.mark.parametrize("name", ["ann", "nat", "bea", "oli"])
def test_other_roles_have_no_register(desk, name):
    with pytest.raises(Forbidden):
        open_requests(desk, caller(name))


def test_a_manager_enters_nothing_about_a_person_of_another_team(desk):
    with pytest.raises(Absent):
        asked(desk, "mia", "p03")


def test_a_number_that_nobody_gave_is_absent(desk):
    with pytest.raises(Absent):
        request(desk, caller("mia"), 7)


def test_whoever_is_told_a_name_is_on_record_for_it(desk):
    asked(desk, "mia", "p05")
    with desk.audit.ledger.reading() as connection:
        before = connection.execute(sa.select(sa.func.max(views.c.id))).scalar_one()

    open_requests(desk, caller("mia"))
    open_requests(desk, caller("sam"))

    with desk.audit.ledger.reading() as connection:
        query = sa.select(views).where(views.c.id > before).order_by(views.c.id)
        rows = [
            (r.token_name, r.action, r.entity_id, r.purpose)
            for r in connection.execute(query)
        ]
    assert rows == [
        ("mia", "register", None, "subject access"),
        ("mia", "listed", "p05", "subject access"),
        ("sam", "register", None, "subject access"),
    ]

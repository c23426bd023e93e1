from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from models.ledger.access_tables import accounts, grants, worklist_people, worklists
from models.ledger.people_tables import cases
from serving.access.rights import Moment, right_to, rights
from tests.made_up_score import NOW, TODAY
from tests.serving.made_up_people import DAY, MINE, caller, people_ledger


pytestmark = pytest.mark.usefixtures("each_database")

ANN, BEN, MIA = caller("ann"), caller("ben"), caller("mia")
MOMENT = Moment(NOW, TODAY, "prevention")


@pytest.fixture
def ledger(tmp_path):
    ledger = people_ledger(tmp_path)
    yield ledger
    ledger.close()


def _right(ledger, who, person, moment=MOMENT):
    with ledger.reading() as connection:
        return right_to(connection, who, person, moment)


def _change(ledger, table, **values):
    with ledger.writing() as connection:
        connection.execute(sa.update(table).values(values))


def _relation(ledger, who, person, moment=MOMENT):
    right = _right(ledger, who, person, moment)
    return right and right.relation


def test_an_open_case_gives_a_right_and_says_which(ledger):
    right = _right(ledger, ANN, "p05")

    assert (right.relation, right.purpose) == ("own case", "prevention")
    assert right.reference == "C-1000"


def test_nobody_else_has_a_right_by_it(ledger):
    assert _right(ledger, BEN, "p05") is None


def test_a_case_gives_no_right_from_the_day_it_is_closed(ledger):
    _change(ledger, cases, closed_on=TODAY)

    assert _right(ledger, ANN, "p05") is None
    yesterday = Moment(NOW, TODAY - DAY, "prevention")
    assert _relation(ledger, ANN, "p05", yesterday) == "own case"


def test_a_case_gives_no_right_before_the_day_it_is_opened(ledger):
    _change(ledger, cases, opened_on=TODAY + DAY)

    assert _right(ledger, ANN, "p05") is None


def test_an_allocation_gives_a_right_until_its_worklist_expires(ledger):
    expires = NOW + 28 * DAY

    assert _right(ledger, ANN, "p04").until == expires
    assert _relation(ledger, ANN, "p04") == "allocated"
    assert _right(ledger, ANN, "p04", Moment(expires, TODAY, "prevention")) is None


def test_an_allocation_that_was_taken_back_gives_none(ledger):
    _change(ledger, worklist_people, ended_at=NOW)

    assert _right(ledger, ANN, "p04") is None


def test_a_worklist_gives_the_purpose_it_was_drawn_for(ledger):
    _change(ledger, worklists, purpose="safety")

    assert _right(ledger, ANN, "p04").purpose == "safety"


def test_a_contact_gives_a_right_while_it_lasts(ledger):
    assert _relation(ledger, ANN, "p02") == "contact"
    assert _right(ledger, ANN, "p02", Moment(NOW + DAY, TODAY, "prevention")) is None
    before = Moment(NOW - dt.timedelta(seconds=1), TODAY, "prevention")
    assert _right(ledger, ANN, "p02", before) is None


def test_a_manager_may_look_at_whom_the_team_may(ledger):
    for person in (*MINE, "p04", "p02"):
        assert _relation(ledger, MIA, person) == "supervised"


def test_a_manager_may_not_look_at_another_teams_people(ledger):
    assert _right(ledger, MIA, "p03") is None


def test_a_manager_supervises_nobody_who_was_disabled(ledger):
    _change(ledger, accounts, disabled_at=NOW)

    assert _right(ledger, MIA, "p05") is None


def test_a_caseworker_supervises_nobody_of_the_same_team(ledger):
    with ledger.writing() as connection:
        moved = sa.update(accounts).where(accounts.c.name == "ben")
        connection.execute(moved.values(team="East"))

    assert _right(ledger, BEN, "p05") is None


@pytest.mark.parametrize("name", ["nat", "sam", "bea", "oli"])
def test_no_other_role_has_a_right_even_with_a_relation(ledger, name):
    who = caller(name)
    _change(ledger, grants, account=who.account)

    with ledger.reading() as connection:
        assert connection.execute(sa.select(rights(who, MOMENT))).all() == []


def test_the_closest_relation_is_the_one_that_counts(ledger):
    _change(ledger, grants, entity_id="p05")

    assert _relation(ledger, ANN, "p05") == "own case"


def test_a_case_that_a_manager_keeps_is_an_own_case(ledger):
    _change(ledger, grants, kind="case", ends=None)

    right = _right(ledger, ANN, "p02")

    assert (right.relation, right.until) == ("own case", None)

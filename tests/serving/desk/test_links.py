from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from models.ledger.access_tables import alerts
from models.ledger.tables import views
from serving.audit import Absent, TooMany
from serving.desk.finding import find
from serving.desk.links import link
from serving.schemas.leading import FindQuery
from tests.made_up_score import NOW
from tests.serving.made_up_people import caller, people_desk


pytestmark = pytest.mark.usefixtures("each_database")

ANN, MIA = caller("ann"), caller("mia")
# The numbers of Ann's case of Ada, and of Ben's case of Di.
OWN, BENS = "C-1000", "C-1009"


@pytest.fixture
def desk(tmp_path):
    return people_desk(tmp_path, views_per_hour=2)


def at(desk, moment):
    return dataclasses.replace(desk, clock=lambda: moment)


def rows(desk, table):
    with desk.audit.ledger.reading() as connection:
        return connection.execute(sa.select(table).order_by(table.c.id)).all()


def test_whoever_tries_too_many_case_numbers_is_stopped_and_that_is_told(desk):
    link(desk, ANN, "ann", BENS)
    with pytest.raises(Absent):
        link(desk, ANN, "ann", "C-7777")

    with pytest.raises(TooMany):
        link(desk, ANN, "ann", BENS)

    assert rows(desk, views)[-1].outcome == "refused"
    assert [one.kind for one in rows(desk, alerts)] == ["too many views"]


def test_searches_and_case_numbers_that_are_tried_count_together(desk):
    link(desk, ANN, "ann", BENS)
    find(desk, ANN, FindQuery(case_reference="C-7777"))

    with pytest.raises(TooMany):
        find(desk, ANN, FindQuery(case_reference=BENS))


def test_links_to_those_whom_the_account_may_look_at_are_not_counted(desk):
    for _ in range(5):
        link(desk, MIA, "ann", OWN)

    last = rows(desk, views)[-1]
    assert (last.outcome, last.purpose) == ("shown", "prevention")
    assert '"relation": "own case"' in last.detail


def test_after_an_hour_one_may_ask_for_links_again(desk):
    for _ in range(2):
        link(desk, ANN, "ann", BENS)
    assert link(
        at(desk, NOW + dt.timedelta(hours=1)), ANN, "ann", BENS
    ).address.startswith("/people/")


def test_whoever_goes_on_asking_while_stopped_is_let_in_again_all_the_same(desk):
    for _ in range(2):
        link(desk, ANN, "ann", BENS)
    for minutes in range(5, 60, 5):
        then = NOW + dt.timedelta(minutes=minutes)
        with pytest.raises(TooMany):
            link(at(desk, then), ANN, "ann", OWN)

    assert link(at(desk, NOW + dt.timedelta(hours=1)), ANN, "ann", OWN)


def test_a_name_that_nobody_has_tries_no_case_number(desk):
    for _ in range(5):
        with pytest.raises(Absent):
            link(desk, MIA, "nobody", OWN)

    assert link(desk, MIA, "ann", OWN)

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from models.ledger.access_tables import alerts
from models.ledger.tables import views
from serving.audit import Absent, TooMany
from serving.desk.people import Choice, my_people
from serving.desk.person import person
from tests.made_up_score import NOW
from tests.serving.made_up_people import MINE, caller, people_desk


pytestmark = pytest.mark.usefixtures("each_database")

ANN = caller("ann")
FOUR = MINE[:4]


@pytest.fixture
def desk(tmp_path):
    desk = people_desk(tmp_path, views_per_hour=3)
    yield desk
    desk.audit.ledger.close()


def _look(desk, name):
    return person(desk, ANN, desk.ids.seal(ANN, name))


def _rows(desk, table):
    with desk.audit.ledger.reading() as connection:
        return connection.execute(sa.select(table)).all()


def test_who_looks_at_more_people_than_is_allowed_is_stopped_and_it_is_told(desk):
    for name in FOUR[:3]:
        _look(desk, name)

    with pytest.raises(TooMany):
        _look(desk, FOUR[3])

    (alert,) = _rows(desk, alerts)
    assert (alert.kind, alert.about, alert.team) == ("too many views", 1, "East")
    assert alert.entity_id is None
    assert [row.outcome for row in _rows(desk, views)] == ["shown"] * 3 + ["refused"]


def test_it_is_told_once_an_hour(desk):
    for name in FOUR[:3]:
        _look(desk, name)

    for _ in range(2):
        with pytest.raises(TooMany):
            _look(desk, FOUR[3])

    assert len(_rows(desk, alerts)) == 1


def test_to_look_again_at_somebody_is_not_counted(desk):
    for name in (*FOUR[:3], *FOUR[:3]):
        _look(desk, name)

    assert _rows(desk, alerts) == []


def test_after_an_hour_one_may_look_again(desk):
    for name in FOUR[:3]:
        _look(desk, name)
    later = dataclasses.replace(desk, clock=lambda: NOW + dt.timedelta(hours=1))

    assert _look(later, FOUR[3]).identity.name


def test_to_stand_on_a_list_is_not_counted(desk):
    assert my_people(desk, ANN, Choice()).total > 3

    assert _look(desk, FOUR[0]).identity.name


def test_refused_looks_are_not_counted(desk):
    for _ in range(5):
        with pytest.raises(Absent):
            _look(desk, "p03")

    assert _look(desk, FOUR[0]).identity.name

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from models.ledger.tables import views
from serving.audit import TooMany
from serving.desk.evidence import evidence
from serving.desk.looks import looks
from serving.desk.opened import opened_evidence
from serving.desk.person import person
from tests.serving.made_up_people import caller, people_desk


pytestmark = pytest.mark.usefixtures("each_database")

ANN, MIA = caller("ann"), caller("mia")
AT_HOME, OWN = "visits_at_address", "visits_365d"


@pytest.fixture
def desk(tmp_path):
    return people_desk(tmp_path)


def behind(desk, indicator, ask=evidence):
    return ask(desk, ANN, desk.ids.seal(ANN, "p05"), "care", indicator)


def rows(desk):
    with desk.audit.ledger.reading() as connection:
        found = connection.execute(sa.select(views).order_by(views.c.id))
        return [(row.action, row.entity_id, row.outcome) for row in found]


@pytest.mark.parametrize("ask", [evidence, opened_evidence])
def test_whose_records_are_shown_beside_the_persons_own_is_on_record(desk, ask):
    behind(desk, AT_HOME, ask)

    # Bo was given to Ann, the records of Di are counted and not shown.
    assert rows(desk) == [
        ("evidence", "p05", "shown"),
        ("evidence", "p04", "shown"),
    ]


def test_each_is_on_record_with_the_right_to_them_and_not_another_persons(desk):
    behind(desk, AT_HOME)

    [look] = looks(desk, MIA, desk.ids.seal(MIA, "p04")).looks

    assert (look.action, look.score) == ("read the records behind a score", "care")
    assert (look.relation, look.reference) == ("allocated", "1")
    with desk.audit.ledger.reading() as connection:
        query = sa.select(views.c.detail).where(views.c.entity_id == "p05")
        [detail] = connection.execute(query).scalars()
    assert json.loads(detail)["relation"] == "own case"


def test_a_persons_own_records_are_a_look_at_nobody_else(desk):
    behind(desk, OWN)

    assert rows(desk) == [("evidence", "p05", "shown")]


def test_whose_records_are_shown_counts_for_the_pace(tmp_path):
    desk = people_desk(tmp_path, views_per_hour=2)
    behind(desk, AT_HOME)

    with pytest.raises(TooMany):
        person(desk, ANN, desk.ids.seal(ANN, "n01"))


def test_records_of_more_people_than_are_allowed_are_not_shown(tmp_path):
    desk = people_desk(tmp_path, views_per_hour=1)

    with pytest.raises(TooMany):
        behind(desk, AT_HOME)

    assert rows(desk) == [("evidence", "p05", "refused")]

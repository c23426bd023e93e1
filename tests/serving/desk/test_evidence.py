from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from models.ledger.access_tables import alerts, grants
from models.ledger.people_tables import entity_records
from models.ledger.tables import views
from serving.audit import TooMany
from serving.desk.evidence import evidence
from serving.desk.looks import looks
from serving.desk.opened import opened_evidence
from serving.desk.person import person
from tests.made_up_score import NOW
from tests.serving.made_up_people import DAY, caller, people_desk


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


def test_records_of_more_people_than_are_allowed_are_hidden_and_nobody_is_told(
    tmp_path,
):
    desk = people_desk(tmp_path, views_per_hour=1)

    for _ in range(2):
        found = behind(desk, AT_HOME)
        assert (found.records, found.hidden, found.total) == ([], 3, 3)

    assert rows(desk) == [("evidence", "p05", "shown")] * 2
    with desk.audit.ledger.reading() as connection:
        assert connection.execute(sa.select(alerts)).all() == []


def let_see_di(desk, purpose="prevention"):
    today = {"kind": "contact", "account": ANN.account, "given_by": ANN.account}
    today |= {"entity_id": "p03", "purpose": purpose, "reference": "CALL-78"}
    today |= {"begins": NOW, "ends": NOW + DAY}
    with desk.audit.ledger.writing() as connection:
        connection.execute(sa.insert(grants).values(today))


def test_records_are_shown_of_as_many_people_as_fit_within_the_hour(tmp_path):
    desk = people_desk(tmp_path, views_per_hour=2)
    let_see_di(desk)

    for _ in range(2):
        found = behind(desk, AT_HOME)
        # Those of Di are newer than the one of Bo.
        assert [one.record for one in found.records] == ["201-1", "202-1"]
        assert (found.hidden, found.total) == (1, 3)

    people = ["p05", "p03"]
    assert rows(desk) == [("evidence", one, "shown") for one in people * 2]


def test_a_record_is_hidden_if_one_whose_it_is_does_not_fit(tmp_path):
    desk = people_desk(tmp_path, views_per_hour=2)
    let_see_di(desk)
    with desk.audit.ledger.writing() as connection:
        dis = sa.select(entity_records).where(entity_records.c.record_id == 202)
        both = {**connection.execute(dis).mappings().one(), "entity_id": "p04"}
        connection.execute(sa.insert(entity_records).values(both))

    found = behind(desk, AT_HOME)

    assert [one.record for one in found.records] == ["201-1"]
    assert ("evidence", "p04", "shown") not in rows(desk)


def test_each_is_on_record_with_the_purpose_of_the_right_to_them(desk):
    let_see_di(desk, purpose="safety")

    behind(desk, AT_HOME)

    with desk.audit.ledger.reading() as connection:
        query = sa.select(views.c.entity_id, views.c.purpose).order_by(views.c.id)
        found = [tuple(row) for row in connection.execute(query)]
    assert sorted(found) == [
        ("p03", "safety"),
        ("p04", "prevention"),
        ("p05", "prevention"),
    ]

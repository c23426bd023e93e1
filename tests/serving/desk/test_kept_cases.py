from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from features.faults import Misuse
from models.ledger.tables import views
from serving.audit import Absent, Forbidden
from serving.desk.finding import find
from serving.desk.kept_cases import end_case, keep_case, kept_cases
from serving.desk.person import person
from serving.schemas.leading import FindQuery, KeepCaseBody
from tests.made_up_score import NOW
from tests.serving.made_up_people import caller, people_desk


pytestmark = pytest.mark.usefixtures("each_database")

ANN, MIA = caller("ann"), caller("mia")
DI = FindQuery(birth_date="1941-05-30", surname="Oakes")


@pytest.fixture
def desk(tmp_path):
    return people_desk(tmp_path)


def later(desk, days):
    return dataclasses.replace(desk, clock=lambda: NOW + dt.timedelta(days=days))


def kept(desk, account="ann", reference="CASE-9"):
    found = find(desk, MIA, DI).person
    case = KeepCaseBody(person=found, account=account, reference=reference)
    return keep_case(desk, MIA, case)


def test_a_kept_case_gives_its_worker_a_right_until_it_is_ended(desk):
    di = desk.ids.seal(ANN, "p03")
    with pytest.raises(Absent):
        person(desk, ANN, di)

    case = kept(desk)

    relation = person(later(desk, 30), ANN, di).relation
    assert (relation.kind, relation.reference) == ("own case", "CASE-9")
    end_case(later(desk, 31), MIA, case.id)
    with pytest.raises(Absent):
        person(later(desk, 32), ANN, di)


def test_open_cases_are_listed_with_whose_they_are(desk):
    kept(desk)

    [case] = kept_cases(later(desk, 1), MIA).cases

    assert (case.identity.name, case.worker) == ("Di Oakes", "Ann Example")
    assert desk.ids.open(MIA, case.person) == "p03"


def test_an_ended_case_is_not_listed_and_not_ended_again(desk):
    case = kept(desk)
    end_case(desk, MIA, case.id)

    assert kept_cases(later(desk, 1), MIA).cases == []
    with pytest.raises(Absent):
        end_case(later(desk, 1), MIA, case.id)


def test_a_case_of_another_team_is_not_there(desk):
    case = kept(desk)
    other = dataclasses.replace(MIA, team="West")

    assert kept_cases(desk, other).cases == []
    with pytest.raises(Absent):
        end_case(desk, other, case.id)


@pytest.mark.parametrize(
    ("account", "reference"), [("ben", "CASE-9"), ("mia", "CASE-9"), ("ann", "-")]
)
def test_a_case_needs_a_worker_of_the_team_and_a_number(desk, account, reference):
    with pytest.raises(Misuse):
        kept(desk, account, reference)


def test_whoever_does_not_lead_keeps_no_cases(desk):
    case = KeepCaseBody(
        person=desk.ids.seal(ANN, "p03"), account="ann", reference="CASE-9"
    )

    with pytest.raises(Forbidden):
        keep_case(desk, ANN, case)
    with pytest.raises(Forbidden):
        kept_cases(desk, ANN)


def test_keeping_and_ending_a_case_are_on_record(desk):
    case = kept(desk)
    end_case(desk, MIA, case.id)

    query = sa.select(views).where(views.c.action == "keep case")
    with desk.audit.ledger.reading() as connection:
        found = connection.execute(query.order_by(views.c.id)).all()
    assert [(v.entity_id, v.purpose) for v in found] == [("p03", "prevention")] * 2
    assert '"to": "ann"' in found[0].detail

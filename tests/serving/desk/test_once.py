from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest
import sqlalchemy as sa

from models.ledger.access_tables import grants, idempotency
from models.ledger.tables import views
from serving.audit import Absent, Look
from serving.desk.contacts import contact
from serving.desk.decisions import decide
from serving.desk.once import KeyUsed, Once, Repeated
from serving.schemas.leading import RightAnswer
from serving.schemas.work import Decision
from tests.made_up_score import NOW
from tests.serving.made_up_people import caller, people_desk


pytestmark = pytest.mark.usefixtures("each_database")

ANN, MIA = caller("ann"), caller("mia")


@pytest.fixture
def desk(tmp_path):
    made = people_desk(tmp_path)
    return dataclasses.replace(made, once=Once("a key of mine", "a" * 64))


def count(desk, table):
    with desk.audit.ledger.reading() as connection:
        query = sa.select(sa.func.count()).select_from(table)
        return connection.execute(query).scalar_one()


def looks(desk):
    said = (views.c.entity_id, views.c.purpose, views.c.outcome, views.c.detail)
    with desk.audit.ledger.reading() as connection:
        return connection.execute(sa.select(*said).order_by(views.c.id)).all()


def test_the_same_again_is_done_once_and_answered_the_same(desk):
    di = desk.ids.seal(ANN, "p03")
    before = count(desk, grants)

    answer = contact(desk, ANN, di, "CALL-9")
    with pytest.raises(Repeated) as again:
        contact(desk, ANN, di, "CALL-9")

    assert RightAnswer.model_validate_json(again.value.answer) == answer
    assert count(desk, grants) == before + 1


def test_that_it_was_sent_again_is_on_record(desk):
    di = desk.ids.seal(ANN, "p03")
    contact(desk, ANN, di, "CALL-9")
    with pytest.raises(Repeated):
        contact(desk, ANN, di, "CALL-9")

    assert count(desk, views) == 2


def test_whoever_may_not_look_any_more_is_not_answered_as_before(desk):
    di = desk.ids.seal(ANN, "p03")
    contact(dataclasses.replace(desk, once=None), ANN, di, "CALL-9")
    decision = Decision(score="care", kind="visited")
    decide(desk, ANN, di, decision)
    over = dataclasses.replace(desk, clock=lambda: NOW + dt.timedelta(hours=20))

    with pytest.raises(Absent):
        decide(over, ANN, di, decision)


def test_whoever_has_another_role_by_now_is_not_answered_as_before(desk):
    di = desk.ids.seal(ANN, "p03")
    contact(desk, ANN, di, "CALL-9")

    with pytest.raises(Absent):
        contact(desk, dataclasses.replace(ANN, team="children"), di, "CALL-9")


def test_to_be_answered_again_is_a_look_at_the_same_person(desk):
    di = desk.ids.seal(ANN, "p03")
    contact(desk, ANN, di, "CALL-9")
    with pytest.raises(Repeated):
        contact(desk, ANN, di, "CALL-9")

    first, again = looks(desk)
    assert first[:3] == again[:3]
    assert again[0] == "p03"
    assert json.loads(again[3]) == {**json.loads(first[3]), "repeated": 1}


def test_looks_at_others_that_came_with_it_come_with_it_again(desk):
    with desk.audit.ledger.writing() as connection:
        other = Look("ann", "queue", entity_id="p03")
        first, again = Look("ann", "answer", also=[other]), Look("ann", "answer")
        desk.once.keep(connection, ANN, first, None, NOW)
        desk.once.done(connection, ANN, NOW).look.tell(again)

    assert [one.entity_id for one in again.also] == ["p03"]
    assert again.also[0].action == "queue"


def test_the_same_key_for_something_else_is_refused(desk):
    contact(desk, ANN, desk.ids.seal(ANN, "p03"), "CALL-9")
    other = dataclasses.replace(desk, once=Once("a key of mine", "b" * 64))

    with pytest.raises(KeyUsed):
        contact(other, ANN, desk.ids.seal(ANN, "p01"), "CALL-8")


def test_another_account_may_use_the_same_key(desk):
    contact(desk, ANN, desk.ids.seal(ANN, "p03"), "CALL-9")
    contact(desk, MIA, desk.ids.seal(MIA, "p03"), "CALL-9")

    assert count(desk, idempotency) == 2


def test_what_was_refused_may_be_tried_again(desk):
    with pytest.raises(Absent):
        contact(desk, ANN, "no id of hers", "CALL-9")

    contact(desk, ANN, desk.ids.seal(ANN, "p03"), "CALL-9")

    assert count(desk, idempotency) == 1


def test_a_key_is_forgotten_after_a_day_whoever_used_it(desk):
    contact(desk, ANN, desk.ids.seal(ANN, "p03"), "CALL-9")
    tomorrow = dataclasses.replace(
        desk,
        clock=lambda: NOW + dt.timedelta(days=1),
        once=Once("another key", "b" * 64),
    )
    contact(tomorrow, MIA, desk.ids.seal(MIA, "p03"), "CALL-9")

    assert count(desk, idempotency) == 1

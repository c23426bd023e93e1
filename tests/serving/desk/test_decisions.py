from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from features.faults import Misuse
from models.ledger.tables import views
from serving.audit import Absent, Forbidden
from serving.desk.decisions import decide, decisions_about
from serving.desk.desk import Desk
from serving.schemas.work import Decision
from tests.made_up_score import AS_OF, NOW
from tests.serving.made_up_people import caller, people_desk


pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return people_desk(tmp_path)


def seal(desk: Desk, name: str, person: str) -> str:
    return desk.ids.seal(caller(name), person)


def done(desk: Desk, name: str, person: str) -> list[tuple[str, str | None]]:
    answer = decisions_about(desk, caller(name), seal(desk, name, person))
    return [(one.kind, one.what) for one in answer.decisions]


def test_what_was_done_is_kept_with_who_when_and_why_they_looked(desk):
    decision = Decision(score="care", kind="offered", what=" a falls class ")

    answer = decide(desk, caller("ann"), seal(desk, "ann", "p05"), decision)

    assert answer.model_dump() == {
        "score": "care",
        "as_of": AS_OF,
        "kind": "offered",
        "what": "a falls class",
        "at": NOW,
        "by": "Ann Example",
        "role": "caseworker",
        "relation": "own case",
    }


def test_decisions_stand_newest_first_for_everyone_with_a_right(desk):
    ann = seal(desk, "ann", "p05")
    decide(desk, caller("ann"), ann, Decision(score="care", kind="no action"))
    decide(desk, caller("ann"), ann, Decision(score="care", kind="visited"))

    assert done(desk, "mia", "p05") == [("visited", None), ("no action", None)]


def test_a_person_in_a_state_can_be_decided_about(desk):
    person = seal(desk, "ann", "s02")

    decide(desk, caller("ann"), person, Decision(score="care", kind="visited"))

    assert done(desk, "ann", "s02") == [("visited", None)]


@pytest.mark.parametrize("kind", ["offered", "referred"])
@pytest.mark.parametrize("what", [None, "  "])
def test_it_must_be_said_what_was_offered_and_where_to(desk, kind, what):
    decision = Decision(score="care", kind=kind, what=what)

    with pytest.raises(Misuse, match="what was offered, or where to"):
        decide(desk, caller("ann"), seal(desk, "ann", "p05"), decision)


@pytest.mark.parametrize(("name", "person"), [("ben", "p05"), ("ann", "p01")])
def test_who_has_no_relation_cannot_decide_and_the_try_is_on_record(desk, name, person):
    decision = Decision(score="care", kind="visited")

    with pytest.raises(Absent):
        decide(desk, caller(name), seal(desk, name, person), decision)

    with desk.audit.ledger.reading() as connection:
        rows = connection.execute(sa.select(views.c.action, views.c.outcome)).all()
    assert [tuple(row) for row in rows] == [("decide", "absent")]


@pytest.mark.parametrize("name", ["nat", "sam", "bea", "oli"])
def test_a_role_without_people_cannot_decide(desk, name):
    decision = Decision(score="care", kind="visited")

    with pytest.raises(Forbidden):
        decide(desk, caller(name), seal(desk, name, "p05"), decision)


def test_nothing_is_decided_about_a_score_that_is_not_there(desk):
    decision = Decision(score="other", kind="visited")

    with pytest.raises(Absent):
        decide(desk, caller("ann"), seal(desk, "ann", "p05"), decision)

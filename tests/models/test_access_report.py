from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from models.audit.access_report import accesses_of, is_known
from models.audit.audit import Audit
from models.ledger.tables import views_unchained
from serving.access import Caller
from serving.answers.scores import Page
from serving.audit import Absent, Forbidden, who_looked
from serving.desk import Desk
from tests.made_up_score import (
    AS_OF,
    EMPTY,
    NOW,
    PEOPLE,
    STATED,
    TODAY,
    UNSEEN,
    audit_files,
    filled_ledger,
)


pytestmark = pytest.mark.usefixtures("each_database")

MACHINE = Caller("nightly list", "machine")
DESK = Caller("desk 4", "caseworker")
EVERYONE = [*PEOPLE, *STATED, UNSEEN[0], EMPTY[0]]
ASKED = {"by": "records officer", "purpose": "subject access", "at": NOW}


@pytest.fixture
def audit(tmp_path):
    return Audit(filled_ledger(tmp_path), audit_files(tmp_path))


@pytest.fixture
def desk(audit):
    return Desk(audit, lambda: NOW, TODAY)


def _of(audit, entity_id):
    with audit.ledger.reading() as connection:
        return [(a.by, a.action, a.outcome) for a in accesses_of(connection, entity_id)]


def test_a_person_is_told_who_looked_when_and_what_for(audit, desk):
    desk.score(DESK, "care", "p05")

    (access,) = who_looked(audit, "p05", **ASKED)

    assert (access.by, access.at, access.purpose) == ("desk 4", NOW, "prevention")
    assert (access.action, access.score, access.outcome) == ("score", "care", "shown")


def test_looks_at_others_are_nobody_elses_business(audit, desk):
    desk.score(DESK, "care", "p05")
    desk.score(DESK, "care", "p04")

    assert _of(audit, "p04") == [("desk 4", "score", "shown")]
    assert _of(audit, "p01") == []


def test_to_ask_who_looked_is_a_look_too(audit):
    assert who_looked(audit, "p05", **ASKED) == []

    (access,) = who_looked(audit, "p05", **ASKED)

    assert (access.by, access.action) == ("records officer", "report")


def test_who_is_not_known_is_absent_and_what_was_typed_is_not_kept(audit):
    with pytest.raises(Absent):
        who_looked(audit, "9434765919", **ASKED)

    with audit.ledger.reading() as connection:
        assert not is_known(connection, "9434765919")


@pytest.mark.parametrize("offset", [0, 3, 10])
def test_a_look_at_a_list_counts_for_those_on_the_page_and_nobody_else(
    audit, desk, offset
):
    page = Page(limit=3, offset=offset, as_of=AS_OF)

    shown = {line.entity for line in desk.entities(MACHINE, "care", page).entities}

    look = [(MACHINE.name, "list", "shown")]
    assert {one for one in EVERYONE if _of(audit, one) == look} == shown
    assert len(shown) == 3


def test_a_list_that_was_refused_showed_nobody(audit, desk):
    with pytest.raises(Forbidden):
        desk.entities(DESK, "care", Page(limit=10, offset=0, as_of=None))

    assert _of(audit, "p05") == []


def test_looks_of_before_the_chain_are_told_and_marked(audit):
    before = NOW - dt.timedelta(days=1)
    look = {"token_name": "desk 1", "action": "score", "outcome": "shown"}
    with audit.ledger.writing() as connection:
        old = sa.insert(views_unchained).values(at=before, entity_id="p05", **look)
        connection.execute(old)

    (access,) = who_looked(audit, "p05", **ASKED)

    assert (access.at, access.by, access.is_chained) == (before, "desk 1", False)

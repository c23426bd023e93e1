from __future__ import annotations

import datetime as dt
import json

import pytest
import sqlalchemy as sa

from models.audit.access_report import accesses_of, is_known
from models.audit.audit import Audit
from models.audit.rows import Entry
from models.ledger.cases import newest_batch
from models.ledger.people_tables import cases, entity_records
from models.ledger.tables import identities, views_unchained
from serving.audit import LISTED, Absent, Look, looked, who_looked
from tests.made_up_score import (
    AS_OF,
    EMPTY,
    NOW,
    PEOPLE,
    STATED,
    UNSEEN,
    audit_files,
    filled_ledger,
)


pytestmark = pytest.mark.usefixtures("each_database")

LISTS = "nightly list"
EVERYONE = [*PEOPLE, *STATED, UNSEEN[0], EMPTY[0]]
ASKED = {"by": "records officer", "purpose": "subject access", "at": NOW}


@pytest.fixture
def audit(tmp_path):
    return Audit(filled_ledger(tmp_path), audit_files(tmp_path))


def _look(audit, entity_id):
    look = Look("desk 4", "score", "care", entity_id, "prevention")
    looked(audit, look, lambda _: None, at=NOW)


def _list(audit, offset, outcome="shown"):
    """Look at three of the newest batch's list, as was done before lists named all."""
    with audit.ledger.writing() as connection:
        batch = newest_batch(connection, "care")
        page = {"batch": batch.id, "as_of": AS_OF.isoformat()}
        detail = json.dumps({**page, "limit": 3, "offset": offset})
        entry = Entry(NOW, LISTS, "list", "care", outcome=outcome, detail=detail)
        audit.append(connection, entry)


def _of(audit, entity_id):
    with audit.ledger.reading() as connection:
        return [(a.by, a.action, a.outcome) for a in accesses_of(connection, entity_id)]


def test_a_person_is_told_who_looked_when_and_what_for(audit):
    _look(audit, "p05")

    (access,) = who_looked(audit, "p05", **ASKED)

    assert (access.by, access.at, access.purpose) == ("desk 4", NOW, "prevention")
    assert (access.action, access.score, access.outcome) == ("score", "care", "shown")


def test_looks_at_others_are_nobody_elses_business(audit):
    _look(audit, "p05")
    _look(audit, "p04")

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


@pytest.mark.parametrize("table", [identities, entity_records, cases])
def test_who_is_known_by_what_is_held_alone_may_ask_who_looked(audit, table):
    of_anything = {"record_id": 9, "load": 1, "source": "visits", "probability": 1.0}
    of_anything |= {"event_date": AS_OF, "worker": "W1", "reference": "C-9"}
    of_anything |= {"entity_id": "r01", "kind": "person", "display": {}}
    of_anything |= {"opened_on": AS_OF}
    row = {name: v for name, v in of_anything.items() if name in table.c}
    with audit.ledger.writing() as connection:
        connection.execute(sa.insert(table).values(row))

    assert who_looked(audit, "r01", **ASKED) == []


@pytest.mark.parametrize("offset", [0, 3, 10])
def test_a_look_at_a_list_counts_for_those_on_the_page_and_nobody_else(audit, offset):
    _list(audit, offset)

    look = [(LISTS, "list", "shown")]
    assert sum(_of(audit, one) == look for one in EVERYONE) == 3


def test_a_list_that_was_refused_showed_nobody(audit):
    _list(audit, 0, outcome="refused")

    assert not any(_of(audit, one) for one in EVERYONE)


def test_who_stood_on_a_list_is_told_and_nobody_else(audit):
    look = Look("desk 4", "people", listed=["p05", "p04"])

    looked(audit, look, lambda _: None, at=NOW)

    assert _of(audit, "p05") == _of(audit, "p04") == [("desk 4", LISTED, "shown")]
    assert _of(audit, "p01") == []


def test_looks_of_before_the_chain_are_told_and_marked(audit):
    before = NOW - dt.timedelta(days=1)
    look = {"token_name": "desk 1", "action": "score", "outcome": "shown"}
    with audit.ledger.writing() as connection:
        old = sa.insert(views_unchained).values(at=before, entity_id="p05", **look)
        connection.execute(old)

    (access,) = who_looked(audit, "p05", **ASKED)

    assert (access.at, access.by, access.is_chained) == (before, "desk 1", False)

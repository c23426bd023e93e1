from __future__ import annotations

import pytest
import sqlalchemy as sa

from models.audit.audit import Audit
from models.ledger.ledger import LedgerUnavailable
from models.ledger.tables import views
from serving.audit import Absent, Look, looked
from tests.made_up_score import NOW, audit_files, new_ledger


@pytest.fixture
def ledger(tmp_path):
    return new_ledger(tmp_path)


@pytest.fixture
def audit(ledger, tmp_path):
    return Audit(ledger, audit_files(tmp_path))


def _rows(ledger):
    with ledger.reading() as connection:
        return connection.execute(sa.select(views)).all()


def test_a_look_leaves_who_when_what_for_and_what_came_of_it(audit, ledger):
    look = Look("desk 4", "score", "care", "p01", "prevention")

    assert looked(audit, look, lambda _: "seen", at=NOW) == "seen"

    (row,) = _rows(ledger)
    assert tuple(row)[:8] == (
        1,
        NOW,
        "desk 4",
        "score",
        "care",
        "p01",
        "prevention",
        "shown",
    )


def test_a_look_that_found_nothing_is_recorded_too(audit, ledger):
    def read(_):
        raise Absent

    with pytest.raises(Absent):
        looked(audit, Look("desk 4", "score"), read, at=NOW)

    (row,) = _rows(ledger)
    assert row.outcome == "absent"


def test_nothing_is_handed_on_when_the_row_cannot_be_written(audit, ledger):
    seen = []
    with ledger.writing() as connection:
        views.drop(connection)

    with pytest.raises(LedgerUnavailable):
        looked(audit, Look("desk 4", "score"), lambda _: seen.append(1), at=NOW)

    assert seen == [1]  # it was read, and not handed on


def test_nothing_is_handed_on_when_the_commit_fails(audit, ledger):
    def refuse(_):
        raise sa.exc.OperationalError("COMMIT", {}, OSError("disk full"))

    sa.event.listen(ledger.engine, "commit", refuse)
    with pytest.raises(LedgerUnavailable):
        looked(audit, Look("desk 4", "score"), lambda _: "seen", at=NOW)
    sa.event.remove(ledger.engine, "commit", refuse)

    assert _rows(ledger) == []

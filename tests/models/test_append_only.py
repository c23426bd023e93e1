from __future__ import annotations

import pytest
import sqlalchemy as sa

from models.ledger.append_only import guard, missing_triggers, unguard
from models.ledger.ledger import LedgerUnavailable
from models.ledger.tables import anchors, views
from tests.models.made_up_audit import looks, new_audit


pytestmark = pytest.mark.usefixtures("each_database")

CHANGES = [
    sa.update(views).values(token_name="nobody").where(views.c.id == 1),
    sa.update(views).values(mac=b"\0" * 32),
    sa.delete(views).where(views.c.id == 2),
    sa.delete(views),
    sa.update(anchors).values(covers=1),
    sa.delete(anchors),
]


@pytest.fixture
def audit(tmp_path):
    audit = new_audit(tmp_path)
    looks(audit, 3)
    return audit


def _try(audit, statement):
    with audit.ledger.writing() as connection:
        connection.execute(statement)


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_the_database_refuses_to_change_or_remove_a_row_of_the_audit(audit, change):
    with pytest.raises(LedgerUnavailable):
        _try(audit, change)


def test_a_row_cannot_be_replaced_or_emptied_away(audit, each_database):
    how = {
        "sqlite": "INSERT OR REPLACE INTO views SELECT * FROM views WHERE id = 1",
        "postgres": "TRUNCATE views",
    }
    with pytest.raises(LedgerUnavailable):
        _try(audit, sa.text(how[each_database]))


def test_a_trigger_that_was_taken_away_is_missed_and_can_be_put_back(audit):
    with audit.ledger.writing() as connection:
        assert missing_triggers(connection) == []
        unguard(connection, views)
        connection.execute(CHANGES[0])

        missing = missing_triggers(connection)
        guard(connection)

        assert missing and all(name.startswith("views_no_") for name in missing)
        assert missing_triggers(connection) == []

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from models.ledger.faults import LedgerUnavailable
from models.ledger.prepared import Prepared
from models.ledger.tables import anchors, bundles, scores, views
from tests.made_up_score import NOW, new_ledger


pytestmark = pytest.mark.usefixtures("each_database")

_ADD = Prepared(sa.insert(anchors))
_FOUND = Prepared(
    sa.select(anchors)
    .where(anchors.c.at > sa.bindparam("since"), anchors.c.covers > 1)
    .order_by(anchors.c.number)
)
ROWS = [
    {"number": 1, "at": NOW, "covers": 1, "mac": b"\0one"},
    {"number": 2, "at": NOW, "covers": 5, "mac": b"two"},
]


@pytest.fixture
def ledger(tmp_path):
    return new_ledger(tmp_path)


def test_rows_come_back_as_they_were_written(ledger):
    with ledger.writing() as connection:
        _ADD.write(connection, ROWS)
        found = _FOUND.all(connection, since=NOW - dt.timedelta(hours=1))

    assert [row._asdict() for row in found] == ROWS[1:]


def test_it_gives_what_sqlalchemy_gives(ledger):
    with ledger.writing() as connection:
        _ADD.write(connection, ROWS)
        plain = connection.execute(sa.select(anchors)).all()
        ours = Prepared(sa.select(anchors)).all(connection)

    assert [tuple(row) for row in ours] == [tuple(row) for row in plain]


def test_where_there_is_no_row_there_is_none(ledger):
    with ledger.reading() as connection:
        assert _FOUND.first(connection, since=NOW) is None


def test_what_the_database_refuses_is_told_without_its_values(ledger):
    with pytest.raises(LedgerUnavailable) as told, ledger.writing() as connection:
        _ADD.write(connection, [*ROWS, ROWS[0]])

    assert "one" not in str(told.value)
    with ledger.reading() as connection:
        assert _FOUND.all(connection, since=NOW - dt.timedelta(hours=1)) == []


@pytest.mark.parametrize("table", [views, bundles, scores], ids=lambda t: t.name)
def test_every_kind_of_column_can_be_asked_for(ledger, table):
    with ledger.reading() as connection:
        assert Prepared(sa.select(table)).all(connection) == []


def test_a_literal_is_filled_in_by_the_name_that_stands_in_the_text(ledger):
    nobody = Prepared(sa.select(bundles.c.sha256).where(sa.literal(value=False)))

    with ledger.reading() as connection:
        assert nobody.all(connection) == []

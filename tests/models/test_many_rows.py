from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from features.store.json_columns import json_of
from models.ledger.engines import JSON
from models.ledger.ledger import Ledger
from models.ledger.many_rows import write_many
from models.ledger.people_tables import withheld_sources
from models.ledger.tables import records
from tests.made_up_score import new_ledger


DAY = dt.date(2026, 1, 31)
NEXT_DAY = dt.date(2026, 2, 1)

each_database = pytest.mark.usefixtures("each_database")


def kept(ledger: Ledger, table: sa.Table) -> list[tuple[object, ...]]:
    with ledger.reading() as connection:
        found = connection.execute(sa.select(table).order_by(*table.primary_key))
        return [tuple(row) for row in found]


@each_database
def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    content = {"name": "O'Brien % ? Łódź", "number": 3, "missing": None}
    rows = [(n, 1, "visits", DAY, NEXT_DAY, content) for n in (1, 2)]

    with ledger.writing() as connection:
        write_many(connection, records, rows)

    assert kept(ledger, records) == rows


@each_database
def test_a_text_is_taken_for_the_json_of_an_object(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)

    with ledger.writing() as connection:
        row = (1, 1, "visits", DAY, DAY, '{"a": 1}')
        write_many(connection, records, [row])

    assert kept(ledger, records) == [(1, 1, "visits", DAY, DAY, {"a": 1})]


@each_database
@pytest.mark.parametrize("replacing", [True, False])
def test_a_row_takes_the_place_of_another_only_if_it_may(
    tmp_path: Path, *, replacing: bool
) -> None:
    ledger = new_ledger(tmp_path)
    for day in (DAY, NEXT_DAY):
        with ledger.writing() as connection:
            row = (1, 1, "visits", day, day, {})
            write_many(connection, records, [row], replacing=replacing)

    stays = NEXT_DAY if replacing else DAY
    assert kept(ledger, records) == [(1, 1, "visits", stays, stays, {})]


@each_database
def test_rows_that_are_all_key_are_written_once(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    row = ("person-1", "visits", "care")

    with ledger.writing() as connection:
        write_many(connection, withheld_sources, [row])
        write_many(connection, withheld_sources, [row])
        write_many(connection, withheld_sources, [])

    assert kept(ledger, withheld_sources) == [row]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "text": st.none() | st.text(st.characters(codec="utf-8")),
                "number": st.none() | st.integers(-(2**63), 2**63 - 1),
                "share": st.none() | st.floats(allow_nan=False, allow_infinity=False),
                "sure": st.none() | st.booleans(),
            }
        ),
        max_size=20,
    )
)
def test_columns_give_the_same_json_as_rows(rows: list[dict[str, object]]) -> None:
    kinds = {
        "text": pa.string(),
        "number": pa.int64(),
        "share": pa.float64(),
        "sure": pa.bool_(),
    }
    table = pa.Table.from_pylist(rows, schema=pa.schema(list(kinds.items())))

    written = json_of(table, list(kinds))

    assert written.to_pylist() == [JSON.encode(row) for row in rows]


def test_no_columns_are_an_empty_object() -> None:
    assert json_of(pa.table({"a": [1, 2]}), []).to_pylist() == ["{}", "{}"]

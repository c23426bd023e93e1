"""A filter is one SQL expression over a source's own columns, and nothing else."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings

from features.definitions.filters import as_condition, columns_of, parse_filter
from features.definitions.indicator_faults import faults_of
from tests.features.plain_filter import holds, sql
from tests.features.small_place import contract, family
from tests.features.strategies import filters


TYPES = {
    "kind": "code",
    "note": "text",
    "number": "integer",
    "amount": "decimal",
    "share": "float",
    "day": "date",
    "done": "boolean",
}
SCHEMA = pa.schema(
    {
        "kind": pa.string(),
        "note": pa.string(),
        "number": pa.int64(),
        "amount": pa.decimal128(18, 2),
        "share": pa.float64(),
        "day": pa.date32(),
        "done": pa.bool_(),
    }
)

ROWS: list[dict[str, Any]] = [
    dict.fromkeys(TYPES),
    {
        "kind": "a",
        "note": "it's",
        "number": 3,
        "amount": Decimal("1.50"),
        "share": 0.25,
        "day": dt.date(2024, 2, 29),
        "done": True,
    },
    {
        "kind": "b",
        "note": "",
        "number": -1,
        "amount": Decimal("-0.10"),
        "share": -2.5,
        "day": dt.date(2024, 3, 1),
        "done": False,
    },
]


@pytest.mark.parametrize(
    "text",
    [
        "number in (select number from visits)",
        "exists (select 1)",
        "upper(kind) = 'A'",
        "coalesce(number, 0) = 0",
        "number + 1 = 2",
        "visits.kind = 'a'",
        "kind = 'a'; drop table visits",
        "kind = 'a' -- and more",
        "/* why */ kind = 'a'",
        "kind = 'a' union select 1",
        "select 1",
        "kind = 'a' limit 1",
        "case when done then true end",
        "kind = $1",
        "try_cast(kind as date) = day",
        "kind collate nocase = 'a'",
        "kind || 'x' = 'ax'",
        "kind ilike 'A'",
        "kind like 'a%' escape 'x'",
        "kind like note",
        "*",
        "",
        "kind =",
    ],
)
def test_a_filter_does_nothing_but_compare(text: str) -> None:
    with pytest.raises(ValueError, match="filter|without a table"):
        parse_filter(text, TYPES)


@pytest.mark.parametrize(
    "text",
    [
        "kind = 5",
        "number = '5'",
        "number in (1, 'b')",
        "day = '2024-01-01'",
        "day < 5",
        "done = 1",
        "number like '5%'",
        "-kind = 1",
        "kind and done",
        "not number",
        "number is true",
        "day between date '2024-01-01' and 5",
    ],
)
def test_like_is_compared_only_with_like(text: str) -> None:
    with pytest.raises(ValueError, match="may not compare or join"):
        parse_filter(text, TYPES)


@pytest.mark.parametrize("text", ["kind", "5", "'a'", "-number", "day"])
def test_a_filter_is_true_or_false(text: str) -> None:
    with pytest.raises(ValueError, match="must be true or false"):
        parse_filter(text, TYPES)


@pytest.mark.parametrize("text", ["kind = null", "kind in ('a', null)", "null"])
def test_nothing_is_compared_with_null(text: str) -> None:
    with pytest.raises(ValueError, match="write `is null`"):
        parse_filter(text, TYPES)


@pytest.mark.parametrize(
    "text",
    [
        "day = date '2024-02-30'",
        "day = date 'soon'",
        "number::date = day",
        "cast(kind as integer) = 1",
    ],
)
def test_only_a_written_date_is_cast(text: str) -> None:
    with pytest.raises(ValueError, match="cast only a text to a date"):
        parse_filter(text, TYPES)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("colour = 'red'", "the filter names \\['colour'\\]"),
        ("Kind = 'a'", "the filter names \\['Kind'\\]"),
        ("kind in note", "may not hold"),
        ("kind in ()", "must list its values"),
        ("number between symmetric 2 and 1", "may not hold"),
        ("done is null is number", "IS takes null"),
        ("number = 99999999999999999999", "64 bits"),
    ],
)
def test_a_filter_says_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_filter(text, TYPES)


def test_a_contract_checks_the_types_of_an_indicators_filter() -> None:
    [fault] = faults_of(family("count", filter="kind = 5"), contract(), "here")

    assert fault.next == "a filter may not compare or join number with text"


def test_columns_of_names_what_a_filter_reads() -> None:
    assert columns_of("kind = 'a' and (number > 1 or kind is null)") == {
        "kind",
        "number",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kind like 'a%'", [None, True, False]),
        ("kind not like 'a%'", [None, False, True]),
        ("kind not in ('a')", [None, False, True]),
        ("done is true", [False, True, False]),
        ("done is not true", [True, False, True]),
        ("not done", [None, False, True]),
        ("not true", [False, False, False]),
        ("not (1 = 1) or done", [None, True, False]),
        ("number = -1", [None, False, True]),
        ("amount = 1.5", [None, True, False]),
        ("note = 'it''s'", [None, True, False]),
        ("day >= date '2024-03-01'", [None, False, True]),
    ],
)
def test_a_filter_means_what_it_means_in_sql(
    text: str, expected: list[bool | None]
) -> None:
    assert _evaluated(text) == expected


@settings(max_examples=150, deadline=None, derandomize=True)
@given(filters(TYPES))
def test_filters_agree_with_a_plain_evaluation(tree: Any) -> None:
    parse_filter(sql(tree), TYPES)

    assert _evaluated(sql(tree)) == [holds(tree, row) for row in ROWS]


def test_a_filter_without_columns_is_refused_by_no_table() -> None:
    parse_filter("true", TYPES)

    assert _evaluated("true") == [True, True, True]


_CONNECTION = ibis.duckdb.connect(threads=1)


def _evaluated(text: str) -> list[bool | None]:
    table = ibis.memtable(pa.Table.from_pylist(ROWS, schema=SCHEMA))
    found = _CONNECTION.to_pyarrow(table.select(found=as_condition(text, table)))
    answers: list[bool | None] = found["found"].to_pylist()
    return answers

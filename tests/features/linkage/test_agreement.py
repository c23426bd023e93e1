"""Agreement against plain SQL that counts edits, whatever it costs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.definitions.comparisons import Comparison
from features.linkage.agreement import agreement


DATABASE = duckdb.connect(":memory:", config={"threads": 1})


def agrees(one: Any, other: Any, at_most: int) -> bool:
    content = {"attribute": "it", "levels": [{"agree": "edits", "at_most": at_most}]}
    comparison = Comparison.model_validate(content)
    [level] = comparison.levels
    is_date = isinstance(one, dt.date)
    rule = agreement(comparison, level, is_date=is_date)
    sides = {"l": one, "r": other}
    said = DATABASE.sql("select $l as a_it_l, $r as a_it_r", params=sides)
    [row] = said.project(rule).fetchall()
    return bool(row[0])


def edits(one: Any, other: Any) -> int:
    query = "select damerau_levenshtein(?, ?)"
    [row] = DATABASE.execute(query, [str(one), str(other)]).fetchall()
    return int(row[0])


def edited(text: str, at: int, how: str, letter: str) -> str:
    before, after = text[:at], text[at:]
    ways = {
        "added": before + letter + after,
        "left out": before + after[1:],
        "written for another": before + letter + after[1:],
        "swapped": before + after[1:2] + after[:1] + after[2:],
    }
    return ways[how]


texts = st.text("AB\u00c9\u03a9", min_size=1, max_size=9)
slips = st.tuples(
    st.integers(0, 9),
    st.sampled_from(["added", "left out", "written for another", "swapped"]),
    st.sampled_from("ABC\u00c9"),
)
days = st.dates(dt.date(1900, 1, 1), dt.date(2030, 12, 31))


@settings(deadline=None)
@given(text=texts, some=st.lists(slips, max_size=2), at_most=st.integers(1, 2))
def test_texts_agree_if_so_few_edits_part_them(
    text: str, some: list[tuple[int, str, str]], at_most: int
) -> None:
    other = text
    for slip in some:
        other = edited(other, *slip)

    assert agrees(text, other, at_most) == (edits(text, other) <= at_most)


@settings(deadline=None)
@given(one=days, other=days, at_most=st.integers(1, 3))
def test_dates_agree_if_so_few_edits_part_them(
    one: dt.date, other: dt.date, at_most: int
) -> None:
    assert agrees(one, other, at_most) == (edits(one, other) <= at_most)


@pytest.mark.parametrize("other", ["1954-03-02", "1944-03-20", "1949-03-12"])
def test_dates_two_slips_apart_have_a_part_in_common(other: str) -> None:
    assert agrees(dt.date(1944, 3, 2), dt.date.fromisoformat(other), 2)

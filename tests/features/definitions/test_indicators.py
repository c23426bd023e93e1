"""What an indicator's definition may say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from features.definitions.indicator_faults import faults_of
from tests.features.small_place import contract, family


@pytest.mark.parametrize("name", ["row", "state", "outcome", "as_of", "group_sex"])
def test_an_indicator_is_not_called_like_another_column(name: str) -> None:
    [fault] = faults_of(family("count", name=name), contract(), "here")

    assert fault.got == repr(name)


def test_each_window_gives_an_indicator() -> None:
    several = family("count", name="visits", windows_days=[30, 365])
    one = family("count", name="visits", windows_days=[30])

    assert [i.name for i in several.indicators()] == ["visits_30d", "visits_365d"]
    assert [(i.name, i.window_days) for i in one.indicators()] == [("visits", 30)]


def test_each_lag_and_each_month_ahead_gives_an_indicator() -> None:
    lags = family("sum", column="number", windows_days=[7, 30], ago_days=[90, 365])
    months = family("month", months_ahead=[0, 5])

    assert [i.name for i in lags.indicators()] == [
        *("sum_7d_90d_ago", "sum_7d_365d_ago"),
        *("sum_30d_90d_ago", "sum_30d_365d_ago"),
    ]
    assert [i.reach_days for i in lags.indicators()] == [97, 372, 120, 395]
    assert [i.name for i in months.indicators()] == ["month_0m", "month_5m"]


@pytest.mark.parametrize(
    ("measure", "column", "complaint"),
    [
        ("mean", "kind", "needs a column of numbers"),
        ("age", "number", "needs a column of dates"),
        ("at_index", "kind", "only a column declared known_beforehand"),
        ("latest", "born", "an identifier may not become an indicator"),
        ("sum", "colour", "the column must be declared"),
    ],
)
def test_a_measure_reads_only_a_column_that_it_can(
    measure: str, column: str, complaint: str
) -> None:
    faults = list(faults_of(family(measure, column=column), contract(), "here"))

    assert any(complaint in fault.what for fault in faults)


@pytest.mark.parametrize(
    ("measure", "more", "complaint"),
    [
        ("sum", {}, "needs a `column`"),
        ("count", {"column": "number"}, "does not take a `column`"),
        ("at_index", {}, "needs a `column`"),
        ("at_index", {"column": "kind", "filter": "number = 1"}, "does not take a"),
        ("share", {}, "needs a `filter`"),
        ("count", {"of": "kind = 'a'"}, "only the measure share takes `of`"),
        ("nearby_count", {}, "`nearby` belongs to the nearby measures"),
        ("age", {"column": "born", "windows_days": [30]}, "takes no window"),
        ("days_since_last", {"ago_days": [30]}, "takes no `ago_days`"),
        ("ratio", {"column": "number"}, "`against` belongs to the measure ratio"),
        ("count", {"against": {"window_days": 9}}, "`against` belongs to the measure"),
        ("month", {}, "`months_ahead` belongs to the measure month"),
        ("count", {"months_ahead": [1]}, "`months_ahead` belongs to the measure month"),
        ("month", {"months_ahead": [1], "filter": "number = 1"}, "reads no record"),
    ],
)
def test_a_definition_has_what_its_measure_needs(
    measure: str, more: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        family(measure, **more)


def test_a_filter_of_the_index_event_reads_only_what_was_known_beforehand() -> None:
    later = family("at_index", filter="kind = 'a'")

    [fault] = faults_of(later, contract(), "here")

    assert fault.where == "here: filter"
    assert "the filter names ['kind']" in fault.next

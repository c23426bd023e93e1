"""What an indicator's definition may say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from features.definitions.indicators import faults_of
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

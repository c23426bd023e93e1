"""Records in words."""

from __future__ import annotations

import datetime as dt

from models.definitions.frozen_place import FrozenPlace, ShownColumn
from models.ledger.cases import StoredRecord
from serving.answers.records import record_answer
from tests.serving.made_up_people import place


def _told(value: str) -> str:
    """Return how a cell of a column of dates is told."""
    column = ShownColumn(name="on", meaning="On which day", is_date=True)
    source = place().source_by_name["visits"].model_copy(update={"columns": [column]})
    made = FrozenPlace(
        name="made_up",
        title="Made-up Borough",
        purposes={},
        rules=place().rules,
        sources=[source],
    )
    day = dt.date(2026, 10, 1)
    record = StoredRecord(1, 1, "visits", day, day, {"on": value})
    [field] = record_answer(made, record, 1.0).fields
    return field.value


def test_a_date_is_told_in_words():
    assert _told("2026-03-08") == "8 March 2026"


def test_what_was_no_date_when_it_was_written_is_told_as_it_stands():
    assert _told("in spring") == "in spring"

"""Records in words, by what the frozen place says of their columns."""

from __future__ import annotations

import datetime as dt

from models.definitions.frozen_place import FrozenPlace, ShownColumn
from models.ledger.cases import StoredRecord
from models.shown.wording import singular
from serving.local_time import dated
from serving.schemas.records import FieldAnswer, RecordAnswer


Cell = str | int | float | bool | None


def record_answer(
    place: FrozenPlace, record: StoredRecord, link: float
) -> RecordAnswer:
    """Return a record as it is shown.

    Args:
        place: Says what its columns and codes mean.
        record: The record.
        link: The probability that it is about this person.
    """
    source = place.source_by_name[record.source]
    shown = [
        (column, value)
        for column in source.columns
        if (value := record.content.get(column.name)) is not None
    ]
    return RecordAnswer(
        record=f"{record.record_id}-{record.load}",
        source=source.title,
        source_name=source.name,
        partner=source.partner_name,
        event_date=record.event_date,
        known_date=record.known_date,
        link=link,
        content={column.name: value for column, value in shown},
        fields=[
            FieldAnswer(
                label=column.meaning,
                value=_spoken(column, value),
                is_first=column.is_first,
            )
            for column, value in shown
        ],
    )


def _spoken(column: ShownColumn, value: Cell) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.is_date and (day := _day(value)):
        return dated(day)
    said = column.values.get(str(value), str(value))
    unit = singular(column.unit) if value == 1 else column.unit
    return f"{said} {unit}".strip()


def _day(value: Cell) -> dt.date | None:
    """Return a date; of a time when the column held something else, None."""
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        return None

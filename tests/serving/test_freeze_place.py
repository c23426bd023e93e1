from __future__ import annotations

from pathlib import Path

from features.definitions.place import read_place
from serving.freeze_place import freeze_place


AVONMERE = Path(__file__).parents[2] / "places" / "avonmere"


def test_a_number_that_a_check_digit_vouches_for_is_one_to_be_found_by():
    place, faults = read_place(AVONMERE)

    assert faults == []
    assert freeze_place(place, {}).identifiers == {"nhs_number": "NHS number"}


def test_the_columns_that_make_a_records_one_line_are_marked_and_some_never_shown():
    place, _ = read_place(AVONMERE)

    columns = freeze_place(place, {}).source_by_name["gp_events"].columns

    first = [column.name for column in columns if column.is_first]
    assert first == ["event", "condition", "frailty_score"]
    names = {column.name for column in columns}
    # A number of no use to a worker, and the day that stands beside the record.
    assert names.isdisjoint({"event_id", "practice_code", "happened_on", "recorded_on"})


def test_a_shown_label_fits_every_record_that_it_stands_on():
    place, _ = read_place(AVONMERE)

    labels = [
        column.meaning
        for source in freeze_place(place, {}).sources
        for column in source.columns
    ]

    # Such as "What was asked for, for a repair": a value stands on repairs alone.
    assert [label for label in labels if {",", ";", "."} & set(label)] == []
    assert max(map(len, labels)) <= 60


def test_why_a_record_is_restricted_is_never_shown():
    place, _ = read_place(AVONMERE)

    for source in freeze_place(place, {}).sources:
        assert "restriction" not in {column.name for column in source.columns}

from __future__ import annotations

from pathlib import Path

from features.definitions.place import read_place
from serving.freeze_place import freeze_place


AVONMERE = Path(__file__).parents[2] / "places" / "avonmere"


def test_a_number_that_a_check_digit_vouches_for_is_one_to_be_found_by():
    place, faults = read_place(AVONMERE)

    assert faults == []
    assert freeze_place(place, {}).identifiers == {"nhs_number": "NHS number"}

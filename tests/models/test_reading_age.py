"""What caseworkers and the people themselves read must be plain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from features.definitions.place import Place, read_place
from models.definitions.freezing import frozen_indicator
from models.shown.wording import sentence
from tests.training.reading import GRADE_OF_TWELVE, grade


PLACES = sorted(p for p in (Path(__file__).parents[2] / "places").iterdir())


def sentences(place: Place) -> Iterator[str]:
    """Yield what is said of every indicator, of some, none and a missing value."""
    for indicator in place.indicators.values():
        shown = frozen_indicator(indicator, place)
        known = list(shown.categories) or [3.0, 0.0]
        yield from (sentence(shown, value) for value in [*known, None])


@pytest.mark.parametrize("folder", PLACES, ids=lambda folder: folder.name)
def test_a_reader_of_twelve_can_read_every_sentence_of_a_shipped_place(folder: Path):
    place, faults = read_place(folder)

    assert place is not None, faults
    assert {s: grade(s) for s in sentences(place) if grade(s) > GRADE_OF_TWELVE} == {}


def test_a_sentence_for_experts_would_be_found():
    hard = "Multidisciplinary consideration of deteriorating functional capability"

    assert grade(hard) > GRADE_OF_TWELVE

from __future__ import annotations

import pytest

from features.faults import Misuse
from serving.given import read_values
from tests.made_up_score import bundle


def test_values_are_read_as_the_model_takes_them():
    given = {
        "visits_365d": 3,
        "fell": True,
        "tenure": "owned",
        "visits_at_address": None,
    }

    assert read_values(bundle(), given) == {
        "visits_365d": 3,
        "fell": 1.0,
        "tenure": "owned",
        "visits_at_address": None,
    }


def test_every_unknown_indicator_is_named_with_what_there_is():
    with pytest.raises(Misuse) as misuse:
        read_values(bundle(), {"visit": 1.0, "tenure": "owned", "shoe_size": 44.0})

    faults = misuse.value.faults
    assert [f.where for f in faults] == ["body.values.shoe_size", "body.values.visit"]
    assert "visits_365d, days_since_last_visit, tenure" in faults[0].next


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("visits_365d", "3"),
        ("visits_365d", True),
        ("tenure", 1.0),
        ("tenure", False),
        ("fell", "yes"),
        ("fell", 2.0),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_and_not_quoted(name, value):
    with pytest.raises(Misuse) as misuse:
        read_values(bundle(), {name: value})

    (fault,) = misuse.value.faults
    assert (fault.where, fault.got) == (f"body.values.{name}", "another type")

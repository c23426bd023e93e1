from __future__ import annotations

import pytest

from models.definitions.states import State


def test_there_are_exactly_nine_states_without_a_score():
    assert [state.value for state in State] == [
        "not enough data",
        "stale source",
        "link uncertain",
        "objected",
        "restricted",
        "paused",
        "not in the cohort",
        "died",
        "moved away",
    ]


@pytest.mark.parametrize("state", State)
def test_every_state_says_what_it_means_and_what_to_do(state):
    assert state.sentence.endswith(".")
    assert state.next_step.endswith(".")

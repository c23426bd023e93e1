from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.faults import Refusal
from tests.training.made_up_cases import cases, score
from training.judging.splits import fold_of, later_and_new, split_by_date


def test_every_fitted_window_and_its_recording_lag_close_before_the_judged_date():
    # 90 days of horizon and 30 of lag: 2024-03-03 + 120 days = 2024-07-01.
    dates = ["2024-03-03", "2024-03-03", "2024-03-04", "2024-07-01", "2024-07-01"]
    rows = cases(dates, [1, 0, 1, 1, 0], ["a", "b", "c", "d", "e"])

    split = split_by_date(rows, score(first=dt.date(2024, 7, 1)))

    assert split.fitted.tolist() == [True, True, False, False, False]
    assert split.judged.tolist() == [False, False, False, True, True]
    assert split.left_out == 1


def test_a_lag_that_was_measured_holds_back_more_than_the_declared_one():
    # 90 days of horizon and 40 of lag: 2024-02-22 + 130 days = 2024-07-01.
    dates = ["2024-02-22", "2024-02-22", "2024-03-03", "2024-07-01", "2024-07-01"]
    rows = cases(dates, [1, 0, 1, 1, 0], list("abcde"), lag_days=40)

    split = split_by_date(rows, score(first=dt.date(2024, 7, 1)))

    assert split.fitted.tolist() == [True, True, False, False, False]


def test_nothing_after_the_judged_period_is_judged():
    dates = ["2024-01-01", "2024-01-01", "2024-07-01", "2024-07-01", "2024-08-01"]
    rows = cases(dates, [1, 0, 1, 0, 1], list("abcde"))
    definition = score(first=dt.date(2024, 7, 1), last=dt.date(2024, 7, 31))

    split = split_by_date(rows, definition)

    assert split.judged.tolist() == [False, False, True, True, False]


def test_a_side_without_outcomes_is_refused_and_named():
    rows = cases(["2024-01-01", "2024-01-01", "2024-07-01"], [0, 0, 1], list("abc"))

    with pytest.raises(Refusal) as refused:
        split_by_date(rows, score(first=dt.date(2024, 7, 1)))

    named = [fault.what for fault in refused.value.faults]
    assert len(named) == 2
    assert any("the fitted rows" in what for what in named)
    assert any("the judged rows" in what for what in named)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=200))
def test_a_linked_group_is_in_one_fold_on_all_its_dates(groups: list[int]):
    rows = cases(
        ["2024-01-01"] * len(groups), [0] * len(groups), [f"g{g}" for g in groups]
    )

    folds = fold_of(rows)

    for group in set(groups):
        assert len(set(folds[np.array(groups) == group])) == 1


def test_later_and_new_judges_each_row_once_and_never_a_group_it_fitted_on():
    dates = ["2024-01-01"] * 60 + ["2024-07-01"] * 60
    groups = [f"home-{n % 40}" for n in range(120)]
    rows = cases(dates, [n % 2 for n in range(120)], groups)
    whole = split_by_date(rows, score(first=dt.date(2024, 7, 1)))

    parts = list(later_and_new(rows, whole))

    judged = np.sum([part.judged for part in parts], axis=0)
    assert (judged == whole.judged).all()
    for part in parts:
        fitted_on = set(rows.linked_group[part.fitted])
        assert not fitted_on & set(rows.linked_group[part.judged])


def test_who_moves_home_is_not_new_in_the_other_home():
    dates = ["2024-01-01"] * 60 + ["2024-07-01"] * 60
    homes = [f"home-{n}" for n in range(60)] + [f"new-home-{n}" for n in range(60)]
    people = np.array([f"p{n}" for n in range(60)] * 2, dtype=object)
    plain = cases(dates, [n % 2 for n in range(120)], homes)
    rows = replace(plain, entity=people)
    whole = split_by_date(rows, score(first=dt.date(2024, 7, 1)))

    for part in later_and_new(rows, whole):
        assert not set(people[part.fitted]) & set(people[part.judged])

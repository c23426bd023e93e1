from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from monitoring.fairness import selection_rates


def cases(*groups: tuple[str | None, int, int]) -> pd.DataFrame:
    """Return cases of groups: name, people, and how many of them are selected."""
    rows = [
        (f"{name}-{number}", name, number < selected)
        for name, people, selected in groups
        for number in range(people)
    ]
    return pd.DataFrame(rows, columns=["entity_id", "sex", "is_selected"])


def rates(*groups, threshold=7):
    return selection_rates(cases(*groups), attribute="sex", threshold=threshold)


def test_each_group_has_its_rate_with_wilsons_interval():
    women, men = rates(("women", 200, 30), ("men", 100, 10)).groups[::-1]

    assert (women.people, women.cases, women.selected) == (200, 200, 30)
    assert women.rate == 0.15
    assert men.rate == 0.1
    # Wilson's interval of 10 of 100 at 95 %: .0552 to .1744.
    assert (men.low, men.high) == pytest.approx((0.0552, 0.1744), abs=5e-5)


@pytest.mark.parametrize(("people", "is_shown"), [(1, False), (7, False), (8, True)])
def test_a_group_of_one_to_seven_people_is_not_shown(people, is_shown):
    small = rates(("women", 100, 10), ("x", people, 1)).groups[1]

    assert (small.rate is not None) == is_shown
    assert (small.reason is None) == is_shown
    if not is_shown:
        assert small.reason == "too few"
        assert {small.people, small.cases, small.selected, small.low} == {None}


def test_people_are_counted_once_however_many_rows_they_have():
    seven_people = pd.concat([cases(("women", 7, 1))] * 10)

    [women] = selection_rates(seven_people, attribute="sex", threshold=7).groups

    assert women.reason == "too few"


def test_the_places_own_threshold_counts():
    [women] = rates(("women", 20, 5), threshold=20).groups

    assert women.reason == "too few"


def test_those_without_the_attribute_are_a_group():
    assert rates((None, 20, 5)).groups[0].group == "not recorded"


def test_a_wide_gap_is_named_with_both_groups():
    gap = rates(("women", 500, 100), ("men", 500, 25), ("x", 300, 30)).gap

    assert (gap.verdict, gap.highest, gap.lowest) == ("a gap", "women", "men")
    assert gap.difference == pytest.approx(0.15)
    assert 0 < gap.low < 0.15 < gap.high


def test_a_gap_that_chance_could_make_cannot_be_told():
    gap = rates(("women", 60, 9), ("men", 60, 6)).gap

    assert gap.verdict == "cannot tell"
    assert gap.low < 0 < gap.high


def test_with_one_group_shown_no_gap_can_be_told():
    gap = rates(("women", 500, 100), ("men", 5, 5)).gap

    assert (gap.verdict, gap.highest) == ("cannot tell", None)


def test_a_group_that_is_not_shown_makes_no_gap():
    gap = rates(("women", 500, 100), ("men", 500, 95), ("x", 7, 0)).gap

    assert {gap.highest, gap.lowest} == {"women", "men"}


def test_nobody_scored_gives_no_group():
    found = rates()

    assert found.groups == ()
    assert found.gap.verdict == "cannot tell"


def test_the_largest_of_many_gaps_is_judged_with_care_for_having_been_searched_for():
    # Two of these groups by themselves would be a gap: p is about .03.
    two = rates(("a", 200, 20), ("b", 200, 35)).gap
    many = rates(("a", 200, 20), ("b", 200, 35), ("c", 200, 27), ("d", 200, 28)).gap

    assert (two.verdict, many.verdict) == ("a gap", "cannot tell")


def test_equal_groups_are_seldom_said_to_have_a_gap():
    draw = np.random.default_rng(5)
    said = 0
    for _ in range(60):
        selected = stats.binom.rvs(150, 0.1, size=4, random_state=draw)
        found = rates(*((str(n), 150, int(s)) for n, s in enumerate(selected)))
        said += found.gap.verdict == "a gap"

    # At most 5 % are to be expected: 3 of 60, and by chance up to 7.
    assert said <= 7


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40)), min_size=1, max_size=5),
    st.randoms(),
)
def test_the_order_of_rows_changes_nothing_and_rates_lie_in_their_intervals(
    sizes, random
):
    table = cases(*((str(n), p, min(s, p)) for n, (p, s) in enumerate(sizes)))
    order = random.sample(range(len(table)), len(table))

    found = selection_rates(table, attribute="sex", threshold=7)

    shuffled = table.iloc[order].reset_index(drop=True)
    assert found == selection_rates(shuffled, attribute="sex", threshold=7)
    for group in found.groups:
        assert group.rate is None or 0 <= group.low <= group.rate <= group.high <= 1

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from serving.desk.small_counts import (
    Count,
    Split,
    share_answer,
    told_counts,
    told_shares,
)


FEW = 7


def equal(people: int) -> Count:
    return Count(people, people)


COUNTS = st.builds(equal, st.integers(0, 30))
SPLITS = st.builds(Split, COUNTS, COUNTS, st.tuples(COUNTS, COUNTS))


def told(*people: int) -> list[int | None]:
    counts = {number: equal(one) for number, one in enumerate(people)}
    return list(told_counts(counts, FEW).values())


def test_none_and_many_are_told_and_a_few_are_not():
    assert told(0, 8, 7, 1, 0) == [0, 8, None, None, 0]


def test_a_single_small_count_takes_the_next_smallest_with_it():
    assert told(3, 40, 9) == [None, 40, None]


def test_two_small_counts_that_are_few_together_take_another_with_them():
    assert told(3, 2, 40) == [None, None, None]


def test_what_happened_often_to_few_is_not_told():
    often = {"a": Count(100, 2), "b": Count(20, 20), "c": Count(9, 9)}

    assert told_counts(often, FEW) == {"a": None, "b": 20, "c": None}


@given(st.dictionaries(st.integers(0, 9), COUNTS))
def test_nothing_small_is_told_or_left_over_by_subtraction(counts):
    told = told_counts(counts, FEW)

    hidden = sum(counts[k].people for k, count in told.items() if count is None)
    others = [k for k, count in told.items() if count]
    assert all(counts[k].people > FEW for k in others)
    assert hidden == 0 or hidden > FEW or not others


@given(st.dictionaries(st.integers(0, 9), SPLITS))
def test_neither_side_of_a_share_is_small_or_left_over_by_subtraction(splits):
    told = told_shares(splits, FEW)

    shown = {k for k, split in told.items() if split}
    for side in range(4):
        counts = {k: split.sides[side].people for k, split in splits.items()}
        hidden = sum(count for k, count in counts.items() if k not in shown)
        assert all(
            count == 0 or count > FEW for k, count in counts.items() if k in shown
        )
        assert hidden == 0 or hidden > FEW or not shown


def test_a_share_stands_in_its_interval():
    share = share_answer(Split(equal(10), equal(30)))

    assert share is not None
    assert share.low < share.share == 0.25 < share.high


def test_there_is_no_share_of_nothing():
    assert share_answer(Split(equal(0), equal(0))) is None

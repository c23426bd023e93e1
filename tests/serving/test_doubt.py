"""Doubt in links, carried through: ranges, bands, reasons, and what is withheld."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.definitions.states import State
from models.shown.wording import reasons
from serving.doubt import top_reasons
from serving.scoring import score_cohort
from tests.made_up_score import MODEL, PEOPLE, TODAY, bundle, cohort
from tests.serving.doubted import ABSENT, AS_LINKED, NAMES, WITHHOLDS, drawn


HIGH = PEOPLE["p05"]


def given_to(person, draws, promoted=None):
    promoted = promoted or bundle()
    rows = score_cohort(promoted, cohort(), on=TODAY, drawn=draws)
    return next(row for row in rows if row.entity_id == person)


def doubt_of(person, draws):
    return given_to(person, draws).given.case_file.doubt


def log_odds_of(person):
    row = dict(zip(NAMES, person, strict=True))
    return MODEL.log_odds_of(row)


def test_a_range_leaves_out_one_draw_in_twenty_at_each_end():
    ladder = [(float(n), 40.0, "rented", 0.0, 0.0) for n in (0, 1, 9)]

    # Of 40 draws the least two and the greatest two are left out.
    wide = drawn([0] * 3 + [1] * 34 + [2] * 3, *ladder, row=1)
    narrow = drawn([0] * 2 + [1] * 36 + [2] * 2, *ladder, row=1)

    ends = log_odds_of(ladder[0]), log_odds_of(ladder[2])
    assert doubt_of("p02", wide).log_odds == ends
    # p02 scores between the first two, and a range holds the score that it is of.
    ends = log_odds_of(PEOPLE["p02"]), log_odds_of(ladder[1])
    assert doubt_of("p02", narrow).log_odds == ends


def test_a_score_that_no_draw_moves_has_itself_for_a_range():
    found = doubt_of("p02", drawn([AS_LINKED] * 20))

    score = log_odds_of(PEOPLE["p02"])
    assert found.log_odds == (score, score)
    assert (found.rank_share, found.bands) == ((0.2, 0.2), ["others"])
    assert (found.draws, found.unscored, found.survival) == (20, 0.0, {})


@given(st.integers(20, 60))
def test_draws_that_give_the_same_values_leave_the_range_a_point(draws):
    found = doubt_of("p01", drawn([0] * draws, PEOPLE["p01"]))

    score = log_odds_of(PEOPLE["p01"])
    assert found.log_odds == (score, score)
    assert set(found.survival.values()) <= {1.0}
    assert found.rank_share == (0.0, 0.0)


def test_the_ranks_of_a_range_are_among_the_others_scores_as_they_are():
    found = doubt_of("p01", drawn([0] * 10 + [AS_LINKED] * 10, HIGH))

    # As p05 it would score higher than p02, p03 and p04: three of five.
    assert found.rank_share == (0.0, 0.6)
    assert found.bands == ["others"]


def test_a_range_that_reaches_another_band_names_both():
    # 9 visits, none lately: less than p05, who then scores higher than p01 to p04.
    higher = (9.0, 3.0, "rented", 1.0, 9.0)
    found = doubt_of("p04", drawn([0] * 4 + [AS_LINKED] * 16, higher, row=3))

    assert found.bands == ["others"]
    found = doubt_of("p05", drawn([0] * 4 + [AS_LINKED] * 16, PEOPLE["p01"], row=4))
    assert found.bands == ["others", "most"]


def test_a_place_may_withhold_a_score_whose_range_crosses_a_bands_edge():
    draws = drawn([0] * 4 + [AS_LINKED] * 16, PEOPLE["p01"], row=4)

    row = given_to("p05", draws, WITHHOLDS)

    assert row.given is State.LINK_UNCERTAIN
    assert row.withheld.bands == ["others", "most"]
    assert row.withheld.draws == 20
    assert given_to("p05", draws).withheld is None


def test_what_is_withheld_says_nothing_of_the_score():
    draws = drawn([0] * 4 + [AS_LINKED] * 16, PEOPLE["p01"], row=4)

    told = given_to("p05", draws, WITHHOLDS).withheld.model_dump()

    assert set(told) == {"draws", "bands", "unscored", "lowest_link", "unseen"}


def test_a_range_within_a_band_is_given_wherever_the_place_withholds():
    row = given_to("p01", drawn([0] * 20, PEOPLE["p02"]), WITHHOLDS)

    assert row.given.case_file.doubt.bands == ["others"]


def test_draws_without_a_score_are_counted_and_one_in_twenty_is_borne():
    absent = drawn([ABSENT] + [AS_LINKED] * 19)
    died = drawn([0] * 2 + [AS_LINKED] * 18, HIGH, stated=[0])

    assert doubt_of("p01", absent).unscored == pytest.approx(0.05)
    assert given_to("p01", absent, WITHHOLDS).withheld is None
    assert doubt_of("p01", died).log_odds == (log_odds_of(PEOPLE["p01"]),) * 2
    assert given_to("p01", died, WITHHOLDS).withheld.unscored == pytest.approx(0.1)


def test_a_category_that_training_never_saw_has_no_score_in_a_draw():
    houseboat = (1.0, 3.0, "a houseboat", 0.0, 0.0)

    found = doubt_of("p01", drawn([0] * 5 + [AS_LINKED] * 15, houseboat))

    assert found.unscored == pytest.approx(0.25)


def test_a_reason_survives_where_it_is_still_a_top_one_in_the_same_direction():
    # No fall in 5 draws of 20: `fell` then lowers the score.
    other = (9.0, 3.0, "rented", 0.0, 2.0)
    found = doubt_of("p05", drawn([0] * 5 + [AS_LINKED] * 15, other, row=4))

    assert found.survival == {"fell": pytest.approx(0.75)}


def test_a_withheld_score_keeps_its_place_in_the_others_ranks():
    draws = drawn([0] * 4 + [AS_LINKED] * 16, PEOPLE["p01"], row=4)

    row = given_to("p04", replace(draws), WITHHOLDS)

    assert row.given.case_file.ranked_among == 5


parts = st.lists(
    st.lists(
        st.sampled_from([-0.7, -0.2, -0.1, 0.0, 0.1, 0.4]), min_size=5, max_size=5
    ),
    min_size=1,
    max_size=6,
)


@given(parts)
def test_top_reasons_of_many_rows_are_those_that_wording_tells_of_each(rows):
    values = dict.fromkeys(NAMES, 1.0) | {"tenure": "owned"}
    found = top_reasons(np.array(rows), NAMES)
    for row, signs in zip(rows, found.tolist(), strict=True):
        up, down = reasons(bundle(), values, dict(zip(NAMES, row, strict=True)))
        told = {one.indicator: 1 for one in up} | {one.indicator: -1 for one in down}
        assert dict(zip(NAMES, signs, strict=True)) == {
            name: told.get(name, 0) for name in NAMES
        }

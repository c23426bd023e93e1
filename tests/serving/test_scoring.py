from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.faults import Refusal
from models.definitions.states import State
from models.ledger.cases import Evidence, Scored
from serving.answers.doubt import why_withheld
from serving.scoring import CohortValues, score_cohort, score_values, state_of
from tests.made_up_score import (
    AS_OF,
    MODEL,
    PEOPLE,
    STATED,
    TODAY,
    bundle,
    cohort,
    whole_cohort,
)


PROMOTED = bundle()
EXPIRED = dt.date(2027, 1, 1)
NEW_HOME = (1.0, 3.0, "a houseboat", 0.0, 0.0)

person = st.tuples(
    st.one_of(st.just(np.nan), st.floats(0, 50)),
    st.one_of(st.just(np.nan), st.floats(0, 5_000)),
    st.sampled_from(["owned", "rented", None, "a houseboat"]),
    st.sampled_from([0.0, 1.0, np.nan]),
    st.one_of(st.just(np.nan), st.integers(0, 9).map(float)),
)
people = st.lists(person, min_size=1, max_size=20).map(
    lambda rows: {f"p{n:02}": row for n, row in enumerate(rows)}
)


def _by_entity(rows):
    return {row.entity_id: row.given for row in rows}


def test_a_score_is_the_base_and_the_contributions():
    given = _by_entity(score_cohort(PROMOTED, cohort(), on=TODAY))["p05"]

    # visits 9, last 3 days ago, rented, fell, 2 at the address
    assert given.case_file.contributions == {
        "visits_365d": 0.9,
        "days_since_last_visit": 0.4,
        "tenure": 0.3,
        "fell": 0.7,
        "visits_at_address": 0.2,
    }
    assert given.log_odds == pytest.approx(-2 + 0.9 + 0.4 + 0.3 + 0.7 + 0.2)
    assert given.probability == pytest.approx(1 / (1 + np.exp(-given.log_odds)))


@given(people)
def test_base_and_contributions_add_up_to_the_log_odds(everyone):
    for row in score_cohort(PROMOTED, cohort(everyone), on=TODAY):
        if isinstance(row.given, Scored):
            parts = row.given.case_file.contributions.values()
            assert abs(MODEL.base + sum(parts) - row.given.log_odds) <= 1e-9


@given(people)
def test_scoring_one_by_one_gives_the_same_as_scoring_all(everyone):
    rows = score_cohort(PROMOTED, cohort(everyone), on=TODAY)

    names = [term.name for term in MODEL.terms]
    for row in rows:
        alone = score_values(
            PROMOTED, dict(zip(names, everyone[row.entity_id], strict=True))
        )
        if isinstance(row.given, Scored):
            assert alone.log_odds == row.given.log_odds
            assert alone.case_file.contributions == row.given.case_file.contributions
        else:
            assert alone is row.given


@given(people, st.randoms())
def test_the_order_of_the_rows_changes_nothing(everyone, draw):
    names = list(everyone)
    draw.shuffle(names)
    shuffled = {name: everyone[name] for name in names}

    before = score_cohort(PROMOTED, cohort(everyone), on=TODAY)

    assert score_cohort(PROMOTED, cohort(shuffled), on=TODAY) == before


def test_a_rank_is_the_share_of_the_scored_that_score_lower():
    given = _by_entity(score_cohort(PROMOTED, whole_cohort(), on=TODAY))

    # five are scored; p03 and p04 are alike and share a rank
    ranks = [given[name].rank_share for name in PEOPLE]
    assert ranks == [0.0, 0.2, 0.4, 0.4, 0.8]
    assert {given[name].case_file.ranked_among for name in PEOPLE} == {5}


def test_a_rank_is_among_those_of_the_same_date():
    both = cohort()
    earlier = AS_OF - dt.timedelta(days=31)
    both = replace(both, as_of=[AS_OF, earlier, AS_OF, earlier, AS_OF])

    rows = score_cohort(PROMOTED, both, on=TODAY)

    # p02 and p05 are the highest of their dates
    assert [row.entity_id for row in rows] == ["p02", "p04", "p01", "p03", "p05"]
    assert [row.given.rank_share for row in rows] == [0, 1 / 2, 0, 1 / 3, 2 / 3]


def test_the_band_follows_the_rank():
    given = _by_entity(score_cohort(PROMOTED, cohort(), on=TODAY))

    assert given["p05"].band == "most"
    assert given["p04"].band == "others"


@pytest.mark.parametrize(("entity", "state"), STATED.items())
def test_a_state_that_the_snapshot_names_stands_for_the_score(entity, state):
    given = _by_entity(score_cohort(PROMOTED, whole_cohort(), on=TODAY))

    assert given[entity] is state


def test_a_category_that_training_never_saw_is_not_enough_data():
    given = _by_entity(score_cohort(PROMOTED, whole_cohort(), on=TODAY))

    assert given["u01"] is State.NOT_ENOUGH_DATA


def test_someone_of_whom_nothing_is_known_is_not_given_the_average():
    given = _by_entity(score_cohort(PROMOTED, whole_cohort(), on=TODAY))

    assert given["u02"] is State.NOT_ENOUGH_DATA


def test_a_stale_source_leaves_nobody_a_score():
    rows = score_cohort(PROMOTED, whole_cohort(), on=TODAY, stale=frozenset({"visits"}))

    given = _by_entity(rows)
    assert given["p01"] is State.STALE_SOURCE
    assert given["s05"] is State.DIED


def test_a_stale_source_that_the_score_does_not_use_is_of_no_account():
    rows = score_cohort(PROMOTED, cohort(), on=TODAY, stale=frozenset({"weather"}))

    assert all(isinstance(row.given, Scored) for row in rows)


def test_an_expired_approval_leaves_nobody_a_score_or_another_state():
    rows = score_cohort(PROMOTED, whole_cohort(), on=EXPIRED)

    assert {row.given for row in rows} == {State.PAUSED}


def test_a_score_that_was_given_is_paused_from_the_day_an_approval_has_ended():
    (row, *_) = score_cohort(PROMOTED, cohort(), on=TODAY)

    none = frozenset()
    assert state_of(PROMOTED, row.given, on=TODAY, stale=none) is None
    assert state_of(PROMOTED, row.given, on=EXPIRED, stale=none) is State.PAUSED
    assert state_of(PROMOTED, State.DIED, on=EXPIRED, stale=none) is State.PAUSED


def test_evidence_goes_with_its_row():
    behind = Evidence(records=[(7, 1)], total=1, latest_event=AS_OF)
    evidence = {"fell": [None, behind, None, None, None]}

    given = _by_entity(score_cohort(PROMOTED, cohort(evidence=evidence), on=TODAY))

    assert given["p02"].case_file.evidence == {"fell": behind}
    assert given["p01"].case_file.evidence == {}


def test_values_are_kept_as_they_were_and_missing_ones_as_missing():
    given = _by_entity(score_cohort(PROMOTED, cohort(), on=TODAY))

    assert given["p01"].case_file.values == {
        "visits_365d": 0.0,
        "days_since_last_visit": None,
        "tenure": "owned",
        "fell": 0.0,
        "visits_at_address": 0.0,
    }


def test_events_of_one_day_are_told_apart():
    two = cohort({"p01": PEOPLE["p01"], "again": PEOPLE["p02"]})
    two = replace(two, entity_ids=["p01", "p01"], index_records=[12, 9])

    rows = score_cohort(PROMOTED, two, on=TODAY)

    assert [row.index_record for row in rows] == [9, 12]


def test_columns_of_different_lengths_and_doubled_rows_are_refused_at_once():
    wrong = replace(cohort(), states=[None], entity_ids=["p01"] * 5)

    with pytest.raises(Refusal) as refusal:
        score_cohort(PROMOTED, wrong, on=TODAY)

    assert [fault.where for fault in refusal.value.faults] == [
        "cohort: rows",
        "cohort: states",
    ]


def test_a_column_that_is_missing_is_refused_by_name():
    values = {n: c for n, c in cohort().values.items() if n != "fell"}

    with pytest.raises(Refusal, match="fell"):
        score_cohort(PROMOTED, replace(cohort(), values=values), on=TODAY)


def test_a_cohort_of_nobody_gives_no_rows():
    nobody = CohortValues(
        entity_ids=[],
        as_of=[],
        index_records=[],
        states=[],
        values={term.name: np.array([]) for term in MODEL.terms},
        evidence={},
    )

    assert score_cohort(PROMOTED, nobody, on=TODAY) == []


def test_many_people_are_scored_in_the_order_of_the_batch():
    draw = random.Random(4)
    everyone = {f"p{n:03}": draw.choice(list(PEOPLE.values())) for n in range(300)}

    rows = score_cohort(PROMOTED, cohort(everyone), on=TODAY)

    assert [row.entity_id for row in rows] == sorted(everyone)
    bands = [row.given.band for row in rows]
    # ties share the lower rank, so the highest fifth holds at most a fifth
    assert bands.count("most") <= 60


def test_a_category_never_seen_is_a_state_that_names_the_indicator_and_no_value():
    rows = score_cohort(PROMOTED, cohort({"p1": NEW_HOME}), on=TODAY)

    (row,) = rows
    because = why_withheld(PROMOTED, row.given, row.withheld)
    assert row.given is State.NOT_ENOUGH_DATA
    assert row.withheld.unseen == ["tenure"]
    assert because.endswith("with this entry: Whether the home is owned.")
    assert "houseboat" not in because


def test_a_row_without_any_value_has_too_little_data_and_nothing_more_to_say():
    nothing = (np.nan, np.nan, None, np.nan, np.nan)

    (row,) = score_cohort(PROMOTED, cohort({"p1": nothing}), on=TODAY)

    assert (row.given, row.withheld) == (State.NOT_ENOUGH_DATA, None)

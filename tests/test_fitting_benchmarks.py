"""The benchmarks of fitting and of causes, on towns and tables that are small."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from benchmarks import causes, fitting_tables, planted, town_runs
from features.definitions.place import read_place
from features.town import write_town
from models.definitions.score_files import read_scores
from models.families.inputs import read_training
from models.tables.table import TableModel
from models.tables.terms import Steps
from tests.training.made_up_cases import cases


AVONMERE = Path(__file__).parents[1] / "places" / "avonmere"
ONLY_FOR_THE_COHORT = {"has_died", "has_moved", "residence"}
ONLY_FOR_THE_COHORT |= {"days_since_long_term_support", "days_since_support_ended"}


@pytest.fixture(scope="module")
def avonmere():
    found, faults = read_place(AVONMERE)
    assert found, faults
    return found


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_town(tmp_path_factory.mktemp("causes"), people=300, seed=1).truth


def test_of_every_indicator_it_is_said_which_cause_it_tells_of(avonmere):
    scores, _ = read_scores(avonmere)

    assert causes.unmapped(scores["long_term_care"], avonmere) == []
    families = {each.family.name for each in avonmere.indicators.values()}
    known = {name for cause in planted.CAUSES for name in cause.indicators}
    assert families - ONLY_FOR_THE_COHORT == known | {*planted.OF_NO_CAUSE}


def test_every_cause_stands_in_the_truth(truth):
    told = {cause for cause, _ in planted.strengths(truth)}

    means = {f"deprivation fifth {n}" for n in range(1, 6)}
    assert {each.told for each in planted.CAUSES} - {"means"} | means <= told


def test_what_is_common_and_strong_moves_people_most(truth):
    moves = planted.moved(truth, 300, 1, dt.date(2024, 4, 1))

    assert moves["frailty"] > moves["age"] > moves["admission"] > moves["fall"] > 0
    assert moves["means"] > moves["fall"]
    assert moves["police_notices"] == moves["rent_arrears"] == 0


@pytest.mark.parametrize(
    ("told", "agreement"),
    [
        ({"age": 3.0, "falls": 2.0, "police": 0.0}, 1.0),
        ({"age": 0.0, "falls": 2.0, "police": 3.0}, -1.0),
        ({"age": 2.0, "falls": 3.0, "police": 0.0}, 0.5),
    ],
)
def test_agreement_is_that_of_the_ranks(told, agreement):
    truth = {"age": 9.0, "falls": 1.0, "police": 0.0}

    assert causes.rank_agreement(truth, told) == agreement


def test_reasons_of_one_cause_count_together(avonmere):
    asked = cases(["2024-04-01"] * 2, [0, 1], ["a", "b"])
    table = asked.table.drop(columns=list(asked.table.columns))
    table = table.assign(care_requests_365d=[0.0, 2.0], previous_reablement=[0.0, 1.0])
    asked = type(asked)(**{**vars(asked), "table": table})
    terms = (
        Steps("care_requests_365d", (1.0,), (-1.0, 1.0), missing=0.0),
        Steps("previous_reablement", (0.5,), (0.5, -0.5), missing=0.0),
    )

    told = causes.Told(asked, avonmere).moves(TableModel("additive", 0.0, terms))

    assert told == {"asked_lately": 0.5}


def test_where_nothing_is_known_of_the_rent_a_gap_tells_of_means(avonmere):
    asked = cases(["2024-04-01"] * 4, [0, 1, 0, 1], list("abcd"))
    table = asked.table.drop(columns=list(asked.table.columns))
    table = table.assign(rent_arrears=[np.nan, np.nan, 0.0, 8.0])
    asked = type(asked)(**{**vars(asked), "table": table})
    terms = (Steps("rent_arrears", (4.0,), (0.2, 0.4), missing=-0.3),)

    told = causes.Told(asked, avonmere).moves(TableModel("additive", 0.0, terms))

    # Owners -.3; tenants .3 on average, and .1 from it either way.
    assert told == pytest.approx({"means": 0.3, "rent_arrears": 0.05})


def test_linked_groups_are_drawn_whole():
    made = fitting_tables.numbers(600, seed=1)
    homes = np.arange(600) // 3
    training = read_training(
        made.rows,
        made.outcome,
        indicators=list(made.rows),
        directions={},
        linked_group=homes,
    )

    drawn = causes.redrawn(training, np.random.default_rng(1))

    sizes = np.bincount(drawn.linked_group)
    assert set(sizes[sizes > 0]) == {3}
    assert drawn.weights.sum() == 600


@pytest.mark.parametrize("name", sorted(fitting_tables.TABLES))
def test_a_table_is_the_same_for_the_same_seed_and_has_gaps(name):
    made = fitting_tables.TABLES[name]
    first, again, other = made(2_000, 1), made(2_000, 1), made(2_000, 2)

    assert first.rows.equals(again.rows)
    assert not first.rows.equals(other.rows)
    assert 0.1 < first.outcome.mean() < 0.4
    assert first.rows.isna().any().any()


def test_a_stage_tells_what_it_took():
    stages = town_runs.Stages()

    with stages.timed("nothing"):
        pass

    ends = ("seconds", "cpu_seconds", "peak_gb")
    assert list(stages.figures) == [f"nothing_{end}" for end in ends]
    assert stages.figures["nothing_peak_gb"] > 0

"""Ten leaks are planted, and each is caught by name; what is clean is let through."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.leaks import PEOPLE, PLANTED, clean_run
from features.definitions.outcomes import Calendar, Cohort, Outcome, SnapshotPlan
from features.faults import Refusal
from features.snapshots.hindsight import ROW_KEYS, values_known_before
from features.snapshots.snapshot import build_snapshot
from models.judging.gates import Gates
from tests.features.small_place import Store, contract, family, place
from training.checks.leaks import Hindsight, encoded, refuse_leaks
from training.checks.shuffles import shuffle_labels, shuffled_labels
from training.judging.splits import later_and_new


RULES = {
    "a count that reads the next date": "leak.future",
    "records written down late": "leak.future",
    "a gap filled later": "leak.future",
    "kin on both sides at one date": "leak.kin",
    "folds by person": "leak.kin",
    "areas by their outcomes": "leak.encoding",
    "selection over all rows": "leak.encoding",
    "a mean of all rows": "leak.encoding",
    "the outcome by another name": "leak.alone",
    "missing tells the outcome": "leak.alone",
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_leak_is_caught_by_its_detector_and_named(name: str):
    leak = PLANTED[name]
    run = leak.plant(clean_run(seed=1))

    with pytest.raises(Refusal) as refused:
        run.refuse()

    named = {fault.rule for fault in refused.value.faults if leak.named in fault.where}
    assert RULES[name] in named


@pytest.mark.parametrize("seed", range(5))
def test_a_clean_run_is_let_through(seed: int):
    assert clean_run(seed=seed).faults == ()


def test_all_leaks_are_told_at_once():
    run = PLANTED["the outcome by another name"].plant(clean_run(seed=2))
    run = PLANTED["folds by person"].plant(run)
    run = PLANTED["a mean of all rows"].plant(run)

    rules = {fault.rule for fault in run.faults}

    assert {"leak.alone", "leak.kin", "leak.encoding"} <= rules


def test_one_who_moves_home_and_is_taken_for_new_is_caught():
    run = clean_run(seed=1)
    people = np.tile(np.arange(PEOPLE), 4).astype(str).astype(object)
    moved = run.split.judged & (np.char.endswith(people.astype(str), "7"))
    group = np.where(moved, "another home", run.cases.linked_group)
    by_home = replace(run.cases, linked_group=group)
    parts = tuple(later_and_new(by_home, run.split))

    known = replace(run, cases=replace(by_home, entity=people), parts=parts)
    mended = replace(known, parts=None)

    assert {fault.rule for fault in known.faults} == {"leak.kin"}
    assert mended.faults == ()


def test_no_message_names_a_linked_group():
    run = PLANTED["folds by person"].plant(clean_run(seed=1))

    assert run.faults
    assert not any("home " in str(fault) for fault in run.faults)


def test_a_fitted_row_whose_outcome_came_too_late_is_refused():
    run = clean_run(seed=1)
    late = run.cases.as_of < np.datetime64("2024-02-01")
    split = replace(run.split, fitted=late & ~run.split.judged | run.split.fitted)
    one = np.flatnonzero(run.split.judged)[:20]
    split.fitted[one] = True
    split.judged[one] = False

    faults = replace(run, split=split).faults

    assert "leak.split" in {fault.rule for fault in faults}


def test_shuffled_labels_show_an_encoding_that_read_the_judged_labels():
    run = PLANTED["areas by their outcomes"].plant(clean_run(seed=3))

    found = shuffle_labels(run.cases, run_parts(run), run.encode, seed=1)

    assert found.is_leaking
    assert found.mean > 0.5
    assert found.suspects == ("area",)


def test_shuffled_labels_show_kin_on_both_sides():
    run = clean_run(seed=3)
    half = np.random.default_rng(1).random(len(run.cases)) < 0.5
    split = replace(run.split, fitted=half, judged=~half)
    _, home = np.unique(run.cases.linked_group, return_inverse=True)
    cases = replace(run.cases, outcome=(home % 5 == 0).astype(float))

    found = shuffle_labels(cases, [split], encoded, seed=1)

    assert found.is_leaking


def test_the_same_seed_shuffles_the_same():
    run = clean_run(seed=4)

    first, second = (
        shuffle_labels(run.cases, run_parts(run), encoded, seed=5) for _ in range(2)
    )

    assert (first.aucs == second.aucs).all()
    assert len(first.aucs) >= 20


def test_a_shuffled_label_is_as_likely_on_every_date():
    run = clean_run(seed=6)
    early = run.cases.as_of < np.datetime64("2024-01-01")
    cases = replace(run.cases, outcome=early.astype(float))

    labels = shuffled_labels(cases, 200, seed=1)

    assert labels[early].mean() == pytest.approx(0.5, abs=0.01)
    assert labels[~early].mean() == pytest.approx(0.5, abs=0.01)


def test_the_auc_allowed_alone_is_declared():
    run = PLANTED["the outcome by another name"].plant(clean_run(seed=1))
    allowed = run.score.model_copy(update={"gates": Gates(greatest_auc_alone=1.0)})

    refuse_leaks(run.cases, run.split, allowed, hindsight=run.hindsight)


def run_parts(run):
    return list(run.parts or later_and_new(run.cases, run.split))


def made_snapshot(folder: Path, known: str):
    """Return a stored snapshot of one person with a visit, and how it was made."""
    visits = contract("visits")
    small = place([visits], [family("count")])
    plan = SnapshotPlan(
        score="score",
        purpose="planning",
        cohort=Cohort(
            entity="person",
            source="visits",
            calendar=Calendar(first=dt.date(2024, 1, 1), every_months=1),
        ),
        outcome=Outcome(
            source="visits",
            filter="kind = 'b'",
            horizon_days=30,
            recording_lag_days=0,
            label="b",
        ),
        indicators=["count"],
        cohort_indicators=[],
        groups=[],
        linked_group=None,
    )
    store = Store(folder).load(
        visits,
        [
            {"record": 1, "person": 1, "on": "2024-01-02", "kind": "a"},
            {
                "record": 2,
                "person": 1,
                "on": "2024-01-20",
                "known": known,
                "kind": "a",
            },
        ],
    )
    day = dt.date(2024, 2, 1)
    entry = build_snapshot(store.warehouse, small, plan, [day], on=dt.date(2024, 6, 1))
    return store.warehouse, small, plan, entry, day


@pytest.mark.parametrize(("known", "count"), [("2024-01-21", 2), ("2024-02-01", 1)])
def test_values_known_before_are_those_of_the_snapshot(tmp_path, known, count):
    import pandas as pd

    warehouse, small, plan, entry, day = made_snapshot(tmp_path, known)

    values = values_known_before(warehouse, small, plan, entry, day, most_rows=10)

    stored = pd.read_parquet(warehouse.path(entry.table))
    assert values["count"].tolist() == [count] == stored["count"].tolist()


def test_a_value_that_counts_what_was_known_later_is_told_of(tmp_path):
    import pandas as pd

    warehouse, small, plan, entry, day = made_snapshot(tmp_path, "2024-02-01")
    known = values_known_before(warehouse, small, plan, entry, day, most_rows=10)
    stored = pd.read_parquet(warehouse.path(entry.table)).assign(count=2)
    run = clean_run(seed=1)
    score = run.score.model_copy(update={"indicators": ["count"]})

    with pytest.raises(Refusal) as refused:
        refuse_leaks(
            run.cases, run.split, score, hindsight=Hindsight(stored, known, ROW_KEYS)
        )

    (fault,) = refused.value.faults
    assert fault.where.endswith("indicators: count")
    assert fault.rule == "leak.future"


def test_a_run_holds_what_it_says():
    assert len(clean_run(seed=1).cases) == 4 * PEOPLE

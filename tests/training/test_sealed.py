"""The sealed date is opened once, for one model that has passed everything before."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.faults import Refusal
from features.store.warehouse import Warehouse
from models.definitions.definition import ScoreDefinition
from models.judging.gates import Gates
from models.registry.registry import Registry, RunRecord
from tests.registries import new_registry
from tests.training.made_up_dates import (
    EARLY,
    FIRST,
    JUDGED,
    PLACE,
    dated_cases,
    dated_score,
)
from tests.training.made_up_store import stored, trained, twice_as_likely
from training.promotion import DID_NOT_PASS, promoted
from training.recalibrate import recalibrate
from training.sealed import SEALED


SCORE = dated_score()
EVALUATION = "evaluation.json"
SECOND, THIRD = (dt.date.fromisoformat(day) for day in JUDGED[1:])


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return new_registry(tmp_path)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    found = Warehouse(tmp_path / "store")
    stored(found, dated_cases(600, seed=11), SCORE)
    return found


def opened(registry: Registry) -> list[dict[str, Any]]:
    return [json.loads(each) for each in registry.results("score", SEALED)]


def rules(refused: pytest.ExceptionInfo[Refusal]) -> set[str]:
    return {fault.rule for fault in refused.value.faults}


def gated(**gates: Any) -> ScoreDefinition:
    return SCORE.model_copy(update={"gates": Gates(least_sample=False, **gates)})


def test_promotion_judges_the_model_on_the_sealed_date_and_keeps_what_it_finds(
    registry: Registry, warehouse: Warehouse
):
    version, model = trained(warehouse, registry, SCORE)

    bundle = promoted(warehouse, PLACE, SCORE, registry, version).bundle

    (found,) = opened(registry)
    assert bundle.version == version
    assert found["first"] == found["last"] == JUDGED[-1]
    assert found["model_sha256"] == model.sha256
    assert found["judged_rows"] == 600
    assert found["later"]["auc"]["low"] > 0.6
    assert found["above_rule"]["precision"]["low"] > 0


def test_the_same_model_is_promoted_again_from_what_was_kept(
    registry: Registry, warehouse: Warehouse
):
    version, _ = trained(warehouse, registry, SCORE)
    first = promoted(warehouse, PLACE, SCORE, registry, version).bundle
    warehouse.path(warehouse.manifest().snapshots[-1].table).unlink()

    again = promoted(warehouse, PLACE, SCORE, registry, version).bundle

    assert again.sha256 == first.sha256
    assert len(opened(registry)) == 1


def test_another_model_may_not_open_the_date_again_and_is_told_what_to_do(
    registry: Registry, warehouse: Warehouse
):
    version, _ = trained(warehouse, registry, SCORE)
    promoted(warehouse, PLACE, SCORE, registry, version)
    other = SCORE.model_copy(update={"seed": 2})
    second, _ = trained(warehouse, registry, other)

    with pytest.raises(Refusal, match="a sealed date is opened once") as refused:
        promoted(warehouse, PLACE, other, registry, second)

    assert rules(refused) == {"gate.sealed"}
    assert "move `last` to it" in str(refused.value)
    assert len(opened(registry)) == 1


def test_gates_that_were_loosened_once_the_date_was_open_are_no_way_round(
    registry: Registry, warehouse: Warehouse
):
    strict, loose = gated(least_lift=1.0), gated(least_lift=0.5)
    version, _ = trained(warehouse, registry, strict)
    promoted(warehouse, PLACE, strict, registry, version)
    again, _ = trained(warehouse, registry, loose)

    with pytest.raises(Refusal) as refused:
        promoted(warehouse, PLACE, loose, registry, again)

    assert rules(refused) == {"gate.sealed"}


def test_an_older_date_than_the_one_opened_is_no_way_round(
    registry: Registry, warehouse: Warehouse
):
    version, _ = trained(warehouse, registry, SCORE)
    promoted(warehouse, PLACE, SCORE, registry, version)
    older = dated_score(last=SECOND)
    again, _ = trained(warehouse, registry, older)

    with pytest.raises(Refusal) as refused:
        promoted(warehouse, PLACE, older, registry, again)

    assert rules(refused) == {"gate.sealed"}


def test_a_model_trained_again_from_the_same_rows_reads_what_was_kept(
    registry: Registry, warehouse: Warehouse
):
    version, model = trained(warehouse, registry, SCORE)
    promoted(warehouse, PLACE, SCORE, registry, version)
    elsewhere = replace(model, facts={**model.facts, "git_commit": "another"})
    texts = {EVALUATION: registry.version("score", version).text(EVALUATION)}
    record = RunRecord("score", texts=texts, model_json=elsewhere.to_json())

    again = promoted(warehouse, PLACE, SCORE, registry, registry.register(record))

    assert again.sealed == opened(registry)[0]
    assert len(opened(registry)) == 1


def test_a_model_that_fails_its_gates_never_opens_the_date(
    registry: Registry, warehouse: Warehouse
):
    strict = gated(least_precision=0.99)
    version, _ = trained(warehouse, registry, strict)

    with pytest.raises(Refusal):
        promoted(warehouse, PLACE, strict, registry, version)

    assert opened(registry) == []


def test_a_model_that_only_did_well_before_is_refused_on_the_sealed_date(
    registry: Registry, tmp_path: Path
):
    cases = dated_cases(600, seed=12)
    sealed = cases.as_of == np.datetime64(JUDGED[-1])
    # On the sealed date the outcome has nothing to do with anything any more.
    cases.outcome[sealed] = np.random.default_rng(1).permutation(cases.outcome[sealed])
    happened = np.where(cases.outcome == 1, "event", "no event").astype(object)
    cases.endings.status[:] = happened
    warehouse, strict = Warehouse(tmp_path / "store"), gated(least_lift=1.5)
    stored(warehouse, cases, strict)
    version, _ = trained(warehouse, registry, strict)

    with pytest.raises(Refusal) as refused:
        promoted(warehouse, PLACE, strict, registry, version)

    (fault,) = refused.value.faults
    assert fault.where.startswith("sealed 2024-09-01, ")
    assert fault.rule == "gate.least_lift"
    assert len(opened(registry)) == 1
    assert len(registry.results("score", DID_NOT_PASS)) == 1


def test_judged_dates_that_were_moved_after_training_are_no_way_round(
    registry: Registry, warehouse: Warehouse
):
    version, _ = trained(warehouse, registry, SCORE)
    moved = dated_score(last=SECOND)

    with pytest.raises(Refusal) as refused:
        promoted(warehouse, PLACE, moved, registry, version)

    assert rules(refused) == {"judgement.changed"}
    assert opened(registry) == []


def test_a_period_of_one_date_is_promoted_on_what_training_saw(
    registry: Registry, warehouse: Warehouse
):
    one = dated_score(last=FIRST)
    version, _ = trained(warehouse, registry, one)

    done = promoted(warehouse, PLACE, one, registry, version)

    assert (done.bundle.version, done.sealed) == (version, None)
    assert opened(registry) == []


def test_a_recalibration_is_another_version_of_the_same_tables(
    registry: Registry, warehouse: Warehouse
):
    until = dated_score(last=THIRD)
    version, model = trained(warehouse, registry, until)
    promoted(warehouse, PLACE, until, registry, version)
    longer = dated_score()
    twice_as_likely(warehouse, longer)

    found = recalibrate(
        warehouse, PLACE, longer, registry, version, on=longer.judgement.first
    )

    assert found.version == version + 1
    assert found.model.terms == model.terms
    assert found.model.facts["recalibrated_from"] == model.sha256
    assert found.calibration.applied.intercept > 0.5
    later = found.evaluation["verdicts"]["additive"]["later"]
    assert later["observed_expected"]["low"] < 1 < later["observed_expected"]["high"]


def test_a_recalibration_has_a_sealed_date_and_an_approval_of_its_own(
    registry: Registry, warehouse: Warehouse
):
    until = dated_score(last=THIRD)
    version, _ = trained(warehouse, registry, until)
    promoted(warehouse, PLACE, until, registry, version)
    longer = dated_score()
    twice_as_likely(warehouse, longer)
    made = recalibrate(warehouse, PLACE, longer, registry, version, on=FIRST)

    bundle = promoted(warehouse, PLACE, longer, registry, made.version).bundle

    assert [each["first"] for each in opened(registry)] == ["2024-11-01", "2024-09-01"]
    assert bundle.version == made.version
    ratio = opened(registry)[0]["later"]["observed_expected"]
    assert ratio["low"] < 1 < ratio["high"]


def test_a_recalibration_needs_a_date_that_the_fit_knew_nothing_of(
    registry: Registry, warehouse: Warehouse
):
    version, _ = trained(warehouse, registry, SCORE)

    with pytest.raises(Refusal, match="a date from 2024-09-01 on was judged"):
        recalibrate(warehouse, PLACE, SCORE, registry, version, on=FIRST)


def test_a_calibration_that_needs_no_change_is_no_new_version(
    registry: Registry, warehouse: Warehouse
):
    until = dated_score(last=THIRD)
    version, model = trained(warehouse, registry, until)
    assert model.envelope is not None
    assert model.envelope.calibration.slope == 1.0
    longer = dated_score()
    dates = (*EARLY, *JUDGED, "2024-10-01", "2024-11-01")
    stored(warehouse, dated_cases(600, seed=11, dates=dates), longer)

    with pytest.raises(Refusal, match="a recalibration changes how"):
        recalibrate(warehouse, PLACE, longer, registry, version, on=FIRST)

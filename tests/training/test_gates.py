"""A model that has not shown what its score asks of it is refused, figure by figure."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from features.faults import Fault
from models.judging.gates import Gates, Necessity, gates_sha256
from tests.training.made_up_cases import cases, score
from training.checks.sample import minimum_sample, sample_of
from training.judging.gates import failed_gates, failed_when_sealed


DAY = dt.date(2024, 7, 1)


def figure(
    value: float | None, low: float | None, high: float | None
) -> dict[str, Any]:
    reason = None if value is not None else "too few"
    return {"value": value, "low": low, "high": high, "reason": reason}


def lost(source: str, low: float) -> dict[str, Any]:
    return {
        "source": source,
        "indicators": [f"{source} count"],
        "metric": "auc",
        "refitted": figure(low + 0.01, low, low + 0.02),
        "neutralised": figure(low + 0.01, low, low + 0.02),
    }


EVALUATION: dict[str, Any] = {
    "verdicts": {
        "additive": {
            "later": {
                "precision": figure(0.3, 0.2, 0.4),
                "lift": figure(3.0, 2.0, 4.0),
                "observed_expected": figure(1.0, 0.8, 1.2),
                "calibration_slope": figure(0.9, 0.7, 1.1),
                "net_benefit": figure(0.02, 0.01, 0.03),
                "net_benefit_above_everyone": figure(0.2, 0.1, 0.3),
            }
        }
    },
    "above_rule": {"precision": figure(0.1, 0.02, 0.2)},
    "groups": {
        "sex": [
            {"group": "F", "true_positive_rate": figure(0.3, 0.2, 0.4)},
            {"group": "M", "true_positive_rate": figure(0.4, 0.3, 0.5)},
            {"group": "X", "true_positive_rate": figure(None, None, None)},
        ]
    },
    "sample": {
        "parameters": 5,
        "groups": 900,
        "groups_with_outcome": 90,
        "needed": 800,
        "needed_with_outcome": 80,
    },
    "sources": [lost("visits", 0.02), lost("notices", -0.01)],
}


def failed(gates: Gates | None, family: str = "additive", **more: Any) -> list[Fault]:
    evaluation = {**EVALUATION, **more.pop("evaluation", {})}
    return list(failed_gates(score(first=DAY, gates=gates, **more), family, evaluation))


def test_a_score_without_gates_has_none_to_fail():
    assert failed(None) == []


@pytest.mark.parametrize(
    ("name", "passes", "fails", "told"),
    [
        ("least_precision", 0.2, 0.21, "0.3 (0.2 to 0.4)"),
        ("least_lift", 2.0, 2.1, "3 (2 to 4)"),
        ("least_precision_above_rule", 0.02, 0.03, "0.1 (0.02 to 0.2)"),
        ("least_observed_expected", 0.8, 0.9, "1 (0.8 to 1.2)"),
        ("greatest_observed_expected", 1.2, 1.1, "1 (0.8 to 1.2)"),
        ("least_calibration_slope", 0.7, 0.75, "0.9 (0.7 to 1.1)"),
        ("greatest_calibration_slope", 1.1, 1.05, "0.9 (0.7 to 1.1)"),
        ("least_net_benefit", 0.01, 0.011, "0.02 (0.01 to 0.03)"),
    ],
)
def test_a_gate_tests_the_worse_end_of_the_interval(
    name: str, passes: float, fails: float, told: str
):
    assert failed(Gates.model_validate({name: passes})) == []

    (fault,) = failed(Gates.model_validate({name: fails}))

    assert name in fault.where
    assert fault.got == told
    assert fault.rule == f"gate.{name}"


def test_net_benefit_must_also_be_above_visiting_everyone():
    later = EVALUATION["verdicts"]["additive"]["later"]
    worse = {**later, "net_benefit_above_everyone": figure(0.0, -0.1, 0.1)}
    found = {"verdicts": {"additive": {"later": worse}}}

    (fault,) = failed(Gates(least_net_benefit=0.0), evaluation=found)

    assert "above visiting everyone" in fault.what
    assert fault.got == "0 (-0.1 to 0.1)"


def test_the_sealed_date_is_tested_by_the_gates_of_judged_cases_alone():
    later = EVALUATION["verdicts"]["additive"]["later"]
    opened = {
        **{"first": "2024-09-01", "last": "2024-09-01", "later": later},
        **{"above_rule": None, "groups": EVALUATION["groups"]},
    }
    gates = Gates(least_lift=2.1, least_sample=True, source_margin=0.5)

    (fault,) = failed_when_sealed(score(first=DAY, gates=gates), opened)

    assert fault.where.startswith("sealed 2024-09-01, scores/score.toml: gates")
    assert fault.rule == "gate.least_lift"


def test_the_gap_of_two_groups_is_tested_at_its_greatest():
    # By Newcombe's method the upper end is .1414 above the gap of .1.
    assert failed(Gates(greatest_gaps={"sex": 0.242})) == []

    (fault,) = failed(Gates(greatest_gaps={"sex": 0.241}))

    assert "greatest_gaps.sex" in fault.where
    assert fault.got.startswith("0.1 (")


def test_what_cannot_be_told_passes_no_gate():
    unknown = figure(None, None, None)
    later = {"precision": unknown, "lift": unknown, "observed_expected": unknown}
    evaluation = {
        "verdicts": {"additive": {"later": later}},
        "above_rule": None,
        "groups": {},
        "sample": None,
    }
    gates = Gates(
        least_lift=1.0,
        least_precision=0.0,
        least_precision_above_rule=-1.0,
        least_observed_expected=0.0,
        greatest_observed_expected=9.0,
        greatest_gaps={"sex": 1.0},
    )

    faults = failed(gates, evaluation=evaluation)

    assert len(faults) == 7
    assert all(fault.got.startswith(("cannot tell", "no count")) for fault in faults)


def test_all_failed_gates_are_told_at_once():
    gates = Gates(least_lift=9.0, least_precision=0.9, source_margin=0.0)

    assert len(failed(gates)) == 3


def test_a_source_that_does_not_earn_its_place_is_named_with_what_to_drop():
    (fault,) = failed(Gates(source_margin=0.0))

    assert fault.where.endswith("source_margin: notices")
    assert "drop notices count" in fault.next
    assert "[necessary.notices]" in fault.next
    assert len(failed(Gates(source_margin=0.02))) == 2


def test_a_source_that_the_board_finds_necessary_is_let_through():
    reason = Necessity(reason="the law asks for it", role="Board", decided_on=DAY)

    assert failed(Gates(source_margin=0.0), necessary={"notices": reason}) == []


def test_what_only_those_who_decide_know_is_no_source_to_drop():
    apart = [lost("not available when deciding", -0.5)]

    assert failed(Gates(source_margin=0.0), evaluation={"sources": apart}) == []


@pytest.mark.parametrize("few", [{"groups": 799}, {"groups_with_outcome": 79}])
def test_too_few_events_are_refused(few: dict[str, int]):
    sample = {**EVALUATION["sample"], **few}

    (fault,) = failed(Gates(), evaluation={"sample": sample})

    assert fault.rule == "gate.least_sample"
    assert "too few events" in fault.got
    assert failed(Gates(least_sample=False), evaluation={"sample": sample}) == []


@pytest.mark.parametrize("family", ["boosted", "unconstrained", "rule"])
@pytest.mark.parametrize("gates", [None, Gates()])
def test_what_only_shows_what_others_cost_is_never_promoted(family, gates):
    verdicts = {family: EVALUATION["verdicts"]["additive"]}

    (fault,) = failed(gates, family, evaluation={"verdicts": verdicts})

    assert fault.rule == "gate.family"


def test_calibration_limits_must_leave_room():
    with pytest.raises(ValidationError, match="must be above the least"):
        Gates(least_observed_expected=1.2, greatest_observed_expected=0.8)


def test_other_gates_have_another_hash():
    hashes = {gates_sha256(g) for g in (None, Gates(), Gates(least_lift=2.0))}

    assert len(hashes) == 3


def test_the_minimum_sample_is_that_of_the_published_steps():
    # Step 3 by hand: greatest R2 = 1 - exp(2 (.1 ln .1 + .9 ln .9)) = .478;
    # 15 % of it is .0717; 10 / (-.1 ln(1 - .0717 / .9)) = 1,205.
    assert minimum_sample(0.1, 10) == pytest.approx(1_205, abs=2)


def test_a_group_on_several_dates_is_counted_once():
    rows = cases(
        ["2024-01-01", "2024-02-01"] * 10, [1, 1] + [0] * 18, list("aabbccddee") * 2
    )

    sample = sample_of(rows)

    assert (sample.groups, sample.groups_with_outcome) == (5, 1)
    assert sample.parameters == 1
    assert not sample.is_enough


def test_an_outcome_that_all_or_none_have_is_never_enough():
    rows = cases(["2024-01-01"] * 8, [1] * 8, list("abcdefgh"))

    assert not sample_of(rows).is_enough
    assert np.isfinite(sample_of(rows).needed)

"""What is held back, and the rule of choice, are declared before the fit."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from models.judging.judgement import Judgement, judgement_sha256
from tests.training.made_up_cases import score


DAY = dt.date(2024, 7, 1)
CHOSEN = Judgement(first=DAY, capacity=10, rule="count", choose="auc")


def test_a_score_that_chooses_its_family_names_none():
    with pytest.raises(ValidationError, match="either `serve` or"):
        score(first=DAY, judgement=CHOSEN, serve="additive")


def test_a_score_may_choose_among_families_without_the_usual_one():
    found = score(first=DAY, judgement=CHOSEN, families=["logistic", "points"])

    assert found.judgement.choose == "auc"


def test_a_score_that_does_not_choose_serves_a_family_that_it_fits():
    with pytest.raises(ValidationError, match="`serve` must be one of"):
        score(first=DAY, families=["logistic"])


def test_practice_is_read_beside_the_model_s_indicators_and_once():
    outside, inside = (
        score(
            first=DAY,
            judgement=Judgement(first=DAY, capacity=9, rule="count", practice=name),
        )
        for name in ("on_list", "count")
    )

    assert outside.plan().indicators == ["count", "on_list"]
    assert outside.indicators == ["count"]
    assert inside.plan().indicators == ["count"]


def test_a_judgement_that_is_changed_has_another_hash():
    later = CHOSEN.model_copy(update={"last": dt.date(2025, 1, 1)})

    assert judgement_sha256(CHOSEN) == judgement_sha256(CHOSEN.model_copy())
    assert judgement_sha256(CHOSEN) != judgement_sha256(later)

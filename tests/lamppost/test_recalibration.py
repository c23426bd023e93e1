"""A served version's probabilities are made right again, as another version."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.definitions.outcomes import Outcome
from features.faults import Misuse
from lamppost.opened import Open
from lamppost.recalibration import recalibrate
from lamppost.settings import read_settings
from models.definitions.definition import ScoreDefinition
from tests.training.made_up_dates import FIRST, PLACE, dated_cases, dated_score
from tests.training.made_up_store import stored, trained, twice_as_likely


def opened_with(score: ScoreDefinition, folder: Path) -> Open:
    (folder / "place").mkdir()
    settings = read_settings(folder / "place", folder / "store")
    return Open(settings, PLACE, {"score": score})


def test_what_is_served_is_recalibrated_and_nothing_is_promoted(tmp_path: Path):
    score = dated_score()
    until = dated_score(last=FIRST)
    opened = opened_with(score, tmp_path)
    stored(opened.warehouse, dated_cases(600, seed=11), until)
    registry = opened.registry()
    version, _ = trained(opened.warehouse, registry, until)
    registry.promote("score", version)
    twice_as_likely(opened.warehouse, score)

    answer = recalibrate(opened, None, None, on=FIRST)

    assert answer["version"] == version + 1
    assert answer["recalibrated from"] == version
    assert answer["sealed"].startswith("2024-11-01; nobody has looked at it")
    assert "now" in answer["calibration"]
    assert registry.named("score", "champion") == version


def test_a_number_is_forecast_anew_and_not_recalibrated(tmp_path: Path):
    plain = dated_score()
    counted = Outcome.model_validate({**plain.outcome.model_dump(), "measure": "count"})
    score = plain.model_copy(update={"outcome": counted})
    opened = opened_with(score, tmp_path)

    with pytest.raises(Misuse, match="a risk is recalibrated"):
        recalibrate(opened, None, None, on=FIRST)

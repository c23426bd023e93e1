"""What a forecast's definition must say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from features.definitions.place import Place, read_place
from models.definitions.definition import ScoreDefinition
from models.definitions.score_files import read_scores
from models.families.number_faults import faults_of_number
from models.judging.gates import Gates


ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def declared() -> tuple[Place, ScoreDefinition]:
    place, faults = read_place(ROOT / "places" / "demand")
    assert place, faults
    scores, faults = read_scores(place)
    assert faults == []
    return place, scores["attendances_1"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"outcome": {"column": "trust"}}, "use: attendances"),
        ({"outcome": {"exposure": "months_counted"}}, "add it to them"),
        ({"families": ["additive", "logistic"]}, 'write: ["additive"]'),
        ({"gates": Gates()}, "remove [gates]"),
        ({"cohort": {"calendar": None}}, "give a calendar"),
    ],
)
def test_a_forecast_declares_what_it_needs(
    declared: tuple[Place, ScoreDefinition], changes: dict[str, Any], words: str
) -> None:
    place, score = declared
    parts: dict[str, Any] = {"outcome": score.outcome, "cohort": score.cohort}
    changed = {
        name: parts[name].model_copy(update=more) if name in parts else more
        for name, more in changes.items()
    }

    [fault] = faults_of_number(score.model_copy(update=changed), place, Path("s.toml"))

    assert words in fault.next


def test_a_yes_or_no_needs_none_of_it(declared: tuple[Place, ScoreDefinition]) -> None:
    place, score = declared
    outcome = score.outcome.model_copy(
        update={"measure": "exists", "column": None, "exposure": None}
    )
    other = score.model_copy(update={"outcome": outcome, "families": ["logistic"]})

    assert list(faults_of_number(other, place, Path("s.toml"))) == []

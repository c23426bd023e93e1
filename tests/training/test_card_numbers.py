"""The card of a forecast says how far it was off, beside the naive one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from features.definitions.place import read_place
from features.faults import Fault
from models.definitions.score_files import read_scores
from models.tables.table import TableModel
from models.tables.terms import Steps
from tests.training.made_up_evaluation import figure, forecasts, untold
from tests.training.reading import GRADE_OF_TWELVE, grade
from training.cards.card import texts_of
from training.cards.numbers import in_short
from training.cards.subject import Subject
from training.judging.comparison import Side, compare


ROOT = Path(__file__).parents[2]
DAY = dt.date(2018, 4, 1)


def subject(evaluation: dict[str, Any], *refused: Fault, version: int = 1) -> Subject:
    place, faults = read_place(ROOT / "places" / "demand")
    assert place is not None, faults
    score = read_scores(place)[0]["attendances_1"]
    terms = tuple(Steps(n, (1.0,), (-0.5, 0.5), 0.0) for n in score.indicators)
    model = TableModel("additive", 6.0, terms)
    return Subject(score, place, model, evaluation, version, refused)


def test_a_forecast_stands_beside_the_naive_one_with_intervals():
    shown = texts_of(subject(forecasts()))["card.md"]

    assert (
        "| scaled error above the naive forecast's; below 0 is better | -.150" in shown
    )
    assert "| 2018-04-01 | 900 | 120 | .810 | .960 | cannot tell |" in shown
    assert "Intervals of 90 %: .910 to 1.100 times the forecast" in shown
    assert (
        "| better than the naive forecast | -.150 (-.200 to -.100) | passed |" in shown
    )
    assert "## Calibration" not in shown


def test_a_forecast_worse_than_naive_says_so_first():
    worse = forecasts(above_naive=figure(0.1, 0.05, 0.2))
    fault = Fault("scores", "the scaled error is less", "0.1 (0.05 to 0.2)", "mend it")

    shown = texts_of(subject(worse, fault))["card.md"]

    assert shown.startswith("# Did not pass.")
    assert "A plain guess came nearer: by .100 (.050 to .200) of its error." in shown
    assert "| .100 (.050 to .200) | DID NOT PASS |" in shown


@pytest.mark.parametrize(
    "above", [figure(-0.1, -0.2, 0.1), figure(-0.1, -0.2, -0.05), untold("too few")]
)
def test_the_summary_of_a_forecast_can_be_read_at_twelve(above: dict[str, Any]):
    section = in_short(subject(forecasts(above_naive=above)))
    texts = [p for p in section.parts if isinstance(p, str)]
    texts += section.parts[2].items

    assert grade(" ".join(texts)) <= GRADE_OF_TWELVE


def test_two_forecasts_stand_side_by_side():
    one = Side(subject(forecasts()), None)
    other = Side(subject(forecasts(mase=figure(0.7, 0.6, 0.8)), version=2), None)

    rows = {row["what"]: row for row in compare(one, other)["figures"]}

    assert rows["mase"]["version 1"] == ".800 (.750 to .850)"
    assert rows["mase"]["version 2"] == ".700 (.600 to .800)"

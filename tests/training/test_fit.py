from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from pydantic import ValidationError

from models.families.boosted import read_boosted
from tests.features.small_place import contract, family, place
from tests.training.made_up_cases import cases, score
from training.cohort import Cases
from training.fit import CHALLENGER, fit_all


ROWS = 1_200
PLACE = place(
    [contract()],
    [
        family("count", expected="up", label="Visits", windows_days=[365]),
        family("sum", column="cost", expected="down", label="Cost"),
    ],
)


def some_cases() -> Cases:
    draw = np.random.default_rng(1)
    count, total = draw.poisson(2.0, ROWS), draw.normal(100.0, 20.0, ROWS)
    log_odds = -2.0 + 0.6 * count - 0.01 * (total - 100.0)
    outcome = (draw.random(ROWS) < 1 / (1 + np.exp(-log_odds))).astype(int)
    made = cases(["2024-01-01"] * ROWS, outcome.tolist(), list(map(str, range(ROWS))))
    table = made.table.assign(count=count.astype(float), sum=total)
    return Cases(**{**vars(made), "table": table})


def wanted(**changes):
    given = {
        "indicators": ["count", "sum"],
        "families": ["points", "logistic", "additive", "pairs"],
        "pairs": [["count", "sum"]],
        **changes,
    }
    return score(first=dt.date(2025, 1, 1), **given)


@pytest.fixture(scope="module")
def fitted():
    return fit_all(some_cases(), np.ones(ROWS, dtype=bool), wanted(), PLACE)


def test_every_family_is_fitted_beside_the_rule_and_the_challenger(fitted):
    scored = fitted.log_odds(some_cases())

    names = ["points", "logistic", "additive", "pairs", "rule", CHALLENGER]
    assert list(scored) == names
    assert fitted.models["pairs"].term_names == ("count and sum",)


def test_the_challenger_is_kept_as_text_and_the_card_is_printed(fitted):
    texts = fitted.texts(some_cases(), wanted(), PLACE)

    read = read_boosted(texts["boosted.txt"], texts["boosted.json"])
    found = read.log_odds(some_cases().table)
    assert found.tobytes() == fitted.log_odds(some_cases())[CHALLENGER].tobytes()
    assert texts["points_card.md"].startswith("# ?")
    assert "- Visits, the last 12 months — up to" in texts["points_card.md"]


def test_pairs_are_named_if_and_only_if_that_family_is_fitted():
    for changes in ({"pairs": []}, {"families": ["additive"]}):
        with pytest.raises(ValidationError, match="name `pairs` if, and only if"):
            wanted(**changes)


def test_the_challenger_cannot_be_named_as_the_one_to_serve():
    for changes in ({"serve": "boosted"}, {"families": ["boosted"]}):
        with pytest.raises(ValidationError, match="boosted"):
            wanted(**changes)

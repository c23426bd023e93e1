from __future__ import annotations

import numpy as np
import pytest

from features.faults import Refusal
from models.families.estimators import fit_additive, fit_points
from models.families.inputs import columns_of, read_training
from models.shown.line_words import LineWords
from models.shown.points_card import band_starts, read_card
from models.shown.points_page import points_card
from models.tables.table import from_json


BANDS = [("Usual", 0.0), ("High", 0.75), ("Highest", 0.95)]


def fitted(fit, people):
    return fit(people.read(), seed=1)


@pytest.fixture(scope="module")
def model(people):
    return fitted(fit_points, people)


@pytest.fixture(scope="module")
def among(model, people):
    return model.log_odds(columns_of(people.table, model.names))


def printed(model, among):
    return points_card(
        model,
        title="Will they?",
        words=lambda name: LineWords(name.replace("_", " ")),
        bands=BANDS,
        among=among,
    )


def test_a_card_is_of_whole_points_from_nought_and_fits_a_page(model, among):
    card, text = read_card(model), printed(model, among)

    points = [n for line in card.lines for n in line.points]
    assert min(points) == 0
    assert max(points) <= 10
    assert all(min(line.points) == 0 for line in card.lines)
    assert len(text.splitlines()) <= 45


def test_a_card_has_at_most_twelve_lines_and_they_are_the_strongest(people):
    noise = np.random.default_rng(2).normal(size=(len(people.table), 12))
    wide = people.table.assign(**{f"noise_{n}": noise[:, n] for n in range(12)})

    model = fit_points(
        read_training(wide, people.outcome, indicators=list(wide), directions={}),
        seed=1,
    )

    assert len(model.terms) == 12
    assert {"visits", "income", "tenure", "band"} <= set(model.names)


def test_the_same_points_are_the_same_log_odds_to_the_last_bit(model, people):
    card = read_card(model)
    log_odds = model.log_odds(columns_of(people.table, model.names))

    totals = np.array([card.points_at(each) for each in log_odds])

    assert len(set(log_odds.tolist())) == len(set(totals.tolist())) > 5
    exact = card.base + card.worth * totals
    assert exact.tobytes() == log_odds.tobytes()


def test_a_card_reads_back_from_the_model_s_file(model):
    assert read_card(from_json(model.to_json())) == read_card(model)


def test_points_say_the_risk_and_rank_almost_as_well_as_log_odds(
    model, people, later_people
):
    from sklearn.metrics import roc_auc_score

    columns = columns_of(later_people.table, people.indicators)
    finer = fitted(fit_additive, people)

    whole = roc_auc_score(later_people.outcome, model.log_odds(columns))

    assert whole > roc_auc_score(later_people.outcome, finer.log_odds(columns)) - 0.03


def test_a_card_of_noise_tells_nobody_apart(people):
    outcome = np.tile([0.0, 1.0], len(people.table) // 2)

    model = fit_points(
        read_training(
            people.table[["constant"]], outcome, indicators=["constant"], directions={}
        ),
        seed=1,
    )

    card = read_card(model)
    assert card.most == 0
    assert card.risk_at(0) == pytest.approx(0.5)
    assert band_starts(card, BANDS, np.zeros(10)) == [("Usual", 0)]


def test_a_model_of_another_family_has_no_card(people):
    with pytest.raises(Refusal, match="a card is of points"):
        read_card(fitted(fit_additive, people))

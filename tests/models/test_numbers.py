"""Numbers: tables whose sum is the log of an expected count."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.faults import Refusal
from models.families.inputs import Training, columns_of, read_numbers
from models.families.numbers import Distribution, boost_numbers, fit_numbers
from models.tables.explanation import NUMBER_METHOD, explain
from models.tables.log_term import Log
from models.tables.model_file import canonical, sha256_of
from models.tables.table import TableModel, from_json
from models.tables.terms import Steps


SITES, NAMES = 3_000, ["last_year", "growth", "month", "kind"]


def some_months(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    draw = np.random.default_rng(seed)
    last_year = np.exp(draw.normal(5, 1, SITES))
    growth = np.where(draw.random(SITES) < 0.1, np.nan, draw.normal(1, 0.1, SITES))
    month = draw.integers(1, 13, SITES).astype(float)
    kind = draw.choice(["large", "small"], SITES).astype(object)
    logs = np.log(last_year) + 0.8 * (np.nan_to_num(growth, nan=1.0) - 1)
    logs += 0.1 * (month == 12) - 0.2 * (kind == "small")
    table = pd.DataFrame(
        {"last_year": last_year, "growth": growth, "month": month, "kind": kind}
    )
    return table, draw.poisson(np.exp(logs)).astype(float)


def read(**directions: int) -> Training:
    table, numbers = some_months(1)
    return read_numbers(table, numbers, indicators=NAMES, directions=directions)


@pytest.fixture(scope="module")
def model() -> TableModel:
    return fit_numbers(read(growth=1), seed=1, exposure="last_year")


@pytest.mark.parametrize("distribution", ["poisson", "tweedie"])
def test_the_tables_are_the_boosters_own_shap_values(
    distribution: Distribution,
) -> None:
    training = read()
    model = fit_numbers(training, seed=1, distribution=distribution)
    booster = boost_numbers(training, None, distribution, seed=1)
    table, _ = some_months(1)

    found = model.contributions(columns_of(table, NAMES))

    shap = np.asarray(booster.predict(training.coded, pred_contrib=True))
    assert np.abs(found.values - shap[:, :-1]).max() < 1e-9
    assert abs(found.base - shap[0, -1]) < 1e-9
    assert np.abs(found.log_odds - np.log(booster.predict(training.coded))).max() < 1e-9


def test_with_an_exposure_the_sum_is_the_log_of_the_expected_number(
    model: TableModel,
) -> None:
    training, (table, numbers) = read(growth=1), some_months(1)
    rest = training.only(NAMES[1:])
    rate = np.log(numbers.sum() / table["last_year"].sum())
    offset = np.log(table["last_year"].to_numpy()) + rate
    booster = boost_numbers(rest, offset, "poisson", seed=1)

    found = model.contributions(columns_of(table, NAMES))

    wanted = offset + booster.predict(rest.coded, raw_score=True)
    assert np.abs(found.base + found.values.sum(axis=1) - wanted).max() < 1e-9
    assert abs(found.values[:, 0].mean()) < 1e-9
    assert model.term_names[0] == "last_year"


def test_it_expects_about_what_comes_elsewhere(model: TableModel) -> None:
    table, numbers = some_months(2)

    expected = model.expected(model.log_odds(columns_of(table, NAMES)))

    assert abs(numbers.sum() / expected.sum() - 1) < 0.01
    naive = np.abs(numbers - table["last_year"]).mean()
    assert np.abs(numbers - expected).mean() < 0.6 * naive


def test_one_row_is_explained_to_the_bits_of_many(model: TableModel) -> None:
    table, _ = some_months(3)
    columns = columns_of(table, NAMES)
    many = model.contributions(columns)

    for number in range(0, SITES, 211):
        row = {name: columns[name][number] for name in NAMES}
        told = explain(model, row)
        assert told.values == tuple(many.values[number])
        assert told.method == NUMBER_METHOD
        assert told.log_odds == many.log_odds[number]


def test_twice_the_exposure_is_twice_the_number(model: TableModel) -> None:
    row = {"last_year": 100.0, "growth": 1.0, "month": 3.0, "kind": "large"}
    once, twice = (
        float(model.expected(model.log_odds_of({**row, "last_year": last_year})))
        for last_year in (100.0, 200.0)
    )

    assert twice == pytest.approx(2 * once, rel=1e-12)


@pytest.mark.parametrize("last_year", [0.0, -1.0, np.inf, np.nan, None])
def test_without_an_exposure_nothing_is_told(
    model: TableModel, last_year: float | None
) -> None:
    row = {"last_year": last_year, "growth": 1.0, "month": 3.0, "kind": "large"}
    column = np.array([np.nan if last_year is None else last_year])

    assert np.isnan(model.log_odds_of(row))
    assert np.isnan(model.terms[0].over(column)).all()


def test_growth_goes_the_declared_way(model: TableModel) -> None:
    growth = next(term for term in model.terms if term.name == "growth")

    assert isinstance(growth, Steps)
    assert (np.diff(growth.values) >= 0).all()
    with pytest.raises(Refusal, match="declared way"):
        fit_numbers(read(last_year=-1), seed=1, exposure="last_year")


def test_the_same_inputs_and_seed_give_the_same_bytes(model: TableModel) -> None:
    again = fit_numbers(read(growth=1), seed=1, exposure="last_year")

    assert again.to_json() == model.to_json()


def test_the_file_declares_the_link_and_is_read_back(model: TableModel) -> None:
    assert b'"link":"log"' in model.to_json()
    assert from_json(model.to_json()) == model


@pytest.mark.parametrize("link", ["logit", "probit", None, 1])
def test_a_file_whose_link_is_not_its_schemas_is_refused(
    model: TableModel, link: object
) -> None:
    content = {**json.loads(model.to_json()), "link": link}
    unsigned = {key: value for key, value in content.items() if key != "sha256"}

    with pytest.raises(Refusal, match="the link is that of the file's schema"):
        from_json(canonical({**unsigned, "sha256": sha256_of(unsigned)}))


def test_a_number_is_never_shown_as_a_risk_nor_a_risk_as_a_number(
    model: TableModel,
) -> None:
    other = TableModel("additive", 0.0, (Steps("n", (), (0.0,), None),))

    with pytest.raises(Refusal, match="a risk is read off the link logit"):
        model.risk(0.0)
    with pytest.raises(Refusal, match="a number is read off the link log"):
        other.expected(0.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"link": "logit"}, "the link is log where a term is"),
        ({"link": "probit"}, "one of: logit, log"),
        ({"family": "points"}, "an additive model says a number"),
    ],
)
def test_a_model_of_another_link_is_refused(
    model: TableModel, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        replace(model, **changes)


def test_an_exposure_that_is_missing_is_worth_no_number() -> None:
    with pytest.raises(Refusal, match="that is missing tells nothing"):
        Log("last_year", 0.0, 1.0)


@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf])
def test_every_row_has_a_number_of_0_or_more(wrong: float) -> None:
    table, numbers = some_months(1)
    numbers[7] = wrong

    with pytest.raises(Refusal, match="a number, 0 or more"):
        read_numbers(table, numbers, indicators=NAMES, directions={})


def test_a_fitted_row_without_an_exposure_is_refused() -> None:
    table, numbers = some_months(1)
    table.loc[7, "last_year"] = 0.0
    training = read_numbers(table, numbers, indicators=NAMES, directions={})

    with pytest.raises(Refusal, match="an exposure above 0"):
        fit_numbers(training, seed=1, exposure="last_year")

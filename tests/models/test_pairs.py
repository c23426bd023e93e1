from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest

from features.faults import Refusal
from models.families.boosted import boost_additive
from models.families.compile import compile_additive
from models.families.directions import against
from models.families.estimators import fit_with
from models.families.inputs import bins_of, columns_of, matrix
from models.families.pairs import Pair, read_any
from models.tables.explanation import PAIRS_METHOD, explain
from models.tables.table import TableModel, from_json
from models.tables.terms import Categories, Steps


pytestmark = [
    # matplotlib's, while shap is imported.
    pytest.mark.filterwarnings(
        "ignore:The set_(bad|over|under) function:PendingDeprecationWarning"
    ),
    # shap's own, about its return type of long ago.
    pytest.mark.filterwarnings(
        "ignore:LightGBM binary classifier with TreeExplainer:UserWarning"
    ),
]

PAIR = Pair(
    "age and tenure",
    Steps("age", (65.0, 80.0), (0.0, 1.0, 1.0), missing=2.0),
    Categories("tenure", ("owned", "rented"), (0.0, 1.0), missing=0.0),
    ((-0.5, 0.1), (0.2, 0.9), (0.0, 0.0)),
)
OVERLAPPING = [["visits", "band"], ["band", "tenure"]]


def fitted(people, pairs, **changes):
    return fit_with(pairs)(people.read(**changes), seed=1)


def test_each_two_values_have_their_own_cell():
    ages = np.array([65.0, 66.0, 90.0, np.nan, 70.0])
    tenures = np.array(["owned", "rented", None, "rented", "squat"], dtype=object)

    together = PAIR.over(ages, tenures)

    np.testing.assert_equal(together, [-0.5, 0.9, 0.2, 0.0, np.nan])
    alone = [PAIR.of(a, t) for a, t in zip(ages, tenures, strict=True)]
    np.testing.assert_equal(alone, together)


def test_a_pair_reads_back_from_a_model_s_file():
    model = TableModel("pairs", -1.0, (PAIR, Steps("visits", (), (0.0,), 0.0)))

    read = from_json(model.to_json())

    assert read == model
    assert read.names == ("age", "tenure", "visits")
    assert read.term_names == ("age and tenure", "visits")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"more": 1}, "exactly"),
        ({"values": [[1.0]]}, "counts its rows"),
        ({"values": [[0.0, 1.0], [0.0], [0.0, 0.0]]}, "one length"),
        ({"values": [[0.0, 1.0], [0.0, 1], [0.0, 0.0]]}, "finite floats"),
        ({"values": "none"}, "list of lists"),
        ({"name": "another"}, "called after"),
        ({"first": {"kind": "line"}}, "exactly"),
        ({"second": 1}, "a term is one of"),
    ],
)
def test_a_wrong_pair_is_refused(change, rule):
    content = {**json.loads(json.dumps(PAIR.as_content())), **change}

    with pytest.raises(Refusal, match=rule):
        read_any(content, "term")


def test_the_parts_are_the_whole_and_a_pair_is_one_of_them(people, later_people):
    model = fitted(people, [["visits", "band"]])
    row = later_people.table.head(1).astype(object).to_dict("records")[0]

    explanation = explain(model, row)

    assert explanation.method == PAIRS_METHOD
    assert explanation.names[-1] == "visits and band"
    assert "visits" not in explanation.names
    assert explanation.log_odds == model.log_odds_of(row)


def shap_by_part(explained, inputs, parts):
    """SHAP's values summed over the inputs of each part."""
    place = {each.name: number for number, each in enumerate(inputs)}
    sums = [explained[:, [place[n] for n in names]].sum(axis=1) for names in parts]
    return np.column_stack(sums)


def test_a_pair_adds_the_sum_of_its_two_shap_values(people, later_people):
    import shap

    training = people.read().coarser(["visits", "band"], at_most=16)
    pairs = [(0, 6)]
    booster = boost_additive(training, seed=1, pairs=pairs)
    model = compile_additive(booster, training.inputs, pairs=pairs)
    rows = bins_of(matrix(later_people.table, training.inputs), training.inputs)

    found = model.contributions(columns_of(later_people.table, model.names))

    explainer = shap.TreeExplainer(booster)
    expected = shap_by_part(
        explainer.shap_values(rows), training.inputs, model.indicators_by_term.values()
    )
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-6)
    assert found.base == pytest.approx(float(explainer.expected_value), abs=1e-6)
    raw = booster.predict(rows, raw_score=True)
    np.testing.assert_allclose(found.log_odds, raw, rtol=0, atol=1e-9)


def test_pairs_that_overlap_add_the_shap_values_of_all_that_they_connect(
    people, later_people
):
    training = people.read()
    pairs = [(0, 6), (6, 5)]
    booster = boost_additive(training, seed=1, pairs=pairs)
    model = compile_additive(booster, training.inputs, pairs=pairs)
    rows = bins_of(matrix(later_people.table, training.inputs), training.inputs)

    found = model.contributions(columns_of(later_people.table, model.names))

    contrib = booster.predict(rows, pred_contrib=True)
    expected = contrib[:, [0, 5, 6]].sum(axis=1)
    connected = [model.term_names.index(n) for n in model.term_names if " and " in n]
    np.testing.assert_allclose(
        found.values[:, connected].sum(axis=1), expected, rtol=0, atol=1e-6
    )
    raw = booster.predict(rows, raw_score=True)
    np.testing.assert_allclose(found.log_odds, raw, rtol=0, atol=1e-9)


def test_a_pair_finds_what_two_indicators_do_only_together(people):
    # A direction of the bands would forbid what is looked for.
    pair = fitted(people, [["visits", "band"]], directions={"visits": 1}).terms[-1]

    # Of the youngest band more than three visits say more, by .8.
    def rise(band):
        return pair.of(6.0, band) - pair.of(2.0, band)

    others = (rise("18 to 64") + rise("65 and over")) / 2
    assert rise("under 18") > others + 0.3


@pytest.mark.parametrize("pairs", [[["visits", "band"]], OVERLAPPING])
def test_a_model_with_pairs_goes_every_declared_way(people, pairs):
    model = fitted(people, pairs)

    assert against(model, people.directions) == []
    assert from_json(model.to_json()) == model


def test_the_same_inputs_and_seed_give_the_same_bytes(people):
    first, second = (fitted(people, OVERLAPPING).to_json() for _ in range(2))

    assert first == second


def test_a_category_never_seen_has_no_score_in_a_pair_either(people):
    model = fitted(people, [["visits", "tenure"]])
    table = people.table.head(2).assign(tenure=["houseboat", "owned"])

    parts = model.contributions(columns_of(table, model.names))

    assert parts.unseen.tolist() == [True, False]
    unknown = np.isnan(parts.values[0])
    assert [n for n, gone in zip(parts.names, unknown, strict=True) if gone] == [
        "visits and tenure"
    ]


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [["visits", "visits"]],
        [["visits", "absent"]],
        [["visits"]],
        [["visits", "band"], ["band", "visits"]],
        [list(two) for two in itertools.islice(itertools.combinations("abcde", 2), 6)],
    ],
)
def test_pairs_that_cannot_be_meant_are_refused(people, pairs):
    with pytest.raises(Refusal, match="pairs"):
        fitted(people, pairs)


def test_a_missing_value_that_training_hardly_saw_adds_nothing(people):
    pair = fitted(people, [["visits", "band"]]).terms[-1]

    assert pair.of(None, "18 to 64") == 0.0
    assert not math.isnan(pair.of(3.0, None))

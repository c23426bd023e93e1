from __future__ import annotations

import hashlib
import json
import math
import random
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.faults import Refusal
from models.tables.table import TableModel, from_json, probability
from models.tables.terms import Categories, Line, Steps


MODEL = TableModel(
    "additive",
    -1.25,
    (
        Steps("visits", (0.5, 3.0), (-0.5, 0.1, 0.9), 0.05),
        Line("income", 100.0, -0.01, None),
        Categories("tenure", ("owned", "rented"), (-0.2, 0.3), 0.0),
    ),
    {"score": "falls", "seed": 1, "share": 0.1, "final": True, "note": None},
)
COLUMNS = {
    "visits": np.array([0.0, 1.0, np.nan, 9.0]),
    "income": np.array([100.0, 0.0, 200.0, 50.0]),
    "tenure": np.array(["owned", None, "rented", "squat"], dtype=object),
}

rows = st.fixed_dictionaries(
    {
        "visits": st.none() | st.floats(),
        "income": st.none() | st.floats(-1e6, 1e6),
        "tenure": st.sampled_from(["owned", "rented", "squat", None]),
    }
)


def resigned(content):
    bare = {key: value for key, value in content.items() if key != "sha256"}
    form = {"sort_keys": True, "separators": (",", ":")}
    digest = hashlib.sha256(json.dumps(bare, **form).encode()).hexdigest()
    return json.dumps({**bare, "sha256": digest}, **form).encode()


def test_each_indicator_adds_its_own_part():
    parts = MODEL.contributions(COLUMNS)

    expected = [[-0.5, 0, -0.2], [0.1, 1, 0], [0.05, -1, 0.3], [0.9, 0.5, np.nan]]
    np.testing.assert_allclose(parts.values, expected)
    assert parts.names == ("visits", "income", "tenure")


def test_a_row_with_a_category_never_seen_is_named_and_has_no_number():
    parts = MODEL.contributions(COLUMNS)

    assert parts.unseen.tolist() == [False, False, False, True]
    assert np.isnan(parts.log_odds).tolist() == [False, False, False, True]


@given(row=rows)
def test_one_row_has_the_bits_of_the_column_path_and_the_parts_are_the_whole(row):
    kinds = {"visits": float, "income": float, "tenure": object}
    columns = {name: np.array([row[name]], dtype=kinds[name]) for name in row}

    parts = MODEL.contributions(columns)

    alone = np.array(MODEL.contributions_of(row))
    assert alone.tobytes() == parts.values[0].tobytes()
    np.testing.assert_equal(MODEL.log_odds_of(row), parts.log_odds[0])
    np.testing.assert_equal(MODEL.log_odds(columns), parts.log_odds)
    np.testing.assert_allclose(
        MODEL.base + math.fsum(alone), parts.log_odds[0], rtol=0, atol=1e-9
    )


@given(size=st.integers(1, 9))
def test_blocks_are_the_whole_in_pieces(size):
    blocks = list(MODEL.blocks(COLUMNS, rows=size))

    joined = np.concatenate([block.values for block in blocks])
    np.testing.assert_equal(joined, MODEL.contributions(COLUMNS).values)
    assert all(len(block.values) <= size for block in blocks)


def test_no_rows_have_no_log_odds():
    none = {name: column[:0] for name, column in COLUMNS.items()}

    assert MODEL.log_odds(none).shape == (0,)
    assert MODEL.contributions(none).values.shape == (0, 3)


def test_all_absent_indicators_are_told_at_once():
    with pytest.raises(Refusal) as columns:
        MODEL.contributions({"visits": COLUMNS["visits"]})
    with pytest.raises(Refusal) as row:
        MODEL.contributions_of({"visits": 1.0})

    assert len(columns.value.faults) == len(row.value.faults) == 2


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(Refusal, match="one length"):
        MODEL.contributions({**COLUMNS, "visits": np.zeros(3)})


def test_probability_is_exact_at_both_ends_and_keeps_a_missing_score_missing():
    log_odds = np.array([0.0, 2.0, -2.0, 800.0, -800.0, np.nan])

    plain = [0.5, 1 / (1 + math.exp(-2)), 1 / (1 + math.exp(2)), 1.0, 0.0, np.nan]
    np.testing.assert_allclose(probability(log_odds), plain, rtol=1e-15)


def test_a_model_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        MODEL.base = 0.0
    with pytest.raises(TypeError):
        MODEL.facts["seed"] = 2


def test_a_model_reads_back_from_its_file_with_the_same_bytes_and_hash():
    read = from_json(MODEL.to_json())

    assert read == MODEL
    assert read.to_json() == MODEL.to_json()
    assert read.sha256 == MODEL.sha256
    assert f'"sha256":"{MODEL.sha256}"'.encode() in MODEL.to_json()


def test_the_hash_is_that_of_the_file_without_it():
    bare = MODEL.to_json().replace(f',"sha256":"{MODEL.sha256}"'.encode(), b"")

    assert hashlib.sha256(bare).hexdigest() == MODEL.sha256


def test_the_order_of_facts_changes_nothing_and_a_new_fact_changes_the_hash():
    turned = replace(MODEL, facts=dict(reversed(MODEL.facts.items())))
    other = replace(MODEL, facts={**MODEL.facts, "seed": 2})

    assert turned.to_json() == MODEL.to_json()
    assert other.sha256 != MODEL.sha256


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_comes_back_to_the_last_bit(number):
    model = TableModel("additive", number, (Steps("n", (number,), (1.0, 2.0), None),))

    read = from_json(model.to_json())

    assert np.float64(read.base).tobytes() == np.float64(number).tobytes()


def test_no_flipped_byte_of_a_model_file_is_accepted():
    data = MODEL.to_json()
    chance = random.Random(1)

    for _ in range(1_000):
        at, bits = chance.randrange(len(data)), chance.randrange(1, 256)
        flipped = bytearray(data)
        flipped[at] ^= bits
        with pytest.raises(Refusal):
            from_json(bytes(flipped))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"schema": 2}, "has exactly"),
        ({"schema": 3}, "has exactly"),
        ({"schema": 5}, "reads schemas 1 to 4"),
        ({"schema": 1.0}, "reads schemas 1 to 4"),
        ({"schema": True}, "reads schemas 1 to 4"),
        ({"family": "boosted"}, "never promoted"),
        ({"family": "forest"}, "one of: additive"),
        ({"family": ["additive"]}, "one of: additive"),
        ({"base": 1}, "finite float"),
        ({"base": math.inf}, "one JSON object"),
        ({"terms": {}}, "`terms` is a list"),
        ({"terms": [1]}, "a term is one of"),
        ({"facts": []}, "`facts` an object"),
        ({"facts": {"link": {"version": 1}}}, "a fact is a text"),
        ({"extra": 1}, "has exactly"),
    ],
)
def test_a_file_with_a_right_hash_but_wrong_content_is_refused(change, rule):
    content = {**json.loads(MODEL.to_json()), **change}

    with pytest.raises(Refusal, match=rule):
        from_json(resigned(content))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"a":NaN}',
        MODEL.to_json() + b"\n",
        MODEL.to_json().replace(b"-1.25", b"-1.250"),
        MODEL.to_json().replace(b"-1.25", b"-1e999"),
        MODEL.to_json().replace(b'{"base"', b'{"base":0.0,"base"'),
        MODEL.to_json().decode().encode("utf-16"),
    ],
)
def test_a_file_that_is_not_canonical_is_refused(data):
    with pytest.raises(Refusal):
        from_json(data)


def test_an_indicator_with_two_terms_is_refused():
    term = Line("income", 0.0, 1.0, None)

    with pytest.raises(Refusal, match="one term"):
        TableModel("additive", 0.0, (term, term))


def test_a_model_imports_only_numpy_and_the_standard_library():
    code = (
        "import sys; before = set(sys.modules); import models.tables.table;"
        "new = {name.split('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )

    run = [sys.executable, "-c", code]
    out = subprocess.run(run, capture_output=True, text=True, check=True).stdout

    assert out.strip() == "['features', 'models', 'numpy']"

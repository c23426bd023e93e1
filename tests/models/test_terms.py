from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.faults import Refusal
from models.tables.terms import Categories, Line, Steps, as_content, read_term


finite = st.floats(allow_nan=False, allow_infinity=False)
small = st.floats(-1e6, 1e6)
missing = st.none() | small


@st.composite
def steps(draw):
    edges = tuple(sorted(draw(st.sets(finite, max_size=8))))
    size = len(edges) + 1
    values = tuple(draw(st.lists(small, min_size=size, max_size=size)))
    return Steps("visits", edges, values, draw(missing))


lines = st.builds(Line, st.just("income"), small, small, missing)


def test_the_number_on_an_edge_belongs_to_the_step_below():
    term = Steps("visits", (0.0, 3.0), (-1.0, 0.5, 2.0), missing=0.25)

    answers = [term.of(x) for x in (-1, 0, math.nextafter(0, 1), 3, 4, math.inf, None)]

    assert answers == [-1.0, -1.0, 0.5, 0.5, 2.0, 2.0, 0.25]


def test_a_missing_value_that_training_never_saw_is_not_a_guess():
    terms = [
        Steps("visits", (), (0.5,), missing=None),
        Line("income", 0.0, 1.0, missing=None),
        Categories("tenure", ("owned",), (0.5,), missing=None),
    ]

    assert all(math.isnan(term.of(None)) for term in terms)
    assert all(math.isnan(term.of(math.nan)) for term in terms)


def test_a_category_that_training_never_saw_is_not_a_guess():
    term = Categories("tenure", ("owned", "rented"), (0.5, -0.5), missing=0.0)

    column = np.array(["rented", "squat", None, np.nan, "owned"], dtype=object)

    np.testing.assert_equal(term.over(column), [-0.5, np.nan, 0.0, 0.0, 0.5])


def test_a_line_without_a_finite_answer_is_not_a_guess():
    term = Line("income", 1.0, 1e300, missing=0.0)

    answers = term.over(np.array([np.inf, -1e300, 1.0]))

    np.testing.assert_equal(answers, [np.nan, np.nan, 0.0])


@given(term=steps() | lines, numbers=st.lists(st.floats() | finite, max_size=20))
def test_one_value_and_a_column_have_the_same_bits(term, numbers):
    near = [np.nextafter(e, e + 1) for e in getattr(term, "edges", ())]
    column = np.array([*numbers, *near, *getattr(term, "edges", ())], dtype=float)

    answers = term.over(column)

    one_by_one = np.array([term.of(number) for number in column], dtype=float)
    assert answers.tobytes() == one_by_one.tobytes()


@given(term=steps() | lines)
def test_a_term_reads_back_from_its_content(term):
    content = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in as_content(term).items()
    }

    assert read_term(content, "model") == term


def test_a_text_for_a_number_is_refused_without_showing_it():
    term = Steps("visits", (), (0.0,), missing=None)

    for attempt in (lambda: term.of("Ann Lee"), lambda: term.over(np.array(["Ann"]))):
        with pytest.raises(Refusal, match="number") as refusal:
            attempt()
        assert "Ann" not in str(refusal.value)


@pytest.mark.parametrize(
    ("edges", "values", "rule"),
    [
        ((1.0, 1.0), (0.0, 0.0, 0.0), "strictly increase"),
        ((2.0, 1.0), (0.0, 0.0, 0.0), "strictly increase"),
        ((1.0,), (0.0,), "one value more"),
        ((math.nan,), (0.0, 0.0), "finite floats"),
        ((1.0,), (0.0, math.inf), "finite floats"),
        ((1,), (0.0, 0.0), "finite floats"),
        (("1.0",), (0.0, 0.0), "finite floats"),
    ],
)
def test_steps_that_do_not_rise_or_count_up_are_refused(edges, values, rule):
    with pytest.raises(Refusal, match=rule):
        Steps("visits", edges, values, None)


@pytest.mark.parametrize(
    ("categories", "values", "rule"),
    [
        (("owned", "owned"), (0.0, 0.0), "listed once"),
        (("owned",), (), "has one value"),
        ((1,), (0.0,), "are texts"),
        ((["owned"],), (0.0,), "are texts"),
    ],
)
def test_categories_that_do_not_match_their_values_are_refused(
    categories, values, rule
):
    with pytest.raises(Refusal, match=rule):
        Categories("tenure", categories, values, None)


def test_a_term_without_a_name_or_with_an_infinite_weight_tells_both():
    with pytest.raises(Refusal) as refusal:
        Line("", 0.0, math.inf, math.nan)

    assert len(refusal.value.faults) == 3


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {"kind": "curve"},
        {"kind": ["steps"]},
        {"kind": "line", "name": "income", "centre": 0.0, "weight": 1.0},
        {"kind": "steps", "name": "n", "edges": 1.0, "values": [0.0], "missing": None},
        {"kind": "line", "name": "n", "centre": 0, "weight": 1.0, "missing": True},
    ],
)
def test_content_that_is_no_term_is_refused(content):
    with pytest.raises(Refusal):
        read_term(content, "model: terms[0]")

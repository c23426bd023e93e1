from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from features.definitions.vetoes import Veto, VetoRules


NAMES = ("number", "name", "born", "start", "until")
WINDOW = {"date": "born", "first": "start", "last": "until"}


def vetoed(rule: dict[str, Any], one: dict[str, Any], other: dict[str, Any]) -> bool:
    rules = VetoRules([Veto.model_validate({"name": "rule", **rule})])
    both = [[said.get(name) for name in rules.attributes] for said in (one, other)]
    found = rules.between(both[0], both[1])
    assert found == rules.between(both[1], both[0])
    return found is not None


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("rule", "one", "other", "told"),
    [
        ({"differs": ["number"]}, {"number": "1"}, {"number": "2"}, True),
        ({"differs": ["number"]}, {"number": "1"}, {"number": "1"}, False),
        ({"differs": ["number"]}, {"number": "1"}, {}, False),
        ({"differs": ["number"]}, {}, {}, False),
        ({"edits": {"name": 2}}, {"name": "ANNA"}, {"name": "ANAN"}, False),
        ({"edits": {"name": 2}}, {"name": "ANNA"}, {"name": "ROSA"}, True),
        ({"unlike": {"name": 0.8}}, {"name": "JOHN"}, {"name": "JHON"}, False),
        ({"unlike": {"name": 0.8}}, {"name": "JOHN"}, {"name": "PETER"}, True),
        ({"unlike": {"name": 0.8}}, {"name": "J"}, {"name": "JOHN"}, False),
    ],
)
def test_a_veto_looks_at_values_that_both_records_have(
    rule: dict[str, Any], one: dict[str, Any], other: dict[str, Any], told: bool
) -> None:
    assert vetoed(rule, one, other) is told


def test_years_apart_are_years() -> None:
    rule = {"years_apart": {"born": 15}}
    born = {"born": day("1930-06-01")}

    assert vetoed(rule, born, {"born": day("1945-06-02")})
    assert not vetoed(rule, born, {"born": day("1945-05-30")})


def test_a_slip_in_a_birth_date_counts_as_written() -> None:
    rule = {"edits": {"born": 3}}
    born = {"born": day("1944-03-02")}

    assert not vetoed(rule, born, {"born": day("1944-02-03")})
    assert vetoed(rule, born, {"born": day("1971-11-20")})


@pytest.mark.parametrize(
    ("on", "told"),
    [
        ("2020-01-08", True),
        ("2020-01-09", False),  # 2 days before the first
        ("2020-01-11", False),
        ("2020-02-03", False),  # 3 days after the last
        ("2020-02-04", True),
    ],
)
def test_a_date_outside_the_window_is_vetoed(on: str, told: bool) -> None:
    rule = {"outside": {**WINDOW, "days_before": 2, "days_after": 3}}
    span = {"start": day("2020-01-11"), "until": day("2020-01-31")}

    assert vetoed(rule, {"born": day(on)}, span) is told


def test_half_a_window_vetoes_nothing() -> None:
    assert not vetoed(
        {"outside": WINDOW}, {"born": day("2020-01-01")}, {"start": day("2021-01-01")}
    )


def test_all_that_a_veto_says_must_be_true() -> None:
    rule = {"same": ["number"], "unlike": {"name": 0.8}}

    assert vetoed(rule, {"number": "1", "name": "ANN"}, {"number": "1", "name": "ROSE"})
    assert not vetoed(
        rule, {"number": "1", "name": "ANN"}, {"number": "2", "name": "ROSE"}
    )
    assert not vetoed(rule, {"number": "1", "name": "ANN"}, {"number": "1"})


def test_a_veto_that_tells_nothing_apart_is_refused() -> None:
    with pytest.raises(ValidationError, match="a veto needs `differs`"):
        Veto.model_validate({"name": "same", "same": ["number"]})


values = st.fixed_dictionaries(
    {
        "number": st.none() | st.sampled_from(["1", "2", "3"]),
        "name": st.none() | st.text("ABC", max_size=4),
        **dict.fromkeys(
            ("born", "start", "until"),
            st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)),
        ),
    }
)


MANY_VETOES = [
    Veto.model_validate({"name": f"rule {'abcd'[n]}", **rule})
    for n, rule in enumerate(
        [
            {"differs": ["number"]},
            {"same": ["number"], "unlike": {"name": 0.9}},
            {"years_apart": {"born": 5}, "edits": {"born": 2}},
            {"outside": WINDOW},
        ]
    )
]
MANY = VetoRules(MANY_VETOES)


@settings(deadline=None)
@given(one=values, other=values)
def test_a_veto_has_no_direction(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = ([said[name] for name in MANY.attributes] for said in (one, other))

    assert MANY.between(first, second) == MANY.between(second, first)


@settings(deadline=None)
@given(many=st.lists(st.tuples(values, values), max_size=6))
def test_vetoes_looked_for_together_are_those_of_each_pair(
    many: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    said = [
        tuple([one[name] for name in MANY.attributes] for one in two) for two in many
    ]
    # Nothing is measured yet.
    rules = VetoRules(MANY_VETOES)

    together = rules.between_each([(one, other) for one, other in said])

    assert together == [MANY.between(one, other) for one, other in said]


@settings(deadline=None)
@given(one=values.filter(lambda said: said["born"] is None))
def test_a_record_is_never_vetoed_against_its_like(one: dict[str, Any]) -> None:
    said = [one[name] for name in MANY.attributes]

    assert MANY.between(said, list(said)) is None

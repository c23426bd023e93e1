from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from features.definitions.contracts import Contract
from features.definitions.linking_rules import KindRules, faults_of_rules
from features.definitions.place import read_place


ROOT = Path(__file__).parents[3]
EXACT = {"agree": "exact", "if_same": 0.9, "if_other": 0.1}


def declared(**changes: Any) -> dict[str, Any]:
    """Rules for persons, whole and right until `changes` replace a part."""
    attributes = {name: {} for name in ("number", "name", "other")}
    return {
        "kind": "person",
        "attributes": {**attributes, "born": {"form": "date"}},
        "exact": [["number"]],
        "comparisons": [{"attribute": "name", "levels": [EXACT]}],
        "blocking": [["born"]],
        **changes,
    }


def contract(identifiers: dict[str, str], **changes: Any) -> Contract:
    column = {"meaning": "m", "sensitivity": "identifier"}
    dates = {"type": "date", "formats": ["%Y-%m-%d"]}
    about = {"kind": "person", "identifiers": identifiers}
    content = {
        "name": "register",
        "partner": "council",
        "title": "Register",
        "open_data": {"licence": "none", "attribution": "nobody"},
        "file": {"delivery": "delta"},
        "freshness": {"cadence_days": 30, "greatest_age_days": 60},
        "coverage": {"since": dt.date(2000, 1, 1)},
        "key": ["id"],
        "about": [about],
        "columns": [
            {"name": "id", "type": "text", "meaning": "key"},
            {"name": "a", "type": "text", **column},
            {"name": "b", "type": "text", **column},
            {"name": "c", "type": "text", **column},
            {"name": "d", **dates, **column},
        ],
    }
    return Contract.model_validate({**content, **changes})


ALL = {"number": "a", "name": "b", "other": "c", "born": "d"}


def test_whole_rules_are_read() -> None:
    rules = KindRules.model_validate(declared())

    assert rules.used == ["number", "name", "born"]
    assert not list(faults_of_rules(rules, [contract(ALL)], Path("place")))


def training(**changes: Any) -> dict[str, Any]:
    base = {"blocking": [["born"], ["number"]], "sure": [["number"]], "sure_share": 0.9}
    return {**base, **changes}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        (
            {"exact": [["gone"]]},
            "exact names an attribute that is not declared: 'gone'",
        ),
        ({"blocking": []}, "`comparisons` and `blocking` need each other"),
        (
            {"exact": [], "comparisons": [], "blocking": []},
            "give `exact`, or `comparisons` and `blocking`, or both",
        ),
        ({"kept_from": 0.99}, "`kept_from` may not be greater"),
        ({"truth": {"attribute": "name"}}, "'name' is linked by"),
        ({"truth": {"attribute": "gone"}}, "truth names an attribute"),
        (
            {"comparisons": [{"attribute": "name", "levels": [{"agree": "exact"}]}]},
            "comparisons need `training`",
        ),
        (
            {
                "comparisons": [
                    {
                        "attribute": "born",
                        "levels": [EXACT | {"agree": "similar", "at_least": 0.9}],
                    }
                ]
            },
            "comparisons needs 'born' as text",
        ),
        ({"training": training(blocking=[["name"]])}, "leaves 'name' free"),
        (
            {"vetoes": [{"name": "v", "years_apart": {"name": 5}}]},
            "vetoes needs 'name' as a date",
        ),
    ],
)
def test_rules_that_contradict_themselves_are_refused(
    changes: dict[str, Any], what: str
) -> None:
    with pytest.raises(ValidationError, match=what):
        KindRules.model_validate(declared(**changes))


@pytest.mark.parametrize(
    ("attribute", "what"),
    [
        ({"of": "gone"}, "must be made of an attribute that has a column: not 'gone'"),
        ({"when": {"attribute": "gone", "among": ["A"]}}, "not 'gone'"),
        ({"placeholders": [dt.date(1900, 1, 1)]}, "placeholders: dates"),
        ({"form": "date", "check": "nhs_number"}, "a date has no `check`"),
    ],
)
def test_attributes_that_contradict_themselves_are_refused(
    attribute: dict[str, Any], what: str
) -> None:
    content = declared()
    content["attributes"]["derived"] = attribute

    with pytest.raises(ValidationError, match=what):
        KindRules.model_validate(content)


def test_the_truth_may_not_come_in_by_another_name() -> None:
    content = declared(exact=[["number"], ["copy"]], truth={"attribute": "other"})
    content["attributes"]["copy"] = {"of": "other"}

    with pytest.raises(ValidationError, match="'copy' is linked by"):
        KindRules.model_validate(content)


@pytest.mark.parametrize(
    ("levels", "what"),
    [
        ([{"agree": "exact", "if_same": 0.5}], "give `if_same` and `if_other` for all"),
        ([EXACT | {"if_same": 0.6}] * 2, "`if_same` leaves no room"),
        ([EXACT | {"if_other": 0.6}] * 2, "`if_other` leaves no room|`if_same` leaves"),
    ],
)
def test_weights_are_given_for_all_levels_and_leave_room(
    levels: list[dict[str, Any]], what: str
) -> None:
    comparisons = [{"attribute": "name", "levels": levels}]

    with pytest.raises(ValidationError, match=what):
        KindRules.model_validate(declared(comparisons=comparisons))


@pytest.mark.parametrize(
    ("changes", "sources", "what"),
    [
        ({}, [contract({**ALL, "gone": "a"})], "identifiers name attributes"),
        (
            {},
            [contract({"number": "a", "name": "b", "other": "c"})],
            "must have a source",
        ),
        ({}, [contract({**ALL, "born": "a"})], "are both dates, or neither"),
        (
            {},
            [contract({}, about=[{"kind": "person", "key": ["id"]}])],
            "is linked, so",
        ),
        ({"sides": [["register"], ["gone"]]}, [contract(ALL)], "`sides` names every"),
        (
            {"truth": {"attribute": "other", "reference": ["gone"]}},
            [contract(ALL)],
            "truth.reference names sources",
        ),
    ],
)
def test_rules_that_do_not_go_with_the_contracts_are_refused(
    changes: dict[str, Any], sources: list[Contract], what: str
) -> None:
    rules = KindRules.model_validate(declared(**changes))

    faults = list(faults_of_rules(rules, sources, Path("place")))

    assert what in " ".join(fault.what for fault in faults)


def test_the_rules_of_every_place_are_whole() -> None:
    roots = [*(ROOT / "places").iterdir(), *(ROOT / "benchmarks" / "places").iterdir()]
    for root in roots:
        place, faults = read_place(root)
        assert not faults
        assert place

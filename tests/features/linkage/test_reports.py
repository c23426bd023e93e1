"""What a place's own truth says of its links, group by group."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from features.definitions.contracts import Contract
from features.definitions.linking_rules import KindRules
from features.definitions.place import Place, PlaceFile
from features.extracts.loading import Delivery, load_extract
from features.linkage.linking import link_place
from features.linkage.reports import KindReport
from features.store.warehouse import Warehouse
from lamppost.answers import link_answer
from tests.features.small_place import day


KEY = bytes(32)
TEXT = {"type": "text", "meaning": "m"}
SEX = {"type": "code", "meaning": "m", "values": {"F": "female", "M": "male"}}


def register(name: str) -> Contract:
    columns = [
        {"name": "id", **TEXT},
        {"name": "who", **TEXT, "sensitivity": "identifier"},
        {"name": "number", **TEXT, "sensitivity": "identifier"},
        {"name": "sex", **SEX},
    ]
    identifiers = {"number": "number", "truth": "who"}
    return Contract.model_validate(
        {
            "name": name,
            "partner": name,
            "title": name,
            "open_data": {"licence": "none", "attribution": "nobody"},
            "file": {"delivery": "delta"},
            "freshness": {"cadence_days": 30, "greatest_age_days": 60},
            "coverage": {"since": day("2000-01-01")},
            "key": ["id"],
            "about": [{"kind": "person", "identifiers": identifiers}],
            "columns": columns,
        }
    )


def report(folder: Path, **files: list[tuple[str, str, str]]) -> KindReport:
    """Link (true person, number, sex) of some partners and return the report."""
    kinds: dict[str, Any] = {
        "kind": "person",
        "attributes": {"number": {}, "truth": {}},
        "exact": [["number"]],
        "truth": {"attribute": "truth"},
    }
    about = {
        "name": "small",
        "title": "A small place",
        "purposes": [{"name": "planning", "meaning": "planning"}],
        "partners": [{"id": name, "name": name} for name in files],
        "entities": [{"kind": "person", "label": "person", "plural": "people"}],
        "groups": [
            {"name": "sex", "label": "Sex", "source": "gp", "column": "sex"},
        ],
    }
    contracts = {name: register(name) for name in files}
    rules = {"person": KindRules.model_validate(kinds)}
    file = PlaceFile.model_validate(about)
    place = Place(folder, file, contracts, rules, {}, "0" * 64)
    warehouse = Warehouse(folder / "store")
    for name, rows in files.items():
        path = folder / f"{name}.csv"
        lines = [f"{name}{n},{','.join(row)}" for n, row in enumerate(rows)]
        path.write_text("\n".join(["id,who,number,sex", *lines, ""]))
        load_extract(warehouse, contracts[name], path, Delivery(day("2030-01-01")))
    [found] = link_place(warehouse, place, KEY)
    return found


def test_links_are_judged_by_protected_attribute_and_by_partner(tmp_path: Path) -> None:
    gp = [(f"p{n}", f"n{n}", "FM"[n % 2]) for n in range(200)]
    # The hospital has another number for one woman in four.
    hospital = [(w, f"x{k}" if k % 8 == 0 else n, "") for k, (w, n, _) in enumerate(gp)]

    found = report(tmp_path, gp=gp, hospital=hospital)

    verdicts = {row.group: str(row.missed.verdict) for row in found.by_group}
    assert verdicts["female"] == "worse"
    assert verdicts["male"] != "worse"
    assert {row.attribute for row in found.by_group} == {"sex", "partner"}


def test_of_a_group_of_few_people_no_number_is_shown(tmp_path: Path) -> None:
    gp = [(f"p{n}", f"n{n}", "F" if n < 7 else "M") for n in range(60)]

    answer = link_answer([report(tmp_path, gp=gp, hospital=gp)])

    [few] = [row for row in answer["by group"] if row["group"] == "female"]
    assert (few["people"], few["missed"], few["wrong"]) == ("too few to show", "", "")
    assert few["missed links"] == "cannot tell"

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from features.linkage.linking import link_place
from tests.features.small_place import Store, contract, place


def linked(folder: Path, about: dict[str, Any], *loads: list[dict[str, Any]]) -> Any:
    """Return the links of the kind that `about` names outright."""
    source = contract(about=[about])
    store = Store(folder)
    for rows in loads:
        store.load(source, rows)
    [report] = link_place(store.warehouse, place([source], []), b"k" * 32)
    version = store.warehouse.manifest().links_of(about["kind"])
    assert version
    return report, pq.read_table(store.warehouse.path(version.links)).to_pylist()


def row(record: int, id_: str | None = "x", **more: Any) -> dict[str, Any]:
    return {"record": record, "on": "2024-01-01", "id": id_, **more}


AREA = {"kind": "area", "key": ["id"]}


def test_records_with_one_key_are_about_one_entity(tmp_path: Path) -> None:
    rows = [row(1, "x"), row(2, "y"), row(3, "x")]

    report, links = linked(tmp_path, AREA, rows)

    assert [(r["record_id"], r["entity"]) for r in links] == [(1, 1), (2, 2), (3, 1)]
    assert {(r["method"], r["probability"]) for r in links} == {("key", 1.0)}
    assert (report.entities, report.pairs) == (2, 0)


def test_a_key_of_two_columns_is_both_of_them(tmp_path: Path) -> None:
    rows = [row(1, "x", number=1), row(2, "x", number=2), row(3, "x", number=1)]

    _, links = linked(tmp_path, {"kind": "area", "key": ["id", "number"]}, rows)

    assert [r["entity"] for r in links] == [1, 2, 1]


def test_a_record_without_a_key_has_no_entity(tmp_path: Path) -> None:
    report, links = linked(tmp_path, AREA, [row(1, None), row(2)])

    assert [r["record_id"] for r in links] == [2]
    assert report.sources[0].unlinked == 1


def test_a_constant_is_one_entity(tmp_path: Path) -> None:
    about = {"kind": "area", "constant": "the city"}

    _, links = linked(tmp_path, about, [row(1), row(2, "y")])

    assert [r["entity"] for r in links] == [1, 1]
    assert {r["method"] for r in links} == {"constant"}


def test_the_newest_version_names_the_entity(tmp_path: Path) -> None:
    first, later = [row(1, "x"), row(2, "x")], [row(2, "y")]

    _, links = linked(tmp_path, AREA, first, later)

    assert [r["entity"] for r in links] == [1, 2]


def test_a_withdrawn_record_keeps_its_entity(tmp_path: Path) -> None:
    first, later = [row(1), row(2)], [row(2, None, withdrawn=True)]

    _, links = linked(tmp_path, AREA, first, later)

    assert [r["entity"] for r in links] == [1, 1]

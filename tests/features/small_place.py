"""A small place made in memory, so that a test can be a small table in and out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from features.definitions.contracts import Contract
from features.definitions.indicators import Indicator, IndicatorFamily
from features.definitions.outcomes import Calendar, Cohort, Outcome, SnapshotPlan
from features.definitions.place import Place, PlaceFile
from features.linkage.link_tables import PAIRS
from features.snapshots.snapshot import snapshot_table
from features.store.archive import Archive, type_of
from features.store.warehouse import LinkVersion, Load, Warehouse, Writer
from tests.features.small_columns import COLUMNS, SCOPES


__all__ = [
    "Row",
    "COLUMNS",
    "SCOPES",
    "Store",
    "answers",
    "contract",
    "day",
    "family",
    "place",
    "plan",
]


Row = Mapping[str, Any]
LONG_AGO = dt.date(2000, 1, 1)


def contract(name: str = "visits", **changes: Any) -> Contract:
    """Return a contract about persons with one column of most types."""
    columns = [{**c, "required": c["name"] == "on"} for c in COLUMNS]
    about = {"kind": "person", "identifiers": {"name": "id"}}
    content = {
        "name": name,
        "partner": "council",
        "title": name,
        "open_data": {"licence": "none", "attribution": "nobody"},
        "file": {"delivery": "delta"},
        "dates": {"event": "on"},
        "freshness": {"cadence_days": 30, "greatest_age_days": 60},
        "coverage": {"since": LONG_AGO},
        "key": ["id"],
        "about": [about],
        "columns": columns,
    }
    return Contract.model_validate({**content, **changes})


def family(measure: str, **changes: Any) -> IndicatorFamily:
    """Return an indicator's definition, with words that no test reads."""
    content = {
        "name": measure,
        "source": "visits",
        "measure": measure,
        "unit": "",
        "expected": "none",
        "label": "label",
        "wording": "wording",
        "negated": "negated",
        "category": "any",
    }
    return IndicatorFamily.model_validate({**content, **changes})


def place(
    contracts: Sequence[Contract], families: Sequence[IndicatorFamily], **more: Any
) -> Place:
    """Return a place of these contracts and indicators, without a folder."""
    kinds = ("person", "household", "area", "visit")
    file = PlaceFile.model_validate(
        {
            "name": "small",
            "title": "A small place",
            "purposes": [
                {"name": "planning", "meaning": "planning"},
                {"name": "care", "meaning": "own care", "individual_care": True},
            ],
            "partners": [{"id": "council", "name": "Council"}],
            "entities": [{"kind": k, "label": k, "plural": k} for k in kinds],
            **more,
        }
    )
    indicators = {i.name: i for f in families for i in f.indicators()}
    named = {c.name: c for c in contracts}
    return Place(Path("small"), file, named, {}, indicators, "0" * 64)


def day(text: str) -> dt.date:
    """Return a date, written as in a test's table."""
    return dt.date.fromisoformat(text)


class Store:
    """A warehouse filled by hand: rows in, loads and links out.

    A row is a mapping with `record` and the entity of each kind (`person=1`), `on` and
    optionally `known` (default: the day itself), `load` (default: the call) and
    `withdrawn`.
    """

    def __init__(self, folder: Path) -> None:
        self.warehouse = Warehouse(folder)
        self._links: dict[str, dict[int, tuple[int, float]]] = {}

    def load(
        self,
        source: Contract,
        rows: Sequence[Row],
        *,
        received: str = "2030-01-01",
        history: bool = True,
        changed: int = 1,
        link: bool = True,
    ) -> Store:
        """Add a load of `rows` and link each to the entities it names."""
        with self.warehouse.writing() as writer:
            number = len(writer.manifest.loads) + 1
            records, identity = tables_of(source, rows, number)
            name = f"{source.name}/{number:06d}.parquet"
            load = Load(
                number=number,
                source=source.name,
                content_sha256=f"{number:064d}",
                contract_sha256="",
                received=day(received),
                history=history,
                period=None,
                rows=len(rows),
                new=len(rows),
                changed=changed,
                withdrawn=0,
                last_event=None,
                records=writer.stage("warehouse", f"records/{name}", records),
                identity=writer.stage("identity", f"records/{name}", identity),
            )
            manifest = writer.manifest
            writer.commit(
                manifest.model_copy(update={"loads": [*manifest.loads, load]})
            )
        for kind in (about.kind for about in source.about):
            links = {
                r["record"]: (r[kind], r.get("probability", 1.0))
                for r in rows
                if kind in r
            }
            self._links.setdefault(kind, {}).update(links)
        return self.link() if link else self

    def link(self) -> Store:
        """Keep the links of all kinds that any row has named so far."""
        with self.warehouse.writing() as writer:
            manifest = writer.manifest
            versions = [
                _link_version(kind, links, writer)
                for kind, links in sorted(self._links.items())
                if links
            ]
            writer.commit(
                manifest.model_copy(update={"links": [*manifest.links, *versions]})
            )
        return self

    def archive(self) -> Archive:
        """Open the newest manifest for computing."""
        return Archive(self.warehouse, self.warehouse.manifest(), threads=1)


def links_table(kind: str, links: Mapping[int, tuple[int, float]]) -> pa.Table:
    """Return links as they are stored: each record's entity and probability."""
    rows = [(r, e, f"{kind}-{e}", p) for r, (e, p) in sorted(links.items())]
    return pa.table(
        {
            "record_id": pa.array([row[0] for row in rows], pa.int64()),
            "entity": pa.array([row[1] for row in rows], pa.int64()),
            "entity_id": pa.array([row[2] for row in rows], pa.string()),
            "identity": pa.array([row[0] for row in rows], pa.int64()),
            "method": pa.array(["test"] * len(rows), pa.string()),
            "probability": pa.array([row[3] for row in rows], pa.float64()),
        }
    )


def tables_of(
    source: Contract, rows: Sequence[Row], number: int
) -> tuple[pa.Table, pa.Table]:
    """Return rows as a load stores them: the records, and the identity zone."""
    clocks = _clocks(rows, number)
    records = {**clocks, **_cells(source, source.record_columns, rows)}
    identity = {name: clocks[name] for name in ("record_id", "load")}
    identity |= _cells(source, source.identity_columns, rows)
    return pa.table(records), pa.table(identity)


def _link_version(
    kind: str, links: Mapping[int, tuple[int, float]], writer: Writer
) -> LinkVersion:
    table = links_table(kind, links)
    number = len(writer.manifest.links) + 1
    name = f"links/{kind}/{number:06d}.parquet"
    return LinkVersion(
        kind=kind,
        number=number,
        loads=len(writer.manifest.loads),
        rules_sha256="",
        links=writer.stage("warehouse", name, table),
        pairs=writer.stage("identity", name, PAIRS.empty_table()),
    )


def _clocks(rows: Sequence[Row], number: int) -> dict[str, pa.Array]:
    known = [_date(r.get("known", r.get("on"))) for r in rows]
    return {
        "record_id": pa.array([r["record"] for r in rows], pa.int64()),
        "load": pa.array([r.get("load", number) for r in rows], pa.int32()),
        "line": pa.array([n + 2 for n, _ in enumerate(rows)], pa.int32()),
        "event_date": pa.array([_date(r.get("on")) for r in rows], pa.date32()),
        "known_date": pa.array(known, pa.date32()),
        "withdrawn": pa.array([r.get("withdrawn", False) for r in rows], pa.bool_()),
    }


def _cells(
    source: Contract, names: Sequence[str], rows: Sequence[Row]
) -> dict[str, pa.Array]:
    cells = {}
    for name in names:
        column = source.column(name)
        values = [r.get(name) for r in rows]
        if column.type == "date":
            values = [_date(value) for value in values]
        cells[name] = pa.array(values, _arrow(type_of(column)))
    return cells


def _date(value: Any) -> Any:
    return day(value) if isinstance(value, str) else value


def _arrow(name: str) -> pa.DataType:
    if name.startswith("decimal"):
        return pa.decimal128(18, int(name.split(",")[1].strip(" )")))
    names = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64()}
    return {**names, "date": pa.date32(), "boolean": pa.bool_()}[name]


def answers(
    archive: Archive,
    place: Place,
    plan: SnapshotPlan,
    *dates: str,
    on: str = "2026-01-01",
) -> list[dict[str, Any]]:
    """Return the rows of a plan's snapshot on the dates, each a mapping."""
    days = [day(text) for text in dates]
    table = snapshot_table(archive, place, plan, days, on=day(on))
    archive.close()
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def plan(indicators: Sequence[Indicator], **changes: Any) -> SnapshotPlan:
    """Return a plan over a quarterly calendar with an outcome of a year."""
    content: dict[str, Any] = {
        "score": "score",
        "purpose": "planning",
        "cohort": Cohort(
            entity="person",
            source="visits",
            calendar=Calendar(first=dt.date(2024, 1, 1), every_months=3),
        ),
        "outcome": Outcome(
            source="visits",
            filter="kind = 'b'",
            horizon_days=365,
            recording_lag_days=30,
            label="b",
        ),
        "indicators": [i.name for i in indicators],
        "cohort_indicators": [],
        "groups": [],
        "linked_group": None,
    }
    return SnapshotPlan(**{**content, **changes})

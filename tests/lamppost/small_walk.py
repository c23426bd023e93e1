"""A small place that was walked: files of two offices, links, a snapshot, a ledger.

Rose Hale is the person to forget. She is in both files, one of whose rows was corrected
later, and everything that the ledger can hold of somebody, it holds of her.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from features.definitions.contracts import Contract
from features.definitions.outcomes import Calendar, Cohort, Outcome, SnapshotPlan
from features.definitions.place import Place, PlaceFile
from features.extracts.deliveries import Delivery
from features.extracts.loading import load_extract
from features.linkage.decisions_store import Decided, keep_decision
from features.linkage.linking import link_place
from features.snapshots.snapshot import build_snapshot
from features.store.manifest import SnapshotEntry
from features.store.warehouse import Warehouse
from lamppost.opened import Open
from lamppost.settings import Settings, pseudonym_key
from tests.features.people import CROWD, rules
from tests.features.small_place import family
from tests.lamppost.small_ledger import AS_OF, NOW, fill
from tests.made_up_score import new_ledger, url_of


__all__ = [
    "AS_OF",
    "HERS",
    "NOW",
    "ROSIE",
    "VISITS",
    "Walk",
    "places_of",
    "rose",
    "walked",
]

HER_NUMBER = "9434765870"
# What nothing may say any more once she is forgotten; her notes and references too.
HERS = (
    *("Rose", "Rosie", "Hale", "1951-04-23", HER_NUMBER, "QQ7 7QQ"),
    *("her own note", "CASE-ROSE", "V-ROSE-1", "V-ROSE-2"),
)

_TEXT = {"type": "text", "meaning": "m", "sensitivity": "identifier"}
_BORN = {"type": "date", "meaning": "m", "formats": ["%Y-%m-%d"]}
_WHO = [
    {"name": "nhs_number", **_TEXT},
    {"name": "forename", **_TEXT},
    {"name": "surname", **_TEXT},
    {"name": "birth_date", **_BORN, "sensitivity": "identifier"},
    {"name": "postcode", **_TEXT},
]
_GROUND: dict[str, Any] = {
    "controller": "the council",
    "lawful_basis": "6(1)(e)",
    "confidentiality": {"basis": "individual care"},
    "permitted_purposes": ["planning"],
    "agreement": {"reference": "A1", "expires": dt.date(2026, 12, 31)},
    "impact_assessment": {"reference": "D1", "review": dt.date(2027, 1, 1)},
    "retention_days": 3_650,
    "privacy_notice": "the notice",
}


def _contract(name: str, dates: dict[str, str], *columns: dict[str, Any]) -> Contract:
    about = {"kind": "person", "identifiers": {c["name"]: c["name"] for c in _WHO}}
    return Contract.model_validate(
        {
            "name": name,
            "partner": "council",
            "title": name,
            "governance": _GROUND,
            "file": {"delivery": "delta"},
            "dates": dates,
            "history": {"lag_days": 1},
            "freshness": {"cadence_days": 30, "greatest_age_days": 60},
            "coverage": {"since": dt.date(2000, 1, 1)},
            "key": ["id"],
            "about": [about],
            "columns": [
                {"name": "id", "type": "text", "meaning": "key"},
                *_WHO,
                *columns,
            ],
        }
    )


_DAY = {"name": "on", "type": "date", "meaning": "day", "formats": ["%Y-%m-%d"]}
_NOTE = {"name": "note", "type": "text", "meaning": "what was written"}
REGISTER = _contract("register", {"event": "on"}, _DAY)
VISITS = _contract("visits", {"event": "on"}, _DAY, _NOTE)


def rose(number: str, on: str, note: str | None = None) -> dict[str, Any]:
    said = {"nhs_number": HER_NUMBER, "forename": "Rose", "surname": "Hale"}
    said |= {"birth_date": "1951-04-23", "postcode": "QQ7 7QQ"}
    return {"id": number, **said, "on": on} | ({"note": note} if note else {})


# Written in another way, so that it had to be compared.
ROSIE = rose("V-ROSE-2", "2025-06-06", "her own note again") | {"forename": "Rosie"}


def _others(prefix: str, on: str, **more: str) -> list[dict[str, Any]]:
    return [
        {"id": f"{prefix}{n}", **who, "on": on, **more} for n, who in enumerate(CROWD)
    ]


class Walk:
    """The place, walked as far as the ledger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warehouse = Warehouse(folder)
        families = [family("count", windows_days=[3_650])]
        contracts = {c.name: c for c in (REGISTER, VISITS)}
        file = PlaceFile.model_validate(
            {
                "name": "small",
                "title": "A small place",
                "purposes": [{"name": "planning", "meaning": "planning"}],
                "partners": [{"id": "council", "name": "Council"}],
                "entities": [{"kind": "person", "label": "p", "plural": "ps"}],
            }
        )
        indicators = {i.name: i for f in families for i in f.indicators()}
        linkage = {"person": rules()}
        place = Place(folder, file, contracts, linkage, indicators, "0" * 64)
        self.settings = Settings(
            place=folder,
            store=folder,
            ledger_url=url_of(folder),
            tracking_uri="",
            key_file=folder / "keys" / "pseudonym.key",
            audit_key_file=folder / "keys" / "audit.key",
            anchors=folder / "anchors",
            origins={},
        )
        self.opened = Open(self.settings, place, {})

    def load(self, source: Contract, rows: Sequence[dict[str, Any]], day: str) -> None:
        """Deliver some rows as a file, which is not kept."""
        names = [column.name for column in source.columns]
        lines = [",".join(names)]
        lines += [",".join(str(row.get(n) or "") for n in names) for row in rows]
        file = self.folder / "delivered.csv"
        file.write_text("\n".join(lines) + "\n")
        received = Delivery(dt.date.fromisoformat(day))
        load_extract(self.warehouse, source, file, received)
        file.unlink()

    def link(self) -> None:
        key = pseudonym_key(self.settings)
        link_place(self.warehouse, self.opened.place, key)

    def build(self) -> SnapshotEntry:
        return build_snapshot(
            *(self.warehouse, self.opened.place, plan(self.opened.place), [AS_OF]),
            on=NOW.date(),
        )

    def links(self) -> dict[int, str]:
        """Return the newest links: the pseudonym of each record."""
        version = self.warehouse.manifest().links_of("person")
        assert version
        rows = pq.read_table(self.warehouse.path(version.links)).to_pylist()
        return {row["record_id"]: row["entity_id"] for row in rows}

    @property
    def rose_id(self) -> str:
        """The pseudonym of Rose, whose first record is the first there is."""
        return self.links()[1]

    @property
    def other_id(self) -> str:
        return self.links()[2]


def plan(place: Place) -> SnapshotPlan:
    return SnapshotPlan(
        score="care",
        purpose="planning",
        cohort=Cohort(
            entity="person",
            source="register",
            calendar=Calendar(first=AS_OF, every_months=12),
        ),
        outcome=Outcome(
            source="visits",
            filter="note is not null",
            horizon_days=365,
            recording_lag_days=30,
            label="a visit",
        ),
        indicators=list(place.indicators),
        cohort_indicators=[],
        groups=[],
        linked_group=None,
    )


def walked(folder: Path) -> Walk:
    """Return the place with loads, links, a decision, a snapshot and a full ledger."""
    walk = Walk(folder)
    walk.load(
        REGISTER,
        [rose("R-ROSE", "2010-05-05"), *_others("r", "2012-03-03")],
        "2013-01-01",
    )
    visits = [
        rose("V-ROSE-1", "2015-06-06", "her own note"),
        *_others("v", "2020-02-02", note="seen"),
    ]
    walk.load(VISITS, visits, "2020-03-01")
    walk.link()
    walk.load(
        VISITS, [rose("V-ROSE-1", "2015-06-07", "her own note put right")], "2020-04-01"
    )
    walk.load(VISITS, [ROSIE], "2025-07-01")
    _decide(walk)
    walk.link()
    walk.build()
    ledger = new_ledger(folder)
    fill(ledger, walk)
    return walk


def _decide(walk: Walk) -> None:
    seen = {"forename": (["Rose"], ["Bela"]), "surname": (["Hale"], ["Ames"])}
    at = NOW - dt.timedelta(days=9)
    said = ("different", "identifiers differ", "data steward", at, seen)
    keep_decision(walk.warehouse, Decided("person", 1, 2, *said))  # type: ignore[arg-type]


def places_of(folder: Path, values: Sequence[str]) -> set[str]:
    """Return the files below a folder that say any of some values, Parquet as read.

    The bytes are looked through too: what a database has freed is in them.
    """
    found = set()
    for path in (p for p in folder.rglob("*") if p.is_file() and "keys" not in p.parts):
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += repr(pq.read_table(path).to_pydict()).encode()
            content += b" ".join(_dates(path))
        if any(value.encode() in content for value in values):
            found.add(str(path.relative_to(folder)))
    return found


def _dates(path: Path) -> list[bytes]:
    table = pq.read_table(path)
    return [str(v).encode() for c in table.columns for v in c.unique().to_pylist()]

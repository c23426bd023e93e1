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
import sqlalchemy as sa

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
from lamppost.jobs import Open
from lamppost.settings import Settings, pseudonym_key
from models.audit.audit import Audit
from models.audit.rows import Entry
from models.ledger.access_tables import (
    accounts,
    alerts,
    grants,
    idempotency,
    worklist_people,
    worklists,
)
from models.ledger.batches import Batch, CaseRows, Identity, write_batch
from models.ledger.cases import CaseFile, Evidence, Scored, ScoreRow, StoredRecord
from models.ledger.ledger import Ledger
from models.ledger.link_tables import link_questions
from models.ledger.people_tables import cases, entity_records, withheld_sources
from models.ledger.promotions import promote
from models.ledger.work_tables import (
    decisions,
    opinions,
    rights_requests,
    subject_packs,
)
from tests.features.people import CROWD, rules
from tests.features.small_place import family
from tests.made_up_score import bundle, new_ledger, url_of


NOW = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)
AS_OF = dt.date(2026, 1, 1)
HER_NUMBER = "9434765870"
# What nothing may say any more once she is forgotten; her notes and references too.
HERS = (
    *("Rose", "Hale", "1951-04-23", HER_NUMBER, "QQ7 7QQ"),
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
    walk.load(
        VISITS, [rose("V-ROSE-2", "2025-06-06", "her own note again")], "2025-07-01"
    )
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


def fill(ledger: Ledger, walk: Walk) -> None:
    """Put into every table that may be about a person something about Rose."""
    her, other = walk.rose_id, walk.other_id
    promoted = bundle()
    promote(ledger, promoted, by="Analyst", at=NOW)
    hers = [r for r, name in walk.links().items() if name == her]
    loads = walk.warehouse.manifest().loads
    day, said = dt.date(2025, 6, 6), {"note": "her own note"}
    stored = [
        StoredRecord(record, load.number, load.source, day, AS_OF, said)
        for load in loads
        for record in pq.read_table(walk.warehouse.path(load.records))[0].to_pylist()
        if record in hers
    ]
    behind = {"visits_365d": Evidence(records=[(r.record_id, r.load) for r in stored])}
    scored = Scored(0.4, 0.6, 0.5, "most", CaseFile(evidence=behind))
    rows = [ScoreRow(name, AS_OF, None, scored) for name in (her, other)]
    shown = {"name": "Rose Hale", "born": "1951-04-23"}
    batch = Batch("care", promoted.sha256, AS_OF, "care-1", {"visits": AS_OF})
    people = [
        Identity(her, "person", shown),
        Identity(other, "person", {"name": "Ada"}),
    ]
    write_batch(ledger, batch, CaseRows(rows, stored, people), clock=lambda: NOW)
    with ledger.writing() as connection:
        for table, row in _work(her, hers[0], batch.id):
            connection.execute(sa.insert(table).values(row))
    _look(ledger, walk, her, other)


def _work(her: str, record: int, batch: str) -> list[tuple[sa.Table, dict[str, Any]]]:
    day, about = NOW.date(), {"entity_id": her}
    one = {"at": NOW, "account": 1, **about, "score": "care", "batch": batch}
    role = {"role": "caseworker", "created_at": NOW}
    lasting = {"begins": NOW, "purpose": "planning", "given_by": 1, "account": 1}
    asked = {"received_on": day, "due_on": day, "owner": "o", "entered_by": "e"}
    drawn = {"score": "care", "batch": batch, "as_of": AS_OF, "purpose": "planning"}
    drawn |= {"team": "East", "drawn_by": 1, "drawn_at": NOW, "expires": NOW}
    record_of = {"record_id": record, "load": 1, "source": "visits"}
    kept = {**about, **record_of, "event_date": day, "probability": 1.0}
    case = {**about, "record_id": record, "worker": "W1", "reference": "CASE-ROSE"}
    opined = {"kind": "disagree", "text": "Rose is well", "answer": "Hale is"}
    answer = {"request_sha256": "0" * 64, "answer": "her own note"}
    asked_of = {"pair": "0" * 16, "kind": "person", "partner": "council", "why": "tie"}
    asked_of |= {"usefulness": 1.0, "holds_scores_back": False, "asked_at": NOW}
    return [
        (link_questions, {**asked_of, "sides": {"forename": [["Rose"], ["Ada"]]}}),
        (accounts, {"id": 1, "name": "ann", "display_name": "Ann", **role}),
        (entity_records, kept),
        (cases, {**case, "opened_on": day}),
        (withheld_sources, {**about, "source": "visits", "purpose": "planning"}),
        (worklists, {"id": 1, **drawn}),
        (worklist_people, {"worklist": 1, "number": 1, **about}),
        (grants, {"kind": "contact", **about, **lasting, "reference": "CASE-ROSE"}),
        (alerts, {"at": NOW, "kind": "k", "about": 1, **about, "reason": "Rose fell"}),
        (idempotency, {"account": 1, "key": "k", "at": NOW, **answer}),
        (decisions, {**one, "kind": "offered", "what": "Rose", "relation": "own case"}),
        (opinions, {**one, **opined, "record_id": record, "load": 1}),
        (
            rights_requests,
            {"id": 1, "kind": "access", **about, **asked, "what": "Hale"},
        ),
        (subject_packs, {"request": 1, "made_at": NOW, "made_by": "m", "content": her}),
    ]


def _look(ledger: Ledger, walk: Walk, her: str, other: str) -> None:
    audit = Audit(ledger, walk.settings.audit_files)
    detail = '{"reference": "CASE-ROSE", "relation": "own case"}'
    for name, told in ((her, detail), (other, None), (her, None)):
        entry = Entry(NOW, "ann", "person", "care", name, "planning", detail=told)
        with ledger.writing() as connection:
            audit.append(connection, entry)
    audit.anchor(at=NOW)


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

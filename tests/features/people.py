"""People in the files of small offices, so that links can be told in a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from features.definitions.contracts import Contract
from features.definitions.definition import read_definition
from features.definitions.linking_rules import KindRules, LinkageFile
from features.definitions.place import Place, PlaceFile
from features.linkage.linking import link_place
from features.linkage.reports import KindReport
from features.store.manifest import Load, StoredFile
from features.store.warehouse import Warehouse


KEY = b"a key of at least thirty-two bytes"
AVONMERE = Path(__file__).parents[2] / "places" / "avonmere" / "linkage.toml"
ATTRIBUTES = ("nhs_number", "forename", "surname", "birth_date", "postcode")
# Numbers with the right check digit.
ONE, TWO, THREE = "9434765919", "9434765870", "4010232137"

Row = dict[str, Any]


def rules(**changes: Any) -> KindRules:
    """Return Avonmere's own rules for people; with few records they do not train."""
    file, faults = read_definition(AVONMERE, LinkageFile)
    assert file, faults
    content = file.kinds[0].model_dump(exclude_defaults=True)
    return KindRules.model_validate({**content, **changes})


def person(
    name: str = "",
    born: str | None = None,
    postcode: str | None = None,
    nhs: str | None = None,
) -> Row:
    """Return what a record says; `name` is forename and surname."""
    forename, _, surname = name.partition(" ")
    return {
        "nhs_number": nhs,
        "forename": forename or None,
        "surname": surname or None,
        "birth_date": dt.date.fromisoformat(born) if born else None,
        "postcode": postcode,
    }


# Others who live there, so that no name is as common as it would be among a few.
_FORENAMES = ("Ada", "Bela", "Carla", "Dora", "Elsa", "Flora", "Greta", "Hanna", "Ines")
_FORENAMES += ("Jutta", "Karla", "Lotte")
_SURNAMES = ("Ames", "Boyd", "Cole", "Dunn", "Eddy", "Foss", "Gale", "Hume", "Ives")
_SURNAMES += ("Judd", "Kerr", "Lunt")
CROWD = [
    person(
        f"{forename} {surname}", f"19{30 + a}-{b + 1:02}-{a + b + 1:02}", f"ZX{a} {b}AA"
    )
    for a, forename in enumerate(_FORENAMES)
    for b, surname in enumerate(_SURNAMES)
    if (a + b) % 2
]


class Office:
    """A warehouse with the files of offices that all write down the same five things.

    Records are numbered 1, 2, 3 ... as they are loaded.
    """

    def __init__(
        self, folder: Path, linked_by: KindRules | None = None, *, marks: bool = False
    ) -> None:
        self.warehouse = Warehouse(folder)
        self.rules = linked_by or rules()
        self.marks = marks
        self.place = _place(["register"], self.rules, marks)

    def load(self, rows: Sequence[Row], source: str = "register", **more: Any) -> None:
        """Add a load; rows may give their own `record`, to be its newer version."""
        if source not in self.place.contracts:
            sources = [*self.place.contracts, source]
            self.place = _place(sources, self.rules, self.marks)
        with self.warehouse.writing() as writer:
            manifest = writer.manifest
            number = len(manifest.loads) + 1
            table = _identity(rows, manifest.next_record_id, number)
            name = f"records/{source}/{number:06d}.parquet"
            shown = table.select(["record_id", "load"])
            load = _load(source, number, len(rows)).model_copy(
                update={
                    "records": writer.stage("warehouse", name, shown),
                    "identity": writer.stage("identity", name, table),
                    **more,
                }
            )
            new = max(table["record_id"].to_pylist(), default=0) + 1
            update = {
                "loads": [*manifest.loads, load],
                "next_record_id": max(new, manifest.next_record_id),
            }
            writer.commit(manifest.model_copy(update=update))

    def hold_one_each(self, source: str) -> None:
        """Declare, after all loads, that a source holds one record of each person."""
        contract = self.place.contracts[source]
        [about] = contract.about
        about = about.model_copy(update={"one_per_person": True})
        told = contract.model_copy(update={"about": [about]})
        contracts = {**self.place.contracts, source: told}
        self.place = replace(self.place, contracts=contracts)

    def link(self, key: bytes = KEY, **how: Any) -> KindReport:
        """Link and return the report on people."""
        [report] = link_place(self.warehouse, self.place, key, **how)
        return report

    def links(self) -> list[dict[str, Any]]:
        """Return the newest links, one a record."""
        return self._newest("links").to_pylist()

    def pairs(self) -> list[dict[str, Any]]:
        """Return what was compared."""
        return self._newest("pairs").to_pylist()

    def entities(self) -> dict[int, int]:
        """Return the entity of each record that has one."""
        return {row["record_id"]: row["entity"] for row in self.links()}

    def flags(self) -> list[dict[str, Any]]:
        """Return the entities that are flagged."""
        return self._newest("flags").to_pylist()

    def _newest(self, name: str) -> pa.Table:
        version = self.warehouse.manifest().links_of("person")
        assert version
        return pq.read_table(self.warehouse.path(getattr(version, name)))


def linked(folder: Path, *rows: Row, crowd: bool = True, **changes: Any) -> Office:
    """Return an office that holds `rows` as records 1, 2 ..., and others, linked."""
    office = Office(folder, rules(**changes))
    office.load([*rows, *(CROWD if crowd else [])])
    office.link()
    return office


def groups(office: Office, count: int) -> list[list[int]]:
    """Return records 1 to `count` by entity; those without one are left out."""
    entities = office.entities()
    found: dict[int, list[int]] = {}
    for record in range(1, count + 1):
        if record in entities:
            found.setdefault(entities[record], []).append(record)
    return list(found.values())


def _place(sources: Sequence[str], linked_by: KindRules, marks: bool) -> Place:
    file = PlaceFile.model_validate(
        {
            "name": "small",
            "title": "A small place",
            "purposes": [{"name": "planning", "meaning": "planning"}],
            "partners": [{"id": "council", "name": "Council"}],
            "entities": [{"kind": "person", "label": "person", "plural": "people"}],
        }
    )
    contracts = {name: _contract(name, marks) for name in sources}
    return Place(Path("small"), file, contracts, {"person": linked_by}, {}, "0" * 64)


MARKS = {
    "S": "sensitive",
    "R": "refuge",
    "A": "adoption",
    "G": "gender recognition",
    "W": "witness protection",
    "T": "staff",
}


def _contract(name: str, marks: bool) -> Contract:
    text = {"type": "text", "meaning": "m", "sensitivity": "identifier"}
    columns: list[dict[str, Any]] = [{"name": a, **text} for a in ATTRIBUTES]
    columns[3] |= {"type": "date", "formats": ["%Y-%m-%d"]}
    more: dict[str, Any] = {}
    if marks:
        codes = {"name": "mark", "type": "code", "meaning": "m", "values": MARKS}
        columns += [{"name": "own_number", **text}, codes]
        marked = {"column": "mark", "codes": MARKS, "linked_by": "own_number"}
        more = {"restriction": marked}
    return Contract.model_validate(
        {
            "name": name,
            "partner": "council",
            "title": name,
            "open_data": {"licence": "none", "attribution": "nobody"},
            "file": {"delivery": "delta"},
            "freshness": {"cadence_days": 30, "greatest_age_days": 60},
            "coverage": {"since": dt.date(2000, 1, 1)},
            "key": ["id"],
            "about": [{"kind": "person", "identifiers": {a: a for a in ATTRIBUTES}}],
            "columns": [{"name": "id", "type": "text", "meaning": "key"}, *columns],
            **more,
        }
    )


def _identity(rows: Sequence[Row], first: int, load: int) -> pa.Table:
    records = [row.get("record", first + n) for n, row in enumerate(rows)]
    names = (*ATTRIBUTES, "own_number", "mark")
    types = dict.fromkeys(names, pa.string()) | {"birth_date": pa.date32()}
    return pa.table(
        {
            "record_id": pa.array(records, pa.int64()),
            "load": pa.array([load] * len(rows), pa.int32()),
            **{n: pa.array([r.get(n) for r in rows], types[n]) for n in names},
        }
    )


def _load(source: str, number: int, rows: int) -> Load:
    nowhere = StoredFile(path="", sha256="")
    return Load(
        number=number,
        source=source,
        content_sha256=f"{number:064d}",
        contract_sha256="",
        received=dt.date(2030, 1, 1),
        history=False,
        period=None,
        rows=rows,
        new=rows,
        changed=0,
        withdrawn=0,
        last_event=None,
        records=nowhere,
        identity=nowhere,
    )

"""A place: the folder of definitions that describes one partnership."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from features.definitions import indicator_faults
from features.definitions.contracts import Contract
from features.definitions.definition import (
    Definition,
    Name,
    Text,
    inside,
    read_definition,
)
from features.definitions.indicators import Indicator, IndicatorFamily, IndicatorFile
from features.definitions.linking_rules import KindRules, LinkageFile, faults_of_rules
from features.definitions.relations import Relation, faults_of_relation
from features.definitions.restrictions import RestrictedUse
from features.definitions.service import Caseload, Service, faults_of_service
from features.faults import Fault


class Partner(Definition):
    """An organisation that supplies records."""

    id: Name
    name: Text


class Purpose(Definition):
    """What records may be used for.

    Attributes:
        individual_care: Opt-outs of the kinds "national data opt-out" and "type 1" do
            not apply to a person's own care.
    """

    name: Name
    meaning: Text
    individual_care: bool = False


class EntityKind(Definition):
    """A kind of thing that scores or indicators are about."""

    kind: Name
    label: Text
    plural: Text


class Point(Definition):
    """Where an entity is: the newest known record that says so.

    Attributes:
        kind: The entity kind.
        latitude: A column of the source, in degrees north.
        longitude: A column of the source, in degrees east.
    """

    kind: Name
    source: Name
    latitude: Text
    longitude: Text


class Group(Definition):
    """A protected attribute: judged by, and never a model's input."""

    name: Name
    label: Text
    source: Name
    column: Text


class PlaceFile(Definition):
    """What `place.toml` holds.

    Attributes:
        restricted: What is allowed with restricted records; by default nothing.
        suppression_threshold: Counts from 1 to this are never published.
        caseload: Who has whom open; None if no source says so.
    """

    name: Name
    title: Text
    purposes: Annotated[list[Purpose], Field(min_length=1)]
    partners: Annotated[list[Partner], Field(min_length=1)]
    entities: Annotated[list[EntityKind], Field(min_length=1)]
    relations: list[Relation] = Field(default_factory=list)
    points: list[Point] = Field(default_factory=list)
    groups: list[Group] = Field(default_factory=list)
    restricted: RestrictedUse = RestrictedUse()
    suppression_threshold: Annotated[int, Field(ge=7, le=100)] = 7
    service: Service = Service()
    caseload: Caseload | None = None


@dataclass(frozen=True)
class Place:
    """One partnership's definitions, read and checked.

    Attributes:
        root: The folder.
        contracts: By the source's name.
        linkage: By the entity kind.
        indicators: By the indicator's name, windows written out.
        sha256: Of every definition file, names and bytes; a model keeps it.
    """

    root: Path
    file: PlaceFile
    contracts: dict[str, Contract]
    linkage: dict[str, KindRules]
    indicators: dict[str, Indicator]
    sha256: str

    @property
    def name(self) -> str:
        """The place's short name."""
        return self.file.name

    def purpose(self, name: str) -> Purpose:
        """Return the purpose called `name`; a `KeyError` if there is none."""
        return {purpose.name: purpose for purpose in self.file.purposes}[name]

    def relation(self, name: str) -> Relation:
        """Return the relation called `name`; a `KeyError` if there is none."""
        return {relation.name: relation for relation in self.file.relations}[name]


def read_place(root: Path) -> tuple[Place | None, list[Fault]]:
    """Read a place's folder, apart from `scores/`.

    Returns:
        The place and no faults; or None and every fault of every file.
    """
    file, faults = read_definition(root / "place.toml", PlaceFile)
    rules, more = read_definition(root / "linkage.toml", LinkageFile)
    faults += more
    contracts: dict[str, Contract] = {}
    families: list[tuple[str, IndicatorFamily]] = []
    for path in definition_files(root, "sources"):
        contract, more = read_definition(path, Contract)
        faults += more
        if contract:
            faults += _misnamed(path, contract.name)
            contracts[contract.name] = contract
    for path in definition_files(root, "indicators"):
        read, more = read_definition(path, IndicatorFile)
        faults += more
        families += _located(path, read)
    if file is None or rules is None or faults:
        return None, faults
    kinds = {kind.kind: kind for kind in rules.kinds}
    place = Place(root, file, contracts, kinds, _named(families), place_sha256(root))
    faults += _cross_faults(place, families)
    return (None, faults) if faults else (place, [])


def definition_files(root: Path, folder: str) -> list[Path]:
    """Return the TOML files of one folder of a place, by name."""
    return sorted((root / folder).glob("*.toml"))


def place_sha256(root: Path) -> str:
    """Return one hash over the names and bytes of all definition files."""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.toml")):
        name = path.relative_to(root).as_posix().encode()
        content = path.read_bytes()
        digest.update(b"%d %s %d " % (len(name), name, len(content)) + content)
    return digest.hexdigest()


def _located(
    path: Path, file: IndicatorFile | None
) -> Iterator[tuple[str, IndicatorFamily]]:
    for number, family in enumerate(file.indicators if file else []):
        yield inside(path, "indicators", number), family


def _named(families: Iterable[tuple[str, IndicatorFamily]]) -> dict[str, Indicator]:
    return {i.name: i for _, family in families for i in family.indicators()}


def _misnamed(path: Path, name: str) -> Iterator[Fault]:
    if path.stem != name:
        yield Fault(
            inside(path, "name"),
            "a source's file is called after it",
            repr(name),
            f"write {path.stem!r}, or rename the file to {name}.toml",
        )


def _cross_faults(
    place: Place, families: list[tuple[str, IndicatorFamily]]
) -> Iterator[Fault]:
    """Yield what is wrong between files that are each right by themselves."""
    yield from _double_names(families)
    for where, family in families:
        contract = place.contracts.get(family.source)
        yield from indicator_faults.faults_of(family, contract, where)
    for number, relation in enumerate(place.file.relations):
        where = inside(place.root / "place.toml", "relations", number)
        contract = place.contracts.get(relation.source)
        yield from faults_of_relation(relation, contract, where)
    path = place.root / "place.toml"
    yield from faults_of_service(place.file, place.contracts, path)
    for kind in place.linkage.values():
        yield from faults_of_rules(kind, place.contracts.values(), place.root)
    for where, what, name, known in _cross_references(place, families):
        if name not in known:
            listed = ", ".join(sorted(known)) or "none is declared"
            yield Fault(where, f"{what} must be declared", repr(name), f"use: {listed}")


def _double_names(families: list[tuple[str, IndicatorFamily]]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for where, family in families:
        for indicator in family.indicators():
            if first := seen.get(indicator.name):
                got = f"{indicator.name!r}, also at {first}"
                yield Fault(where, "an indicator's name is used once", got, "rename it")
            seen[indicator.name] = where


def _cross_references(
    place: Place, families: list[tuple[str, IndicatorFamily]]
) -> Iterator[tuple[str, str, str, Iterable[str]]]:
    """Every place where one file names something that another declares."""
    file = place.file
    kinds = [entity.kind for entity in file.entities]
    partners = [partner.id for partner in file.partners]
    purposes = [purpose.name for purpose in file.purposes]
    relations = [relation.name for relation in file.relations]
    for name, contract in place.contracts.items():
        path = place.root / "sources" / f"{name}.toml"
        yield inside(path, "partner"), "the partner", contract.partner, partners
        for number, about in enumerate(contract.about):
            where = inside(path, "about", number, "kind")
            yield where, "the entity kind", about.kind, kinds
            if about.identifiers:
                yield where, "how to link the kind", about.kind, place.linkage
        ground = contract.governance
        for purpose in ground.permitted_purposes if ground else []:
            where = inside(path, "governance", "permitted_purposes")
            yield where, "the purpose", purpose, purposes
    for where, family in families:
        if family.relation:
            where = inside(where, "relation")
            yield where, "the relation", family.relation, relations
    yield from _place_references(place, kinds)


def _place_references(
    place: Place, kinds: list[str]
) -> Iterator[tuple[str, str, str, Iterable[str]]]:
    path = place.root / "place.toml"
    for number, relation in enumerate(place.file.relations):
        where = inside(path, "relations", number)
        yield where, "the entity kind", relation.of, kinds
        yield where, "the entity kind", relation.to, kinds
        yield where, "the source", relation.source, place.contracts
    for where, source, names in _column_references(place, path):
        yield where, "the source", source, place.contracts
        columns = _columns(place, source)
        for name in names:
            yield where, f"the column of {source}", name, columns


def _column_references(
    place: Place, path: Path
) -> Iterator[tuple[str, str, list[str]]]:
    """Where `place.toml` names columns: the place, the source, the columns."""
    for number, point in enumerate(place.file.points):
        names = [point.latitude, point.longitude]
        yield inside(path, "points", number), point.source, names
    for number, group in enumerate(place.file.groups):
        yield inside(path, "groups", number), group.source, [group.column]


def _columns(place: Place, source: str) -> list[str]:
    contract = place.contracts.get(source)
    return contract.record_columns if contract else []

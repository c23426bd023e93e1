"""Restricted entities: who is not scored, and of whom no place is shown.

What marks a record is read from its newest version in the identity zone, whatever the
as-of date: somebody who is in danger today was not safe to be found yesterday either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import ibis

from features.definitions.contracts import Contract
from features.definitions.place import Place
from features.definitions.restrictions import RestrictionKind
from features.store.archive import Archive, empty_table, table_of


if TYPE_CHECKING:
    import ibis.expr.types as ir

# Attributes of these forms say where somebody lives, whether declared so or not.
_LOCATION_FORMS = ("postcode", "door")


def unscored(archive: Archive, place: Place, kind: str) -> ir.Table:
    """Return `entity`: the restricted of a kind, but for those the place allows."""
    marked = _union(
        _marked(archive, contract, place.file.restricted.scored)
        for contract in place.contracts.values()
        if contract.restriction
        and kind in {about.kind for about in contract.about if about.identifiers}
    )
    links = archive.links(kind).select("record_id", "entity")
    return links.semi_join(marked, "record_id").select("entity").distinct()


def unlocated(archive: Archive, place: Place) -> set[int]:
    """Return the records of whose person no place may be shown, over all sources.

    Where one record is marked, no other of the same person tells where they are either.
    """
    allowed = place.file.restricted.located
    sources = [c for c in place.contracts.values() if c.restriction]
    if not sources:
        return set()
    marked = archive.keep(_union(_marked(archive, c, allowed) for c in sources))
    kinds = {a.kind for c in sources for a in c.about if a.identifiers}
    tables = [marked]
    for kind in sorted(kinds):
        links = archive.links(kind).select("record_id", "entity")
        guarded = links.semi_join(marked, "record_id").select("entity")
        tables.append(links.semi_join(guarded, "entity").select("record_id"))
    return set(archive.fetch(_union(tables))["record_id"].to_pylist())


def entities_of(archive: Archive, kind: str, records: Collection[int]) -> set[str]:
    """Return the pseudonyms of the entities that some records are linked to."""
    if not records:
        return set()
    chosen = table_of({"record_id": sorted(records)}, {"record_id": "int64"})
    links = archive.links(kind).semi_join(chosen, "record_id")
    return set(archive.fetch(links.select("entity_id"))["entity_id"].to_pylist())


def location_columns(place: Place, contract: Contract) -> set[str]:
    """Return the columns of a source that say where somebody is.

    Those that are declared so, those that linking reads as a postcode or a door, and
    those that name another entity, such as a home or an area, outright.
    """
    declared = {column.name for column in contract.columns if column.location}
    named = {column for about in contract.about for column in about.key}
    read = {
        column
        for about in contract.about
        if about.kind in place.linkage
        for attribute, column in about.identifiers.items()
        if place.linkage[about.kind].attributes[attribute].form in _LOCATION_FORMS
    }
    return declared | named | read


def _union(tables: Iterable[ir.Table]) -> ir.Table:
    return ibis.union(empty_table({"record_id": "int64"}), *tables, distinct=True)


def _marked(
    archive: Archive, contract: Contract, allowed: Collection[RestrictionKind]
) -> ir.Table:
    """Return `record_id`: marked in its newest version, but for what is allowed."""
    marks = contract.restriction
    if marks is None:
        return empty_table({"record_id": "int64"})
    codes = sorted(c for c, kind in marks.codes.items() if kind not in allowed)
    table = archive.identity(contract, marks.column)
    # Few were ever marked: of these alone it matters which version is the newest.
    ever = table.filter(table[marks.column].isin(codes)).select("record_id")
    table = table.semi_join(ever, "record_id")
    newest = ibis.window(group_by="record_id")
    table = table.filter(table.load == table.load.max().over(newest))
    return table.filter(table[marks.column].isin(codes)).select("record_id")

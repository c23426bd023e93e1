"""Opt-outs, objections and restrictions, applied at every build for its purpose.

They look at what is known on the day of the build, not on the as-of date: a person who
objects today is left out of every later build, of past dates too.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis

from features.definitions.contracts import Contract, Objections
from features.definitions.governance import OptOutScope
from features.definitions.place import Place
from features.store.archive import Archive, empty_table


if TYPE_CHECKING:
    import ibis.expr.types as ir

# These two do not reach a person's own care.
_NOT_FOR_OWN_CARE: frozenset[OptOutScope] = frozenset(
    {"national data opt-out", "type 1"}
)


def registers_of(place: Place) -> list[Contract]:
    """Return the sources that are registers of opt-outs, by name."""
    named = sorted(place.contracts.items())
    return [contract for _, contract in named if contract.objections]


def scopes_in_force(
    archive: Archive, place: Place, kind: str, purpose: str, on: dt.date
) -> ir.Table:
    """Return `entity` and `scope`: who has opted out of `purpose` on the day `on`."""
    tables = [
        _declared(archive, contract, contract.objections, kind, purpose, on)
        for contract in registers_of(place)
        if contract.objections and kind in {about.kind for about in contract.about}
    ]
    if not tables:
        return empty_table({"entity": "int64", "scope": "string"})
    found = ibis.union(*tables, distinct=True)
    if place.purpose(purpose).individual_care:
        found = found.filter(found.scope.notin(sorted(_NOT_FOR_OWN_CARE)))
    return archive.keep(found)


def excluded_from(scopes: ir.Table, contract: Contract) -> ir.Table:
    """Return `entity`: whose records of this source may not be used."""
    honoured = scopes.scope.isin(contract.honours)
    return scopes.filter(honoured).select("entity").distinct()


def _declared(
    archive: Archive,
    contract: Contract,
    marked: Objections,
    kind: str,
    purpose: str,
    on: dt.date,
) -> ir.Table:
    records = archive.about(contract, kind)
    newest = records.superseded_on.isnull() & ~records.withdrawn
    # An entry without a date counts from the day it is known: it must not be lost.
    begun = records.event_date.isnull() | (records.event_date <= on)
    in_force = records.filter(newest & begun & _lasts(records, marked, on))
    if marked.purpose:
        named = in_force[marked.purpose]
        in_force = in_force.filter(named.isnull() | (named == purpose))
    scope = in_force[marked.column].cases(*marked.scopes.items())
    return in_force.select("entity", scope=scope).filter(ibis._.scope.notnull())


def _lasts(records: ir.Table, marked: Objections, on: dt.date) -> ir.BooleanValue:
    if marked.ends is None:
        return ibis.literal(value=True)
    ends = records[marked.ends]
    return ends.isnull() | (ends > on)

"""Related entities: which household, area or place an entity belonged to on a date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.archive import Archive
from features.as_of import is_known, is_within
from features.contracts import Contract
from features.measures import deciding_order
from features.place import Place, Relation


if TYPE_CHECKING:
    import ibis.expr.types as ir


def membership(
    archive: Archive, place: Place, relation: Relation, dates: ir.Table
) -> ir.Table:
    """Return each member's related entity on each date.

    Args:
        archive: Where the records and links are.
        place: Whose contracts say which source mentions both kinds.
        relation: Which kinds it joins.
        dates: One column, `as_of`, each date once.

    Returns:
        `entity` (of the member's kind), `as_of`, `related` (of the related kind): what
        the newest record known before the date says. No row where nothing is known.
    """
    contract = place.contracts[relation.source]
    members = archive.about(contract, relation.of)
    links = archive.links(relation.to).select("record_id", related="entity")
    both = members.join(links, "record_id").select(
        "record_id",
        "entity",
        "related",
        "event_date",
        "known_date",
        "superseded_on",
        "withdrawn",
    )
    return _newest(archive.keep(both), dates, "related")


def newest_value(
    archive: Archive, contract: Contract, kind: str, column: str, dates: ir.Table
) -> ir.Table:
    """Return what a source last said of each entity on each date.

    Returns:
        `entity`, `as_of` and `column`; no row where nothing is known. A column of the
        identity zone is read there, and must not leave its caller.
    """
    return _newest(_with_column(archive, contract, kind, column), dates, column)


def newest_record(
    archive: Archive, contract: Contract, kind: str, column: str, dates: ir.Table
) -> ir.Table:
    """Return `entity`, `as_of`, `record_id`: the record that `newest_value` reads."""
    return _newest(_with_column(archive, contract, kind, column), dates, "record_id")


def _with_column(
    archive: Archive, contract: Contract, kind: str, column: str
) -> ir.Table:
    records = archive.about(contract, kind)
    if column not in records.columns:
        identity = archive.identity(contract, column)
        records = records.join(identity, ["record_id", "load"])
    return archive.keep(records.filter(records[column].notnull()))


def _newest(records: ir.Table, dates: ir.Table, column: str) -> ir.Table:
    dated = dates.cross_join(records)
    known = dated.filter(
        is_known(dated, dated.as_of) & is_within(dated, dated.as_of, None)
    )
    value = {column: known[column].argmax(deciding_order(known))}
    return known.group_by(["entity", "as_of"]).aggregate(**value)

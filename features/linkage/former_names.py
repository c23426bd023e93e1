"""Former names: who has the records of a pseudonym that stands for nobody any more.

Of two people who turn out to be one the older pseudonym stays, and what was written
under the younger is about them. Where the records went several ways, nobody can say
whom it is about without looking.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.store.manifest import LinkVersion, Manifest
from features.store.warehouse import Warehouse


def heirs_of(
    warehouse: Warehouse, manifest: Manifest, names: Collection[str]
) -> Mapping[str, str | None]:
    """Return who has the records of those pseudonyms that stand for nobody now.

    Args:
        warehouse: Where the links are.
        manifest: Which there are; those of every version are asked.
        names: Pseudonyms, of any kinds.

    Returns:
        Of each that the newest links do not have, the one entity that now has every
        record that it had when it last stood for somebody; None if there is no such.
    """
    newest = {kind: _links(warehouse, v[0]) for kind, v in _versions(manifest).items()}
    gone = set(names)
    for links in newest.values():
        gone -= _those_in(links, gone)
    heirs: dict[str, str | None] = dict.fromkeys(sorted(gone))
    for kind, versions in _versions(manifest).items():
        for version in versions[1:]:
            if not gone:
                break
            last = _links(warehouse, version)
            found = _those_in(last, gone)
            heirs |= _heirs(last, newest[kind], found)
            gone -= found
    return heirs


def _versions(manifest: Manifest) -> dict[str, list[LinkVersion]]:
    """Return each kind's versions, the newest first."""
    found: dict[str, list[LinkVersion]] = {}
    for version in sorted(manifest.links, key=lambda v: v.number, reverse=True):
        found.setdefault(version.kind, []).append(version)
    return found


def _links(warehouse: Warehouse, version: LinkVersion) -> pa.Table:
    path = warehouse.path(version.links)
    return pq.read_table(path, columns=["record_id", "entity_id"])


def _those_in(links: pa.Table, names: Collection[str]) -> set[str]:
    return set(_of(links, names)["entity_id"].unique().to_pylist())


def _of(links: pa.Table, names: Collection[str]) -> pa.Table:
    wanted = pa.array(sorted(names), pa.string())
    return links.filter(pc.is_in(links["entity_id"], value_set=wanted))


def _heirs(
    last: pa.Table, newest: pa.Table, names: Collection[str]
) -> Iterator[tuple[str, str | None]]:
    had = _of(last, names).rename_columns(["record_id", "was"])
    both = had.join(newest, "record_id", join_type="left outer")
    moves = both.group_by(["was", "entity_id"]).aggregate([])
    now: dict[str, set[str | None]] = {}
    for was, heir in zip(
        moves["was"].to_pylist(), moves["entity_id"].to_pylist(), strict=True
    ):
        now.setdefault(was, set()).add(heir)
    for was, heirs in now.items():
        yield was, heirs.pop() if len(heirs) == 1 else None

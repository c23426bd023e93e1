"""Changes: whose records a linking moved, between two versions of the links.

A record that is merely new is no change of who somebody is, and is counted apart. What
was moved is told by pseudonym: the old name too, where it no longer stands for anyone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.definitions.place import Place
from features.faults import Fault, Misuse
from features.store.manifest import LinkVersion, Manifest
from features.store.warehouse import Warehouse


@dataclass(frozen=True)
class EntityChange:
    """What became of one entity's records.

    Attributes:
        entity_id: Its pseudonym, in either version.
        before: Records it had.
        after: Records it has; 0 if the pseudonym stands for nobody any more.
        gained: Of these, records that were there before under another or no entity.
        lost: Records that are now under another or no entity.
        arrived: Records that came with later loads.
        merged: Pseudonyms of other entities all of whose records it now has.
        split: Pseudonyms of other entities that now have some of its records.
    """

    entity_id: str
    before: int
    after: int
    gained: int
    lost: int
    arrived: int
    merged: tuple[str, ...]
    split: tuple[str, ...]


@dataclass(frozen=True)
class KindChanges:
    """What changed between two versions of a kind's links.

    Attributes:
        moved: Entities that gained or lost records, by pseudonym.
        only_new_records: Entities that were there before, and to which nothing
            happened but that new records came.
        new_entities: Entities made of new records alone.
    """

    kind: str
    older: int
    newer: int
    moved: tuple[EntityChange, ...]
    only_new_records: int
    new_entities: int


def changes_between(
    warehouse: Warehouse,
    place: Place,
    kind: str,
    *,
    older: int | None = None,
    newer: int | None = None,
) -> KindChanges | None:
    """Return what changed between two versions, the newest two if none are named.

    Returns:
        None if no version but one was ever made.

    Raises:
        Misuse: A version that is named does not exist, or they are the wrong way round.
    """
    manifest = warehouse.manifest()
    versions = {v.number: v for v in manifest.links if v.kind == kind}
    if older is None and newer is None and len(versions) < 2:
        return None
    last = newer or max(versions, default=0)
    first = older or last - 1
    if first not in versions or last not in versions or first >= last:
        raise Misuse([_no_such(kind, versions)])
    old, new = versions[first], versions[last]
    known = _records_until(warehouse, manifest, place, kind, old.loads)
    return _compared(_named(warehouse, old), _named(warehouse, new), known, old, new)


def _named(warehouse: Warehouse, version: LinkVersion) -> pa.Table:
    path = warehouse.path(version.links)
    return pq.read_table(path, columns=["record_id", "entity_id"])


def _records_until(
    warehouse: Warehouse, manifest: Manifest, place: Place, kind: str, last_load: int
) -> pa.Array:
    """Return the records of a kind's sources that there were after a load."""
    sources = {
        contract.name
        for contract in place.contracts.values()
        if kind in {about.kind for about in contract.about}
    }
    loads = [
        load
        for load in manifest.loads
        if load.source in sources and load.number <= last_load
    ]
    paths = [warehouse.path(load.identity) for load in loads]
    ids = [pq.read_table(p, columns=["record_id"])["record_id"] for p in paths]
    return pa.array(np.unique(np.concatenate([np.array([], np.int64), *ids])))


def _compared(
    old: pa.Table,
    new: pa.Table,
    known: pa.Array,
    older: LinkVersion,
    newer: LinkVersion,
) -> KindChanges:
    both = old.rename_columns(["record_id", "was"]).join(
        new.rename_columns(["record_id", "is"]), "record_id", join_type="full outer"
    )
    differs = pc.fill_null(pc.not_equal(both["was"], both["is"]), True)
    both = both.filter(differs).sort_by("record_id")
    is_known = pc.is_in(both["record_id"], value_set=known).to_pylist()
    rows = list(
        zip(both["was"].to_pylist(), both["is"].to_pylist(), is_known, strict=True)
    )
    moves = Counter((was, now) for was, now, there in rows if there)
    arrived = Counter(now for _, now, there in rows if not there and now)
    sizes = _Sizes(_counted(old), _counted(new))
    names = {name for pair in moves for name in pair if name}
    came_only = set(arrived) - names
    return KindChanges(
        kind=older.kind,
        older=older.number,
        newer=newer.number,
        moved=tuple(_changes(sorted(names), moves, arrived, sizes)),
        only_new_records=sum(name in sizes.before for name in came_only),
        new_entities=sum(name not in sizes.before for name in came_only),
    )


@dataclass(frozen=True)
class _Sizes:
    """How many records each pseudonym has in either version."""

    before: dict[str, int]
    after: dict[str, int]


def _changes(
    names: Iterable[str],
    moves: Counter[tuple[str | None, str | None]],
    arrived: Counter[str],
    sizes: _Sizes,
) -> Iterable[EntityChange]:
    came: dict[str, Counter[str | None]] = defaultdict(Counter)
    went: dict[str, Counter[str | None]] = defaultdict(Counter)
    for (was, now), count in moves.items():
        if now:
            came[now][was] = count
        if was:
            went[was][now] = count
    for name in names:
        whole = (n for n, count in came[name].items() if n and count == sizes.before[n])
        yield EntityChange(
            entity_id=name,
            before=sizes.before.get(name, 0),
            after=sizes.after.get(name, 0),
            gained=came[name].total(),
            lost=went[name].total(),
            arrived=arrived[name],
            merged=tuple(sorted(whole)),
            split=tuple(sorted(n for n in went[name] if n)),
        )


def _counted(links: pa.Table) -> dict[str, int]:
    counts = links.group_by("entity_id").aggregate([("record_id", "count")])
    names, numbers = counts["entity_id"], counts["record_id_count"]
    return dict(zip(names.to_pylist(), numbers.to_pylist(), strict=True))


def _no_such(kind: str, versions: Iterable[int]) -> Fault:
    known = ", ".join(map(str, sorted(versions))) or "none"
    return Fault(
        f"links of {kind}",
        "two versions are compared, the older first",
        "others",
        f"name two of these versions: {known}",
    )

"""What linking costs beside Splink alone: the same 100,000 records, run by turns.

The peer is Splink's own `predict` and connected components, on a table that is ready
for it. Ours is the whole step: reading, forms, identities, pairs, vetoes, files and the
report. Both weigh by the weights that the place declares; then both train first.
"""

from __future__ import annotations

import csv
import logging
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from benchmarks.report import progress
from benchmarks.town_links import PERSON, local_number
from features.definitions.contracts import Contract
from features.definitions.linking_rules import KindRules
from features.definitions.place import Place
from features.extracts.loading import Delivery, load_extract
from features.linkage.identities import Identities
from features.linkage.linking import link_place
from features.linkage.records import newest_records
from features.store.warehouse import Warehouse
from features.town.build import Town


RECORDS = 100_000
# Gives a little over 100,000 files: people whom a partner keeps under one number.
PEOPLE = 23_500
RUNS = 3
THREADS = 2


@dataclass(frozen=True)
class Cost:
    """What a run took: by the clock, and of both cores together."""

    seconds: float
    cpu_seconds: float


def load_files(folder: Path, place: Place, town: Town) -> None:
    """Load one record of each of the town's files, 100,000 at most.

    Many records of one person that say the same would flatter us: we compare what is
    said once, and Splink every record.
    """
    warehouse = Warehouse(folder / "store")
    left, seen = RECORDS, set[str]()
    for extract in town.extracts:
        contract = place.contracts[extract.source]
        if not extract.history or local_number(contract) is None:
            continue
        path = folder / f"{contract.name}.csv"
        rows = _one_of_each(extract.path, path, contract, seen, left)
        if rows:
            delivery = Delivery(extract.received, extract.history, extract.period)
            load_extract(warehouse, contract, path, delivery)
            left -= rows


def figures(folder: Path, place: Place, key: bytes) -> dict[str, float]:
    """Return the cost of linking the records that `load_files` loaded."""
    table = _ready(Warehouse(folder / "store"), place)
    costs: dict[str, list[Cost]] = {}
    for run in range(RUNS):
        progress(f"linking {len(table):,} records, run {run + 1} of {RUNS}")
        for name, rules in _ways(place):
            ours = _ours(folder, _with(place, rules), key)
            peer = _peer(rules, table)
            costs.setdefault(f"ours {name}", []).append(ours)
            costs.setdefault(f"peer {name}", []).append(peer)
            progress(f"  {name}: {ours.seconds:.1f} s, Splink {peer.seconds:.1f} s")
    ours, peer = costs["ours declared"], costs["peer declared"]
    trained, peer_trained = costs["ours trained"], costs["peer trained"]
    return {
        "records_100k": len(table),
        "seconds_100k": round(_least(trained, "seconds"), 2),
        "splink_seconds_100k": round(_least(peer_trained, "seconds"), 2),
        "overhead_over_splink": _ratio(ours, peer, "seconds"),
        "overhead_over_splink_cpu": _ratio(ours, peer, "cpu_seconds"),
        "overhead_with_training": _ratio(trained, peer_trained, "seconds"),
        "overhead_with_training_cpu": _ratio(trained, peer_trained, "cpu_seconds"),
    }


def _ways(place: Place) -> list[tuple[str, KindRules]]:
    rules = place.linkage[PERSON]
    declared = rules.model_copy(update={"training": None})
    return [("declared", declared), ("trained", rules)]


def _with(place: Place, rules: KindRules) -> Place:
    return replace(place, linkage={**place.linkage, PERSON: rules})


def _ours(folder: Path, place: Place, key: bytes) -> Cost:
    """Link in a copy of the store, which was never linked."""
    copy = folder / "copy"
    shutil.copytree(folder / "store", copy)
    cost = _timed(lambda: link_place(Warehouse(copy), place, key))
    shutil.rmtree(copy)
    return cost


def _ready(warehouse: Warehouse, place: Place) -> pa.Table:
    """Return every record as linking reads it, for Splink to start from."""
    manifest, rules = warehouse.manifest(), place.linkage[PERSON]
    tables = [
        newest_records(warehouse, manifest, contract, rules, rules.used)
        for contract in place.contracts.values()
        if manifest.loads_of(contract.name)
        and PERSON in {about.kind for about in contract.about}
    ]
    return pa.concat_tables(tables).combine_chunks()


def _peer(rules: KindRules, table: pa.Table) -> Cost:
    import duckdb

    from features.linkage.weights import linker_of, trained

    logging.getLogger("splink").setLevel(logging.CRITICAL)
    sides = pa.array([0] * len(table), pa.int64())
    records = table["record_id"].to_pylist()
    # Each record by itself, as Splink would be given them.
    raw = Identities(
        table.drop_columns("record_id").append_column("side", sides),
        [[record] for record in records],
        [None] * len(records),
        0,
    )

    def work() -> object:
        with duckdb.connect(":memory:", config={"threads": THREADS}) as connection:
            linker = linker_of(raw, rules, connection)
            if rules.training:
                trained(linker, rules.training)
            pairs = linker.inference.predict(
                threshold_match_probability=rules.kept_from
            )
            clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
                pairs, threshold_match_probability=rules.threshold
            )
            return clusters.as_pyarrow_table()

    return _timed(work)


def _timed(work: Callable[[], object]) -> Cost:
    started, cpu = time.monotonic(), _cpu()
    work()
    return Cost(time.monotonic() - started, _cpu() - cpu)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _least(costs: list[Cost], name: str) -> float:
    return min(getattr(cost, name) for cost in costs)


def _ratio(ours: list[Cost], peer: list[Cost], name: str) -> float:
    return round(_least(ours, name) / _least(peer, name), 3)


def _one_of_each(
    source: Path, target: Path, contract: Contract, seen: set[str], most: int
) -> int:
    """Write the first row of each file that was not seen yet; return how many."""
    number = contract.column(local_number(contract) or "").header
    encoding = contract.file.encoding
    with (
        source.open(newline="", encoding=encoding) as read,
        target.open("w", newline="", encoding=encoding) as written,
    ):
        rows = csv.reader(read, delimiter=contract.file.delimiter)
        writer = csv.writer(
            written, delimiter=contract.file.delimiter, lineterminator="\n"
        )
        header = next(rows)
        writer.writerow(header)
        at = header.index(number)
        found = 0
        for row in _first(rows, at, contract.partner, seen):
            if found == most:
                break
            writer.writerow(row)
            found += 1
    return found


def _first(
    rows: Iterator[list[str]], at: int, partner: str, seen: set[str]
) -> Iterator[list[str]]:
    for row in rows:
        file = f"{partner} {row[at]}"
        if file not in seen:
            seen.add(file)
            yield row

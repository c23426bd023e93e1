"""What linking costs beside Splink alone: the same 100,000 records, run by turns.

The peer is Splink's own `predict` and connected components, as `splink_alone` runs
them, on a table that is ready for it. Ours is the whole step: reading, forms,
identities, pairs, vetoes, files and the report. Both weigh by the weights that the
place declares; then both train first. What disturbs one run of a turn disturbs the
next, so each turn is judged by itself, and the middle of all turns is told.
"""

from __future__ import annotations

import csv
import resource
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from benchmarks import splink_alone
from benchmarks.report import progress
from benchmarks.town_links import PERSON, local_number
from features.definitions.contracts import Contract
from features.definitions.linking_rules import KindRules
from features.definitions.place import Place
from features.extracts.loading import Delivery, load_extract
from features.linkage.linking import link_place
from features.linkage.records import newest_records
from features.store.warehouse import Warehouse
from features.town.build import Town


RECORDS = 100_000
# Gives a little over 100,000 files: people whom a partner keeps under one number.
PEOPLE = 23_500
RUNS = 7
# Training takes both most of their time, and is the same for both.
TRAINED_RUNS = 3


@dataclass(frozen=True)
class Cost:
    """What a run took: by the clock, and of both cores together."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Turn:
    """Runs that followed each other.

    Attributes:
        ours: Our whole step.
        splink: Splink as it comes.
        near: Splink by our writing of the levels.
    """

    ours: Cost
    splink: Cost
    near: Cost


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
    identities = splink_alone.identities_of(ready(Warehouse(folder / "store"), place))
    rules = place.linkage[PERSON]
    declared = rules.model_copy(update={"training": None})
    own_levels = splink_alone.as_it_comes(rules, identities)

    def turns(way: KindRules, runs: int) -> list[Turn]:
        found = []
        for run in range(runs):
            turn = Turn(
                ours=_ours(folder, _with(place, way), key),
                splink=_timed(lambda: splink_alone.link(way, identities, own_levels)),
                near=_timed(lambda: splink_alone.link(way, identities, None)),
            )
            found.append(turn)
            progress(f"linking {len(identities):,}, {run + 1} of {runs}: {_told(turn)}")
        return found

    return {"records_100k": len(identities)} | _ratios(
        turns(declared, RUNS), turns(rules, TRAINED_RUNS)
    )


def _ratios(declared: list[Turn], trained: list[Turn]) -> dict[str, float]:
    ratios = sorted(turn.ours.seconds / turn.splink.seconds for turn in declared)
    return {
        "seconds_100k": round(min(turn.ours.seconds for turn in trained), 2),
        "splink_seconds_100k": round(min(turn.splink.seconds for turn in trained), 2),
        "overhead_over_splink": _middle(declared, "splink", "seconds"),
        "overhead_over_splink_least": round(ratios[0], 3),
        "overhead_over_splink_most": round(ratios[-1], 3),
        "overhead_over_splink_cpu": _middle(declared, "splink", "cpu_seconds"),
        "overhead_over_our_levels": _middle(declared, "near", "seconds"),
        "overhead_over_our_levels_cpu": _middle(declared, "near", "cpu_seconds"),
        "overhead_with_training": _middle(trained, "splink", "seconds"),
        "overhead_with_training_cpu": _middle(trained, "splink", "cpu_seconds"),
    }


def _middle(turns: list[Turn], peer: str, of: str) -> float:
    ratios = [getattr(t.ours, of) / getattr(getattr(t, peer), of) for t in turns]
    return round(statistics.median(ratios), 3)


def _told(turn: Turn) -> str:
    return (
        f"{turn.ours.seconds:.1f} s, Splink {turn.splink.seconds:.1f} s, "
        f"by our levels {turn.near.seconds:.1f} s; in processor time "
        f"{turn.ours.cpu_seconds:.1f} s, {turn.splink.cpu_seconds:.1f} s, "
        f"{turn.near.cpu_seconds:.1f} s"
    )


def _with(place: Place, rules: KindRules) -> Place:
    return replace(place, linkage={**place.linkage, PERSON: rules})


def _ours(folder: Path, place: Place, key: bytes) -> Cost:
    """Link in a copy of the store, which was never linked."""
    copy = folder / "copy"
    shutil.copytree(folder / "store", copy)
    cost = _timed(lambda: link_place(Warehouse(copy), place, key))
    shutil.rmtree(copy)
    return cost


def ready(warehouse: Warehouse, place: Place) -> pa.Table:
    """Return every record as linking reads it, for Splink to start from."""
    manifest, rules = warehouse.manifest(), place.linkage[PERSON]
    tables = [
        newest_records(warehouse, manifest, contract, rules, rules.used)
        for contract in place.contracts.values()
        if manifest.loads_of(contract.name)
        and PERSON in {about.kind for about in contract.about}
    ]
    return pa.concat_tables(tables).combine_chunks()


def _timed(work: Callable[[], object]) -> Cost:
    started, cpu = time.monotonic(), _cpu()
    work()
    return Cost(time.monotonic() - started, _cpu() - cpu)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


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

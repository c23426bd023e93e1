"""Indicators against timeseriesflattener: the same counts and sums, equal to the cent.

Both start from the warehouse's Parquet files and end with one row for each pseudonym
and as-of date. Ours also honours known dates. The peer is written as its documents
show: one specification for each thing counted or summed, keyed by pseudonym. Beside it
stands a tuned peer: keyed by whole numbers, and counting and summing each kind at once,
the sums over all kinds added up by hand. The target is held against the tuned one, the
faster. Each measurement is a process of its own, and they take turns.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.events import AS_OF, KINDS, WINDOWS_DAYS, write_events
from benchmarks.report import Report, progress


SMALL, MIDDLE, LARGE = 500_000, 2_000_000, 10_000_000
ROUNDS = 5
TARGETS = {
    "times_faster_2m": (">=", 3.5),
    "peak_gb": ("<=", 4.0),
    "growth_500k_to_2m": ("<=", 4.0),
}


def run(arguments: list[str]) -> Report:
    """Time both at 500 thousand and 2 million events, and ours alone at 10 million."""
    options = _options(arguments)
    if options.child:
        _child(options.child, Path(options.folder))
        raise SystemExit(0)
    _check_equal()
    figures: dict[str, float | None] = {}
    peaks = []
    for name, events in (("500k", SMALL), ("2m", MIDDLE)):
        runs = _all(events)
        ours = runs["ours"]
        figures[f"times_faster_{name}"] = _ratio(runs["tuned_peer"], ours)
        figures[f"times_faster_{name}_untuned_peer"] = _ratio(runs["peer"], ours)
        figures[f"seconds_{name}"] = _median(ours)
        figures[f"peer_seconds_{name}"] = _median(runs["peer"])
        figures[f"tuned_peer_seconds_{name}"] = _median(runs["tuned_peer"])
        peaks += [one["peak_gb"] for one in ours]
    large = _alone(LARGE)
    peaks += [one["peak_gb"] for one in large]
    figures["seconds_10m"] = _median(large)
    figures["growth_500k_to_2m"] = _growth(figures, "500k", "2m")
    figures["peak_gb"] = max(peaks)
    return Report("indicators", figures, TARGETS)


def _growth(figures: dict[str, float | None], small: str, large: str) -> float:
    before, after = figures[f"seconds_{small}"], figures[f"seconds_{large}"]
    return (after or 0.0) / (before or 1.0)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks indicators")
    parser.add_argument("--child", choices=sorted(_CHILDREN), help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _all(events: int) -> dict[str, list[dict[str, Any]]]:
    """Let all take turns on the same data."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        progress(f"writing {events:,} events")
        write_events(folder, events)
        runs: dict[str, list[dict[str, Any]]] = {child: [] for child in _CHILDREN}
        for number in range(1, ROUNDS + 1):
            progress(f"{events:,} events, round {number} of {ROUNDS}")
            for child in _CHILDREN:
                runs[child].append(_measured(child, folder))
    return runs


def _check_equal() -> None:
    """Compare every value, on events that were known when they happened."""
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        progress(f"comparing the values of {SMALL:,} events")
        write_events(folder, SMALL, lag_days=0)
        for child in _CHILDREN:
            _measured(child, folder)
        ours, *others = (pq.read_table(folder / f"{c}.parquet") for c in _CHILDREN)
    for theirs in others:
        for column in theirs.column_names:
            if ours[column].cast(theirs[column].type) != theirs[column]:
                raise AssertionError(f"they differ in {column}")


def _alone(events: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        progress(f"writing {events:,} events")
        write_events(Path(name), events)
        progress(f"{events:,} events, ours alone")
        return [_measured("ours", Path(name)) for _ in range(ROUNDS)]


def _measured(child: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks", "indicators", "--child", child]
    command += ["--folder", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _child(name: str, folder: Path) -> None:
    """Be one measurement: time it, and print seconds and peak memory."""
    work = _CHILDREN[name](folder)
    started = time.perf_counter()
    table = work()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    _keep(table, folder / f"{name}.parquet")
    print(json.dumps({"seconds": seconds, "peak_gb": peak}))


def _ours(folder: Path) -> Callable[[], Any]:
    """Return the work to time; imports and definitions are made before."""
    import ibis
    import pandas as pd  # noqa: F401 - Arrow's way out of Ibis imports it: a second

    from benchmarks.events import COHORT, place_of_events
    from features.snapshots.question import Question
    from features.snapshots.spine import in_order
    from features.snapshots.values import indicator_values
    from features.store.archive import Archive
    from features.store.warehouse import Warehouse

    warehouse, place = Warehouse(folder), place_of_events()
    Archive(warehouse, warehouse.manifest()).close()  # the back end's own imports
    indicators = list(place.indicators.values())

    def work() -> Any:
        archive = Archive(warehouse, warehouse.manifest())
        numbers = {"as_of": list(AS_OF), "number": list(range(len(AS_OF)))}
        dates = ibis.memtable(numbers, schema={"as_of": "date", "number": "int64"})
        rows = in_order(archive, "person").cross_join(dates)
        rows = rows.mutate(row=rows.place * len(AS_OF) + rows.number)
        rows = rows.mutate(index_record=ibis.null("int64")).drop("place", "number")
        rows = archive.keep(rows)
        question = Question(archive, place, COHORT, rows, AS_OF, {})
        values = indicator_values(question, indicators)
        return archive.fetch(values.order_by("row").drop("row", "index_record"))

    return work


def _peer(folder: Path, *, tuned: bool = False) -> Callable[[], Any]:
    """Return the peer's work, as its documentation shows it or tuned."""
    import polars as pl
    import timeseriesflattener as tsf

    key = "entity" if tuned else "entity_id"

    def work() -> Any:
        events = pl.read_parquet(folder / "warehouse/records/events/000001.parquet")
        links = pl.read_parquet(folder / "warehouse/links/person/000001.parquet")
        events = events.join(links, on="record_id").select(
            key,
            "kind",
            pl.col("event_date").cast(pl.Datetime("us")).alias("timestamp"),
            pl.col("amount").cast(pl.Float64),
        )
        named = links.unique("entity") if tuned else links
        named = named.select("entity", "entity_id").unique()
        dates = pl.DataFrame({"as_of": list(AS_OF)})
        dates = dates.select(pl.col("as_of").cast(pl.Datetime("us")))
        frame = tsf.PredictionTimeFrame(
            named.select(key).join(dates, how="cross"),
            entity_id_col_name=key,
            timestamp_col_name="as_of",
        )
        specs = _specs(tsf, pl, events, key)
        found = tsf.Flattener(predictiontime_frame=frame).aggregate_timeseries(specs).df
        return _as_ours(pl, found.join(named, on=key) if tuned else found).to_arrow()

    return work


def _specs(tsf: Any, pl: Any, events: Any, key: str) -> list[Any]:
    """Ask for counts of each kind and sums; both ends of a look-back are inclusive."""
    count, add = tsf.CountAggregator(), tsf.SumAggregator()

    def spec(rows: Any, name: str, aggregators: list[Any]) -> Any:
        columns = rows.select(key, "timestamp", pl.col("amount").alias(name))
        values = tsf.ValueFrame(
            columns, entity_id_col_name=key, value_timestamp_col_name="timestamp"
        )
        spans = [(timedelta(days=1), timedelta(days=days)) for days in WINDOWS_DAYS]
        return tsf.PredictorSpec(
            values, lookbehind_distances=spans, aggregators=aggregators, fallback=0
        )

    by_kind = {kind: events.filter(pl.col("kind") == kind) for kind in KINDS}
    if key == "entity":
        return [spec(rows, kind, [count, add]) for kind, rows in by_kind.items()]
    counts = [spec(rows, kind, [count]) for kind, rows in by_kind.items()]
    return [*counts, spec(events, "all", [add])]


def _as_ours(pl: Any, found: Any) -> Any:
    """Name the peer's columns as ours, and put rows in order."""
    columns = {}
    for days in WINDOWS_DAYS:
        end = f"within_1_to_{days}_days"
        for kind in KINDS:
            count = pl.col(f"pred_{kind}_{end}_count_fallback_0")
            columns[f"count_{kind}_{days}d"] = count.cast(pl.Int64)
        sums = [f"pred_{name}_{end}_sum_fallback_0" for name in ("all", *KINDS)]
        there = [pl.col(name) for name in sums if name in found.columns]
        columns[f"sum_{days}d"] = pl.sum_horizontal(there).round(2)
    keys = ("entity_id", pl.col("as_of").cast(pl.Date))
    return found.select(*keys, **columns).sort("entity_id", "as_of")


_CHILDREN = {"ours": _ours, "peer": _peer, "tuned_peer": partial(_peer, tuned=True)}


def _keep(table: Any, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path)


def _median(runs: list[dict[str, float]]) -> float:
    return statistics.median(one["seconds"] for one in runs)


def _ratio(slower: list[dict[str, float]], faster: list[dict[str, float]]) -> float:
    """Return how many times longer the median run of the one took than the other's."""
    return _median(slower) / _median(faster)

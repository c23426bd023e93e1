"""Attendances at emergency departments, forecast one to six months ahead, by trust.

The published months go the whole way: extract, contract, load, link, snapshot, and on
every as-of date a fit on what was known before it. Beside the additive tables stand the
same month last year (seasonal naive) and statsforecast's AutoETS, on the same trusts,
dates and months, each error over the trust's own naive error before that date.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.attendances import (
    auto_ets,
    naive_errors,
    read_attendances,
    series_before,
    write_extract,
)
from benchmarks.report import Report, data_folder, progress
from features.definitions.place import Place, read_place
from features.extracts.loading import Delivery, load_extract
from features.faults import Fault, Misuse, Refusal, refuse_if_any
from features.linkage.linking import link_place
from features.snapshots.snapshot import build_snapshot
from features.store.archive import Archive
from features.store.warehouse import Warehouse
from models.definitions.definition import ScoreDefinition
from models.definitions.score_files import read_scores
from models.judging.intervals import Figure
from models.judging.number_figures import Forecasts, judge_numbers, ratio_figure
from training.cohort import days, read_cases
from training.demand.demand import forecasts_of, roll


PLACE = Path(__file__).resolve().parents[1] / "places" / "demand"
SOURCE = "attendances"
# Of the pseudonyms: all is open, so nothing is kept secret by it.
KEY = b"open data has nothing to hide..."
# Against the naive forecast and AutoETS in the same run, as shares of theirs.
TARGETS = {
    "mase_over_naive": ("<=", 0.9),
    "mase_over_ets": ("<=", 1.0),
    "coverage_90": (">=", 0.88),
}
LEADS = (1, 2, 3, 4, 5, 6)


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line.

    Attributes:
        data: The folder that holds the file.
        every: One trust in so many is forecast.
        first: The first as-of date that is judged; None as declared.
        with_ets: Fit AutoETS as well.
    """

    data: Path
    every: int = 1
    first: dt.date | None = None
    with_ets: bool = True


def run(arguments: Sequence[str]) -> Report:
    """Return what was found; what is being done is told on stderr.

    Raises:
        Misuse: An argument cannot be meant, or the file is not there.
        Refusal: The extract is not as its contract says, or nothing can be judged.
    """
    options = read_options(arguments)
    attendances = read_attendances(options.data)
    trusts = attendances["trust"].unique()[:: options.every]
    return judge(attendances[attendances["trust"].isin(trusts)], options)


def read_options(arguments: Sequence[str]) -> Options:
    """Return the options; `--data` may name the file's folder or the one above."""
    parser = argparse.ArgumentParser("python -m benchmarks demand")
    parser.add_argument("--data", type=Path, help="folder of the published file")
    parser.add_argument("--every", type=int, default=1, help="one trust in so many")
    parser.add_argument("--judge-from", type=dt.date.fromisoformat, metavar="DAY")
    parser.add_argument("--without-ets", action="store_true")
    read = parser.parse_args(arguments)
    if read.every < 1:
        what, do = "one trust in 1 or more is forecast", "use 1 or more"
        raise Misuse([Fault("--every", what, str(read.every), do)])
    folder = data_folder(read.data)
    inside = folder / "demand"
    data = inside if inside.is_dir() else folder
    return Options(data, read.every, read.judge_from, not read.without_ets)


def judge(attendances: pd.DataFrame, options: Options) -> Report:
    """Load the months, forecast from every judged date, and judge beside the others."""
    place, scores = definitions(options)
    with tempfile.TemporaryDirectory() as folder:
        warehouse = loaded(place, attendances, Path(folder))
        found = pd.concat(
            forecast(warehouse, place, score, lead)
            for lead, score in zip(LEADS, scores, strict=True)
        )
    found = with_peers(found, attendances, with_ets=options.with_ets)
    return Report("demand", dict(figures_of(found)), TARGETS)


def definitions(options: Options) -> tuple[Place, list[ScoreDefinition]]:
    """Return the place, and its scores from one to six months ahead."""
    place, faults = read_place(PLACE)
    if place is None:
        raise Refusal(faults)
    scores, faults = read_scores(place)
    refuse_if_any(faults)
    named = [scores[f"{SOURCE}_{lead}"] for lead in LEADS]
    if options.first is None:
        return place, named
    first = {"first": options.first}
    judgements = [score.judgement.model_copy(update=first) for score in named]
    return place, [
        score.model_copy(update={"judgement": judgement})
        for score, judgement in zip(named, judgements, strict=True)
    ]


def loaded(place: Place, attendances: pd.DataFrame, folder: Path) -> Warehouse:
    """Return a warehouse that received all months on the day after the last one."""
    warehouse = Warehouse(folder / "store")
    path = write_extract(attendances, folder)
    delivery = Delivery(received=end_of(attendances), history=True)
    load = load_extract(warehouse, place.contracts[SOURCE], path, delivery)
    progress(f"loaded {load.rows:,} months of {attendances['trust'].nunique()} trusts")
    link_place(warehouse, place, KEY, progress=progress)
    return warehouse


def end_of(attendances: pd.DataFrame) -> dt.date:
    """Return the day after the last month."""
    last: dt.date = attendances["month_ended"].max()
    return last + dt.timedelta(days=1)


def forecast(
    warehouse: Warehouse, place: Place, score: ScoreDefinition, lead: int
) -> pd.DataFrame:
    """Return every forecast of the judged dates, with the trust that each is about."""
    until = warehouse.manifest().loads_of(SOURCE)[-1].received
    calendar = score.cohort.calendar
    dates = calendar.dates(until) if calendar else []
    entry = build_snapshot(warehouse, place, score.plan(), dates, on=today())
    cases = read_cases(warehouse, entry, score)
    origins = roll(cases, score, place)
    judged = [o for o in origins if o.as_of >= days(score.judgement.first)]
    if not judged:
        where, what = score.name, "a judged date must be forecast"
        raise Refusal([Fault(where, what, "none", "give more data, or --judge-from")])
    progress(f"{score.name}: {len(origins)} dates fitted, {len(judged)} judged")
    tables = []
    for origin in judged:
        told = pd.DataFrame(vars(forecasts_of(origin, origins, cases, score)))
        tables.append(told.assign(as_of=origin.as_of.astype(dt.date), lead=lead))
    names = trusts_of(warehouse, place)
    found = pd.concat(tables)
    return found.assign(trust=found["entity"].map(names))


def trusts_of(warehouse: Warehouse, place: Place) -> Mapping[str, str]:
    """Return the trust that each pseudonym stands for: the peers go by its code."""
    with contextlib.closing(Archive(warehouse, warehouse.manifest())) as archive:
        records = archive.about(place.contracts[SOURCE], "trust")
        records = records.join(archive.entities("trust"), "entity")
        told = archive.fetch(records.select("entity_id", "trust").distinct())
    return dict(zip(*(told[n].to_pylist() for n in told.column_names), strict=True))


def with_peers(
    found: pd.DataFrame, attendances: pd.DataFrame, *, with_ets: bool
) -> pd.DataFrame:
    """Add AutoETS's forecasts, and each trust's naive error before the date.

    Left out are forecasts of trusts with less than two years before the date.
    """
    tables = []
    for day, rows in found.groupby("as_of"):
        series = series_before(attendances, day)
        wanted = {t: series[t] for t in rows["trust"].unique()}
        rows = rows.assign(scale=rows["trust"].map(naive_errors(wanted)))
        if with_ets:
            ets = auto_ets(wanted, day, LEADS)
            rows = rows.merge(ets, on=["trust", "lead"], how="left")
            progress(f"AutoETS as of {day}: {ets['trust'].nunique()} trusts")
        tables.append(rows)
    peers = pd.concat(tables)
    return peers[peers["scale"] > 0].reset_index(drop=True)


def figures_of(found: pd.DataFrame) -> Iterator[tuple[str, float | None]]:
    """Yield the figures over all leads, then lead by lead."""
    yield "forecasts", len(found)
    yield "trusts", found["trust"].nunique()
    yield "dates", found["as_of"].nunique()
    yield from _figures(found, "")
    for lead, rows in found.groupby("lead"):
        yield from _figures(rows, f"_{lead}")


def _figures(found: pd.DataFrame, ending: str) -> Iterator[tuple[str, float | None]]:
    names = ("entity", "counted", "expected", "naive", "scale", "low", "high")
    told = judge_numbers(Forecasts(*(found[n].to_numpy() for n in names)), seed=1)
    yield from _told(f"mase_additive{ending}", told.mase)
    yield from _told(f"mase_naive{ending}", told.mase_naive)
    yield from _told(f"coverage_90{ending}", told.coverage)
    yield from _against(found, "naive", ending)
    if "ets" not in found:
        return
    entity = found["entity"].to_numpy()
    off = (found["counted"] - found["ets"]).abs() / found["scale"]
    inside = found["counted"].between(found["ets_low"], found["ets_high"])
    one = np.ones(len(found))
    yield from _told(
        f"mase_ets{ending}", ratio_figure(off.to_numpy(), one, entity, seed=1)
    )
    held = ratio_figure(inside.to_numpy(dtype=float), one, entity, seed=1)
    yield from _told(f"coverage_90_ets{ending}", held)
    yield from _against(found, "ets", ending)


def _against(
    found: pd.DataFrame, peer: str, ending: str
) -> Iterator[tuple[str, float | None]]:
    """Yield the additive tables' MASE as a share of a peer's, on the same forecasts."""
    ours = (found["counted"] - found["expected"]).abs() / found["scale"]
    theirs = (found["counted"] - found[peer]).abs() / found["scale"]
    entity = found["entity"].to_numpy()
    share = ratio_figure(ours.to_numpy(), theirs.to_numpy(), entity, seed=1)
    yield from _told(f"mase_over_{peer}{ending}", share)


def _told(name: str, figure: Figure) -> Iterator[tuple[str, float | None]]:
    yield name, _rounded(figure.value)
    yield f"{name}_low", _rounded(figure.low)
    yield f"{name}_high", _rounded(figure.high)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


def today() -> dt.date:
    """Return the day of the run."""
    return dt.datetime.now(tz=dt.UTC).date()

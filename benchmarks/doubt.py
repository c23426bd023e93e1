"""Doubt in links, carried through: are the ranges honest, and what do they cost?

On the simulated town it is known whose every record is. The newest cohort is scored
with draws of uncertain links, then once more with the true links: the range that was
stated should hold the score that was right.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.report import Report, progress
from benchmarks.town_links import PERSON, Known, known_of, load_town
from features.definitions.place import Place, read_place
from features.faults import refuse_if_any
from features.linkage.linking import link_place
from features.snapshots.snapshot import (
    ask,
    build_snapshot,
    definition_sha256,
    snapshot_table,
)
from features.store.archive import Archive
from features.store.warehouse import Warehouse
from models.definitions.bundle import Bundle, Rate
from models.definitions.definition import ScoreDefinition
from models.definitions.doubt import LinkDoubt
from models.definitions.freezing import freeze
from models.definitions.score_files import read_scores
from models.families.estimators import FITS
from models.families.inputs import columns_of
from models.ledger.cases import CaseFile
from models.ledger.ledger import Ledger, open_ledger
from models.ledger.promotions import promote
from models.ledger.tables import scores
from models.tables.table import TableModel
from serving.batch import Stores, drawn_cohort, run_batch
from serving.doubt import crosses
from training.cohort import read_cases
from training.fit import directions_of
from training.judging.splits import split_by_date


ROOT = Path(__file__).resolve().parent.parent
PEOPLE = 5_000
TODAY = dt.date(2026, 4, 1)
KEY = bytes(32)
# The least that can be told apart after a sum of floats.
_SAME = 1e-9
TARGETS = {
    "times_one_scoring": ("<=", 3.0),
    "covered_share": (">=", 0.85),
}
T = TypeVar("T")


@dataclass(frozen=True)
class Scored:
    """The town's newest cohort, scored with draws of links.

    Attributes:
        table: The snapshot, with `row` and `entity`.
        affected: The rows that some draw changes.
        doubts: By pseudonym, what was stated.
        seconds: Of the whole batch, and of what doubt added to it.
    """

    table: pd.DataFrame
    affected: set[int]
    doubts: dict[str, LinkDoubt]
    seconds: tuple[float, float]


def run(arguments: list[str]) -> Report:
    """Score a town with draws of links, and then with the true ones."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks doubt")
    parser.add_argument("--people", type=int, default=PEOPLE, help="of 65 and over")
    people = parser.parse_args(arguments).people
    place, faults = read_place(ROOT / "places" / "avonmere")
    refuse_if_any(faults)
    if place is None:
        raise ValueError("the town's place could not be read")
    found, faults = read_scores(place)
    refuse_if_any(faults)
    (score,) = found.values()
    with tempfile.TemporaryDirectory() as folder:
        town = load_town(Path(folder), place, people)
        warehouse = Warehouse(Path(folder) / "store")
        progress("linking")
        link_place(warehouse, place, KEY)
        known = known_of(town, warehouse, place)
        return measured(Path(folder), warehouse, place, score, known)


def measured(
    folder: Path,
    warehouse: Warehouse,
    place: Place,
    score: ScoreDefinition,
    known: Known,
) -> Report:
    """Return the figures of a linked town whose truth is known."""
    progress("fitting a model")
    bundle = _bundle(warehouse, place, score)
    ledger = open_ledger(f"sqlite:///{folder / 'doubt.db'}")
    promote(ledger, bundle, by="benchmark", at=dt.datetime.now(dt.UTC))
    progress("scoring with draws of links")
    scored = _scored(Stores(warehouse, ledger), place, score, bundle)
    ledger.close()
    progress("scoring with the true links")
    true = _true_log_odds(warehouse, place, score, bundle.model, known)
    whole, added = scored.seconds
    figures = _coverage(scored, true) | {
        "scoring_seconds": whole - added,
        "doubt_seconds": added,
        "times_one_scoring": whole / (whole - added),
    }
    return Report("doubt", figures, TARGETS)


def _bundle(warehouse: Warehouse, place: Place, score: ScoreDefinition) -> Bundle:
    """Return the score as promoted, but that no range withholds it."""
    calendar = score.cohort.calendar
    if calendar is None:
        raise ValueError("the town's cohort has a calendar")
    entry = build_snapshot(
        warehouse, place, score.plan(), calendar.dates(TODAY), on=TODAY
    )
    cases = read_cases(warehouse, entry, score)
    fitted = cases.only(split_by_date(cases, score).fitted).weighed()
    model = FITS[score.serve](
        fitted.table,
        fitted.outcome,
        indicators=score.indicators,
        directions=directions_of(score, place),
        seed=score.seed,
        weights=fitted.weight,
    )
    facts = {"definition_sha256": definition_sha256(place, score.plan())}
    model = TableModel(model.family, model.base, model.terms, facts)
    shown = score.doubt.model_copy(update={"withhold_across_bands": False})
    shown_score = score.model_copy(update={"doubt": shown})
    rate = Rate(share=0.0, low=0.0, high=1.0)
    return freeze(shown_score, place, model, version=1, base_rate=rate)


def _scored(
    stores: Stores, place: Place, score: ScoreDefinition, bundle: Bundle
) -> Scored:
    def batch() -> object:
        now = dt.datetime.now(dt.UTC)
        return run_batch(stores, place, score, [TODAY], on=TODAY, clock=lambda: now)

    _, whole = _timed(batch)
    entry = build_snapshot(stores.warehouse, place, score.plan(), [TODAY], on=TODAY)
    table = pd.read_parquet(stores.warehouse.path(entry.table))
    archive = Archive(stores.warehouse, stores.warehouse.manifest(entry.manifest))
    question = ask(archive, place, score.plan(), [TODAY], on=TODAY)
    drawn, added = _timed(
        lambda: drawn_cohort(question, score, bundle, table, on=TODAY)
    )
    rows = archive.fetch(question.rows.select("row", "entity").order_by("row"))
    archive.close()
    table["entity"] = rows["entity"].to_numpy()
    return Scored(
        table, set(drawn.rows.tolist()), _doubts(stores.ledger), (whole, added)
    )


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    started = time.monotonic()
    return work(), time.monotonic() - started


def _doubts(ledger: Ledger) -> dict[str, LinkDoubt]:
    with ledger.reading() as connection:
        rows = connection.execute(scores.select().where(scores.c.state.is_(None)))
        found = {}
        for row in rows:
            doubt = CaseFile.model_validate_json(row.case_file).doubt
            if doubt is None:
                raise ValueError("a batch states the doubt of every score")
            found[row.entity_id] = doubt
        return found


def _true_log_odds(
    warehouse: Warehouse,
    place: Place,
    score: ScoreDefinition,
    model: TableModel,
    known: Known,
) -> dict[int, float]:
    """Return, by record, the score of the person whose record it truly is.

    Who has no score with the true links is not there.
    """
    person = {r: known.person[f] for f, held in known.records.items() for r in held}
    links = pd.DataFrame({"record_id": list(person), "person": list(person.values())})
    links["entity"] = links.groupby("person")["record_id"].transform("min")
    with warehouse.writing() as writer:
        manifest = writer.manifest
        version = manifest.links_of(PERSON)
        if version is None:
            raise LookupError("the town's people were never linked")
        name = "links/person/999999.parquet"
        stored = writer.stage("warehouse", name, _links_table(links))
        true = version.model_copy(update={"number": 999_999, "links": stored})
        others = [one for one in manifest.links if one.kind != PERSON]
        manifest = manifest.model_copy(update={"links": [*others, true]})
        manifest = writer.commit(manifest)
    archive = Archive(warehouse, manifest)
    table = snapshot_table(archive, place, score.plan(), [TODAY], on=TODAY).to_pandas()
    archive.close()
    table = table[table["state"].isna()].reset_index(drop=True)
    log_odds = model.log_odds(columns_of(table, list(model.names)))
    by_entity = dict(zip(table["entity_id"].astype(int), log_odds, strict=True))
    told = links[links["entity"].isin(list(by_entity))]
    return {
        int(record): float(by_entity[entity])
        for record, entity in zip(told["record_id"], told["entity"], strict=True)
    }


def _links_table(links: pd.DataFrame) -> pa.Table:
    links = links.sort_values("record_id")
    entities = links["entity"].to_numpy(np.int64)
    return pa.table(
        {
            "record_id": links["record_id"].to_numpy(np.int64),
            "entity": entities,
            "entity_id": [str(entity) for entity in entities.tolist()],
            "identity": links["record_id"].to_numpy(np.int64),
            "method": ["truth"] * len(links),
            "probability": np.ones(len(links)),
        }
    )


def _coverage(scored: Scored, true: dict[int, float]) -> dict[str, float | None]:
    """Compare what was stated of everyone with the true-link score."""
    table = scored.table[scored.table["entity_id"].isin(list(scored.doubts))]
    doubts = [scored.doubts[name] for name in table["entity_id"]]
    table = table.assign(
        true=[true.get(entity, np.nan) for entity in table["entity"]],
        low=[doubt.log_odds[0] - _SAME for doubt in doubts],
        high=[doubt.log_odds[1] + _SAME for doubt in doubts],
        crosses=[crosses(doubt) for doubt in doubts],
    )
    table["holds"] = table["true"].between(table["low"], table["high"])
    known = table[table["true"].notna()]
    doubted = known.index.isin(list(scored.affected))
    affected = table[table.index.isin(list(scored.affected))]
    moved = doubted & (known["high"] - known["low"] > 3 * _SAME)
    return {
        "scored_people": len(table),
        "affected_people": len(affected),
        "withheld": int(affected["crosses"].sum()),
        "affected_without_true_score": int(affected["true"].isna().sum()),
        "covered_share": _mean(known["holds"][doubted]),
        "moved_people": int(moved.sum()),
        "covered_share_of_moved": _mean(known["holds"][moved]),
        "covered_share_of_others": _mean(known["holds"][~doubted]),
    }


def _mean(holds: pd.Series[bool]) -> float | None:
    return float(holds.mean()) if len(holds) else None

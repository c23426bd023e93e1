"""The batch: a whole cohort scored, with the records that each score rests on.

It runs from the command line, reads the warehouse and the place, and writes the
ledger. The service never imports it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.definitions.place import Place
from features.faults import Fault, Refusal, refuse_if_any
from features.snapshots.drawn import Doubt, drawn_values
from features.snapshots.evidence import evidence
from features.snapshots.question import Question
from features.snapshots.restrictions import unlocated
from features.snapshots.snapshot import ask, build_snapshot, definition_sha256
from features.store.archive import Archive
from features.store.warehouse import Warehouse
from models.definitions.bundle import Bundle
from models.definitions.definition import ScoreDefinition
from models.definitions.states import State
from models.families.inputs import columns_of
from models.ledger.batches import (
    Batch,
    CaseRows,
    Clock,
    Written,
    write_batch,
)
from models.ledger.cases import Evidence
from models.ledger.ledger import Ledger
from models.ledger.promotions import champion, read_bundle
from serving.case_records import identities, stored_records
from serving.doubt import DrawnCohort
from serving.scoring import CohortValues, score_cohort


# A case shows the newest records behind a reason; the rest are counted.
RECORDS_SHOWN = 50


@dataclass(frozen=True)
class Stores:
    """Where a batch reads and writes."""

    warehouse: Warehouse
    ledger: Ledger


def run_batch(
    stores: Stores,
    place: Place,
    score: ScoreDefinition,
    dates: Sequence[dt.date],
    *,
    on: dt.date,
    clock: Clock,
) -> Written:
    """Score the cohort of `dates` with the promoted bundle, whole or resumed.

    Args:
        stores: The warehouse and the ledger.
        place: The definitions; those that bear on values must be as promoted.
        score: Which score.
        dates: The as-of date; at events, the first and last day.
        on: The day of the run: freshness, approvals and opt-outs are looked at on it.
        clock: The time in UTC, for the ledger's rows.

    Raises:
        Refusal: No model is promoted, a definition has changed since, or a source may
            not be used.
    """
    bundle = promoted_bundle(stores.ledger, score.name)
    refuse_if_any(_changed(bundle, place, score))
    entry = build_snapshot(stores.warehouse, place, score.plan(), dates, on=on)
    manifest = stores.warehouse.manifest(entry.manifest)
    archive = Archive(stores.warehouse, manifest)
    question = ask(archive, place, score.plan(), dates, on=on)
    received = {
        name: max(load.received for load in manifest.loads_of(name))
        for name in bundle.source_by_name
        if manifest.loads_of(name)
    }
    table = pd.read_parquet(stores.warehouse.path(entry.table))
    # Who is in a named state is given no score, so nothing to rest on records.
    scored = np.flatnonzero(table["state"].isna()).tolist()
    found = _evidence_table(question.among(scored), bundle)
    cohort = _cohort_values(table, bundle, found)
    stale = bundle.stale_sources(received, on)
    drawn = drawn_cohort(question, score, bundle, table, on=on)
    rows = score_cohort(bundle, cohort, on=on, stale=stale, drawn=drawn)
    batch = Batch(score.name, bundle.sha256, max(cohort.as_of), entry.name, received)
    guarded = unlocated(archive, place)
    ids, first = set(cohort.entity_ids), score.cohort.source
    cases = CaseRows(
        rows,
        stored_records(archive, place, found[found["shown"]], guarded),
        identities(archive, place, score.cohort.entity, ids, guarded, first=first),
    )
    return write_batch(stores.ledger, batch, cases, clock=clock)


def promoted_bundle(ledger: Ledger, score: str) -> Bundle:
    """Return the bundle that is served for a score.

    Raises:
        Refusal: None was promoted.
    """
    with ledger.reading() as connection:
        wanted = champion(connection, score)
        if wanted is None:
            got, do = (
                "none",
                f"run: lamppost train {score}, then lamppost promote {score}",
            )
            what = "a model must be promoted before it scores"
            raise Refusal([Fault(f"score {score}", what, got, do)])
        return read_bundle(connection, wanted)


def _changed(bundle: Bundle, place: Place, score: ScoreDefinition) -> Iterator[Fault]:
    """A promoted score keeps its meaning, so its definitions must be as they were."""
    now = definition_sha256(place, score.plan())
    then = bundle.model.facts.get("definition_sha256")
    if now != then:
        yield Fault(
            f"scores/{score.name}.toml, and the files it names",
            "what bears on the promoted score's values is as it was when promoted",
            f"definitions {now[:12]}, promoted with {str(then)[:12]}",
            "put the definitions back, or train and promote again",
        )


def _evidence_table(question: Question, bundle: Bundle) -> pd.DataFrame:
    """Return one row a row, indicator and record, newest events first.

    Another person's records, reached through a relation, are named too: the service
    shows each of them only to those with a right to whom it is about. Events near a
    point are counted and dated, and not named.
    """
    named = [question.place.indicators[name] for name in bundle.model.names]
    table: pd.DataFrame = question.archive.fetch(evidence(question, named)).to_pandas()
    listed = {i.name for i in named if not i.family.nearby}
    order = ["row", "indicator", "event_date", "record_id"]
    table = table.sort_values(order, ascending=[True, True, False, False])
    place_in_list = table.groupby(["row", "indicator"], sort=False).cumcount()
    shown = table["indicator"].isin(listed) & (place_in_list < RECORDS_SHOWN)
    table = table.join(_link_products(table), on=["row", "indicator"])
    table["link_product"] = table["link_product"].fillna(1.0)
    return table.assign(shown=shown).reset_index(drop=True)


def _link_products(found: pd.DataFrame) -> pd.Series[float]:
    """Return the product of probabilities by row and indicator, each identity once."""
    keys = ["row", "indicator"]
    doubted = found[found["probability"] < 1].drop_duplicates([*keys, "identity"])
    return doubted.groupby(keys)["probability"].prod().rename("link_product")


def _cohort_values(
    rows: pd.DataFrame, bundle: Bundle, found: pd.DataFrame
) -> CohortValues:
    columns = columns_of(rows, list(bundle.model.names))
    return CohortValues(
        entity_ids=rows["entity_id"].tolist(),
        as_of=[_as_date(day) for day in rows["as_of"]],
        index_records=[_as_int(number) for number in rows["index_record"]],
        states=[None if pd.isna(s) else State(s) for s in rows["state"]],
        values=columns,
        evidence=_by_indicator(found, len(rows)),
    )


def drawn_cohort(
    question: Question,
    score: ScoreDefinition,
    bundle: Bundle,
    table: pd.DataFrame,
    *,
    on: dt.date,
) -> DrawnCohort:
    """Return what a snapshot's rows would hold if uncertain links fell otherwise.

    Args:
        question: Whose rows they are; its archive is open.
        score: The definition that the snapshot was built for.
        bundle: Says how many link sets are drawn.
        table: The snapshot, in the order of the question's rows.
        on: The day of the run.
    """
    doubt = Doubt(bundle.doubt.draws, bundle.doubt.sure)
    drawn = drawn_values(question, score.plan(), table, doubt, on=on)
    return DrawnCohort(
        draws=doubt.draws,
        rows=drawn.rows,
        places=drawn.places,
        values=columns_of(drawn.values, list(bundle.model.names)),
        stated=drawn.values["state"].notna().to_numpy(),
    )


def _by_indicator(found: pd.DataFrame, rows: int) -> dict[str, list[Evidence | None]]:
    """Return, for each indicator, the evidence of every row in the snapshot's order."""
    lists: dict[str, list[Evidence | None]] = {}
    for (indicator, row), part in _parts(found):
        every = lists.setdefault(indicator, [None] * rows)
        every[row] = part
    return lists


def _parts(found: pd.DataFrame) -> Iterator[tuple[tuple[str, int], Evidence]]:
    """Yield each row's evidence; runs of equal row and indicator are together."""
    if found.empty:
        return
    columns = {name: found[name].to_numpy() for name in found.columns}
    changes = np.flatnonzero(
        (columns["row"][1:] != columns["row"][:-1])
        | (columns["indicator"][1:] != columns["indicator"][:-1])
    )
    starts = [0, *(changes + 1).tolist(), len(found)]
    for first, end in zip(starts, starts[1:], strict=False):
        key = (str(columns["indicator"][first]), int(columns["row"][first]))
        yield key, _as_evidence(columns, first, end)


def _as_evidence(columns: dict[str, Any], first: int, end: int) -> Evidence:
    part = slice(first, end)
    shown = columns["shown"][part]
    pairs = zip(
        columns["record_id"][part][shown], columns["load"][part][shown], strict=True
    )
    return Evidence(
        records=[(int(record), int(load)) for record, load in pairs],
        total=end - first,
        earliest_event=_as_date(columns["event_date"][end - 1]),
        latest_event=_as_date(columns["event_date"][first]),
        lowest_link=float(columns["probability"][part].min()),
        link_product=float(columns["link_product"][first]),
    )


def _as_date(value: Any) -> Any:
    return None if pd.isna(value) else pd.Timestamp(value).date()


def _as_int(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)

"""The monitoring job: from ledger, snapshots and loads to a result that is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd

from features.definitions.place import Place
from features.faults import Fault, Refusal
from features.snapshots.snapshot import GROUP_PREFIX
from features.store.warehouse import Warehouse
from models.definitions.bundle import Bundle
from models.definitions.definition import ScoreDefinition
from models.families.inputs import columns_of
from models.ledger.given_scores import GivenScore, GivenScores, newest_scores
from models.ledger.ledger import Ledger
from models.ledger.promotions import read_bundle
from models.registry.registry import Registry
from monitoring.freshness import delivered
from monitoring.report import (
    LOG_ODDS,
    MonitoringInputs,
    MonitoringResult,
    Origin,
    keep,
    log,
    monitor,
)


Key = tuple[str, dt.date, int | None]


def run(
    warehouse: Warehouse,
    ledger: Ledger,
    registry: Registry,
    place: Place,
    score: ScoreDefinition,
    *,
    on: dt.date,
) -> MonitoringResult:
    """Look at the newest batch of a score, and keep what was found.

    Args:
        warehouse: Holds loads and snapshots; the result is written beside them.
        ledger: Holds the batch and the bundle that scored it.
        registry: Where the result is logged, too.
        place: Its sources' promises, groups and suppression threshold.
        score: Which score.
        on: The day of the look.

    Raises:
        Refusal: Nothing has been scored, a snapshot is gone, or the registry cannot be
            reached; a second run then goes on from the result that was written.
    """
    given, bundle = _newest(ledger, score)
    fitted = _fitted_rows(warehouse, bundle, score)
    scored = _scored_rows(warehouse, given)
    columns = [*bundle.model.names, LOG_ODDS]
    inputs = MonitoringInputs(
        origin=_origin(given, bundle, place, on),
        promises={name: c.freshness for name, c in place.contracts.items()},
        delivered=delivered(warehouse.manifest().loads, on=on),
        fitted=fitted[columns],
        scored=scored[columns],
        cases=_cases(scored, bundle, place, score),
        groups=score.groups,
    )
    result = monitor(inputs)
    keep(result, warehouse.root / "monitoring" / score.name)
    log(result, registry)
    return result


def _newest(ledger: Ledger, score: ScoreDefinition) -> tuple[GivenScores, Bundle]:
    with ledger.reading() as connection:
        given = newest_scores(connection, score.name)
        if given is None:
            what, do = "a batch must be finished", f"run: lamppost score {score.name}"
            raise Refusal([Fault(f"score {score.name}", what, "none", do)])
        return given, read_bundle(connection, given.batch.bundle)


def _origin(given: GivenScores, bundle: Bundle, place: Place, on: dt.date) -> Origin:
    return Origin(
        place=place.name,
        score=bundle.score,
        on=on,
        as_of=given.batch.as_of,
        batch=given.batch.id,
        bundle=bundle.sha256,
        model=bundle.model_sha256,
        version=bundle.version,
        fitted_on=_fact(bundle, "snapshot"),
        scored=given.snapshot,
        selected=f"in the band {_top_band(bundle)}",
        suppression_threshold=place.file.suppression_threshold,
    )


def _fitted_rows(
    warehouse: Warehouse, bundle: Bundle, score: ScoreDefinition
) -> pd.DataFrame:
    """The rows the model was fitted on: their outcomes closed before the judged dates.

    The horizon is the one that it was fitted with, as a batch is scored only while the
    definitions are as promoted; the recording lag is the one it was fitted with, too.
    """
    rows = _snapshot(warehouse, bundle.score, _fact(bundle, "snapshot"))
    outcome = score.outcome
    lag = bundle.model.facts.get("recording_lag_days", outcome.recording_lag_days)
    wait = dt.timedelta(days=outcome.horizon_days + int(str(lag)))
    last = dt.date.fromisoformat(_fact(bundle, "judged_from")) - wait
    as_of = rows["as_of"].to_numpy(dtype="datetime64[D]")
    closed = as_of <= np.datetime64(last, "D")
    rows = rows[rows["state"].isna() & rows["outcome"].notna() & closed]
    log_odds = bundle.model.log_odds(columns_of(rows, bundle.model.names))
    return rows.assign(**{LOG_ODDS: log_odds}).reset_index(drop=True)


def _scored_rows(warehouse: Warehouse, given: GivenScores) -> pd.DataFrame:
    """The snapshot's rows that were given a score, with log-odds and band."""
    rows = _snapshot(warehouse, given.batch.score, given.snapshot)
    scores = {_key_of(row): row for row in given.rows if row.state is None}
    found = [scores.pop(key, None) for key in _keys(rows)]
    if scores:
        what, do = "every score stands for a row of its snapshot", "score again"
        where, got = f"batch {given.batch.id[:12]}...", f"{len(scores)} that do not"
        raise Refusal([Fault(where, what, got, do)])
    rows = rows[[score is not None for score in found]].reset_index(drop=True)
    kept = [score for score in found if score is not None]
    bands = np.array([score.band for score in kept], dtype=object)
    log_odds = np.array([score.log_odds for score in kept], dtype=np.float64)
    return rows.assign(**{"band": bands, LOG_ODDS: log_odds})


def _snapshot(warehouse: Warehouse, score: str, name: str) -> pd.DataFrame:
    for entry in warehouse.manifest().snapshots:
        if (entry.score, entry.name) == (score, name):
            return pd.read_parquet(warehouse.path(entry.table))
    what, do = "the warehouse must hold the snapshot", "restore the warehouse"
    raise Refusal([Fault(f"snapshot {score}/{name}", what, "none", do)])


def _keys(rows: pd.DataFrame) -> Iterator[Key]:
    columns = (rows["entity_id"], rows["as_of"], rows["index_record"])
    for entity_id, as_of, event in zip(*columns, strict=True):
        index_record = None if pd.isna(event) else int(event)
        yield entity_id, pd.Timestamp(as_of).date(), index_record


def _key_of(row: GivenScore) -> Key:
    return row.entity_id, row.as_of, row.index_record


def _cases(
    rows: pd.DataFrame, bundle: Bundle, place: Place, score: ScoreDefinition
) -> pd.DataFrame:
    """Who was selected, with the groups in the words that the place declares."""
    groups = {group.name: group for group in place.file.groups}
    cases = {
        "entity_id": rows["entity_id"],
        "is_selected": rows["band"] == _top_band(bundle),
    }
    for name in score.groups:
        source, column = groups[name].source, groups[name].column
        words = place.contracts[source].column(column).values
        codes = rows[f"{GROUP_PREFIX}{name}"].astype(object)
        cases[name] = codes.map(lambda c, w=words: w.get(c, c), na_action="ignore")
    return pd.DataFrame(cases)


def _fact(bundle: Bundle, name: str) -> str:
    found = bundle.model.facts.get(name)
    if found is None:
        what, do = "the model says what it was fitted on", "train and promote again"
        raise Refusal([Fault(f"model: facts.{name}", what, "nothing", do)])
    return str(found)


def _top_band(bundle: Bundle) -> str:
    return max(bundle.bands, key=lambda band: band.from_rank).name

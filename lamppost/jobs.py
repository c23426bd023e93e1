"""The jobs behind the verbs: each takes settings and returns what is to be shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from features.extracts.deliveries import Delivery
from features.extracts.loading import load_extract
from features.faults import Fault, Misuse, Refusal, refuse_if_any
from lamppost.answers import (
    Answer,
    link_answer,
    load_answer,
    monitor_answer,
    score_answer,
)
from lamppost.demand_jobs import faults_of_scoring, promote_numbers, train_numbers
from lamppost.opened import Open
from lamppost.settings import pseudonym_key
from models.definitions.definition import ScoreDefinition


Say = Callable[[str], None]


def check(opened: Open, *, on: dt.date) -> Answer:
    """Say what a place that was found to be right holds, and what to renew soon."""
    return {
        "place": opened.place.file.title,
        "sources": sorted(opened.place.contracts),
        "indicators": len(opened.place.indicators),
        "scores": sorted(opened.scores),
        "sha256": opened.place.sha256,
        "to renew": _to_renew(opened, on),
    }


def load(opened: Open, source: str | None, file: Path, delivery: Delivery) -> Answer:
    """Load one extract."""
    names = sorted(opened.place.contracts)
    if source not in opened.place.contracts:
        fault = Fault(
            "--source",
            "the source must be declared",
            repr(source),
            f"name one of: {', '.join(names)}",
        )
        raise Misuse([fault])
    contract = opened.place.contracts[source]
    before = len(opened.warehouse.manifest().loads)
    found = load_extract(opened.warehouse, contract, file, delivery)
    return load_answer(found, repeated=found.number <= before)


def read_period(text: str | None) -> tuple[dt.date, dt.date] | None:
    """Read `FIRST..LAST`, two days with two dots between.

    >>> read_period("2026-01-01..2026-03-31")
    (datetime.date(2026, 1, 1), datetime.date(2026, 3, 31))
    """
    if text is None:
        return None
    try:
        first, last = (dt.date.fromisoformat(day) for day in text.split(".."))
    except ValueError as error:
        do = "write --period 2026-01-01..2026-03-31"
        fault = Fault("--period", "a period is FIRST..LAST", repr(text), do)
        raise Misuse([fault]) from error
    return first, last


def link(opened: Open, say: Say, *, afresh: bool = False) -> Answer:
    """Link what is new to what is settled, or all of it afresh.

    What stewards answered in the service is taken first, and what is still in doubt is
    asked there afterwards.
    """
    from features.linkage.linking import link_place
    from lamppost.steward_jobs import ask_stewards, take_answers

    at = dt.datetime.now(dt.UTC)
    taken = take_answers(opened, at=at)
    key = pseudonym_key(opened.settings)
    reports = link_place(
        opened.warehouse, opened.place, key, afresh=afresh, progress=say
    )
    asked = ask_stewards(opened, at=at)
    return {**link_answer(reports), "stewards": [{"answers taken": taken, **asked}]}


def build(opened: Open, name: str | None, *, on: dt.date) -> Answer:
    """Build the snapshot that training reads: all as-of dates up to a day."""
    from features.snapshots.snapshot import build_snapshot

    score = opened.score(name)
    entry = build_snapshot(
        opened.warehouse, opened.place, score.plan(), training_dates(score, on), on=on
    )
    return {
        "score": score.name,
        "snapshot": entry.name,
        "rows": entry.rows,
        "as-of dates": f"{entry.first_as_of} to {entry.last_as_of}",
        "manifest": entry.manifest,
        "sha256": entry.table.sha256,
    }


def training_dates(score: ScoreDefinition, on: dt.date) -> list[dt.date]:
    """Return the as-of dates up to a day; at events, the first and last day."""
    cohort = score.cohort
    if cohort.calendar:
        return cohort.calendar.dates(on)
    at = cohort.at_events
    if at is None:
        raise AssertionError("a cohort has a calendar or is at events")
    return [at.first, min(at.last, on) if at.last else on]


def train(opened: Open, name: str | None, *, on: dt.date) -> Answer:
    """Fit, judge and register; nothing is promoted."""
    from training import job
    from training.summary import summarise

    score = opened.score(name)
    if score.outcome.is_number:
        return train_numbers(opened, score, on=on)
    trained = job.train(opened.warehouse, opened.place, score, opened.registry(), on=on)
    return {
        "score": score.name,
        "version": trained.version,
        "model": trained.model.sha256,
        **summarise(trained.evaluation, score),
    }


def promote(
    opened: Open, name: str | None, version: int | None, role: str, at: dt.datetime
) -> Answer:
    """Freeze a registered version and make it the one that is served."""
    from models.ledger import promotions
    from training.promotion import promoted
    from training.summary import opened_words

    score = opened.score(name)
    if score.outcome.is_number:
        return promote_numbers(opened, score, version)
    registry, ledger = opened.registry(), opened.ledger()
    chosen = version or registry.version(score.name, "challenger").number
    passed = promoted(opened.warehouse, opened.place, score, registry, chosen)
    with registry.promoting(score.name, chosen):
        promotions.promote(ledger, passed.bundle, by=role, at=at)
    ledger.close()
    return {
        "score": score.name,
        "version": chosen,
        "bundle": passed.bundle.sha256,
        "sealed date": opened_words(passed.sealed),
    }


def score_cohort(
    opened: Open, name: str | None, dates: list[dt.date], *, on: dt.date
) -> Answer:
    """Score a cohort into the ledger."""
    from serving.batch import Stores, run_batch

    score = opened.score(name)
    refuse_if_any(faults_of_scoring(score))
    ledger = opened.ledger()
    stores = Stores(opened.warehouse, ledger)
    written = run_batch(
        stores, opened.place, score, dates, on=on, clock=lambda: dt.datetime.now(dt.UTC)
    )
    ledger.close()
    return score_answer(score.name, written)


def scoring_dates(score: ScoreDefinition, on: dt.date) -> list[dt.date]:
    """Return the newest as-of date up to a day; at events, the judged period.

    Raises:
        Refusal: The calendar has not begun.
    """
    if score.cohort.calendar:
        if dates := score.cohort.calendar.dates(on):
            return dates[-1:]
        where = f"scores/{score.name}.toml: cohort.calendar"
        got, do = f"{on} is before it", "give a later day with --on"
        raise Refusal([Fault(where, "the calendar must have begun", got, do)])
    return [score.judgement.first, min(score.judgement.last or on, on)]


def monitor(opened: Open, name: str | None, *, on: dt.date) -> Answer:
    """Look at freshness, drift and selection rates of the newest batch."""
    from monitoring import job

    score, ledger = opened.score(name), opened.ledger()
    found = job.run(
        opened.warehouse, ledger, opened.registry(), opened.place, score, on=on
    )
    ledger.close()
    return monitor_answer(found)


def _to_renew(opened: Open, on: dt.date) -> list[str]:
    """Agreements, reviews and approvals that end within ninety days, or have ended."""
    soon = on + dt.timedelta(days=90)
    found = []
    for name, contract in opened.place.contracts.items():
        ground = contract.governance
        if ground and ground.agreement.expires <= soon:
            found.append(f"{name}: agreement, {ground.agreement.expires}")
        if ground and ground.impact_assessment.review <= soon:
            found.append(f"{name}: assessment, {ground.impact_assessment.review}")
    for score in opened.scores.values():
        ending = [a for a in score.approvals if a.expires <= soon]
        found += [f"{score.name}: approval of {a.role}, {a.expires}" for a in ending]
    return found

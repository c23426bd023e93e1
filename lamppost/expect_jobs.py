"""The job of `lamppost expect`: what the risks of a cohort add up to."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from features.faults import Fault, Misuse, Refusal
from lamppost.answers import Answer
from lamppost.demand_jobs import names_of, newest_date


if TYPE_CHECKING:
    import pandas as pd

    from lamppost.jobs import Open
    from models.bundle import Bundle
    from models.definition import ScoreDefinition
    from training.expected_demand import Calibrated


def expect(opened: Open, name: str | None, by: str | None, *, on: dt.date) -> Answer:
    """Add up the risks of the newest cohort, by a group or by an area.

    Args:
        opened: The place.
        name: The score's; the promoted version tells the risks.
        by: A protected attribute, or a relation of the cohort's kind; None is all.
        on: The day of the run.

    Raises:
        Misuse: The outcome is no yes or no, or nothing is called `by`.
        Refusal: Nothing was promoted, or its judgement tells nothing of the risks.
    """
    from training.expected_demand import expected_by

    score = opened.score(name)
    _refuse_what_cannot_be_meant(opened, score, by)
    bundle = _champion(opened, score)
    calibrated = _calibrated(opened, bundle)
    day = newest_date(opened, score, on)
    rows, groups = _rows(opened, score, by, day, on)
    found = expected_by(_risks(rows, bundle), groups, calibrated, seed=score.seed)
    return {
        "score": score.name,
        "version": bundle.version,
        "as of": day,
        "outcome": f"{bundle.outcome}, within {bundle.horizon_days} days",
        "came over expected when judged": f"{calibrated.ratio:.2f}",
        "expected": [
            {
                by or "group": each.group,
                "people": each.people if each.number.value is not None else "few",
                "expected": _told(each.number.value),
                "at least": _told(each.number.low),
                "at most": _told(each.number.high),
            }
            for each in found
        ],
    }


def _told(number: float | None) -> str:
    return "cannot tell" if number is None else f"{number:.0f}"


def _risks(rows: pd.DataFrame, bundle: Bundle) -> Any:
    from models.inputs import columns_of

    columns = columns_of(rows, bundle.model.names)
    return bundle.model.risk(bundle.model.log_odds(columns))


def _rows(
    opened: Open, score: ScoreDefinition, by: str | None, day: dt.date, on: dt.date
) -> tuple[pd.DataFrame, Any]:
    """Return the cohort of a date, and the group of each: a code, or None."""
    import numpy as np

    from features.snapshots.snapshot import GROUP_PREFIX, snapshot_table
    from features.store.archive import Archive

    relations = {r.name: r for r in opened.place.file.relations}
    plan = score.plan()
    if by in relations:
        plan = replace(plan, linked_group=by)
    archive = Archive(opened.warehouse, opened.warehouse.manifest())
    with contextlib.closing(archive):
        table = snapshot_table(archive, opened.place, plan, [day], on=on)
        names = names_of(opened, archive, relations[by].to) if by in relations else {}
    rows = table.to_pandas()
    rows = rows[rows["state"].isna()].reset_index(drop=True)
    if by is None:
        return rows, np.full(len(rows), score.cohort.entity, dtype=object)
    if by in relations:
        codes = [names.get(each) for each in rows["linked_group"]]
    else:
        told = rows[f"{GROUP_PREFIX}{by}"]
        codes = [None if each is None or each != each else str(each) for each in told]
    return rows, np.array(codes, dtype=object)


def _champion(opened: Open, score: ScoreDefinition) -> Bundle:
    from models.promotions import champion, read_bundle

    with contextlib.closing(opened.ledger()) as ledger, ledger.reading() as connection:
        wanted = champion(connection, score.name)
        if wanted is not None:
            return read_bundle(connection, wanted)
    what, do = "a promoted version tells the risks", f"lamppost promote {score.name}"
    raise Refusal([Fault(f"score {score.name}", what, "none", f"run: {do}")])


def _calibrated(opened: Open, bundle: Bundle) -> Calibrated:
    """Return what the promoted version's own judgement says of its risks."""
    from models.intervals import Figure
    from training.expected_demand import calibrated_by

    registered = opened.registry().version(bundle.score, bundle.version)
    evaluation = json.loads(registered.text("evaluation.json"))
    pooled = evaluation["verdicts"][bundle.family]["later"]["observed_expected"]
    dates = [
        Figure(**date["figures"][bundle.family]["observed_expected"])
        for date in evaluation.get("dates", ())
        if bundle.family in date["figures"]
    ]
    found = calibrated_by(Figure(**pooled), dates)
    if found is None:
        what = "outcomes over expected ones must be known where it was judged"
        got, do = str(pooled["reason"]), "judge more dates, and train again"
        raise Refusal([Fault(f"score {bundle.score}", what, got, do)])
    return found


def _refuse_what_cannot_be_meant(
    opened: Open, score: ScoreDefinition, by: str | None
) -> None:
    if score.outcome.is_number:
        what, do = "risks add up where the outcome is a yes or no", "lamppost forecast"
        raise Misuse([Fault(f"SCORE: {score.name}", what, "a number", f"run: {do}")])
    kind = score.cohort.entity
    relations = [r.name for r in opened.place.file.relations if r.of == kind]
    known = [*score.groups, *relations]
    if by is not None and by not in known:
        what = "risks are added up by a group of the score, or by a relation"
        do = f"use one of: {', '.join(known) or 'none is declared'}"
        raise Misuse([Fault("--by", what, repr(by), do)])

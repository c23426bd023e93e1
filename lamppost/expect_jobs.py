"""The job of `lamppost expect`: what the risks of a cohort add up to."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from features.faults import Fault, Misuse, Refusal
from lamppost.answers import Answer
from lamppost.demand_jobs import names_of, newest_date


if TYPE_CHECKING:
    import pandas as pd

    from lamppost.opened import Open
    from models.definitions.bundle import Bundle
    from models.definitions.definition import ScoreDefinition
    from models.judging.intervals import Figure
    from training.checks.timing import Timing
    from training.demand.expected_demand import Calibrated, Expected


def expect(opened: Open, name: str | None, by: str | None, *, on: dt.date) -> Answer:
    """Add up the risks of the newest cohort, by a group or by an area, and by quarter.

    Args:
        opened: The place.
        name: The score's; the promoted version tells the risks.
        by: A protected attribute, or a relation of the cohort's kind; None is all.
        on: The day of the run.

    Raises:
        Misuse: The outcome is no yes or no, or nothing is called `by`.
        Refusal: Nothing was promoted, or its judgement tells nothing of the risks.
    """
    from training.demand.expected_demand import expected_by

    score = opened.score(name)
    _refuse_what_cannot_be_meant(opened, score, by)
    bundle = _champion(opened, score)
    evaluation = _evaluation(opened, bundle)
    calibrated = _calibrated(bundle, evaluation)
    timing = _timing(evaluation)
    day = newest_date(opened, score, on)
    rows, groups = _rows(opened, score, by, day, on)
    found = expected_by(
        _risks(rows, bundle), groups, calibrated, seed=score.seed, timing=timing
    )
    return {
        "score": score.name,
        "version": bundle.version,
        "as of": day,
        "outcome": f"{bundle.outcome}, within {bundle.horizon_days} days",
        "came over expected when judged": f"{calibrated.ratio:.2f}",
        **_why_no_quarters(evaluation),
        "expected": [
            {by or "group": each.group, **_line(each), **_quarters(each, timing, day)}
            for each in found
        ],
    }


def _line(each: Expected) -> dict[str, str | int]:
    return {
        "people": each.people if each.number.value is not None else "few",
        "expected": _in_tenths(each.number.value),
        "at least": _told(each.number.low),
        "at most": _told(each.number.high),
    }


def _quarters(each: Expected, timing: Timing | None, day: dt.date) -> dict[str, str]:
    """Return a column for each part of the horizon, named by its last day."""
    if timing is None or len(timing.ends_days) == 1:
        return {}
    lasts = [day + dt.timedelta(end - 1) for end in timing.ends_days]
    whole = each.number.value or 0.0
    values = tenths([part.value or 0.0 for part in each.parts], whole)
    parts = zip(lasts, values, each.parts, strict=True)
    return {f"to {last}": _told_part(value, part) for last, value, part in parts}


def _told_part(value: float, part: Figure) -> str:
    if part.value is None:
        return _told(None)
    return f"{_in_tenths(value)} ({_told(part.low)} to {_told(part.high)})"


def tenths(parts: Sequence[float], whole: float) -> list[float]:
    """Return parts in tenths that add up to their sum in tenths.

    Those are rounded up that would lose most by being rounded down.

    >>> tenths([0.33, 0.34, 0.32, 0.33], 1.32)
    [0.3, 0.4, 0.3, 0.3]
    """
    found = [math.floor(10 * part) for part in parts]
    missing = round(10 * whole) - sum(found)
    by_loss = sorted(range(len(parts)), key=lambda n: found[n] - 10 * parts[n])
    for place in by_loss[:missing]:
        found[place] += 1
    return [each / 10 for each in found]


def _in_tenths(number: float | None) -> str:
    return "cannot tell" if number is None else f"{round(10 * number) / 10:.1f}"


def _told(number: float | None) -> str:
    return "cannot tell" if number is None else f"{number:.0f}"


def _risks(rows: pd.DataFrame, bundle: Bundle) -> Any:
    from models.families.inputs import columns_of

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
    from models.ledger.promotions import champion, read_bundle

    with contextlib.closing(opened.ledger()) as ledger, ledger.reading() as connection:
        wanted = champion(connection, score.name)
        if wanted is not None:
            return read_bundle(connection, wanted)
    what, do = "a promoted version tells the risks", f"lamppost promote {score.name}"
    raise Refusal([Fault(f"score {score.name}", what, "none", f"run: {do}")])


def _evaluation(opened: Open, bundle: Bundle) -> dict[str, Any]:
    """Return the promoted version's own judgement."""
    registered = opened.registry().version(bundle.score, bundle.version)
    found: dict[str, Any] = json.loads(registered.text("evaluation.json"))
    return found


def _calibrated(bundle: Bundle, evaluation: Mapping[str, Any]) -> Calibrated:
    """Return what its judgement says of its risks."""
    from models.judging.intervals import Figure
    from training.demand.expected_demand import calibrated_by

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


def _timing(evaluation: Mapping[str, Any]) -> Timing | None:
    from training.checks.timing import Timing

    told = evaluation.get("timing")
    if told is None:
        return None
    return Timing(tuple(told["ends_days"]), tuple(told["shares"]), told["worth"])


def _why_no_quarters(evaluation: Mapping[str, Any]) -> dict[str, str]:
    """Return why the table has no quarters; nothing where it could have them."""
    if evaluation.get("timing") is not None:
        return {}
    return {"by quarter": "cannot tell: the version does not say when outcomes came"}


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

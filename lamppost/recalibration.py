"""The job behind `recalibrate`: probabilities that are right again, as a version."""

from __future__ import annotations

import datetime as dt

from features.faults import Fault, Misuse
from lamppost.answers import Answer
from lamppost.opened import Open


def recalibrate(
    opened: Open, name: str | None, version: int | None, *, on: dt.date
) -> Answer:
    """Fit a version's calibration anew and register it; nothing is promoted.

    Args:
        opened: The place.
        name: Which score.
        version: The registry's number; None is the one that is served.
        on: The day of the run.
    """
    from training.recalibrate import recalibrate as renewed
    from training.summary import calibration_words, sealed_words

    score = opened.score(name)
    if score.outcome.is_number:
        what, do = "a risk is recalibrated", f"run: lamppost train {score.name}"
        raise Misuse([Fault(f"score {score.name}", what, "a number", do)])
    registry = opened.registry()
    chosen = version or registry.version(score.name, "champion").number
    found = renewed(opened.warehouse, opened.place, score, registry, chosen, on=on)
    return {
        "score": score.name,
        "version": found.version,
        "recalibrated from": chosen,
        "model": found.model.sha256,
        "judged on": f"{found.judged_rows} rows, {found.judged_events} with it",
        "sealed": sealed_words(found.sealed),
        "calibration": calibration_words(found.calibration),
    }

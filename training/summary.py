"""The summary of a training run, as the command prints it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from features.store.manifest import RecordingLag
from models.definitions.definition import ScoreDefinition
from models.judging.intervals import Figure
from models.shown.figure_words import short, told
from models.tables.table import CHALLENGER
from training.checks.leaks import LookedAt
from training.checks.sample import Sample
from training.judging.baselines import Baseline
from training.judging.calibration import Calibrated
from training.judging.choice import Chosen
from training.judging.evaluation import DateFigures, Evaluation, Sealed, Verdict


def summarise(evaluation: Evaluation, score: ScoreDefinition) -> dict[str, Any]:
    """Return what a training run found, a line a model, intervals in words."""
    return {
        **({"caveat": score.caveat} if score.caveat else {}),
        "fitted on": _counts(evaluation.fitted_rows, evaluation.fitted_events),
        "judged on": _counts(evaluation.judged_rows, evaluation.judged_events),
        "dates": [_date(each, evaluation.served) for each in evaluation.dates],
        "sealed": sealed_words(evaluation.sealed),
        "base rate": told(evaluation.base_rate),
        "recording lag": lag_words(evaluation.recording_lag),
        **({"leaks": leak_words(evaluation.leaks)} if evaluation.leaks else {}),
        "ends": list(_ends(evaluation)),
        "judged": [_line(n, v) for n, v in evaluation.verdicts.items()],
        "served": served_words(evaluation.served, evaluation.choice),
        "calibration": calibration_words(evaluation.calibration),
        "beside": [_baseline(each) for each in evaluation.baselines],
        "price of transparency": f"AUC {told(evaluation.price.auc)} "
        f"({CHALLENGER} above {evaluation.served})",
        "sample": sample_words(evaluation.sample),
        **({"sources": list(_sources(evaluation))} if evaluation.sources else {}),
        "groups": [
            {
                "group": f"{name}: {figures.group}",
                "selected": told(figures.selection_rate),
                "found": told(figures.true_positive_rate),
            }
            for name, groups in evaluation.groups.items()
            for figures in groups
        ],
    }


def sealed_words(sealed: Sealed | None) -> str:
    """Return what is opened at promotion.

    >>> sealed_words(Sealed("2024-10-01", "2024-10-01"))
    '2024-10-01; nobody has looked at it, and promotion opens it once'
    >>> sealed_words(None)
    'nothing: the judged period has one date, so promotion tests on what is seen here'
    """
    if sealed is None:
        one = "the judged period has one date"
        return f"nothing: {one}, so promotion tests on what is seen here"
    days = _span(sealed.first, sealed.last)
    return f"{days}; nobody has looked at it, and promotion opens it once"


def opened_words(found: Mapping[str, Any] | None) -> str:
    """Return what was found on the date that was sealed until promotion.

    >>> opened_words(None)
    'nothing was sealed'
    """
    if found is None:
        return "nothing was sealed"
    auc, precision = (Figure(**found["later"][n]) for n in ("auc", "precision"))
    rows = _counts(found["judged_rows"], found["judged_events"])
    days = _span(found["first"], found["last"])
    return f"{days}: {rows}; AUC {told(auc)}, precision {told(precision)}"


def served_words(served: str, choice: Chosen | None) -> str:
    r"""Return which family is served, and by which rule.

    >>> served_words("additive", None)
    'additive, as the score names it'
    >>> from training.judging.choice import Regret
    >>> behind = (Regret("logistic", 0.01, (0.02, 0.0), 0.012, is_within=True),
    ...           Regret("additive", 0.0, (0.0, 0.0), 0.0, is_within=True))
    >>> print(served_words("logistic", Chosen("auc", "logistic", behind))
    ...       .replace(": ", ":\n"))
    logistic, the simplest within one standard error of the least regret in auc:
    logistic .010 (.012), additive .000 (.000)
    """
    if choice is None:
        return f"{served}, as the score names it"
    regrets = ", ".join(
        f"{each.family} {short(each.regret)} ({short(each.standard_error)})"
        for each in choice.families
    )
    rule = "the simplest within one standard error of the least regret"
    return f"{served}, {rule} in {choice.metric}: {regrets}"


def calibration_words(found: Calibrated) -> str:
    """Return what the probabilities needed, and what was done about it."""
    measured = f"intercept {told(found.intercept)}, slope {told(found.slope)}"
    applied = found.applied
    if found.is_identity:
        return f"{measured}; {found.reason}"
    now = f"{short(applied.intercept)} + {short(applied.slope)} x log-odds"
    return f"{measured}; {found.reason}; now {now}"


def lag_words(lag: RecordingLag) -> str:
    """Return how long outcomes were waited for, and on what ground.

    >>> lag_words(RecordingLag(days=74, declared_days=60, measured_days=74,
    ...                        events=431, loads=12))
    '74 days, in which 95 of 100 of 431 outcomes were known, over 12 loads'
    >>> lag_words(RecordingLag(days=60, declared_days=60, loads=1))
    '60 days as declared: too few outcomes in 1 load to measure it'
    """
    loads = f"{lag.loads} load{'' if lag.loads == 1 else 's'}"
    if lag.measured_days is None:
        few = f"too few outcomes in {loads} to measure it"
        return f"{lag.days} days as declared: {few}"
    known = f"95 of 100 of {lag.events} outcomes were known, over {loads}"
    if lag.measured_days >= lag.declared_days:
        return f"{lag.days} days, in which {known}"
    return f"{lag.days} days as declared; in {lag.measured_days}, {known}"


def leak_words(looked: LookedAt) -> str:
    r"""Return what the detectors looked at, where they found no leak.

    >>> looked = LookedAt(200, 0.501, strongest="age", auc_alone=0.68, rows_known=99)
    >>> print(leak_words(looked).replace("; ", ";\n"))
    none found: AUC .501 on labels shuffled 200 times;
    age tells most alone, AUC .680;
    99 rows are the same without what came later
    """
    told_alone = "no indicator could be told of alone"
    if looked.strongest:
        told_alone = f"{looked.strongest} tells most alone, AUC "
        told_alone += short(looked.auc_alone)
    return (
        f"none found: AUC {short(looked.shuffled_auc)} on labels shuffled "
        f"{looked.shuffles} times; {told_alone}; "
        f"{looked.rows_known} rows are the same without what came later"
    )


def sample_words(sample: Sample) -> str:
    """Return how the fitted cases compare with Riley's minimum.

    >>> sample_words(Sample(20, 400, 30, needed=900, needed_with_outcome=68))
    'too few events: 30 of 400 people or groups have it; 20 parameters need 68 of 900'
    """
    found = f"{sample.groups_with_outcome} of {sample.groups} people or groups have it"
    needed = f"{sample.needed_with_outcome} of {sample.needed}"
    verdict = "enough" if sample.is_enough else "too few events"
    return f"{verdict}: {found}; {sample.parameters} parameters need {needed}"


def _date(found: DateFigures, served: str) -> dict[str, str | int]:
    return {
        "date": _span(found.first, found.last),
        "fitted on": found.fitted_rows,
        "judged": found.judged_rows,
        "with the outcome": found.judged_events,
        f"AUC of {served}": told(found.figures[served].auc),
    }


def _baseline(baseline: Baseline) -> dict[str, str]:
    by = f": {baseline.indicator}" if baseline.indicator else ""
    return {
        "beside": f"{baseline.name}{by}",
        "AUC": told(baseline.figures.auc),
        "AUC gained": told(baseline.gain.auc),
        "precision gained": told(baseline.gain.precision),
        "net benefit gained": told(baseline.gain.net_benefit),
    }


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _sources(evaluation: Evaluation) -> Iterator[dict[str, str]]:
    for each in evaluation.sources:
        yield {
            "source": each.source,
            f"{each.metric} lost without it": told(each.refitted),
            "where neutralised": told(each.neutralised),
        }


def _ends(evaluation: Evaluation) -> Iterator[dict[str, str | int]]:
    """Yield a line for each way in which a row ended, and each in which it did not."""
    pairs = zip(evaluation.fitted_ends, evaluation.judged_ends, strict=True)
    for fitted, judged in pairs:
        yield {
            "ended": fitted.end,
            "kind": fitted.kind,
            "fitted": fitted.cases,
            "judged": judged.cases,
            "by the horizon": told(judged.incidence),
        }
    for status, count in evaluation.untold.items():
        yield {"ended": status, "kind": "not told", "rows": count}


def _counts(rows: int, events: int) -> str:
    return f"{rows} rows, {events} with the outcome"


def _line(name: str, verdict: Verdict) -> dict[str, str]:
    later, new = verdict.later, verdict.later_and_new
    line = {
        "model": name,
        "AUC later": told(later.auc),
        "later and new": told(new.auc),
        "precision": told(later.precision),
        "recall": told(later.recall),
        "slope": told(later.calibration_slope),
        "net benefit": told(later.net_benefit),
        "stays at the top": told(verdict.stability),
    }
    if verdict.reordering:
        line["days earlier"] = told(verdict.reordering.days_earlier)
    return line

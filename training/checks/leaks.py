"""Leaks: what makes a model look better than it can be, looked for before any fit.

Nothing is trained on cases of which one of the detectors says that they leak. All of
them are asked, so that every fault is told at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.faults import Fault, refuse_if_any
from models.definitions.definition import ScoreDefinition
from models.families.inputs import matrix, read_training
from models.judging.gates import Gates
from models.judging.intervals import LEAST_PEOPLE
from training.checks.alone import aucs_alone
from training.checks.shuffles import Encode, Shuffled, shuffle_labels
from training.cohort import Cases, days
from training.judging.splits import Split, later_and_new


_SAME = 1e-9  # relative; floats are summed in a fixed order, but not in another query


@dataclass(frozen=True)
class Hindsight:
    """Some rows as stored, and as they would be had nothing been known any later.

    Attributes:
        stored: Keys and indicators, as in the snapshot.
        known: The same rows, from what was known before their as-of date alone.
        keys: The columns that name a row.
    """

    stored: pd.DataFrame
    known: pd.DataFrame
    keys: tuple[str, ...]


@dataclass(frozen=True)
class LookedAt:
    """What the detectors saw where they found no leak.

    Attributes:
        shuffles: How often labels were shuffled.
        shuffled_auc: The mean AUC of a small model on them.
        strongest: The indicator that tells most alone; None where none can be told.
        auc_alone: And its AUC.
        rows_known: How many rows were worked out anew from what was known by then.
    """

    shuffles: int
    shuffled_auc: float
    strongest: str | None
    auc_alone: float
    rows_known: int


def refuse_leaks(
    cases: Cases,
    split: Split,
    score: ScoreDefinition,
    *,
    hindsight: Hindsight | None = None,
    encode: Encode | None = None,
    parts: Sequence[Split] | None = None,
) -> LookedAt:
    """Look for leaks, and refuse to train on any.

    Args:
        cases: All cases of the snapshot.
        split: What is to be fitted on, and judged.
        score: The definition.
        hindsight: What was known by an as-of date; None looks at none.
        encode: The run's selection and encoding; None is what every family does.
        parts: The splits by linked group; None are those of the run.

    Raises:
        Refusal: With every leak found.
    """
    encode = encode or encoded
    parts = list(later_and_new(cases, split)) if parts is None else list(parts)
    alone = aucs_alone(cases, split)
    shuffled = shuffle_labels(cases, parts, encode, seed=score.seed)
    limit = (score.gates or Gates()).greatest_auc_alone
    refuse_if_any(
        [
            *read_past(hindsight, score),
            *_straddling(cases, split, parts, score),
            *_outside(cases, split, encode, score),
            *_shuffled(shuffled, score),
            *_alone(alone, limit, score),
        ]
    )
    strongest = max(alone, key=lambda name: alone[name], default=None)
    return LookedAt(
        shuffles=len(shuffled.aucs),
        shuffled_auc=shuffled.mean,
        strongest=strongest,
        auc_alone=alone[strongest] if strongest else 0.5,
        rows_known=len(hindsight.known) if hindsight else 0,
    )


def encoded(cases: Cases, fitted: NDArray[np.bool_]) -> pd.DataFrame:
    """Return the columns as every family reads them, learnt from the fitted rows."""
    names = list(cases.table.columns)
    seen = cases.table[fitted & cases.is_told]
    either = np.arange(len(seen)) % 2  # no label is read, but both must be there
    inputs = read_training(seen, either, indicators=names, directions={}).inputs
    return pd.DataFrame(matrix(cases.table, inputs), columns=names)


def read_past(hindsight: Hindsight | None, score: ScoreDefinition) -> Iterator[Fault]:
    """Yield each indicator that other values come out for, from what was known."""
    if hindsight is None:
        return
    keys = list(hindsight.keys)
    both = hindsight.stored.merge(hindsight.known, on=keys, suffixes=("", " known"))
    for name in score.indicators:
        if name not in hindsight.known:
            continue
        other = _differ(both[name], both[f"{name} known"])
        if other.any():
            yield Fault(
                _where(score, name),
                "an indicator rests on what was known before the as-of date",
                f"another value in {_of(int(other.sum()), len(both), 'rows')} "
                "once what came later is taken out",
                "read the records by both clocks, build again, then train",
                rule="leak.future",
            )


def _differ(stored: pd.Series, known: pd.Series) -> NDArray[np.bool_]:
    gone, never = stored.isna().to_numpy(), known.isna().to_numpy()
    if pd.api.types.is_numeric_dtype(stored.dtype):
        left, right = (
            each.to_numpy(dtype=np.float64, na_value=np.nan) for each in (stored, known)
        )
        same = np.isclose(left, right, rtol=_SAME, atol=_SAME)
    else:
        same = (stored.astype(str) == known.astype(str)).to_numpy()
    return np.asarray((gone != never) | ~(gone | never | same), dtype=np.bool_)


def _straddling(
    cases: Cases, split: Split, parts: Iterable[Split], score: ScoreDefinition
) -> Iterator[Fault]:
    """Kin on both sides of a split, and outcomes known too late to be fitted on."""
    group = cases.linked_group.astype(str)
    dated = np.char.add(cases.as_of.astype(str), group.astype(np.str_))
    if both := _on_both(dated, split):
        yield _kin(score, f"{_of(both, None, 'groups')} at one as-of date", "later")
    whom = group if cases.entity is None else cases.entity.astype(str)
    both = sum(max(_on_both(group, p), _on_both(whom, p)) for p in parts)
    if both:
        yield _kin(score, _of(both, None, "groups"), "later and new")
    wait = np.timedelta64(score.outcome.horizon_days + cases.recording_lag.days, "D")
    late = int((cases.as_of[split.fitted] + wait > days(score.judgement.first)).sum())
    if late:
        yield Fault(
            f"scores/{score.name}.toml: judgement",
            "the outcome of a fitted row was known before the first judged date",
            _of(late, int(split.fitted.sum()), "fitted rows later"),
            "split by date, with the horizon and the recording lag between",
            rule="leak.split",
        )


def _on_both(names: NDArray[np.str_], split: Split) -> int:
    fitted, judged = (np.unique(names[rows]) for rows in (split.fitted, split.judged))
    return len(np.intersect1d(fitted, judged))


def _kin(score: ScoreDefinition, got: str, name: str) -> Fault:
    return Fault(
        f"scores/{score.name}.toml: linked_group",
        f"a household or other linked group is on one side of the split {name}",
        got,
        "split by the linked group, never by row or by person",
        rule="leak.kin",
    )


def _outside(
    cases: Cases, split: Split, encode: Encode, score: ScoreDefinition
) -> Iterator[Fault]:
    """Selection or encoding that another table or other labels outside would change."""
    fitted = split.fitted
    whole = encode(cases, fitted)
    alone = encode(cases.only(fitted), np.ones(int(fitted.sum()), dtype=np.bool_))
    other = np.where(fitted, cases.outcome, 1.0 - cases.outcome)
    relabelled = encode(replace(cases, outcome=other), fitted)
    learnt = {
        *_changed(whole[fitted].reset_index(drop=True), alone),
        *_changed(whole, relabelled),
    }
    for name in sorted(learnt):
        yield Fault(
            _where(score, name),
            "selection and encoding are learnt from the fitted rows alone",
            "another result without the rows outside the split",
            "fit the selection or encoding inside the split",
            rule="leak.encoding",
        )


def _changed(left: pd.DataFrame, right: pd.DataFrame) -> Iterator[str]:
    for name in {*left.columns} | {*right.columns}:
        if (
            name not in left
            or name not in right
            or _differ(left[name], right[name]).any()
        ):
            yield str(name)


def _shuffled(shuffled: Shuffled, score: ScoreDefinition) -> Iterator[Fault]:
    if not shuffled.is_leaking:
        return
    error = shuffled.standard_error
    got = f"{shuffled.mean:.3f}, with a standard error of {error:.3f}"
    named = shuffled.suspects or ("indicators",)
    for name in named:
        yield Fault(
            _where(score, name) if shuffled.suspects else f"scores/{score.name}.toml",
            "on shuffled labels the mean AUC is .5, give or take 3 standard errors",
            got,
            "find how labels of judged rows reach the fit",
            rule="leak.shuffle",
        )


def _alone(
    aucs: dict[str, float], limit: float, score: ScoreDefinition
) -> Iterator[Fault]:
    for name, auc in aucs.items():
        if auc > limit:
            yield Fault(
                _where(score, name),
                f"one indicator alone reaches an AUC of at most {limit:.2f}",
                f"{auc:.3f}",
                "look whether it tells of the outcome itself; if it is right, declare "
                "`greatest_auc_alone`",
                rule="leak.alone",
            )


def _where(score: ScoreDefinition, name: str) -> str:
    return f"scores/{score.name}.toml: indicators: {name}"


def _of(part: int, whole: int | None, noun: str) -> str:
    """Return a count; small ones are not told."""
    shown = f"fewer than {LEAST_PEOPLE}" if part < LEAST_PEOPLE else str(part)
    return f"{shown} of {whole} {noun}" if whole is not None else f"{shown} {noun}"

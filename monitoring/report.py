"""The report of monitoring: one result, unchangeable, of which a board's page is drawn.

The same inputs give the same bytes: nothing in it comes from a clock or from chance.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import pandas as pd

from features.definitions.contracts import Freshness
from features.faults import Fault, Refusal
from models.registry.registry import Registry
from monitoring.drift import ColumnDrift, Drift, drift
from monitoring.fairness import SelectionRates, selection_rates
from monitoring.freshness import Delivered, SourceFreshness, Timeliness, freshness


SCHEMA = 1

# The score's own column beside the indicators; no indicator's name has a space.
LOG_ODDS = "the score's log-odds"


@dataclass(frozen=True)
class Origin:
    """What was looked at, and on which day.

    Attributes:
        on: The day of the look.
        as_of: The newest as-of date of the batch.
        batch: The batch's id in the ledger.
        bundle: The hash of the bundle that scored it.
        model: The hash of the bundle's model.
        version: The model's number in the registry.
        fitted_on: The name of the snapshot that the model was fitted on.
        scored: The name of the snapshot that the batch scored.
        selected: What it means to be selected.
        suppression_threshold: Groups of 1 to this many people are not shown.
    """

    place: str
    score: str
    on: dt.date
    as_of: dt.date
    batch: str
    bundle: str
    model: str
    version: int
    fitted_on: str
    scored: str
    selected: str
    suppression_threshold: int


@dataclass(frozen=True)
class MonitoringInputs:
    """What a report is made of.

    Attributes:
        promises: By source.
        delivered: What has come, by source.
        fitted: The rows fitted on: the indicators and `LOG_ODDS`.
        scored: The rows scored now, with the same columns.
        cases: Of the same rows: `entity_id`, `is_selected`, and the groups.
        groups: The protected attributes, by name.
    """

    origin: Origin
    promises: Mapping[str, Freshness]
    delivered: Mapping[str, Delivered]
    fitted: pd.DataFrame
    scored: pd.DataFrame
    cases: pd.DataFrame
    groups: Sequence[str]


@dataclass(frozen=True)
class MonitoringResult:
    """What was found. Its counts may be small: not for publishing.

    Attributes:
        fitted_rows: Rows that the model was fitted on.
        scored_rows: Rows of the batch that have a score.
        drift: One an indicator, in the model's order, and the score itself last.
        selection: One a protected attribute.
    """

    origin: Origin
    fitted_rows: int
    scored_rows: int
    freshness: tuple[SourceFreshness, ...]
    drift: tuple[ColumnDrift, ...]
    selection: tuple[SelectionRates, ...]

    @cached_property
    def content(self) -> bytes:
        """The result as canonical JSON: one text for one meaning."""
        text = json.dumps(
            {"schema": SCHEMA, **asdict(self)},
            sort_keys=True,
            separators=(",", ":"),
            allow_nan=False,
            default=_as_json,
        )
        return text.encode("ascii")

    @cached_property
    def sha256(self) -> str:
        """The hash of `content`."""
        return sha256(self.content).hexdigest()

    @property
    def file_name(self) -> str:
        """The batch's as-of date and the start of the content's hash."""
        return f"{self.origin.as_of}-{self.sha256[:12]}.json"

    @property
    def metrics(self) -> dict[str, float]:
        """The figures flat, as the registry shows them over time."""
        timeliness = Counter(source.verdict for source in self.freshness)
        gaps = [s for s in self.selection if s.gap.verdict == "a gap"]
        told = [c for c in self.drift if c.values.verdict is not Drift.CANNOT_TELL]
        return {
            **{
                f"sources.{t.value.replace(' ', '_')}": float(timeliness[t])
                for t in Timeliness
            },
            "drift.columns": float(len(self.drift)),
            "drift.drifted": float(sum(c.has_drifted for c in self.drift)),
            "drift.cannot_tell": float(len(self.drift) - len(told)),
            "selection.gaps": float(len(gaps)),
            **{f"drift.of.{_key(c)}": c.values.difference or 0.0 for c in told},
        }


def monitor(inputs: MonitoringInputs) -> MonitoringResult:
    """Return freshness, drift and selection rates of the newest batch of a score."""
    origin = inputs.origin
    return MonitoringResult(
        origin=origin,
        fitted_rows=len(inputs.fitted),
        scored_rows=len(inputs.scored),
        freshness=freshness(inputs.promises, inputs.delivered, on=origin.on),
        drift=drift(inputs.fitted, inputs.scored),
        selection=tuple(
            selection_rates(
                inputs.cases, attribute=group, threshold=origin.suppression_threshold
            )
            for group in inputs.groups
        ),
    )


def keep(result: MonitoringResult, folder: Path) -> Path:
    """Write a result once, whole or not at all.

    Args:
        result: Its name holds its hash, so the same result is the same file.
        folder: Where the results of the score are.

    Returns:
        The file, new or as it was.

    Raises:
        Refusal: There is a file of that name with other bytes.
    """
    final = folder / result.file_name
    if final.exists():
        if final.read_bytes() != result.content:
            what, do = "a result is never changed", "move the file away and look why"
            raise Refusal([Fault(str(final), what, "other bytes", do)])
        return final
    folder.mkdir(parents=True, exist_ok=True)
    staged = final.with_name(f"{final.name}.staged")
    with staged.open("wb") as file:
        file.write(result.content)
        file.flush()
        os.fsync(file.fileno())
    staged.rename(final)
    _flush_folder(folder)
    return final


def log(result: MonitoringResult, registry: Registry) -> str:
    """Log a result to the registry, once; returns the run's id.

    Raises:
        Refusal: The registry cannot be reached.
    """
    origin = result.origin
    tags = {
        "on": str(origin.on),
        "as_of": str(origin.as_of),
        "bundle_sha256": origin.bundle,
        "version": str(origin.version),
        "snapshot": origin.scored,
    }
    return registry.log_result(
        origin.score, "monitoring", result.content, metrics=result.metrics, tags=tags
    )


def _key(column: ColumnDrift) -> str:
    return "score" if column.column == LOG_ODDS else column.column


def _as_json(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"a result holds no {type(value).__name__}")


def _flush_folder(folder: Path) -> None:
    """A rename survives a power cut only once its folder is on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

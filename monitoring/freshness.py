"""Freshness: how old each source is, beside what its partner promised."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from features.definitions.contracts import Freshness
from features.store.manifest import Load


class Timeliness(StrEnum):
    """How a source stands to what was promised of it."""

    IN_TIME = "in time"
    LATE = "late"
    STALE = "stale"
    NEVER_DELIVERED = "never delivered"


@dataclass(frozen=True)
class Delivered:
    """What has come of one source up to a day.

    Attributes:
        newest_received: The day of its newest load.
        newest_event: The latest event date in any load; None if the source has none.
    """

    newest_received: dt.date
    newest_event: dt.date | None


@dataclass(frozen=True)
class SourceFreshness:
    """One source's age on a day.

    Attributes:
        age_days: Days since the newest load; None if there was none.
        event_age_days: Days since the latest event in it; a source may deliver in time
            and hold nothing new.
        cadence_days: The next load was promised within so many days: older is late.
        greatest_age_days: Older than this is stale, and no score rests on it.
    """

    source: str
    verdict: Timeliness
    newest_received: dt.date | None
    newest_event: dt.date | None
    age_days: int | None
    event_age_days: int | None
    cadence_days: int
    greatest_age_days: int


def delivered(loads: Iterable[Load], *, on: dt.date) -> dict[str, Delivered]:
    """Return what has come of each source; loads received after `on` are not seen."""
    found: dict[str, Delivered] = {}
    for load in loads:
        if load.received > on:
            continue
        before = found.get(load.source)
        events = [load.last_event, before.newest_event if before else None]
        found[load.source] = Delivered(
            max(load.received, before.newest_received) if before else load.received,
            max((event for event in events if event), default=None),
        )
    return found


def freshness(
    promises: Mapping[str, Freshness],
    found: Mapping[str, Delivered],
    *,
    on: dt.date,
) -> tuple[SourceFreshness, ...]:
    """Return every promised source's age on a day, by name.

    Args:
        promises: By source.
        found: What has come, by source; a source that never came has no entry.
        on: The day that is asked about.
    """
    return tuple(
        _freshness_of(source, promises[source], found.get(source), on)
        for source in sorted(promises)
    )


def _freshness_of(
    source: str, promise: Freshness, found: Delivered | None, on: dt.date
) -> SourceFreshness:
    received = found.newest_received if found else None
    event = found.newest_event if found else None
    age_days = (on - received).days if received else None
    return SourceFreshness(
        source=source,
        verdict=_verdict(age_days, promise),
        newest_received=received,
        newest_event=event,
        age_days=age_days,
        event_age_days=(on - event).days if event else None,
        cadence_days=promise.cadence_days,
        greatest_age_days=promise.greatest_age_days,
    )


def _verdict(age_days: int | None, promise: Freshness) -> Timeliness:
    if age_days is None:
        return Timeliness.NEVER_DELIVERED
    if age_days > promise.greatest_age_days:
        return Timeliness.STALE
    return Timeliness.LATE if age_days > promise.cadence_days else Timeliness.IN_TIME

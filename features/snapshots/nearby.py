"""Events around a point: how many within a radius, and how dense they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ibis

from features.definitions.filters import as_condition
from features.definitions.indicators import Indicator, Nearby
from features.snapshots.as_of import is_known, is_within
from features.snapshots.lookups import points_of_rows
from features.snapshots.question import Question
from features.store.archive import table_of


if TYPE_CHECKING:
    import ibis.expr.types as ir

_EARTH_METRES = 6_371_008.8
_METRES_PER_DEGREE = math.pi * _EARTH_METRES / 180
# Beyond eight bandwidths a kernel is under 1e-13 of its peak.
_KERNEL_REACH = 8
# A degree of longitude is at least a third of one of latitude up to 70 degrees north.
_LONGITUDE_STRETCH = 3
# A sum of decimals does not depend on the order of adding; a sum of floats does.
_EXACT = "decimal(38, 15)"


def near_events(question: Question, group: Sequence[Indicator]) -> ir.Table:
    """Return `row` and the count or density of events around the row's point.

    Rows without a known point have no value, so they are missing in the result.
    """
    (indicator,) = group
    events, rows = _events_and_rows(question, indicator)
    if indicator.family.measure == "nearby_count":
        return nearby_count(events, rows, indicator)
    return nearby_density(events, rows, indicator)


def near_records(question: Question, indicator: Indicator) -> ir.Table:
    """Return `row` and the clocks of the events that a value rests on.

    For a count, those within the radius; for a density, those within three bandwidths,
    which make up 99 % of it.
    """
    events, rows = _events_and_rows(question, indicator)
    nearby = _nearby(indicator)
    if nearby.radius_metres:
        pairs = _pairs(
            events, rows, indicator, nearby.radius_metres / _METRES_PER_DEGREE
        )
        return pairs.filter(_metres_between(pairs) <= nearby.radius_metres)
    reach = 3 * (nearby.bandwidth_degrees or 0.0)
    pairs = _pairs(events, rows, indicator, reach)
    return pairs.filter(_squared_degrees(pairs) <= reach**2)


def _events_and_rows(
    question: Question, indicator: Indicator
) -> tuple[ir.Table, ir.Table]:
    family = indicator.family
    events = question.usable(question.place.contracts[family.source])
    if family.filter is not None:
        events = events.filter(as_condition(family.filter, events))
    events = question.archive.keep(_placed(events, _nearby(indicator)))
    return events, question.archive.keep(points_of_rows(question))


def nearby_count(events: ir.Table, rows: ir.Table, indicator: Indicator) -> ir.Table:
    """Count events within the radius: great-circle distance on a sphere.

    Args:
        events: `latitude`, `longitude` and the clocks.
        rows: See `points_of_rows`.
        indicator: Its window, and its `radius_metres`.

    Returns:
        `row` and the count; zero where none is near.
    """
    radius = _nearby(indicator).radius_metres or 0
    pairs = _pairs(events, rows, indicator, radius / _METRES_PER_DEGREE)
    near = pairs.filter(_metres_between(pairs) <= radius)
    counts = near.group_by("row").aggregate(count=near.count())
    every = rows.left_join(counts, "row").drop("row_right")
    return every.select("row", **{indicator.name: every["count"].fill_null(0)})


def nearby_density(events: ir.Table, rows: ir.Table, indicator: Indicator) -> ir.Table:
    """Return the mean of a Gaussian kernel over all events of the window.

    For bandwidth h in degrees: mean of phi(dlat / h) phi(dlon / h) / h squared, the
    two-dimensional kernel estimate; so it is a density per square degree, and says
    where events are, not how many there were. Missing where the window has none.

    Args:
        events: `latitude`, `longitude` and the clocks.
        rows: See `points_of_rows`.
        indicator: Its window, and its `bandwidth_degrees`.
    """
    bandwidth = _nearby(indicator).bandwidth_degrees or 0.0
    pairs = _pairs(events, rows, indicator, _KERNEL_REACH * bandwidth)
    kernel = (-_squared_degrees(pairs) / (2 * bandwidth**2)).exp().cast(_EXACT)
    sums = pairs.group_by("row").aggregate(total=kernel.sum())
    every = rows.left_join(sums, "row").drop("row_right")
    every = every.join(_events_in_window(events, rows, indicator), "row")
    peak = 1 / (2 * math.pi * bandwidth**2)
    mean = every.total.fill_null(0).cast("float64") / every.events.cast("float64")
    return every.select("row", **{indicator.name: mean * peak})


def _nearby(indicator: Indicator) -> Nearby:
    if indicator.family.nearby is None:
        raise ValueError(f"{indicator.name} does not say what is near")
    return indicator.family.nearby


def _placed(events: ir.Table, nearby: Nearby) -> ir.Table:
    """Keep the clocks and the point, of the events that have one."""
    clocks = ["record_id", "load", "event_date", "known_date"]
    clocks += ["superseded_on", "withdrawn"]
    latitude, longitude = events[nearby.latitude], events[nearby.longitude]
    placed = events.filter(latitude.notnull() & longitude.notnull())
    return placed.select(
        *clocks,
        latitude=placed[nearby.latitude].cast("float64"),
        longitude=placed[nearby.longitude].cast("float64"),
    )


def _pairs(
    events: ir.Table, rows: ir.Table, indicator: Indicator, reach_degrees: float
) -> ir.Table:
    """Return each row with the events of its window, from its cell and eight around."""
    steps = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    around = {"dy": [y for y, _ in steps], "dx": [x for _, x in steps]}
    around_it = table_of(around, dict.fromkeys(around, "int64"))
    celled = _with_cell(rows, reach_degrees).cross_join(around_it)
    celled = celled.mutate(
        cell_y=celled.cell_y + celled.dy, cell_x=celled.cell_x + celled.dx
    )
    there = _with_cell(events, reach_degrees).rename(
        event_latitude="latitude", event_longitude="longitude"
    )
    pairs = celled.join(there, ["cell_y", "cell_x"])
    in_window = is_within(pairs, pairs.as_of, indicator.window_days)
    return pairs.filter(is_known(pairs, pairs.as_of) & in_window & _is_other(pairs))


def _is_other(pairs: ir.Table) -> Any:
    """The record being scored is never near itself."""
    return pairs.index_record.isnull() | (pairs.record_id != pairs.index_record)


def _with_cell(points: ir.Table, reach_degrees: float) -> ir.Table:
    return points.mutate(
        cell_y=(points.latitude / reach_degrees).floor().cast("int64"),
        cell_x=(points.longitude / (reach_degrees * _LONGITUDE_STRETCH))
        .floor()
        .cast("int64"),
    )


def _events_in_window(
    events: ir.Table, rows: ir.Table, indicator: Indicator
) -> ir.Table:
    """Return `row` and how many events its window has; no row where it has none."""

    def counted(dated: ir.Table) -> ir.BooleanValue:
        in_window = is_within(dated, dated.as_of, indicator.window_days)
        return is_known(dated, dated.as_of) & in_window

    dated = rows.select("as_of").distinct().cross_join(events)
    dated = dated.filter(counted)
    counts = dated.group_by("as_of").aggregate(events=dated.count())
    own = rows.join(events.rename(index_record="record_id"), "index_record")
    own = own.filter(counted).select("row", own=ibis.literal(1))
    found = rows.join(counts, "as_of").left_join(own, "row").drop("row_right")
    found = found.mutate(events=found.events - found.own.fill_null(0))
    return found.filter(found.events > 0).select("row", "events")


def _squared_degrees(pairs: ir.Table) -> Any:
    north = pairs.latitude - pairs.event_latitude
    east = pairs.longitude - pairs.event_longitude
    return north * north + east * east


def _metres_between(pairs: ir.Table) -> Any:
    """Great-circle distance by the haversine formula, exact for small angles."""
    north = (pairs.event_latitude - pairs.latitude).radians() / 2
    east = (pairs.event_longitude - pairs.longitude).radians() / 2
    scale = pairs.latitude.radians().cos() * pairs.event_latitude.radians().cos()
    chord = north.sin() ** 2 + scale * east.sin() ** 2
    return 2 * _EARTH_METRES * chord.sqrt().asin()

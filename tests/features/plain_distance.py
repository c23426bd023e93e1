"""Distance and density, written out as the formulas have them."""

from __future__ import annotations

import math
from collections.abc import Sequence


Point = tuple[float, float]

EARTH_METRES = 6_371_008.8


def metres_between(one: Point, other: Point) -> float:
    """Return the great-circle distance by the spherical law of cosines of vectors."""
    (x1, y1, z1), (x2, y2, z2) = _on_sphere(one), _on_sphere(other)
    cross = math.hypot(y1 * z2 - z1 * y2, z1 * x2 - x1 * z2, x1 * y2 - y1 * x2)
    return EARTH_METRES * math.atan2(cross, x1 * x2 + y1 * y2 + z1 * z2)


def _on_sphere(point: Point) -> tuple[float, float, float]:
    latitude, longitude = map(math.radians, point)
    across = math.cos(latitude)
    return (
        across * math.cos(longitude),
        across * math.sin(longitude),
        math.sin(latitude),
    )


def density_of(point: Point, events: Sequence[Point], bandwidth: float) -> float | None:
    """Return the mean over events of phi(dlat / h) phi(dlon / h) / h squared."""
    if not events:
        return None
    total = math.fsum(
        _phi((point[0] - event[0]) / bandwidth)
        * _phi((point[1] - event[1]) / bandwidth)
        for event in events
    )
    return total / len(events) / bandwidth**2


def _phi(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

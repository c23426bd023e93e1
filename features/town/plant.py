"""A fault planted in the simulated town on purpose, so that watchmen can be tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args


PlantKind = Literal["drift", "label-bias", "link-bias", "stale", "calibration"]
KINDS: Final[tuple[PlantKind, ...]] = get_args(PlantKind)


@dataclass(frozen=True)
class Plant:
    """One fault of stated size.

    Attributes:
        kind: Which fault; `docs/town.md` tells what each does.
        size: drift: points added to frailty scores; label-bias: the share of a group's
            packages that are not recorded as the council's; link-bias: how many times
            as often a group's names and numbers are flawed; stale: days by which the
            last delivery is missing; calibration: how many times as often need turns
            to packages.

    >>> Plant("calibration", 1.5).of("calibration", none=1.0)
    1.5
    >>> Plant("drift", 5).of("calibration", none=1.0)
    1.0
    """

    kind: PlantKind
    size: float

    def of(self, kind: PlantKind, *, none: float) -> float:
        """Return the size if the fault is of this kind, or what stands for none."""
        return self.size if self.kind == kind else none

"""The envelope: what a model's indicators are, and how its log-odds are calibrated.

Only numpy and the standard library: the web service imports this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from features.faults import Fault, Refusal, refuse_if_any
from models.tables.model_file import fault_of
from models.tables.terms import Floats, is_finite_float


T = TypeVar("T", float, Floats)


@dataclass(frozen=True)
class Described:
    """One indicator as the model was fitted on it.

    Attributes:
        unit: In which its tables are cut; may be empty.
        wording: The version of its words, as a hash of them.
    """

    name: str
    unit: str
    wording: str


@dataclass(frozen=True)
class Calibration:
    """From a model's own log-odds to those that a probability is read from.

    Attributes:
        intercept: Added to `slope` times the log-odds; 0 and 1 change nothing.
    """

    intercept: float = 0.0
    slope: float = 1.0

    def __post_init__(self) -> None:
        refuse_if_any(self._faults())

    def of(self, log_odds: T) -> T:
        """Return the calibrated log-odds.

        >>> Calibration(intercept=-0.5, slope=2.0).of(1.0)
        1.5
        """
        return self.intercept + self.slope * log_odds

    def _faults(self) -> Iterator[Fault]:
        if not (is_finite_float(self.intercept) and is_finite_float(self.slope)):
            yield fault_of("calibration", "two finite floats", "something else")
        elif self.slope <= 0:
            # A slope of 0 or less would turn the ranking round.
            yield fault_of("calibration", "the slope is above 0", "0 or less")


@dataclass(frozen=True)
class Envelope:
    """What a model's file says of the model beside its tables.

    Attributes:
        indicators: Those of the model, in its order.
        calibration: What leads from its log-odds to a probability.
    """

    indicators: tuple[Described, ...]
    calibration: Calibration = Calibration()

    @staticmethod
    def keys() -> set[str]:
        """Return its keys in a model's file."""
        return {field.name for field in fields(Envelope)}

    def as_content(self) -> dict[str, object]:
        """Return the envelope as it stands in a model's file."""
        return {
            "indicators": [asdict(each) for each in self.indicators],
            "calibration": asdict(self.calibration),
        }


def read_envelope(content: Mapping[str, Any]) -> Envelope:
    """Read the envelope out of a model's file, strictly.

    Raises:
        Refusal: A field is not declared, or is of another type.
    """
    given, calibration = content["indicators"], content["calibration"]
    named = ["name", "unit", "wording"]
    is_list = isinstance(given, list) and all(_has(each, named) for each in given)
    if not is_list or not all(isinstance(v, str) for e in given for v in e.values()):
        what = f"each of `indicators` has exactly, as texts: {', '.join(named)}"
        raise Refusal([fault_of("indicators", what, "something else")])
    if not _has(calibration, ["intercept", "slope"]):
        what = "`calibration` has exactly: intercept, slope"
        raise Refusal([fault_of("calibration", what, "something else")])
    indicators = tuple(Described(**each) for each in given)
    return Envelope(indicators, Calibration(**calibration))


def _has(content: object, keys: list[str]) -> bool:
    return isinstance(content, dict) and sorted(content) == sorted(keys)

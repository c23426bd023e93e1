"""Given values: those that a caller supplies, checked against the promoted score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from features.faults import Fault, Misuse
from models.definitions.bundle import Bundle, FrozenIndicator
from models.tables.terms import Value


Given = bool | float | str | None


def read_values(bundle: Bundle, given: Mapping[str, Given]) -> dict[str, Value]:
    """Return the values as the model takes them.

    Args:
        bundle: The promoted score.
        given: By indicator; None, or left out, is missing.

    Raises:
        Misuse: With every name the score does not have, and every value of the wrong
            type.
    """
    if faults := list(_faults_of(bundle, given)):
        raise Misuse(faults)
    return {
        name: float(value) if isinstance(value, bool) else value
        for name, value in given.items()
    }


def _faults_of(bundle: Bundle, given: Mapping[str, Given]) -> Iterator[Fault]:
    for name, value in given.items():
        indicator = bundle.by_name.get(name)
        where = f"body.values.{name}"
        if indicator is None:
            known = ", ".join(bundle.by_name)
            what = "the score must have the indicator"
            yield Fault(where, what, "another name", f"write one of: {known}")
        elif value is not None and not _fits(indicator, value):
            what = f"the indicator is a {indicator.value_type}"
            yield Fault(where, what, "another type", "write a value of that type")


def _fits(indicator: FrozenIndicator, value: Given) -> bool:
    # A truth value is a number to Python, and not to anyone who reads the score; but
    # an explanation shows a yes as 1, and what it shows may be sent back.
    if indicator.value_type == "yes or no":
        return isinstance(value, bool) or value in (0, 1)
    wanted = str if indicator.value_type == "category" else (int, float)
    return isinstance(value, wanted) and not isinstance(value, bool)

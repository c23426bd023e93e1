"""Line words: what stands on one line of a scorecard, in the words of the place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from features.definitions.indicators import Indicator
from features.definitions.place import Place
from models.shown.wording import window_words


# Units of what is only counted.
_COUNTED = ("times", "share")


@dataclass(frozen=True)
class LineWords:
    """How an indicator, and what it may be, is called.

    Attributes:
        label: Its name in words, with window and unit.
        meanings: Each category and what it means; one that is not here stands as it is.
        is_yes_or_no: Its values are 1 and 0.
    """

    label: str
    meanings: Mapping[str, str] = field(default_factory=dict)
    is_yes_or_no: bool = False

    def steps(self, edges: Sequence[float]) -> list[str]:
        """Return the steps of a staircase in words.

        >>> LineWords("Visits").steps((0.0, 2.5))
        ['up to 0', 'over 0, up to 2.5', 'over 2.5']
        >>> LineWords("Fell", is_yes_or_no=True).steps((0.0,))
        ['no', 'yes']
        """
        if not edges:
            return ["any"]
        if self.is_yes_or_no and len(edges) == 1 and 0 <= edges[0] < 1:
            return ["no", "yes"]
        plain = [plain_edge(edge) for edge in edges]
        inner = [f"over {low}, up to {high}" for low, high in pairwise(plain)]
        return [f"up to {plain[0]}", *inner, f"over {plain[-1]}"]

    def categories(self, names: Sequence[str]) -> str:
        """Return categories in words.

        >>> LineWords("Home", {"R": "rented"}).categories(["R", "shared"])
        'rented or shared'
        """
        return " or ".join(self.meanings.get(name, name) for name in names)


def plain_edge(edge: float) -> str:
    """Return an edge without losing a digit, as who stands on it must know.

    >>> plain_edge(3.0), plain_edge(0.1)
    ('3', '0.1')
    """
    return f"{edge:.0f}" if edge.is_integer() else repr(edge)


def line_words(indicator: Indicator, place: Place) -> LineWords:
    """Return the words for an indicator of a place."""
    family, days = indicator.family, indicator.window_days
    label = f"{family.label}, {window_words(days)}" if days else family.label
    is_filter = family.measure == "at_index" and family.column is None
    is_yes_or_no = family.measure == "exists" or is_filter
    meanings: Mapping[str, str] = {}
    if family.column is not None and family.measure in ("latest", "at_index"):
        column = place.contracts[family.source].column(family.column)
        meanings = dict(column.values)
        is_yes_or_no |= column.type == "boolean"
    unit = "" if is_yes_or_no else _unit(family.unit, family.label)
    return LineWords(f"{label}{unit}", meanings, is_yes_or_no)


def _unit(unit: str, label: str) -> str:
    """Return the unit as a label ends with it, if the label does not say it already.

    >>> _unit("years", "Age"), _unit("falls", "Falls"), _unit("out of 100", "Frailty")
    (', in years', '', ', out of 100')
    """
    if not unit or unit in _COUNTED or unit.lower() in label.lower():
        return ""
    return f", {unit}" if unit.startswith("out of") else f", in {unit}"

"""Same cases: what two versions differ by, where both were judged on the same cases.

A run keeps the figures of the model that it registers on every draw of linked groups,
beside a hash of the judged cases. Of the same cases the same groups are drawn, so that
two versions' figures can be subtracted draw by draw, without anybody's score.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.judging.intervals import Figure, cannot_tell, percentile_figure
from models.tables.terms import Floats
from training.cohort import Cases


DRAWS_FILE = "draws.json"

# More digits than chance leaves any meaning to.
_DIGITS = 7
_AT_THRESHOLD = "net_benefit"


@dataclass(frozen=True)
class Drawn:
    """A model's figures on the judged cases, and on each draw of their groups.

    Attributes:
        cases: The hash of the judged cases and of how they were drawn.
        threshold: The probability at which net benefit is taken.
        figures: What the columns of `table` are.
        table: 1 + draws x figures; the first row is the cases as they are. NaN where a
            figure is not defined.
    """

    cases: str
    threshold: float
    figures: tuple[str, ...]
    table: Floats

    def to_json(self) -> str:
        """Return what the registry keeps."""
        rows = [[_plain(number) for number in row] for row in self.table.tolist()]
        content = {
            "cases": self.cases,
            "threshold": self.threshold,
            "figures": self.figures,
            "table": rows,
        }
        return json.dumps(content, separators=(",", ":"), allow_nan=False)


def drawn_texts(drawn: Drawn | None) -> dict[str, str]:
    """Return the file that a run keeps, by its name; none where nothing was drawn."""
    return {} if drawn is None else {DRAWS_FILE: drawn.to_json()}


def read_drawn(text: str) -> Drawn:
    """Read back what a run kept.

    >>> drawn = Drawn("a", 0.5, ("auc",), np.array([[0.75], [np.nan]]))
    >>> read_drawn(drawn.to_json()).table.tolist()
    [[0.75], [nan]]
    """
    content = json.loads(text)
    table = np.array(content["table"], dtype=np.float64)
    figures = tuple(content["figures"])
    return Drawn(content["cases"], content["threshold"], figures, table)


def differences(one: Drawn, other: Drawn) -> dict[str, Figure]:
    """Return what the other version's figures are above the one's, by name.

    Where other cases were judged nothing can be told.
    """
    names = [name for name in one.figures if name in other.figures]
    return {name: _difference(one, other, name) for name in names}


def judged_sha256(judged: Cases, *declared: object) -> str:
    """Return a hash of the judged cases, in their order.

    Args:
        judged: Whom, when and with what outcome; with what weight.
        declared: What else a draw's figures hang on, such as capacity and seed.
    """
    digest = sha256(repr(declared).encode())
    whom = judged.linked_group if judged.entity is None else judged.entity
    columns = [whom, judged.linked_group, judged.as_of, judged.outcome]
    columns += [] if judged.weight is None else [judged.weight]
    for column in columns:
        digest.update("\n".join(_texts(column)).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _difference(one: Drawn, other: Drawn, name: str) -> Figure:
    if one.cases != other.cases or len(one.table) != len(other.table):
        return cannot_tell("other cases were judged")
    if name.startswith(_AT_THRESHOLD) and one.threshold != other.threshold:
        return cannot_tell("it was taken at another threshold")
    mine, theirs = (d.table[:, d.figures.index(name)] for d in (one, other))
    gained = theirs - mine
    return percentile_figure(float(gained[0]), gained[1:])


def _texts(column: NDArray[Any]) -> Iterator[str]:
    yield from column.astype(str).tolist()


def _plain(number: float) -> float | None:
    return float(f"{number:.{_DIGITS}g}") if np.isfinite(number) else None

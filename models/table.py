"""The score model as data: one table a term, and a file that carries its own hash.

Only numpy and the standard library: the web service imports this module.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from features.faults import Fault, Refusal, refuse_if_any
from models.terms import (
    Floats,
    Term,
    Value,
    as_content,
    is_finite_float,
    read_term,
)


SCHEMA = 1
FAMILIES = ("additive", "logistic", "rule")

Fact = str | int | float | bool | None

_BLOCK_ROWS = 65_536
_KEYS = {"base", "facts", "family", "schema", "sha256", "terms"}
_NEXT = "take the file from the registry again, or fit the model again"


@dataclass(frozen=True)
class Contributions:
    """What each indicator adds to the log-odds, row by row.

    Attributes:
        base: Log-odds of the training rows' mean.
        names: The indicators, in the model's order.
        values: Rows x indicators; NaN where nothing can be told.
    """

    base: float
    names: tuple[str, ...]
    values: Floats

    @cached_property
    def unseen(self) -> NDArray[np.bool_]:
        """Rows with a category, or a missing value, that training never saw."""
        return np.isnan(self.log_odds)

    @cached_property
    def log_odds(self) -> Floats:
        """Base + contributions, added in the model's order; NaN where unseen."""
        total = np.zeros(len(self.values))
        for column in self.values.T:
            total += column
        return self.base + total


@dataclass(frozen=True)
class TableModel:
    """A score model that is a sum of one-indicator tables.

    Attributes:
        family: One of `FAMILIES`.
        base: Log-odds of the training rows' mean.
        terms: One an indicator, in the order they are shown and added.
        facts: Where the model comes from: hashes, link versions, data span, seed ...
    """

    family: str
    base: float
    terms: tuple[Term, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        refuse_if_any(self._faults())
        frozen = MappingProxyType(dict(sorted(self.facts.items())))
        object.__setattr__(self, "facts", frozen)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The indicators, in the model's order."""
        return tuple(term.name for term in self.terms)

    def contributions(self, columns: Mapping[str, NDArray[Any]]) -> Contributions:
        """Return what each indicator adds, for all rows at once.

        Args:
            columns: One array an indicator, of equal length: numbers with NaN where
                missing, or texts with None. More columns than the model's are ignored.

        Raises:
            Refusal: An indicator has no column, or the lengths or types differ.
        """
        rows = self._rows_of(columns)
        # By column, because each term fills one.
        values = np.empty((rows, len(self.terms)), order="F")
        for number, term in enumerate(self.terms):
            values[:, number] = term.over(columns[term.name])
        return Contributions(self.base, self.names, values)

    def blocks(
        self, columns: Mapping[str, NDArray[Any]], *, rows: int = _BLOCK_ROWS
    ) -> Iterator[Contributions]:
        """Yield the contributions, `rows` at a time, so that memory stays bounded."""
        for start in range(0, self._rows_of(columns), rows):
            part = slice(start, start + rows)
            yield self.contributions({name: columns[name][part] for name in self.names})

    def log_odds(self, columns: Mapping[str, NDArray[Any]]) -> Floats:
        """Return the log-odds of all rows; NaN where nothing can be told."""
        parts = [block.log_odds for block in self.blocks(columns)]
        return np.concatenate(parts) if parts else np.empty(0)

    def contributions_of(self, row: Mapping[str, Value]) -> tuple[float, ...]:
        """Return what each indicator adds, for one row; the bits of `contributions`.

        Args:
            row: The indicators' values by name; None or NaN is missing.

        Raises:
            Refusal: An indicator is not in `row`, or a number is a text.
        """
        try:
            return tuple([of(row[name]) for name, of in self._readers])
        except KeyError as error:
            raise Refusal(self._absent(row)) from error

    def log_odds_of(self, row: Mapping[str, Value]) -> float:
        """Return the log-odds of one row; NaN where nothing can be told."""
        total = 0.0
        # Not `sum`: from Python 3.12 it compensates, and the bits would differ.
        for contribution in self.contributions_of(row):
            total += contribution
        return self.base + total

    def to_json(self) -> bytes:
        """Return the model's file: canonical JSON that carries its own sha256."""
        return _canonical({**self._content, "sha256": self.sha256})

    @cached_property
    def sha256(self) -> str:
        """Of the file's bytes without the hash itself."""
        return hashlib.sha256(_canonical(self._content)).hexdigest()

    @property
    def _content(self) -> dict[str, object]:
        return {
            "schema": SCHEMA,
            "family": self.family,
            "base": self.base,
            "terms": [as_content(term) for term in self.terms],
            "facts": dict(self.facts),
        }

    @cached_property
    def _readers(self) -> tuple[tuple[str, Callable[[Value], float]], ...]:
        return tuple((term.name, term.of) for term in self.terms)

    def _rows_of(self, columns: Mapping[str, NDArray[Any]]) -> int:
        refuse_if_any(self._absent(columns))
        lengths = {len(columns[name]) for name in self.names}
        if len(lengths) > 1:
            what, got = "the columns are of one length", f"{len(lengths)} lengths"
            raise Refusal([Fault("columns", what, got, "give every row every column")])
        return lengths.pop() if lengths else 0

    def _absent(self, given: Mapping[str, object]) -> Iterator[Fault]:
        for name in self.names:
            if name not in given:
                what, do = "the model's indicator must be given", "build it, or give it"
                yield Fault(f"columns: {name}", what, "nothing", do)

    def _faults(self) -> Iterator[Fault]:
        if self.family not in FAMILIES:
            yield _fault("family", f"one of: {', '.join(FAMILIES)}", "another")
        if not is_finite_float(self.base):
            yield _fault("base", "the base is a finite float", "something else")
        for name in sorted({name for name in self.names if self.names.count(name) > 1}):
            yield _fault("terms", "an indicator has one term", f"{name!r} again")
        for name, fact in self.facts.items():
            if not isinstance(name, str) or not _is_fact(fact):
                got = "something else"
                yield _fault("facts", "a fact is a text, number or truth value", got)


def probability(log_odds: ArrayLike) -> Floats:
    """Return the probabilities (0 to 1) of log-odds; NaN stays NaN.

    >>> probability([0.0, -800.0, 800.0]).tolist()
    [0.5, 0.0, 1.0]
    """
    odds = np.asarray(log_odds, dtype=np.float64)
    # Of two equal forms, the one whose exponential cannot overflow.
    small = np.exp(-np.abs(odds))
    return np.where(odds >= 0, 1 / (1 + small), small / (1 + small))


def from_json(data: bytes, *, where: str = "model") -> TableModel:
    """Read a model's file; any byte that is not as it was written is refused.

    Args:
        data: The file's bytes.
        where: How faults name the file.

    Raises:
        Refusal: With every fault found.
    """
    content = _parsed(data, where)
    refuse_if_any(_file_faults(content, data, where))
    faults: list[Fault] = []
    terms: list[Term] = []
    for number, term in enumerate(content["terms"]):
        try:
            terms.append(read_term(term, f"{where}: terms[{number}]"))
        except Refusal as refusal:
            faults += refusal.faults
    refuse_if_any(faults)
    family, base, facts = content["family"], content["base"], content["facts"]
    return TableModel(family, base, tuple(terms), facts)


def _parsed(data: bytes, where: str) -> dict[str, Any]:
    try:
        content = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        # Not chained: a message of the parser may quote the file.
        content = None
    if isinstance(content, dict):
        return content
    what = "a model's file is one JSON object"
    raise Refusal([Fault(where, what, "something else", _NEXT)])


def _file_faults(content: dict[str, Any], data: bytes, where: str) -> Iterator[Fault]:
    if set(content) != _KEYS:
        what = f"a model's file has exactly: {', '.join(sorted(_KEYS))}"
        yield Fault(where, what, "other keys", _NEXT)
        return
    if type(content["schema"]) is not int or content["schema"] != SCHEMA:
        what, do = f"this program reads schema {SCHEMA}", "use the matching version"
        yield Fault(where, what, "another schema", do)
    if not isinstance(content["terms"], list) or not isinstance(content["facts"], dict):
        what = "`terms` is a list and `facts` an object"
        yield Fault(where, what, "something else", _NEXT)
    unsigned = {key: value for key, value in content.items() if key != "sha256"}
    try:
        written, bare = _canonical(content), _canonical(unsigned)
    except (ValueError, RecursionError):
        yield Fault(where, "numbers must be finite", "one that is not", _NEXT)
        return
    if written != data:
        what = "the file must be canonical JSON, byte for byte"
        yield Fault(where, what, "other bytes", _NEXT)
    if content["sha256"] != hashlib.sha256(bare).hexdigest():
        yield Fault(where, "the file must match its sha256", "another hash", _NEXT)


def _canonical(content: object) -> bytes:
    """Sorted keys, no spaces, ASCII, floats in the shortest form that reads back."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number of JSON")


def _is_fact(fact: object) -> bool:
    if isinstance(fact, float):
        return math.isfinite(fact)
    return fact is None or isinstance(fact, str | int)


def _fault(key: str, what: str, got: str) -> Fault:
    return Fault(f"model: {key}", what, got, _NEXT)

"""The score model as data: one table a term, and a file that carries its own hash.

Only numpy and the standard library: the web service imports this module.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from features.faults import Fault, Refusal, refuse_if_any
from models.families.pairs import AnyTerm, any_content, indicators_of, read_any
from models.tables.contributions import Contributions as Contributions
from models.tables.envelope import Envelope, read_envelope
from models.tables.links import Link, exponential
from models.tables.links import probability as probability
from models.tables.model_file import canonical, fault_of, read_content, sha256_of
from models.tables.terms import Floats, Log, Value, is_finite_float


FAMILIES = ("additive", "pairs", "logistic", "points", "rule")
# Fitted and judged beside the others, and never a model's file that is served.
CHALLENGER = "boosted"

Fact = str | int | float | bool | None

_BLOCK_ROWS = 65_536
# By whether there is an envelope, and by the link: the first two name no link.
_SCHEMAS: dict[tuple[bool, Link], int] = {
    (False, "logit"): 1,
    (True, "logit"): 2,
    (False, "log"): 3,
    (True, "log"): 4,
}
_KEYS = {"base", "facts", "family", "schema", "sha256", "terms"}
# What every model that is registered says of where it comes from.
_ORIGIN = ("place_sha256", "links", "data_from", "data_to")


@dataclass(frozen=True)
class TableModel:
    """A score model that is a sum of tables of one indicator, or of a pair of them.

    Attributes:
        family: One of `FAMILIES`.
        base: Log-odds of the training rows' mean.
        terms: In the order they are shown and added.
        facts: Where the model comes from: hashes, link versions, data span, seed ...
        envelope: What its indicators are and how it is calibrated; None as fitted. With
            one, the facts hold place hash, link versions and data span.
        link: What the sum of the terms is: log-odds, or the log of an expected number,
            for which this class says log-odds all the same.
    """

    family: str
    base: float
    terms: tuple[AnyTerm, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict, hash=False)
    envelope: Envelope | None = None
    link: Link = "logit"

    def __post_init__(self) -> None:
        refuse_if_any(self._faults())
        frozen = MappingProxyType(dict(sorted(self.facts.items())))
        object.__setattr__(self, "facts", frozen)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The indicators, in the model's order."""
        every = (name for term in self.terms for name in indicators_of(term))
        return tuple(dict.fromkeys(every))

    @cached_property
    def term_names(self) -> tuple[str, ...]:
        """The terms, in the model's order; the indicators, where there is no pair."""
        return tuple(term.name for term in self.terms)

    @cached_property
    def indicators_by_term(self) -> Mapping[str, tuple[str, ...]]:
        """The indicators that each term reads: one, or the two of a pair."""
        return {term.name: indicators_of(term) for term in self.terms}

    def contributions(self, columns: Mapping[str, NDArray[Any]]) -> Contributions:
        """Return what each term adds, for all rows at once.

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
            values[:, number] = term.over(*(columns[n] for n in indicators_of(term)))
        return Contributions(self.base, self.term_names, values)

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
        """Return what each term adds, for one row; the bits of `contributions`.

        Args:
            row: The indicators' values by name; None or NaN is missing.

        Raises:
            Refusal: An indicator is not in `row`, or a number is a text.
        """
        try:
            return tuple([of(*[row[n] for n in names]) for names, of in self._readers])
        except KeyError as error:
            raise Refusal(self._absent(row)) from error

    def log_odds_of(self, row: Mapping[str, Value]) -> float:
        """Return the log-odds of one row; NaN where nothing can be told."""
        total = 0.0
        # Not `sum`: from Python 3.12 it compensates, and the bits would differ.
        for contribution in self.contributions_of(row):
            total += contribution
        return self.base + total

    def risk(self, log_odds: ArrayLike) -> Floats:
        """Return the probabilities (0 to 1) of this model's log-odds, as calibrated."""
        refuse_if_any(self._link_faults("logit"))
        return probability(self._calibrated(log_odds))

    def expected(self, logs: ArrayLike) -> Floats:
        """Return the expected numbers of this model's logs, as calibrated."""
        refuse_if_any(self._link_faults("log"))
        return exponential(self._calibrated(logs))

    def to_json(self) -> bytes:
        """Return the model's file: canonical JSON that carries its own sha256."""
        return canonical({**self._content, "sha256": self.sha256})

    @cached_property
    def sha256(self) -> str:
        """Of the file's bytes without the hash itself."""
        return sha256_of(self._content)

    @property
    def _content(self) -> dict[str, object]:
        content: dict[str, object] = {
            "schema": _SCHEMAS[self.envelope is not None, self.link],
            "family": self.family,
            "base": self.base,
            "terms": [any_content(term) for term in self.terms],
            "facts": dict(self.facts),
        }
        named = {} if self.link == "logit" else {"link": self.link}
        described = self.envelope.as_content() if self.envelope else {}
        return {**content, **named, **described}

    def _calibrated(self, log_odds: ArrayLike) -> Floats:
        odds = np.asarray(log_odds, dtype=np.float64)
        return self.envelope.calibration.of(odds) if self.envelope else odds

    @cached_property
    def _readers(self) -> tuple[tuple[tuple[str, ...], Callable[..., float]], ...]:
        return tuple((indicators_of(term), term.of) for term in self.terms)

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
        if self.family == CHALLENGER:
            yield _never_served()
        elif self.family not in FAMILIES:
            yield fault_of("family", f"one of: {', '.join(FAMILIES)}", "another")
        if not is_finite_float(self.base):
            yield fault_of("base", "the base is a finite float", "something else")
        given = self.term_names
        for name in sorted({name for name in given if given.count(name) > 1}):
            yield fault_of("terms", "an indicator has one term", f"{name!r} again")
        yield from self._number_faults()
        if self.envelope:
            yield from self._origin_faults(self.envelope)
        for name, fact in self.facts.items():
            if not isinstance(name, str) or not _is_fact(fact):
                got = "something else"
                yield fault_of("facts", "a fact is a text, number or truth value", got)

    def _number_faults(self) -> Iterator[Fault]:
        """Only additive tables say a number, and only a number has an exposure."""
        if (True, self.link) not in _SCHEMAS:
            yield fault_of("link", "one of: logit, log", "another")
        elif self.link == "log" and self.family != "additive":
            yield fault_of("link", "an additive model says a number", "another family")
        if self.link != "log" and any(isinstance(term, Log) for term in self.terms):
            yield fault_of("terms", "the link is log where a term is", "another link")

    def _link_faults(self, wanted: Link) -> Iterator[Fault]:
        if self.link != wanted:
            what = {"logit": "a risk", "log": "a number"}[wanted]
            yield fault_of("link", f"{what} is read off the link {wanted}", self.link)

    def _origin_faults(self, envelope: Envelope) -> Iterator[Fault]:
        if [each.name for each in envelope.indicators] != list(self.names):
            what = "the envelope describes each indicator of the model, in order"
            yield fault_of("indicators", what, "others")
        for name in _ORIGIN:
            if name not in self.facts:
                yield fault_of("facts", f"a model names its `{name}`", "nothing")


def from_json(data: bytes, *, where: str = "model") -> TableModel:
    """Read a model's file; any byte that is not as it was written is refused.

    Args:
        data: The file's bytes.
        where: How faults name the file.

    Raises:
        Refusal: With every fault found.
    """
    content = read_content(data, where, _keys_of)
    refuse_if_any(_type_faults(content, where))
    faults: list[Fault] = []
    terms: list[AnyTerm] = []
    for number, term in enumerate(content["terms"]):
        try:
            terms.append(read_any(term, f"{where}: terms[{number}]"))
        except Refusal as refusal:
            faults += refusal.faults
    refuse_if_any(faults)
    family, base, facts = content["family"], content["base"], content["facts"]
    envelope = read_envelope(content) if "calibration" in content else None
    link = content.get("link", "logit")
    return TableModel(family, base, tuple(terms), facts, envelope, link)


def _keys_of(content: Mapping[str, object]) -> set[str] | None:
    """Return the keys of a file of this schema; None if there is no such schema."""
    if content.get("family") == CHALLENGER:
        raise Refusal([_never_served()])
    schema = content.get("schema")
    for (has_envelope, link), number_ in _SCHEMAS.items():
        if type(schema) is int and schema == number_:
            more = Envelope.keys() if has_envelope else set()
            return _KEYS | more | ({"link"} if link != "logit" else set())
    return None


def _never_served() -> Fault:
    what = "the challenger is scored and explained offline, and never promoted"
    do = "serve one of the families that are tables"
    return Fault("model: family", what, CHALLENGER, do)


def _type_faults(content: Mapping[str, object], where: str) -> Iterator[Fault]:
    if not isinstance(content["terms"], list) or not isinstance(content["facts"], dict):
        what = "`terms` is a list and `facts` an object"
        yield fault_of(where, what, "something else")
    links = {schema: link for (_, link), schema in _SCHEMAS.items()}
    if content.get("link", "logit") != links[int(str(content["schema"]))]:
        yield fault_of("link", "the link is that of the file's schema", "another")


def _is_fact(fact: object) -> bool:
    if isinstance(fact, float):
        return math.isfinite(fact)
    return fact is None or isinstance(fact, str | int)

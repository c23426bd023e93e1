"""Contracts: the declared shape of a source, and the ground it is used on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from features.definitions.columns import Column, ColumnType, File, Trailer
from features.definitions.definition import Days, Definition, Name, Text
from features.definitions.governance import Flag, Governance, OpenData, OptOutScope
from features.definitions.restrictions import Restriction, faults_of_restriction


__all__ = ["Column", "ColumnType", "Contract", "File", "Trailer"]

# What every stored table of a source already has, or is given when its records are
# joined to entities and dates; DuckDB ignores the case of names.
RESERVED_NAMES = frozenset(
    {"record_id", "load", "line", "event_date", "known_date", "withdrawn"}
    | {"key", "content", "superseded_on"}
    | {"entity", "entity_id", "probability", "as_of", "index_record"}
)


class Dates(Definition):
    """Which columns hold the two clocks.

    Attributes:
        event: The column that says when it happened; None for a source without dates,
            whose rows tell only of index events. A row whose cell is empty counts in
            no window either.
        recorded: The column that says when the partner wrote it down.
        lead_days: The fact held this many days before the date in `event`: a visit
            that was assigned the day before it took place.
    """

    event: Text | None = None
    recorded: Text | None = None
    lead_days: Annotated[int, Field(ge=0, le=366)] = 0

    @model_validator(mode="after")
    def _leads_something(self) -> Self:
        if self.lead_days and self.event is None:
            raise ValueError("`lead_days` needs `event`")
        return self


class History(Definition):
    """The known date of rows in a load declared `history`: an assumption.

    Exactly one of `column` and `lag_days` (after the event column's date) is given.
    """

    column: Text | None = None
    lag_days: Annotated[int, Field(ge=0, le=3_660)] | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if (self.column is None) == (self.lag_days is None):
            raise ValueError("history needs either `column` or `lag_days`")
        return self


class Freshness(Definition):
    """The partner's promise: how often it sends, and how old its data may get."""

    cadence_days: Days
    greatest_age_days: Days


class Coverage(Definition):
    """Whom and since when the source observes: zero differs from not observed.

    Attributes:
        since: The first day from which events are complete.
        whom: `everyone`, or `linked`: only entities of which the source holds a record.
    """

    since: dt.date
    whom: Literal["everyone", "linked"] = "everyone"


class About(Definition):
    """What a row is about: an entity of a kind, found by linkage or named outright.

    Attributes:
        identifiers: Linkage attribute -> column, for kinds that are linked.
        key: Columns that name the entity outright (an area's code).
        constant: The one entity that every row is about (a city's weather).
        one_per_person: The source holds one record of each entity, so that two of its
            records are two entities. For kinds that are linked.
    """

    kind: Name
    identifiers: dict[str, str] = Field(default_factory=dict)
    key: list[str] = Field(default_factory=list)
    constant: Text | None = None
    one_per_person: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [bool(self.identifiers), bool(self.key), self.constant is not None]
        if sum(ways) != 1:
            raise ValueError("give exactly one of `identifiers`, `key`, `constant`")
        if self.one_per_person and not self.identifiers:
            raise ValueError("`one_per_person` needs `identifiers`")
        return self

    @property
    def columns(self) -> list[str]:
        """The columns that this rests on."""
        return [*self.identifiers.values(), *self.key]


class DateOrder(Definition):
    """`first` may not be after `then`, where both are given."""

    first: Text
    then: Text


class Objections(Definition):
    """The source is a register of opt-outs, objections and restrictions.

    Attributes:
        column: The column that holds the scope's code.
        scopes: Each code of that column -> the scope it stands for.
        ends: The column with the date on which it was withdrawn.
        purpose: The column that names the purpose objected to; empty means all.
    """

    column: Text
    scopes: dict[str, OptOutScope]
    ends: Text | None = None
    purpose: Text | None = None


class Contract(Definition):
    """The declared shape of one source and the ground on which it is used.

    Attributes:
        key: The columns that name one record for ever; a later row with the same key
            is a new version of it. Empty where the partner numbers nothing: the whole
            row then names the record, and a corrected row is another record.
        honours: Opt-outs that keep a person's rows here from use beyond their own care.
        flags: Why a reviewer must look at its records before the person whom they are
            about is given them.
        restriction: Which rows are about somebody who must not be traced.
        rows_at_most: More rows than this are refused before they are read.
    """

    name: Name
    partner: Name
    title: Text
    governance: Governance | None = None
    open_data: OpenData | None = None
    honours: list[OptOutScope] = Field(default_factory=list)
    flags: list[Flag] = Field(default_factory=list)
    file: File
    dates: Dates = Dates()
    history: History | None = None
    freshness: Freshness
    coverage: Coverage
    key: list[Text]
    about: Annotated[list[About], Field(min_length=1)]
    columns: Annotated[list[Column], Field(min_length=1)]
    order: list[DateOrder] = Field(default_factory=list)
    objections: Objections | None = None
    restriction: Restriction | None = None
    rows_at_most: Annotated[int, Field(ge=1)] = 20_000_000

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        checks = [_ground, _names, _kinds, _spellings, _dates, _undated, _identity]
        checks.append(faults_of_restriction)
        faults = list(chain.from_iterable(check(self) for check in checks))
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def column(self, name: str) -> Column:
        """Return the column called `name`.

        Raises:
            KeyError: No such column is declared.
        """
        return {column.name: column for column in self.columns}[name]

    @property
    def identity_columns(self) -> list[str]:
        """Columns that linking reads, and all that are identifiers, in file order."""
        linked = set(chain.from_iterable(a.identifiers.values() for a in self.about))
        return [
            column.name
            for column in self.columns
            if column.name in linked or self._is_apart(column)
        ]

    @property
    def record_columns(self) -> list[str]:
        """Columns that may leave the identity zone, in file order."""
        return [c.name for c in self.columns if not self._is_apart(c)]

    def _is_apart(self, column: Column) -> bool:
        """Whether a column stays in the identity zone."""
        marks = self.restriction is not None and column.name == self.restriction.column
        return marks or column.sensitivity == "identifier"


def _ground(contract: Contract) -> Iterator[str]:
    if (contract.governance is None) == (contract.open_data is None):
        yield "declare either [governance] or [open_data]"


def _names(contract: Contract) -> Iterator[str]:
    declared = [column.name for column in contract.columns]
    folded = [name.casefold() for name in declared]
    for name in sorted({n for n in declared if folded.count(n.casefold()) > 1}):
        yield f"column {name!r} is declared twice (capitals do not tell names apart)"
    for name in declared:
        if name.casefold() in RESERVED_NAMES:
            yield f"column {name!r} needs another name: give this one as its `heading`"
    headers = [column.header for column in contract.columns]
    for name in sorted({h for h in headers if headers.count(h) > 1}):
        yield f"the heading {name!r} is declared twice"
    for role, name in _references(contract):
        if name not in declared:
            yield f"{role} names a column that is not declared: {name!r}"


def _references(contract: Contract) -> Iterator[tuple[str, str]]:
    """Every place of a contract that names a column, with the name it gives."""
    dates, history = contract.dates, contract.history
    clocks = [("dates.event", dates.event), ("dates.recorded", dates.recorded)]
    clocks += [("history.column", history.column)] if history else []
    yield from ((role, name) for role, name in clocks if name)
    yield from (("key", name) for name in contract.key)
    yield from (("about", name) for about in contract.about for name in about.columns)
    for order in contract.order:
        yield from (("order", order.first), ("order", order.then))
    if contract.objections:
        marked = contract.objections
        named = [marked.column, marked.ends, marked.purpose]
        yield from (("objections", name) for name in named if name)
    if guarded := contract.restriction:
        yield from (("restriction", n) for n in (guarded.column, guarded.linked_by))


def _spellings(contract: Contract) -> Iterator[str]:
    """A spelling that means both "no value" and a value would be read as no value."""
    for column in contract.columns:
        for spelling in sorted(set(contract.file.null) & set(column.spellings)):
            yield f"{spelling!r} is a value of {column.name!r} and a spelling of null"


def _dates(contract: Contract) -> Iterator[str]:
    types = {column.name: column.type for column in contract.columns}
    must_be_dates = [contract.dates.event, contract.dates.recorded]
    must_be_dates += [contract.history.column] if contract.history else []
    must_be_dates += [name for o in contract.order for name in (o.first, o.then)]
    for name in dict.fromkeys(name for name in must_be_dates if name in types):
        if types[name] != "date":
            yield f"column {name!r} must be of type date, as it is used as one"


def _undated(contract: Contract) -> Iterator[str]:
    if contract.dates.event is not None:
        return
    if contract.file.delivery == "period":
        yield "a `period` delivery needs `dates.event`"
    if contract.history and contract.history.lag_days is not None:
        yield "`history.lag_days` needs `dates.event`"


def _kinds(contract: Contract) -> Iterator[str]:
    kinds = [about.kind for about in contract.about]
    for kind in sorted({kind for kind in kinds if kinds.count(kind) > 1}):
        yield f"a row is about one {kind}, not two: make each one a source of its own"


def _identity(contract: Contract) -> Iterator[str]:
    identifiers = {c.name for c in contract.columns if c.sensitivity == "identifier"}
    for about in contract.about:
        for name in sorted(identifiers & set(about.key)):
            yield f"about.key names {name!r}, an identifier: link it instead"
    if contract.objections and contract.objections.column in identifiers:
        yield "objections.column must not be an identifier"
    if contract.dates.event in identifiers:
        yield "dates.event must not be an identifier: it leaves the identity zone"

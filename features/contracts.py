"""Contracts: the declared shape of a source, and the ground it is used on."""

from __future__ import annotations

import codecs
import datetime as dt
from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from features.definitions import Days, Definition, Name, Text
from features.governance import Governance, OpenData, OptOutScope


ColumnType = Literal["text", "code", "integer", "decimal", "float", "date", "boolean"]


def _known_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError as error:
        raise ValueError("the encoding must be one that Python knows") from error
    return name


class Column(Definition):
    """One column of an extract, as it must arrive.

    Attributes:
        type: `decimal` needs `scale`; `code` needs `values`; `date` needs `formats`;
            `boolean` needs `true` and `false`.
        required: An empty cell is a fault.
        sensitivity: `identifier` columns stay in the identity zone.
        known_beforehand: The cell was known before the event took place (a visit that
            was planned), so that it may be read at an index event.
        values: The codes allowed, each with its meaning.
        minimum: Least value allowed, for numbers.
        maximum: Greatest value allowed, for numbers.
        earliest: First date allowed.
        pattern: A regular expression that the whole of a text must match.
        greatest_length: Most characters that a text may have.
    """

    name: Text
    type: ColumnType
    meaning: Text
    unit: str | None = None
    required: bool = False
    sensitivity: Literal["identifier", "special", "personal", "open"] = "personal"
    known_beforehand: bool = False
    values: dict[str, Text] = Field(default_factory=dict)
    scale: Annotated[int, Field(ge=0, le=12)] | None = None
    formats: list[Text] = Field(default_factory=list)
    true: list[Text] = Field(default_factory=list)
    false: list[Text] = Field(default_factory=list)
    minimum: int | float | None = None
    maximum: int | float | None = None
    earliest: dt.date = dt.date(1900, 1, 1)
    pattern: Text | None = None
    greatest_length: Annotated[int, Field(ge=1)] = 1_000

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> Self:
        needs = {"decimal": "scale", "code": "values", "date": "formats"}
        needed = needs.get(self.type)
        if needed and getattr(self, needed) in (None, [], {}):
            raise ValueError(f"a {self.type} column must declare `{needed}`")
        if self.type == "boolean" and not (self.true and self.false):
            raise ValueError("a boolean column must declare `true` and `false`")
        return self


class Trailer(Definition):
    """A last line that counts the rows, such as `TRAILER,1234`."""

    marker: Text


class File(Definition):
    """How the file is written.

    Attributes:
        title_rows: Lines above the header, which are skipped.
        null: Spellings of "no value"; an empty cell always is one.
        delivery: `full` (an absent key is a withdrawal), `delta` (only what is new or
            changed) or `period` (all of a period: an absent key in it is a withdrawal).
    """

    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    title_rows: Annotated[int, Field(ge=0, le=100)] = 0
    null: list[str] = Field(default_factory=list)
    delivery: Literal["full", "delta", "period"]
    trailer: Trailer | None = None


class Dates(Definition):
    """Which columns hold the two clocks.

    Attributes:
        event: The column that says when it happened.
        recorded: The column that says when the partner wrote it down.
        lead_days: The fact held this many days before the date in `event`: a visit
            that was assigned the day before it took place.
    """

    event: Text
    recorded: Text | None = None
    lead_days: Annotated[int, Field(ge=0, le=366)] = 0


class History(Definition):
    """The known date of rows in a load declared `history`: an assumption.

    Exactly one of `column` and `lag_days` (event date + lag) is given.
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
    """

    kind: Name
    identifiers: dict[str, str] = Field(default_factory=dict)
    key: list[str] = Field(default_factory=list)
    constant: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [bool(self.identifiers), bool(self.key), self.constant is not None]
        if sum(ways) != 1:
            raise ValueError("give exactly one of `identifiers`, `key`, `constant`")
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
            is a new version of it.
        honours: Opt-outs that keep a person's rows here from use beyond their own care.
        rows_at_most: More rows than this are refused before they are read.
    """

    name: Name
    partner: Name
    title: Text
    governance: Governance | None = None
    open_data: OpenData | None = None
    honours: list[OptOutScope] = Field(default_factory=list)
    file: File
    dates: Dates
    history: History | None = None
    freshness: Freshness
    coverage: Coverage
    key: Annotated[list[Text], Field(min_length=1)]
    about: Annotated[list[About], Field(min_length=1)]
    columns: Annotated[list[Column], Field(min_length=1)]
    order: list[DateOrder] = Field(default_factory=list)
    objections: Objections | None = None
    rows_at_most: Annotated[int, Field(ge=1)] = 20_000_000

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        faults = list(chain(_ground(self), _names(self), _dates(self), _identity(self)))
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
            if column.name in linked or column.sensitivity == "identifier"
        ]

    @property
    def record_columns(self) -> list[str]:
        """Columns that may leave the identity zone, in file order."""
        return [c.name for c in self.columns if c.sensitivity != "identifier"]


def _ground(contract: Contract) -> Iterator[str]:
    if (contract.governance is None) == (contract.open_data is None):
        yield "declare either [governance] or [open_data]"


def _names(contract: Contract) -> Iterator[str]:
    declared = [column.name for column in contract.columns]
    for name in sorted({n for n in declared if declared.count(n) > 1}):
        yield f"column {name!r} is declared twice"
    for role, name in _references(contract):
        if name not in declared:
            yield f"{role} names a column that is not declared: {name!r}"


def _references(contract: Contract) -> Iterator[tuple[str, str]]:
    """Every place of a contract that names a column, with the name it gives."""
    dates, history = contract.dates, contract.history
    yield "dates.event", dates.event
    if dates.recorded:
        yield "dates.recorded", dates.recorded
    if history and history.column:
        yield "history.column", history.column
    yield from (("key", name) for name in contract.key)
    yield from (("about", name) for about in contract.about for name in about.columns)
    for order in contract.order:
        yield from (("order", order.first), ("order", order.then))
    if contract.objections:
        marked = contract.objections
        named = [marked.column, marked.ends, marked.purpose]
        yield from (("objections", name) for name in named if name)


def _dates(contract: Contract) -> Iterator[str]:
    types = {column.name: column.type for column in contract.columns}
    must_be_dates = [contract.dates.event, contract.dates.recorded]
    must_be_dates += [contract.history.column] if contract.history else []
    must_be_dates += [name for o in contract.order for name in (o.first, o.then)]
    for name in dict.fromkeys(name for name in must_be_dates if name in types):
        if types[name] != "date":
            yield f"column {name!r} must be of type date, as it is used as one"
    event = next((c for c in contract.columns if c.name == contract.dates.event), None)
    if event and not event.required:
        yield f"column {event.name!r} must be required, as it is the event date"


def _identity(contract: Contract) -> Iterator[str]:
    identifiers = {c.name for c in contract.columns if c.sensitivity == "identifier"}
    for about in contract.about:
        for name in sorted(identifiers & set(about.key)):
            yield f"about.key names {name!r}, an identifier: link it instead"
    if contract.objections and contract.objections.column in identifiers:
        yield "objections.column must not be an identifier"

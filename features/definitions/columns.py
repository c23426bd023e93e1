"""The columns of an extract and how its file is written, as contracts declare."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from features.definitions import date_formats
from features.definitions.definition import Definition, Text


ColumnType = Literal["text", "code", "integer", "decimal", "float", "date", "boolean"]


def _readable_encoding(name: str) -> str:
    ascii_bytes = bytes(range(128))
    try:
        extends_ascii = ascii_bytes.decode(name) == ascii_bytes.decode("ascii")
    except (LookupError, UnicodeError) as error:
        raise ValueError("the encoding must be one that Python knows") from error
    if not extends_ascii:
        raise ValueError("the encoding must hold ASCII as it is: utf-8, cp1252, ...")
    return name


def _separating(character: str) -> str:
    if character in "\"\r\n\x00'" or character.isalnum():
        raise ValueError("the delimiter must separate: , ; | or a tab")
    return character


def _readable_pattern(pattern: str) -> str:
    # Asked of the engine that will apply it: its expressions are not Python's.
    import duckdb

    try:
        duckdb.execute("select regexp_full_match('', ?)", [pattern])
    except duckdb.Error as error:
        raise ValueError("the pattern must be an RE2 regular expression") from error
    return pattern


class Column(Definition):
    """One column of an extract, as it must arrive.

    Attributes:
        heading: What the header calls it; None means `name`.
        type: `decimal` needs `scale`; `code` needs `values`; `date` needs `formats`;
            `boolean` needs `true` and `false`.
        required: An empty cell is a fault.
        sensitivity: `identifier` columns stay in the identity zone.
        shown: Where a chronology shows it: in the one line of the record, among the
            rest of it, or never. It says nothing about what indicators may read.
        location: It tells where somebody is, so that it is not shown of the restricted.
        known_beforehand: The cell was known before the event took place (a visit that
            was planned), so that it may be read at an index event.
        values: The codes allowed, each with its meaning.
        formats: Like strptime's, matched strictly; a time of day is dropped.
        minimum: Least value allowed, for numbers.
        maximum: Greatest value allowed, for numbers.
        earliest: First date allowed.
        pattern: A regular expression (RE2) that the whole of a cell must match.
        greatest_length: Most characters that a text may have.
    """

    name: Text
    heading: Text | None = None
    type: ColumnType
    meaning: Text
    unit: str | None = None
    required: bool = False
    sensitivity: Literal["identifier", "special", "personal", "open"] = "personal"
    shown: Literal["first", "more", "never"] = "more"
    location: bool = False
    known_beforehand: bool = False
    values: dict[Text, Text] = Field(default_factory=dict)
    scale: Annotated[int, Field(ge=0, le=12)] | None = None
    formats: list[Text] = Field(default_factory=list)
    true: list[Text] = Field(default_factory=list)
    false: list[Text] = Field(default_factory=list)
    minimum: int | float | None = None
    maximum: int | float | None = None
    earliest: dt.date = dt.date(1900, 1, 1)
    pattern: Annotated[Text, AfterValidator(_readable_pattern)] | None = None
    greatest_length: Annotated[int, Field(ge=1)] = 1_000

    @property
    def header(self) -> str:
        """What the file's header calls the column."""
        return self.heading or self.name

    @property
    def spellings(self) -> list[str]:
        """Every text that a code or boolean cell may hold."""
        return [*self.values, *self.true, *self.false]

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> Self:
        needs = {"decimal": "scale", "code": "values", "date": "formats"}
        needed = needs.get(self.type)
        if needed and getattr(self, needed) in (None, [], {}):
            raise ValueError(f"a {self.type} column must declare `{needed}`")
        if self.type == "boolean" and not (self.true and self.false):
            raise ValueError("a boolean column must declare `true` and `false`")
        return self

    @model_validator(mode="after")
    def _reads_each_text_in_one_way(self) -> Self:
        for format_ in self.formats:
            date_formats.pattern_of(format_)
        if complaints := list(date_formats.ambiguous(self.formats)):
            raise ValueError("; ".join(complaints))
        if both := sorted(set(self.true) & set(self.false)):
            raise ValueError(f"{both} cannot be both true and false")
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

    encoding: Annotated[str, AfterValidator(_readable_encoding)] = "utf-8"
    delimiter: Annotated[
        str, Field(min_length=1, max_length=1), AfterValidator(_separating)
    ] = ","
    title_rows: Annotated[int, Field(ge=0, le=100)] = 0
    null: list[Text] = Field(default_factory=list)
    delivery: Literal["full", "delta", "period"]
    trailer: Trailer | None = None

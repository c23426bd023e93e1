"""Attributes: what records say of the entity they are about, read for comparing."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from features.definitions.check_digits import CHECKS, Check
from features.definitions.definition import Definition, Name, Text
from features.definitions.normalise import FORMS, Form, text


if TYPE_CHECKING:
    import pyarrow as pa


class Condition(Definition):
    """What another attribute of the same record must say.

    Attributes:
        among: Texts, compared as capitals; one that ends in `*` stands for all that
            begin so. A record without the attribute says none of them.
    """

    attribute: Name
    among: Annotated[list[Text], Field(min_length=1)]


class Attribute(Definition):
    """Something that records say of the entity they are about, and how it is read.

    Attributes:
        form: What of a cell counts: see `normalise`.
        of: Read the column of this attribute; None means its own, from the contract.
        check: A value without the right check digit counts as missing.
        placeholders: Values that stand for none; with `*` at the end, all that begin
            so.
        stands_for: Other spellings of a value (`Bill = "William"`).
        when: Read it only where this holds.
        unless: Read it only where this does not hold.
    """

    form: Form = "text"
    of: Name | None = None
    check: Check | None = None
    placeholders: list[Text | dt.date] = Field(default_factory=list)
    stands_for: dict[Text, Text] = Field(default_factory=dict)
    when: Condition | None = None
    unless: Condition | None = None

    @property
    def is_date(self) -> bool:
        """Whether its values are dates rather than texts."""
        return self.form == "date"

    @property
    def made_of(self) -> list[str]:
        """The other attributes whose columns it reads."""
        conditions = [c.attribute for c in (self.when, self.unless) if c]
        return [*([self.of] if self.of else []), *conditions]


class AttributeReader:
    """Reads an attribute of record after record; what it has read once, it knows.

    Args:
        name: The attribute's.
        attribute: How it is read.
    """

    def __init__(self, name: str, attribute: Attribute) -> None:
        self._column = attribute.of or name
        self._attribute = attribute
        self._text = _remembering(_read_text(attribute))
        self._conditions = [
            (condition.attribute, _remembering(_matcher(condition.among)), wanted)
            for condition, wanted in ((attribute.when, True), (attribute.unless, False))
            if condition
        ]

    def read(self, columns: dict[str, Any]) -> Any:
        """Return the attribute of some records, as an Arrow array of text or dates.

        Args:
            columns: Arrow arrays of one length, by the attribute that has the column;
                without the column, every value is missing.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        type_ = pa.date32() if self._attribute.is_date else pa.string()
        length = len(next(iter(columns.values())))
        column = columns.get(self._column)
        if column is None:
            return pa.nulls(length, type_)
        values = self._values(column)
        for attribute, matches, wanted in self._conditions:
            said = columns.get(attribute, pa.nulls(length, pa.string()))
            holds = pc.fill_null(_each(said, matches, pa.bool_()), False)
            mask = holds if wanted else pc.invert(holds)
            values = pc.if_else(mask, values, pa.scalar(None, type_))
        return values

    def _values(self, column: Any) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        if not self._attribute.is_date:
            return _each(column, self._text, pa.string())
        said = self._attribute.placeholders
        placeholders = [day for day in said if isinstance(day, dt.date)]
        dates = pc.cast(column, pa.date32())
        is_none = pc.is_in(dates, value_set=pa.array(placeholders, pa.date32()))
        return pc.if_else(is_none, pa.scalar(None, pa.date32()), dates)


def readers_of(attributes: Mapping[str, Attribute]) -> dict[str, AttributeReader]:
    """Return a reader for each attribute."""
    return {name: AttributeReader(name, one) for name, one in attributes.items()}


def _each(column: Any, function: Callable[[Any], Any], type_: pa.DataType) -> Any:
    """Apply a function to each different value once; missing stays missing."""
    import pyarrow as pa

    coded = pa.array(column.to_pylist() if column.type == pa.null() else column)
    coded = coded.dictionary_encode()
    found = pa.array([function(v) for v in coded.dictionary.to_pylist()], type_)
    return found.take(coded.indices)


def _remembering(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    # Typed: 1 and True are one key, and not one text.
    return functools.lru_cache(maxsize=None, typed=True)(function)


def _read_text(attribute: Attribute) -> Callable[[Any], str | None]:
    form = FORMS[attribute.form]
    placeholder = _starts_or_equals([str(p) for p in attribute.placeholders], form)
    check = CHECKS[attribute.check] if attribute.check else None
    spellings = {form(k): form(v) for k, v in attribute.stands_for.items()}

    def read(raw: Any) -> str | None:
        value = form(str(raw))
        if value is None or placeholder(value) or (check and not check(value)):
            return None
        return spellings.get(value, value)

    return read


def _matcher(among: Sequence[str]) -> Callable[[Any], bool]:
    matches = _starts_or_equals(among, text)
    return lambda raw: matches(text(str(raw)) or "")


def _starts_or_equals(
    patterns: Sequence[str], form: Callable[[str], str | None]
) -> Callable[[str], bool]:
    whole = {form(p) for p in patterns if not p.endswith("*")}
    starts = tuple(form(p[:-1]) or "" for p in patterns if p.endswith("*"))
    return lambda value: value in whole or value.startswith(starts)

"""Restricted records: whose use and whereabouts are guarded, as contracts mark them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from features.definitions.definition import Definition, Text


if TYPE_CHECKING:
    from features.definitions.contracts import Contract

RestrictionKind = Literal[
    "sensitive",
    "refuge",
    "adoption",
    "gender recognition",
    "witness protection",
    "staff",
]


class Restriction(Definition):
    """Which rows of a source are about somebody who must not be traced.

    A marked record is linked by `linked_by` alone, inside its own source; it is never
    shown with a place, and not scored. The column stays in the identity zone.

    Attributes:
        column: The code column that marks them.
        codes: Each code that marks -> what for. Other codes of the column mark nothing.
        linked_by: The column with the partner's own number for the person. Marked
            records without it stay alone.
    """

    column: Text
    codes: Annotated[dict[Text, RestrictionKind], Field(min_length=1)]
    linked_by: Text


class RestrictedUse(Definition):
    """What a place allows with restricted records all the same.

    Attributes:
        scored: Of these kinds the people are scored like anybody else.
        located: Of these kinds it is shown where they are.
    """

    scored: list[RestrictionKind] = Field(default_factory=list)
    located: list[RestrictionKind] = Field(default_factory=list)


def faults_of_restriction(contract: Contract) -> Iterator[str]:
    """Yield what is wrong with a contract's restriction, if it declares one."""
    declared = {column.name: column for column in contract.columns}
    marked = contract.restriction
    if marked is None or not {marked.column, marked.linked_by} <= set(declared):
        return
    column = declared[marked.column]
    if column.type != "code":
        yield f"restriction.column {marked.column!r} must be of type code"
    for code in sorted(set(marked.codes) - set(column.values)):
        yield f"restriction.codes names {code!r}, no value of {marked.column!r}"
    if declared[marked.linked_by].sensitivity != "identifier":
        yield f"restriction.linked_by {marked.linked_by!r} must be an identifier"
    if not any(about.identifiers for about in contract.about):
        yield "restriction needs a kind that is linked by `identifiers`"
    for about in contract.about:
        if {marked.column} & set(about.columns):
            yield "restriction.column may not say whom a row is about"

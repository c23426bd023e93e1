"""Relations: to what an entity belongs, as dated links that begin and end."""

from __future__ import annotations

from collections.abc import Iterator

from features.definitions.contracts import Contract
from features.definitions.definition import Definition, Name, Text, inside
from features.definitions.filters import parse_filter
from features.faults import Fault


class Relation(Definition):
    """Which entity another belongs to, from records that mention both.

    The newest such record known before the as-of date decides, and what has ended
    before the date gives no membership. A closing entry ends the membership that it
    names and no other; where it is missing, the next record that names another entity
    still takes its place, unless one may belong to several.

    Attributes:
        of: The member's kind (premises).
        to: The related kind (area).
        ends: The column with the last day of the membership; empty while it lasts.
        ended: A filter: the record is a closing entry, and its date the end.
        many: One may belong to several at once (a carer of two): all of them count,
            each record once.
        filter: Which of the records make an entity the member that an indicator is
            given to: those in the role of carer, say. All, if there is none.
        counts: Which of the records make an entity a member whose records are counted:
            those in the role of the one who is cared for.
        others_only: The member's own records do not count, only those of the others,
            wherever a source is about members.
    """

    name: Name
    of: Name
    to: Name
    source: Name
    ends: Text | None = None
    ended: Text | None = None
    many: bool = False
    filter: Text | None = None
    counts: Text | None = None
    others_only: bool = False

    @property
    def is_dated(self) -> bool:
        """Whether a membership may end before another takes its place."""
        return self.ends is not None or self.ended is not None


def faults_of_relation(
    relation: Relation, contract: Contract | None, where: str
) -> Iterator[Fault]:
    """Yield what a relation says of its source's columns that does not hold.

    Args:
        relation: As declared.
        contract: Its source's; None if there is no such source.
        where: Its place in `place.toml`.
    """
    if contract is None:
        return
    types = {name: contract.column(name).type for name in contract.record_columns}
    if relation.ends is not None and types.get(relation.ends) != "date":
        what = f"the end is a date column of {contract.name}"
        dates = [name for name, kind in types.items() if kind == "date"]
        do = f"use one of: {', '.join(dates) or 'there is none'}"
        yield Fault(inside(where, "ends"), what, repr(relation.ends), do)
    for key in ("ended", "filter", "counts"):
        text = getattr(relation, key)
        try:
            parse_filter(text or "true", types)
        except ValueError as error:
            what = f"the filter must be readable over {contract.name}"
            do = "correct it"
            yield Fault(inside(where, key), what, str(error), do)
    kinds = {about.kind for about in contract.about}
    for key, kind in (("of", relation.of), ("to", relation.to)):
        if kind not in kinds:
            what = f"the records of {contract.name} must be about both kinds"
            do = f"use one of: {', '.join(sorted(kinds))}"
            yield Fault(inside(where, key), what, repr(kind), do)

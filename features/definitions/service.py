"""The service, as a place decides about it: its rules, and who has whom open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from features.definitions.contracts import Contract
from features.definitions.definition import Definition, Name, Text, inside
from features.faults import Fault


if TYPE_CHECKING:
    from features.definitions.place import PlaceFile, Purpose


class Service(Definition):
    """What a place decides about its service.

    Attributes:
        care_purpose: What a worker's own open case is looked at for; None takes the
            first purpose that is individual care, else the first there is.
        views_per_hour: Whoever looks at more people within an hour is stopped.
        worklist_days: How long a worklist lasts.
        view_first: Ask for a worker's own view before the score is shown.
        notice: A sentence on every page, such as that all of it is simulated.
        stewards: The role that answers for records, as pages name it.
    """

    care_purpose: Name | None = None
    views_per_hour: Annotated[int, Field(ge=1, le=10_000)] = 60
    worklist_days: Annotated[int, Field(ge=1, le=366)] = 28
    view_first: bool = False
    notice: Text | None = None
    stewards: Text = "the data steward"

    def purpose_of_care(self, purposes: Iterable[Purpose]) -> str:
        """Return what a worker's own open case is looked at for."""
        listed = list(purposes)
        own_care = [purpose.name for purpose in listed if purpose.individual_care]
        return self.care_purpose or (own_care or [listed[0].name])[0]


class Caseload(Definition):
    """The source that says which worker has whose case open, from when to when.

    A case opens on the source's event date.

    Attributes:
        worker: The column with the worker's number; a record without one is nobody's.
        reference: The column with the case's number.
        closed: The column with the first day on which it is no longer open; None if
            the source's records vanish when a case is closed.
    """

    source: Name
    worker: Text
    reference: Text
    closed: Text | None = None

    def kind_of(self, contract: Contract) -> str:
        """Return the kind of entity that a case is about: the first that is linked."""
        linked = [about.kind for about in contract.about if about.identifiers]
        return (linked or [contract.about[0].kind])[0]


def faults_of_service(
    file: PlaceFile, contracts: Mapping[str, Contract], path: Path
) -> Iterator[Fault]:
    """Yield what `place.toml` says of its service that the place does not hold.

    Args:
        file: As declared.
        contracts: The place's, by name.
        path: Of `place.toml`.
    """
    purposes = [purpose.name for purpose in file.purposes]
    care = file.service.purpose_of_care(file.purposes)
    where = inside(path, "service", "care_purpose")
    yield from _undeclared(where, "the purpose", care, purposes)
    if caseload := file.caseload:
        where = inside(path, "caseload")
        source = inside(where, "source")
        yield from _undeclared(source, "the source", caseload.source, contracts)
        if contract := contracts.get(caseload.source):
            yield from _columns(caseload, contract, where)
            yield from _use(contract, care, source)


def _undeclared(
    where: str, what: str, name: str, known: Iterable[str]
) -> Iterator[Fault]:
    if name not in known:
        listed = ", ".join(sorted(known)) or "none is declared"
        yield Fault(where, f"{what} must be declared", repr(name), f"use: {listed}")


def _use(contract: Contract, care_purpose: str, where: str) -> Iterator[Fault]:
    """Yield why the source's cases cannot be of use."""
    if contract.dates.event is None:
        what = f"a case opens on the event date of {contract.name}"
        do = f"declare dates.event in sources/{contract.name}.toml"
        yield Fault(where, what, "a source without dates", do)
    ground = contract.governance
    if ground and care_purpose not in ground.permitted_purposes:
        what = f"{contract.name} may be used for what an own case is looked at for"
        do = "agree the purpose and permit it there, or name another care_purpose"
        yield Fault(where, what, f"not for {care_purpose}", do)


def _columns(caseload: Caseload, contract: Contract, where: str) -> Iterator[Fault]:
    types = {name: contract.column(name).type for name in contract.record_columns}
    texts = [name for name, kind in types.items() if kind in ("text", "code")]
    dates = [name for name, kind in types.items() if kind == "date"]
    for key, name, fitting in (
        ("worker", caseload.worker, texts),
        ("reference", caseload.reference, texts),
        ("closed", caseload.closed, dates),
    ):
        if name is not None and name not in fitting:
            kind = "date" if key == "closed" else "text or code"
            what = f"it must be a {kind} column of {contract.name}, no identifier"
            do = f"use one of: {', '.join(fitting) or 'there is none'}"
            yield Fault(inside(where, key), what, repr(name), do)

"""Freezing a place: what the service must know of it, copied for the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from features.definitions.check_digits import Check
from features.definitions.columns import Column
from features.definitions.contracts import Contract
from features.definitions.place import Place
from models.definitions.frozen_place import (
    FrozenPlace,
    ServiceRules,
    ShownColumn,
    ShownSource,
)


# What people call the numbers that have a check.
_LABELS: Mapping[Check, str] = {"nhs_number": "NHS number"}


def freeze_place(place: Place, received: Mapping[str, dt.date]) -> FrozenPlace:
    """Return a place as the service knows it, with what is meant by each column.

    Args:
        place: The definitions.
        received: The day of each source's newest load; those without one are left out.
    """
    file = place.file
    care = file.service.purpose_of_care(file.purposes)
    rules = {**file.service.model_dump(), "care_purpose": care}
    contracts = sorted(place.contracts.items())
    return FrozenPlace(
        name=file.name,
        title=file.title,
        purposes={purpose.name: purpose.meaning for purpose in file.purposes},
        rules=ServiceRules(**rules),
        sources=[_source(place, c, received.get(name)) for name, c in contracts],
        suppression_threshold=file.suppression_threshold,
        identifiers=dict(_identifiers(place)),
    )


def _identifiers(place: Place) -> Iterator[tuple[str, str]]:
    """Yield the public numbers that somebody can be found by: a check digit says so."""
    for rules in place.linkage.values():
        for name, attribute in rules.attributes.items():
            if attribute.check and attribute.of is None:
                yield name, _LABELS[attribute.check]


def _source(place: Place, contract: Contract, received: dt.date | None) -> ShownSource:
    partners = {partner.id: partner.name for partner in place.file.partners}
    ground = contract.governance
    # Open data need no purpose: they may be shown for any.
    purposes = [purpose.name for purpose in place.file.purposes]
    return ShownSource(
        name=contract.name,
        title=contract.title,
        partner=contract.partner,
        partner_name=partners[contract.partner],
        purposes=ground.permitted_purposes if ground else purposes,
        agreement_expires=ground.agreement.expires if ground else None,
        greatest_age_days=contract.freshness.greatest_age_days,
        received=received,
        columns=list(_columns(contract)),
        flags=list(contract.flags),
    )


def _columns(contract: Contract) -> Iterator[ShownColumn]:
    """Yield the columns that are shown; each record's own dates stand beside it."""
    dates = (contract.dates.event, contract.dates.recorded)
    for name in contract.record_columns:
        column = contract.column(name)
        if column.shown != "never" and name not in dates:
            yield _column(column)


def _column(column: Column) -> ShownColumn:
    return ShownColumn(
        name=column.name,
        meaning=column.meaning,
        unit=column.unit or "",
        values=column.values,
        is_sensitive=column.sensitivity == "special",
        is_first=column.shown == "first",
        is_date=column.type == "date",
    )

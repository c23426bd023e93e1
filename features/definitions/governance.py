"""The ground on which a source may be used, and when that ground ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from features.definitions.definition import Days, Definition, Name, Text
from features.faults import Fault


if TYPE_CHECKING:
    from features.definitions.contracts import Contract

OptOutScope = Literal["national data opt-out", "type 1", "objection", "restriction"]


# Why a record must be looked at before the person whom it is about is given a copy.
Flag = Literal["third party", "serious harm", "police", "health"]


class SpecialCategory(Definition):
    """UK GDPR Article 9 condition and the Data Protection Act's Schedule 1 one."""

    article_9: Text
    schedule_1: Text


class Confidentiality(Definition):
    """What lifts the common-law duty of confidence.

    Attributes:
        reference: The section 251 reference, the gateway's section, or where consent
            is recorded. May be empty for individual care.
    """

    basis: Literal[
        "individual care", "consent", "section 251", "statutory gateway", "not owed"
    ]
    reference: str = ""


class Agreement(Definition):
    """The sharing agreement; after `expires` the source may not be used."""

    reference: Text
    expires: dt.date


class ImpactAssessment(Definition):
    """The data protection impact assessment and the day it must be looked at again."""

    reference: Text
    review: dt.date


class Governance(Definition):
    """Who answers for a source, and for what it may be used.

    Attributes:
        lawful_basis: UK GDPR Article 6, such as `6(1)(e)`.
        permitted_purposes: Names of purposes of the place; no other use is made.
        retention_days: How long a record may be kept after its event.
        privacy_notice: Where people are told.
    """

    controller: Text
    lawful_basis: Annotated[str, Field(pattern=r"^6\(1\)\([a-f]\)")]
    special_category: SpecialCategory | None = None
    confidentiality: Confidentiality
    permitted_purposes: Annotated[list[Name], Field(min_length=1)]
    agreement: Agreement
    impact_assessment: ImpactAssessment
    retention_days: Days
    privacy_notice: Text


class OpenData(Definition):
    """Open data needs no purpose, only its licence and whom to name."""

    licence: Text
    attribution: Text


def refused_uses(
    contracts: Iterable[Contract], *, purpose: str, on: dt.date
) -> Iterator[Fault]:
    """Yield a fault for each source that may not be used.

    Args:
        contracts: The sources that are to be used.
        purpose: What for; a purpose of the place.
        on: The day of the use. The agreement's last day still counts.
    """
    for contract in contracts:
        ground = contract.governance
        if ground is None:
            continue
        where = f"sources/{contract.name}.toml: governance"
        if purpose not in ground.permitted_purposes:
            permitted = ", ".join(ground.permitted_purposes)
            yield Fault(
                f"{where}.permitted_purposes",
                f"the source may be used only for: {permitted}",
                f"the purpose {purpose}",
                "leave the source's indicators out, or agree the purpose with "
                f"{ground.controller} and declare it",
            )
        if on > ground.agreement.expires:
            yield Fault(
                f"{where}.agreement.expires",
                "the sharing agreement must still run",
                f"it ended on {ground.agreement.expires}",
                f"renew {ground.agreement.reference} and write its new last day",
            )

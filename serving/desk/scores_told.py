"""Scores told: what each promoted score is for, its limits and what was measured.

No person: whoever governs the scores reads this.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from models.definitions.bundle import Bundle, FrozenIndicator, Rate
from models.ledger.cases import finished_batches
from models.ledger.tables import promotions
from serving.access.roles import Caller
from serving.audit import Look
from serving.desk.desk import Desk
from serving.schemas.models import (
    ApprovalAnswer,
    MeasuredAnswer,
    ModelsAnswer,
    PromotedAnswer,
    UsedAnswer,
)
from serving.schemas.scores import RateAnswer


_AS_THEY_ARE = (
    *(
        "question",
        "caveat",
        "about",
        "cohort",
        "outcome",
        "horizon_days",
        "forbidden_uses",
    ),
    *("limits", "contact_role", "version", "family", "model_sha256"),
)


def promoted_scores(desk: Desk, caller: Caller) -> ModelsAnswer:
    """Return every promoted score, by name.

    Raises:
        Forbidden: The role is not shown models.
        LedgerUnavailable: Nothing is shown without a record of it.
    """

    def read(connection: sa.Connection, _: Look) -> ModelsAnswer:
        purposes = desk.place(connection).purposes
        rows = connection.execute(_newest_promotions()).all()
        found = [_promoted(desk, connection, row, purposes) for row in rows]
        return ModelsAnswer(scores=found)

    return desk.asked(caller, "models", read)


def _newest_promotions() -> sa.Select[Any]:
    newest = sa.select(sa.func.max(promotions.c.id)).group_by(promotions.c.score)
    return (
        sa.select(promotions)
        .where(promotions.c.id.in_(newest))
        .order_by(promotions.c.score)
    )


def _promoted(
    desk: Desk, connection: sa.Connection, row: sa.Row[Any], purposes: dict[str, str]
) -> PromotedAnswer:
    bundle = desk.shelf.take(connection, row.bundle)
    newest = finished_batches(connection, row.score, 1)
    ranked = sorted(bundle.bands, key=lambda band: -band.from_rank)
    return PromotedAnswer(
        name=bundle.score,
        purpose=purposes.get(bundle.purpose, bundle.purpose),
        is_paused=bundle.is_paused(desk.on()),
        approvals=_approvals(bundle, desk.on()),
        bands=[band.label for band in ranked],
        base_rate=_rate(bundle.base_rate),
        observed=[
            MeasuredAnswer(from_probability=one.from_probability, rate=_rate(one))
            for one in bundle.observed
        ],
        indicators=[_used(bundle, one) for one in bundle.indicators],
        promoted_at=row.promoted_at,
        promoted_by=row.promoted_by,
        newest_scores=newest[0].as_of if newest else None,
        **{name: getattr(bundle, name) for name in _AS_THEY_ARE},
    )


def _approvals(bundle: Bundle, on: dt.date) -> list[ApprovalAnswer]:
    return [
        ApprovalAnswer(
            role=one.role,
            approved_on=one.approved_on,
            expires=one.expires,
            is_over=on > one.expires,
        )
        for one in bundle.approvals
    ]


def _used(bundle: Bundle, one: FrozenIndicator) -> UsedAnswer:
    source = bundle.source_by_name[one.source]
    return UsedAnswer(
        label=one.label,
        category=one.category,
        source=source.title,
        partner=source.partner,
        expected=one.expected,
    )


def _rate(rate: Rate) -> RateAnswer:
    return RateAnswer(share=rate.share, low=rate.low, high=rate.high)

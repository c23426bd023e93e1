"""Whose records they are, who has whom open, and what the service knows of a place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)
_NAME = sa.String(63)
_HASH = sa.String(64)


def upgrade() -> None:
    """Make the tables."""
    _make_entity_records()
    _make_cases()
    _make_withheld_sources()
    _make_frozen_places()


def _make_entity_records() -> None:
    op.create_table(
        "entity_records",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("load", sa.Integer(), nullable=False),
        sa.Column("source", _NAME, nullable=False),
        sa.Column("event_date", sa.Date(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("entity_id", "record_id"),
    )
    op.create_index("entity_records_by_record", "entity_records", ["record_id"])


def _make_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date()),
        sa.PrimaryKeyConstraint("record_id"),
    )
    op.create_index("ix_cases_entity_id", "cases", ["entity_id"])
    op.create_index("ix_cases_reference", "cases", ["reference"])
    op.create_index("ix_cases_worker", "cases", ["worker"])


def _make_withheld_sources() -> None:
    op.create_table(
        "withheld_sources",
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("source", _NAME, nullable=False),
        sa.Column("purpose", _NAME, nullable=False),
        sa.PrimaryKeyConstraint("entity_id", "source", "purpose"),
    )


def _make_frozen_places() -> None:
    op.create_table(
        "frozen_places",
        sa.Column("sha256", _HASH, nullable=False),
        sa.Column("frozen_at", _MOMENT, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )

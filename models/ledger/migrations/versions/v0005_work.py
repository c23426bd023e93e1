"""What was done and thought after looking, rights asked for, and what was forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"

_MOMENT = sa.DateTime(timezone=True)
_NAME = sa.String(63)
_HASH = sa.String(64)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _make_decisions()
    _make_opinions()
    _make_rights_requests()
    _make_subject_packs()
    _make_tombstones()


def _make_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("entity_id", sa.Text()),
        sa.Column("score", _NAME),
        sa.Column("batch", _HASH),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("what", sa.Text()),
        sa.Column("relation", _NAME, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_decisions_entity_id", "decisions", ["entity_id"])


def _make_opinions() -> None:
    op.create_table(
        "opinions",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("entity_id", sa.Text()),
        sa.Column("score", _NAME),
        sa.Column("batch", _HASH),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("record_id", sa.BigInteger()),
        sa.Column("load", sa.Integer()),
        sa.Column("partner", _NAME),
        sa.Column("answered_at", _MOMENT),
        sa.Column("answered_by", _NUMBER),
        sa.Column("verdict", _NAME),
        sa.Column("answer", sa.Text()),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["answered_by"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_opinions_entity_id", "opinions", ["entity_id"])
    op.create_index("ix_opinions_partner", "opinions", ["partner"])


def _make_rights_requests() -> None:
    op.create_table(
        "rights_requests",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("entity_id", sa.Text()),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("what", sa.Text()),
        sa.Column("answered_on", sa.Date()),
        sa.Column("answered_by", sa.Text()),
        sa.Column("outcome", _NAME),
        sa.Column("answer", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_rights_requests_entity_id", "rights_requests", ["entity_id"])


def _make_subject_packs() -> None:
    op.create_table(
        "subject_packs",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("request", _NUMBER, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("content", sa.Text()),
        sa.Column("released_at", _MOMENT),
        sa.Column("released_by", sa.Text()),
        sa.ForeignKeyConstraint(["request"], ["rights_requests.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _make_tombstones() -> None:
    op.create_table(
        "tombstones",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("what", _NAME, nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("seal", _HASH, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("seal"),
    )

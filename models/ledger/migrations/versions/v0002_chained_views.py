"""Views are chained, anchored and append-only; those of before are kept apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.ledger.append_only import guard


revision = "0002"
down_revision = "0001"

_MOMENT = sa.DateTime(timezone=True)
_NAME = sa.String(63)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Put the looks so far aside, and make the tables of the chain."""
    op.drop_index("ix_views_entity_id", "views")
    op.rename_table("views", "views_unchained")
    op.create_index("ix_views_unchained_entity_id", "views_unchained", ["entity_id"])
    _make_views()
    op.create_table(
        "anchors",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("covers", _NUMBER, nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
    )
    guard(op.get_bind())


def _make_views() -> None:
    op.create_table(
        "views",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("token_name", sa.Text, nullable=False),
        sa.Column("action", _NAME, nullable=False),
        sa.Column("score", sa.Text),
        sa.Column("entity_id", sa.Text),
        sa.Column("purpose", sa.Text),
        sa.Column("outcome", _NAME, nullable=False),
        sa.Column("detail", sa.Text),
        sa.Column("salt", sa.LargeBinary(16)),
        sa.Column("seal", sa.LargeBinary(32)),
        sa.Column("form", sa.Integer, nullable=False),
        sa.Column("key_id", sa.String(8), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
    )
    op.create_index("ix_views_entity_id", "views", ["entity_id"])

"""What was done once is kept with whom it was about; all of it lives for a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0009"
down_revision = "0008"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table anew: what was kept for a repetition of today is let go."""
    op.drop_table("idempotency")
    op.create_table(
        "idempotency",
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_sha256", sa.String(64), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account", "key"),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"])

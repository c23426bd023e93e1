"""What stewards are asked about uncertain links, and what they answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0006"
down_revision = "0005"

_MOMENT = sa.DateTime(timezone=True)
_NAME = sa.String(63)
_PAIR = sa.String(16)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _make_questions()
    _make_answers()


def _make_questions() -> None:
    op.create_table(
        "link_questions",
        sa.Column("pair", _PAIR, nullable=False),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("partner", _NAME, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("usefulness", sa.Double(), nullable=False),
        sa.Column("holds_scores_back", sa.Boolean(), nullable=False),
        sa.Column("sides", sa.JSON(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("pair"),
    )
    op.create_index("ix_link_questions_partner", "link_questions", ["partner"])


def _make_answers() -> None:
    op.create_table(
        "link_answers",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("pair", _PAIR, nullable=False),
        sa.Column("partner", _NAME, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("account", _NUMBER, nullable=False),
        sa.Column("verdict", _NAME, nullable=False),
        sa.Column("reason", _NAME, nullable=False),
        sa.Column("taken_at", _MOMENT),
        sa.Column("decision", sa.Integer()),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_link_answers_pair", "link_answers", ["pair"])

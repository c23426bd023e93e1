"""Looks are found by what was done and when, without going through all of them."""

from __future__ import annotations

from alembic import op


revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the index."""
    op.create_index("views_by_action_and_when", "views", ["action", "at"])

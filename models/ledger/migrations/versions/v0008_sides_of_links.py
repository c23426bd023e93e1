"""Whom both sides of an uncertain link are about, so that looks at it are on record.

Questions that were asked before say nothing of it; the next linking asks them afresh.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the two columns."""
    for side in ("left_entity_id", "right_entity_id"):
        op.add_column("link_questions", sa.Column(side, sa.Text()))

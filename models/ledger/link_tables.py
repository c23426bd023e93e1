"""The tables of uncertain links: what stewards are asked in the service, and answer.

`lamppost link` writes the questions afresh and takes the answers; a question holds
identifiers as the partner writes them, so all of them can be purged.
"""

from __future__ import annotations

import sqlalchemy as sa

from models.ledger.access_tables import accounts
from models.ledger.tables import RowNumber, UtcDateTime, metadata


# Pairs of groups of records that may be about one person. Both sides are one partner's.
link_questions = sa.Table(
    "link_questions",
    metadata,
    sa.Column("pair", sa.String(16), primary_key=True),
    sa.Column("kind", sa.String(63), nullable=False),
    sa.Column("partner", sa.String(63), nullable=False, index=True),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("usefulness", sa.Double, nullable=False),
    sa.Column("holds_scores_back", sa.Boolean, nullable=False),
    # Attribute -> what the left and the right side say, each in every way of writing.
    sa.Column("sides", sa.JSON, nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    # Whom either side is about by the linking that asks; none where linking gave its
    # record to nobody, and of before version 0008. Each linking writes them afresh.
    sa.Column("left_entity_id", sa.Text),
    sa.Column("right_entity_id", sa.Text),
)

# A pair that was decided may be asked about again, and be answered again.
link_answers = sa.Table(
    "link_answers",
    metadata,
    sa.Column("id", RowNumber, primary_key=True),
    sa.Column("pair", sa.String(16), nullable=False, index=True),
    sa.Column("partner", sa.String(63), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("account", sa.ForeignKey(accounts.c.id), nullable=False),
    sa.Column("verdict", sa.String(63), nullable=False),
    sa.Column("reason", sa.String(63), nullable=False),
    # When linking took it, and the decision that it became; none if nobody asks any
    # more.
    sa.Column("taken_at", UtcDateTime),
    sa.Column("decision", sa.Integer),
)

"""The tables of what was done: decisions, opinions with answers, rights asked for.

All of them hold free text about people, so all of them can be purged.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from models.ledger.access_tables import accounts
from models.ledger.tables import RowNumber, UtcDateTime, metadata


def _about() -> list[sa.Column[Any]]:
    """Return who did it, when, about whom, and beside which score."""
    return [
        sa.Column("id", RowNumber, primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("account", sa.ForeignKey(accounts.c.id), nullable=False),
        # Null once the person was forgotten.
        sa.Column("entity_id", sa.Text, index=True),
        sa.Column("score", sa.String(63)),
        sa.Column("batch", sa.String(64)),
    ]


# What was done after looking. Nothing is ever sent or closed by one.
decisions = sa.Table(
    "decisions",
    metadata,
    *_about(),
    sa.Column("kind", sa.String(63), nullable=False),
    sa.Column("what", sa.Text),
    sa.Column("relation", sa.String(63), nullable=False),
)

# `agree`, `disagree`, `the record is wrong`, `I know something it does not`, and in the
# mode "your view first" a band that was named before the score was shown.
opinions = sa.Table(
    "opinions",
    metadata,
    *_about(),
    sa.Column("kind", sa.String(63), nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("record_id", sa.BigInteger),
    sa.Column("load", sa.Integer),
    # Which partner's steward must answer; null where no record is said to be wrong.
    sa.Column("partner", sa.String(63), index=True),
    sa.Column("answered_at", UtcDateTime),
    sa.Column("answered_by", sa.ForeignKey(accounts.c.id)),
    sa.Column("verdict", sa.String(63)),
    sa.Column("answer", sa.Text),
)

# Requests under data protection law, with their clock, owner and answer.
rights_requests = sa.Table(
    "rights_requests",
    metadata,
    sa.Column("id", RowNumber, primary_key=True),
    sa.Column("kind", sa.String(63), nullable=False),
    sa.Column("entity_id", sa.Text, index=True),
    sa.Column("received_on", sa.Date, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("entered_by", sa.Text, nullable=False),
    sa.Column("what", sa.Text),
    sa.Column("answered_on", sa.Date),
    sa.Column("answered_by", sa.Text),
    sa.Column("outcome", sa.String(63)),
    sa.Column("answer", sa.Text),
)

# All that is held about one person, as a draft until a named reviewer releases it.
subject_packs = sa.Table(
    "subject_packs",
    metadata,
    sa.Column("id", RowNumber, primary_key=True),
    sa.Column("request", sa.ForeignKey(rights_requests.c.id), nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("content", sa.Text),
    sa.Column("released_at", UtcDateTime),
    sa.Column("released_by", sa.Text),
)

# What remains of what was forgotten: no value of a person, and no pseudonym.
tombstones = sa.Table(
    "tombstones",
    metadata,
    sa.Column("id", RowNumber, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("what", sa.String(63), nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    # A keyed hash of the pseudonym or the source: for a replay, not to be read.
    sa.Column("seal", sa.String(64), nullable=False, unique=True),
    sa.Column("counts", sa.JSON, nullable=False),
    # The whole tombstone, as its file beside the warehouse has it.
    sa.Column("content", sa.Text, nullable=False),
)

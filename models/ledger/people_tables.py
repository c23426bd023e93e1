"""The tables about people: who they are here, their records, and who has them open.

`lamppost people` writes all of them; the service only reads.
"""

from __future__ import annotations

import sqlalchemy as sa

from models.ledger.tables import UtcDateTime, metadata


# Whose record it is: the newest version of each, by the links of one day. A record may
# be about several, such as a person and a household.
entity_records = sa.Table(
    "entity_records",
    metadata,
    sa.Column("entity_id", sa.Text, primary_key=True),
    sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("load", sa.Integer, nullable=False),
    sa.Column("source", sa.String(63), nullable=False),
    sa.Column("event_date", sa.Date, nullable=False),
    # Of the link through which the record is theirs.
    sa.Column("probability", sa.Double, nullable=False),
)
sa.Index("entity_records_by_record", entity_records.c.record_id)

# Open and ended cases, as the caseload's source has them.
cases = sa.Table(
    "cases",
    metadata,
    sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entity_id", sa.Text, nullable=False, index=True),
    # The worker's number in that source; an account may name it.
    sa.Column("worker", sa.Text, nullable=False, index=True),
    sa.Column("reference", sa.Text, nullable=False, index=True),
    sa.Column("opened_on", sa.Date, nullable=False),
    # The first day on which it is no longer open.
    sa.Column("closed_on", sa.Date),
)

# Whose records of a source may not be shown for a purpose.
withheld_sources = sa.Table(
    "withheld_sources",
    metadata,
    sa.Column("entity_id", sa.Text, primary_key=True),
    sa.Column("source", sa.String(63), primary_key=True),
    sa.Column("purpose", sa.String(63), primary_key=True),
)

# A pseudonym that a linking merged into another: looks at it are looks at that one.
former_names = sa.Table(
    "former_names",
    metadata,
    sa.Column("entity_id", sa.Text, primary_key=True),
    sa.Column("now", sa.Text, nullable=False, index=True),
)

# What the service must know of the place, as one text; the newest row counts.
frozen_places = sa.Table(
    "frozen_places",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("frozen_at", UtcDateTime, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
)

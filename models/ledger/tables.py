"""The ledger's tables: the scores given, what they rest on, and who looked at them.

All of them stand here, audit included. Types are those that SQLite and Postgres share.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa


# The newest of `migrations/versions`, which make all that follows; a program opens a
# ledger of its own version only. Numbers of four digits stand in their order.
VERSION = "0010"


class UtcDateTime(sa.types.TypeDecorator[dt.datetime]):
    """A moment in UTC, never naive in Python; SQLite keeps it without a time zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: dt.datetime | None, dialect: sa.Dialect
    ) -> dt.datetime | None:
        """Turn an aware moment into UTC; a naive one is a `ValueError`."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment in the ledger must know its time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(
        self, value: dt.datetime | None, dialect: sa.Dialect
    ) -> dt.datetime | None:
        """Say in UTC what was read, whatever time zone a server says it in."""
        if value is None:
            return None
        return value.replace(tzinfo=value.tzinfo or dt.UTC).astimezone(dt.UTC)


# SQLite numbers rows by itself only where the column is called INTEGER.
RowNumber = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

metadata = sa.MetaData()


def _looks() -> list[sa.Column[Any]]:
    return [
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("token_name", sa.Text, nullable=False),
        sa.Column("action", sa.String(63), nullable=False),
        sa.Column("score", sa.Text),
        sa.Column("entity_id", sa.Text, index=True),
        sa.Column("purpose", sa.Text),
        sa.Column("outcome", sa.String(63), nullable=False),
    ]


# Alembic writes it; apart from the others, as no migration makes it. It is not called
# as by default, because MLflow, in the same database, would take it for its own.
versions = sa.Table(
    "ledger_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), primary_key=True),
)

bundles = sa.Table(
    "bundles",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("score", sa.String(63), nullable=False),
    sa.Column("frozen_at", UtcDateTime, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
)

promotions = sa.Table(
    "promotions",
    metadata,
    sa.Column("id", RowNumber, primary_key=True),
    sa.Column("score", sa.String(63), nullable=False, index=True),
    sa.Column("bundle", sa.ForeignKey(bundles.c.sha256), nullable=False),
    sa.Column("promoted_at", UtcDateTime, nullable=False),
    sa.Column("promoted_by", sa.Text, nullable=False),
)

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("score", sa.String(63), nullable=False, index=True),
    sa.Column("bundle", sa.ForeignKey(bundles.c.sha256), nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("snapshot", sa.Text, nullable=False),
    sa.Column("received", sa.JSON, nullable=False),
    sa.Column("rows_sha256", sa.String(64), nullable=False),
    sa.Column("started", UtcDateTime, nullable=False),
    sa.Column("finished", UtcDateTime),
)

scores = sa.Table(
    "scores",
    metadata,
    sa.Column("batch", sa.ForeignKey(batches.c.id), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entity_id", sa.Text, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("index_record", sa.BigInteger),
    sa.Column("state", sa.Text),
    sa.Column("log_odds", sa.Double),
    sa.Column("probability", sa.Double),
    sa.Column("rank_share", sa.Double),
    sa.Column("band", sa.String(63)),
    sa.Column("case_file", sa.Text),
    sa.Column("withheld", sa.Text),
)
# Two indexes, because no database takes two missing index records for the same one.
sa.Index(
    "scores_one_an_event",
    *(scores.c.batch, scores.c.entity_id, scores.c.as_of, scores.c.index_record),
    unique=True,
)
_without_event = scores.c.index_record.is_(None)
sa.Index(
    "scores_one_a_date",
    *(scores.c.batch, scores.c.entity_id, scores.c.as_of),
    unique=True,
    sqlite_where=_without_event,
    postgresql_where=_without_event,
)
sa.Index("scores_by_rank", scores.c.batch, scores.c.as_of, scores.c.log_odds)

records = sa.Table(
    "records",
    metadata,
    sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("load", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("source", sa.String(63), nullable=False),
    sa.Column("event_date", sa.Date, nullable=False),
    sa.Column("known_date", sa.Date, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
)

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("entity_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.String(63), nullable=False),
    sa.Column("display", sa.JSON, nullable=False),
)

# One row a look, numbered without a gap and chained; `audit_rows` says how. The entity
# enters the chain by its seal alone: the chain outlives a lawful forgetting.
views = sa.Table(
    "views",
    metadata,
    sa.Column("id", RowNumber, primary_key=True, autoincrement=False),
    *_looks(),
    sa.Column("detail", sa.Text),
    sa.Column("salt", sa.LargeBinary(16)),
    sa.Column("seal", sa.LargeBinary(32)),
    sa.Column("form", sa.Integer, nullable=False),
    sa.Column("key_id", sa.String(8), nullable=False),
    sa.Column("mac", sa.LargeBinary(32), nullable=False),
)
# How many somebody has looked at within the hour is asked at every look.
sa.Index("views_by_who_and_when", views.c.token_name, views.c.at)
# What was done in a month is counted for the board, of years of looks.
sa.Index("views_by_action_and_when", views.c.action, views.c.at)

# Looks of before there was a chain; nothing is added to them.
views_unchained = sa.Table(
    "views_unchained",
    metadata,
    sa.Column("id", RowNumber, primary_key=True),
    *_looks(),
)

# Which anchors were written outside: so that one which is gone there is missed.
anchors = sa.Table(
    "anchors",
    metadata,
    sa.Column("number", RowNumber, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("covers", RowNumber, nullable=False),
    sa.Column("mac", sa.LargeBinary(32), nullable=False),
)

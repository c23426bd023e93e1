"""The first tables: bundles, promotions, batches of scores, records, tokens, views."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None

_MOMENT = sa.DateTime(timezone=True)
_NAME = sa.String(63)
_HASH = sa.String(64)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of an empty ledger."""
    _make_bundles()
    _make_batches()
    _make_scores()
    _make_what_they_rest_on()
    _make_access()


def _make_bundles() -> None:
    op.create_table(
        "bundles",
        sa.Column("sha256", _HASH, primary_key=True),
        sa.Column("score", _NAME, nullable=False),
        sa.Column("frozen_at", _MOMENT, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "promotions",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("score", _NAME, nullable=False),
        sa.Column("bundle", _HASH, sa.ForeignKey("bundles.sha256"), nullable=False),
        sa.Column("promoted_at", _MOMENT, nullable=False),
        sa.Column("promoted_by", sa.Text, nullable=False),
    )
    op.create_index("ix_promotions_score", "promotions", ["score"])


def _make_batches() -> None:
    op.create_table(
        "batches",
        sa.Column("id", _HASH, primary_key=True),
        sa.Column("score", _NAME, nullable=False),
        sa.Column("bundle", _HASH, sa.ForeignKey("bundles.sha256"), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("received", sa.JSON, nullable=False),
        sa.Column("rows_sha256", _HASH, nullable=False),
        sa.Column("started", _MOMENT, nullable=False),
        sa.Column("finished", _MOMENT),
    )
    op.create_index("ix_batches_score", "batches", ["score"])


def _make_scores() -> None:
    op.create_table(
        "scores",
        sa.Column("batch", _HASH, sa.ForeignKey("batches.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entity_id", sa.Text, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("index_record", sa.BigInteger),
        sa.Column("state", sa.Text),
        sa.Column("log_odds", sa.Double),
        sa.Column("probability", sa.Double),
        sa.Column("rank_share", sa.Double),
        sa.Column("band", _NAME),
        sa.Column("case_file", sa.Text),
        sa.Column("withheld", sa.Text),
    )
    event = ["batch", "entity_id", "as_of", "index_record"]
    op.create_index("scores_one_an_event", "scores", event, unique=True)
    without = sa.text("index_record IS NULL")
    op.create_index(
        "scores_one_a_date",
        "scores",
        event[:-1],
        unique=True,
        sqlite_where=without,
        postgresql_where=without,
    )
    op.create_index("scores_by_rank", "scores", ["batch", "as_of", "log_odds"])


def _make_what_they_rest_on() -> None:
    op.create_table(
        "records",
        sa.Column("record_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("load", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("source", _NAME, nullable=False),
        sa.Column("event_date", sa.Date, nullable=False),
        sa.Column("known_date", sa.Date, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
    )
    op.create_table(
        "identities",
        sa.Column("entity_id", sa.Text, primary_key=True),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("display", sa.JSON, nullable=False),
    )


def _make_access() -> None:
    op.create_table(
        "tokens",
        sa.Column("sha256", _HASH, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", _NAME, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
    )
    op.create_table(
        "views",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("token_name", sa.Text, nullable=False),
        sa.Column("action", _NAME, nullable=False),
        sa.Column("score", sa.Text),
        sa.Column("entity_id", sa.Text),
        sa.Column("purpose", sa.Text),
        sa.Column("outcome", _NAME, nullable=False),
    )
    op.create_index("ix_views_entity_id", "views", ["entity_id"])
